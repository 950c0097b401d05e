"""What requests carry that is too large for memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_BLOCK: Final = 1 << 20


class FileBody:
    """A file as the body of a request, that can be sent again from its beginning."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
