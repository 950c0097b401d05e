"""What a job prints, on its way to the run's log, with the real files and store."""

from pathlib import Path

import pytest
from listed import a_run, add

from axonml.ids import RunId
from axonml.live import Live
from axonml.storage.protocols import Storage
from axonml.training.jobs import LocalJobs
from axonml.training.launch_log import LaunchLog
from axonml.training.logs import Logs

pytestmark = pytest.mark.anyio


class Watched(LocalJobs):
    """Notes from where the log was read."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.offsets: list[int] = []

    def read_log(self, run: RunId, offset: int, size: int) -> bytes:
        self.offsets.append(offset)
        return super().read_log(run, offset, size)


async def shown(logs: Logs, run: RunId) -> list[str]:
    page = await logs.page(run, 0, 50_000, "")
    return [line.message for line in page.items]


async def test_the_next_server_reads_on_where_the_last_one_was(
    storage: Storage, tmp_path: Path
) -> None:
    run = (await add(storage, a_run())).id
    jobs, logs = Watched(tmp_path), Logs(storage.series, Live())
    folder = jobs.folder(run)
    folder.mkdir(parents=True)
    _ = (folder / "log.txt").write_text("one\ntwo\nthr")

    await LaunchLog(run, jobs, logs).ship(is_over=False)
    with (folder / "log.txt").open("a") as file:
        _ = file.write("ee\nfour")
    await LaunchLog(run, jobs, logs).ship(is_over=False)
    await LaunchLog(run, jobs, logs).ship(is_over=True)

    assert await shown(logs, run) == ["one", "two", "three", "four"]
    assert jobs.offsets == [0, len("one\ntwo\n"), len("one\ntwo\nthree\n")]


@pytest.mark.parametrize("noted", ["", "x", "-5", "999"])
async def test_a_note_that_cannot_be_true_loses_nothing(
    storage: Storage, tmp_path: Path, noted: str
) -> None:
    run = (await add(storage, a_run())).id
    jobs, logs = LocalJobs(tmp_path), Logs(storage.series, Live())
    folder = jobs.folder(run)
    folder.mkdir(parents=True)
    _ = (folder / "log.txt").write_text("one\n")
    _ = (folder / "shipped").write_text(noted)

    await LaunchLog(run, jobs, logs).ship(is_over=True)

    assert await shown(logs, run) == ["one"]


async def test_a_log_too_long_to_be_shown_whole_is_shown_to_its_end(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axonml.training.launch_log._AT_LAST", 1 << 16)
    run = (await add(storage, a_run())).id
    jobs, logs = LocalJobs(tmp_path), Logs(storage.series, Live())
    folder = jobs.folder(run)
    folder.mkdir(parents=True)
    lines = [f"line {i:06}" for i in range(30_000)]
    _ = (folder / "log.txt").write_text("\n".join(lines))

    await LaunchLog(run, jobs, logs).ship(is_over=True)

    found = await shown(logs, run)
    [rest] = [i for i, line in enumerate(found) if "left out" in line]
    n_left_out = len(lines) - len(found) + 1
    assert found[rest].startswith(f"{12 * n_left_out} bytes of the log are left out here")
    assert [*found[:rest], *found[rest + 1 :]] == [
        *lines[:rest],
        *lines[rest + n_left_out :],
    ]
