"""Which passwords are taken, and what checking one costs."""

import asyncio
import threading
import time

import pytest

from axonml.auth.passwords import Passwords, check_password
from axonml.config import AuthConfig
from axonml.errors import Invalid, StartupError, Unavailable


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "1234567",
        "password",
        "PassWord",
        "qwertyuiop",
        "iloveyou",
        "ada@example.org",
        "ADA@EXAMPLE.ORG",
        "ada.lovelace",
        "Ada Lovelace",
        "axonml123",
        "aaaaaaaaaaaa",
        "abababababab",
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    email = "ada@example.org" if "@" in password else "ada.lovelace@example.org"

    with pytest.raises(Invalid) as refused:
        check_password(password, email, "Ada Lovelace")

    assert refused.value.problem_code == "weak_password"
    assert [field.path for field in refused.value.fields] == ["$.password"]


@pytest.mark.parametrize(
    "password",
    [
        "kT9#vq2L",
        "correct horse battery",
        "пароль-длинный",
        "密码密码很长密码",
        "xyz " * 256,
        "1 2 3 4 5 6",
    ],
)
def test_any_composition_is_taken(password: str) -> None:
    check_password(password, "ada@example.org", "Ada Lovelace")


@pytest.mark.parametrize(
    "weaker", [AuthConfig(argon2_memory_kib=1024), AuthConfig(argon2_passes=1)]
)
def test_the_cost_can_only_be_raised(weaker: AuthConfig) -> None:
    with pytest.raises(StartupError, match="at least"):
        _ = Passwords(weaker)


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(AuthConfig())


@pytest.mark.anyio
async def test_only_the_exact_password_is_right(passwords: Passwords) -> None:
    hashed = await passwords.hash("pässwört ")

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(hashed, "pässwört ")
    for wrong in ("pässwört", "passwort ", "PÄSSWÖRT ", ""):
        assert not await passwords.verify(hashed, wrong)
    assert not await passwords.verify("not a hash", "pässwört ")
    assert not await passwords.verify(None, "nobody's")
    passwords.close()


@pytest.mark.anyio
async def test_an_unknown_account_takes_as_long_as_a_known_one(passwords: Passwords) -> None:
    hashed = await passwords.hash("pässwört")

    async def seconds(password_hash: str | None) -> float:
        start = time.perf_counter()
        _ = await passwords.verify(password_hash, "wrong")
        return time.perf_counter() - start

    # In turns, and the best of many: whatever else the machine does then touches both alike.
    took = [(await seconds(hashed), await seconds(None)) for _ in range(20)]
    known, unknown = (min(column) for column in zip(*took, strict=True))

    assert 0.5 < known / unknown < 2.0
    passwords.close()


@pytest.mark.anyio
async def test_hashing_happens_in_threads_of_its_own(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def verify(*_: str) -> str:
        names.append(threading.current_thread().name)
        return "no"

    monkeypatch.setattr(passwords, "_verify", verify)

    _ = await asyncio.gather(*(passwords.verify(None, "x") for _ in range(4)))

    assert all(name.startswith("argon2") for name in names)
    passwords.close()


@pytest.mark.anyio
async def test_a_flood_of_sign_ins_is_turned_away_and_not_queued_for_minutes(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def verify(*_: str) -> str:
        return "no" if go_on.wait(30) else "late"

    monkeypatch.setattr(passwords, "_verify", verify)
    waiting = [
        asyncio.create_task(passwords.verify(None, "x")) for _ in range(passwords._most_waiting)
    ]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable) as refused:
        _ = await passwords.verify(None, "x")

    go_on.set()
    assert await asyncio.gather(*waiting) == [False] * len(waiting)
    assert refused.value.retry_after_s == 2
    assert not await passwords.verify(None, "x")
    passwords.close()
