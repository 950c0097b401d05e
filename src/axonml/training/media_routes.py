"""HTTP of rich values, files and artifacts: /api/training/runs/:id/{media,files,artifacts}."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from litestar.response import Stream as Streamed
from litestar.types import ASGIApp
from starlette.responses import FileResponse

from axonml.errors import Invalid
from axonml.http.caller import READ, RUNS_WRITE, UNMETERED, caller_of
from axonml.http.limits import Budgets
from axonml.http.openapi import described
from axonml.http.paging import decode_cursor, encode_cursor
from axonml.storage.protocols import Blobs
from axonml.training.export import as_file
from axonml.training.heartbeats import Heartbeats
from axonml.training.media import Media, NewMedia
from axonml.training.media_content import INLINE, OCTETS
from axonml.training.media_store import MediaStore
from axonml.training.media_types import (
    MAX_KEY,
    ArtifactList,
    HistogramAnswer,
    LoggedTable,
    MediaItem,
    MediaKeys,
    MediaKind,
    MediaMeta,
    MediaPage,
    RunFiles,
)
from axonml.training.media_zip import zipped
from axonml.training.runs import Runs

Call = Request[Any, Any, Any]
Step = Annotated[int, Parameter(ge=-(2**53), le=2**53)]
Name = Annotated[str, Parameter(max_length=MAX_KEY)]
_FIRST: Final = -(2**53)
_LAST: Final = 2**53
_RUN: Final = "/api/training/runs/{run_id:str}"
_MAX_WALL_MS: Final = 253_402_300_799_999
_UPLOAD: Final = {
    **RUNS_WRITE,
    **UNMETERED,
    **described(body={OCTETS: bytes}, answers={"application/json": MediaItem}),
}
_CONTENT: Final = {
    **READ,
    **UNMETERED,
    **described(
        answers={
            "application/json": LoggedTable,
            "text/plain": str,
            **dict.fromkeys((OCTETS, *sorted(INLINE)), bytes),
        }
    ),
}
_ZIP: Final = {**READ, **described(answers={"application/zip": bytes})}
# Even where somebody opens the address itself, nothing in the bytes may run or load.
_SAFE: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "x-content-type-options": "nosniff",
    # Asked for again each time, answered by the ETag alone: rights may have ended meanwhile.
    "cache-control": "private, no-cache",
}
_decode_meta: Final = msgspec.json.Decoder(MediaMeta).decode


class MediaRoutes:
    """What a run logged beside numbers."""

    def __init__(
        self,
        runs: Runs,
        media: Media,
        store: MediaStore,
        blobs: Blobs,
        heartbeats: Heartbeats,
        budgets: Budgets,
    ) -> None:
        self._runs: Final = runs
        self._media: Final = media
        self._store: Final = store
        self._blobs: Final = blobs
        self._heartbeats: Final = heartbeats
        self._budgets: Final = budgets

    async def add_media(  # one argument for each query parameter
        self,
        request: Call,
        run_id: str,
        kind: MediaKind,
        key: Name,
        step: Step = 0,
        wall_ms: Annotated[int | None, Parameter(ge=0, le=_MAX_WALL_MS)] = None,
        meta: Annotated[str, Parameter(max_length=4096)] = "{}",
        sha256: Annotated[str | None, Parameter(pattern="^[0-9a-f]{64}$")] = None,
    ) -> MediaItem:
        """Store one value or file; the body is its bytes, `meta` what is known of it, as JSON.

        The same bytes under the same name and step are stored once, however often they come.
        """
        caller = caller_of(request)
        run = await self._runs.writable(caller, run_id)
        self._budgets.check_bytes(caller.user_id)
        new = NewMedia(
            kind=kind,
            key=key,
            step=step,
            wall_ms=wall_ms,
            meta=_meta_of(meta),
            sha256=sha256,
        )
        item = await self._media.add(run.id, new, request.stream())
        self._budgets.owe_bytes(caller.user_id, item.size_bytes)
        await self._heartbeats.heard(run)
        return item

    async def list_media_keys(
        self,
        request: Call,
        run_id: str,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = 200,
        cursor: str | None = None,
    ) -> MediaKeys:
        """List the names of a run's rich values, with kind and steps."""
        run = await self._runs.readable(caller_of(request), run_id)
        after = decode_cursor(cursor) if cursor else ("", "")
        keys = await self._store.keys(run.id, after, limit + 1)
        shown, more = keys[:limit], len(keys) > limit
        return MediaKeys(shown, encode_cursor(shown[-1].kind, shown[-1].key) if more else None)

    async def list_media(  # one argument for each query parameter
        self,
        request: Call,
        run_id: str,
        kind: MediaKind,
        key: Name,
        first: Annotated[int, Parameter(query="from", ge=_FIRST, le=_LAST)] = _FIRST,
        last: Annotated[int, Parameter(query="to", ge=_FIRST, le=_LAST)] = _LAST,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = 200,
        cursor: str | None = None,
    ) -> MediaPage:
        """List the values of one name in a window of steps."""
        run = await self._runs.readable(caller_of(request), run_id)
        after = _after(cursor) if cursor else None
        items = await self._store.page(run.id, kind, key, (first, last), after, limit + 1)
        shown, more = items[:limit], len(items) > limit
        return MediaPage(shown, encode_cursor(str(shown[-1].step), shown[-1].id) if more else None)

    async def list_histograms(
        self,
        request: Call,
        run_id: str,
        key: Name,
        first: Annotated[int, Parameter(query="from", ge=_FIRST, le=_LAST)] = _FIRST,
        last: Annotated[int, Parameter(query="to", ge=_FIRST, le=_LAST)] = _LAST,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = 200,
    ) -> HistogramAnswer:
        """Return the histograms of one name over steps, evenly thinned to about `limit`."""
        run = await self._runs.readable(caller_of(request), run_id)
        return await self._media.histograms(run.id, key, (first, last), limit)

    async def get_media(self, request: Call, run_id: str, media_id: str) -> ASGIApp:
        """Return a value's bytes; takes `Range`, and `If-None-Match` with the SHA-256 as ETag.

        All but PNG, JPEG, GIF and WebP come as an attachment, in a sandbox.
        """
        run = await self._runs.readable(caller_of(request), run_id)
        item = await self._media.item(run.id, media_id)
        etag = f'"{item.sha256}"'
        headers = {"etag": etag, **_SAFE}
        if request.headers.get("if-none-match") == etag:
            return Response(None, status_code=304, headers=headers)  # pyright: ignore[reportReturnType]  # an ASGI app too
        is_inline = item.content_type in INLINE
        if item.kind is MediaKind.HISTOGRAM:
            body = await self._media.histogram_text(item.id)
            headers |= as_file("histogram.json")
            kind = "application/json"
            return Response(body.encode(), media_type=kind, headers=headers)  # pyright: ignore[reportReturnType]  # see above
        # Starlette's type of a scope differs from Litestar's by name only.
        return FileResponse(  # pyright: ignore[reportReturnType]  # see above
            await self._blobs.path(item.sha256),
            filename=_filename(item),
            media_type=item.content_type,
            content_disposition_type="inline" if is_inline else "attachment",
            headers=headers,
        )

    async def list_files(self, request: Call, run_id: str) -> RunFiles:
        """List the files that a run saved, the newest of each path."""
        run = await self._runs.readable(caller_of(request), run_id)
        return RunFiles(await self._media.files(run.id))

    async def list_artifacts(self, request: Call, run_id: str) -> ArtifactList:
        """List the artifacts of a run with their files."""
        run = await self._runs.readable(caller_of(request), run_id)
        return ArtifactList(await self._media.artifacts(run.id))

    async def download_artifact(
        self, request: Call, run_id: str, artifact: str, version: int
    ) -> Response[Any]:
        """Download one version of an artifact as a zip."""
        run = await self._runs.readable(caller_of(request), run_id)
        found = await self._media.artifact(run.id, artifact, version)
        newest = {file.key: file for file in found.files}
        files = [(path, await self._blobs.path(newest[path].sha256)) for path in sorted(newest)]
        name = f"{found.name}-v{found.version}.zip"
        return Streamed(zipped(files), media_type="application/zip", headers=as_file(name))

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        version = f"{_RUN}/artifacts/{{artifact:str}}/versions/{{version:int}}"
        return [
            post(f"{_RUN}/media", opt=_UPLOAD, request_max_body_size=None, **kind)(self.add_media),
            get(f"{_RUN}/media", opt=READ, **kind)(self.list_media),
            get(f"{_RUN}/media/keys", opt=READ, **kind)(self.list_media_keys),
            get(f"{_RUN}/media/histograms", opt=READ, **kind)(self.list_histograms),
            get(f"{_RUN}/media/{{media_id:str}}/content", opt=_CONTENT, **kind)(self.get_media),
            get(f"{_RUN}/files", opt=READ, **kind)(self.list_files),
            get(f"{_RUN}/artifacts", opt=READ, **kind)(self.list_artifacts),
            get(f"{version}/download", opt=_ZIP, **kind)(self.download_artifact),
        ]


def _meta_of(text: str) -> MediaMeta:
    try:
        return _decode_meta(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Invalid(f"`meta` is not valid: {error}") from None


def _after(cursor: str) -> tuple[int, str]:
    step, media_id = decode_cursor(cursor)
    try:
        return int(step), media_id
    except ValueError:
        raise Invalid("the cursor is of another list; start without it") from None


def _filename(item: MediaItem) -> str:
    name = item.key.rsplit("/", 1)[-1]
    match item.kind:
        case MediaKind.FILE:
            return name
        case MediaKind.IMAGE:
            return f"{name}-{item.step}.{item.content_type.rpartition('/')[2]}"
        case MediaKind.TABLE | MediaKind.HISTOGRAM:
            return f"{name}-{item.step}.json"
        case MediaKind.TEXT:
            return f"{name}-{item.step}.txt"
