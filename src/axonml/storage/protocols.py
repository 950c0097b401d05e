"""The promises of storage, in words; one contract suite tests every engine against them.

A write returns once it survives a power cut (`durability = "full"`). Every method may be called
from the event loop; none blocks it over 5 ms. A full disk raises `StorageFull` and changes nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.columns import MetricBatch

Row = tuple[Any, ...]


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement with its parameters `$1`, `$2`, ... in rising order.

    The text is the subset that SQLite and PostgreSQL share: `ON CONFLICT`, `RETURNING`,
    `data->>'key'`, generated columns.
    """

    sql: str
    parameters: tuple[Any, ...] = ()


class Documents(Protocol):
    """Tables of JSON documents (`id`, `data`, `rev`, `created_at`, `updated_at`)."""

    async def read(self, statement: Statement) -> list[Row]:
        """Return the rows of one SELECT; it sees every write that returned before."""
        ...

    async def scan(self, statement: Statement) -> list[Row]:
        """Return the rows of one SELECT that looks at many, also at the table `series`.

        `series` has `run`, `name`, `last` (NULL: NaN), `vmin`, `vmax` (NULL: no finite value),
        `total` and `n_finite`: the summaries of `Series.info`.
        """
        ...

    async def write(self, *statements: Statement) -> list[list[Row]]:
        """Run the statements in ONE transaction and return each one's RETURNING rows.

        A broken uniqueness raises `Conflict` and none of them took effect.
        """
        ...


class KeyValue(Protocol):
    """Small values under a key, each with an end: challenges, one-time links, spent tokens."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None where there is none or it has expired."""
        ...

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Set the value for `ttl_s` seconds, whatever was there."""
        ...

    async def add(self, key: str, value: bytes, ttl_s: float) -> bool:
        """Set the value only where none is; of many callers at once exactly one gets True."""
        ...

    async def take(self, key: str) -> bytes | None:
        """Return and delete the value; of many callers at once exactly one gets it."""
        ...

    async def delete(self, key: str) -> None:
        """Delete the value; a repeat changes nothing."""
        ...


class Appended(msgspec.Struct, frozen=True):
    """The answer to a batch: where it stands, and whether it was new.

    `cursor` is the batch's place in the order of all batches, for streams; `last_seq` is the last
    sequence stored for its writer, also when this batch was not stored because it (or a part of
    it) had been: the sender goes on from there.
    """

    is_new: bool
    cursor: int
    last_seq: int


class SeriesInfo(msgspec.Struct, frozen=True):
    """One series' summary: last point, extremes and mean over all finite values (None: none)."""

    name: str
    n_points: int
    last_step: int
    last_wall_ms: int
    last_value: float
    lowest: float | None
    highest: float | None
    mean: float | None = None


class Logged(msgspec.Struct, frozen=True):
    """The answer to log lines: the run's last line, and how many of those sent were new.

    The new ones are the last `n_new` of them.
    """

    last_seq: int
    n_new: int


class SeriesSlice(msgspec.Struct, frozen=True, eq=False):
    """Points of one series in rising step order, columns of shape (n,).

    A step that was logged twice is there twice, in the order of arrival. `is_exact` tells whether
    these are all the logged points of the window, or at most four a pixel (first, lowest, highest,
    last of each) that draw the same line, and the first NaN of each.
    """

    name: str
    step: NDArray[np.int64]
    value: NDArray[np.float64]
    wall_ms: NDArray[np.int64]
    is_exact: bool


class LogLine(msgspec.Struct, frozen=True):
    """One line of a run's log; `seq` is its place in the run, from 1."""

    seq: int
    wall_ms: int
    level: str
    message: str


class Series(Protocol):
    """Where metric points and log lines live, by run (or endpoint)."""

    async def append(self, run: str, batch: MetricBatch, frame: bytes) -> Appended:
        """Store the batch (`frame` is its packed form, kept as it came) exactly once.

        A batch whose `last_seq` is not above the writer's stored one is not stored; nor is one
        that overlaps it (`first_seq` <= stored < `last_seq`): the sender re-packs from `last_seq`.
        Raises `TooMany` when the writer's queue is full.
        """
        ...

    async def since(self, run: str, cursor: int) -> list[tuple[int, bytes]] | None:
        """Return (cursor, frame) of the run's batches after `cursor`; None where some are gone.

        Batches are packed away in time: a reader that gets None reads the history instead.
        """
        ...

    async def cursor(self, run: str) -> int:
        """Return the cursor of the run's newest batch, 0 where it has none."""
        ...

    async def info(self, runs: Sequence[str]) -> dict[str, list[SeriesInfo]]:
        """Return the summaries of every series of each run, by name; reads no points."""
        ...

    async def read(
        self,
        run: str,
        names: Sequence[str],
        first_step: int | None = None,
        last_step: int | None = None,
        width: int | None = None,
    ) -> list[SeriesSlice]:
        """Return the points of each named series in the closed window of steps.

        `width` is the plot's width in pixels: where the window has more than 2 points a pixel the
        slice holds at most 4 of each, and its first NaN. A name that the run never logged is left
        out.
        """
        ...

    async def append_log(
        self,
        run: str,
        lines: Sequence[tuple[int, str, str]],
        writer: str = "",
        seqs: Sequence[int] = (),
    ) -> Logged:
        """Store lines (wall_ms, level, message) in order.

        With a `writer`, `seqs` numbers the lines, rising: those up to the writer's last are there
        already and are not stored again.
        """
        ...

    async def read_log(
        self,
        run: str,
        after: int = 0,
        limit: int = 1000,
        text: str = "",
        between_ms: tuple[int, int] | None = None,
    ) -> list[LogLine]:
        """Return at most `limit` lines with seq above `after` whose message contains `text`.

        `after=-1` asks for the last `limit` lines. The match ignores case. `between_ms` is a closed
        window of their times.
        """
        ...

    async def finish(self, run: str) -> None:
        """Pack the run's loose batches into chunks now instead of later; a repeat is a no-op."""
        ...

    async def thin(self, run: str) -> int:
        """Drop points that no chart needs: of 64 the first, lowest, highest, last and NaN stay.

        Only full chunks are thinned, so that a short series stays whole. Extremes, summaries and
        windows stay exact to these; such a slice is not `is_exact`. Returns how many chunks were
        thinned; a repeat thins none.
        """
        ...

    async def delete(self, run: str) -> None:
        """Delete every point and line of the run; a repeat is a no-op."""
        ...

    async def totals(self) -> dict[str, int]:
        """Return `n_points`, `n_series`, `n_runs` and `size_bytes` over everything."""
        ...


class BlobInfo(msgspec.Struct, frozen=True):
    """A stored blob: SHA-256 of its bytes in hex, and their number."""

    sha256: str
    size_bytes: int


class Blobs(Protocol):
    """Immutable bytes under their SHA-256; the same bytes are stored once."""

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int) -> BlobInfo:
        """Store a stream; return when it is on disk. A cut stream leaves nothing behind.

        Raises `TooLarge` beyond `limit_bytes`.
        """
        ...

    async def head(self, sha256: str) -> BlobInfo | None:
        """Return the blob's size, or None where it is not there."""
        ...

    async def path(self, sha256: str) -> Path:
        """Return a local file with the blob's bytes, fetched first where the store is remote.

        Raises `NotFound` where there is none.
        """
        ...

    async def here(self, sha256: str) -> Path | None:
        """Return such a file where there is one already; fetches nothing."""
        ...

    def read(self, sha256: str, first: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `first` up to, without, `end`; raises `NotFound`."""
        ...

    async def take(self, file: Path, blob: BlobInfo) -> None:
        """Store a whole local file whose hash is known; return when it is stored durably.

        The file stays, and is not written to any more: the store may hold it by a second name.
        """
        ...

    async def show(self, sha256: str, place: Path) -> None:
        """Show the bytes at `place`, a name for people, where they are in a folder anyway.

        A remote store shows nothing.
        """
        ...

    async def delete(self, sha256: str) -> None:
        """Free the bytes; a repeat is a no-op."""
        ...


class Storage(msgspec.Struct, frozen=True, eq=False):
    """The four faces together; `storage.open` makes them, `close` flushes and ends them."""

    documents: Documents
    keys: KeyValue
    series: Series
    blobs: Blobs
    close: Callable[[], Awaitable[None]]
