"""Passkeys: as second factor, alone, and as proof; each challenge for one answer."""

import asyncio
from typing import Any

import pytest
from authenticator import MFA, PAGE, Authenticator, asked
from dirty_equals import IsNow, IsStr
from httpx import AsyncClient

from axonml.auth.store import AuthStore
from axonml.storage.protocols import Statement

pytestmark = pytest.mark.anyio
World = Any
WEBAUTHN = f"{MFA}/webauthn"
HEADERS = {"origin": PAGE}


async def register(client: AsyncClient, key: Authenticator, name: str = "Laptop") -> Any:
    started = await client.post(f"{WEBAUTHN}/register/start", headers=HEADERS)
    assert started.status_code == 200, started.text
    return await finish(client, key.create(started.json()["options"]), started, name)


async def finish(client: AsyncClient, credential: Any, started: Any, name: str = "Laptop") -> Any:
    body = {
        "challenge_id": started.json()["challenge_id"],
        "name": name,
        "credential": credential,
    }
    return await client.post(f"{WEBAUTHN}/register/finish", json=body, headers=HEADERS)


async def prove(client: AsyncClient, key: Authenticator, **body: Any) -> Any:
    started = await client.post(f"{WEBAUTHN}/authenticate/start", json=body, headers=HEADERS)
    assert started.status_code == 200, started.text
    told = started.json()
    answer = {**body, "challenge_id": told["challenge_id"], "credential": key.get(told["options"])}
    return await client.post(f"{WEBAUTHN}/authenticate/finish", json=answer, headers=HEADERS)


async def test_the_first_passkey_brings_recovery_codes_and_asks_for_itself(world: World) -> None:
    client, key = await world.signed_in(), Authenticator()

    made = await register(client, key)
    second = await register(client, Authenticator(), "Key")
    browser, token = await asked(world)
    signed_in = await prove(browser, key, mfa_token=token)
    listed = (await client.get(f"{WEBAUTHN}/credentials")).json()["items"]

    assert made.status_code == 201, made.text
    assert made.json()["passkey"] == {
        "id": IsStr(min_length=43),
        "name": "Laptop",
        "synced": False,
        "transports": ["usb"],
        "created_at": IsNow(iso_string=True, tz="UTC", delta=60),
        "last_used_at": None,
    }
    assert len(made.json()["recovery_codes"]) == 10
    assert second.json()["recovery_codes"] == []
    assert signed_in.json()["user"]["mfa_enabled"] is True
    assert "axon_refresh_3000" in signed_in.headers["set-cookie"]
    assert [passkey["name"] for passkey in listed] == ["Laptop", "Key"]
    assert listed[0]["last_used_at"] is not None


async def test_a_passkey_alone_signs_in_where_the_device_verifies_its_user(world: World) -> None:
    client, key = await world.signed_in(), Authenticator()
    await register(client, key)

    signed_in = await prove(world.client(), key)
    key.verifies = False
    unverified = await prove(world.client(), key)

    assert signed_in.json()["user"]["email"] == "ada@example.org"
    assert (unverified.status_code, unverified.json()["code"]) == (401, "passkey_refused")


async def test_the_options_name_the_site_and_the_passkeys_known(world: World) -> None:
    client, key = await world.signed_in(), Authenticator()
    await register(client, key)

    again = (await client.post(f"{WEBAUTHN}/register/start", headers=HEADERS)).json()["options"]
    alone = await world.client().post(f"{WEBAUTHN}/authenticate/start", headers=HEADERS)
    _, token = await asked(world)
    second = await world.client().post(
        f"{WEBAUTHN}/authenticate/start", json={"mfa_token": token}, headers=HEADERS
    )

    assert again["rp"] == {"name": "AxonML", "id": "localhost"}
    assert again["authenticatorSelection"]["residentKey"] == "preferred"
    assert len(again["excludeCredentials"]) == 1
    assert alone.json()["options"]["allowCredentials"] == []
    assert alone.json()["options"]["userVerification"] == "required"
    assert second.json()["options"]["userVerification"] == "preferred"
    assert len(second.json()["options"]["allowCredentials"]) == 1


async def test_a_copied_authenticator_is_refused_and_noted(world: World) -> None:
    client, key = await world.signed_in(), Authenticator(count=7)
    await register(client, key)
    assert (await prove(world.client(), key)).status_code == 200
    key.count = 4  # the copy has seen less

    copied = await prove(world.client(), key)
    noted = await world.storage.documents.read(
        Statement("SELECT data FROM axonml_audit ORDER BY id DESC LIMIT 2")
    )

    assert (copied.status_code, copied.json()["code"]) == (401, "passkey_refused")
    assert "passkey_counter_stepped_back" in str(noted)


async def test_a_challenge_is_good_once_for_its_user_its_purpose_and_five_minutes(
    world: World, time: Any
) -> None:
    client, key = await world.signed_in(), Authenticator()
    started = await client.post(f"{WEBAUTHN}/register/start", headers=HEADERS)
    credential = key.create(started.json()["options"])
    other = await world.signed_in("bob@example.org")

    foreign = await finish(other, credential, started)
    taken = await finish(client, credential, started)
    late = await client.post(f"{WEBAUTHN}/register/start", headers=HEADERS)
    time.passes(minutes=5.1)
    too_late = await finish(client, key.create(late.json()["options"]), late)
    sign_in = await world.client().post(f"{WEBAUTHN}/authenticate/start", headers=HEADERS)
    mixed_up = await finish(client, credential, sign_in)

    for answer in (foreign, taken, too_late, mixed_up):
        assert (answer.status_code, answer.json()["code"]) == (401, "challenge_spent")


async def test_of_parallel_answers_to_one_challenge_one_succeeds(world: World) -> None:
    client, key = await world.signed_in(), Authenticator()
    started = await client.post(f"{WEBAUTHN}/register/start", headers=HEADERS)
    credential = key.create(started.json()["options"])

    answers = await asyncio.gather(*(finish(client, credential, started) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]


async def test_an_answer_for_another_page_is_refused(world: World) -> None:
    client, key = await world.signed_in(), Authenticator()
    await register(client, key)
    key.origin = "https://localhost.evil.example"

    phished = await prove(world.client(), key)

    assert (phished.status_code, phished.json()["code"]) == (401, "passkey_refused")


async def test_somebody_elses_key_does_not_sign_in(world: World) -> None:
    client, key, forged = await world.signed_in(), Authenticator(), Authenticator()
    await register(client, key)
    forged.id, forged.user_handle = key.id, key.user_handle

    wrong_key = await prove(world.client(), forged)
    unknown = Authenticator()
    unknown.user_handle = key.user_handle
    not_known = await prove(world.client(), unknown)
    nobody = await prove(world.client(), Authenticator())

    for answer in (wrong_key, not_known, nobody):
        assert (answer.status_code, answer.json()["code"]) == (401, "passkey_refused")


BAD: list[dict[str, Any]] = [
    {},
    {"id": 1},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": []},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}},
    {
        "id": "AA",
        "rawId": "!!",
        "type": "public-key",
        "response": {"clientDataJSON": "AA", "attestationObject": "oWNmbXRkbm9uZQ"},
    },
    {
        "id": "AA",
        "rawId": "AA",
        "type": "public-key",
        "response": {
            "clientDataJSON": "e30",
            "attestationObject": "oA",
            "transports": [1, {}],
            "userHandle": "ÿ",
        },
    },
]


@pytest.mark.parametrize("credential", BAD)
async def test_answers_that_no_browser_gives_are_refused(world: World, credential: Any) -> None:
    client = await world.signed_in()
    started = await client.post(f"{WEBAUTHN}/register/start", headers=HEADERS)
    alone = await world.client().post(f"{WEBAUTHN}/authenticate/start", headers=HEADERS)

    registered = await finish(client, credential, started)
    signed_in = await world.client().post(
        f"{WEBAUTHN}/authenticate/finish",
        json={"challenge_id": alone.json()["challenge_id"], "credential": credential},
        headers=HEADERS,
    )

    assert registered.status_code == 422, registered.text
    assert signed_in.status_code == 401, signed_in.text


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:8080"])
async def test_an_address_in_numbers_gets_no_passkey(world: World, origin: str | None) -> None:
    client = await world.signed_in()
    headers = {"origin": origin} if origin else {}

    answer = await client.post(f"{WEBAUTHN}/register/start", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "passkeys_need_a_name")


async def test_another_site_gets_no_challenge(world: World) -> None:
    evil = {"origin": "https://evil.example"}

    answer = await world.client().post(f"{WEBAUTHN}/authenticate/start", headers=evil)

    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")


async def test_passkeys_are_renamed_and_removed_by_their_owner(world: World) -> None:
    client, other = await world.signed_in(), await world.signed_in("bob@example.org")
    made = (await register(client, Authenticator())).json()["passkey"]
    one = f"{WEBAUTHN}/credentials/{made['id']}"

    renamed = await client.patch(one, json={"name": "Phone"})
    foreign = [await other.patch(one, json={"name": "x"}), await other.delete(one)]
    removed = await client.delete(one)
    state = (await client.get(MFA)).json()
    stored = await AuthStore(world.storage.documents).account_of("ada@example.org")

    assert renamed.json()["name"] == "Phone"
    assert [answer.status_code for answer in foreign] == [404, 404]
    assert removed.status_code == 204
    assert state["enabled"] is False
    assert stored is not None
    assert stored.recovery_codes == ()
