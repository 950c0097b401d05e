"""Auth as the server runs it: real storage in a folder, behind the real guard."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar

from axonml import clock
from axonml.auth.build import Auth, build_auth
from axonml.auth.store import Account, AuthStore
from axonml.config import Config
from axonml.http.caller import Role
from axonml.http.decode import JsonRequest
from axonml.http.guard import Guard, check_access_declared
from axonml.http.headers import Cors, SecurityHeaders
from axonml.http.limits import Budgets
from axonml.http.observe import Observe, RequestMetrics
from axonml.http.openapi import OpenapiRoutes
from axonml.http.origins import Origins, dashboard_origins
from axonml.http.problems import on_error
from axonml.http.sockets import Sockets
from axonml.ids import UserId, new_id
from axonml.storage.open import open_storage
from axonml.storage.protocols import Storage

API = "http://localhost:3000"
PASSWORD = "correct horse battery"


class World:
    """One server's auth, and clients of it."""

    def __init__(self, config: Config, storage: Storage, auth: Auth, app: Any) -> None:
        self.config = config
        self.storage = storage
        self.auth = auth
        self.app = app
        self._clients: list[AsyncClient] = []

    def client(self, address: str = "192.0.2.1", base: str = API, **headers: str) -> AsyncClient:
        """Return a browser or script with cookies of its own."""
        transport = ASGITransport(self.app, raise_app_exceptions=False, client=(address, 1))
        made = AsyncClient(transport=transport, base_url=base, headers=headers)
        self._clients.append(made)
        return made

    async def register(self, email: str, name: str = "Ada", password: str = PASSWORD) -> Response:
        """Register from an address of its own."""
        body = {"email": email, "name": name, "password": password}
        return await self.client("198.51.100.9").post("/api/auth/register", json=body)

    async def signed_in(
        self, email: str = "ada@example.org", address: str = "192.0.2.1"
    ) -> AsyncClient:
        """Return a browser that is signed in, its access token in every request."""
        client = self.client(address)
        answer = await client.post("/api/auth/login", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def a_world(config: Config) -> AsyncGenerator[World]:
    storage = await open_storage(config)
    origins = Origins(dashboard_origins(config))
    auth = build_auth(config, storage, origins, Sockets())
    app: Any = Litestar(
        [*auth.handlers, *OpenapiRoutes().handlers()],
        request_class=JsonRequest,
        middleware=[Guard(auth.callers, Budgets(config.limits), origins, auth.audit)],
        exception_handlers={Exception: on_error},
        openapi_config=None,
        logging_config=None,
    )
    check_access_declared(app)
    layers = Observe(SecurityHeaders(Cors(app, origins)), RequestMetrics())
    world = World(config, storage, auth, layers)
    try:
        yield world
    finally:
        await world.close()
        auth.close()
        await storage.close()


@pytest.fixture
def worlds() -> Callable[[Config], Any]:
    """Return `a_world`, for tests with a configuration of their own."""
    return a_world


@pytest.fixture
async def empty(anyio_backend: str, tmp_path: Path) -> AsyncIterator[World]:
    """A server that nobody has registered with."""
    async with a_world(Config(home=tmp_path)) as world:
        yield world


@pytest.fixture(scope="session")
def hashed() -> str:
    """The hash of `PASSWORD`; made once, as each takes 29 ms."""
    return PasswordHasher(2, 19456, parallelism=1).hash(PASSWORD)


@pytest.fixture
async def world(empty: World, hashed: str) -> World:
    """A server with an admin, Ada, and a member, Bob."""
    for name, role in (("Ada", Role.ADMIN), ("Bob", Role.MEMBER)):
        account = Account(
            id=UserId(new_id()),
            email=f"{name.lower()}@example.org",
            name=name,
            role=role,
            password_hash=hashed,
            created_at=clock.now(),
        )
        await AuthStore(empty.storage.documents).accounts.insert(account)
    return empty


class Time:
    """The wall clock, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ms = clock.now_ms()
        monkeypatch.setattr(clock, "now_ms", lambda: self._ms)

    def passes(self, *, seconds: float = 0, minutes: float = 0, days: float = 0) -> None:
        """Move the clock."""
        self._ms += int((seconds + 60 * minutes + 86400 * days) * 1000)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)
