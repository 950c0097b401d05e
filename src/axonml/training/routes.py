"""HTTP of training: /api/training/*."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from litestar import Request, Response, get, patch, post, websocket
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from litestar.response import Stream as Streamed

from axonml.columns import MEDIA_TYPE, decode_batch
from axonml.errors import Invalid
from axonml.http.caller import READ, RUNS_WRITE, UNMETERED, caller_of
from axonml.http.decode import read_body
from axonml.http.limits import Budgets
from axonml.http.openapi import described
from axonml.http.own_run import FOR_JOBS
from axonml.ids import RunId
from axonml.training.export import as_file, csv_of_points
from axonml.training.heartbeats import Heartbeats
from axonml.training.history import History, answer_of, frame_of
from axonml.training.ingest import Ingest, batch_of_json
from axonml.training.launches import Launches
from axonml.training.logs import Logs
from axonml.training.parquet import MEDIA_TYPE as PARQUET
from axonml.training.parquet import parquet_of_points
from axonml.training.runs import Runs
from axonml.training.stream import Stream
from axonml.training.types import (
    FinishRun,
    LogAppended,
    LogPage,
    MetricRows,
    MetricsAccepted,
    NewLog,
    NewMetrics,
    NewRun,
    Run,
    RunChange,
    SeriesAnswer,
    SeriesList,
    SeriesQuery,
)

Call = Request[Any, Any, Any]
_RUN: Final = "/api/training/runs/{run_id:str}"
_FLUSH_WATCHED_MS: Final = 250
# Not longer: who opens a run's page waits this long until its script hears of it.
_FLUSH_UNWATCHED_MS: Final = 2000

_ROWS: Final = described(
    answers={
        "application/json": MetricRows | SeriesAnswer,
        "text/csv": str,
        MEDIA_TYPE: bytes,
        PARQUET: bytes,
    },
    problems=(503,),
)
_COLUMNS: Final = described(answers={"application/json": SeriesAnswer, MEDIA_TYPE: bytes})
# Limited in bytes and by the writer's queue: no script is refused for being quick.
_INGEST: Final = {
    **RUNS_WRITE,
    **described(body={"application/json": NewMetrics, MEDIA_TYPE: bytes}),
    **UNMETERED,
}


class TrainingRoutes:
    """Runs, their metrics, logs and streams."""

    def __init__(  # one argument for each part of the slice
        self,
        runs: Runs,
        launches: Launches,
        heartbeats: Heartbeats,
        ingest: Ingest,
        history: History,
        logs: Logs,
        stream: Stream,
        budgets: Budgets,
    ) -> None:
        self._runs: Final = runs
        self._launches: Final = launches
        self._heartbeats: Final = heartbeats
        self._ingest: Final = ingest
        self._history: Final = history
        self._logs: Final = logs
        self._stream: Final = stream
        self._budgets: Final = budgets

    async def create_run(self, request: Call, data: NewRun) -> Run:
        """Create a run that its script reports on, or launch a training (see `launch`)."""
        return await self._launches.create(caller_of(request), data)

    async def get_run(self, request: Call, run_id: str) -> Run:
        """Return a run with the last value of each metric."""
        return await self._runs.get(caller_of(request), run_id)

    async def change_run(self, request: Call, run_id: str, data: RunChange) -> Run:
        """Change name, project, notes, tags, group, visibility or config."""
        return await self._runs.change(caller_of(request), run_id, data)

    async def stop_run(self, request: Call, run_id: str) -> Run:
        """Ask the run's script to stop; a second call ends the run without its answer."""
        return await self._runs.stop(caller_of(request), run_id)

    async def finish_run(self, request: Call, run_id: str, data: FinishRun) -> Run:
        """End a run as its script says."""
        return await self._runs.finish(caller_of(request), run_id, data)

    async def append_metrics(self, request: Call, run_id: str) -> MetricsAccepted:
        """Store a batch: packed columns, or the JSON `{"metrics": [{"step": 1, ...}]}`."""
        caller = caller_of(request)
        run = await self._runs.writable(caller, run_id)
        body = await read_body(request, self._budgets.sizes.metrics_bytes)
        if request.headers.get("content-type", "").startswith(MEDIA_TYPE):
            batch, frame = decode_batch(body), body
        else:
            batch, frame = batch_of_json(body), None
        self._budgets.charge_ingest(caller.user_id, batch.n_points, len(body))
        appended = await self._ingest.append(run.id, batch, frame)
        await self._heartbeats.heard(run)
        watched = self._ingest.is_watched(run.id)
        return MetricsAccepted(
            accepted=batch.n_points if appended.is_new else 0,
            last_seq=appended.last_seq,
            flush_after_ms=_FLUSH_WATCHED_MS if watched else _FLUSH_UNWATCHED_MS,
            stop_requested=run.stop_requested or run.status.is_final,
        )

    async def get_metrics(  # noqa: PLR0913, PLR0917 - one argument for each query parameter
        self,
        request: Call,
        run_id: str,
        names: str = "",
        first: Annotated[int | None, Parameter(query="from", ge=-(2**53), le=2**53)] = None,
        last: Annotated[int | None, Parameter(query="to", ge=-(2**53), le=2**53)] = None,
        x: Literal["step", "wall"] = "step",
        width: Annotated[int | None, Parameter(ge=1, le=16384)] = None,
        limit: Annotated[int, Parameter(ge=1, le=10_000)] = 1000,
        cursor: Annotated[int | None, Parameter(query="cursor", ge=-(2**53), le=2**53)] = None,
    ) -> Response[Any]:
        """Return history: rows; with `width` columns for a plot; packed columns by `Accept`.

        As CSV or Parquet it is the whole of what was asked for, in one file. `from` and `to` are
        steps; with `x=wall`, which always answers columns, milliseconds since 1970.
        """
        run = await self._runs.readable(caller_of(request), run_id)
        wanted = [name for name in names.split(",") if name]
        accepts = request.headers.get("accept", "")
        is_file = PARQUET in accepts or "text/csv" in accepts
        if x == "wall" and is_file:
            raise Invalid("a file of points is cut by steps; leave out `x=wall`")
        if width is not None or MEDIA_TYPE in accepts or x == "wall":
            query = _window(run.id, wanted, (first, last), x, width)
            return await self._columns(query, packed=MEDIA_TYPE in accepts)
        if PARQUET in accepts:
            file = await parquet_of_points(self._history.series, run.id, wanted, first, last)
            return Streamed(file, media_type=PARQUET, headers=as_file(f"{run.id}.parquet"))
        if "text/csv" in accepts:
            lines = csv_of_points(self._history, run.id, wanted, first, last)
            kind = "text/csv"
            return Streamed(lines, media_type=kind, headers=as_file(f"{run.id}.csv"))
        start = first if cursor is None else cursor
        rows = await self._history.rows(run.id, wanted, start, last, limit)
        return Response(rows)

    async def query_metrics(
        self, request: Call, data: SeriesQuery
    ) -> Response[SeriesAnswer | bytes]:
        """Return series of many runs at once, as JSON columns or packed, by `Accept`."""
        for run_id in data.runs:
            _ = await self._runs.readable(caller_of(request), run_id)
        return await self._columns(data, packed=MEDIA_TYPE in request.headers.get("accept", ""))

    async def _columns(self, query: SeriesQuery, *, packed: bool) -> Response[Any]:
        found, cursors = await self._history.query(query)
        if packed:
            return Response(frame_of(found, cursors), media_type=MEDIA_TYPE, status_code=200)
        return Response(answer_of(found, cursors), status_code=200)

    async def list_series(self, request: Call, run_id: str) -> SeriesList:
        """Return the summary of each series of a run."""
        run = await self._runs.readable(caller_of(request), run_id)
        return SeriesList(await self._history.summaries(run.id))

    async def append_log(self, request: Call, run_id: str, data: NewLog) -> LogAppended:
        """Append lines to the run's log; answers the seq of the last."""
        caller = caller_of(request)
        run = await self._runs.writable(caller, run_id)
        n_characters = sum(len(line.message) for line in data.lines) + len(data.message or "")
        self._budgets.charge_ingest(caller.user_id, 0, n_characters)
        last_seq = await self._logs.append(run.id, data)
        await self._heartbeats.heard(run)
        return LogAppended(last_seq)

    async def get_logs(  # one argument for each query parameter
        self,
        request: Call,
        run_id: str,
        after: Annotated[int, Parameter(ge=-1, le=2**53)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=10_000)] = 1000,
        q: Annotated[str, Parameter(max_length=256)] = "",
        first: Annotated[datetime | None, Parameter(query="from")] = None,
        last: Annotated[datetime | None, Parameter(query="to")] = None,
    ) -> LogPage:
        """Return log lines after seq `after` (-1: the last ones) that contain `q`.

        `from` and `to` are the closed window of their times.
        """
        run = await self._runs.readable(caller_of(request), run_id)
        return await self._logs.page(run.id, after, limit, q, first, last)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        return [
            post("/api/training/runs", opt={**RUNS_WRITE, **FOR_JOBS}, **kind)(self.create_run),
            get(_RUN, opt=READ, **kind)(self.get_run),
            patch(_RUN, opt=RUNS_WRITE, **kind)(self.change_run),
            post(f"{_RUN}/stop", opt=RUNS_WRITE, status_code=200, **kind)(self.stop_run),
            post(f"{_RUN}/finish", opt=RUNS_WRITE, status_code=200, **kind)(self.finish_run),
            get(f"{_RUN}/metrics", opt={**READ, **_ROWS}, **kind)(self.get_metrics),
            post(f"{_RUN}/metrics", opt=_INGEST, status_code=202, **kind)(self.append_metrics),
            get(f"{_RUN}/series", opt=READ, **kind)(self.list_series),
            post(f"{_RUN}/log", opt={**RUNS_WRITE, **UNMETERED}, **kind)(self.append_log),
            get(f"{_RUN}/logs", opt=READ, **kind)(self.get_logs),
            post("/api/training/metrics/query", opt={**READ, **_COLUMNS}, status_code=200, **kind)(
                self.query_metrics
            ),
            websocket(f"{_RUN}/stream", opt={**READ, **described(name="streamRun")})(
                self._stream.one
            ),
            websocket("/api/training/stream", opt={**READ, **described(name="streamRuns")})(
                self._stream.many
            ),
        ]


def _window(
    run: RunId,
    names: list[str],
    ends: tuple[int | None, int | None],
    x: Literal["step", "wall"],
    width: int | None,
) -> SeriesQuery:
    first, last = ends
    if x == "wall":
        return SeriesQuery(
            runs=[run], names=names, first_wall_ms=first, last_wall_ms=last, x=x, width=width
        )
    return SeriesQuery(runs=[run], names=names, first_step=first, last_step=last, width=width)
