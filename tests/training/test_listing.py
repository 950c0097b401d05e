"""Lists of runs: the right ones, in the right order, each once, and nobody else's."""

import math
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listed import ADMIN, CALLER, OTHER, STRANGER, Known, a_listing, a_run, add, says

from axonml.clock import as_datetime, now
from axonml.errors import BadRequest, Invalid
from axonml.ids import RunId
from axonml.storage.protocols import Storage
from axonml.training.filter import (
    All,
    Among,
    Comparison,
    Exists,
    Key,
    Node,
    Not,
    Operator,
    Some,
    parse_filter,
)
from axonml.training.listing import Wanted
from axonml.training.store import RunStore
from axonml.training.types import MetricDefinition, RunStatus

pytestmark = pytest.mark.anyio


async def names(storage: Storage, text: str = "", sort: str = "name", **fields: Any) -> list[str]:
    wanted = Wanted(filter=parse_filter(text), **fields)
    page = await a_listing(storage).page(CALLER, wanted, sort, None, 1000)
    assert page.total == len(page.items)
    return [run.name for run in page.items]


async def some_runs(storage: Storage) -> None:
    _ = await add(
        storage,
        a_run(
            name="a", config={"lr": 0.1, "opt": "adam", "m": {"d": 2}}, tags=("team=vision", "x")
        ),
        loss=[3.0, 0.5, 1.0],
        val_loss=2.0,
    )
    _ = await add(
        storage,
        a_run(name="b", config={"lr": 1, "opt": "sgd", "flag": True}, tags=("team:speech",)),
        loss=[0.2, math.nan],
    )
    _ = await add(storage, a_run(name="c", config={"lr": "auto"}, group="g", notes="50% off_"))
    _ = await add(storage, a_run(name="d", status=RunStatus.FAILED), loss=math.inf)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.loss <= 1", "a"),
        ("metrics.loss.min < 0.3", "b"),
        ("metrics.loss.max >= 3", "a"),
        ("metrics.loss = nan", "b"),
        ("metrics.loss != nan", "acd"),
        ("metrics.loss = inf", "d"),
        ("metrics.loss exists", "abd"),
        ("not metrics.loss < 5", "bcd"),
        ("metrics.val/loss = 2", "a"),
        ('metrics."val/loss" in (1, 2, 3)', "a"),
        ("config.lr >= 0.1", "ab"),
        ("config.lr = auto", "c"),
        ("config.lr exists", "abc"),
        ("config.m.d = 2", "a"),
        ("config.flag = true", "b"),
        ("config.opt != adam", "bcd"),
        ("config.opt ~ DA", "a"),
        ("tags.team = vision", "a"),
        ("tags.team = speech", "b"),
        ("tags.team in (vision, speech)", "ab"),
        ("tag = x", "a"),
        ('tag = "team=vision"', "a"),
        ("tag ~ TEAM", "ab"),
        ("tag exists", "ab"),
        ("status in (failed, lost)", "d"),
        ("group = g", "c"),
        ("group exists", "c"),
        ('notes ~ "% off_"', "c"),
        ('notes ~ "5_"', ""),
        ("user = me", "abcd"),
        ("user = other", ""),
        ("duration = 0", "abcd"),
        ("created_at < 2026-01-02 and created_at > 2025-12-31", "abcd"),
        ("created_at > -1d", ""),
        ("name in (a, b) or status = failed and not tag exists", "abd"),
    ],
)
async def test_a_filter_takes_the_runs_it_says(storage: Storage, text: str, expected: str) -> None:
    await some_runs(storage)

    assert "".join(await names(storage, text)) == expected


KEYS = [
    *(Key("metrics", "loss"), Key("metrics", "loss", "min"), Key("metrics", "none")),
    *(Key("config", "lr"), Key("config", "opt"), Key("tags", "team"), Key("tag", "")),
    *(Key("field", "name"), Key("field", "status"), Key("field", "group")),
]
NUMBERS = st.sampled_from([0.0, 0.5, 1.0, 2.0, math.inf])
WORDS = st.sampled_from(["adam", "sgd", "vision", "x", "completed", "failed", "run", "%", "'"])
ALL_SIGNS: list[Operator] = ["=", "!=", "<", "<=", ">", ">="]
SIGNS = st.sampled_from(ALL_SIGNS)


@st.composite
def conditions(draw: st.DrawFn) -> Node:
    key = draw(st.sampled_from(KEYS))
    is_number = key.space == "metrics" or (key.name == "lr" and draw(st.booleans()))
    value = draw(NUMBERS if is_number else WORDS)
    kind = draw(st.sampled_from(["compare", "among", "exists", "contains"]))
    if kind == "exists":
        return Exists(key)
    if kind == "among":
        return Among(key, (value, draw(NUMBERS if is_number else WORDS)))
    if kind == "contains" and isinstance(value, str):
        return Comparison(key, "~", value)
    sign: Operator = "=" if key.space == "tag" else draw(SIGNS)
    return Comparison(key, sign, value)


FILTERS = st.recursive(
    conditions(),
    lambda inner: (
        inner.map(Not)
        | st.tuples(inner, inner).map(All)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: Some(tuple(parts)))
    ),
    max_leaves=6,
)


def random_runs(chance: random.Random) -> list[Known]:
    known: list[Known] = []
    for _ in range(30):
        config: dict[str, Any] = {}
        if chance.random() < 0.7:
            config["lr"] = chance.choice([0.5, 1.0, 2.0, "x"])
        if chance.random() < 0.7:
            config["opt"] = chance.choice(["adam", "sgd", "%"])
        tags = [tag for tag in ("team=vision", "team=x", "x") if chance.random() < 0.3][:2]
        metrics: dict[str, list[float]] = {}
        if chance.random() < 0.7:
            metrics["loss"] = [chance.choice([0.0, 0.5, 1.0, 2.0]) for _ in range(3)]
        run = a_run(
            name=chance.choice(["run", "adam", "'"]),
            status=chance.choice([RunStatus.COMPLETED, RunStatus.FAILED]),
            group=chance.choice(["", "x"]),
            config=config,
            tags=tuple(tags),
        )
        known.append(Known(run, metrics))
    return known


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(node=FILTERS)
async def test_the_database_says_of_each_run_what_the_filter_says(
    storage: Storage, node: Node
) -> None:
    listing, known = a_listing(storage), random_runs(random.Random(3))
    if not await RunStore(storage.documents).runs.count():
        for each in known:
            _ = await add(storage, each.run, **each.metrics)
    stored = {run.id: run for run in await RunStore(storage.documents).runs.find("ORDER BY id")}
    seen = [Known(run, each.metrics) for run, each in zip(stored.values(), known, strict=True)]

    ids, _, total = await listing.ids(CALLER, Wanted(filter=node), "created_at", None, 1000)
    rest, _, n_rest = await listing.ids(CALLER, Wanted(filter=Not(node)), "created_at", None, 1000)

    assert sorted(ids) == sorted(each.run.id for each in seen if says(node, each))
    assert total + n_rest == len(seen)
    assert not set(ids) & set(rest)


@pytest.mark.parametrize(
    "sort", ["metrics.loss", "config.lr", "name", "group", "tags.team", "duration", "created_at"]
)
@pytest.mark.parametrize("sign", ["", "-"])
async def test_pages_hold_each_run_once_and_runs_without_the_key_come_last(
    storage: Storage, sort: str, sign: str
) -> None:
    known = random_runs(random.Random(5))
    for each in known:
        _ = await add(storage, each.run, **each.metrics)
    listing = a_listing(storage)

    whole, _, _ = await listing.ids(CALLER, Wanted(), sign + sort, None, 1000)
    pages: list[str] = []
    cursor: str | None = None
    while True:
        ids, cursor, total = await listing.ids(CALLER, Wanted(), sign + sort, cursor, 4)
        assert total == len(known)
        pages += ids
        if cursor is None:
            break

    assert pages == whole
    assert sorted(pages) == sorted(each.run.id for each in known)
    if sort == "metrics.loss":
        by_id = {each.run.id: each.metrics.get("loss") for each in known}
        values = [by_id[RunId(run_id)] for run_id in whole]
        last = [value[-1] for value in values if value is not None]
        assert last == sorted(last, reverse=sign == "-")
        assert all(value is None for value in values[len(last) :])


async def test_numbers_come_before_words_and_words_before_nothing(storage: Storage) -> None:
    for name, config in (("n", {"a": 10}), ("w", {"a": "z"}), ("m", {}), ("o", {"a": 9.5})):
        _ = await add(storage, a_run(name=name, config=config))

    assert await names(storage, sort="config.a") == ["o", "n", "w", "m"]
    assert await names(storage, sort="-config.a") == ["n", "o", "w", "m"]


async def test_a_list_sorts_by_the_value_that_it_shows(storage: Storage) -> None:
    shows_least = {"lo*": MetricDefinition(summary="min")}
    _ = await add(storage, a_run(name="a", definitions=shows_least), loss=[1.0, 9.0])
    _ = await add(storage, a_run(name="b"), loss=[1.0, 5.0])
    _ = await add(storage, a_run(name="c", summary={"loss": 3.0}), loss=7.0)
    _ = await add(
        storage,
        a_run(name="d", definitions={"loss": MetricDefinition(goal="maximize")}),
        loss=[8.0, 0.0],
    )

    page = await a_listing(storage).page(CALLER, Wanted(), "metrics.loss", None, 10)

    assert [(run.name, run.summary["loss"]) for run in page.items] == [
        ("a", 1.0),
        ("c", 3.0),
        ("b", 5.0),
        ("d", 8.0),
    ]
    assert await names(storage, "metrics.loss = 3") == ["c"]
    assert await names(storage, "metrics.loss.last = 7") == ["c"]


async def test_private_runs_of_others_leave_no_trace(storage: Storage) -> None:
    secret = {"config": {"secret": 1}, "tags": ("secret=1", "hush"), "project": "hidden"}
    _ = await add(storage, a_run(name="mine", config={"lr": 1}), loss=1.0)
    _ = await add(storage, a_run(name="theirs", user_id=OTHER, **secret), secret=1.0)
    _ = await add(storage, a_run(name="shared", user_id=OTHER, visibility="team"), loss=2.0)
    listing = a_listing(storage)

    page = await listing.page(CALLER, Wanted(), "name", None, 10)
    keys = await listing.keys(CALLER, "")
    probed = await listing.page(
        CALLER, Wanted(filter=parse_filter("config.secret exists")), "name", None, 10
    )

    assert ([run.name for run in page.items], page.total) == (["mine", "shared"], 2)
    assert [known.key for known in keys.config] == ["lr"]
    assert [(known.key, known.n_runs) for known in keys.metrics] == [("loss", 2)]
    assert (keys.tags, keys.labels) == ([], [])
    assert (probed.items, probed.total) == ([], 0)
    assert (await listing.page(ADMIN, Wanted(), "name", None, 10)).total == 3
    assert (await listing.page(STRANGER, Wanted(), "name", None, 10)).total == 2


HOSTILE = [
    "'; DROP TABLE run_row; --",
    '" OR 1=1 --',
    "`x`",
    "$1",
    "a\\b",
    "%_",
    "🙂 é",
    "x" * 200,
    "tag.x",
    "a.b.min",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_odd_names_are_names(storage: Storage, name: str) -> None:
    odd = a_run(
        name=name, config={name: name}, tags=(name[:60],), summary={name: 4.0}, project=name
    )
    _ = await add(storage, odd)
    _ = await add(storage, a_run(name="plain"))
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

    for text in (
        f"name = {quoted}",
        f"config.{quoted} = {quoted}",
        f"config.{quoted} ~ {quoted}",
        f"metrics.{quoted} = 4",
        f"project in ({quoted})",
    ):
        assert await names(storage, text) == [name]
    key = quoted if name[0] in "\"'`" else name  # what begins with a quote must be quoted itself
    assert await names(storage, text="", project=name, sort=f"config.{key}") == [name]
    assert await names(storage, text="", sort=f"-metrics.{quoted}") == [name, "plain"]
    assert name in await names(storage, text="", sort=f"tags.{quoted}")


async def test_a_cursor_from_elsewhere_is_refused(storage: Storage) -> None:
    listing = a_listing(storage)
    for cursor in ("x", "WyIxIHdhIiwiYiJd0", "WyJhIiwiYiJd", "WyI1IG54IiwiYiJd", "é"):
        with pytest.raises(BadRequest):
            _ = await listing.ids(CALLER, Wanted(), "metrics.loss", cursor, 10)


async def test_too_many_keys_at_once_are_refused(storage: Storage) -> None:
    text = " or ".join(f"config.k{i} = 1" for i in range(60))

    with pytest.raises(Invalid, match="different keys"):
        _ = await names(storage, text)


async def test_a_long_filter_is_answered(storage: Storage) -> None:
    _ = await add(storage, a_run(name="a", tags=("t0",)))

    assert await names(storage, " or ".join(f"tag=t{i}" for i in range(330))) == ["a"]
    assert await names(storage, f"name in ({','.join('a' * 900)})") == ["a"]


async def test_a_change_of_a_run_is_found_at_once(storage: Storage) -> None:
    run = await add(storage, a_run(name="a", config={"lr": 1}, tags=("old",)))
    runs = RunStore(storage.documents).runs

    def changed(before: Any) -> Any:
        import msgspec

        return msgspec.structs.replace(before, config={"lr": 2}, tags=(), completed_at=now())

    _ = await runs.update(run.id, changed)

    assert await names(storage, "config.lr = 2 and not tag exists and duration > 1") == ["a"]
    assert await names(storage, "config.lr = 1 or tag = old") == []


async def test_a_run_that_goes_on_has_lasted_until_now(storage: Storage) -> None:
    began = as_datetime(int(now().timestamp() * 1000) - 60_000)
    _ = await add(storage, a_run(name="a", started_at=began, completed_at=None))

    assert await names(storage, "duration > 59 and duration < 120") == ["a"]
