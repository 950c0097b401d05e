"""The refresh cookie: no script can read it, and no other site can make a browser send it."""

from typing import Any, Final

from litestar import Request
from litestar.datastructures import Cookie

_PATH: Final = "/api/auth"


class RefreshCookie:
    """Sets, reads and clears the cookie; its name holds the port, as browsers forget ports.

    On TLS the name begins with `__Host-`, by which a browser refuses it from anybody else; such a
    cookie has the path `/`.
    """

    def __init__(self, port: int, days: int) -> None:
        self._name: Final = f"axon_refresh_{port}"
        self._seconds: Final = days * 86400

    def read(self, request: Request[Any, Any, Any]) -> str | None:
        """Return the refresh token that the browser sent."""
        return request.cookies.get(self._make(request, "", 0).key)

    def set(self, request: Request[Any, Any, Any], token: str) -> Cookie:
        """Return the cookie that gives `token` to the browser."""
        return self._make(request, token, self._seconds)

    def clear(self, request: Request[Any, Any, Any]) -> Cookie:
        """Return the cookie that takes the token from the browser."""
        return self._make(request, "", 0)

    def _make(self, request: Request[Any, Any, Any], token: str, seconds: int) -> Cookie:
        is_tls = request.scope["scheme"] == "https"
        return Cookie(
            key=f"__Host-{self._name}" if is_tls else self._name,
            value=token,
            path="/" if is_tls else _PATH,
            max_age=seconds,
            secure=is_tls,
            httponly=True,
            samesite="strict",
        )
