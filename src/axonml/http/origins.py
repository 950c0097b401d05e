"""Which web pages may call the API: the dashboard's own, and those that the configuration names."""

import re
from collections.abc import Mapping
from typing import Final

from axonml.config import Config
from axonml.errors import Forbidden

_FROM_ELSEWHERE: Final = {"cross-site", "same-site"}
_LOCAL: Final = {"localhost", "127.0.0.1", "[::1]"}
_HOST: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")


def dashboard_origins(config: Config) -> frozenset[str]:
    """Return the page's origins: by both names of this machine, and `dashboard.origins`."""
    hosts = {"localhost", "127.0.0.1", config.dashboard.host}
    local = {f"http://{_in_url(host)}:{config.dashboard.port}" for host in hosts}
    named = {origin.rstrip("/") for origin in config.dashboard.origins if origin}
    return frozenset(local | named)


def beside(host: str | None, port: int) -> str | None:
    """Return the origin at `port` of the machine that a `Host` header names, None for a bad one."""
    found = _HOST.fullmatch(host or "")
    return f"http://{found['name']}:{port}" if found else None


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Origins:
    """Tells by `Origin`, `Host` and `Sec-Fetch-Site` whether a page of ours sent a request.

    `page_port` is the port of this machine that serves the page apart from the API, by whatever
    name the browser knows the machine; with `is_local` by the names of this machine alone: a name
    from elsewhere that leads here is somebody's trick (DNS rebinding).
    """

    def __init__(
        self, allowed: frozenset[str], page_port: int | None = None, *, is_local: bool = False
    ) -> None:
        self._allowed: Final = allowed
        self._page_port: Final = page_port
        self._is_local: Final = is_local

    def is_dashboard(self, origin: str, host: str | None) -> bool:
        """Tell whether `origin` is the dashboard's, seen from a request to `host`."""
        if origin in self._allowed:
            return True
        if not self._is_known(host):
            return False
        return self._page_port is not None and origin == beside(host, self._page_port)

    def is_ours(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request came from our page, from this server's own origin or a program.

        Browsers name the origin of whatever could change something; programs name none.
        """
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") not in _FROM_ELSEWHERE
        if self.is_dashboard(origin, headers.get("host")):
            return True
        scheme, _, place = origin.partition("://")
        host = headers.get("host")
        return scheme in {"http", "https"} and place == host and self._is_known(host)

    def _is_known(self, host: str | None) -> bool:
        found = _HOST.fullmatch(host or "")
        return not self._is_local or (found is not None and found["name"] in _LOCAL)

    def check(self, headers: Mapping[str, str]) -> None:
        """Return where a page of ours or a program sent the request; else raise `Forbidden`."""
        if not self.is_ours(headers):
            raise Forbidden(
                "this page may not call the API; add its origin to dashboard.origins",
                code="origin_not_allowed",
            )
