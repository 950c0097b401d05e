"""What a refused file is, by its first bytes. Nothing here is ever loaded."""

import codecs
import zipfile
from pathlib import Path
from typing import Final

EXPORT: Final = "export the model to ONNX and upload that"
TORCH: Final = (
    f"it can run code when it is loaded; {EXPORT}: torch.onnx.export(model, (example,), path)"
)
PICKLE: Final = (
    f"it can run code when it is loaded; {EXPORT}: skl2onnx.to_onnx(model, example)"
    " for scikit-learn, torch.onnx.export(model, (example,), path) for PyTorch"
)
KERAS: Final = f"its layers can carry code; {EXPORT}: model.export(path, format='onnx')"
_KINDS: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes", KERAS),
    (b"GGUF", "a GGUF file", f"only weights for llama.cpp; {EXPORT}"),
    (b"\x1f\x8b", "a gzip archive", f"unpack it and {EXPORT}"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive", f"unpack it and {EXPORT}"),
    (b"BZh", "a bzip2 archive", f"unpack it and {EXPORT}"),
    (b"\xfd7zXZ\x00", "an xz archive", f"unpack it and {EXPORT}"),
    (b"\x93NUMPY", "a NumPy array", EXPORT),
    (b"\x7fELF", "a program for Linux", EXPORT),
    (b"MZ", "a program for Windows", EXPORT),
    (b"\x89PNG", "a PNG image", EXPORT),
    (b"\xff\xd8\xff", "a JPEG image", EXPORT),
    (b"%PDF", "a PDF document", EXPORT),
    (b"SQLite format 3", "an SQLite database", EXPORT),
    (b"PAR1", "a Parquet table", EXPORT),
)
_PICKLE_SUFFIXES: Final = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin", ".dill")
_MAX_NAMES: Final = 10_000


def what_is(path: Path, head: bytes, filename: str) -> tuple[str, str]:
    """Return what the file is and why it is refused, with the way out, as parts of a sentence."""
    if head.startswith(b"PK\x03\x04"):
        return _zip(path)
    # Pickles of protocol 2 to 5 announce themselves; older ones are known by their name only.
    if head[:1] == b"\x80" and head[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        return "a Python pickle", PICKLE
    known = next((kind for magic, *kind in _KINDS if head.startswith(magic)), None)
    if known is not None:
        return known[0], known[1]
    if filename.lower().endswith(_PICKLE_SUFFIXES):
        return "by its name a Python pickle", PICKLE
    if _is_text(head):
        return "a text file", EXPORT
    return f"of a kind unknown here (its first bytes are {head[:8].hex(' ')})", EXPORT


def _zip(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:_MAX_NAMES]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "a damaged zip archive", EXPORT
    last = {name.rpartition("/")[2] for name in names}
    if "data.pkl" in last or "archive_format" in last or any(".pkl" in name for name in names):
        return "a PyTorch archive", TORCH
    if any(name.endswith(".h5") for name in names):
        return "a Keras archive", KERAS
    if "schema.json" in last:
        return "a skops archive", PICKLE
    if names and all(name.endswith(".npy") for name in names):
        return "an archive of NumPy arrays", EXPORT
    return "a zip archive", f"unpack it and {EXPORT}"


def _is_text(head: bytes) -> bool:
    try:
        # Incremental, since the head may end inside a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\r\n\t" for letter in text)
