"""Sessions: one row per sign-in, an access token for minutes, a refresh token that rotates."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from axonml import clock
from axonml.auth.audit import Audit
from axonml.auth.store import Account, AuthStore, StoredSession
from axonml.auth.tokens import AccessTokens, RefreshToken, RefreshTokens, not_valid
from axonml.clock import as_datetime
from axonml.config import AuthConfig
from axonml.errors import Forbidden, NotFound, Unauthenticated
from axonml.http.caller import Caller
from axonml.ids import SessionId, UserId, new_id

_GRACE_MS: Final = 10_000
_PROVED_MS: Final = 10 * 60_000
_LINK_FRESH: Final = timedelta(minutes=10)

EndCallback = Callable[[SessionId], None]


class Device(msgspec.Struct, frozen=True):
    """Where a sign-in comes from, as far as its owner wants to know it again."""

    address: str = ""
    user_agent: str = ""


class Issued(msgspec.Struct, frozen=True):
    """The tokens of a session, and whose it is."""

    account: Account
    token: str
    expires_ms: int
    refresh_token: str


class Sessions:
    """Owns the sessions; what has ended is refused at once and its sockets are closed."""

    def __init__(
        self,
        store: AuthStore,
        access: AccessTokens,
        refresh: RefreshTokens,
        audit: Audit,
        config: AuthConfig,
    ) -> None:
        self._store: Final = store
        self._access: Final = access
        self._refresh: Final = refresh
        self._audit: Final = audit
        self._access_ms: Final = config.access_minutes * 60_000
        self._idle: Final = timedelta(days=config.idle_days)
        self._lifetime: Final = timedelta(days=config.session_days)
        self._require_mfa: Final = config.require_mfa
        self._callbacks: Final[list[EndCallback]] = []
        self._on_renew: Final[list[EndCallback]] = []

    def on_end(self, callback: EndCallback) -> None:
        """Call `callback` with each session that ends, right after it cannot be used any more."""
        self._callbacks.append(callback)

    def on_renew(self, callback: EndCallback) -> None:
        """Call `callback` with each session whose access tokens have become void."""
        self._on_renew.append(callback)

    async def start(self, account: Account, device: Device, *, by_link: bool = False) -> Issued:
        """Store a session of `account` and return its tokens."""
        at = clock.now()
        session_id = SessionId(new_id())
        refresh = self._refresh.first(session_id)
        session = StoredSession(
            id=session_id,
            user_id=account.id,
            refresh_hash=refresh.hash,
            proved_ms=clock.now_ms(),
            by_link=by_link,
            user_agent=device.user_agent,
            address=device.address,
            created_at=at,
            last_used_at=at,
            expires_at=at + self._lifetime,
        )
        await self._store.sessions.insert(session)
        return self._issued(account, session, refresh)

    async def refresh(self, text: str, device: Device) -> Issued:
        """Spend a refresh token and return its successor with a fresh access token.

        Sent again within 10 s it gives the same successor (two tabs, a lost answer). Later, or
        after its successor was spent, it ends the session: somebody has a copy.
        """
        token = self._refresh.read(text)
        found = await self._store.sessions.get(token.session) if token else None
        if token is None or found is None:
            raise not_valid("the session has ended; sign in again")
        account = await self._store.accounts.get(found.user_id)
        if account is None or account.disabled or self._is_over(found):
            await self.end(found.id)
            raise not_valid("the session has ended; sign in again")
        successor = self._refresh.successor(token)
        try:
            session = await self._store.sessions.update(
                found.id, lambda session: _rotated(session, token, successor, device)
            )
        except NotFound:
            raise not_valid("the session has ended; sign in again") from None
        except _Spent:
            await self.end(found.id)
            await self._audit.record(
                "refresh_token_reused", found.user_id, device.address, session=found.id
            )
            raise not_valid("this refresh token was used before; sign in again") from None
        return self._issued(account, session, successor)

    async def session_of(self, refresh_token: str) -> StoredSession | None:
        """Return the session whose refresh token this is, or was a moment ago."""
        token = self._refresh.read(refresh_token)
        session = await self._store.sessions.get(token.session) if token else None
        if token is None or session is None or self._is_over(session):
            return None
        return session if token.hash in {session.refresh_hash, session.previous_hash} else None

    async def caller(self, token: str) -> tuple[Caller, int]:
        """Return the caller of an access token and the time, in ms, until which it is good.

        The role is that of the account now. Raises `Unauthenticated`.
        """
        claims = self._access.read(token)
        session = await self._store.sessions.get(claims.sid)
        account = await self._store.accounts.get(claims.sub)
        if session is None or session.user_id != claims.sub or self._is_over(session):
            raise not_valid("the session has ended; sign in again")
        if claims.gen != session.generation:
            raise not_valid("a newer token has taken this one's place; refresh it")
        if account is None or account.disabled:
            raise not_valid("this account cannot sign in; ask an admin")
        caller = Caller(
            user_id=account.id,
            email=account.email,
            role=account.role,
            session_id=session.id,
            lacks_mfa=self._require_mfa and not account.mfa_enabled,
        )
        return caller, claims.exp * 1000

    async def renew(self, caller: Caller) -> tuple[str, int]:
        """Note a proof and return an access token in place of the one that carried it, and its end.

        Every access token before it is void: whoever has copied one has not proved anything.
        """
        await self.prove(caller)
        session = await self._store.sessions.update(
            caller.session_id or "",
            lambda session: msgspec.structs.replace(session, generation=session.generation + 1),
        )
        for callback in self._on_renew:
            callback(session.id)
        return self._access_token(session)

    async def prove(self, caller: Caller) -> None:
        """Note that the person of this session has shown or set a password, code or passkey."""
        at = clock.now_ms()
        _ = await self._store.sessions.update(
            caller.session_id or "",
            lambda session: msgspec.structs.replace(session, proved_ms=at, by_link=False),
        )

    async def proved_until(self, caller: Caller) -> datetime | None:
        """Return until when nothing more need be shown; None where it must be."""
        session = await self._store.sessions.get(caller.session_id or "")
        until_ms = session.proved_ms + _PROVED_MS if session else 0
        return as_datetime(until_ms) if until_ms > clock.now_ms() else None

    async def came_by_link(self, caller: Caller) -> bool:
        """Tell whether this is a sign-in by link of the last 10 minutes: of a lost password."""
        session = await self._store.sessions.get(caller.session_id or "")
        if session is None or not session.by_link:
            return False
        return clock.now() - session.created_at < _LINK_FRESH

    async def check_proved(self, caller: Caller) -> None:
        """Return where a factor was shown in the last 10 minutes; else raise `Forbidden`.

        The key of who can read the data folder is such a proof.
        """
        if caller.is_operator:
            return
        if await self.proved_until(caller) is None:
            raise Forbidden(
                "prove that it is you: enter your password or a code, or use a passkey",
                code="reauth_required",
            )

    async def of(self, user: UserId) -> list[StoredSession]:
        """Return the user's sessions that can still be used, newest first."""
        sessions = await self._store.sessions_of(user)
        return [session for session in sessions if not self._is_over(session)]

    async def page(self, before: str, limit: int) -> list[StoredSession]:
        """Return everybody's sessions, newest first, before an id; those that are over as well."""
        return await self._store.sessions.find(
            "WHERE id < $1 ORDER BY id DESC LIMIT $2", (before, limit)
        )

    async def end(self, session: SessionId) -> None:
        """End a session; a repeat changes nothing."""
        if await self._store.sessions.delete(session):
            for callback in self._callbacks:
                callback(session)

    async def end_all(self, user: UserId, but: SessionId | None = None) -> None:
        """End every session of the user except `but`."""
        for session in await self._store.sessions_of(user):
            if session.id != but:
                await self.end(session.id)

    def _is_over(self, session: StoredSession) -> bool:
        at = clock.now()
        return at >= session.expires_at or at >= session.last_used_at + self._idle

    def _issued(self, account: Account, session: StoredSession, refresh: RefreshToken) -> Issued:
        token, expires_ms = self._access_token(session)
        return Issued(account, token, expires_ms, refresh.text)

    def _access_token(self, session: StoredSession) -> tuple[str, int]:
        ends_ms = int(session.expires_at.timestamp() * 1000)
        expires_ms = min(clock.now_ms() + self._access_ms, ends_ms) // 1000 * 1000
        token = self._access.issue(
            session.user_id, session.id, expires_ms // 1000, session.generation
        )
        return token, expires_ms


class _Spent(Unauthenticated):
    """A refresh token came again that cannot have been sent by its owner."""


def _rotated(
    session: StoredSession, token: RefreshToken, successor: RefreshToken, device: Device
) -> StoredSession:
    at = clock.now_ms()
    if hmac.compare_digest(token.hash, session.refresh_hash):
        return msgspec.structs.replace(
            session,
            refresh_hash=successor.hash,
            previous_hash=token.hash,
            rotated_ms=at,
            last_used_at=as_datetime(at),
            address=device.address,
        )
    is_predecessor = hmac.compare_digest(token.hash, session.previous_hash)
    if is_predecessor and at - session.rotated_ms <= _GRACE_MS:
        return session
    raise _Spent("spent")
