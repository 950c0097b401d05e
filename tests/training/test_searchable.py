"""The rows beside each run: of every value that is sought, and never behind the document."""

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from listed import CALLER, a_listing, a_run, add

from axonml.errors import Conflict
from axonml.storage.protocols import Statement, Storage
from axonml.training.filter import parse_filter
from axonml.training.listing import Wanted
from axonml.training.searchable import MAX_KEYS, MAX_WORD, catch_up, flat, keys_of, word_of
from axonml.training.store import RunStore
from axonml.training.types import MetricDefinition, Run

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


def test_every_value_has_its_key() -> None:
    run = a_run(
        config={"lr": 0.1, "m": {"layers": [64, 32], "deep": {"x": True}}, "no": None, "e": {}},
        tags=("team=vision", "v:3", "plain"),
        summary={"best": 0.5, "odd": "NaN"},
        definitions={"loss*": MetricDefinition(goal="minimize")},
    )

    assert {key: (number, word) for key, number, word in keys_of(run)} == {
        "tag.team=vision": (None, "team=vision"),
        "tags.team": (None, "vision"),
        "tag.v:3": (None, "v:3"),
        "tags.v": (3.0, "3"),
        "tag.plain": (None, "plain"),
        "summary.best": (0.5, "0.5"),
        "summary.odd": (None, "nan"),
        "define.loss*": (None, "min"),
        "config.lr": (0.1, "0.1"),
        "config.m.layers": (None, "[64,32]"),
        "config.m.deep.x": (1.0, "true"),
        "config.e": (None, "{}"),
    }


@given(st.dictionaries(st.text(), VALUES, max_size=8))
def test_any_config_makes_keys_that_a_store_can_hold(config: dict[str, Any]) -> None:
    keys = keys_of(a_run(config=config))

    assert len({key for key, _, _ in keys}) == len(keys) <= MAX_KEYS
    for _, number, word in keys:
        assert number is None or number == number  # noqa: PLR0124  # NaN is not stored
        assert len(word) <= MAX_WORD


def test_a_config_deeper_or_longer_than_sense_is_cut() -> None:
    deep: dict[str, Any] = {"x": 1}
    for _ in range(60):
        deep = {"d": deep}

    assert len(list(flat(deep))) == 1
    assert len(keys_of(a_run(config={str(i): i for i in range(5000)}))) == MAX_KEYS


@pytest.mark.parametrize(
    ("value", "word"), [(3.0, "3"), (0.1, "0.1"), (10**12, "1000000000000"), (1e300, "1e+300")]
)
def test_a_number_is_written_as_people_do(value: float, word: str) -> None:
    assert word_of(value) == word


async def found(storage: Storage, text: str) -> list[str]:
    wanted = Wanted(filter=parse_filter(text))
    return (await a_listing(storage).ids(CALLER, wanted, "name", None, 10))[0]


@pytest.mark.anyio
async def test_runs_from_before_these_rows_are_caught_up_with(storage: Storage) -> None:
    runs = [await add(storage, a_run(config={"lr": i}), loss=float(i)) for i in range(450)]
    _ = await storage.documents.write(
        Statement("DELETE FROM run_row WHERE id <> $1", (runs[0].id,)),
        Statement("UPDATE axonml_runs SET rev = rev + 1 WHERE id = $1", (runs[0].id,)),
    )
    store = RunStore(storage.documents)

    made = [await catch_up(storage.documents, store.runs) for _ in range(2)]

    assert made == [450, 0]
    assert await found(storage, "config.lr = 449 and metrics.loss = 449") == [runs[449].id]


@pytest.mark.anyio
async def test_a_write_that_loses_a_race_leaves_no_rows_of_its_own(storage: Storage) -> None:
    run = await add(storage, a_run(config={"lr": 0}))
    runs = RunStore(storage.documents).runs
    tries = 0

    def changed(before: Run) -> Run:
        nonlocal tries
        tries += 1
        return msgspec.structs.replace(before, config={"lr": before.config["lr"] + 1})

    _ = await asyncio.gather(*(runs.update(run.id, changed) for _ in range(8)))

    assert tries > 8
    assert await found(storage, "config.lr = 8") == [run.id]
    assert await found(storage, "config.lr < 8") == []


@pytest.mark.anyio
async def test_an_id_that_is_taken_changes_no_rows(storage: Storage) -> None:
    run = await add(storage, a_run(name="first", config={"a": 1}))

    with pytest.raises(Conflict):
        _ = await add(storage, a_run(id=run.id, name="second", config={"a": 2}))

    assert await found(storage, "name = first and config.a = 1") == [run.id]


@pytest.mark.anyio
async def test_a_deleted_document_takes_its_rows_along(storage: Storage) -> None:
    run = await add(storage, a_run(config={"a": 1}))

    _ = await RunStore(storage.documents).runs.delete(run.id)

    for table, column in (("run_row", "id"), ("run_key", "run")):
        sql = f"SELECT count(*) FROM {table} WHERE {column} = $1"  # noqa: S608  # two constants
        assert await storage.documents.read(Statement(sql, (run.id,))) == [(0,)]
