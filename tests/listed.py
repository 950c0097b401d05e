"""Runs as lists have them, and what a filter would say of each if it were asked run by run."""

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from axonml.clock import as_datetime
from axonml.columns import Block, MetricBatch, encode_batch
from axonml.http.caller import Caller, Role
from axonml.ids import RunId, UserId, new_id
from axonml.storage.protocols import Storage
from axonml.training.filter import All, Among, Comparison, Exists, Key, Node, Not, Some
from axonml.training.listing import Listing
from axonml.training.store import RunStore
from axonml.training.types import Run, RunStatus

ME, OTHER = UserId("me"), UserId("other")
CALLER: Final = Caller(user_id=ME, email="me@x", role=Role.MEMBER)
STRANGER: Final = Caller(user_id=OTHER, email="other@x", role=Role.MEMBER)
ADMIN: Final = Caller(user_id=UserId("root"), email="root@x", role=Role.ADMIN)
_AT = as_datetime(1_767_225_600_000)


def a_run(**fields: Any) -> Run:
    """Return a run of the caller's that ended well."""
    whole: dict[str, Any] = {
        "id": RunId(new_id()),
        "user_id": ME,
        "project": "default",
        "name": "run",
        "model_type": "",
        "status": RunStatus.COMPLETED,
        "created_at": _AT,
        "updated_at": _AT,
        "started_at": _AT,
        "completed_at": _AT,
    }
    return Run(**{**whole, **fields})


async def add(storage: Storage, run: Run, **metrics: float | Sequence[float]) -> Run:
    """Store a run with the points of its metrics (`_` in a name stands for `/`)."""
    await RunStore(storage.documents).runs.insert(run)
    for i, (name, logged) in enumerate(metrics.items(), start=1):
        values = np.atleast_1d(np.array(logged, np.float64))
        step = np.arange(len(values))
        block = Block((name.replace("_", "/"),), step, step * 1000, values[np.newaxis])
        batch = MetricBatch("w", i, i, (block,))
        _ = await storage.series.append(run.id, batch, encode_batch(batch))
    return run


def a_listing(storage: Storage) -> Listing:
    """Return the lists of a storage."""
    return Listing(storage.documents, RunStore(storage.documents), storage.series)


class Known(msgspec.Struct, frozen=True):
    """A run as the filter sees it."""

    run: Run
    metrics: dict[str, list[float]]


def says(node: Node, known: Known) -> bool:
    """Return what the filter says of one run, slowly and plainly."""
    match node:
        case All(parts):
            said = all(says(part, known) for part in parts)
        case Some(parts):
            said = any(says(part, known) for part in parts)
        case Not(part):
            said = not says(part, known)
        case Exists(key):
            said = bool(_values(key, known))
        case Among(key, values):
            said = any(_equal(key, known, value) for value in values)
        case Comparison():
            said = _compares(node, known)
    return said


def _compares(node: Comparison, known: Known) -> bool:
    if node.operator in {"=", "!="}:
        return _equal(node.key, known, node.value) == (node.operator == "=")
    found = _values(node.key, known)
    if node.operator == "~":
        texts = [each.lower() for each in found if isinstance(each, str)]
        return any(str(node.value).lower() in text for text in texts)
    return any(
        _ordered(each, node.operator, node.value)
        for each in found
        if isinstance(each, str) == isinstance(node.value, str)
    )


def _equal(key: Key, known: Known, value: float | str) -> bool:
    found = _values(key, known)
    if isinstance(value, float) and math.isnan(value):
        return any(isinstance(each, float) and math.isnan(each) for each in found)
    return value in found


def _ordered(left: Any, operator: str, right: Any) -> bool:
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
        operator
    ]


def _values(key: Key, known: Known) -> list[float | str]:
    run = known.run
    found: list[float | str] = []
    if key.space == "tag":
        found += run.tags
    elif key.space == "tags":
        pairs = (tag.partition("=") for tag in run.tags)
        found += [value for name, sign, value in pairs if sign and name == key.name]
    elif key.space == "config":
        value = run.config.get(key.name)
        found += [float(value), repr(value)] if isinstance(value, int | float) else [value or ""]
    elif key.space == "metrics":
        values = known.metrics.get(key.name, [])
        found += sorted(values)[:1] if key.statistic == "min" else values[-1:]
    else:
        found.append(str(getattr(run, "user_id" if key.name == "user" else key.name)))
    return [each for each in found if each != ""]
