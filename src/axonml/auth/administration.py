"""What admins do with accounts: make, change, disable and delete them."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import UNSET

from axonml.auth.admin_types import NewUser, UserChange
from axonml.auth.api_tokens import ApiTokens
from axonml.auth.audit import Audit
from axonml.auth.passwords import Passwords, check_password
from axonml.auth.sessions import Sessions
from axonml.auth.store import Account, AuthStore, new_account, normal_email
from axonml.ids import UserId


class Administration:
    """Changes other people's accounts; one administrator always stays."""

    def __init__(
        self,
        store: AuthStore,
        passwords: Passwords,
        sessions: Sessions,
        api_tokens: ApiTokens,
        audit: Audit,
    ) -> None:
        self._store: Final = store
        self._passwords: Final = passwords
        self._sessions: Final = sessions
        self._api_tokens: Final = api_tokens
        self._audit: Final = audit
        self._callbacks: Final[list[Callable[[UserId], None]]] = []

    def on_change(self, callback: Callable[[UserId], None]) -> None:
        """Call `callback` with each account whose role or standing has changed."""
        self._callbacks.append(callback)

    async def create(self, new: NewUser, by: UserId, address: str) -> Account:
        """Make an account for somebody else; without a password it signs in by a link."""
        hashed = None
        if new.password is not None:
            check_password(new.password, new.email, new.name)
            hashed = await self._passwords.hash(new.password)
        account = new_account(new.email, new.name, new.role, hashed)
        await self._store.insert_account(account)
        await self._audit.record("user_created", account.id, address, by=by, role=new.role)
        return account

    async def change(
        self, user: UserId, change: UserChange, by: UserId, address: str = ""
    ) -> Account:
        """Change what is given, from the account's next request on.

        A disabled account is signed out everywhere, and its API tokens are refused. Raises
        `Conflict` where no administrator would be left, or the e-mail address is taken.
        """
        given = {
            name: value
            for name, value in msgspec.structs.asdict(change).items()
            if value is not UNSET
        }
        if "email" in given:
            given["email"] = normal_email(given["email"])
        before, after = await self._store.change_account(
            user, lambda account: msgspec.structs.replace(account, **given)
        )
        if given.get("disabled"):
            await self._sessions.end_all(user)
        changed = {name: value for name, value in given.items() if getattr(before, name) != value}
        if changed:
            self._tell(user)
            await self._audit.record("user_changed", user, address, by=by, **changed)
        return after or before

    async def delete(self, user: UserId, by: UserId, address: str) -> None:
        """Delete an account with its sessions and API tokens; what it made stays, for admins."""
        before, _ = await self._store.change_account(user, lambda _: None)
        await self._sessions.end_all(user)
        for token in await self._store.tokens_of(user):
            await self._api_tokens.revoke(user, token.id)
        self._tell(user)
        await self._audit.record("user_deleted", user, address, by=by, email=before.email)

    def _tell(self, user: UserId) -> None:
        for callback in self._callbacks:
            callback(user)
