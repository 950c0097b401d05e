"""Headers that every answer carries, and CORS for the dashboard's origins."""

from collections.abc import Callable, Iterable, MutableMapping
from functools import lru_cache
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from axonml.http.origins import Origins

_METHODS: Final = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
_ALLOWED: Final = (
    b"authorization, content-type, accept, if-none-match, range, x-request-id,"
    b" tus-resumable, upload-length, upload-offset, upload-metadata, upload-checksum"
)
_EXPOSED: Final = (
    b"x-request-id, retry-after, ratelimit, etag, content-disposition, location,"
    b" tus-resumable, tus-max-size, upload-length, upload-offset, upload-expires"
)
_PREFLIGHT_S: Final = b"600"
_SECRETIVE: Final = ("/api/auth/", "/api/admin/")

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


_HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


@lru_cache(maxsize=64)
def _encoded(api_url: str) -> tuple[tuple[bytes, bytes], ...]:
    headers = security_headers(api_url)
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


class SecurityHeaders:
    """Adds the security headers to whatever `app` answers; HSTS where the connection is TLS.

    `api_of` returns the API's address where the page that a request asks for must call another.
    """

    def __init__(self, app: ASGIApp, api_of: Callable[[Scope], str] = lambda _: "") -> None:
        self._app: Final = app
        self._api_of: Final = api_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added: _Pairs = list(_encoded(self._api_of(scope)))
        if scope.get("scheme") == "https":
            added.append(_HSTS)
        if scope["path"].startswith(_SECRETIVE):
            added.append((b"cache-control", b"no-store"))

        async def send_with(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with(message.get("headers", ()), added)
            await send(message)

        await self._app(scope, receive, send_with)


class Cors:
    """Answers preflights and marks answers for the dashboard's origins.

    Cookies travel under /api/auth only: everything else takes a bearer token.
    """

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app: Final = app
        self._origins: Final = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent: dict[bytes, bytes] = dict(scope["headers"])
        origin = sent.get(b"origin")
        host = sent.get(b"host", b"").decode("latin-1")
        preflight = sent.get(b"access-control-request-method")
        marks: _Pairs = [(b"vary", b"Origin")]
        if origin is not None and self._origins.is_dashboard(origin.decode("latin-1"), host):
            marks.append((b"access-control-allow-origin", origin))
            if scope["path"].startswith(_SECRETIVE):
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
