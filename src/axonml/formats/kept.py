"""Files that are kept and never loaded: those that can run code, and weights without layers.

They are read as bytes only, with bounds, and what loading them could do is said in sentences.
"""

import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

from axonml.formats import scan
from axonml.formats.format import Inspection, Scan
from axonml.formats.pickles import Imports

_REMEDIES: Final = {
    "pickle": scan.PICKLE,
    "skops": scan.PICKLE,
    "pytorch": scan.TORCH,
    "pt2": scan.TORCH,
    "keras": scan.KERAS,
    "hdf5": scan.KERAS,
}
_PICKLE_SUFFIXES: Final = (".pkl", ".pickle", ".joblib", ".dill")
_SUFFIXES: Final = {
    "pickle": (".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".bin"),
    "pytorch": (".pt", ".pth", ".bin"),
    "pt2": (".pt2",),
    "keras": (".keras",),
    "hdf5": (".h5", ".hdf5", ".keras"),
    "skops": (".skops",),
    "gguf": (".gguf",),
}
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_GGUF: Final = b"GGUF"
_ZIP: Final = b"PK\x03\x04"
_PROTOCOLS: Final = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
_MAX_ENTRIES: Final = 10_000
_MAX_ENTRY: Final = 64 << 20
_MAX_FINDINGS: Final = 20
_MAX_RATIO: Final = 100
_BOMB_BYTES: Final = 1 << 30
# What `zipfile` raises for an entry that is cut, garbled, or packed in a way that it does not know.
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError,
    RuntimeError, ValueError,
)  # fmt: skip
_LIBRARIES: Final = (".so", ".dll", ".dylib", ".cubin", ".py", ".pyc", ".cpp", ".sh")
# What the libraries that wrote the file import for data alone.
_USUAL: Final = re.compile(
    r"(numpy|scipy|sklearn|torch|torchvision|joblib|pandas|collections|_codecs|copyreg|copy_reg|datetime)"
    r"(\.|$)|(builtins|__builtin__)\.(set|frozenset|dict|list|tuple|int|float|str|bytes|bytearray|complex|bool|"
    r"slice|range|object)$"
)
_LAMBDA: Final = re.compile(rb'"class_name"\s*:\s*"Lambda"')


def kept(path: Path, head: bytes, filename: str) -> Inspection | None:
    """Return what the file is, where it is one that is kept; None where it is none of these."""
    name = filename.lower()
    if head.startswith(_ZIP):
        return _archive(path, name)
    if head.startswith(_PROTOCOLS) or (name.endswith(_PICKLE_SUFFIXES) and _is_old_pickle(head)):
        with path.open("rb") as file:
            return _carrying_code("pickle", name, _of_pickle(file))
    if head.startswith(_HDF5):
        with path.open("rb") as file:
            return _carrying_code("hdf5", name, _of_keras(file.read(_MAX_ENTRY)))
    if head.startswith(_GGUF):
        reason = f"not servable: weights for llama.cpp, without layers; {scan.EXPORT}"
        return Inspection("gguf", ".gguf", None, servable=False, reason=reason)
    return None


def _carrying_code(kind: str, name: str, findings: Iterable[str]) -> Inspection:
    suffixes = _SUFFIXES[kind]
    suffix = next((each for each in suffixes if name.endswith(each)), suffixes[0])
    listed = tuple(dict.fromkeys(findings))
    more = len(listed) - _MAX_FINDINGS
    shown = (*listed[:_MAX_FINDINGS], *((f"{more} more",) if more > 0 else ()))
    reason = f"not servable: {_REMEDIES[kind]}"
    found = Scan(can_run_code=True, findings=shown)
    return Inspection(kind, suffix, None, servable=False, reason=reason, scan=found)


def _is_old_pickle(head: bytes) -> bool:
    """Tell whether this may be a pickle of protocol 0 or 1, which has no mark of its own."""
    return head[:1] in {b"(", b"c", b"]", b"}", b"I", b"S", b"N", b"l", b"d"}


def _of_pickle(stream: IO[bytes]) -> Iterator[str]:
    found = Imports(stream)
    for name in found.names:
        if not _USUAL.match(name):
            yield f"loading it imports {name[:200]}"
    if found.problem:
        yield found.problem


def _of_keras(config: bytes) -> Iterator[str]:
    if _LAMBDA.search(config):
        yield "it has Lambda layers, whose Python code runs when it is loaded"


def _archive(path: Path, name: str) -> Inspection | None:
    """Return what the zip archive is; its entries are read one by one, never unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            kind = _kind_of([entry.filename for entry in entries[:_MAX_ENTRIES]])
            if kind is None:
                return None
            findings = [*_of_names(entries), *_of_entries(archive, entries[:_MAX_ENTRIES])]
            return _carrying_code(kind, name, findings)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return None


def _kind_of(names: list[str]) -> str | None:
    last = {name.rpartition("/")[2] for name in names}
    if "archive_format" in last or any(name.endswith("models/model.json") for name in names):
        return "pt2"
    if "data.pkl" in last or any(".pkl" in name for name in names):
        return "pytorch"
    if "config.json" in names and any(name.endswith(".h5") for name in names):
        return "keras"
    return "skops" if "schema.json" in names else None


def _of_names(entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    for entry in entries:
        name = entry.filename
        shown = "".join(letter for letter in name if letter.isprintable())[:200]
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name[:3]:
            yield f"an entry is named {shown}: whoever unpacks it may overwrite other files"
        if name.lower().endswith(_LIBRARIES):
            yield f"it carries the program {shown}"
    size = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if size > _BOMB_BYTES and size > packed * _MAX_RATIO:
        yield f"it unpacks to {size / (1 << 30):.0f} GiB, {size // packed} times its size"
    if len(entries) > _MAX_ENTRIES:
        yield f"it has {len(entries)} entries; the first {_MAX_ENTRIES} were looked at"


def _of_entries(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    for entry in entries:
        last = entry.filename.rpartition("/")[2]
        if not (last.endswith(".pkl") or entry.filename in {"config.json", "schema.json"}):
            continue
        if entry.flag_bits & 1 or entry.file_size > _MAX_ENTRY:
            yield f"{last[:100]} is encrypted or too large to be looked at"
            continue
        try:
            with archive.open(entry) as file:
                if last.endswith(".pkl"):
                    yield from _of_pickle(file)
                elif last == "config.json":
                    yield from _of_keras(file.read(_MAX_ENTRY))
                else:
                    yield from _of_skops(file.read(_MAX_ENTRY))
        except _DAMAGED as error:
            yield f"{last[:100]} is damaged: {str(error)[:200]}"


def _of_skops(schema: bytes) -> Iterator[str]:
    """Yield what a skops file imports: its schema names module and class of each object."""
    found: list[str] = []

    def look(node: dict[str, Any]) -> None:
        if "__module__" in node:
            found.append(f"{node['__module__']}.{node.get('__class__')}")

    try:
        _ = json.loads(schema, object_hook=look)
    except (ValueError, RecursionError):
        yield "its schema.json is damaged"
    for name in found:
        if not _USUAL.match(name):
            yield f"loading it imports {name[:200]}"
