"""What every engine promises of keys with an end."""

import asyncio

import pytest

from axonml.storage.protocols import KeyValue

pytestmark = pytest.mark.anyio


async def test_the_last_value_put_is_the_one_there_is(keys: KeyValue) -> None:
    await keys.put("k", b"v", 60)
    await keys.put("k", b"\x00w", 60)
    await keys.put("other", b"", 60)

    assert await keys.get("k") == b"\x00w"
    assert await keys.get("other") == b""
    assert await keys.get("never put") is None


async def test_of_many_takers_exactly_one_gets_the_value(keys: KeyValue) -> None:
    await keys.put("k", b"v", 60)

    taken = await asyncio.gather(*(keys.take("k") for _ in range(20)))

    assert sorted(value or b"" for value in taken) == [b""] * 19 + [b"v"]


async def test_of_many_adders_exactly_one_wins(keys: KeyValue) -> None:
    added = await asyncio.gather(*(keys.add("k", b"%d" % i, 60) for i in range(20)))

    assert sum(added) == 1
    assert await keys.get("k") == b"%d" % added.index(True)


async def test_a_value_ends_with_its_time(keys: KeyValue) -> None:
    await keys.put("k", b"v", -1)

    assert await keys.get("k") is None
    assert await keys.take("k") is None
    assert await keys.add("k", b"w", 60)
    assert await keys.get("k") == b"w"


async def test_a_deleted_value_is_gone(keys: KeyValue) -> None:
    await keys.put("k", b"v", 60)

    await keys.delete("k")
    await keys.delete("k")

    assert await keys.get("k") is None
    assert await keys.add("k", b"w", 60)
