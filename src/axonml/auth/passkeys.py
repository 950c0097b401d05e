"""Passkeys and security keys: WebAuthn, as second factor and as sign-in without a password."""

import asyncio
import base64
import binascii
import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from axonml import clock
from axonml.auth.audit import Audit
from axonml.auth.mfa_types import (
    Asked,
    Ceremony,
    Credential,
    PasskeyProof,
    PasskeyRegistration,
    Purpose,
)
from axonml.auth.store import Account, AuthStore, StoredPasskey
from axonml.errors import Conflict, Invalid, NotFound, Unauthenticated
from axonml.ids import UserId, is_id, new_id
from axonml.storage.protocols import KeyValue

if TYPE_CHECKING:
    from axonml.auth.ceremonies import Ceremonies, Proved

_CHALLENGE_S: Final = 5 * 60.0
_MOST: Final = 20


class Passkeys:
    """Owns the credentials; each challenge is for one user, one purpose and one answer."""

    def __init__(self, store: AuthStore, keys: KeyValue, audit: Audit) -> None:
        self._store: Final = store
        self._keys: Final = keys
        self._audit: Final = audit

    async def start_registration(self, account: Account, origin: str | None) -> Ceremony:
        """Return what the page asks the authenticator for; known ones are told to decline."""
        if len(account.webauthn_credentials) >= _MOST:
            raise Conflict(f"there are {_MOST} passkeys already; remove one", code="too_many")
        rp_id = relying_party(origin)
        ceremonies = await asyncio.to_thread(_ceremonies)
        challenge, options = ceremonies.registration(account, rp_id)
        asked = Asked(challenge, "register", account.id, origin or "", rp_id)
        return await self._ceremony(asked, options)

    async def finish_registration(
        self, user: UserId, answer: PasskeyRegistration, recovery_codes: tuple[str, ...]
    ) -> tuple[StoredPasskey, bool]:
        """Store the new credential; tell whether it is the account's first second factor.

        Then the hashes `recovery_codes` are stored with it.
        """
        asked = await self._taken(answer.challenge_id, "register", user)
        ceremonies = await asyncio.to_thread(_ceremonies)
        made = ceremonies.registered(answer.credential, asked)
        passkey = msgspec.structs.replace(made, name=answer.name)

        def added(account: Account) -> Account:
            known = account.webauthn_credentials
            if any(each.id == passkey.id for each in known):
                raise Conflict("this passkey is registered already", code="passkey_known")
            codes = account.recovery_codes if account.mfa_enabled else recovery_codes
            return msgspec.structs.replace(
                account, webauthn_credentials=(*known, passkey), recovery_codes=codes
            )

        account = await self._store.accounts.update(user, added)
        return passkey, account.recovery_codes == recovery_codes

    async def start_proof(
        self, purpose: Purpose, account: Account | None, origin: str | None
    ) -> Ceremony:
        """Return what the page asks for: one of `account`'s passkeys, or any of this site."""
        if account is not None and not account.webauthn_credentials:
            raise Conflict("this account has no passkey", code="no_passkey")
        rp_id = relying_party(origin)
        known = account.webauthn_credentials if account else ()
        ceremonies = await asyncio.to_thread(_ceremonies)
        challenge, options = ceremonies.authentication(known, rp_id, alone=purpose == "sign_in")
        user = account.id if account else ""
        return await self._ceremony(Asked(challenge, purpose, user, origin or "", rp_id), options)

    async def finish_proof(
        self, purpose: Purpose, user: UserId | None, answer: PasskeyProof, address: str
    ) -> Account:
        """Return the account whose passkey answered the challenge.

        A sign-in without a password asks the device to verify its user. A counter that steps back
        is that of a copy: refused, and noted in the audit log.
        """
        try:
            return await self._proved(purpose, user, answer, address)
        except Unauthenticated:
            await self._audit.record("mfa_failed", user, address, method="passkey", purpose=purpose)
            raise

    async def _proved(
        self, purpose: Purpose, user: UserId | None, answer: PasskeyProof, address: str
    ) -> Account:
        asked = await self._taken(answer.challenge_id, purpose, user or UserId(""))
        owner = user or _owner_of(answer.credential)
        account = await self._store.accounts.get(owner) if owner else None
        known = _named(account, answer.credential.get("id")) if account else None
        if account is None or known is None:
            raise _refused()
        ceremonies = await asyncio.to_thread(_ceremonies)
        proved = ceremonies.proved(answer.credential, asked, known, alone=purpose == "sign_in")
        try:
            return await self._store.accounts.update(
                account.id, lambda account: _used(account, known.id, proved)
            )
        except _Copied:
            await self._audit.record(
                "passkey_counter_stepped_back", account.id, address, passkey=known.name
            )
            raise _refused() from None

    async def rename(self, user: UserId, passkey_id: str, name: str) -> StoredPasskey:
        """Change what its owner calls it."""

        def renamed(account: Account) -> Account:
            known = _required(account, passkey_id)
            return _with(account, msgspec.structs.replace(known, name=name))

        return _required(await self._store.accounts.update(user, renamed), passkey_id)

    async def _ceremony(self, asked: Asked, options: bytes) -> Ceremony:
        challenge_id = new_id()
        await self._keys.put(_key(challenge_id), msgspec.json.encode(asked), _CHALLENGE_S)
        return Ceremony(challenge_id, msgspec.json.decode(options))

    async def _taken(self, challenge_id: str, purpose: Purpose, user: UserId) -> Asked:
        kept = await self._keys.take(_key(challenge_id)) if is_id(challenge_id) else None
        asked = msgspec.json.decode(kept, type=Asked) if kept else None
        if asked is None or asked.purpose != purpose or asked.user_id != user:
            raise Unauthenticated(
                "this took longer than 5 minutes, or was answered before; try again",
                code="challenge_spent",
            )
        return asked


def relying_party(origin: str | None) -> str:
    """Return the host name that passkeys of a page's origin belong to.

    Raises:
        Invalid: browsers make none for an address in numbers.
    """
    try:
        host = urlsplit(origin or "").hostname or ""
    except ValueError:
        host = ""
    if not host or _is_number(host):
        raise Invalid(
            "browsers keep passkeys for names alone, not for addresses in numbers; open this page"
            " as http://localhost, or under a host name with https",
            code="passkeys_need_a_name",
        )
    return host


def _is_number(host: str) -> bool:
    try:
        _ = ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _ceremonies() -> "Ceremonies":
    from axonml.auth.ceremonies import Ceremonies  # noqa: PLC0415 - 0.3 s, for who uses passkeys

    return Ceremonies("AxonML")


def _owner_of(answer: Credential) -> UserId | None:
    """Return the user whom a passkey says it belongs to; its signature is checked with theirs."""
    try:
        handle = msgspec.convert(answer, _Answer).response.user_handle
        text = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4)).decode()
    except (ValueError, binascii.Error, msgspec.ValidationError):
        return None
    return UserId(text) if is_id(text) else None


class _Response(msgspec.Struct, rename="camel"):
    user_handle: str


class _Answer(msgspec.Struct):
    response: _Response


class _Copied(Unauthenticated):
    """The authenticator's counter went back: two of them answer."""


def _used(account: Account, passkey_id: str, proved: "Proved") -> Account:
    known = _required(account, passkey_id)
    counts = proved.sign_count > 0 or known.sign_count > 0
    if counts and proved.sign_count <= known.sign_count:
        raise _Copied("copied")
    used = msgspec.structs.replace(
        known,
        sign_count=proved.sign_count,
        backed_up=proved.backed_up,
        last_used_at=clock.now(),
    )
    return _with(account, used)


def _named(account: Account, passkey_id: object) -> StoredPasskey | None:
    known = (each for each in account.webauthn_credentials if each.id == passkey_id)
    return next(known, None)


def _required(account: Account, passkey_id: str) -> StoredPasskey:
    if known := _named(account, passkey_id):
        return known
    raise NotFound(f"there is no passkey {passkey_id[:64]}", code="passkey_not_found")


def _with(account: Account, changed: StoredPasskey) -> Account:
    credentials = tuple(
        changed if known.id == changed.id else known for known in account.webauthn_credentials
    )
    return msgspec.structs.replace(account, webauthn_credentials=credentials)


def _refused() -> Unauthenticated:
    return Unauthenticated(
        "this passkey is not known here; use another, or sign in with your password",
        code="passkey_refused",
    )


def _key(challenge_id: str) -> str:
    return f"auth:webauthn:{challenge_id}"
