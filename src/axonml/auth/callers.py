"""Whose token it is, remembered for seconds and forgotten at once when it ends."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

import msgspec

from axonml import clock
from axonml.auth.api_tokens import PREFIX, ApiTokens
from axonml.auth.sessions import Sessions
from axonml.auth.store import AuthStore
from axonml.auth.tokens import not_valid
from axonml.http.caller import Caller
from axonml.ids import SessionId, UserId

# For what another process may change in the same data; this one forgets at once.
_REMEMBERED_MS: Final = 30_000
_MOST: Final = 4096


class _Known(msgspec.Struct, frozen=True):
    caller: Caller
    until_ms: int


class Callers:
    """The guard's `Authenticator`: a look-up in memory for a token that was just used."""

    def __init__(
        self, sessions: Sessions, api_tokens: ApiTokens, store: AuthStore, operator_key: str
    ) -> None:
        self._sessions: Final = sessions
        self._api_tokens: Final = api_tokens
        self._store: Final = store
        self._operator_key: Final = operator_key.encode()
        # By hash: a dump of the memory shows no token.
        self._known: Final[dict[bytes, _Known]] = {}
        self._n_ended: int = 0
        sessions.on_end(self._forget_session)
        sessions.on_renew(self._forget_session)
        api_tokens.on_revoke(self._forget_token)

    async def authenticate(self, token: str) -> Caller:
        """Return the caller, as the account stands now; raises `Unauthenticated`."""
        if hmac.compare_digest(token.encode(), self._operator_key):
            return await self._operator()
        key = hashlib.sha256(token.encode()).digest()
        known = self._known.get(key)
        if known is not None and known.until_ms > clock.now_ms():
            return known.caller
        n_ended = self._n_ended
        find = self._api_tokens.caller if token.startswith(PREFIX) else self._sessions.caller
        caller, until_ms = await find(token)
        # What ended while the rows were read may be this very session: do not keep it.
        if n_ended == self._n_ended:
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = _Known(caller, min(until_ms, clock.now_ms() + _REMEMBERED_MS))
        return caller

    async def _operator(self) -> Caller:
        """Return who reads the data folder: as the first administrator, who is asked no more."""
        admin = await self._store.oldest_admin()
        if admin is None:
            raise not_valid("there is no account yet; make the first one")
        return Caller(user_id=admin.id, email=admin.email, role=admin.role, is_operator=True)

    def forget_user(self, user: UserId) -> None:
        """Look at the account again at its next request: its role or name has changed."""
        self._forget(lambda caller: caller.user_id == user)

    def _forget_session(self, session: SessionId) -> None:
        self._forget(lambda caller: caller.session_id == session)

    def _forget_token(self, token_id: str) -> None:
        self._forget(lambda caller: caller.token_id == token_id)

    def _forget(self, ended: Callable[[Caller], bool]) -> None:
        self._n_ended += 1
        for key in [key for key, known in self._known.items() if ended(known.caller)]:
            del self._known[key]
