"""What scripts log beside numbers: images, histograms, tables, text, files and artifacts.

The names are those of wandb, so that `import axonml as wandb` runs. None of numpy's, torch's,
Pillow's and matplotlib's things is imported here: an object says what it is by its methods. Nothing
raises but `packed`, which is called where an error becomes a warning.
"""

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.client.notices import warn_once
from axonml.client.pictures import array_of, picture_of

MAX_BINS: Final = 512
MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 200
_ARTIFACT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_MAX_CAPTION: Final = 1024
_MAX_CELL: Final = 4096
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
        body, remark = picture_of(self._data)
        caption = " - ".join(filter(None, (str(self._caption or ""), remark)))
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
        self._n_bins: Final = num_bins

    def packed(self) -> Packed:
        """Return counts and edges; NaN and infinities are counted apart."""
        n_nan = n_infinite = 0
        if self._counted is not None:
            counts, edges = _counted(self._counted)
        else:
            values = array_of([] if self._values is None else self._values).ravel()
            values = values.astype(np.float64, copy=False)
            n_nan = int(np.isnan(values).sum())
            n_infinite = int(np.isinf(values).sum())
            values = values[np.isfinite(values)] if n_nan or n_infinite else values
            if not values.size:
                raise ValueError("a histogram needs at least one finite value")
            counts, edges = _spread(values, min(max(int(self._n_bins), 1), MAX_BINS))
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
        # What is wrong is told by `packed`: a table is made within the training loop.
        frame: Any = data if hasattr(data, "to_numpy") else dataframe  # pandas is the script's
        if frame is not None and hasattr(frame, "to_numpy"):
            columns, data = columns or map(str, frame.columns), frame.to_numpy().tolist()
        rows = [] if data is None else _listed(data)
        self._is_wrong: Final = rows is None or (frame is not None and frame is not data)
        self.data: Final[list[object]] = rows or []
        width = len(_listed(self.data[0]) or ()) if self.data else 0
        self._names: Final = columns
        self.columns: Final = [
            str(name)[:256]
            for name in _listed(columns) or (f"column {i + 1}" for i in range(width))
        ]

    def add_data(self, *row: object) -> None:
        """Add a row."""
        self.data.append(list(row))

    def packed(self) -> Packed:
        """Return columns and rows as JSON."""
        if self._is_wrong:
            raise TypeError("the data of a table is a list of rows, or a data frame")
        if self._names is not None and _listed(self._names) is None:
            raise TypeError('the columns of a table are a list of names, such as ["x", "y"]')
        if not 0 < len(self.columns) <= MAX_COLUMNS:
            raise ValueError(f"a table has 1 to {MAX_COLUMNS} columns, not {len(self.columns)}")
        if len(self.data) > MAX_ROWS:
            warn_once("table", f"a table keeps its first {MAX_ROWS} rows; log more as a file")
        rows = [self._row(i, row) for i, row in enumerate(self.data[:MAX_ROWS])]
        return Packed("table", msgspec.json.encode({"columns": self.columns, "data": rows}))

    def _row(self, i: int, row: object) -> list[Cell]:
        cells = _listed(row)
        if cells is None:
            raise TypeError(f"row {i} is a list of cells, not {type(row).__name__}")
        if len(cells) != len(self.columns):
            raise ValueError(f"row {i} has {len(cells)} cells for {len(self.columns)} columns")
        return [_cell(cell) for cell in cells]


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
        self.name: Final = str(name)
        self.type: Final = str(type)
        self.files: Final[dict[str, Path]] = {}

    def add_file(self, path: str | Path, name: str | None = None) -> None:
        """Add one file, under its own name where none is given."""
        self.files[name or Path(path).name] = Path(path)

    def add_dir(self, path: str | Path, name: str | None = None) -> None:
        """Add the files of a folder and those below it; links to folders are not followed."""
        folder = Path(path)
        for parent, _, names in os.walk(folder, onerror=self._unread):
            for each in names:
                file = Path(parent, each)
                place = file.relative_to(folder).as_posix()
                self.files[f"{name}/{place}" if name else place] = file

    def check(self) -> None:
        """Look at the name and whether all files are there: a version comes whole or not at all.

        Raises:
            ValueError: the name has other characters, or there is no file.
            OSError: a file is not there.
        """
        if not _ARTIFACT.fullmatch(self.name):
            said = "an artifact's name has 1 to 128 letters, digits, `.`, `_` and `-`"
            raise ValueError(f"{said}, not {self.name!r:.60}")
        if not self.files:
            raise ValueError(f"there is no file for the artifact {self.name}")
        for place, path in self.files.items():
            check_place(place)
            if not path.is_file():
                raise FileNotFoundError(f"there is no file {path}")

    def _unread(self, error: OSError) -> None:
        warn_once(f"folder {error.filename}", f"a folder of {self.name} cannot be read: {error}")


def check_place(name: str) -> None:
    """Look at the name of a file: it stays below its folder wherever it is unpacked.

    Raises:
        ValueError: it is absolute, or has `..` or a backslash.
    """
    parts = name.split("/")
    if "\\" in name or name[1:2] == ":" or any(part in {"", ".", ".."} for part in parts):
        raise ValueError(f"a file's name is a path below its folder, such as a/b.txt, not {name!r}")


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


def _listed(values: Any) -> list[Any] | None:  # noqa: ANN401  # whatever a script may give
    """Return what `values` holds; None where it is a word, a mapping, or holds nothing."""
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__iter__"):
        return None
    return list(values)


def _spread(values: NDArray[np.float64], n_bins: int) -> tuple[NDArray[Any], NDArray[Any]]:
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):
        raise ValueError(f"the values are too far apart for a histogram: {low:.3g} to {high:.3g}")
    try:
        return np.histogram(values, n_bins)
    except ValueError:  # so close together that there are no edges between them
        return np.array([values.size]), np.array([low, max(high, math.nextafter(low, math.inf))])


def _counted(given: Any) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ANN401  # as numpy gives it
    said = f"np_histogram is the counts of 1 to {MAX_BINS} bins, and one rising edge more"
    if not isinstance(given, tuple | list) or len(cast("Sequence[object]", given)) != len("ce"):
        raise TypeError(said)
    counts, edges = (array_of(each).astype(np.float64) for each in cast("Sequence[object]", given))
    is_right = counts.ndim == edges.ndim == 1 and 0 < counts.size <= MAX_BINS
    if not is_right or edges.size != counts.size + 1 or not (np.diff(edges) >= 0).all():
        raise ValueError(f"{said}, not shapes {counts.shape} and {edges.shape}")
    return counts, edges


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
