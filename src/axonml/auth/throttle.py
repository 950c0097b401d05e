"""How often a password or code may be tried; counted before it is hashed or compared."""

from typing import Final

from axonml.http.limits import Limit, LimitReached, Windows
from axonml.ids import UserId


class Throttle:
    """Counts attempts on passwords: by account and address, by address, by account.

    Counting comes before hashing: guesses in parallel cannot race it. Nobody is locked out for
    good, and a device that was signed in before passes the limit of the account as a whole.
    """

    def __init__(self) -> None:
        self._pairs: Final = Windows(Limit("login", 10, 300.0))
        self._addresses: Final = Windows(Limit("login-address", 30, 300.0))
        self._accounts: Final = Windows(Limit("login-account", 50, 3600.0))
        self._codes: Final = [
            Windows(Limit("mfa", 5, 300.0)),
            Windows(Limit("mfa-hour", 20, 3600.0)),
            Windows(Limit("mfa-day", 50, 86400.0)),
        ]

    def count_sign_in(self, email: str, address: str, *, is_known_device: bool) -> None:
        """Count one attempt to sign in; raises `LimitReached` where it is one too many."""
        windows = [(self._pairs, f"{address} {email}"), (self._addresses, address)]
        if not is_known_device:
            windows.append((self._accounts, email))
        self._count(windows)

    def count_password(self, user: UserId, address: str) -> None:
        """Count one proof of the current password by who is signed in."""
        self._count([(self._pairs, f"{address} {user}")])

    def count_mfa(self, user: UserId) -> None:
        """Count one code of an authenticator app or for recovery."""
        self._count([(window, user) for window in self._codes])

    def count_registration(self, address: str) -> None:
        """Count one registration: it costs a hash, too."""
        self._count([(self._addresses, address)])

    def forget(self, email: str, address: str) -> None:
        """Forget the attempts of one account from one address: the last one was right."""
        self._pairs.forget(f"{address} {email}")

    def in_force(self) -> list[tuple[str, Windows]]:
        """Return what is counted, and for each of what."""
        return [
            ("account and address", self._pairs),
            ("address", self._addresses),
            ("account", self._accounts),
            *(("account", window) for window in self._codes),
        ]

    def _count(self, windows: list[tuple[Windows, str]]) -> None:
        for window, key in windows:
            if wait := window.wait_s(key):
                raise LimitReached(
                    "too many attempts; wait a little, then try again", window.limit, wait
                )
        for window, key in windows:
            window.add(key)
