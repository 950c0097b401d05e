"""Tokens that open once: sign-in links, and the set-up of the first account."""

import hmac
import secrets
from typing import Final

import msgspec

from axonml.auth.tokens import hash_of
from axonml.ids import UserId
from axonml.storage.protocols import KeyValue

_LINK_S: Final = 15 * 60.0
_SETUP_S: Final = 30 * 86400.0
_SETUP_KEY: Final = "auth:setup"


class Linked(msgspec.Struct, frozen=True):
    """Whom a link signs in, and whether it stands for their second factor, too."""

    user_id: UserId
    skips_mfa: bool


class SignInLinks:
    """One-time links: good for 15 minutes, and for one sign-in."""

    def __init__(self, keys: KeyValue) -> None:
        self._keys: Final = keys

    async def make(self, user: UserId, *, skips_mfa: bool = False) -> str:
        """Return the token of a fresh link for `user`; it stands for a password.

        `skips_mfa` is for who reads the data folder, and so could sign anything.
        """
        token = secrets.token_urlsafe(32)
        linked = msgspec.json.encode(Linked(user, skips_mfa))
        await self._keys.put(_link_key(token), linked, _LINK_S)
        return token

    async def take(self, token: str) -> Linked | None:
        """Spend a token; of many at once one gets its user, the others None."""
        kept = await self._keys.take(_link_key(token))
        return msgspec.json.decode(kept, type=Linked) if kept else None


class SetupToken:
    """What the first registration must show where the server can be reached from elsewhere.

    The server prints it at start; a new one voids the former.
    """

    def __init__(self, keys: KeyValue) -> None:
        self._keys: Final = keys

    async def make(self) -> str:
        """Return a fresh token."""
        token = secrets.token_urlsafe(32)
        await self._keys.put(_SETUP_KEY, hash_of(token).encode(), _SETUP_S)
        return token

    async def is_right(self, token: str) -> bool:
        """Tell whether this is the token that was made last and not spent."""
        known = await self._keys.get(_SETUP_KEY)
        return known is not None and hmac.compare_digest(known, hash_of(token).encode())

    async def spend(self) -> None:
        """Void the token: the first account is there."""
        await self._keys.delete(_SETUP_KEY)


def _link_key(token: str) -> str:
    return f"auth:link:{hash_of(token)}"
