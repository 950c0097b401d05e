"""Storage in memory for tests of what stands on it; it passes the same contract suites."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from axonml.clock import monotonic
from axonml.columns import Block, MetricBatch, decode_batch
from axonml.errors import NotFound, TooLarge
from axonml.storage.points import Points, by_name
from axonml.storage.protocols import (
    Appended,
    BlobInfo,
    Logged,
    LogLine,
    SeriesInfo,
    SeriesSlice,
)
from axonml.storage.pyramid import m4


class MemorySeries:
    """`Series` in lists: every read goes over every point."""

    def __init__(self) -> None:
        self._cursor = 0
        self._frames: Final[dict[str, list[tuple[int, bytes]]]] = {}
        self._packed: Final[dict[str, int]] = {}
        self._last_seq: Final[dict[tuple[str, str], int]] = {}
        self._last_line: Final[dict[tuple[str, str], int]] = {}
        self._lines: Final[dict[str, list[LogLine]]] = {}

    async def append(self, run: str, batch: MetricBatch, frame: bytes) -> Appended:
        known = self._last_seq.get((run, batch.writer))
        if known is not None and batch.first_seq <= known:
            return Appended(is_new=False, cursor=await self.cursor(run), last_seq=known)
        self._cursor += 1
        self._frames.setdefault(run, []).append((self._cursor, frame))
        self._last_seq[run, batch.writer] = batch.last_seq
        return Appended(is_new=True, cursor=self._cursor, last_seq=batch.last_seq)

    async def since(self, run: str, cursor: int) -> list[tuple[int, bytes]] | None:
        if self._packed.get(run, 0) > cursor:
            return None
        return [(at, frame) for at, frame in self._frames.get(run, []) if at > cursor]

    async def cursor(self, run: str) -> int:
        frames = self._frames.get(run)
        return frames[-1][0] if frames else 0

    async def info(self, runs: Sequence[str]) -> dict[str, list[SeriesInfo]]:
        infos = {run: [_info(*each) for each in sorted(self._points(run).items())] for run in runs}
        return {run: found for run, found in infos.items() if found}

    async def read(
        self,
        run: str,
        names: Sequence[str],
        first_step: int | None = None,
        last_step: int | None = None,
        width: int | None = None,
    ) -> list[SeriesSlice]:
        known = self._points(run)
        return [
            _slice(name, known[name].within(first_step, last_step), width)
            for name in names
            if name in known
        ]

    async def append_log(
        self,
        run: str,
        lines: Sequence[tuple[int, str, str]],
        writer: str = "",
        seqs: Sequence[int] = (),
    ) -> Logged:
        known = self._lines.setdefault(run, [])
        new = list(lines)
        if writer and seqs:
            last = self._last_line.get((run, writer), 0)
            new = [line for line, seq in zip(lines, seqs, strict=True) if seq > last]
            self._last_line[run, writer] = max(last, seqs[-1])
        known += [LogLine(len(known) + i, *line) for i, line in enumerate(new, start=1)]
        return Logged(len(known), len(new))

    async def read_log(
        self,
        run: str,
        after: int = 0,
        limit: int = 1000,
        text: str = "",
        between_ms: tuple[int, int] | None = None,
    ) -> list[LogLine]:
        first_ms, last_ms = between_ms or (-(2**63), 2**63)
        found = [
            line
            for line in self._lines.get(run, [])
            if line.seq > after
            and text.casefold() in line.message.casefold()
            and first_ms <= line.wall_ms <= last_ms
        ]
        return found[-limit:] if after < 0 else found[:limit]

    async def finish(self, run: str) -> None:
        self._packed[run] = await self.cursor(run)

    async def thin(self, run: str) -> int:
        await self.finish(run)
        return 0

    async def delete(self, run: str) -> None:
        for each in (self._frames, self._packed, self._lines):
            _ = each.pop(run, None)
        for last in (self._last_seq, self._last_line):
            for key in [key for key in last if key[0] == run]:
                del last[key]

    async def totals(self) -> dict[str, int]:
        known = {run: self._points(run) for run in self._frames}
        return {
            "n_points": sum(len(points) for named in known.values() for points in named.values()),
            "n_series": sum(len(named) for named in known.values()),
            "n_runs": len(known),
            "size_bytes": sum(len(f) for frames in self._frames.values() for _, f in frames),
        }

    def _points(self, run: str) -> dict[str, Points]:
        blocks: list[Block] = []
        for _, frame in self._frames.get(run, []):
            blocks += decode_batch(frame).blocks
        return by_name(blocks)


def _info(name: str, points: Points) -> SeriesInfo:
    finite = points.value[np.isfinite(points.value)]
    return SeriesInfo(
        name=name,
        n_points=len(points),
        last_step=int(points.step[-1]),
        last_wall_ms=int(points.wall_ms[-1]),
        last_value=float(points.value[-1]),
        lowest=float(finite.min()) if len(finite) else None,
        mean=float(finite.mean()) if len(finite) else None,
        highest=float(finite.max()) if len(finite) else None,
    )


def _slice(name: str, points: Points, width: int | None) -> SeriesSlice:
    is_exact = width is None or len(points) <= 2 * width
    if width is not None and not is_exact:
        points = points.at(m4(points.step, points.value, width))
    return SeriesSlice(name, points.step, points.value, points.wall_ms, is_exact)


class MemoryKeys:
    """`KeyValue` in a dict."""

    def __init__(self) -> None:
        self._values: Final[dict[str, tuple[bytes, float]]] = {}

    async def get(self, key: str) -> bytes | None:
        value, end = self._values.get(key, (b"", 0.0))
        return value if end > monotonic() else None

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        self._values[key] = (value, monotonic() + ttl_s)

    async def add(self, key: str, value: bytes, ttl_s: float) -> bool:
        if await self.get(key) is not None:
            return False
        await self.put(key, value, ttl_s)
        return True

    async def take(self, key: str) -> bytes | None:
        value = await self.get(key)
        await self.delete(key)
        return value

    async def delete(self, key: str) -> None:
        _ = self._values.pop(key, None)


class MemoryBlobs:
    """`Blobs` in a dict; `path` writes the bytes to a temporary file, as a remote store would."""

    def __init__(self) -> None:
        self._blobs: Final[dict[str, bytes]] = {}
        self._folder: Final = tempfile.TemporaryDirectory()

    def close(self) -> None:
        self._folder.cleanup()

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int) -> BlobInfo:
        data = b""
        async for chunk in chunks:
            data += chunk
            if len(data) > limit_bytes:
                raise TooLarge(f"the file exceeds the limit of {limit_bytes} bytes")
        sha256 = hashlib.sha256(data).hexdigest()
        self._blobs[sha256] = data
        return BlobInfo(sha256, len(data))

    async def head(self, sha256: str) -> BlobInfo | None:
        data = self._blobs.get(sha256)
        return None if data is None else BlobInfo(sha256, len(data))

    async def path(self, sha256: str) -> Path:
        if sha256 not in self._blobs:
            raise NotFound(f"the bytes {sha256[:12]} are not in the store", code="blob_not_found")
        path = Path(self._folder.name) / sha256
        _ = path.write_bytes(self._blobs[sha256])
        return path

    async def here(self, sha256: str) -> Path | None:
        return await self.path(sha256) if sha256 in self._blobs else None

    async def read(self, sha256: str, first: int, end: int) -> AsyncIterator[bytes]:
        yield (await self.path(sha256)).read_bytes()[first:end]

    async def take(self, file: Path, blob: BlobInfo) -> None:
        self._blobs[blob.sha256] = await asyncio.to_thread(file.read_bytes)

    async def show(self, sha256: str, place: Path) -> None:
        """Show nothing: there is no folder."""

    async def delete(self, sha256: str) -> None:
        _ = self._blobs.pop(sha256, None)
