"""API tokens: for scripts, with scopes and an end; their secret is shown once and never stored."""

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from axonml import clock
from axonml.auth.store import AuthStore, StoredToken
from axonml.auth.tokens import hash_of, not_valid
from axonml.auth.types import ApiToken, CreatedToken, NewApiToken
from axonml.errors import Conflict, NotFound, StorageFull
from axonml.http.caller import Caller, Role, Scope
from axonml.ids import RunId, UserId, is_id, new_id

PREFIX: Final = "axon_pat_"
ALL_SCOPES: Final[frozenset[Scope]] = frozenset({"read", "runs:write", "models:write", "predict"})
_DEFAULT_DAYS: Final = 90
_MOST: Final = 100
_NOTED_EVERY: Final = timedelta(minutes=1)
_log: Final = structlog.stdlib.get_logger("axonml.auth")

RevokeCallback = Callable[[str], None]


class ApiTokens:
    """Owns the API tokens; a revoked one is refused at once."""

    def __init__(self, store: AuthStore) -> None:
        self._store: Final = store
        self._callbacks: Final[list[RevokeCallback]] = []

    def on_revoke(self, callback: RevokeCallback) -> None:
        """Call `callback` with the id of each token that is revoked."""
        self._callbacks.append(callback)

    async def create(
        self, user: UserId, new: NewApiToken, run: RunId | None = None
    ) -> CreatedToken:
        """Store a token and return it with its secret, this once; with `run` it is its training's.

        The user's expired ones are dropped; raises `Conflict` where 100 are left.
        """
        at, n_left = clock.now(), 0
        for old in await self._store.tokens_of(user):
            if old.expires_at <= at:
                _ = await self._store.tokens.delete(old.id)
            else:
                n_left += 1
        if n_left >= _MOST:
            raise Conflict(f"there are {_MOST} API tokens already; revoke some")
        token_id, secret = new_id(), secrets.token_urlsafe(32)
        stored = StoredToken(
            id=token_id,
            user_id=user,
            name=new.name,
            scopes=tuple(sorted(new.scopes)),
            secret_hash=hash_of(secret),
            created_at=at,
            expires_at=at + timedelta(days=new.expires_in_days or _DEFAULT_DAYS),
            run_id=run,
        )
        await self._store.tokens.insert(stored)
        return CreatedToken(f"{PREFIX}{token_id}_{secret}", _shown(stored))

    async def of(self, user: UserId) -> list[ApiToken]:
        """Return the user's tokens, newest first."""
        return [_shown(token) for token in await self._store.tokens_of(user)]

    async def revoke(self, user: UserId, token_id: str) -> None:
        """End a token of the user; `NotFound` where it is nobody's or somebody else's."""
        token = await self._store.tokens.get(token_id)
        if token is None or token.user_id != user:
            raise NotFound(f"there is no API token {token_id[:64]}", code="token_not_found")
        _ = await self._store.tokens.delete(token_id)
        for callback in self._callbacks:
            callback(token_id)

    async def caller(self, text: str) -> tuple[Caller, int]:
        """Return the caller of an API token and the time, in ms, until which it is good.

        Raises `Unauthenticated`. Notes the use, at most once a minute.
        """
        token_id, _, secret = text.removeprefix(PREFIX).partition("_")
        token = await self._store.tokens.get(token_id) if is_id(token_id) else None
        if token is None or not hmac.compare_digest(token.secret_hash, hash_of(secret)):
            raise not_valid("this API token is not valid; make a new one")
        if token.expires_at <= clock.now():
            raise not_valid("this API token has expired; make a new one")
        account = await self._store.accounts.get(token.user_id)
        if account is None or account.disabled:
            raise not_valid("this account cannot sign in; ask an admin")
        await self._note_use(token)
        caller = Caller(
            user_id=account.id,
            email=account.email,
            # A training has no use for an admin's rights, and its script need not be the admin's.
            role=Role.MEMBER if token.run_id and account.role is Role.ADMIN else account.role,
            token_id=token.id,
            scopes=frozenset(token.scopes),
            run_id=token.run_id,
        )
        return caller, int(token.expires_at.timestamp() * 1000)

    async def _note_use(self, token: StoredToken) -> None:
        at = clock.now()
        if token.last_used_at is not None and at - token.last_used_at < _NOTED_EVERY:
            return
        try:
            _ = await self._store.tokens.update(
                token.id, lambda token: msgspec.structs.replace(token, last_used_at=at)
            )
        except NotFound:
            raise not_valid("this API token is not valid; make a new one") from None
        except StorageFull as error:  # reading must go on
            _log.warning("the use of a token was not noted", reason=error.detail)


def _shown(token: StoredToken) -> ApiToken:
    return ApiToken(
        id=token.id,
        name=token.name,
        scopes=token.scopes,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )
