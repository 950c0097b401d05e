"""Groups of runs: who is in each, and what their metrics are on average."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listed import CALLER, OTHER, a_listing, a_run, add

from axonml.errors import BadRequest, Invalid
from axonml.storage.protocols import Storage
from axonml.training.filter import parse_filter
from axonml.training.groups import RunGroup, _spread, group_runs, page_of
from axonml.training.listing import Wanted
from axonml.training.types import RunStatus

pytestmark = pytest.mark.anyio


async def grouped(storage: Storage, by: str, sort: str = "", *metrics: str) -> list[RunGroup]:
    return await group_runs(a_listing(storage), CALLER, Wanted(), by, metrics, sort)


async def some_runs(storage: Storage) -> None:
    for opt, loss in (("adam", 1.0), ("sgd", 9.0), ("adam", 3.0), (None, 5.0)):
        config = {} if opt is None else {"opt": opt}
        status = RunStatus.FAILED if loss == 3.0 else RunStatus.COMPLETED
        _ = await add(storage, a_run(config=config, status=status), loss=[loss + 1, loss])


async def test_a_group_tells_its_runs_their_states_and_the_spread_of_their_metrics(
    storage: Storage,
) -> None:
    await some_runs(storage)

    nothing, adam, sgd = await grouped(storage, "config.opt", "", "loss", "loss.max")

    assert [group.value for group in (nothing, adam, sgd)] == [None, "adam", "sgd"]
    assert (adam.key, adam.n_runs) == ("adam", 2)
    assert adam.by_status == {RunStatus.FAILED: 1, RunStatus.COMPLETED: 1}
    loss, highest = adam.metrics["loss"], adam.metrics["loss.max"]
    assert (loss.n, loss.mean, loss.min, loss.max) == (2, 2.0, 1.0, 3.0)
    assert loss.std == pytest.approx(math.sqrt(2))
    assert highest.mean == 3.0
    assert sgd.metrics["loss"].std is None


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [None, "adam", "sgd"]),
        ("key", ["adam", "sgd", None]),
        ("-key", ["sgd", "adam", None]),
        ("-config.opt", ["sgd", "adam", None]),
        ("-n_runs", ["adam", None, "sgd"]),
        ("metrics.loss", ["adam", None, "sgd"]),
        ("-metrics.loss", ["sgd", None, "adam"]),
        ("-metrics.none", [None, "adam", "sgd"]),
        ("name", [None, "adam", "sgd"]),
    ],
)
async def test_groups_are_sorted(storage: Storage, sort: str, order: list[str | None]) -> None:
    await some_runs(storage)

    found = await grouped(storage, "config.opt", sort)

    assert [group.value for group in found] == order
    assert all(group.metrics == {} for group in found)


async def test_numbers_stay_numbers_and_sort_as_such(storage: Storage) -> None:
    for lr in (10, 9.5, "auto"):
        _ = await add(storage, a_run(config={"lr": lr}))

    found = await grouped(storage, "config.lr", "key")

    assert [(group.key, group.value) for group in found] == [
        ("9.5", 9.5),
        ("10", 10),
        ("auto", "auto"),
    ]


@pytest.mark.parametrize("by", ["status", "project", "group", "tags.team", "user", "metrics.loss"])
async def test_any_key_groups(storage: Storage, by: str) -> None:
    await some_runs(storage)

    found = await grouped(storage, by)

    assert sum(group.n_runs for group in found) == 4


async def test_private_runs_of_others_are_in_no_group(storage: Storage) -> None:
    _ = await add(storage, a_run(user_id=OTHER, config={"opt": "secret"}))
    _ = await add(storage, a_run(config={"opt": "mine"}))

    assert [group.value for group in await grouped(storage, "config.opt")] == ["mine"]


async def test_a_filter_and_the_trash_hold_for_groups_too(storage: Storage) -> None:
    await some_runs(storage)
    wanted = Wanted(filter=parse_filter("metrics.loss > 2"))

    found = await group_runs(a_listing(storage), CALLER, wanted, "config.opt", (), "key")

    assert [(group.value, group.n_runs) for group in found] == [("adam", 1), ("sgd", 1), (None, 1)]


async def test_what_cannot_be_grouped_is_refused(storage: Storage) -> None:
    for by, sort, metrics in (("bogus", "", ()), ("name", "bogus", ()), ("name", "", ["m"] * 21)):
        with pytest.raises(Invalid):
            _ = await grouped(storage, by, sort, *metrics)
    for cursor in ("x", "-1", "1e9", "9" * 30):
        with pytest.raises(BadRequest):
            _ = page_of([], cursor, 10)


async def test_no_runs_are_no_groups(storage: Storage) -> None:
    assert await grouped(storage, "config.opt", "metrics.loss", "loss") == []


async def test_pages_hold_each_group_once() -> None:
    groups = [RunGroup(str(i), float(i), 1, {}, {}) for i in range(5)]

    first = page_of(groups, None, 2)
    second = page_of(groups, first.next_cursor, 2)
    third = page_of(groups, second.next_cursor, 2)

    assert [*first.items, *second.items, *third.items] == groups
    assert (first.total, third.next_cursor) == (5, None)


@settings(deadline=None)
@given(st.lists(st.floats(), max_size=20))
def test_a_spread_is_finite_or_missing(values: list[float]) -> None:
    spread = _spread(np.array(values, np.float64))

    finite = [value for value in values if math.isfinite(value)]
    assert spread.n == len(finite)
    for figure in (spread.mean, spread.std, spread.min, spread.max):
        assert figure is None or math.isfinite(figure)
    if finite:
        assert (spread.min, spread.max) == (min(finite), max(finite))
