"""Files of the spool that records are appended to: through a map of the file, else by `write`.

A record in a shared map is the kernel's as soon as it is copied: like one that was written, it
outlives the process, whatever ends it. Copying takes a fifth of the time of a `write`.
"""

import errno
import mmap
import os
from functools import cache
from pathlib import Path
from typing import Final, Protocol

# Here space that was reserved can be written to. On others (btrfs, ZFS, NFS) a full disk or a lost
# server could end the process by SIGBUS at a plain copy, where `write` fails with an error.
_MAPPABLE: Final = frozenset(("ext4", "xfs", "tmpfs", "overlay"))
_NEW: Final = os.O_CREAT | os.O_EXCL


class Segment(Protocol):
    """One file, held open by the one process that appends to it."""

    def append(self, frame: bytes) -> bool:
        """Put the frame into the file; False: the segment is full.

        Raises:
            OSError: the disk is full or gone; nothing of the frame is left in the file.
        """
        ...

    def finish(self) -> None:
        """Close the file, no longer than what was appended."""
        ...

    def let_go(self) -> None:
        """Close the file as it is: in the child of a fork, whose parent goes on with it."""
        ...


class MappedSegment:
    """A file whose space is reserved and mapped; unwritten bytes are zero until it is finished."""

    def __init__(self, path: Path, size: int) -> None:
        self._fd: Final = os.open(path, _NEW | os.O_RDWR, 0o600)
        try:
            os.posix_fallocate(self._fd, 0, size)
            self._map: Final = mmap.mmap(self._fd, size)
        except OSError:
            os.close(self._fd)
            path.unlink()
            raise
        self._size: Final = size
        self._end = 0

    def append(self, frame: bytes) -> bool:
        """Copy the frame into the map; False: the segment is full."""
        end = self._end + len(frame)
        if end > self._size:
            return False
        self._map[self._end : end] = frame
        self._end = end
        return True

    def finish(self) -> None:
        """Cut off what was reserved and not used, and close the file."""
        os.ftruncate(self._fd, self._end)
        self.let_go()

    def let_go(self) -> None:
        """Close the file as it is."""
        self._map.close()
        os.close(self._fd)


class WrittenSegment:
    """A file that grows with each `write`."""

    def __init__(self, path: Path, size: int) -> None:
        self._fd: Final = os.open(path, _NEW | os.O_WRONLY | os.O_APPEND, 0o600)
        self._size: Final = size
        self._end = 0

    def append(self, frame: bytes) -> bool:
        """Write the frame at the end of the file; False: the segment is full."""
        if self._end + len(frame) > self._size:
            return False
        try:
            written = os.write(self._fd, frame)
        except OSError:
            os.ftruncate(self._fd, self._end)
            raise
        if written != len(frame):
            os.ftruncate(self._fd, self._end)  # so that the next record follows a whole one
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._end += written
        return True

    def finish(self) -> None:
        """Close the file."""
        self.let_go()

    def let_go(self) -> None:
        """Close the file."""
        os.close(self._fd)


def new_segment(path: Path, size: int) -> Segment:
    """Create the file at `path` for `size` bytes of frames.

    Where that much space cannot be reserved, `write` takes what there is.
    """
    if _is_mappable(path.parent):
        try:
            return MappedSegment(path, size)
        except OSError:
            return WrittenSegment(path, size)
    return WrittenSegment(path, size)


@cache
def _is_mappable(folder: Path) -> bool:
    """Tell whether the file system of `folder` keeps what was reserved in it."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        return False
    for mount in map(str.split, mounts.splitlines()):
        if mount[2] == number:
            return mount[mount.index("-") + 1] in _MAPPABLE
    return False
