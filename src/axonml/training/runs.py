"""Create, change, stop, finish: what may happen to a run, and when."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET

from axonml.auth.permissions import check_read, check_write
from axonml.clock import now
from axonml.errors import Conflict, Forbidden, Gone, StorageFull
from axonml.http.caller import Caller, Role
from axonml.http.own_run import check_own
from axonml.ids import RunId, new_id
from axonml.live import Live
from axonml.storage.protocols import Series
from axonml.training.messages import status_message, status_topic
from axonml.training.store import RunStore
from axonml.training.summary import summary_of
from axonml.training.types import FinishRun, Launch, NewRun, Run, RunChange, RunStatus

# A change of these adds to what is there: scripts tell what they have set, not what others did.
_ADDED: Final = ("summary", "definitions")


class Runs:
    """Owns the runs' states; every change of state is stored before anybody hears of it."""

    def __init__(self, store: RunStore, series: Series, live: Live) -> None:
        self._store: Final = store
        self._series: Final = series
        self._live: Final = live

    async def create(self, caller: Caller, new: NewRun, launch: Launch | None = None) -> Run:
        """Store a run that its own script reports on; a repeat with the same id returns it.

        With `launch` it is queued, for `Launches` to start.
        """
        if caller.role is Role.VIEWER:
            raise Forbidden("a viewer cannot create runs; ask an admin for the role member")
        check_own(caller, new.id)
        at = now()
        run = Run(
            id=RunId(new.id or new_id()),
            user_id=caller.user_id,
            project=new.project,
            name=new.name,
            model_type=new.model_type,
            status=RunStatus.QUEUED if launch else RunStatus.RUNNING,
            launch=launch,
            config=new.config,
            tags=new.tags,
            notes=new.notes,
            group=new.group,
            summary=new.summary,
            definitions=new.definitions,
            visibility=new.visibility,
            created_at=at,
            updated_at=at,
            started_at=None if launch else at,
        )
        try:
            await self._store.runs.insert(run)
        except Conflict:
            known = await self._store.runs.get(run.id)
            if known is None or known.user_id != caller.user_id:
                raise
            return await self._with_summary(await self.writable(caller, known.id))
        return run

    async def get(self, caller: Caller, run_id: str) -> Run:
        """Return the run with its summary; a run that the caller may not see is not found."""
        return await self._with_summary(await self.readable(caller, run_id))

    async def readable(self, caller: Caller, run_id: str) -> Run:
        """Return the run as stored, if the caller may read it; a deleted one is not found."""
        run = await self._store.runs.require(run_id)
        check_read(caller, run, "run")
        if run.deleted_at is not None:
            raise self._store.runs.missing(run_id)
        return run

    async def writable(self, caller: Caller, run_id: str) -> Run:
        """Return the run as stored, if the caller may write to it.

        Raises:
            Gone: it is in the trash. Its script keeps what it has, for the run may be restored.
        """
        run = await self._store.runs.require(run_id)
        check_write(caller, run, "run")
        if run.deleted_at is not None:
            raise Gone(
                f"the run {run.id} was deleted; restore it from the trash, or stop its script",
                code="run_deleted",
            )
        return run

    async def change(self, caller: Caller, run_id: str, change: RunChange) -> Run:
        """Replace the fields that `change` names; of `summary` and `definitions` the keys in it."""
        _ = await self.writable(caller, run_id)
        fields = {
            name: value
            for name in change.__struct_fields__
            if (value := getattr(change, name)) is not UNSET
        }

        def changed(run: Run) -> Run:
            added = {
                name: {**getattr(run, name), **fields[name]} for name in _ADDED if name in fields
            }
            return msgspec.structs.replace(run, **{**fields, **added}, updated_at=now())

        return await self._with_summary(await self._store.runs.update(run_id, changed))

    async def retag(
        self, caller: Caller, run_id: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]
    ) -> None:
        """Replace the run's tags by what `change` makes of them; the same object stays."""
        _ = await self.writable(caller, run_id)

        def retagged(run: Run) -> Run:
            tags = change(run.tags)
            if tags is run.tags:
                return run
            return msgspec.structs.replace(run, tags=tags, updated_at=now())

        _ = await self._store.runs.update(run_id, retagged)

    async def stop(self, caller: Caller, run_id: str) -> Run:
        """Ask the run's script to stop; asked a second time, do not wait for its answer."""
        _ = await self.writable(caller, run_id)

        def asked(run: Run) -> Run:
            if run.status.is_final:
                raise Conflict(f"the run has ended already: {run.status}", code="run_ended")
            if run.stop_requested:
                reason = "stopped by the user; the script had not answered"
                return _ended(run, RunStatus.STOPPED, reason, now())
            return msgspec.structs.replace(
                run, stop_requested=True, status=RunStatus.STOPPING, updated_at=now()
            )

        run = await self._store.runs.update(run_id, asked)
        self._tell(run)
        return await self._with_summary(run)

    async def finish(self, caller: Caller, run_id: str, end: FinishRun) -> Run:
        """End the run as its script says; the same end again is the same answer."""
        _ = await self.writable(caller, run_id)

        status = RunStatus(end.status)

        def ended(run: Run) -> Run:
            if run.status is status:
                return run
            if run.status.is_final and run.status is not RunStatus.LOST:
                raise Conflict(f"the run has ended already: {run.status}", code="run_ended")
            return _ended(run, status, end.reason, now())

        run = await self._store.runs.update(run_id, ended)
        self._tell(run)
        with suppress(StorageFull):  # the end is stored; the points are packed when there is room
            await self._series.finish(run.id)
        return await self._with_summary(run)

    async def move(self, run_id: RunId, change: Callable[[Run], Run]) -> Run:
        """Change the run's state as this server finds it, and tell who watches it."""

        def moved(run: Run) -> Run:
            after = change(run)
            return run if after is run else msgspec.structs.replace(after, updated_at=now())

        run = await self._store.runs.update(run_id, moved)
        self._tell(run)
        if run.status.is_final:
            with suppress(StorageFull):
                await self._series.finish(run.id)
        return run

    async def _with_summary(self, run: Run) -> Run:
        known = await self._series.info([run.id])
        return msgspec.structs.replace(run, summary=summary_of(run, known.get(run.id, ())))

    def _tell(self, run: Run) -> None:
        self._live.publish(status_topic(run.id), 0, lambda: status_message(run))


def _ended(run: Run, status: RunStatus, reason: str, at: datetime) -> Run:
    return msgspec.structs.replace(
        run, status=status, reason=reason, completed_at=at, updated_at=at
    )
