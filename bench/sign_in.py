"""Sign-ins a second over HTTP, the event loop's longest gap meanwhile, and what a token costs.

    ./run python bench/sign_in.py [--seconds 10] [--callers 8]

Beside them, in one run: Argon2id alone in as many threads as there are cores (nothing can be
faster), and the parameters that argon2-cffi takes by itself. Callers come through a proxy that
names a client of its own for each attempt: the limits for one address are on. Gap and token are
measured in this process, on the same code and storage.
"""

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from axonml.auth.build import build_auth
from axonml.auth.sessions import Device
from axonml.auth.types import Login, Registration
from axonml.config import AuthConfig, Config
from axonml.http.origins import Origins, dashboard_origins
from axonml.http.sockets import Sockets
from axonml.storage.open import open_storage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import Server, running

N_USERS = 64
PASSWORD = "correct horse battery"  # noqa: S105  # of accounts that live for a minute
GAP_EVERY_S = 0.005


def verifications_a_second(hasher: PasswordHasher, seconds: float) -> float:
    """Return how many passwords all cores together verify in a second."""
    cores = os.cpu_count() or 1
    hashed = hasher.hash(PASSWORD)
    until = time.monotonic() + seconds

    def verify() -> int:
        n = 0
        while time.monotonic() < until:
            _ = hasher.verify(hashed, PASSWORD)
            n += 1
        return n

    with ThreadPoolExecutor(cores) as threads:
        verifying = [threads.submit(verify) for _ in range(cores)]
        return sum(each.result() for each in verifying) / seconds


def an_address(n: int) -> str:
    """Return the n-th client's address."""
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


async def signed_in(server: Server, callers: int, seconds: float) -> list[float]:
    """Return what each sign-in took, in seconds."""
    until = time.monotonic() + seconds
    numbers = itertools.count()
    took = list[float]()
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:

        async def caller() -> None:
            while time.monotonic() < until:
                n = next(numbers)
                start = time.perf_counter()
                answer = await client.post(
                    "/api/auth/login",
                    json={"email": f"u{n % N_USERS}@bench.test", "password": PASSWORD},
                    headers={"x-forwarded-for": an_address(n)},
                )
                if answer.status_code != HTTPStatus.OK:
                    raise SystemExit(answer.text)
                took.append(time.perf_counter() - start)

        _ = await asyncio.gather(*(caller() for _ in range(callers)))
    return took


async def gaps_and_token(home: Path, callers: int, seconds: float) -> tuple[list[float], float]:
    """Return the event loop's gaps in seconds while people sign in, and one token check in us."""
    config = Config(home=home)
    storage = await open_storage(config)
    auth = build_auth(config, storage, Origins(dashboard_origins(config)), Sockets())
    wanted = Registration(email="u@bench.test", name="U", password=PASSWORD)
    account = await auth.users.register(wanted, "10.0.0.1")
    until = time.monotonic() + seconds
    numbers = itertools.count()
    gaps = list[float]()

    async def caller() -> None:
        while time.monotonic() < until:
            n = next(numbers)
            login = Login(email=account.email, password=PASSWORD)
            found = await auth.users.sign_in(login, an_address(n), account.id)
            _ = await auth.sessions.start(found, Device())

    async def watch() -> None:
        while time.monotonic() < until:
            start = time.perf_counter()
            await asyncio.sleep(GAP_EVERY_S)
            gaps.append(time.perf_counter() - start - GAP_EVERY_S)

    _ = await asyncio.gather(watch(), *(caller() for _ in range(callers)))
    issued = await auth.sessions.start(account, Device())
    start, n = time.perf_counter(), 20_000
    for _ in range(n):
        _ = await auth.callers.authenticate(issued.token)
    check_us = (time.perf_counter() - start) / n * 1e6
    auth.close()
    await storage.close()
    return gaps, check_us


def register(server: Server) -> None:
    """Make the accounts that sign in."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for n in range(N_USERS):
            answer = client.post(
                "/api/auth/register",
                json={"email": f"u{n}@bench.test", "name": f"U{n}", "password": PASSWORD},
                headers={"x-forwarded-for": an_address(1 << 22 | n)},
            )
            _ = answer.raise_for_status()


def ms(values: list[float], share: float) -> float:
    """Return the value below which `share` of them are, in ms."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1e3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--seconds", type=float, default=10.0)
    _ = parser.add_argument("--callers", type=int, default=8)
    given = parser.parse_args()
    config = AuthConfig()
    ours = PasswordHasher(config.argon2_passes, config.argon2_memory_kib, parallelism=1)
    ceiling = verifications_a_second(ours, given.seconds / 2)
    by_itself = verifications_a_second(PasswordHasher(), given.seconds / 2)
    environment = {
        "AXONML_SERVER_TRUSTED_PROXIES": "127.0.0.1,::1",
        "AXONML_AUTH_REGISTRATION": "open",
        "AXONML_LIMITS_ANONYMOUS_PER_MINUTE": "1000000",
        "AXONML_LIMITS_REQUESTS_PER_MINUTE": "1000000",
    }
    with tempfile.TemporaryDirectory() as home, running(Path(home), **environment) as server:
        _ = server.operator()
        register(server)
        took = asyncio.run(signed_in(server, given.callers, given.seconds))
    with tempfile.TemporaryDirectory() as home:
        gaps, check_us = asyncio.run(gaps_and_token(Path(home), given.callers, given.seconds))
    rate = len(took) / given.seconds
    print(f"cores                                 {os.cpu_count()}")
    print(f"sign-ins, {given.callers} callers                  {rate:.1f} a second")
    print(f"Argon2id alone, our parameters        {ceiling:.1f} a second ({rate / ceiling:.0%})")
    print(f"Argon2id alone, library's parameters  {by_itself:.1f} a second")
    print(f"one sign-in, p50 / p99                {ms(took, 0.5):.0f} / {ms(took, 0.99):.0f} ms")
    print(
        f"gap of the event loop, p50 / p99 / max"
        f" {ms(gaps, 0.5):.1f} / {ms(gaps, 0.99):.1f} / {ms(gaps, 1):.1f} ms"
    )
    print(f"one token check                       {check_us:.1f} us")


if __name__ == "__main__":
    main()
