"""Recovery codes: for who has lost the phone; each is good once."""

import base64
import secrets
from typing import Final

import msgspec

from axonml.auth.store import Account, AuthStore
from axonml.auth.tokens import hash_of
from axonml.errors import Unauthenticated
from axonml.ids import UserId

_N: Final = 10
_BYTES: Final = 15  # 120 bits: a plain hash at rest is enough
_GROUP: Final = 6


def new_codes() -> tuple[list[str], tuple[str, ...]]:
    """Return ten codes to show once, and the hashes to store."""
    codes = [_readable(secrets.token_bytes(_BYTES)) for _ in range(_N)]
    return codes, tuple(hash_of(_normal(code)) for code in codes)


async def burn(store: AuthStore, user: UserId, code: str) -> Account:
    """Return the account whose code this was; of many at once with one code, one gets it.

    Raises `Unauthenticated` for a wrong or spent one.
    """
    hashed = hash_of(_normal(code))

    def burnt(account: Account) -> Account:
        if hashed not in account.recovery_codes:
            raise Unauthenticated(
                "this recovery code is not right, or was used before", code="wrong_code"
            )
        left = tuple(known for known in account.recovery_codes if known != hashed)
        return msgspec.structs.replace(account, recovery_codes=left)

    return await store.accounts.update(user, burnt)


def _readable(data: bytes) -> str:
    text = base64.b32encode(data).decode().lower()
    return "-".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))


def _normal(code: str) -> str:
    return "".join(code.lower().replace("-", "").split())
