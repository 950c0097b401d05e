"""One action on many runs: each succeeds or fails alone, and the answer says which did."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, post
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

from axonml.errors import AxonError, Invalid
from axonml.http.caller import RUNS_WRITE, Caller, audited, caller_of
from axonml.training.runs import Runs
from axonml.training.trash import Trash
from axonml.training.types import RunChange, RunIdText

Call = Request[Any, Any, Any]
Action = Literal["stop", "delete", "restore", "purge", "tag", "untag", "move", "group"]
# So many at once: their commits share an fsync, and other requests have their turn in between.
_AT_ONCE: Final = 64
_MAX_TAGS: Final = 64
_MAX_TAG: Final = 64
_MAX_NAME: Final = 256


class BulkAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/bulk.

    `value` is the tag of `tag` and `untag`, the project of `move`, the group of `group` ("": none).
    """

    action: Action
    runs: Annotated[tuple[RunIdText, ...], Meta(max_length=10_000)]
    value: Annotated[str, Meta(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class BulkFailure(msgspec.Struct, frozen=True):
    """A run that the action did not change, and why."""

    id: str
    code: str
    detail: str


class BulkAnswer(msgspec.Struct, frozen=True):
    """What an action did: both lists in the order of the request."""

    done: list[str]
    failed: list[BulkFailure]


class Bulk:
    """Does one action on many runs, with the rights that the caller has on each."""

    def __init__(self, runs: Runs, trash: Trash) -> None:
        self._runs: Final = runs
        self._trash: Final = trash

    async def act(self, caller: Caller, asked: BulkAction) -> BulkAnswer:
        """Do the action on every run once, however often it is named.

        Raises:
            Invalid: the action needs another `value`.
        """
        act = self._one(caller, asked)
        ids = list(dict.fromkeys(asked.runs))
        failures: dict[str, BulkFailure] = {}

        async def attempt(run_id: str) -> None:
            try:
                await act(run_id)
            except AxonError as error:
                failures[run_id] = BulkFailure(run_id, error.problem_code, error.detail)

        for start in range(0, len(ids), _AT_ONCE):
            _ = await asyncio.gather(*map(attempt, ids[start : start + _AT_ONCE]))
        done = [run_id for run_id in ids if run_id not in failures]
        return BulkAnswer(done, [failures[run_id] for run_id in ids if run_id in failures])

    def _one(self, caller: Caller, asked: BulkAction) -> Callable[[str], Awaitable[object]]:
        value = asked.value.strip()
        _check_value(asked.action, value)
        actions: dict[Action, Callable[[str], Awaitable[object]]] = {
            "stop": lambda run_id: self._runs.stop(caller, run_id),
            "delete": lambda run_id: self._trash.delete(caller, run_id),
            "restore": lambda run_id: self._trash.restore(caller, run_id),
            "purge": lambda run_id: self._trash.purge(caller, run_id),
            "tag": lambda run_id: self._tag(caller, run_id, value, is_there=True),
            "untag": lambda run_id: self._tag(caller, run_id, value, is_there=False),
            "move": lambda run_id: self._runs.change(caller, run_id, RunChange(project=value)),
            "group": lambda run_id: self._runs.change(caller, run_id, RunChange(group=value)),
        }
        return actions[asked.action]

    async def _tag(self, caller: Caller, run_id: str, tag: str, *, is_there: bool) -> None:
        def retagged(tags: tuple[str, ...]) -> tuple[str, ...]:
            if (tag in tags) == is_there:
                return tags
            if not is_there:
                return tuple(each for each in tags if each != tag)
            if len(tags) >= _MAX_TAGS:
                raise Invalid(f"a run has at most {_MAX_TAGS} tags")
            return (*tags, tag)

        await self._runs.retag(caller, run_id, retagged)


def _check_value(action: Action, value: str) -> None:
    if action in {"tag", "untag"} and not 1 <= len(value) <= _MAX_TAG:
        raise Invalid(f"value: a tag has 1 to {_MAX_TAG} characters")
    if action == "move" and not 1 <= len(value) <= _MAX_NAME:
        raise Invalid(f"value: a project's name has 1 to {_MAX_NAME} characters")


class BulkRoutes:
    """HTTP of actions on many runs."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk: Final = bulk

    async def act_on_runs(self, request: Call, data: BulkAction) -> BulkAnswer:
        """Do one action on many runs; a run that it is refused for does not hold up the others."""
        return await self._bulk.act(caller_of(request), data)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        opt = {**RUNS_WRITE, **audited("runs_changed")}
        route = post("/api/training/runs/bulk", opt=opt, tags=["training"], status_code=200)
        return [route(self.act_on_runs)]
