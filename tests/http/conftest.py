"""A small app with every kind of route, behind the real layers of `axonml.http`."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, Request, WebSocket, asgi, get, post, put, websocket
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.types import Receive, Scope, Send

from axonml.config import LimitsConfig
from axonml.errors import Conflict, StorageFull, Unauthenticated
from axonml.http.caller import (
    ADMIN,
    MODELS_WRITE,
    PREDICT,
    PUBLIC,
    READ,
    RUNS_WRITE,
    SESSION,
    UNMETERED,
    Caller,
    Role,
    caller_of,
)
from axonml.http.decode import JsonRequest, read_body
from axonml.http.guard import Guard
from axonml.http.headers import Cors, SecurityHeaders
from axonml.http.limits import Budgets
from axonml.http.observe import Observe, RequestMetrics
from axonml.http.openapi import OpenapiRoutes, described
from axonml.http.origins import Origins
from axonml.http.problems import on_error
from axonml.ids import SessionId, UserId

PAGE = "http://localhost:8080"
Call = Request[Any, Any, Any]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A nested field."""

    size: float


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the test route takes."""

    name: str
    count: int = 0
    parts: list[Part] = []
    free: Any = None


class Routes:
    """One route for each access, and one for each way to fail."""

    async def echo(self, data: JSONBody[Thing]) -> Thing:
        """Return what came."""
        return data

    async def maybe(self, data: JSONBody[Thing | None] = None) -> dict[str, bool]:
        """Take a body or none."""
        return {"had_body": data is not None}

    async def raw(self, request: Call) -> dict[str, int]:
        """Count bytes."""
        return {"n_bytes": len(await read_body(request, 1000))}

    async def who(self, request: Call) -> Caller:
        """Return the caller."""
        return caller_of(request)

    async def listed(
        self,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
        ids: FromQuery[list[int] | None] = None,
    ) -> dict[str, Any]:
        """Take query parameters."""
        return {"limit": limit, "ids": ids}

    async def item(self, item_id: FromPath[str]) -> str:
        """Take a path parameter."""
        return item_id

    async def taken(self) -> None:
        """Fail with a state."""
        raise Conflict("the thing is taken; choose another", code="thing_taken")

    async def full(self) -> None:
        """Fail with a full disk."""
        raise StorageFull("the disk is full", retry_after_s=30)

    async def broken(self) -> None:
        """Fail as nobody foresaw."""
        secret = "the password is hunter2"
        raise RuntimeError(secret)

    async def hot(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI app."""
        caller: Any = scope
        _ = await receive()
        body = msgspec.json.encode(caller["caller"].user_id)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def mounted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for everything below an address."""
        await self.hot(scope, receive, send)

    async def socket(self, socket: WebSocket[Any, Any, Any]) -> None:
        """Say who watches, once."""
        await socket.accept(subprotocols="axon.v1")
        await socket.send_data(caller_of(socket).user_id)
        await socket.close()

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        return [
            post("/api/echo", opt=PUBLIC, status_code=200)(self.echo),
            post("/api/maybe", opt=PUBLIC, status_code=200)(self.maybe),
            post("/api/raw", opt=PUBLIC, status_code=200)(self.raw),
            get("/api/listed", opt=PUBLIC)(self.listed),
            get("/api/items/{item_id:str}", opt=PUBLIC)(self.item),
            get("/api/taken", opt=PUBLIC)(self.taken),
            get("/api/full", opt=PUBLIC)(self.full),
            get("/api/broken", opt=PUBLIC)(self.broken),
            get("/api/read", opt=READ, operation_id="whoReads")(self.who),
            put("/api/runs", opt=RUNS_WRITE, operation_id="whoRuns")(self.who),
            put("/api/models", opt=MODELS_WRITE, operation_id="whoModels")(self.who),
            get("/api/session", opt=SESSION, operation_id="whoHasSession")(self.who),
            get("/api/admin", opt=ADMIN, operation_id="whoAdmins")(self.who),
            get("/api/unmetered", opt=READ | UNMETERED, operation_id="whoCounts")(self.who),
            asgi(
                "/api/hot",
                opt={
                    **PREDICT,
                    **described(
                        methods=("post",),
                        name="hot",
                        body={"application/json": Thing, "application/octet-stream": bytes},
                        answers={"application/json": str},
                    ),
                },
                copy_scope=False,
            )(self.hot),
            asgi(
                "/api/mounted",
                opt=PREDICT | described(methods=("post",), name="mounted", below="item"),
                is_mount=True,
                copy_scope=True,
            )(self.mounted),
            websocket("/api/socket", opt=READ, name="socket")(self.socket),
        ]


class Tokens:
    """Knows the tokens `<role>` (sessions) and `<role>+<scope>+...` (API tokens)."""

    async def authenticate(self, token: str) -> Caller:
        """Return the caller that the token itself spells out."""
        role, *scopes = token.split("+")
        if role not in set(Role):
            raise Unauthenticated("the token is not valid", code="bad_token")
        user = UserId(f"user-{role}")
        if not scopes:
            return Caller(user_id=user, email="", role=Role(role), session_id=SessionId("s"))
        known = msgspec.convert(frozenset(scopes), Caller.__annotations__["scopes"])
        return Caller(user_id=user, email="", role=Role(role), token_id="t", scopes=known)


class Noted:
    """An audit log that nobody reads."""

    async def record(
        self, action: str, user: UserId | None, address: str = "", **detail: object
    ) -> None:
        """Forget it."""


def an_app(
    handlers: list[BaseRouteHandler] | None = None,
    limits: LimitsConfig | None = None,
    metrics: RequestMetrics | None = None,
) -> Observe:
    """Return the layers around an app, in the order of the real server."""
    limits = limits or LimitsConfig()
    origins = Origins(frozenset({PAGE}))
    app: Any = Litestar(  # its own ASGI types differ from Starlette's by name only
        [*(handlers or Routes().handlers()), *OpenapiRoutes().handlers()],
        request_class=JsonRequest,
        middleware=[Guard(Tokens(), Budgets(limits), origins, Noted())],
        exception_handlers={Exception: on_error},
        openapi_config=None,
        request_max_body_size=limits.json_bytes,
        logging_config=None,
    )
    layers = SecurityHeaders(Cors(app, origins))
    return Observe(layers, metrics or RequestMetrics())


def a_client(app: Any) -> AsyncClient:
    """Return a client that sends what a test says, headers of a browser included."""
    transport = ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.1", 1234))
    return AsyncClient(transport=transport, base_url="http://localhost:3000")


@pytest.fixture
async def client(anyio_backend: str) -> AsyncIterator[AsyncClient]:
    async with a_client(an_app()) as client:
        yield client


@pytest.fixture
def app() -> Observe:
    return an_app()


@pytest.fixture
def build() -> Callable[..., Observe]:
    """Return `an_app`, for tests that need other handlers or limits."""
    return an_app


@pytest.fixture
def connect() -> Callable[[Any], AsyncClient]:
    """Return `a_client`."""
    return a_client
