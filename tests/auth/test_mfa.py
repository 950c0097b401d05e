"""What changes an account's credentials asks for a proof of the last ten minutes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authenticator import MFA, PAGE, Authenticator, now, with_app
from dirty_equals import IsStr

from axonml.config import AuthConfig, Config

pytestmark = pytest.mark.anyio
World = Any
PASSWORD = "correct horse battery"
TOKEN = {"name": "ci", "scopes": ["read"]}
CHANGES = [
    ("post", f"{MFA}/totp/setup"),
    ("get", f"{MFA}/totp/setup"),
    ("post", f"{MFA}/totp/enable"),
    ("delete", f"{MFA}/totp"),
    ("delete", MFA),
    ("get", f"{MFA}/recovery"),
    ("post", f"{MFA}/recovery/regenerate"),
    ("post", f"{MFA}/webauthn/register/start"),
    ("delete", f"{MFA}/webauthn/credentials/x"),
    ("post", "/api/auth/tokens"),
    ("delete", "/api/auth/sessions"),
    ("delete", "/api/auth/sessions/x"),
]


async def signed_in_long_ago(world: World, time: Any) -> Any:
    client = await world.signed_in()
    time.passes(minutes=10.1)
    return client


async def proves(client: Any, **proof: Any) -> Any:
    """Prove, and go on with the token of the answer."""
    answer = await client.post("/api/auth/reauth", json=proof)
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return answer


@pytest.mark.parametrize(("method", "path"), CHANGES)
async def test_ten_minutes_after_the_last_proof_another_is_asked(
    world: World, time: Any, method: str, path: str
) -> None:
    client = await signed_in_long_ago(world, time)

    body = {"json": TOKEN} if path.endswith("tokens") else {}
    answer = await client.request(method, path, **body)

    assert (answer.status_code, answer.json()["code"]) == (403, "reauth_required")


async def test_a_password_proves_for_ten_minutes(world: World, time: Any) -> None:
    client = await signed_in_long_ago(world, time)
    before = (await client.get(MFA)).json()

    wrong = await client.post("/api/auth/reauth", json={"password": "not this one"})
    right = await proves(client, password=PASSWORD)
    made = await client.post("/api/auth/tokens", json=TOKEN)

    assert before["proved_until"] is None
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    assert right.json()["proved_until"] == IsStr()
    assert made.status_code == 201


async def test_a_proof_voids_the_tokens_before_it(world: World, time: Any) -> None:
    client = await signed_in_long_ago(world, time)
    copied = world.client(authorization=client.headers["authorization"])

    _ = await proves(client, password=PASSWORD)

    assert (await client.get("/api/auth/me")).status_code == 200
    assert (await copied.get("/api/auth/me")).status_code == 401


async def test_with_a_second_factor_a_code_or_passkey_proves_and_no_password(
    world: World, time: Any
) -> None:
    client, key, headers = await world.signed_in(), Authenticator(), {"origin": PAGE}
    app, _ = await with_app(client)
    webauthn = f"{MFA}/webauthn"
    started = (await client.post(f"{webauthn}/register/start", headers=headers)).json()
    body = {
        "challenge_id": started["challenge_id"],
        "name": "Key",
        "credential": key.create(started["options"]),
    }
    assert (await client.post(f"{webauthn}/register/finish", json=body)).status_code == 201
    time.passes(minutes=10.1)

    by_password = await client.post("/api/auth/reauth", json={"password": PASSWORD})
    by_code = await proves(client, code=now(app))
    replayed = await client.post("/api/auth/reauth", json={"code": now(app)})
    time.passes(minutes=4)
    asked = (await client.post(f"{webauthn}/authenticate/start", headers=headers)).json()
    proof = {"challenge_id": asked["challenge_id"], "credential": key.get(asked["options"])}
    by_passkey = await client.post("/api/auth/reauth", json={"passkey": proof})

    assert (by_password.status_code, by_password.json()["code"]) == (403, "factor_required")
    assert by_code.status_code == 200
    assert replayed.status_code == 401
    assert by_passkey.status_code == 200, by_passkey.text


@pytest.mark.parametrize("body", [{}, {"password": "a", "code": "1"}, {"x": 1}, [], None])
async def test_a_proof_is_exactly_one(world: World, body: Any) -> None:
    client = await world.signed_in()

    answer = await client.post("/api/auth/reauth", json=body)

    assert answer.status_code in {400, 422}


async def test_an_api_token_proves_nothing(world: World) -> None:
    client = await world.signed_in()
    token = (await client.post("/api/auth/tokens", json=TOKEN)).json()["token"]
    script = world.client(authorization=f"Bearer {token}")

    answers = [
        await script.post("/api/auth/reauth", json={"password": PASSWORD}),
        await script.get(MFA),
        await script.post(f"{MFA}/totp/verify", json={"code": "123456"}),
    ]

    assert [answer.json()["code"] for answer in answers] == ["session_required"] * 3


async def test_a_server_that_requires_a_second_factor_asks_for_its_set_up_first(
    tmp_path: Path, worlds: Callable[[Config], Any]
) -> None:
    async with worlds(Config(home=tmp_path, auth=AuthConfig(require_mfa=True))) as world:
        await world.register("ada@example.org")
        client = await world.signed_in()

        refused = [
            await client.get("/api/auth/tokens"),
            await client.post("/api/auth/tokens", json=TOKEN),
        ]
        state = (await client.get(MFA)).json()
        await with_app(client)
        allowed = await client.post("/api/auth/tokens", json=TOKEN)
        last = await client.delete(MFA)

    assert [answer.json()["code"] for answer in refused] == ["mfa_required"] * 2
    assert state["required"] is True
    assert allowed.status_code == 201
    assert (last.status_code, last.json()["code"]) == (409, "mfa_required")


async def test_a_link_of_the_operator_needs_no_second_factor(world: World) -> None:
    client = await world.signed_in()
    await with_app(client)
    key = (world.config.home / "operator.key").read_text()
    granted = await world.client(authorization=f"Bearer {key}").post("/api/auth/operator")

    link = {"token": granted.json()["link_token"]}
    operator = await world.client().post("/api/auth/link", json=link)

    assert operator.json()["user"]["email"] == "ada@example.org"


async def test_a_recovery_code_proves_once(world: World, time: Any) -> None:
    client = await world.signed_in()
    _, codes = await with_app(client)
    time.passes(minutes=10.1)

    answers = [await client.post("/api/auth/reauth", json={"code": codes[0]}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 401]


async def test_who_came_by_a_link_sets_a_new_password_without_the_old(world: World) -> None:
    account = await world.auth.store.account_of("bob@example.org")
    link = await world.auth.links.make(account.id)
    client = world.client()
    signed_in = (await client.post("/api/auth/link", json={"token": link})).json()
    client.headers["authorization"] = f"Bearer {signed_in['token']}"
    lost = (await client.get(MFA)).json()["asks_password"]

    new = {"new": "a quite different phrase"}
    answers = [await client.post("/api/auth/password", json=new) for _ in range(2)]

    assert lost is False
    assert [answer.status_code for answer in answers] == [204, 403]
    assert (await client.get(MFA)).json()["asks_password"] is True


async def test_a_sign_in_ends_the_session_that_the_browser_had(world: World) -> None:
    browser = await world.signed_in()
    again = await browser.post(
        "/api/auth/login", json={"email": "ada@example.org", "password": PASSWORD}
    )
    before = await browser.get("/api/auth/me")

    assert again.status_code == 200
    assert before.status_code == 401
