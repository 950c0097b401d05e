"""How long a session lives, and what ends it."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient, Response

from axonml.auth.admin_types import UserChange
from axonml.http.caller import Role

pytestmark = pytest.mark.anyio
COOKIE = "axon_refresh_3000"
World = Any
Time = Any


async def refresh(client: AsyncClient, token: str | None = None) -> Response:
    body = {} if token is None else {"refresh_token": token}
    return await client.post("/api/auth/refresh", json=body)


async def me(client: AsyncClient, token: str) -> int:
    answer = await client.get("/api/auth/me", headers={"authorization": f"Bearer {token}"})
    return answer.status_code


async def a_script(world: World) -> tuple[AsyncClient, dict[str, Any]]:
    client = world.client()
    body = {"email": "ada@example.org", "password": "correct horse battery", "client": "cli"}
    answer = await client.post("/api/auth/login", json=body)
    return client, answer.json()


# ---------------------------------------------------------------- access tokens
async def test_an_access_token_lives_a_quarter_of_an_hour(world: World, time: Time) -> None:
    client, signed_in = await a_script(world)

    time.passes(minutes=14)
    early = await me(client, signed_in["token"])
    time.passes(minutes=1, seconds=1)
    late = await client.get(
        "/api/auth/me", headers={"authorization": f"Bearer {signed_in['token']}"}
    )

    assert early == 200
    assert (late.status_code, late.json()["code"]) == (401, "token_expired")


async def test_a_role_counts_from_the_next_request_on(world: World) -> None:
    client = await world.signed_in("bob@example.org")
    bob = await world.auth.users._store.account_of("bob@example.org")

    before = (await client.get("/api/auth/me")).json()["role"]
    await world.auth.administration.change(bob.id, UserChange(role=Role.VIEWER), bob.id)
    after = (await client.get("/api/auth/me")).json()["role"]
    caller = await world.auth.callers.authenticate(
        client.headers["authorization"].removeprefix("Bearer ")
    )

    assert (before, after, caller.role) == ("member", "viewer", Role.VIEWER)


async def test_a_disabled_account_is_out_at_once(world: World) -> None:
    ended: list[str] = []
    client = await world.signed_in("bob@example.org")
    made = await client.post("/api/auth/tokens", json={"name": "t", "scopes": ["read"]})
    token = made.json()["token"]
    bob = await world.auth.users._store.account_of("bob@example.org")
    assert await me(client, token) == 200

    world.auth.sessions.on_end(ended.append)
    await world.auth.administration.change(bob.id, UserChange(disabled=True), bob.id)

    assert (await client.get("/api/auth/me")).status_code == 401
    assert (await refresh(client)).status_code == 401
    assert await me(client, token) == 401
    assert len(ended) == 1


async def test_a_deleted_account_is_out_with_its_next_look_up(world: World) -> None:
    client = await world.signed_in("bob@example.org")
    bob = await world.auth.users._store.account_of("bob@example.org")

    _ = await world.auth.users._store.accounts.delete(bob.id)

    assert (await client.get("/api/auth/me")).status_code == 401


# ---------------------------------------------------------------- refreshing
async def test_each_refresh_gives_new_tokens_and_both_access_tokens_work(world: World) -> None:
    client, first = await a_script(world)
    second = (await refresh(client, first["refresh_token"])).json()
    third = (await refresh(client, second["refresh_token"])).json()

    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    assert len({tokens["token"] for tokens in (first, second, third)}) == 3
    assert [await me(client, tokens["token"]) for tokens in (first, third)] == [200, 200]


async def test_two_tabs_that_refresh_at_once_get_one_successor(world: World) -> None:
    client, first = await a_script(world)

    answers = await asyncio.gather(*(refresh(client, first["refresh_token"]) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    again = await refresh(client, answers[0].json()["refresh_token"])
    assert again.status_code == 200


async def test_a_lost_answer_can_be_asked_for_again_within_ten_seconds(
    world: World, time: Time
) -> None:
    client, first = await a_script(world)
    lost = await refresh(client, first["refresh_token"])
    time.passes(seconds=10)

    again = await refresh(client, first["refresh_token"])

    assert again.json()["refresh_token"] == lost.json()["refresh_token"]


async def test_a_spent_token_after_ten_seconds_ends_the_session(world: World, time: Time) -> None:
    ended: list[str] = []
    world.auth.sessions.on_end(ended.append)
    client, first = await a_script(world)
    second = (await refresh(client, first["refresh_token"])).json()
    assert await me(client, second["token"]) == 200
    time.passes(seconds=10.001)

    stolen = await refresh(client, first["refresh_token"])
    honest = await refresh(client, second["refresh_token"])

    assert (stolen.status_code, honest.status_code) == (401, 401)
    assert await me(client, second["token"]) == 401
    assert len(ended) == 1
    [last] = await world.auth.users._store.audit.find("ORDER BY id DESC LIMIT 1")
    assert last.action == "refresh_token_reused"


async def test_a_token_before_the_last_ends_the_session_even_at_once(world: World) -> None:
    client, first = await a_script(world)
    second = (await refresh(client, first["refresh_token"])).json()
    third = (await refresh(client, second["refresh_token"])).json()

    stolen = await refresh(client, first["refresh_token"])

    assert stolen.status_code == 401
    assert (await refresh(client, third["refresh_token"])).status_code == 401


async def test_an_invented_token_ends_nobodys_session(world: World) -> None:
    client, first = await a_script(world)
    session, secret, tag = first["refresh_token"].removeprefix("axon_rt_").split(".")
    invented = [
        f"axon_rt_{session}.{secret[::-1]}.{tag}",
        f"axon_rt_{session}.{secret}.{tag[::-1]}",
        f"axon_rt_{session}.{secret}",
        f"axon_rt_{session}.{secret}.{tag}.",
        f"{session}.{secret}.{tag}",
        f"axon_rt_{session[::-1]}.{secret}.{tag}",
        first["token"],
        "é",
    ]

    statuses = [(await refresh(client, token)).status_code for token in invented]

    assert statuses == [401] * len(invented)
    assert (await refresh(client, first["refresh_token"])).status_code == 200


async def test_without_cookie_and_token_there_is_nothing_to_refresh(world: World) -> None:
    answers = [
        await world.client().post("/api/auth/refresh", json={}),
        await world.client().post("/api/auth/refresh"),
    ]

    assert [answer.json()["code"] for answer in answers] == ["no_session"] * 2


async def test_a_browser_refreshes_by_its_cookie(world: World) -> None:
    client = await world.signed_in()
    before = client.cookies.get(COOKIE)

    answer = await refresh(client)

    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    assert client.cookies.get(COOKIE) not in {None, before}


async def test_a_session_ends_after_a_week_without_use(world: World, time: Time) -> None:
    client, tokens = await a_script(world)
    for _ in range(3):
        time.passes(days=6.9)
        answer = await refresh(client, tokens["refresh_token"])
        assert answer.status_code == 200
        tokens = answer.json()
    time.passes(days=7)

    assert (await refresh(client, tokens["refresh_token"])).status_code == 401


async def test_a_session_ends_after_thirty_days_whatever_it_does(world: World, time: Time) -> None:
    client, tokens = await a_script(world)
    for _ in range(5):
        time.passes(days=5.99)
        tokens = (await refresh(client, tokens["refresh_token"])).json()
    time.passes(days=0.04)
    last = (await refresh(client, tokens["refresh_token"])).json()
    assert await me(client, last["token"]) == 200

    time.passes(minutes=14.9)

    assert await me(client, last["token"]) == 401
    assert (await refresh(client, last["refresh_token"])).status_code == 401


async def test_nothing_that_opens_a_session_is_stored(world: World) -> None:
    client, first = await a_script(world)
    second = (await refresh(client, first["refresh_token"])).json()
    [session] = [
        session
        for user in await world.auth.users._store.accounts.find()
        for session in await world.auth.sessions.of(user.id)
    ]

    stored = str(session)
    for token in (first["refresh_token"], second["refresh_token"], second["token"]):
        assert token not in stored
        assert token.split(".")[1] not in stored


# ---------------------------------------------------------------- listing
async def test_a_user_sees_its_own_sessions_and_ends_them(world: World) -> None:
    here = await world.signed_in()
    there = await world.signed_in(address="192.0.2.77")
    other = await world.signed_in("bob@example.org")
    assert (await there.get("/api/auth/me")).status_code == 200

    listed = (await here.get("/api/auth/sessions")).json()["items"]
    assert [(session["address"], session["current"]) for session in listed] == [
        ("192.0.2.77", False),
        ("192.0.2.1", True),
    ]
    foreign = (await other.get("/api/auth/sessions")).json()["items"][0]["id"]
    assert (await here.delete(f"/api/auth/sessions/{foreign}")).status_code == 404
    assert (await here.delete(f"/api/auth/sessions/{listed[0]['id']}")).status_code == 204

    assert (await there.get("/api/auth/me")).status_code == 401
    assert (await other.get("/api/auth/me")).status_code == 200
    assert len((await here.get("/api/auth/sessions")).json()["items"]) == 1


async def test_a_user_ends_all_other_sessions_at_once(world: World) -> None:
    here, there = await world.signed_in(), await world.signed_in(address="192.0.2.77")

    answer = await here.delete("/api/auth/sessions")

    assert answer.status_code == 204
    assert (await here.get("/api/auth/me")).status_code == 200
    assert (await there.get("/api/auth/me")).status_code == 401
