"""How often somebody may come: counted in memory, with a bound on the memory.

Our own counters, not those of `limits`: its memory store starts a timer thread that walks all
keys every 10 ms, and has no bound on them.
"""

import ipaddress
import math
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, cast

import msgspec
from granian.utils import proxies as granian_proxies
from starlette.types import ASGIApp

from axonml import clock
from axonml.config import LimitsConfig
from axonml.errors import StartupError, TooMany
from axonml.ids import UserId

_MAX_KEYS: Final = 65_536
_Believe = Callable[[ASGIApp, list[str]], ASGIApp]


class Limit(msgspec.Struct, frozen=True):
    """At most `n` in `window_s` seconds; `name` is what programs see of it."""

    name: str
    n: int
    window_s: float


class LimitReached(TooMany):
    """A counted limit is reached; `headers` says which, and when it is over."""

    def __init__(self, detail: str, limit: Limit, wait_s: float) -> None:
        seconds = max(1, math.ceil(wait_s))
        super().__init__(detail, retry_after_s=seconds)
        self.headers: Final = {
            "ratelimit-policy": f'"{limit.name}";q={limit.n};w={math.ceil(limit.window_s)}',
            "ratelimit": f'"{limit.name}";r=0;t={seconds}',
        }


class Windows:
    """Exact moving windows, for limits of a few dozen: the times of the last `n` of each key.

    Above `max_keys` the key that came longest ago is forgotten.
    """

    def __init__(self, limit: Limit, max_keys: int = _MAX_KEYS) -> None:
        self.limit: Final = limit
        self._max_keys: Final = max_keys
        self._times: Final[dict[str, deque[float]]] = {}

    def __len__(self) -> int:
        """Return the number of keys that are remembered."""
        return len(self._times)

    def wait_s(self, key: str) -> float:
        """Return how long `key` must wait before it may come again; 0 is not at all."""
        times = self._times.get(key)
        if times is None or len(times) < self.limit.n:
            return 0.0
        return max(0.0, times[0] + self.limit.window_s - clock.monotonic())

    def add(self, key: str) -> None:
        """Count one for `key`."""
        times = self._times.pop(key, None)
        if times is None:
            times = deque[float](maxlen=self.limit.n)
            if len(self._times) >= self._max_keys:
                del self._times[next(iter(self._times))]
        times.append(clock.monotonic())
        self._times[key] = times

    def forget(self, key: str) -> None:
        """Start again for `key`."""
        _ = self._times.pop(key, None)


class Buckets:
    """Token buckets, for budgets of thousands: one number a key, refilled evenly.

    A key may use its `n` at once, then `n` per window. Generic cell rate algorithm: what is kept
    is the time at which the bucket will be full again.
    """

    def __init__(self, limit: Limit, max_keys: int = _MAX_KEYS) -> None:
        self.limit: Final = limit
        self._max_keys: Final = max_keys
        self._interval_s: Final = limit.window_s / limit.n
        self._full_at: Final[dict[str, float]] = {}

    def __len__(self) -> int:
        """Return the number of keys that are remembered."""
        return len(self._full_at)

    def take(self, key: str, n: int = 1) -> float:
        """Take `n` tokens; return 0, or how long `key` must wait where fewer are left.

        More than there can ever be take them all.
        """
        at = clock.monotonic()
        full_at = self._pop(key, at)
        after = full_at + self._interval_s * min(n, self.limit.n)
        wait = after - at - self.limit.window_s
        # A hair above 0 is rounding: the sum of n intervals need not be the window exactly.
        is_over = wait > 1e-9
        self._full_at[key] = full_at if is_over else after
        return wait if is_over else 0.0

    def owe(self, key: str, n: int) -> None:
        """Take `n` tokens that are used already; `key` waits until what it owes is back."""
        at = clock.monotonic()
        self._full_at[key] = self._pop(key, at) + self._interval_s * n

    def _pop(self, key: str, at: float) -> float:
        """Return when the bucket of `key` will be full, with a place for it in the memory."""
        full_at = self._full_at.pop(key, None)
        if full_at is None:
            if len(self._full_at) >= self._max_keys:
                del self._full_at[next(iter(self._full_at))]
            return at
        return max(full_at, at)


class Budgets:
    """What one address without a credential, and one user with one, may ask in a minute.

    Points and log lines count by their number and bytes, not by requests.
    """

    def __init__(self, config: LimitsConfig) -> None:
        self.sizes: Final = config
        self._addresses: Final = Buckets(Limit("address", config.anonymous_per_minute, 60.0))
        self._users: Final = Buckets(Limit("user", config.requests_per_minute, 60.0))
        self._points: Final = Buckets(Limit("ingest-points", config.points_per_minute, 60.0))
        self._bytes: Final = Buckets(Limit("ingest-bytes", config.ingest_bytes_per_minute, 60.0))

    def in_force(self) -> "list[tuple[str, Buckets]]":
        """Return what is counted, and for each of what."""
        return [
            ("address", self._addresses),
            ("account", self._users),
            ("account", self._points),
            ("account", self._bytes),
        ]

    def charge_address(self, address: str) -> None:
        """Count one request of nobody known; raises `LimitReached`."""
        if wait := self._addresses.take(address):
            raise LimitReached(
                "too many requests from this address without signing in",
                self._addresses.limit,
                wait,
            )

    def charge_user(self, user: UserId) -> None:
        """Count one request of a known user; raises `LimitReached`."""
        if wait := self._users.take(user):
            raise LimitReached("too many requests of this account", self._users.limit, wait)

    def charge_ingest(self, user: UserId, n_points: int, n_bytes: int) -> None:
        """Count what a script of the user logs; raises `LimitReached`, and it keeps the batch."""
        for what, buckets, n in (
            ("points", self._points, n_points),
            ("bytes", self._bytes, n_bytes),
        ):
            if n and (wait := buckets.take(user, n)):
                raise LimitReached(
                    f"too many {what} logged by this account in a minute", buckets.limit, wait
                )

    def check_bytes(self, user: UserId) -> None:
        """Return where a file of the user may come, however large; raises `LimitReached`."""
        if wait := self._bytes.take(user, 0):
            raise LimitReached(
                "too many bytes logged by this account in a minute", self._bytes.limit, wait
            )

    def owe_bytes(self, user: UserId, n_bytes: int) -> None:
        """Count a file that has come; its size was unknown before."""
        self._bytes.owe(user, n_bytes)


def address_of(scope: Mapping[str, Any]) -> str:
    """Return the client's address for counting; IPv6 by its /64, which one household owns whole."""
    client = scope.get("client")
    return _counted(client[0]) if client else "unknown"


@lru_cache(4096)
def _counted(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def behind_proxies(app: ASGIApp, trusted_proxies: tuple[str, ...]) -> ASGIApp:
    """Return `app` with the client's address from `X-Forwarded-For` where a trusted peer says so.

    Raises:
        StartupError: a proxy is not an address or a network (`*` would believe everybody).
    """
    if not trusted_proxies:
        return app
    for proxy in trusted_proxies:
        try:
            _ = ipaddress.ip_network(proxy)
        except ValueError:
            raise StartupError(
                f"server.trusted_proxies holds {proxy!r}; name each proxy by its address,"
                " as in 10.0.0.2 or 10.0.0.0/24"
            ) from None
    # Granian does not annotate it.
    believe = cast("_Believe", granian_proxies.wrap_asgi_with_proxy_headers)
    return believe(app, list(trusted_proxies))
