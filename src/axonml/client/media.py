"""What scripts log beside numbers: images, histograms, tables, text, files and artifacts.

The names are those of wandb, so that `import axonml as wandb` runs. None of numpy's, torch's,
Pillow's and matplotlib's things is imported here: an object says what it is by its methods.
"""

import io
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.client.notices import warn_once
from axonml.client.png import png_of

MAX_BINS: Final = 512
MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 200
_MAX_CAPTION: Final = 1024
_MAX_CELL: Final = 4096
_CUBE: Final = 3
Cell = str | float | bool | None


class Packed(msgspec.Struct, frozen=True):
    """A value as it travels: its kind, its bytes or the file that has them, what is known of it."""

    kind: str
    body: bytes | Path
    meta: dict[str, Any] = {}


class Rich:
    """A value that is no number; `packed` is called by `log`, at once."""

    def packed(self) -> Packed:
        """Return the value as it travels."""
        raise NotImplementedError


class Image(Rich):
    """A picture: an array or tensor, a Pillow image, a matplotlib figure, a path, or its bytes."""

    def __init__(self, data: object, caption: str | None = None, **_unknown: object) -> None:
        self._data: Final = data
        self._caption: Final = caption

    def packed(self) -> Packed:
        """Return a PNG, or the file as it is."""
        body, remark = _picture(self._data)
        caption = " - ".join(filter(None, (self._caption or "", remark)))
        return Packed("image", body, {"caption": caption[:_MAX_CAPTION]} if caption else {})


class Histogram(Rich):
    """How values are spread: over `num_bins` bins of equal width, or as `np_histogram` says."""

    def __init__(
        self,
        sequence: object = None,
        np_histogram: tuple[Sequence[float], Sequence[float]] | None = None,
        num_bins: int = 64,
    ) -> None:
        self._values: Final = sequence
        self._counted: Final = np_histogram
        self._n_bins: Final = min(max(int(num_bins), 1), MAX_BINS)

    def packed(self) -> Packed:
        """Return counts and edges; NaN and infinities are counted apart."""
        n_nan = n_infinite = 0
        if self._counted is not None:
            counts, edges = (np.asarray(each, np.float64) for each in self._counted)
        else:
            values = _array(self._values).ravel()
            values = values.astype(np.float64, copy=False)
            n_nan = int(np.isnan(values).sum())
            n_infinite = int(np.isinf(values).sum())
            values = values[np.isfinite(values)] if n_nan or n_infinite else values
            if not values.size:
                raise ValueError("a histogram needs at least one finite value")
            counts, edges = np.histogram(values, self._n_bins)
        body = {
            "counts": counts.tolist(),
            "edges": edges.tolist(),
            "n_nan": n_nan,
            "n_infinite": n_infinite,
        }
        return Packed("histogram", msgspec.json.encode(body))


class Table(Rich):
    """Rows under named columns; cells are words, numbers, booleans or None."""

    def __init__(
        self,
        columns: Iterable[str] | None = None,
        data: Iterable[Iterable[object]] | None = None,
        dataframe: object = None,
    ) -> None:
        frame: Any = dataframe  # pandas is the script's, not ours
        if frame is not None:
            columns, data = map(str, frame.columns), frame.to_numpy().tolist()
        self.data: Final[list[list[object]]] = [list(row) for row in data or ()]
        width = len(self.data[0]) if self.data else 0
        self.columns: Final = [
            str(name)[:256] for name in (columns or (f"column {i + 1}" for i in range(width)))
        ]

    def add_data(self, *row: object) -> None:
        """Add a row."""
        self.data.append(list(row))

    def packed(self) -> Packed:
        """Return columns and rows as JSON."""
        if not 0 < len(self.columns) <= MAX_COLUMNS:
            raise ValueError(f"a table has 1 to {MAX_COLUMNS} columns, not {len(self.columns)}")
        for i, row in enumerate(self.data):
            if len(row) != len(self.columns):
                said = f"row {i} has {len(row)} cells for {len(self.columns)} columns"
                raise ValueError(said)
        if len(self.data) > MAX_ROWS:
            warn_once("table", f"a table keeps its first {MAX_ROWS} rows; log more as a file")
        rows = [[_cell(cell) for cell in row] for row in self.data[:MAX_ROWS]]
        return Packed("table", msgspec.json.encode({"columns": self.columns, "data": rows}))


class Text(Rich):
    """A text of any length under a name: a sample, a report."""

    def __init__(self, text: object) -> None:
        self._text: Final = text

    def packed(self) -> Packed:
        """Return the text as UTF-8."""
        return Packed("text", str(self._text).encode("utf-8", "replace"))


class File(Rich):
    """A file as it is now, under the name by which it is logged."""

    def __init__(self, path: str | Path) -> None:
        self._path: Final = Path(path)

    def packed(self) -> Packed:
        """Return where the file is."""
        return Packed("file", self._path)


class Artifact:
    """A named set of files, gathered with `add_file` and `add_dir`, for `Run.log_artifact`."""

    def __init__(self, name: str, type: str = "", **_unknown: object) -> None:
        self.name: Final = name
        self.type: Final = type
        self.files: Final[dict[str, Path]] = {}

    def add_file(self, path: str | Path, name: str | None = None) -> None:
        """Add one file, under its own name where none is given."""
        self.files[name or Path(path).name] = Path(path)

    def add_dir(self, path: str | Path, name: str | None = None) -> None:
        """Add the files of a folder and those below it; links to folders are not followed."""
        folder = Path(path)
        for parent, _, names in os.walk(folder):
            for each in names:
                file = Path(parent, each)
                place = file.relative_to(folder).as_posix()
                self.files[f"{name}/{place}" if name else place] = file


def rich_of(value: object) -> list[Rich]:
    """Return what a value of `log` is as rich values; nothing where it is none."""
    if isinstance(value, Rich):
        return [value]
    if hasattr(value, "savefig") or hasattr(value, "getbands"):
        return [Image(value)]
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        rich = [each for each in items if isinstance(each, Rich)]
        return rich if items and len(rich) == len(items) else []
    return []


def _picture(data: Any) -> tuple[bytes | Path, str]:  # noqa: ANN401  # the script's libraries
    if isinstance(data, str | Path):
        return Path(data), ""
    if isinstance(data, bytes | bytearray):
        return bytes(data), ""
    file = io.BytesIO()
    if hasattr(data, "savefig"):
        data.savefig(file, format="png")
        return file.getvalue(), ""
    if hasattr(data, "getbands"):
        data.save(file, "PNG")
        return file.getvalue(), ""
    pixels = _array(data)
    if hasattr(data, "detach") and pixels.ndim == _CUBE and pixels.shape[0] in {1, 3, 4}:
        pixels = np.moveaxis(pixels, 0, 2)  # torch has its channels first, also of 3 x 4 x 4
    return png_of(pixels)


def _array(values: Any) -> NDArray[Any]:  # noqa: ANN401  # the script's libraries
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        if str(values.dtype) == "torch.bfloat16":  # numpy has none
            values = values.float()
        return np.asarray(values.numpy())
    return np.asarray(values)


def _cell(value: Any) -> Cell:  # noqa: ANN401  # the script's libraries
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) < 1 << 53 else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case _:
            return str(value)[:_MAX_CELL]
