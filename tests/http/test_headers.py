"""What every answer carries, and who may read it from a page."""

from typing import Any

import pytest
from dirty_equals import IsPartialDict
from httpx import AsyncClient

from axonml.http.headers import SecurityHeaders, security_headers

pytestmark = pytest.mark.anyio
PAGE = "http://localhost:8080"
ANSWERS = ["/api/items/a", "/api/nothing", "/api/broken", "/api/read"]


@pytest.mark.parametrize("path", ANSWERS)
async def test_every_answer_carries_the_security_headers(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert dict(answer.headers) == IsPartialDict(
        {
            "content-security-policy": (
                "default-src 'none'; script-src 'self'; style-src 'self';"
                " img-src 'self' data: blob:; connect-src 'self'; font-src 'self';"
                " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            ),
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
        }
    )
    assert "strict-transport-security" not in answer.headers


def test_a_page_on_another_port_may_talk_to_the_api() -> None:
    policy = security_headers("http://localhost:3000")["content-security-policy"]

    assert "connect-src 'self' http://localhost:3000 ws://localhost:3000;" in policy


async def headers_over(scheme: str, path: str, own: list[tuple[bytes, bytes]]) -> dict[str, str]:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": own})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "scheme": scheme, "path": path, "headers": []}
    await SecurityHeaders(app)(scope, None, send)  # pyright: ignore[reportArgumentType]  # never received
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


async def test_tls_is_remembered_only_where_it_is_spoken() -> None:
    assert "strict-transport-security" in await headers_over("https", "/", [])
    assert "strict-transport-security" not in await headers_over("http", "/", [])


async def test_nothing_of_auth_is_kept_by_a_cache() -> None:
    assert (await headers_over("http", "/api/auth/me", []))["cache-control"] == "no-store"
    assert "cache-control" not in await headers_over("http", "/api/models", [])


async def test_a_header_that_an_answer_set_itself_stays() -> None:
    own = [(b"Content-Security-Policy", b"sandbox")]

    headers = await headers_over("http", "/", own)

    assert headers["Content-Security-Policy"] == "sandbox"
    assert "content-security-policy" not in headers


async def test_the_page_may_read_answers_and_errors(client: AsyncClient) -> None:
    for path in ANSWERS:
        answer = await client.get(path, headers={"origin": PAGE})

        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["vary"] == "Origin"
        assert "retry-after" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8081",
        "https://localhost:8080",
        "http://localhost:8080.evil.example",
        "http://LOCALHOST:8080",
        "http://evil.example",
        "null",
        "http://localhost:8080/",
    ],
)
async def test_no_other_page_may(client: AsyncClient, origin: str) -> None:
    answer = await client.get("/api/items/a", headers={"origin": origin})
    preflight = await client.options(
        "/api/echo", headers={"origin": origin, "access-control-request-method": "POST"}
    )

    for refused in (answer, preflight):
        assert not [name for name in refused.headers if name.startswith("access-control-")]
        assert refused.headers["vary"] == "Origin"


async def test_a_preflight_of_the_page_is_answered(client: AsyncClient) -> None:
    ask = {
        "origin": PAGE,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }

    api = await client.options("/api/echo", headers=ask)
    auth = await client.options("/api/auth/refresh", headers=ask)

    assert api.status_code == 204
    assert api.headers["access-control-allow-origin"] == PAGE
    assert "POST" in api.headers["access-control-allow-methods"]
    assert "authorization" in api.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in api.headers
    assert auth.headers["access-control-allow-credentials"] == "true"
