import os
import subprocess
import sys
from pathlib import Path

import pytest

from axonml.client import spool as spool_module
from axonml.client.frames import Record
from axonml.client.spool import (
    Meta,
    RecordTooLarge,
    Spool,
    SpoolReader,
    claimed,
    last_step,
    read_meta,
    remove,
)

META = Meta("http://localhost:3000", {"id": "r", "name": "n", "project": "p", "config": {}})


def a_spool(folder: Path) -> Spool:
    return Spool(folder / "r", META, lambda: None)


def all_of(reader: SpoolReader) -> list[Record]:
    records: list[Record] = []
    while some := reader.read():
        records += some
    return records


def test_records_are_read_in_order_while_they_are_written(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(0, {"loss": 1.0}, at_ms=7)
    reader = SpoolReader(spool.folder)

    first = reader.read()
    spool.append(1, {"loss": 0.5}, at_ms=8)
    spool.append(None, {"info": "a line"}, at_ms=9)

    assert first == [Record(1, 7, 0, {"loss": 1.0})]
    assert reader.read() == [Record(2, 8, 1, {"loss": 0.5}), Record(3, 9, None, {"info": "a line"})]
    assert reader.read() == []
    spool.close()


def test_segments_are_freed_once_acknowledged_but_never_the_one_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 200)
    spool = a_spool(tmp_path)
    for step in range(20):
        spool.append(step, {"loss": 1.0}, at_ms=1)
    reader = SpoolReader(spool.folder)
    segments = sorted(spool.folder.glob("*.seg"))
    records = all_of(reader)

    reader.drop(acknowledged=records[-1].seq // 2)
    half = sorted(spool.folder.glob("*.seg"))
    reader.drop(acknowledged=records[-1].seq)

    assert [record.seq for record in records] == list(range(1, 21))
    assert 1 < len(half) < len(segments)
    assert sorted(spool.folder.glob("*.seg")) == segments[-1:]
    spool.close()


def test_a_torn_record_at_the_end_is_left_out_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = a_spool(tmp_path)
    spool.append(0, {"loss": 1.0})
    spool.append(1, {"loss": 2.0})
    spool.close()
    [segment] = spool.folder.glob("*.seg")
    os.truncate(segment, segment.stat().st_size - 4)

    records = all_of(SpoolReader(spool.folder))

    assert [record.step for record in records] == [0]
    assert capsys.readouterr().err == ""


def test_damage_elsewhere_is_skipped_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = a_spool(tmp_path)
    for step in range(3):
        spool.append(step, {"loss": 1.0})
    spool.close()
    [segment] = spool.folder.glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    _ = segment.write_bytes(data)

    records = all_of(SpoolReader(spool.folder))

    assert [record.step for record in records] == [0, 2]
    assert f"damaged bytes in {segment}" in capsys.readouterr().err


def test_a_record_larger_than_a_frame_is_refused_and_the_next_is_kept(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)

    with pytest.raises(RecordTooLarge):
        spool.append(0, {f"{i:0250}": 1.0 for i in range(20_000)})
    spool.append(1, {"loss": 1.0}, at_ms=1)

    assert all_of(SpoolReader(spool.folder)) == [Record(1, 1, 1, {"loss": 1.0})]
    spool.close()


def test_only_one_process_at_a_time_holds_a_folder(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.open()

    with claimed(spool.folder) as while_open:
        pass
    spool.close()
    with claimed(spool.folder) as after:
        pass

    assert (while_open, after) == (False, True)


def test_the_run_is_described_beside_its_records_and_gone_with_the_last_writer(
    tmp_path: Path,
) -> None:
    spool, other = a_spool(tmp_path), a_spool(tmp_path)
    spool.open()
    other.open()

    described = read_meta(spool.folder)
    remove(spool.folder)
    while_other_is_there = (tmp_path / "r").is_dir()
    remove(other.folder)

    assert described == META
    assert while_other_is_there
    assert not (tmp_path / "r").exists()
    spool.close()
    other.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # threads of other tests
def test_after_a_fork_the_child_writes_to_a_folder_of_its_own(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(0, {"loss": 1.0})
    child = os.fork()
    if child == 0:
        spool.forked()
        spool.append(7, {"loss": 7.0})
        os._exit(0)

    _ = os.waitpid(child, 0)
    spool.append(1, {"loss": 2.0})

    own = all_of(SpoolReader(spool.folder))
    [theirs] = [folder for folder in (tmp_path / "r").iterdir() if folder != spool.folder]
    assert [record.step for record in own] == [0, 1]
    assert [record.step for record in all_of(SpoolReader(theirs))] == [7]
    assert not read_meta(theirs).owns_run
    spool.close()


FULL_DISK = """
import resource, sys
from pathlib import Path
from axonml.client import segments, spool as spool_module
from axonml.client.spool import Meta, Spool, SpoolReader
if sys.argv[2] == "written":
    segments._MAPPABLE = frozenset()
spool_module.SEGMENT_BYTES = 40
spool = Spool(Path(sys.argv[1]), Meta("", {}), lambda: None)
spool.append(0, {"loss": 1.0})
spool_module.SEGMENT_BYTES = 1 << 20
resource.setrlimit(resource.RLIMIT_FSIZE, (150, resource.RLIM_INFINITY))
refused = 0
for step in range(1, 10):
    try:
        spool.append(step, {"loss": 1.0})
    except OSError:
        refused += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
spool.append(99, {"loss": 1.0})
reader, steps = SpoolReader(spool.folder), []
while some := reader.read():
    steps += [record.step for record in some]
print(refused, steps)
"""


KILLED = """
import os, signal, sys
from pathlib import Path
from axonml.client.spool import Meta, Spool
spool = Spool(Path(sys.argv[1]) / "r", Meta("", {}), lambda: None)
for step in range(1000):
    spool.append(step, {"loss": 1.0}, at_ms=1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_appended_outlives_a_kill_and_what_was_reserved_is_no_damage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    [folder] = (tmp_path / "r").iterdir()
    [segment] = folder.glob("*.seg")
    reserved = segment.stat().st_size

    steps = [record.step for record in all_of(SpoolReader(folder))]
    _ = (folder / "000002.seg").write_bytes(b"")  # nothing can follow in the first now
    again = [record.step for record in all_of(SpoolReader(folder))]

    assert reserved == spool_module.SEGMENT_BYTES
    assert steps == again == list(range(1000))
    assert capsys.readouterr().err == ""


def test_a_finished_segment_is_no_longer_than_its_records(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    spool.append(0, {"loss": 1.0})
    [segment] = spool.folder.glob("*.seg")
    reserved = segment.stat().st_size

    spool.close()

    assert reserved == spool_module.SEGMENT_BYTES
    assert 0 < segment.stat().st_size < 100


@pytest.mark.parametrize("kind", ["mapped", "written"])
def test_a_write_that_the_disk_cuts_short_leaves_nothing_behind(tmp_path: Path, kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), kind],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    refused, _, steps = done.stdout.strip().partition(" ")
    assert int(refused) > 0
    assert steps == str([*range(10 - int(refused)), 99])


def test_the_last_step_that_waits_is_told_by_rank(tmp_path: Path) -> None:
    first, second = a_spool(tmp_path), a_spool(tmp_path)
    first.append(7, {"loss": 1.0}, at_ms=1)
    first.append(None, {"info": "a line"}, at_ms=1)
    second.append(9, {"rank1/loss": 1.0}, at_ms=1)

    told = [last_step(tmp_path / "r", prefix) for prefix in ("", "rank1/", "rank2/")]
    first.close()
    second.close()

    assert told == [7, 9, -1]
    assert last_step(tmp_path / "nosuch", "") == -1
