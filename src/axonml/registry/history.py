"""What happened to a model: who moved which alias, approved or deleted what, when and why."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from axonml.clock import now, now_ms
from axonml.http.caller import Caller
from axonml.http.paging import decode_cursor, encode_cursor
from axonml.ids import ModelId, UserId, new_id
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Statement

_TABLE: Final = "axonml_model_events"
_LAST: Final = "~"  # sorts after every id

# The names of those users who are still there; auth knows, the registry asks.
NamesOf = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]

Action = Literal[
    "model_created",
    "version_uploaded",
    "version_deleted",
    "alias_set",
    "alias_removed",
    "approved",
    "approval_withdrawn",
    "approval_required",
    "approval_not_required",
    "visibility_changed",
]


class ModelEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `previous_version` is where an alias pointed before."""

    id: str
    model_id: ModelId
    at: datetime
    user_id: UserId
    user_name: str = ""
    action: Action
    version: int | None = None
    alias: str | None = None
    previous_version: int | None = None
    reason: str = ""


class ModelHistory(msgspec.Struct, frozen=True):
    """One page of what happened, newest first; `next_cursor` is None on the last."""

    items: list[ModelEvent]
    next_cursor: str | None


class Events:
    """The table `axonml_model_events`: written in the transaction of what happened."""

    def __init__(self, documents: Documents, names_of: NamesOf) -> None:
        self._events: Final = Collection(documents, _TABLE, ModelEvent, "model_event")
        self._names_of: Final = names_of

    async def page(self, model: ModelId, cursor: str | None, limit: int) -> ModelHistory:
        """Return a page of what happened to the model, newest first."""
        before = decode_cursor(cursor)[1] if cursor else _LAST
        found = await self._events.find(
            f"WHERE model_id = $1 AND id < $2 ORDER BY id DESC LIMIT {limit + 1}", (model, before)
        )
        shown, more = found[:limit], len(found) > limit
        names = await self._names_of([event.user_id for event in shown])
        items = [
            msgspec.structs.replace(event, user_name=names.get(event.user_id, ""))
            for event in shown
        ]
        return ModelHistory(items, encode_cursor("", shown[-1].id) if more else None)


def event(  # one argument for each field
    caller: Caller,
    model: ModelId,
    action: Action,
    *,
    version: int | None = None,
    alias: str | None = None,
    previous_version: int | None = None,
    reason: str = "",
) -> ModelEvent:
    """Return what `caller` does now."""
    return ModelEvent(
        id=new_id(),
        model_id=model,
        at=now(),
        user_id=caller.user_id,
        action=action,
        version=version,
        alias=alias,
        previous_version=previous_version,
        reason=reason,
    )


def recorded(happened: ModelEvent) -> Statement:
    """Return the statement that records it, for the transaction of what happened."""
    at = now_ms()
    return Statement(
        f"INSERT INTO {_TABLE} (id, data, rev, created_at, updated_at) VALUES ($1, $2, 1, $3, $4)",
        (happened.id, msgspec.json.encode(happened).decode(), at, at),
    )


def recorded_with(happened: ModelEvent, table: str, doc_id: str, rev: int) -> Statement:
    """Return the statement that records it where the document has `rev`: the change took place."""
    at = now_ms()
    return Statement(
        f"INSERT INTO {_TABLE} (id, data, rev, created_at, updated_at)"
        " SELECT $1, $2, 1, $3, $4"
        f" WHERE EXISTS (SELECT 1 FROM {table} WHERE id = $5 AND rev = $6)",
        (happened.id, msgspec.json.encode(happened).decode(), at, at, doc_id, rev),
    )


def forgetting(model: ModelId) -> Statement:
    """Return the statement that deletes what happened to the model."""
    return Statement(f"DELETE FROM {_TABLE} WHERE model_id = $1", (model,))
