"""Remembering callers without ever remembering one too long."""

import asyncio
import time as wall
from typing import Any

import pytest

from axonml.errors import Unauthenticated
from axonml.http.caller import Caller

pytestmark = pytest.mark.anyio
World = Any


async def token_of(world: World) -> str:
    client = await world.signed_in()
    return client.headers["authorization"].removeprefix("Bearer ")


async def test_a_session_that_ends_while_it_is_looked_up_is_not_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, callers = await token_of(world), world.auth.callers
    found, go_on = asyncio.Event(), asyncio.Event()
    look_up = world.auth.sessions.caller

    async def slow(text: str) -> tuple[Caller, int]:
        answer = await look_up(text)
        found.set()
        await go_on.wait()
        return answer

    monkeypatch.setattr(world.auth.sessions, "caller", slow)
    asking = asyncio.create_task(callers.authenticate(token))
    await found.wait()
    caller = world.auth.sessions
    [session] = await caller.of((await look_up(token))[0].user_id)
    await caller.end(session.id)
    go_on.set()
    _ = await asking

    with pytest.raises(Unauthenticated):
        _ = await callers.authenticate(token)


async def test_what_another_process_changes_is_seen_within_half_a_minute(
    world: World, time: Any
) -> None:
    token, callers = await token_of(world), world.auth.callers
    caller = await callers.authenticate(token)
    _ = await world.auth.users._store.sessions.delete(caller.session_id)

    assert await callers.authenticate(token) == caller
    time.passes(seconds=31)
    with pytest.raises(Unauthenticated):
        _ = await callers.authenticate(token)


async def test_checking_a_known_token_costs_microseconds(world: World) -> None:
    token, callers = await token_of(world), world.auth.callers
    took: list[float] = []
    for _ in range(200):
        start = wall.perf_counter()
        _ = await callers.authenticate(token)
        took.append(wall.perf_counter() - start)

    assert sorted(took)[100] < 60e-6


async def test_many_tokens_take_bounded_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = world.auth.callers

    async def anybody(text: str) -> tuple[Caller, int]:
        return Caller(user_id=text, email="", role="member"), 1 << 60  # pyright: ignore[reportArgumentType]  # any

    monkeypatch.setattr(world.auth.sessions, "caller", anybody)
    for i in range(5000):
        _ = await callers.authenticate(f"token {i}")

    assert len(callers._known) == 4096
