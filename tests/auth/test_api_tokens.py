"""Tokens for scripts: shown once, scoped, ended at once."""

from typing import Any

import pytest
from dirty_equals import IsNow, IsStr
from httpx import AsyncClient

from axonml.auth.types import NewApiToken
from axonml.errors import Conflict

pytestmark = pytest.mark.anyio
World = Any
Time = Any


async def made(client: AsyncClient, **changed: Any) -> Any:
    body = {"name": "laptop", "scopes": ["read", "runs:write"], **changed}
    return await client.post("/api/auth/tokens", json=body)


async def me(world: World, token: str) -> Any:
    return await world.client().get("/api/auth/me", headers={"authorization": f"Bearer {token}"})


async def test_a_token_is_shown_once_and_then_only_listed(world: World) -> None:
    client = await world.signed_in()
    answer = await made(client)
    listed = (await client.get("/api/auth/tokens")).json()

    assert answer.status_code == 201
    token = answer.json()["token"]
    assert token == IsStr(regex=r"axon_pat_[0-9A-Z]{26}_[\w-]{43}")
    shown = {
        "id": token.split("_")[2],
        "name": "laptop",
        "scopes": ["read", "runs:write"],
        "created_at": IsNow(iso_string=True, tz="UTC", delta=60),
        "expires_at": IsNow(iso_string=True, tz="UTC", delta=60 + 90 * 86400),
        "last_used_at": None,
    }
    assert answer.json()["api_token"] == shown
    assert listed == {"items": [shown], "next_cursor": None}
    [stored] = await world.auth.users._store.tokens.find()
    assert token.split("_", 3)[3] not in str(stored)


async def test_a_token_may_what_its_scopes_say_and_nothing_of_the_account(world: World) -> None:
    client = await world.signed_in()
    token = (await made(client)).json()["token"]
    script = world.client(authorization=f"Bearer {token}")

    assert (await me(world, token)).json()["email"] == "ada@example.org"
    for method, path, body in [
        ("POST", "/api/auth/tokens", {"name": "more", "scopes": ["read"]}),
        ("GET", "/api/auth/tokens", None),
        ("GET", "/api/auth/sessions", None),
        ("DELETE", "/api/auth/sessions", None),
        ("PATCH", "/api/auth/me", {"name": "Eve"}),
        ("POST", "/api/auth/password", {"new": "another horse battery"}),
    ]:
        answer = await script.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "session_required"), path
    predict = (await made(client, scopes=["predict"])).json()["token"]
    assert (await me(world, predict)).json()["code"] == "scope_missing"


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"scopes": []}, "$.scopes"),
        ({"scopes": ["admin"]}, "$.scopes[0]"),
        ({"scopes": "read"}, "$.scopes"),
        ({"name": ""}, "$.name"),
        ({"expires_in_days": 0}, "$.expires_in_days"),
        ({"expires_in_days": 10_000}, "$.expires_in_days"),
    ],
)
async def test_a_wrong_wish_is_named(world: World, changed: dict[str, Any], path: str) -> None:
    answer = await made(await world.signed_in(), **changed)

    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["fields"]] == [path]


async def test_a_revoked_token_is_refused_at_once(world: World) -> None:
    client = await world.signed_in()
    created = (await made(client)).json()
    assert (await me(world, created["token"])).status_code == 200

    gone = await client.delete(f"/api/auth/tokens/{created['api_token']['id']}")

    assert gone.status_code == 204
    assert (await me(world, created["token"])).status_code == 401
    again = await client.delete(f"/api/auth/tokens/{created['api_token']['id']}")
    assert (again.status_code, again.json()["code"]) == (404, "token_not_found")


async def test_nobody_revokes_or_sees_a_foreign_token(world: World) -> None:
    created = (await made(await world.signed_in())).json()
    bob = await world.signed_in("bob@example.org")

    answer = await bob.delete(f"/api/auth/tokens/{created['api_token']['id']}")

    assert answer.status_code == 404
    assert (await bob.get("/api/auth/tokens")).json()["items"] == []
    assert (await me(world, created["token"])).status_code == 200


async def test_a_token_ends_on_its_day(world: World, time: Time) -> None:
    created = (await made(await world.signed_in(), expires_in_days=1)).json()

    time.passes(days=0.999)
    early = await me(world, created["token"])
    time.passes(days=0.002)
    late = await me(world, created["token"])

    assert (early.status_code, late.status_code) == (200, 401)


async def test_its_use_is_noted_at_most_once_a_minute(world: World, time: Time) -> None:
    client = await world.signed_in()
    token = (await made(client)).json()["token"]
    noted: list[str | None] = []
    for _ in range(4):
        _ = await me(world, token)
        noted.append((await client.get("/api/auth/tokens")).json()["items"][0]["last_used_at"])
        time.passes(seconds=31)

    assert noted[0] is not None
    assert noted[0] == noted[1] != noted[2] == noted[3]


async def test_a_guess_is_refused(world: World) -> None:
    token: str = (await made(await world.signed_in())).json()["token"]
    _, _, token_id, secret = token.split("_", 3)

    for guess in (
        f"axon_pat_{token_id}_{secret[::-1]}",
        f"axon_pat_{token_id}_",
        f"axon_pat_{token_id}",
        f"axon_pat_{token_id[::-1]}_{secret}",
        "axon_pat_",
        f"axon_pat_{token_id.lower()}_{secret}",
        f"axon_pat_%_{secret}",
    ):
        assert (await me(world, guess)).status_code == 401, guess


async def test_expired_tokens_make_room_for_new_ones(world: World, time: Time) -> None:
    account = await world.auth.users._store.account_of("ada@example.org")
    wanted = NewApiToken("t", frozenset({"read"}), expires_in_days=1)
    for _ in range(100):
        _ = await world.auth.api_tokens.create(account.id, wanted)
    with pytest.raises(Conflict, match="100 API tokens already"):
        _ = await world.auth.api_tokens.create(account.id, wanted)

    time.passes(days=1)
    _ = await world.auth.api_tokens.create(account.id, wanted)

    assert len(await world.auth.api_tokens.of(account.id)) == 1
