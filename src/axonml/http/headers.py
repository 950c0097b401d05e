"""Headers that every answer carries, and CORS for the dashboard's origins."""

from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from axonml.http.origins import Origins

_METHODS: Final = b"GET, POST, PUT, PATCH, DELETE"
_ALLOWED: Final = b"authorization, content-type, accept, if-none-match, range, x-request-id"
_EXPOSED: Final = b"x-request-id, retry-after, ratelimit, etag, content-disposition, location"
_PREFLIGHT_S: Final = b"600"
_AUTH: Final = "/api/auth/"

_Pairs = list[tuple[bytes, bytes]]


def security_headers(api_url: str = "") -> dict[str, str]:
    """Return the headers of every answer; `api_url` is the API's where the page is elsewhere."""
    connect = "connect-src 'self'"
    if api_url:
        connect += f" {api_url} {api_url.replace('http', 'ws', 1)}"
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        connect,
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


def _encoded(headers: dict[str, str]) -> _Pairs:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


class SecurityHeaders:
    """Adds the security headers to whatever `app` answers; HSTS where the connection is TLS."""

    def __init__(self, app: ASGIApp, api_url: str = "") -> None:
        self._app: Final = app
        self._plain: Final = _encoded(security_headers(api_url))
        self._tls: Final = [
            *self._plain,
            (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = self._tls if scope.get("scheme") == "https" else self._plain
        if scope["path"].startswith(_AUTH):
            added = [*added, (b"cache-control", b"no-store")]

        async def send_with(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with(message.get("headers", ()), added)
            await send(message)

        await self._app(scope, receive, send_with)


class Cors:
    """Answers preflights and marks answers for the dashboard's origins, compared exactly.

    Cookies travel under /api/auth only: everything else takes a bearer token.
    """

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app: Final = app
        self._allowed: Final = {origin.encode() for origin in origins.allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = preflight = None
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
            elif name == b"access-control-request-method":
                preflight = value
        marks: _Pairs = [(b"vary", b"Origin")]
        if origin in self._allowed:
            marks.append((b"access-control-allow-origin", origin))
            if scope["path"].startswith(_AUTH):
                marks.append((b"access-control-allow-credentials", b"true"))
            if preflight is not None and scope["method"] == "OPTIONS":
                await _answer_preflight(send, marks)
                return
            marks.append((b"access-control-expose-headers", _EXPOSED))

        async def send_with(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *marks]
            await send(message)

        await self._app(scope, receive, send_with)


async def _answer_preflight(send: Send, marks: _Pairs) -> None:
    headers = [
        *marks,
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _ALLOWED),
        (b"access-control-max-age", _PREFLIGHT_S),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _with(headers: Iterable[tuple[bytes, bytes]], added: _Pairs) -> _Pairs:
    kept = list(headers)
    there = {name.lower() for name, _ in kept}
    return [*kept, *(pair for pair in added if pair[0] not in there)]
