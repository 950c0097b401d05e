"""The signed-in user's own account."""

from typing import Any

import pytest

pytestmark = pytest.mark.anyio
World = Any
PASSWORD, NEW = "correct horse battery", "another horse battery"


async def test_a_user_changes_its_name(world: World) -> None:
    client = await world.signed_in()

    changed = await client.patch("/api/auth/me", json={"name": "Ada L."})

    assert changed.json()["name"] == "Ada L."
    assert (await client.get("/api/auth/me")).json() == changed.json()


@pytest.mark.parametrize("body", [{"name": ""}, {"role": "admin"}, {"name": "A", "email": "a@b"}])
async def test_a_user_changes_nothing_else_of_itself(world: World, body: dict[str, str]) -> None:
    client = await world.signed_in("bob@example.org")

    answer = await client.patch("/api/auth/me", json=body)

    assert answer.status_code == 422
    assert (await client.get("/api/auth/me")).json()["role"] == "member"


async def test_a_new_password_ends_the_other_sessions_and_voids_the_old(world: World) -> None:
    here, there = await world.signed_in(), await world.signed_in(address="192.0.2.77")
    assert (await there.get("/api/auth/me")).status_code == 200

    answer = await here.post("/api/auth/password", json={"current": PASSWORD, "new": NEW})

    assert answer.status_code == 204
    assert (await here.get("/api/auth/me")).status_code == 200
    assert (await there.get("/api/auth/me")).status_code == 401
    statuses = [
        (
            await world.client().post(
                "/api/auth/login", json={"email": "ada@example.org", "password": password}
            )
        ).status_code
        for password in (PASSWORD, NEW)
    ]
    assert statuses == [401, 200]


async def test_the_current_password_must_be_right_and_is_not_guessed_at_will(
    world: World,
) -> None:
    client = await world.signed_in()
    wrong = {"current": "wrong password", "new": NEW}

    answers = [await client.post("/api/auth/password", json=wrong) for _ in range(11)]
    missing = await client.post("/api/auth/password", json={"new": NEW})

    assert [answer.status_code for answer in answers] == [403] * 10 + [429]
    assert missing.status_code == 429
    assert (await client.get("/api/auth/me")).status_code == 200


async def test_a_weak_new_password_is_refused(world: World) -> None:
    client = await world.signed_in()

    answer = await client.post("/api/auth/password", json={"current": PASSWORD, "new": "password1"})

    assert (answer.status_code, answer.json()["code"]) == (422, "weak_password")


async def test_every_route_of_auth_is_in_the_document(world: World) -> None:
    told = (await world.client().get("/api/openapi.json")).json()

    operations = {
        operation["operationId"]: operation["x-access"]
        for methods in told["paths"].values()
        for operation in methods.values()
    }
    assert operations == {
        "getAuthState": "public",
        "register": "public",
        "login": "public",
        "signInByLink": "public",
        "refresh": "public",
        "logout": "public",
        "grantOperator": "public",
        "getMe": "read",
        "changeMe": "session",
        "changePassword": "session",
        "listTokens": "session",
        "createToken": "session",
        "revokeToken": "session",
        "listSessions": "session",
        "endOtherSessions": "session",
        "endSession": "session",
        "showInvite": "public",
        "listOwnAudit": "session",
        "verifyTotp": "public",
        "useRecoveryCode": "public",
        "startPasskey": "public",
        "finishPasskey": "public",
        "getMfa": "session",
        "turnOffMfa": "session",
        "reauthenticate": "session",
        "showTotpSetup": "session",
        "setUpTotp": "session",
        "enableTotp": "session",
        "removeTotp": "session",
        "makeRecoveryCodes": "session",
        "regenerateRecoveryCodes": "session",
        "startPasskeyRegistration": "session",
        "finishPasskeyRegistration": "session",
        "listPasskeys": "session",
        "renamePasskey": "session",
        "removePasskey": "session",
    }
    for secret in ("password_hash", "refresh_hash", "secret_hash", "totp_secret", "public_key"):
        assert secret not in str(told)
