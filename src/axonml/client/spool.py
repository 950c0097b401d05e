"""The points of a run on disk, from the moment `log` returns until the server has them.

HOME/spool/RUN/WRITER/000001.seg ... records as frames, append only, 1 MiB each
meta.json      the server, the body that creates the run, how it ended
lock           held by the process that writes
"""

import errno
import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic_ns, time_ns
from typing import Any, Final
from zlib import crc32

import msgspec

from axonml.client.frames import HEAD, MAX_FRAME, Record, scan
from axonml.client.labels import rank_prefix
from axonml.client.notices import warn_once
from axonml.client.segments import Segment, new_segment
from axonml.ids import new_id

SEGMENT_BYTES: Final = 1 << 20
_encode: Final = msgspec.msgpack.Encoder().encode
_pack_head: Final = HEAD.pack
# The wall clock is read once: set back or forward later, it moves no point before another.
_WALL_NS: Final = time_ns() - monotonic_ns()


def wall_ms() -> int:
    """Return the wall time of now in ms; it never steps back while this process lives."""
    return (monotonic_ns() + _WALL_NS) // 1_000_000


class Ending(msgspec.Struct, frozen=True):
    """How a run ended, as its script said."""

    status: str
    reason: str = ""


class Meta(msgspec.Struct, frozen=True):
    """What is needed to bring a writer's points to the server without its script.

    `run` is the body that creates the run, `changes` what the script changed of it since.
    `owns_run` is False for a process that joined the run of another: it does not end the run.
    """

    server: str
    run: dict[str, Any]
    owns_run: bool = True
    ending: Ending | None = None
    changes: dict[str, Any] = {}

    def joined(self) -> "Meta":
        """Return what a process needs that joins the run: it tells nothing that others changed."""
        return Meta(self.server, self.run, owns_run=False)


class RecordTooLarge(ValueError):
    """One record is larger than a frame may be."""


class Spool:
    """Owns one writer's folder below `run_folder`; `append` returns once the record is in the file.

    The folder is made by the first `append`, which then calls `on_open`. After a fork the child
    calls `forked` and continues as another writer.
    """

    def __init__(self, run_folder: Path, meta: Meta, on_open: Callable[[], None]) -> None:
        self._run_folder: Final = run_folder
        self._on_open: Final = on_open
        self.meta = meta
        self.writer = new_id()
        # Reentrant: a signal handler may log while the interrupted code holds it.
        self._lock = threading.RLock()
        self._is_writing = False
        self._is_closed = False
        self._lock_fd = -1
        self._segment: Segment | None = None
        self._n_segments = 0
        self.last_seq = 0

    @property
    def folder(self) -> Path:
        """Return the writer's folder, whether or not it exists yet."""
        return self._run_folder / self.writer

    @property
    def is_open(self) -> bool:
        """Tell whether the folder exists and is locked by this process."""
        return self._lock_fd >= 0

    def append(self, step: int | None, values: Mapping[str, object], at_ms: int = 0) -> None:
        """Write one record with the next sequence number; without `at_ms` it is of now.

        Raises:
            OSError: the disk is full or gone; nothing of the record is left in the file.
            OverflowError: an integer beyond 64 bits.
            RecordTooLarge: the record is larger than 4 MiB.
            BlockingIOError: called by a signal handler that interrupted this very function.
        """
        with self._lock:
            if self._is_writing:
                raise BlockingIOError(errno.EAGAIN, "the record before is not finished")
            self._is_writing = True
            try:
                seq = self.last_seq + 1
                # Not `wall_ms()`: one call less on the path that training waits for.
                at_ms = at_ms or (monotonic_ns() + _WALL_NS) // 1_000_000
                payload = _encode((seq, at_ms, step, values))
                frame = _pack_head(len(payload), crc32(payload)) + payload
                if self._segment is None or not self._segment.append(frame):
                    self._append_to_next(frame)
                self.last_seq = seq
            finally:
                self._is_writing = False

    def set_meta(self, meta: Meta) -> None:
        """Replace meta.json as a whole, now or when the folder is made."""
        self.meta = meta
        if self.is_open:
            write_meta(self.folder, meta)

    def open(self) -> None:
        """Make the folder and lock it; a repeat does nothing."""
        with self._lock:
            if self._is_closed:
                raise OSError(errno.EBADF, "the run is finished")
            if self.is_open:
                return
            home = self._run_folder.parent.parent
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self._run_folder.parent, self._run_folder, self.folder):
                folder.mkdir(exist_ok=True, mode=0o700)
            write_meta(self.folder, self.meta)
            self._lock_fd = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._on_open()

    def seal(self) -> None:
        """Take no further record; the folder stays held."""
        with self._lock:
            self._is_closed = True
            self._finish_segment()

    def close(self) -> None:
        """Take no further record and let go of the folder, which stays."""
        with self._lock:
            self._is_closed = True
            self._finish_segment()
            self._unlock()

    def forked(self) -> None:
        """Go on as a writer of its own: called in the child of a fork."""
        self._lock = threading.RLock()  # another thread of the parent may hold the old one
        self._is_writing = False
        if self._segment is not None:
            self._segment.let_go()
            self._segment = None
        self._unlock()
        self.writer = new_id()
        self._is_closed = False
        self.meta = self.meta.joined()
        self._n_segments = self.last_seq = 0

    def _append_to_next(self, frame: bytes) -> None:
        if len(frame) > MAX_FRAME:
            raise RecordTooLarge(f"one record of {len(frame) >> 20} MiB is more than a frame holds")
        self.open()
        self._finish_segment()
        path = self.folder / f"{self._n_segments + 1:06}.seg"
        segment = new_segment(path, max(SEGMENT_BYTES, len(frame)))
        self._n_segments += 1
        self._segment = segment
        _ = segment.append(frame)

    def _finish_segment(self) -> None:
        if self._segment is not None:
            segment, self._segment = self._segment, None
            segment.finish()

    def _unlock(self) -> None:
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1


class SpoolReader:
    """Reads a writer's folder in order, while it is written or after; frees what is delivered."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._segment: Path | None = None
        self._at = 0
        self._seq = 0
        self._read: list[tuple[Path, int]] = []

    def read(self, max_bytes: int = 1 << 16) -> list[Record]:
        """Return the next records, about `max_bytes` of them; none: the end is reached for now.

        Damaged bytes between records are skipped with a warning that says where and how many.
        """
        while True:
            if self._segment is None:
                self._segment, self._at = self._following(), 0
            if self._segment is None:
                return []
            # Looked up before reading: what is written later may follow in this segment.
            following = self._following()
            records, is_end = self._scan(self._segment, max_bytes, is_last=following is None)
            if records:
                self._seq = records[-1].seq
                return records
            if following is None or not is_end:
                return []
            self._read.append((self._segment, self._seq))
            self._segment, self._at = following, 0

    def drop(self, acknowledged: int) -> None:
        """Delete the segments read to their end whose records the server has all stored."""
        while self._read and self._read[0][1] <= acknowledged:
            self._read.pop(0)[0].unlink(missing_ok=True)

    def _following(self) -> Path | None:
        here = self._segment.name if self._segment else ""
        later = (path for path in self._folder.glob("*.seg") if path.name > here)
        return min(later, default=None)

    def _scan(self, path: Path, max_bytes: int, *, is_last: bool) -> tuple[list[Record], bool]:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            _ = file.seek(self._at)
            data = file.read(max_bytes)
        is_whole = self._at + len(data) >= size
        found = scan(data, is_end=is_whole and not is_last)
        if not found.records and not is_whole:
            # Nothing good in this piece: look at all that is left of the segment at once.
            data = path.read_bytes()[self._at :]
            is_whole = True
            found = scan(data, is_end=not is_last)
        if found.damaged:
            warn_once(
                f"damaged {path} {self._at}",
                f"{found.damaged} damaged bytes in {path} after byte {self._at} were skipped",
            )
        self._at += found.consumed
        return found.records, is_whole


def last_step(run: Path, prefix: str) -> int:
    """Return the last step that waits below a run's folder under names with `prefix`, -1 for none.

    `prefix` is that of a rank, as `rank_prefix` tells it.
    """
    last = -1
    for folder in run.glob("*/"):
        reader = SpoolReader(folder)
        try:
            while records := reader.read(SEGMENT_BYTES):
                for record in records:
                    if record.step is not None and record.step > last:
                        own = any(rank_prefix(name) == prefix for name in record.values)
                        last = record.step if own else last
        except OSError:  # delivered meanwhile, by somebody else: the server knows
            continue
    return last


def write_meta(folder: Path, meta: Meta) -> None:
    """Replace a writer's meta.json by rename: a reader sees the old or the new, whole."""
    part = folder / "meta.json.part"
    _ = part.write_bytes(msgspec.json.encode(meta))
    _ = part.replace(folder / "meta.json")


def read_meta(folder: Path) -> Meta:
    """Return a writer's meta.json.

    Raises:
        OSError: it cannot be read.
        msgspec.MsgspecError: it is damaged.
    """
    return msgspec.json.decode((folder / "meta.json").read_bytes(), type=Meta)


@contextmanager
def claimed(folder: Path) -> Generator[bool, None, None]:
    """Hold a writer's folder for the block; False where a living process holds it already."""
    fd = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(fd)


def n_waiting(spool: Path) -> int:
    """Return how many runs below `spool` have points that no living script will send."""
    return sum(any(map(_is_free, run.glob("*/"))) for run in spool.glob("*/"))


def _is_free(folder: Path) -> bool:
    with claimed(folder) as is_free:
        return is_free


def remove(folder: Path) -> None:
    """Delete a writer's folder, and its run's where it was the last writer."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.parent.rmdir()
    except OSError:  # other writers of the run still have points
        return
