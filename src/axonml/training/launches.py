"""Trainings that this server starts: queued, started, watched, their ends recorded.

A launched run goes queued, starting, running, stopping, and ends completed, failed, stopped or
lost. Its job outlives the server; the next one takes it up where it stands.
"""

import asyncio
from typing import Final, Protocol

import msgspec
import structlog

from axonml.clock import monotonic, now
from axonml.errors import AxonError, Conflict, StorageFull
from axonml.http.caller import Caller
from axonml.ids import RunId, UserId
from axonml.training.jobs import JobState, Launcher
from axonml.training.launch_ends import absence, ending
from axonml.training.launch_log import LaunchLog
from axonml.training.launchable import Launchable
from axonml.training.logs import Logs
from axonml.training.rerun import Rerun, again
from axonml.training.runs import Runs
from axonml.training.store import RunStore
from axonml.training.types import EntrypointLaunch, NewRun, Run, RunStatus

_LOOK_EVERY_S: Final = 0.5
# A runner needs a moment until it holds its lock; one that is not there by then never will be.
_ABSENT_S: Final = 10.0
_GOING: Final = (RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING, RunStatus.STOPPING)
_log: Final = structlog.stdlib.get_logger("axonml.training")


class Tokens(Protocol):
    """Gives the scripts of launched runs a token, each for its own run."""

    async def issue(self, user: UserId, run: RunId) -> str:
        """Return a token in the user's name; raises `Conflict` where it has too many."""
        ...

    async def revoke(self, run: RunId) -> None:
        """End the run's token at once; a repeat changes nothing."""
        ...

    async def runs(self) -> set[RunId]:
        """Return the runs that have a token."""
        ...


class _Watched:
    """A launched run that has not ended: its log's reader, and since when its runner is absent."""

    def __init__(self, log: LaunchLog) -> None:
        self.log: Final = log
        self.absent_since: float | None = None


class Launches:
    """Owns the life of launched runs."""

    def __init__(  # one argument for each dependency
        self,
        runs: Runs,
        store: RunStore,
        logs: Logs,
        launcher: Launcher,
        launchable: Launchable,
        max_parallel: int,
        tokens: Tokens,
    ) -> None:
        self._runs: Final = runs
        self._store: Final = store
        self._logs: Final = logs
        self._launcher: Final = launcher
        self._launchable: Final = launchable
        self._max_parallel: Final = max_parallel
        self._tokens: Final = tokens
        self._watched: Final[dict[RunId, _Watched]] = {}
        self._news: Final = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ the server's life
    async def open(self) -> None:
        """Take up the runs that an earlier server has started, and begin to watch."""
        for run in await self._store.of_status(*_GOING, and_deleted=True):
            if run.launch is not None:
                self._watch(run.id)
        # Also what goes on of a run that has ended: its owner did not wait, and that server died.
        for going in await asyncio.to_thread(self._launcher.going):
            self._watch(going)
        # An earlier server may have ended between the end of a run and that of its token.
        for ended in await self._tokens.runs() - self._watched.keys():
            await self._tokens.revoke(ended)
        self._task = asyncio.create_task(self._look(), name="launches")

    async def close(self) -> None:
        """End the watch; the jobs go on."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)

    # ------------------------------------------------------------------ what callers ask for
    async def create(self, caller: Caller, new: NewRun) -> Run:
        """Store a run, and start a training for it where it asks for one.

        Raises:
            Invalid: `fields` names what cannot be launched.
        """
        wanted = self._launchable.checked(new)
        launch = wanted.launch or None
        run = await self._runs.create(caller, wanted, launch)
        if launch is not None and run.status is RunStatus.QUEUED:
            self._watch(run.id)
            self._news.set()
        return run

    async def relaunch(self, caller: Caller, run_id: str) -> Run:
        """Start a run's training again as its next attempt; it finds its checkpoints.

        Raises:
            Conflict: nothing was launched for the run, or it has not ended.
        """
        _ = await self._runs.writable(caller, run_id)

        def queued(run: Run) -> Run:
            if run.launch is None:
                raise Conflict("this run was not launched here; start its script again")
            if not run.status.is_final or run.id in self._watched:
                raise Conflict(f"the run has not ended: {run.status}", code="run_going")
            if isinstance(run.launch, EntrypointLaunch):
                _ = self._launchable.entrypoint(run.launch)
            return msgspec.structs.replace(
                run,
                status=RunStatus.QUEUED,
                reason="",
                stop_requested=False,
                started_at=None,
                completed_at=None,
                attempt=run.attempt + 1,
            )

        run = await self._runs.move(RunId(run_id), queued)
        self._watch(run.id)
        self._news.set()
        return await self._runs.get(caller, run.id)

    async def rerun(self, caller: Caller, run_id: str, changes: Rerun) -> Run:
        """Launch what a run was launched with once more, as a new run of the caller's.

        Raises:
            Conflict: nothing was launched for the run, or its command has gone.
            Invalid: `fields` names what cannot be changed so.
        """
        run = await self._runs.readable(caller, run_id)
        if run.launch is None:
            raise Conflict(
                "this run was not launched here; start its script again", code="not_launched"
            )
        if isinstance(run.launch, EntrypointLaunch):
            _ = self._launchable.entrypoint(run.launch)
        return await self.create(caller, again(run, run.launch, changes))

    async def forget(self, run: RunId) -> None:
        """End the run's job and delete what is kept of it; for the trash."""
        deadline = monotonic() + _ABSENT_S
        while await asyncio.to_thread(lambda: self._launcher.look(run).is_alive):
            self._launcher.stop(run, at_once=True)
            if monotonic() > deadline:
                _log.warning("a purged run's runner does not end", run=run)
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.to_thread(self._launcher.forget, run)

    # ------------------------------------------------------------------ the watch
    def _watch(self, run: RunId) -> None:
        log = LaunchLog(run, self._launcher, self._logs)
        self._watched.setdefault(run, _Watched(log))

    async def _look(self) -> None:
        while True:
            for run_id in sorted(self._watched):
                try:
                    await self._advance(run_id, self._watched[run_id])
                except (AxonError, OSError) as error:
                    # A full disk, for one: it is tried again, and the others go on.
                    _log.warning("could not look after a run", run=run_id, error=repr(error))
            self._news.clear()
            try:
                async with asyncio.timeout(_LOOK_EVERY_S if self._watched else None):
                    _ = await self._news.wait()
            except TimeoutError:
                continue

    async def _advance(self, run_id: RunId, watched: _Watched) -> None:
        run = await self._store.runs.get(run_id)
        if run is None:  # purged meanwhile
            self._launcher.stop(run_id, at_once=True)
            await self._tokens.revoke(run_id)
            del self._watched[run_id]
            return
        is_unwanted = run.stop_requested or run.deleted_at is not None
        if run.status is RunStatus.QUEUED or (
            run.status is RunStatus.STOPPING and run.started_at is None
        ):
            if is_unwanted:
                await self._end(run, RunStatus.STOPPED, "stopped before it began")
            elif await self._n_going(run_id) < self._max_parallel:
                await self._start(run)
            return
        state = await asyncio.to_thread(self._launcher.look, run_id)
        if state.is_alive:
            watched.absent_since = None
            await self._guide(run, is_unwanted=is_unwanted)
        await watched.log.ship(is_over=not state.is_alive)
        if not state.is_alive:
            await self._conclude(run, state, watched)

    async def _conclude(self, run: Run, state: JobState, watched: _Watched) -> None:
        """Record the end of a job whose runner is gone, or is not there yet."""
        if state.code is not None:
            await self._end(run, *ending(run, state))
        elif run.status is RunStatus.STARTING and not state.is_submitted:
            # The server ended here, or its disk was full: no training is lost by starting again.
            _ = await self._runs.move(run.id, _queued_again)
        elif watched.absent_since is None:
            watched.absent_since = monotonic()
        elif state.pid or state.problem or monotonic() - watched.absent_since > _ABSENT_S:
            await asyncio.to_thread(self._launcher.clean_up, run.id)
            await self._end(run, *absence(run, state))

    async def _n_going(self, but: RunId) -> int:
        going = [each for each in self._watched if each != but]
        runs = [await self._store.runs.get(each) for each in going]
        return sum(run is not None and run.started_at is not None for run in runs)

    async def _start(self, run: Run) -> None:
        def starting(run: Run) -> Run:
            if run.status is not RunStatus.QUEUED:
                return run
            return msgspec.structs.replace(run, status=RunStatus.STARTING, started_at=now())

        try:
            # Before: a server that ends here must not take an earlier attempt's end for this one's.
            await asyncio.to_thread(self._launcher.clear, run.id)
            run = await self._runs.move(run.id, starting)
            if run.status is not RunStatus.STARTING:
                return
            hidden = {"AXON_TOKEN": await self._tokens.issue(run.user_id, run.id)}
            job = await asyncio.to_thread(self._launchable.job, run)
            await asyncio.to_thread(self._launcher.submit, run.id, job, hidden)
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            reason = f"cannot start: {error.strerror or error}{where}"
            await self._end(run, RunStatus.FAILED, reason)
        except StorageFull:
            raise  # it is tried again, once there is room
        except AxonError as error:
            await self._end(run, RunStatus.FAILED, f"cannot start: {error.detail}")

    async def _guide(self, run: Run, *, is_unwanted: bool) -> None:
        """Tell the run's state by its job's, and the job what the run's owner wants."""
        if run.status.is_final:  # its owner has not waited for the job
            self._launcher.stop(run.id, at_once=True)
        elif is_unwanted:
            self._launcher.stop(run.id)
        elif run.status is RunStatus.STARTING:
            _ = await self._runs.move(
                run.id,
                lambda run: (
                    msgspec.structs.replace(run, status=RunStatus.RUNNING)
                    if run.status is RunStatus.STARTING
                    else run
                ),
            )

    async def _end(self, run: Run, status: RunStatus, reason: str) -> None:
        def ended(run: Run) -> Run:
            if run.status.is_final:
                return run
            return msgspec.structs.replace(run, status=status, reason=reason, completed_at=now())

        _ = await self._runs.move(run.id, ended)
        await self._tokens.revoke(run.id)
        del self._watched[run.id]


def _queued_again(run: Run) -> Run:
    if run.status is not RunStatus.STARTING:
        return run
    return msgspec.structs.replace(run, status=RunStatus.QUEUED, started_at=None)
