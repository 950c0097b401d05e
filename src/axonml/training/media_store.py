"""Every query about rich values and files of runs."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from axonml.clock import as_datetime
from axonml.ids import RunId, new_id
from axonml.storage.protocols import Documents, Statement
from axonml.training.media_types import (
    Histogram,
    MediaId,
    MediaItem,
    MediaKey,
    MediaKind,
    MediaMeta,
)

_COLUMNS: Final = "id, run, kind, key, step, wall_ms, sha256, size_bytes, content_type, meta"
_INSERT: Final = (
    f"INSERT INTO axonml_media ({_COLUMNS}, data, artifact, batch)"  # noqa: S608  # constants
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (run, kind, key, step, artifact, batch, sha256) DO NOTHING"
)
_decode_meta: Final = msgspec.json.Decoder(MediaMeta).decode
_decode_histogram: Final = msgspec.json.Decoder(Histogram).decode


class MediaStore:
    """The table `axonml_media`."""

    def __init__(self, documents: Documents) -> None:
        self._documents: Final = documents

    async def insert(self, item: MediaItem, data: str | None = None) -> MediaItem:
        """Store the item, or return the one that is there: a resend changes nothing."""
        await self._documents.write(
            Statement(
                _INSERT,
                (
                    item.id,
                    item.run,
                    item.kind.value,
                    item.key,
                    item.step,
                    int(item.timestamp.timestamp() * 1000),
                    item.sha256,
                    item.size_bytes,
                    item.content_type,
                    msgspec.json.encode(item.meta).decode(),
                    data,
                    item.meta.artifact,
                    item.meta.batch,
                ),
            )
        )
        rows = await self._select(
            "WHERE run = $1 AND kind = $2 AND key = $3 AND step = $4 AND artifact = $5"
            " AND batch = $6 AND sha256 = $7",
            item.run,
            item.kind.value,
            item.key,
            item.step,
            item.meta.artifact,
            item.meta.batch,
            item.sha256,
        )
        return rows[0]

    async def get(self, run: RunId, media_id: str) -> MediaItem | None:
        """Return one item of a run, or None where there is none."""
        rows = await self._select("WHERE id = $1 AND run = $2", media_id, run)
        return rows[0] if rows else None

    async def data(self, media_id: MediaId) -> str:
        """Return what an item keeps in its row; empty where its bytes are a blob."""
        rows = await self._documents.read(
            Statement("SELECT data FROM axonml_media WHERE id = $1", (media_id,))
        )
        return str(rows[0][0] or "") if rows else ""

    async def page(  # one argument for each condition
        self,
        run: RunId,
        kind: MediaKind,
        key: str,
        window: tuple[int, int],
        after: tuple[int, str] | None,
        limit: int,
    ) -> list[MediaItem]:
        """Return items of one name in the closed window of steps, after a step and id."""
        step, media_id = after or (window[0], "")
        return await self._select(
            "WHERE run = $1 AND kind = $2 AND key = $3 AND (step > $4 OR (step = $4 AND id > $5))"
            " AND step <= $6 ORDER BY step, id LIMIT $7",
            run,
            kind.value,
            key,
            step,
            media_id,
            window[1],
            limit,
        )

    async def keys(self, run: RunId, after: tuple[str, str], limit: int) -> list[MediaKey]:
        """Return the names of rich values after a (kind, name), with their steps."""
        rows = await self._documents.scan(
            Statement(
                "SELECT kind, key, count(*), count(DISTINCT step), min(step), max(step)"
                " FROM axonml_media WHERE run = $1 AND kind <> 'file'"
                " AND (kind > $2 OR (kind = $2 AND key > $3))"
                " GROUP BY kind, key ORDER BY kind, key LIMIT $4",
                (run, *after, limit),
            )
        )
        return [MediaKey(MediaKind(kind), *rest) for kind, *rest in rows]

    async def histograms(
        self, run: RunId, key: str, window: tuple[int, int], limit: int
    ) -> tuple[int, list[tuple[int, Histogram]]]:
        """Return how many steps the window has and at most `limit` of them, evenly, by step."""
        rows = await self._documents.scan(
            Statement(
                "WITH numbered AS (SELECT step, data,"
                " row_number() OVER (ORDER BY step, id) - 1 AS place, count(*) OVER () AS total"
                " FROM axonml_media WHERE run = $1 AND kind = 'histogram' AND key = $2"
                " AND step >= $3 AND step <= $4)"
                " SELECT step, data, total FROM numbered"
                " WHERE place % ((total + $5 - 1) / $5) = 0 OR place = total - 1 ORDER BY place",
                (run, key, *window, max(limit - 1, 1)),
            )
        )
        found = [(int(step), _decode_histogram(data)) for step, data, _ in rows]
        return (int(rows[0][2]) if rows else 0), found

    async def files(self, run: RunId, *, of_artifacts: bool) -> list[MediaItem]:
        """Return the files of a run, oldest first: those of its artifacts, or all others."""
        sign = "<>" if of_artifacts else "="
        return await self._select(
            f"WHERE run = $1 AND kind = 'file' AND artifact {sign} '' ORDER BY id", run
        )

    async def share(self, run: RunId, other: RunId, step: int, after: str, limit: int) -> str:
        """Give another run up to `limit` of a run's items up to a step, in the order of their ids.

        `after` is the id of the last one given before, and so is what is returned, or nothing.
        """
        rows = await self._documents.scan(
            Statement(
                f"SELECT {_COLUMNS}, data, artifact, batch FROM axonml_media"  # noqa: S608  # constants
                " WHERE run = $1 AND step <= $2 AND id > $3 ORDER BY id LIMIT $4",
                (run, step, after, limit),
            )
        )
        if not rows:
            return ""
        # New ids rise as the old ones do: the newest file of a path stays the newest.
        given = [Statement(_INSERT, (new_id(), other, *row[2:])) for row in rows]
        _ = await self._documents.write(*given)
        return str(rows[-1][0])

    async def totals(self, run: RunId) -> tuple[int, int]:
        """Return the number of a run's items and of their bytes."""
        rows = await self._documents.scan(
            Statement(
                "SELECT count(*), coalesce(sum(size_bytes), 0) FROM axonml_media WHERE run = $1",
                (run,),
            )
        )
        return int(rows[0][0]), int(rows[0][1])

    async def delete_run(self, run: RunId) -> list[str]:
        """Delete a run's rows and return the hashes that they had."""
        (rows,) = await self._documents.write(
            Statement("DELETE FROM axonml_media WHERE run = $1 RETURNING sha256", (run,))
        )
        return sorted({str(sha256) for (sha256,) in rows})

    async def is_used(self, sha256: str) -> bool:
        """Tell whether an item or a model's version has these bytes."""
        rows = await self._documents.read(
            Statement(
                "SELECT 1 FROM axonml_media WHERE sha256 = $1"
                " UNION ALL SELECT 1 FROM axonml_model_versions WHERE sha256 = $1 LIMIT 1",
                (sha256,),
            )
        )
        return bool(rows)

    async def _select(self, tail: str, *parameters: str | int) -> list[MediaItem]:
        rows = await self._documents.scan(
            Statement(f"SELECT {_COLUMNS} FROM axonml_media {tail}", parameters)  # noqa: S608  # constants
        )
        return [_item(row) for row in rows]


def _item(row: Sequence[Any]) -> MediaItem:
    media_id, run, kind, key, step, wall_ms, sha256, size_bytes, content_type, meta = row
    return MediaItem(
        id=MediaId(media_id),
        run=RunId(run),
        kind=MediaKind(kind),
        key=key,
        step=step,
        timestamp=as_datetime(wall_ms),
        sha256=sha256,
        size_bytes=size_bytes,
        content_type=content_type,
        meta=_decode_meta(meta),
    )
