"""Register, sign in, refresh, sign out: as a browser and as a script."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dirty_equals import IsNow, IsStr
from httpx import AsyncClient

from axonml.auth.admin_types import UserChange
from axonml.config import AuthConfig, Config, ServerConfig

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery"
A_ULID = IsStr(regex=r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
COOKIE = "axon_refresh_3000"
PAGE = "http://localhost:8080"
World = Any
ADA = {"email": "ada@example.org", "password": PASSWORD}


def a_user(**fields: Any) -> dict[str, Any]:
    return {
        "id": A_ULID,
        "email": "ada@example.org",
        "name": "Ada",
        "role": "admin",
        "mfa_enabled": False,
        "has_password": True,
        "created_at": IsNow(iso_string=True, tz="UTC", delta=60),
        **fields,
    }


# ---------------------------------------------------------------- registration
async def test_the_first_account_is_admin_and_later_ones_are_members(empty: World) -> None:
    before = await empty.client().get("/api/auth/state")
    first = await empty.register("Ada@Example.org")
    second = await empty.register("bob@example.org", "Bob")
    after = await empty.client().get("/api/auth/state")

    assert first.json() == {"user": a_user()}
    assert second.json() == {"user": a_user(email="bob@example.org", name="Bob", role="member")}
    assert before.json() == {
        "has_users": False,
        "needs_setup_token": False,
        "registration": "open",
        "require_mfa": False,
        "version": IsStr(),
    }
    assert after.json()["has_users"] is True


async def test_of_many_first_registrations_at_once_one_is_admin(empty: World) -> None:
    answers = await asyncio.gather(
        *(empty.register(f"user{i}@example.org", f"User {i}") for i in range(6))
    )

    roles = sorted(answer.json()["user"]["role"] for answer in answers)
    assert roles == ["admin", *["member"] * 5]


async def test_an_address_in_any_case_registers_once(empty: World) -> None:
    first, again = await empty.register("ada@example.org"), await empty.register("ADA@example.org")

    assert first.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("email", "ada", "$.email"),
        ("email", "a@b\u0000", "$.email"),
        ("email", "a" * 260 + "@b", "$.email"),
        ("name", "", "$.name"),
        ("name", "A\nda", "$.name"),
        ("name", "A\u0000", "$.name"),
        ("password", "short", "$.password"),
        ("password", "password1", "$.password"),
        ("password", "Ada@example.org", "$.password"),
        ("password", "x" * 1025, "$.password"),
        ("role", "admin", "$.role"),
    ],
)
async def test_a_wrong_field_of_a_registration_is_named(
    empty: World, field: str, value: str, path: str
) -> None:
    body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD, field: value}

    answer = await empty.client().post("/api/auth/register", json=body)

    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["fields"]] == [path]
    assert not (await empty.client().get("/api/auth/state")).json()["has_users"]


async def test_off_loopback_the_first_account_needs_the_setup_token(
    tmp_path: Path, worlds: Callable[[Config], Any]
) -> None:
    config = Config(home=tmp_path, server=ServerConfig(host="0.0.0.0"))  # noqa: S104
    body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    async with worlds(config) as world:
        old, token = await world.auth.setup_token(), await world.auth.setup_token()
        post = world.client().post
        without = await post("/api/auth/register", json=body)
        wrong = await post("/api/auth/register", json={**body, "setup_token": old})
        state = (await world.client().get("/api/auth/state")).json()
        right = await post("/api/auth/register", json={**body, "setup_token": token})
        again = await post(
            "/api/auth/register", json={**body, "email": "eve@example.org", "setup_token": token}
        )

        assert (state["needs_setup_token"], state["registration"]) == (True, "invite")
        assert [without.json()["code"], wrong.json()["code"]] == ["setup_token_required"] * 2
        assert right.json()["user"]["role"] == "admin"
        assert (again.status_code, again.json()["code"]) == (403, "invitation_required")
        assert await world.auth.setup_token() is None


async def test_a_proxy_in_front_of_loopback_counts_as_reachable(
    tmp_path: Path, worlds: Callable[[Config], Any]
) -> None:
    config = Config(home=tmp_path, server=ServerConfig(trusted_proxies=("10.0.0.1",)))
    async with worlds(config) as world:
        state = (await world.client().get("/api/auth/state")).json()

    assert (state["needs_setup_token"], state["registration"]) == (True, "invite")


async def test_a_closed_server_still_takes_its_first_account(
    tmp_path: Path, worlds: Callable[[Config], Any]
) -> None:
    async with worlds(Config(home=tmp_path, auth=AuthConfig(registration="closed"))) as world:
        first = await world.register("ada@example.org")
        second = await world.register("bob@example.org")

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (403, "registration_closed")


# ---------------------------------------------------------------- sign-in
async def test_signing_in_gives_a_token_and_a_cookie_that_no_script_reads(world: World) -> None:
    client = world.client()
    answer = await client.post("/api/auth/login", json=ADA)

    assert answer.status_code == 200
    assert answer.json() == {
        "token": IsStr(regex=r"eyJ.+\..+\..+"),
        "expires_at": IsStr(),
        "user": a_user(),
    }
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=axon_rt_")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/api/auth", "max-age=2592000"} <= parts
    assert "secure" not in parts
    me = await client.get(
        "/api/auth/me", headers={"authorization": f"Bearer {answer.json()['token']}"}
    )
    assert me.json() == a_user()


async def test_on_tls_the_cookie_is_bound_to_the_host(world: World) -> None:
    client = world.client(base="https://localhost:3000")
    answer = await client.post("/api/auth/login", json=ADA)
    refreshed = await client.post("/api/auth/refresh", json={})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert {"secure", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert refreshed.status_code == 200


async def test_a_script_gets_the_refresh_token_in_the_body_and_no_cookie(world: World) -> None:
    client = world.client()
    answer = await client.post("/api/auth/login", json={**ADA, "client": "cli"})
    refreshed = await client.post(
        "/api/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]}
    )

    assert "set-cookie" not in answer.headers
    assert refreshed.status_code == 200
    assert refreshed.json()["refresh_token"] not in {None, answer.json()["refresh_token"]}
    assert "set-cookie" not in refreshed.headers


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("not an address", PASSWORD),
        ("ada@example.org", PASSWORD + " "),
        ("ada@example.org", PASSWORD.upper()),
        ("", PASSWORD),
    ],
)
async def test_unknown_and_known_users_are_refused_with_the_same_words(
    world: World, email: str, password: str
) -> None:
    answer = await world.client().post(
        "/api/auth/login", json={"email": email, "password": password}
    )

    told = answer.json()
    del told["request_id"]
    assert answer.status_code == 401
    assert told == {
        "type": "urn:axonml:problem:wrong_credentials",
        "title": "Sign in first",
        "status": 401,
        "detail": "the e-mail address or the password is wrong",
        "code": "wrong_credentials",
    }
    assert "set-cookie" not in answer.headers


async def test_an_unknown_user_costs_the_same_hash_as_a_known_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    hasher = world.auth.passwords._hasher

    class Counting:
        def verify(self, password_hash: str, password: str) -> bool:
            verified.append(password_hash.rpartition("$")[0].rpartition("$")[0])
            return hasher.verify(password_hash, password)

    monkeypatch.setattr(world.auth.passwords, "_hasher", Counting())
    for email in ("ada@example.org", "nobody@example.org"):
        body = {"email": email, "password": "wrong password"}
        assert (await world.client().post("/api/auth/login", json=body)).status_code == 401

    assert verified == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


async def test_a_disabled_account_learns_so_only_with_its_password(world: World) -> None:
    bob = await world.auth.users._store.account_of("bob@example.org")
    await world.auth.administration.change(bob.id, UserChange(disabled=True), bob.id)

    right = await world.client().post(
        "/api/auth/login", json={"email": "bob@example.org", "password": PASSWORD}
    )
    wrong = await world.client().post(
        "/api/auth/login", json={"email": "bob@example.org", "password": "wrong password"}
    )

    assert (right.status_code, right.json()["code"]) == (403, "account_disabled")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(
    tmp_path: Path, worlds: Callable[[Config], Any]
) -> None:
    async with worlds(Config(home=tmp_path)) as world:
        assert (await world.register("ada@example.org")).status_code == 201
    stronger = Config(home=tmp_path, auth=AuthConfig(argon2_passes=3))
    async with worlds(stronger) as world:
        _ = await world.signed_in()
        _ = await world.signed_in()
        account = await world.auth.users._store.account_of("ada@example.org")

    assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=3,p=1$")


# ---------------------------------------------------------------- throttling
async def tries(client: AsyncClient, email: str, n: int) -> list[int]:
    body = {"email": email, "password": "wrong password"}
    return [(await client.post("/api/auth/login", json=body)).status_code for _ in range(n)]


async def test_the_eleventh_guess_at_an_account_must_wait(world: World) -> None:
    client = world.client()
    statuses = await tries(client, "ada@example.org", 10)
    refused = await client.post("/api/auth/login", json=ADA)
    elsewhere = await world.client("192.0.2.2").post("/api/auth/login", json=ADA)

    assert statuses == [401] * 10
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 300
    assert refused.headers["ratelimit-policy"] == '"login";q=10;w=300'
    assert elsewhere.status_code == 200


async def test_parallel_guesses_are_counted_before_any_is_hashed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed, go_on = 0, asyncio.Event()

    async def slow_verify(*_: object) -> bool:
        nonlocal hashed
        hashed += 1
        await go_on.wait()
        return False

    monkeypatch.setattr(world.auth.passwords, "verify", slow_verify)
    client = world.client()
    guesses = [asyncio.create_task(tries(client, "ada@example.org", 1)) for _ in range(40)]
    refused = 0
    async with asyncio.timeout(10):
        while refused < 30:
            refused = sum(1 for guess in guesses if guess.done())
            await asyncio.sleep(0)
    go_on.set()
    statuses = sorted(status for [status] in await asyncio.gather(*guesses))

    assert hashed == 10
    assert statuses == [401] * 10 + [429] * 30


async def test_signing_in_rightly_starts_the_count_anew(world: World) -> None:
    client = world.client()
    for _ in range(2):
        assert await tries(client, "ada@example.org", 9) == [401] * 9
        assert (await client.post("/api/auth/login", json=ADA)).status_code == 200


async def test_one_address_may_not_try_many_accounts(world: World) -> None:
    client = world.client()
    statuses = [
        status for i in range(31) for status in await tries(client, f"user{i}@example.org", 1)
    ]

    assert statuses == [401] * 30 + [429]


async def test_guesses_from_many_addresses_do_not_lock_out_a_known_device(world: World) -> None:
    known = await world.signed_in()
    for i in range(5):
        _ = await tries(world.client(f"203.0.113.{i}"), "ada@example.org", 10)

    stranger = await world.client("203.0.113.99").post("/api/auth/login", json=ADA)
    mine = await known.post("/api/auth/login", json=ADA)

    assert stranger.status_code == 429
    assert stranger.headers["ratelimit-policy"].startswith('"login-account"')
    assert mine.status_code == 200


# ---------------------------------------------------------------- other pages
@pytest.mark.parametrize("path", ["login", "register", "refresh", "logout", "link", "operator"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_no_other_page_signs_anybody_in_or_out(
    world: World, path: str, headers: dict[str, str]
) -> None:
    client = await world.signed_in()
    cookie = client.cookies.get(COOKIE)
    bodies = {
        "login": ADA,
        "register": {"email": "eve@example.org", "name": "Eve", "password": PASSWORD},
        "link": {"token": "x"},
    }

    answer = await client.post(f"/api/auth/{path}", json=bodies.get(path, {}), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert "set-cookie" not in answer.headers
    assert client.cookies.get(COOKIE) == cookie
    assert (await client.get("/api/auth/me")).status_code == 200


async def test_the_dashboard_on_its_own_port_signs_in(world: World) -> None:
    answer = await world.client().post("/api/auth/login", json=ADA, headers={"origin": PAGE})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"


async def test_a_form_of_another_site_is_no_json(world: World) -> None:
    answer = await world.client().post(
        "/api/auth/login",
        content=b'{"email":"ada@example.org","password":"correct horse battery"}',
        headers={"content-type": "text/plain"},
    )

    assert answer.status_code == 415


# ---------------------------------------------------------------- sign-out
async def test_signing_out_ends_the_session_at_once(world: World) -> None:
    ended: list[str] = []
    world.auth.sessions.on_end(ended.append)
    client = await world.signed_in()
    assert (await client.get("/api/auth/me")).status_code == 200
    spare = client.cookies.get(COOKIE)

    answer = await client.post("/api/auth/logout")
    me = await client.get("/api/auth/me")
    refreshed = await world.client().post("/api/auth/refresh", json={"refresh_token": spare})

    assert answer.status_code == 204
    assert client.cookies.get(COOKIE) is None
    assert (me.status_code, refreshed.status_code) == (401, 401)
    assert len(ended) == 1


async def test_signing_out_works_by_the_cookie_alone_and_twice(world: World) -> None:
    client = await world.signed_in()
    token = client.headers.pop("authorization")

    first, again = await client.post("/api/auth/logout"), await client.post("/api/auth/logout")
    me = await client.get("/api/auth/me", headers={"authorization": token})

    assert (first.status_code, again.status_code, me.status_code) == (204, 204, 401)


async def test_what_happened_is_in_the_audit_log_without_any_secret(world: World) -> None:
    client = await world.signed_in()
    _ = await tries(client, "ada@example.org", 1)
    _ = await world.register("eve@example.org")
    entries = await world.auth.users._store.audit.find("ORDER BY id")

    assert [entry.action for entry in entries] == ["signed_in", "sign_in_failed", "registered"]
    assert [entry.address for entry in entries] == ["192.0.2.1", "192.0.2.1", "198.51.100.9"]
    assert PASSWORD not in str(entries)
    assert "axon_rt_" not in str(entries)
