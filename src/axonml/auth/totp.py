"""Codes of an authenticator app: TOTP (RFC 6238), SHA-1, 6 digits, 30 s, one step either way."""

import asyncio
from typing import Final

import msgspec
from pyotp import random_base32
from pyotp.exceptions import OTPVerificationError
from pyotp.totp import TOTP

from axonml import clock
from axonml.auth.mfa_types import TotpSetup
from axonml.auth.seal import Seal
from axonml.auth.store import Account, AuthStore
from axonml.errors import Conflict, Invalid, Unauthenticated
from axonml.ids import UserId
from axonml.storage.protocols import KeyValue

_ISSUER: Final = "AxonML"
_SET_UP_S: Final = 15 * 60.0
_SECRET_CHARACTERS: Final = 32  # base32 of 20 bytes


class _SetUp(msgspec.Struct, frozen=True):
    """A secret that its owner has not shown to know yet; `counter` is that of the code shown."""

    sealed: str
    counter: int | None = None


class Totp:
    """Owns the secrets of authenticator apps; a code is good once."""

    def __init__(self, store: AuthStore, keys: KeyValue, seal: Seal) -> None:
        self._store: Final = store
        self._keys: Final = keys
        self._seal: Final = seal

    async def set_up(self, account: Account, *, fresh: bool) -> TotpSetup:
        """Return the secret to scan, a new one if `fresh` or none is waiting.

        Nothing changes for the account until `enable`. Raises `Conflict` where it has an app.
        """
        if account.totp_secret is not None:
            raise Conflict(
                "an authenticator app is set up already; remove it before you set up another",
                code="totp_enabled",
            )
        waiting = None if fresh else await self._waiting(account.id)
        if waiting is None:
            secret = random_base32(_SECRET_CHARACTERS)
            waiting = _SetUp(self._seal.close(secret.encode(), _purpose(account.id)))
            await self._keep(account.id, waiting)
        secret = self._secret(account.id, waiting.sealed)
        uri = TOTP(secret).provisioning_uri(name=account.email, issuer_name=_ISSUER)
        qr_code = await asyncio.to_thread(_qr_code, uri)
        return TotpSetup(secret=secret, qr_code=qr_code, otpauth_uri=uri)

    async def check_set_up(self, user: UserId, code: str) -> None:
        """Note that the app shows the right codes; raises `Invalid` where it does not."""
        waiting = await self._waiting(user)
        if waiting is None:
            raise _no_set_up()
        counter = counter_of(self._secret(user, waiting.sealed), code)
        if counter is None:
            raise Invalid(
                "this is not the code that the app shows now; check that the clock of the device"
                " is right",
                code="wrong_code",
            )
        await self._keep(user, _SetUp(waiting.sealed, counter))

    async def enable(self, user: UserId, recovery_codes: tuple[str, ...]) -> Account:
        """Ask for codes of this app from now on, but not for the one that proved it.

        `recovery_codes` are hashes, stored with it.
        """
        waiting = await self._waiting(user)
        if waiting is None:
            raise _no_set_up()
        if waiting.counter is None:
            raise Conflict("enter a code of the app first", code="totp_unproved")
        sealed, counter = waiting.sealed, waiting.counter

        def enabled(account: Account) -> Account:
            if account.totp_secret is not None:
                raise Conflict("an authenticator app is set up already", code="totp_enabled")
            return msgspec.structs.replace(
                account, totp_secret=sealed, totp_counter=counter, recovery_codes=recovery_codes
            )

        account = await self._store.accounts.update(user, enabled)
        await self._keys.delete(_key(user))
        return account

    async def spend(self, user: UserId, code: str) -> Account:
        """Return the account whose app shows `code`; the code is then spent, and all before it.

        Of many at once with one code, one gets the account, the others `Unauthenticated`.
        """

        def spent(account: Account) -> Account:
            if account.totp_secret is None:
                raise _wrong()
            counter = counter_of(self._secret(user, account.totp_secret), code)
            if counter is None or counter <= account.totp_counter:
                raise _wrong()
            return msgspec.structs.replace(account, totp_counter=counter)

        return await self._store.accounts.update(user, spent)

    def _secret(self, user: UserId, sealed: str) -> str:
        return self._seal.open(sealed, _purpose(user)).decode()

    async def _waiting(self, user: UserId) -> _SetUp | None:
        kept = await self._keys.get(_key(user))
        return msgspec.json.decode(kept, type=_SetUp) if kept else None

    async def _keep(self, user: UserId, waiting: _SetUp) -> None:
        await self._keys.put(_key(user), msgspec.json.encode(waiting), _SET_UP_S)


def counter_of(secret: str, code: str) -> int | None:
    """Return the step, of 30 s since the epoch, whose code this is; None for a wrong one."""
    digits = "".join(code.split())
    try:
        at = clock.now_ms() / 1000
        return TOTP(secret).verify_and_get_timecode(digits, for_time=at, valid_window=1)
    except OTPVerificationError:
        return None


def _qr_code(uri: str) -> str:
    import segno  # noqa: PLC0415 - only who sets up an app pays for it

    return segno.make(uri, error="m").png_data_uri(scale=5, border=3)


def _wrong() -> Unauthenticated:
    return Unauthenticated(
        "this code is not right, or was used before; wait for the next one", code="wrong_code"
    )


def _no_set_up() -> Conflict:
    return Conflict("no authenticator app is being set up; start again", code="totp_set_up_expired")


async def reseal(store: AuthStore, seal: Seal) -> int:
    """Seal every app's secret with the key in force; return how many were not."""

    def resealed(account: Account) -> Account:
        if account.totp_secret is None or seal.is_current(account.totp_secret):
            return account
        purpose = _purpose(account.id)
        sealed = seal.close(seal.open(account.totp_secret, purpose), purpose)
        return msgspec.structs.replace(account, totp_secret=sealed)

    n_sealed = 0
    for account in await store.accounts.find("ORDER BY id"):
        after = await store.accounts.update(account.id, resealed)
        n_sealed += after.totp_secret != account.totp_secret
    return n_sealed


def _purpose(user: UserId) -> str:
    return f"{user}:totp"


def _key(user: UserId) -> str:
    return f"auth:totp:{user}"
