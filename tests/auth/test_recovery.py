"""Recovery codes: shown once, good once, void when renewed."""

import asyncio
from typing import Any

import pytest
from authenticator import MFA, asked, with_app

from axonml.auth.store import AuthStore

pytestmark = pytest.mark.anyio
World = Any


async def test_a_recovery_code_signs_in_once(world: World) -> None:
    _, codes = await with_app(await world.signed_in())
    client, token = await asked(world)
    typed = codes[0].upper().replace("-", " ")

    signed_in = await client.post(f"{MFA}/recovery", json={"mfa_token": token, "code": typed})
    client.headers["authorization"] = f"Bearer {signed_in.json()['token']}"
    state = (await client.get(MFA)).json()
    other, again = await asked(world)
    spent = await other.post(f"{MFA}/recovery", json={"mfa_token": again, "code": codes[0]})

    assert signed_in.status_code == 200, signed_in.text
    assert state["recovery_codes_left"] == 9
    assert (spent.status_code, spent.json()["code"]) == (401, "wrong_code")


async def test_of_parallel_sign_ins_with_one_recovery_code_one_succeeds(world: World) -> None:
    _, codes = await with_app(await world.signed_in())
    waiting = [await asked(world, f"192.0.2.{n}") for n in range(20, 24)]

    answers = await asyncio.gather(
        *(
            client.post(f"{MFA}/recovery", json={"mfa_token": token, "code": codes[3]})
            for client, token in waiting
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_new_codes_void_the_old_and_are_stored_as_hashes(world: World) -> None:
    client = await world.signed_in()
    _, old = await with_app(client)

    new = (await client.post(f"{MFA}/recovery/regenerate")).json()["recovery_codes"]
    shown_by_get = (await client.get(f"{MFA}/recovery")).json()["recovery_codes"]
    browser, token = await asked(world)
    refused = [
        await browser.post(f"{MFA}/recovery", json={"mfa_token": token, "code": code})
        for code in (old[0], new[0])
    ]
    stored = await AuthStore(world.storage.documents).account_of("ada@example.org")

    assert len({*old, *new, *shown_by_get}) == 30
    assert [answer.status_code for answer in refused] == [401, 401]
    assert stored is not None
    assert all(len(hashed) == 64 for hashed in stored.recovery_codes)


async def test_codes_are_for_who_has_a_second_factor(world: World) -> None:
    client = await world.signed_in()

    answer = await client.post(f"{MFA}/recovery/regenerate")

    assert (answer.status_code, answer.json()["code"]) == (409, "mfa_not_enabled")
    assert answer.headers["cache-control"] == "no-store"
