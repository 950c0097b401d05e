"""Inspection in a process of its own: a hostile file never touches the server.

`python -m axonml.formats.inspect PARENT PATH FILENAME` prints one JSON object.
"""

import asyncio
import os
import resource
import sys
from pathlib import Path
from typing import Final

import msgspec

from axonml.errors import AxonError, Invalid, UnsupportedMedia
from axonml.formats import confinement, scan
from axonml.formats.format import Inspection
from axonml.formats.kept import kept
from axonml.formats.known import FORMATS, format_of

_TIMEOUT_S: Final = 30.0
# Each takes a core and perhaps gigabytes; who comes third waits.
_AT_ONCE: Final = 2
# What the interpreter needs to find itself and its packages; no token or address goes along.
_ENVIRONMENT: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME",
    "LD_LIBRARY_PATH", "COVERAGE_PROCESS_START",
)  # fmt: skip
_HEAD_BYTES: Final = 4096
# Interpreter and libraries, then the file as bytes, as message and once more for the checker.
_BASE_MEMORY: Final = 1 << 30
_COPIES: Final = 4


class _Refusal(msgspec.Struct, frozen=True):
    """An error of the child, by the class that the parent raises."""

    status: int
    code: str
    detail: str


class _Finding(msgspec.Struct, frozen=True):
    """What the child prints: one of the two."""

    inspection: Inspection | None = None
    refusal: _Refusal | None = None


class Inspector:
    """Inspects files, at most two at once; the others wait, and are not timed meanwhile."""

    def __init__(self) -> None:
        self._places: Final = asyncio.Semaphore(_AT_ONCE)

    async def inspect(self, path: Path, filename: str) -> Inspection:
        """Return what the file at `path`, uploaded as `filename`, is; no code of it runs.

        Raises:
            UnsupportedMedia: the file is of no format that is served or kept; says what it is.
            Invalid: the file is of a known format, but damaged.
        """
        async with self._places:
            return _answer(await _printed(path, filename), filename)


async def _printed(path: Path, filename: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "axonml.formats.inspect"),
        *(str(os.getpid()), str(path), filename),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            printed, _ = await child.communicate()
    except TimeoutError:
        raise Invalid(
            f"{_shown(filename)} could not be read within {_TIMEOUT_S:.0f} s", code="damaged_file"
        ) from None
    finally:
        if child.returncode is None:
            child.kill()
            _ = await child.wait()
    return printed


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**kept, "OPENBLAS_NUM_THREADS": "1"}


def _answer(printed: bytes, filename: str) -> Inspection:
    try:
        finding = msgspec.json.decode(printed, type=_Finding)
    except msgspec.MsgspecError:
        # It died: of the memory limit, or of what the file did to the parser.
        raise Invalid(
            f"{_shown(filename)} could not be read: its reader ended", code="damaged_file"
        ) from None
    if finding.inspection is not None:
        return finding.inspection
    if finding.refusal is None:
        raise Invalid(f"{_shown(filename)} could not be read", code="damaged_file")
    kind = UnsupportedMedia if finding.refusal.status == UnsupportedMedia.status else Invalid
    raise kind(finding.refusal.detail, code=finding.refusal.code)


def examine(path: Path, filename: str) -> Inspection:
    """Return what the file is, in this process; `inspect_file` calls it in another."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise Invalid(f"{_shown(filename)} is empty", code="damaged_file")
    found = format_of(head, filename)
    if found is not None:
        return found.inspect(path)
    named = next((each for each in FORMATS if filename.lower().endswith(each.suffix)), None)
    # What pretends to be served by its name is refused; what is kept says what it is.
    if named is None and (found_kept := kept(path, head, filename)) is not None:
        return found_kept
    what, remedy = scan.what_is(path, head, filename)
    claim = "" if named is None else f", not {named.name}"
    raise UnsupportedMedia(f"{_shown(filename)} is {what}{claim}: {remedy}")


def _shown(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in name if letter.isprintable())[:100]
    return kept or "the file"


def _main(parent: int, path: Path, filename: str) -> None:
    confinement.die_with_parent(parent)
    confinement.be_killed_first()
    confinement.limit(resource.RLIMIT_CPU, int(_TIMEOUT_S))
    confinement.limit(resource.RLIMIT_CORE, 0)
    confinement.limit(resource.RLIMIT_AS, _BASE_MEMORY + _COPIES * path.stat().st_size)
    try:
        finding = _Finding(inspection=examine(path, filename))
    except AxonError as error:
        refusal = _Refusal(error.status, error.problem_code, error.detail)
        finding = _Finding(refusal=refusal)
    except MemoryError:
        refusal = _Refusal(Invalid.status, "damaged_file", "reading it took too much memory")
        finding = _Finding(refusal=refusal)
    _ = sys.stdout.write(msgspec.json.encode(finding).decode())


if __name__ == "__main__":
    _main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
