"""kill -9 in a loop: what was acknowledged is there, once, and the file is sound."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import apsw
import pytest
import storing
from storing import NAMES, ROWS, RUN

from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.storage.protocols import Statement, Storage

KILLS: Final = 6
DEADLINE_S: Final = 60


def killed_after(home: Path, n_lines: int, known: dict[str, int]) -> Iterator[list[str]]:
    """Yield what a storing process was acknowledged; it is killed after about `n_lines`."""
    arguments = [str(home), *(f"{writer}={seq}" for writer, seq in known.items())]
    child = subprocess.Popen(
        [sys.executable, storing.__file__, *arguments], stdout=subprocess.PIPE, text=True
    )
    guard = threading.Timer(DEADLINE_S, child.kill)
    guard.start()
    with child:
        assert child.stdout is not None
        for count, line in enumerate(child.stdout):
            if count == n_lines:
                child.kill()  # what it printed until it was gone still counts
            if line.endswith("\n"):
                yield line.split()
    guard.cancel()
    assert child.returncode == -9


async def check(storage: Storage, acknowledged: dict[str, int]) -> None:
    """Compare what is stored with what was acknowledged: at most one more of each, uncut."""
    slices = await storage.series.read(RUN, NAMES)
    infos = (await storage.series.info([RUN]))[RUN]
    for each, info in zip(
        slices, sorted(infos, key=lambda info: NAMES.index(info.name)), strict=True
    ):
        assert each.value.tolist() == each.step.tolist()
        # The two writers' steps are both 1, 2, 3, ...: each step once for each of them.
        steps = each.step.tolist()
        short, long = sorted(acknowledged[writer] for writer in ("rank0", "rank1"))
        n_both = sum(a == b for a, b in pairwise(steps))
        n_one = len(steps) - 2 * n_both
        assert steps == sorted([*range(1, n_both + 1), *range(1, n_both + n_one + 1)])
        assert n_both - short in {0, ROWS}
        assert n_both + n_one - long in {0, ROWS}
        assert info.n_points == len(steps)
        assert info.last_step == steps[-1]
    lines = await storage.series.read_log(RUN, limit=10**9)
    assert [int(line.message) for line in lines] == [line.seq for line in lines]
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert len(lines) - acknowledged["log"] in {0, 3}
    (row,) = await storage.documents.read(Statement("SELECT count(*) FROM axonml_runs"))
    assert row[0] - acknowledged["document"] in {0, 1}


def assert_sound(path: Path) -> None:
    """Let SQLite check every page and index of the file."""
    connection = apsw.Connection(str(path))
    assert list(connection.execute("PRAGMA integrity_check")) == [("ok",)]
    connection.close()


@pytest.mark.anyio
async def test_no_acknowledged_point_line_or_document_is_lost_or_doubled(tmp_path: Path) -> None:
    chance = random.Random(7)
    acknowledged = {"rank0": 0, "rank1": 0, "log": 0, "document": 0}

    for _ in range(KILLS):
        sent = {writer: acknowledged[writer] for writer in ("rank0", "rank1")}
        for what, *rest in killed_after(tmp_path, chance.randrange(1, 600), sent):
            match what, rest:
                case "metric", [writer, last_seq]:
                    acknowledged[writer] = int(last_seq)
                case (("log" | "document"), [last]):
                    acknowledged[what] = int(last)
                case _:
                    assert what == "open"
        storage = await open_storage(Config(tmp_path))
        await check(storage, acknowledged)
        await storage.close()

    assert acknowledged["rank0"] > 10 * ROWS
    assert_sound(tmp_path / "axon.db")
    assert_sound(tmp_path / "metrics.db")
