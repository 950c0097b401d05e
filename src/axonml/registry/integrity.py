"""Whether a version's file is still what was uploaded: asked before a process loads it."""

import asyncio
import hashlib
from pathlib import Path
from typing import Final

from axonml.errors import Conflict
from axonml.registry.types import ModelVersion

# Path, inode, size and time of change: the same ones are the same bytes.
_Identity = tuple[str, int, int, int]
_MOST_KNOWN: Final = 10_000


class Integrity:
    """Hashes each file once, and again only after it changed."""

    def __init__(self) -> None:
        self._known: Final[dict[_Identity, str]] = {}

    async def check(self, version: ModelVersion, path: Path) -> None:
        """Return where the bytes at `path` have the version's SHA-256.

        Raises:
            Conflict: the disk has changed them; says what to do.
        """
        if await asyncio.to_thread(self._hash_of, path) != version.sha256:
            raise Conflict(
                f"the file of version {version.version} is damaged on disk: its SHA-256 is not the"
                " one that was uploaded; upload it again, and look after the disk",
                code="file_damaged",
            )

    def _hash_of(self, path: Path) -> str:
        with path.open("rb", buffering=0) as file:
            at = path.stat()
            identity = (str(path), at.st_ino, at.st_size, at.st_mtime_ns)
            if identity not in self._known:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[identity] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._known[identity]
