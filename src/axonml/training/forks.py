"""A run goes on: resumed as the same run, or forked as a new one from one of its steps."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from litestar import Request, post
from litestar.handlers import BaseRouteHandler

from axonml.clock import now
from axonml.columns import Block, MetricBatch, encode_batch
from axonml.errors import Conflict, Forbidden
from axonml.http.caller import RUNS_WRITE, Caller, Role, caller_of
from axonml.http.own_run import NOT_FOR_JOBS
from axonml.ids import RunId, new_id
from axonml.live import Live
from axonml.storage.protocols import Series, SeriesInfo, SeriesSlice
from axonml.training.media import Media
from axonml.training.messages import status_message, status_topic
from axonml.training.runs import Runs
from axonml.training.store import RunStore
from axonml.training.types import ForkRun, Resumed, ResumeRun, Run, RunStatus

Call = Request[Any, Any, Any]
_WRITER: Final = "fork"
_BATCH_POINTS: Final = 100_000


class Forks:
    """Begins further attempts of runs, and new runs with the history of others.

    A fork has copies of the parent's points and refers to the same bytes of its images and files,
    so that it outlives the parent.
    """

    def __init__(
        self, runs: Runs, store: RunStore, series: Series, live: Live, media: Media
    ) -> None:
        self._media: Final = media
        self._runs: Final = runs
        self._store: Final = store
        self._series: Final = series
        self._live: Final = live

    async def resume(self, caller: Caller, run_id: str, asked: ResumeRun) -> Resumed:
        """Set the run running again as a further attempt; return it and its highest step."""
        _ = await self._runs.writable(caller, run_id)

        def resumed(run: Run) -> Run:
            if asked.key and run.attempt_key == asked.key:
                return run
            if run.launch is not None and run.status.is_final:
                raise Conflict(
                    "this server has launched the run: Resume on its page starts it again",
                    code="run_launched",
                )
            return msgspec.structs.replace(
                run,
                status=RunStatus.RUNNING,
                reason="",
                stop_requested=False,
                completed_at=None,
                attempt=run.attempt + 1,
                attempt_key=asked.key,
                updated_at=now(),
            )

        run = await self._store.runs.update(run_id, resumed)
        self._live.publish(status_topic(run.id), 0, lambda: status_message(run))
        known = await self._series.info([run.id])
        steps = [info.last_step for info in known.get(run.id, ())]
        return Resumed(await self._runs.get(caller, run.id), max(steps, default=None))

    async def fork(self, caller: Caller, run_id: str, asked: ForkRun) -> Run:
        """Make a run with the parent's configuration, and its points and media up to the step.

        Raises:
            Conflict: `id` is taken by another run.
        """
        parent = await self._runs.readable(caller, run_id)
        if caller.role is Role.VIEWER:
            raise Forbidden("a viewer cannot create runs; ask an admin for the role member")
        child = _child(parent, caller, asked)
        try:
            await self._store.runs.insert(child)
        except Conflict:
            known = await self._store.runs.get(child.id)
            if known is None or known.user_id != caller.user_id or known.parent_id != parent.id:
                raise
        # Also after a repeat: the first try may have ended in between.
        await self._copy(parent.id, child.id, asked.step)
        await self._media.share(parent.id, child.id, asked.step)
        return await self._runs.get(caller, child.id)

    async def _copy(self, parent: RunId, child: RunId, step: int) -> None:
        known = await self._series.info([parent])
        seq = 0
        for names in _groups(known.get(parent, [])):
            slices = await self._series.read(parent, names, None, step)
            for blocks in _cut(slices):
                seq += 1
                batch = MetricBatch(_WRITER, seq, seq, tuple(blocks))
                _ = await self._series.append(child, batch, encode_batch(batch))


def _child(parent: Run, caller: Caller, asked: ForkRun) -> Run:
    at = now()
    return Run(
        id=RunId(asked.id or new_id()),
        user_id=caller.user_id,
        project=parent.project,
        name=asked.name or f"{parent.name} (fork)"[-256:],
        model_type=parent.model_type,
        status=RunStatus.RUNNING,
        config=parent.config,
        tags=parent.tags,
        notes=parent.notes,
        group=parent.group,
        visibility=parent.visibility,
        definitions=parent.definitions,
        parent_id=parent.id,
        fork_step=asked.step,
        created_at=at,
        updated_at=at,
        started_at=at,
    )


def _groups(series: Sequence[SeriesInfo]) -> Iterator[list[str]]:
    """Return the names in groups that are read at once: about as many points as a batch holds."""
    group: list[str] = []
    n_points = 0
    for info in series:
        if group and n_points + info.n_points > _BATCH_POINTS:
            yield group
            group, n_points = [], 0
        group.append(info.name)
        n_points += info.n_points
    if group:
        yield group


def _cut(slices: Sequence[SeriesSlice]) -> Iterator[list[Block]]:
    """Return the points as blocks of batches, none of which is larger than one may be."""
    group: list[Block] = []
    n_points = 0
    for each in slices:
        for start in range(0, len(each.step), _BATCH_POINTS):
            rows = slice(start, start + _BATCH_POINTS)
            block = Block(
                (each.name,), each.step[rows], each.wall_ms[rows], each.value[np.newaxis, rows]
            )
            if group and n_points + block.n_points > _BATCH_POINTS:
                yield group
                group, n_points = [], 0
            group.append(block)
            n_points += block.n_points
    if group:
        yield group


class ForkRoutes:
    """HTTP of runs that go on."""

    def __init__(self, forks: Forks) -> None:
        self._forks: Final = forks

    async def resume_run(self, request: Call, run_id: str, data: ResumeRun) -> Resumed:
        """Set a run running again, as a further attempt; its script goes on after `last_step`."""
        return await self._forks.resume(caller_of(request), run_id, data)

    async def fork_run(self, request: Call, run_id: str, data: ForkRun) -> Run:
        """Make a run with the configuration of another, and its points and media up to a step."""
        return await self._forks.fork(caller_of(request), run_id, data)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        run = "/api/training/runs/{run_id:str}"
        fork = {**RUNS_WRITE, **NOT_FOR_JOBS}
        return [
            post(f"{run}/resume", opt=RUNS_WRITE, status_code=200, **kind)(self.resume_run),
            post(f"{run}/fork", opt=fork, **kind)(self.fork_run),
        ]
