"""Second factors of an account: what a sign-in still asks for, and what changes end."""

import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from axonml import clock
from axonml.auth.audit import Audit
from axonml.auth.mfa_types import (
    Method,
    MfaRequired,
    MfaState,
    NewPasskey,
    Passkey,
    PasskeyRegistration,
    RecoveryCodes,
)
from axonml.auth.passkeys import Passkeys
from axonml.auth.recovery import burn, new_codes
from axonml.auth.sessions import Sessions
from axonml.auth.store import Account, AuthStore, StoredPasskey
from axonml.auth.throttle import Throttle
from axonml.auth.tokens import hash_of
from axonml.auth.totp import Totp
from axonml.clock import as_datetime
from axonml.errors import Conflict, NotFound, Unauthenticated
from axonml.http.caller import Caller
from axonml.ids import UserId
from axonml.storage.protocols import KeyValue

_PENDING_S: Final = 5 * 60.0


class Pending(msgspec.Struct, frozen=True):
    """A sign-in whose password (or link) was right; `in_body` asks for the refresh token there."""

    user_id: UserId
    in_body: bool = False
    by_link: bool = False


class SecondFactors:
    """Owns what an account has beside its password."""

    def __init__(
        self,
        store: AuthStore,
        keys: KeyValue,
        totp: Totp,
        passkeys: Passkeys,
        sessions: Sessions,
        throttle: Throttle,
        audit: Audit,
        *,
        required: bool,
    ) -> None:
        self._store: Final = store
        self._keys: Final = keys
        self.totp: Final = totp
        self.passkeys: Final = passkeys
        self._sessions: Final = sessions
        self._throttle: Final = throttle
        self._audit: Final = audit
        self._required: Final = required
        self._callbacks: Final[list[Callable[[UserId], None]]] = []

    def on_change(self, callback: Callable[[UserId], None]) -> None:
        """Call `callback` with each account that has got or lost a second factor."""
        self._callbacks.append(callback)

    # ------------------------------------------------------------ sign-in
    async def ask(
        self, account: Account, *, in_body: bool = False, by_link: bool = False
    ) -> MfaRequired:
        """Return what goes on with a sign-in that has shown a password or link, for 5 minutes."""
        token = secrets.token_urlsafe(32)
        pending = msgspec.json.encode(Pending(account.id, in_body, by_link))
        await self._keys.put(_key(token), pending, _PENDING_S)
        has: dict[Method, object] = {
            "webauthn": account.webauthn_credentials,
            "totp": account.totp_secret,
            "recovery": account.recovery_codes,
        }
        return MfaRequired(
            mfa_token=token,
            expires_at=as_datetime(clock.now_ms() + int(_PENDING_S * 1000)),
            methods=[method for method, found in has.items() if found],
        )

    async def pending(self, token: str) -> Pending:
        """Return the sign-in that `token` goes on with; raises `Unauthenticated`."""
        kept = await self._keys.get(_key(token))
        if kept is None:
            raise Unauthenticated(
                "the sign-in took longer than 5 minutes; begin again with your password",
                code="mfa_expired",
            )
        return msgspec.json.decode(kept, type=Pending)

    async def spend(self, token: str) -> None:
        """End the pending sign-in: its factor was right. Of many at once one goes on."""
        if await self._keys.take(_key(token)) is None:
            raise Unauthenticated("this sign-in is complete already", code="mfa_expired")

    async def check_code(self, user: UserId, code: str, address: str) -> Account:
        """Return the account whose app shows `code`; counted before it is compared."""
        self._throttle.count_mfa(user)
        try:
            return await self.totp.spend(user, code)
        except Unauthenticated:
            await self._audit.record("mfa_failed", user, address, method="totp")
            raise

    async def check_recovery_code(self, user: UserId, code: str, address: str) -> Account:
        """Return the account whose recovery code this is, and burn it."""
        self._throttle.count_mfa(user)
        try:
            account = await burn(self._store, user, code)
        except Unauthenticated:
            await self._audit.record("mfa_failed", user, address, method="recovery")
            raise
        left = len(account.recovery_codes)
        await self._audit.record("recovery_code_used", user, address, left=left)
        return account

    async def prove_by_code(self, user: UserId, code: str, address: str) -> None:
        """Return where this is a code of the app, or a recovery code, which is then spent."""
        if "".join(code.split()).isdecimal():
            _ = await self.check_code(user, code, address)
        else:
            _ = await self.check_recovery_code(user, code, address)

    # ------------------------------------------------------------ set-up
    async def state(self, caller: Caller) -> MfaState:
        """Return what the account has."""
        account = await self._store.accounts.require(caller.user_id)
        return MfaState(
            enabled=account.mfa_enabled,
            required=self._required,
            totp=account.totp_secret is not None,
            passkeys=[shown(passkey) for passkey in account.webauthn_credentials],
            recovery_codes_left=len(account.recovery_codes),
            proved_until=await self._sessions.proved_until(caller),
            asks_password=account.password_hash is not None
            and not await self._sessions.came_by_link(caller),
        )

    async def enable_totp(self, caller: Caller, address: str) -> RecoveryCodes:
        """Ask for codes of the app from now on; ends the other sessions."""
        codes, hashes = new_codes()
        _ = await self.totp.enable(caller.user_id, hashes)
        await self._changed(caller, "totp_enabled", address)
        return RecoveryCodes(codes)

    async def add_passkey(
        self, caller: Caller, answer: PasskeyRegistration, address: str
    ) -> NewPasskey:
        """Register a passkey; with the first second factor come recovery codes."""
        codes, hashes = new_codes()
        passkey, is_first = await self.passkeys.finish_registration(caller.user_id, answer, hashes)
        await self._changed(caller, "passkey_added", address, passkey=passkey.name)
        return NewPasskey(shown(passkey), codes if is_first else [])

    async def new_recovery_codes(self, caller: Caller, address: str) -> RecoveryCodes:
        """Return fresh recovery codes; the old ones are void."""
        codes, hashes = new_codes()

        def renewed(account: Account) -> Account:
            if not account.mfa_enabled:
                raise Conflict(
                    "recovery codes are for accounts with a second factor; set one up first",
                    code="mfa_not_enabled",
                )
            return msgspec.structs.replace(account, recovery_codes=hashes)

        _ = await self._store.accounts.update(caller.user_id, renewed)
        await self._audit.record("recovery_codes_made", caller.user_id, address)
        return RecoveryCodes(codes)

    async def remove_totp(self, caller: Caller, address: str) -> None:
        """Ask for no codes any more."""

        def without(account: Account) -> Account:
            if account.totp_secret is None:
                raise NotFound("no authenticator app is set up", code="totp_not_found")
            return msgspec.structs.replace(account, totp_secret=None, totp_counter=0)

        await self._remove(caller, without)
        await self._changed(caller, "totp_removed", address)

    async def remove_passkey(self, caller: Caller, passkey_id: str, address: str) -> None:
        """Forget a passkey."""

        def without(account: Account) -> Account:
            left = tuple(each for each in account.webauthn_credentials if each.id != passkey_id)
            if len(left) == len(account.webauthn_credentials):
                raise NotFound(f"there is no passkey {passkey_id[:64]}", code="passkey_not_found")
            return msgspec.structs.replace(account, webauthn_credentials=left)

        await self._remove(caller, without)
        await self._changed(caller, "passkey_removed", address)

    async def turn_off(self, caller: Caller, address: str) -> None:
        """Remove every second factor; a repeat changes nothing."""
        await self._remove(caller, _bare)
        await self._changed(caller, "mfa_turned_off", address)

    async def reset(self, user: UserId, admin: UserId, address: str) -> None:
        """Remove the second factors of who has lost them, and end their sessions."""
        _ = await self._store.accounts.update(user, _bare)
        await self._sessions.end_all(user)
        self._tell(user)
        await self._audit.record("mfa_reset", user, address, by=admin)

    async def _remove(self, caller: Caller, change: Callable[[Account], Account]) -> None:
        def removed(account: Account) -> Account:
            left = change(account)
            if left.mfa_enabled:
                return left
            if self._required and account.mfa_enabled:
                raise Conflict(
                    "this server asks everybody for a second factor; set up another one before"
                    " you remove the last",
                    code="mfa_required",
                )
            return _bare(left)

        _ = await self._store.accounts.update(caller.user_id, removed)

    async def _changed(self, caller: Caller, action: str, address: str, **detail: object) -> None:
        await self._sessions.end_all(caller.user_id, but=caller.session_id)
        self._tell(caller.user_id)
        await self._audit.record(action, caller.user_id, address, **detail)

    def _tell(self, user: UserId) -> None:
        for callback in self._callbacks:
            callback(user)


def shown(passkey: StoredPasskey) -> Passkey:
    """Return what its owner sees of a passkey."""
    return Passkey(
        id=passkey.id,
        name=passkey.name,
        synced=passkey.synced,
        transports=list(passkey.transports),
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
    )


def _bare(account: Account) -> Account:
    return msgspec.structs.replace(
        account, totp_secret=None, totp_counter=0, webauthn_credentials=(), recovery_codes=()
    )


def _key(token: str) -> str:
    return f"auth:mfa:{hash_of(token)}"
