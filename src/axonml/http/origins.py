"""Which web pages may call the API: the dashboard's own, and those that the configuration names."""

from collections.abc import Mapping
from typing import Final

from axonml.config import Config
from axonml.errors import Forbidden

_FROM_ELSEWHERE: Final = {"cross-site", "same-site"}


def dashboard_origins(config: Config) -> frozenset[str]:
    """Return the page's origins: by both names of this machine, and `dashboard.origins`."""
    hosts = {"localhost", "127.0.0.1", config.dashboard.host}
    local = {f"http://{_in_url(host)}:{config.dashboard.port}" for host in hosts}
    named = {origin.rstrip("/") for origin in config.dashboard.origins if origin}
    return frozenset(local | named)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Origins:
    """Tells by `Origin`, `Host` and `Sec-Fetch-Site` whether a page of ours sent a request."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed: Final = allowed

    def is_ours(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request came from our page, from this server's own origin or a program.

        Browsers name the origin of whatever could change something; programs name none.
        """
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") not in _FROM_ELSEWHERE
        if origin in self.allowed:
            return True
        scheme, _, place = origin.partition("://")
        return scheme in {"http", "https"} and place == headers.get("host")

    def check(self, headers: Mapping[str, str]) -> None:
        """Return where a page of ours or a program sent the request; else raise `Forbidden`."""
        if not self.is_ours(headers):
            raise Forbidden(
                "this page may not call the API; add its origin to dashboard.origins",
                code="origin_not_allowed",
            )
