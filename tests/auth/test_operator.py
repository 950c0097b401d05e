"""Who can read the data folder signs in; nobody else does by the same way."""

import asyncio
from typing import Any

import msgspec
import pytest
from dirty_equals import IsStr

from axonml import clock
from axonml.auth.store import Account

pytestmark = pytest.mark.anyio
World = Any


def key_of(world: World) -> str:
    return (world.config.home / "operator.key").read_text()


async def granted(world: World, key: str, **body: object) -> Any:
    return await world.client().post(
        "/api/auth/operator", json=body, headers={"authorization": f"Bearer {key}"}
    )


async def test_the_operator_gets_the_first_account_a_token_and_a_link(empty: World) -> None:
    answer = await granted(empty, key_of(empty), name="Ada", email="Ada@example.org")
    grant = answer.json()
    me = await empty.client().get(
        "/api/auth/me", headers={"authorization": f"Bearer {grant['token']}"}
    )

    assert answer.status_code == 200
    assert grant["token"] == IsStr(regex=r"axon_pat_[0-9A-Z]{26}_[\w-]{43}")
    assert grant["user"]["role"] == "admin"
    assert grant["user"]["email"] == "ada@example.org"
    assert grant["user"]["has_password"] is False
    assert me.json() == grant["user"]


async def test_a_link_alone_leaves_no_token_behind(empty: World) -> None:
    grant = (await granted(empty, key_of(empty), link_only=True)).json()

    assert grant["token"] is None
    assert grant["link_token"]
    assert await empty.auth.api_tokens.of(grant["user"]["id"]) == []


async def test_without_a_body_the_account_has_a_name_of_its_own(empty: World) -> None:
    answer = await empty.client().post(
        "/api/auth/operator", headers={"authorization": f"Bearer {key_of(empty)}"}
    )

    assert answer.json()["user"]["email"] == "admin@localhost"


async def test_where_there_are_accounts_the_operator_is_the_oldest_admin(world: World) -> None:
    grant = (await granted(world, key_of(world), email="eve@example.org")).json()

    assert grant["user"]["email"] == "ada@example.org"
    assert await world.auth.users._store.count_accounts() == 2


async def test_of_many_at_once_all_get_the_same_account(empty: World) -> None:
    grants = await asyncio.gather(*(granted(empty, key_of(empty)) for _ in range(5)))

    assert len({grant.json()["user"]["id"] for grant in grants}) == 1
    assert len({grant.json()["link_token"] for grant in grants}) == 5


@pytest.mark.parametrize("key", ["", "wrong", "é"])
async def test_a_wrong_key_gets_nothing(empty: World, key: str) -> None:
    answer = await empty.client().post(
        "/api/auth/operator", headers=[(b"authorization", b"Bearer " + key.encode())]
    )

    assert answer.status_code == 401
    assert not await empty.auth.users.has_any()


async def test_the_operators_account_may_set_its_first_password_without_an_old_one(
    empty: World,
) -> None:
    grant = (await granted(empty, key_of(empty), email="ada@example.org")).json()
    client = empty.client()
    signed_in = await client.post("/api/auth/link", json={"token": grant["link_token"]})
    client.headers["authorization"] = f"Bearer {signed_in.json()['token']}"

    first = await client.post("/api/auth/password", json={"new": "correct horse battery"})
    second = await client.post("/api/auth/password", json={"new": "another horse battery"})

    assert first.status_code == 204
    assert (second.status_code, second.json()["code"]) == (403, "wrong_password")
    assert (await empty.signed_in()).headers["authorization"]


# ---------------------------------------------------------------- links
async def test_a_link_signs_in_once(empty: World) -> None:
    link = (await granted(empty, key_of(empty))).json()["link_token"]
    client = empty.client()

    first = await client.post("/api/auth/link", json={"token": link})
    again = await empty.client().post("/api/auth/link", json={"token": link})
    refreshed = await client.post("/api/auth/refresh", json={})

    assert first.status_code == 200
    assert first.json()["user"]["role"] == "admin"
    assert (again.status_code, again.json()["code"]) == (401, "link_spent")
    assert refreshed.status_code == 200


async def test_of_many_who_use_a_link_at_once_one_signs_in(empty: World) -> None:
    link = (await granted(empty, key_of(empty))).json()["link_token"]

    answers = await asyncio.gather(
        *(empty.client().post("/api/auth/link", json={"token": link}) for _ in range(6))
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 5]


async def test_a_link_is_good_for_a_quarter_of_an_hour(
    empty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = (await granted(empty, key_of(empty))).json()["link_token"]
    later = clock.now_ms() + 15 * 60_000 + 1
    monkeypatch.setattr(clock, "now_ms", lambda: later)

    answer = await empty.client().post("/api/auth/link", json={"token": link})

    assert answer.status_code == 401


async def test_a_link_of_a_disabled_account_opens_nothing(world: World) -> None:
    grant = (await granted(world, key_of(world))).json()
    await world.auth.store.accounts.update(grant["user"]["id"], _disabled)

    answer = await world.client().post("/api/auth/link", json={"token": grant["link_token"]})
    token = await world.client().get(
        "/api/auth/me", headers={"authorization": f"Bearer {grant['token']}"}
    )

    assert (answer.status_code, token.status_code) == (401, 401)


def _disabled(account: Account) -> Account:
    return msgspec.structs.replace(account, disabled=True)
