"""Who gets through to which route."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient
from litestar import Litestar, get

from axonml.config import LimitsConfig
from axonml.errors import StartupError
from axonml.http.guard import check_access_declared
from axonml.http.observe import Observe

pytestmark = pytest.mark.anyio
Connect = Callable[[Any], AsyncClient]

ROUTES = {
    "read": ("GET", "/api/read"),
    "runs:write": ("PUT", "/api/runs"),
    "models:write": ("PUT", "/api/models"),
    "predict": ("POST", "/api/hot"),
    "session": ("GET", "/api/session"),
    "admin": ("GET", "/api/admin"),
}
ALL = set(ROUTES)
READS = {"read", "predict", "session"}
MAY = {
    "admin": ALL,
    "member": ALL - {"admin"},
    "viewer": READS,
    "admin+read": {"read"},
    "admin+runs:write": {"runs:write"},
    "member+models:write": {"models:write"},
    "member+predict": {"predict"},
    "admin+read+runs:write+models:write+predict": ALL - {"session", "admin"},
    "viewer+read+runs:write+models:write+predict": {"read", "predict"},
}


@pytest.mark.parametrize("token", MAY)
@pytest.mark.parametrize("access", ROUTES)
async def test_a_caller_gets_through_where_its_role_and_scopes_say(
    client: AsyncClient, token: str, access: str
) -> None:
    method, path = ROUTES[access]

    answer = await client.request(method, path, headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == (200 if access in MAY[token] else 403), answer.text


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer nobody", "Basic YTpi", "Bearer " + "x" * 5000]
)
@pytest.mark.parametrize("access", ROUTES)
async def test_without_a_valid_token_every_route_but_the_public_is_closed(
    client: AsyncClient, access: str, header: str | None
) -> None:
    method, path = ROUTES[access]
    headers = {} if header is None else {"authorization": header}

    answer = await client.request(method, path, headers=headers)

    assert answer.status_code == 401


async def test_the_scheme_is_compared_as_http_says(client: AsyncClient) -> None:
    answer = await client.get("/api/read", headers={"authorization": "bearer member"})

    assert answer.json()["user_id"] == "user-member"


async def test_what_is_below_a_mounted_handler_is_guarded_too(client: AsyncClient) -> None:
    nobody = await client.post("/api/mounted/digits")
    script = await client.post(
        "/api/mounted/digits", headers={"authorization": "Bearer member+predict"}
    )

    assert (nobody.status_code, script.json()) == (401, "user-member")


async def test_a_token_on_a_public_route_is_not_looked_at(client: AsyncClient) -> None:
    answer = await client.get("/api/items/a", headers={"authorization": "Bearer nonsense"})

    assert answer.status_code == 200


async def test_a_route_without_access_stops_the_server_from_starting() -> None:
    @get("/api/forgotten", opt={"access": "everyone"})
    async def forgotten() -> None: ...

    @get("/api/stated", opt={"access": "public"})
    async def stated() -> None: ...

    with pytest.raises(StartupError, match=r"no access is stated for /api/forgotten"):
        check_access_declared(Litestar([forgotten, stated], openapi_config=None))

    check_access_declared(Litestar([stated], openapi_config=None))


async def what_a_socket_hears(
    app: Observe, headers: dict[str, str], subprotocols: list[str]
) -> list[dict[str, Any]]:
    """Return the ASGI messages that `app` sends to a socket that says nothing."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/api/socket",
        "query_string": b"token=member",  # never looked at
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "subprotocols": subprotocols,
        "client": ("192.0.2.1", 1),
    }
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("headers", "subprotocols"),
    [
        ({"authorization": "Bearer member"}, ["axon.v1"]),
        ({}, ["axon.v1", "bearer.member"]),
        ({"origin": "http://localhost:8080"}, ["axon.v1", "bearer.member"]),
    ],
)
async def test_a_socket_takes_the_token_as_a_header_or_subprotocol(
    app: Observe, headers: dict[str, str], subprotocols: list[str]
) -> None:
    heard = await what_a_socket_hears(app, headers, subprotocols)

    assert [message["type"] for message in heard] == [
        "websocket.accept",
        "websocket.send",
        "websocket.close",
    ]
    assert heard[0]["subprotocol"] == "axon.v1"
    assert heard[1]["text"] == "user-member"


@pytest.mark.parametrize(
    ("headers", "subprotocols", "code"),
    [
        ({}, ["axon.v1"], 4401),
        ({}, ["axon.v1", "bearer.nobody"], 4401),
        ({"authorization": "Bearer member+predict"}, ["axon.v1"], 4403),
        (
            {"authorization": "Bearer member", "origin": "http://evil.example"},
            ["axon.v1"],
            4403,
        ),
    ],
)
async def test_a_refused_socket_is_closed_with_a_code_that_a_page_can_read(
    app: Observe, headers: dict[str, str], subprotocols: list[str], code: int
) -> None:
    heard = await what_a_socket_hears(app, headers, subprotocols)

    assert [message["type"] for message in heard] == ["websocket.accept", "websocket.close"]
    assert heard[0]["subprotocol"] == "axon.v1"
    assert heard[1]["code"] == code


async def test_one_user_has_one_budget_from_wherever_it_comes(
    build: Callable[..., Observe], connect: Connect
) -> None:
    limits = LimitsConfig(requests_per_minute=3, anonymous_per_minute=100)
    async with connect(build(limits=limits)) as client:
        ask = {"authorization": "Bearer member"}
        statuses = [(await client.get("/api/read", headers=ask)).status_code for _ in range(3)]
        refused = await client.get("/api/session", headers=ask)
        other = await client.get("/api/read", headers={"authorization": "Bearer admin"})
        unmetered = await client.get("/api/unmetered", headers=ask)
        predicted = await client.post("/api/hot", headers=ask)

    assert statuses == [200, 200, 200]
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["ratelimit-policy"] == '"user";q=3;w=60'
    assert refused.headers["ratelimit"].startswith('"user";r=0;t=')
    assert (other.status_code, unmetered.status_code, predicted.status_code) == (200, 200, 200)


async def test_guessing_tokens_uses_up_the_budget_of_the_address(
    build: Callable[..., Observe], connect: Connect
) -> None:
    async with connect(build(limits=LimitsConfig(anonymous_per_minute=2))) as client:
        guess = {"authorization": "Bearer guess"}
        statuses = [(await client.get("/api/read", headers=guess)).status_code for _ in range(3)]
        known = await client.get("/api/read", headers={"authorization": "Bearer member"})

    assert statuses == [401, 401, 429]
    assert known.status_code == 200
