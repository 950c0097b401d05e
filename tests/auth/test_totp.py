"""Codes of an authenticator app: RFC 6238, each good once."""

import asyncio
import base64
from typing import Any

import pytest
from authenticator import ADA, MFA, asked, now, with_app
from dirty_equals import IsStr
from pyotp.totp import TOTP

from axonml import clock
from axonml.auth.store import AuthStore
from axonml.auth.totp import counter_of

pytestmark = pytest.mark.anyio
World = Any
# RFC 6238, appendix B, of the SHA-1 rows: seconds since the epoch, and the last 6 digits.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_the_codes_are_those_of_rfc_6238(
    at: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    monkeypatch.setattr(clock, "now_ms", lambda: at * 1000)

    assert counter_of(secret, code) == at // 30
    assert counter_of(secret, f" {code[:3]} {code[3:]}") == at // 30
    assert counter_of(secret, f"{(int(code) + 1) % 1000000:06}") is None


def test_a_code_is_good_for_a_step_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    found: dict[int, int | None] = {}
    for off in (-60, -30, 0, 30, 60):
        monkeypatch.setattr(clock, "now_ms", lambda off=off: (1234567890 + off) * 1000)
        found[off] = counter_of(secret, "005924")

    step = 1234567890 // 30
    assert found == {-60: None, -30: step, 0: step, 30: step, 60: None}


async def test_a_sign_in_asks_for_a_code_once_an_app_is_set_up(world: World, time: Any) -> None:
    client = await world.signed_in()
    app, codes = await with_app(client)
    time.passes(seconds=30)
    browser = world.client()

    first = await browser.post("/api/auth/login", json=ADA)
    token = first.json()["mfa_token"]
    signed_in = await browser.post(
        f"{MFA}/totp/verify", json={"mfa_token": token, "code": now(app)}
    )

    assert first.json() == {
        "requires_mfa": True,
        "mfa_token": IsStr(min_length=43),
        "expires_at": IsStr(),
        "methods": ["totp", "recovery"],
    }
    assert "set-cookie" not in first.headers
    assert signed_in.json()["user"]["mfa_enabled"] is True
    assert "axon_refresh_3000" in signed_in.headers["set-cookie"]
    assert len(set(codes)) == 10


async def test_the_secret_is_shown_as_text_picture_and_link_and_sealed_at_rest(
    world: World,
) -> None:
    client = await world.signed_in()

    setup = (await client.post(f"{MFA}/totp/setup")).json()
    again = (await client.get(f"{MFA}/totp/setup")).json()
    fresh = (await client.post(f"{MFA}/totp/setup")).json()
    await client.post(f"{MFA}/totp/enable", json={"code": now(TOTP(fresh["secret"]))})
    stored = await AuthStore(world.storage.documents).account_of("ada@example.org")

    assert setup == {
        "secret": IsStr(regex="[A-Z2-7]{32}"),
        "qr_code": IsStr(regex=r"data:image/png;base64,[A-Za-z0-9+/=]+"),
        "otpauth_uri": IsStr(regex=r"otpauth://totp/AxonML:ada%40example\.org\?secret=.*"),
    }
    assert again == setup
    assert fresh["secret"] != setup["secret"]
    assert stored is not None
    assert stored.totp_secret is not None
    assert fresh["secret"] not in stored.totp_secret


async def test_a_code_is_good_once_also_the_one_that_enabled_the_app(
    world: World, time: Any
) -> None:
    app, _ = await with_app(await world.signed_in())
    enabling = now(app)
    client, token = await asked(world)

    reused = await client.post(f"{MFA}/totp/verify", json={"mfa_token": token, "code": enabling})
    time.passes(seconds=30)
    code = now(app)
    right = await client.post(f"{MFA}/totp/verify", json={"mfa_token": token, "code": code})
    other, second = await asked(world)
    replayed = await other.post(f"{MFA}/totp/verify", json={"mfa_token": second, "code": code})

    assert (reused.status_code, reused.json()["code"]) == (401, "wrong_code")
    assert right.status_code == 200
    assert (replayed.status_code, replayed.json()["code"]) == (401, "wrong_code")


async def test_of_parallel_sign_ins_with_one_code_one_succeeds(world: World, time: Any) -> None:
    app, _ = await with_app(await world.signed_in())
    time.passes(minutes=6)
    waiting = [await asked(world, f"192.0.2.{n}") for n in range(20, 25)]

    answers = await asyncio.gather(
        *(
            client.post(f"{MFA}/totp/verify", json={"mfa_token": token, "code": now(app)})
            for client, token in waiting
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_a_sign_in_goes_on_once_and_for_five_minutes(world: World, time: Any) -> None:
    app, _ = await with_app(await world.signed_in())
    time.passes(seconds=60)
    client, token = await asked(world)
    body = {"mfa_token": token, "code": now(app)}
    await client.post(f"{MFA}/totp/verify", json=body)
    time.passes(seconds=60)

    twice = await client.post(f"{MFA}/totp/verify", json={"mfa_token": token, "code": now(app)})
    late_client, late = await asked(world)
    time.passes(minutes=5.1)
    too_late = await late_client.post(
        f"{MFA}/totp/verify", json={"mfa_token": late, "code": now(app)}
    )

    for answer in (twice, too_late):
        assert (answer.status_code, answer.json()["code"]) == (401, "mfa_expired")


async def test_codes_cannot_be_guessed_in_parallel(world: World, time: Any) -> None:
    app, _ = await with_app(await world.signed_in())
    time.passes(minutes=6)
    client, token = await asked(world)

    guesses = await asyncio.gather(
        *(
            client.post(f"{MFA}/totp/verify", json={"mfa_token": token, "code": f"{n:06}"})
            for n in range(30)
        )
    )
    right = await client.post(f"{MFA}/totp/verify", json={"mfa_token": token, "code": now(app)})

    assert sorted(answer.status_code for answer in guesses) == [401] * 5 + [429] * 25
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 0


async def test_setting_up_ends_the_other_sessions(world: World) -> None:
    other, client = await world.signed_in(), await world.signed_in(address="192.0.2.2")
    await with_app(client)

    assert (await other.get("/api/auth/me")).status_code == 401
    assert (await client.get("/api/auth/me")).json()["mfa_enabled"] is True


async def test_an_app_that_shows_wrong_codes_is_not_enabled(world: World) -> None:
    client = await world.signed_in()

    nothing = await client.post(f"{MFA}/totp/enable")
    setup = (await client.post(f"{MFA}/totp/setup")).json()
    unproved = await client.post(f"{MFA}/totp/enable")
    wrong = await client.post(f"{MFA}/totp/verify", json={"code": "000000"})
    me = (await client.get("/api/auth/me")).json()

    assert setup["secret"]
    assert (nothing.status_code, nothing.json()["code"]) == (409, "totp_set_up_expired")
    assert (unproved.status_code, unproved.json()["code"]) == (409, "totp_unproved")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")
    assert me["mfa_enabled"] is False


@pytest.mark.parametrize(
    "body",
    [{}, {"code": ""}, {"code": 123456}, {"code": "1" * 65}, {"code": "1", "x": 1}, [], "x"],
)
async def test_bodies_that_are_no_codes_are_refused(world: World, body: Any) -> None:
    client = await world.signed_in()

    answer = await client.post(f"{MFA}/totp/verify", json=body)

    assert answer.status_code in {400, 422}


async def test_nobody_checks_codes_without_a_session_or_sign_in(world: World) -> None:
    nobody = world.client()

    bare = await nobody.post(f"{MFA}/totp/verify", json={"code": "123456"})
    invented = await nobody.post(
        f"{MFA}/totp/verify", json={"code": "123456", "mfa_token": "x" * 43}
    )

    assert (bare.status_code, invented.status_code) == (401, 401)


async def test_removing_the_app_makes_the_password_enough_again(world: World) -> None:
    client = await world.signed_in()
    await with_app(client)

    removed = await client.delete(f"{MFA}/totp")
    twice = await client.delete(f"{MFA}/totp")
    state = (await client.get(MFA)).json()

    assert (removed.status_code, twice.status_code) == (204, 404)
    assert state["enabled"] is False
    assert state["recovery_codes_left"] == 0
    await world.signed_in()
