"""Rich values and files of a run: what is sent, what is stored, what is answered."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NewType

import msgspec
from msgspec import Meta

from axonml.ids import RunId

MediaId = NewType("MediaId", str)
MAX_KEY: Final = 256
MAX_BINS: Final = 512
MAX_COLUMNS: Final = 200
MAX_ROWS: Final = 10_000


class MediaKind(StrEnum):
    """What an item is, and so how it is checked and shown."""

    IMAGE = "image"
    HISTOGRAM = "histogram"
    TABLE = "table"
    TEXT = "text"
    FILE = "file"


class MediaMeta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a script says of an item.

    `index` is its place among several that were logged together. Each file of an artifact has its
    name, type and number of files, and the `batch` of its version. `width` and `height` are
    read from an image's header by the server.
    """

    caption: Annotated[str, Meta(max_length=1024)] = ""
    index: Annotated[int, Meta(ge=0, le=1 << 20)] = 0
    artifact: Annotated[str, Meta(max_length=128)] = ""
    batch: Annotated[str, Meta(max_length=32)] = ""
    artifact_type: Annotated[str, Meta(max_length=64)] = ""
    n_files: Annotated[int, Meta(ge=0, le=1 << 20)] = 0
    width: Annotated[int, Meta(ge=0, le=1 << 20)] = 0
    height: Annotated[int, Meta(ge=0, le=1 << 20)] = 0


class MediaItem(msgspec.Struct, frozen=True, kw_only=True):
    """One stored value; its bytes are at `.../media/:id/content`."""

    id: MediaId
    run: RunId
    kind: MediaKind
    key: str
    step: int
    timestamp: datetime
    sha256: str
    size_bytes: int
    content_type: str
    meta: MediaMeta = MediaMeta()


class MediaPage(msgspec.Struct, frozen=True):
    """One page of items in the order of their steps."""

    items: list[MediaItem]
    next_cursor: str | None = None


class MediaKey(msgspec.Struct, frozen=True):
    """One name under which a run logged values of a kind."""

    kind: MediaKind
    key: str
    n_items: int
    n_steps: int
    first_step: int
    last_step: int


class MediaKeys(msgspec.Struct, frozen=True):
    """One page of names, by kind and name."""

    items: list[MediaKey]
    next_cursor: str | None = None


Count = Annotated[float, Meta(ge=0)]


class Histogram(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Counts between edges: shape (n,) and (n + 1,), all finite.

    `n_nan` and `n_infinite` count the values that no bin can hold.
    """

    counts: Annotated[list[Count], Meta(min_length=1, max_length=MAX_BINS)]
    edges: Annotated[list[float], Meta(min_length=2, max_length=MAX_BINS + 1)]
    n_nan: Annotated[int, Meta(ge=0)] = 0
    n_infinite: Annotated[int, Meta(ge=0)] = 0


class HistogramAnswer(msgspec.Struct, frozen=True):
    """Histograms of one name over steps, in columns: the i-th of each belongs to `step[i]`.

    `n_steps` is how many there are in the window; where it is more than was asked for, every
    n-th is here.
    """

    key: str
    n_steps: int
    step: list[int]
    counts: list[list[float]]
    edges: list[list[float]]
    n_nan: list[int]
    n_infinite: list[int]


Cell = str | float | bool | None


class LoggedTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table as it is logged: each row as long as `columns`."""

    columns: Annotated[
        list[Annotated[str, Meta(max_length=MAX_KEY)]], Meta(min_length=1, max_length=MAX_COLUMNS)
    ]
    data: Annotated[list[list[Cell]], Meta(max_length=MAX_ROWS)]


class RunFiles(msgspec.Struct, frozen=True):
    """The files that a run saved, the newest of each path, by path."""

    items: list[MediaItem]
    next_cursor: str | None = None


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a named set of files. It `is_complete` once every file has arrived."""

    name: str
    type: str
    version: int
    created_at: datetime
    n_files: int
    size_bytes: int
    is_complete: bool
    files: list[MediaItem]


class ArtifactList(msgspec.Struct, frozen=True):
    """The artifacts of a run, by name, newest version first."""

    items: list[Artifact]
    next_cursor: str | None = None
