"""Every query about users, sessions, API tokens, invitations and the audit log."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from axonml.auth.admin_types import UserDetail
from axonml.auth.types import User
from axonml.clock import now, now_ms
from axonml.errors import Conflict
from axonml.http.caller import Role, Scope
from axonml.ids import RunId, SessionId, UserId, new_id
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Statement

_ATTEMPTS: Final = 50


class StoredPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A WebAuthn credential; `id` is base64url as browsers write it."""

    id: str
    public_key: bytes
    sign_count: int
    name: str = ""
    transports: tuple[str, ...] = ()
    synced: bool = False
    backed_up: bool = False
    aaguid: str = ""
    created_at: datetime
    last_used_at: datetime | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user as stored. `password_hash` is None for who never chose a password.

    `totp_secret` is sealed, `totp_counter` the step of the last code that was taken, and
    `recovery_codes` are hashes of those left.
    """

    id: UserId
    email: str
    name: str
    role: Role
    password_hash: str | None = None
    totp_secret: str | None = None
    totp_counter: int = 0
    webauthn_credentials: tuple[StoredPasskey, ...] = ()
    recovery_codes: tuple[str, ...] = ()
    disabled: bool = False
    created_at: datetime

    @property
    def mfa_enabled(self) -> bool:
        """Tell whether a password alone does not sign in."""
        return self.totp_secret is not None or bool(self.webauthn_credentials)

    @property
    def is_admin(self) -> bool:
        """Tell whether this account administers the server now."""
        return self.role is Role.ADMIN and not self.disabled

    def shown(self) -> User:
        """Return what others may see."""
        return User(
            id=self.id,
            email=self.email,
            name=self.name,
            role=self.role,
            mfa_enabled=self.mfa_enabled,
            has_password=self.password_hash is not None,
            created_at=self.created_at,
        )

    def detail(self, last_seen_at: datetime | None) -> UserDetail:
        """Return what admins may see."""
        return UserDetail(
            **msgspec.structs.asdict(self.shown()),
            disabled=self.disabled,
            last_seen_at=last_seen_at,
        )


class StoredSession(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in. The hashes are of the refresh token in force and of its predecessor.

    `proved_ms` is when its person last showed a password, code or passkey; `by_link` tells that a
    one-time link stood for the password. Access tokens of another `generation` are void.
    """

    id: SessionId
    user_id: UserId
    refresh_hash: str
    previous_hash: str = ""
    rotated_ms: int = 0
    proved_ms: int = 0
    generation: int = 0
    by_link: bool = False
    user_agent: str = ""
    address: str = ""
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class StoredToken(msgspec.Struct, frozen=True, kw_only=True):
    """An API token: the SHA-256 of its secret, never the secret.

    `run_id` is set for the token of a launched training.
    """

    id: str
    user_id: UserId
    name: str
    scopes: tuple[Scope, ...]
    secret_hash: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    run_id: RunId | None = None


class StoredInvite(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation: the SHA-256 of its link's token; `used_by` is the account that it made."""

    id: str
    email: str | None
    role: Role
    token_hash: str
    invited_by: UserId
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by: UserId | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an account; `user_id` is "" where nobody was known."""

    id: str
    at: datetime
    user_id: str
    action: str
    address: str
    detail: dict[str, Any] = {}


class AuthStore:
    """The tables of users, sessions, API tokens, invitations and the audit log."""

    def __init__(self, documents: Documents) -> None:
        self._documents: Final = documents
        self.accounts: Final = Collection(documents, "axonml_users", Account, "user")
        self.sessions: Final = Collection(documents, "axonml_sessions", StoredSession, "session")
        self.tokens: Final = Collection(documents, "axonml_api_tokens", StoredToken, "token")
        self.invites: Final = Collection(documents, "axonml_invites", StoredInvite, "invitation")
        self.audit: Final = Collection(documents, "axonml_audit", AuditEntry, "audit_entry")

    async def has_accounts(self) -> bool:
        """Tell whether there is any account."""
        return bool(await self._documents.read(Statement("SELECT 1 FROM axonml_users LIMIT 1")))

    async def account_of(self, email: str) -> Account | None:
        """Return the account of an e-mail address as `normal_email` gives it."""
        found = await self.accounts.find("WHERE email = $1", (email,))
        return found[0] if found else None

    async def insert_first(self, account: Account) -> bool:
        """Store `account` if there is none yet; of many at once, one gets True."""
        at = now_ms()
        written = await self._documents.write(
            Statement(
                "INSERT INTO axonml_users (id, data, rev, created_at, updated_at)"
                " SELECT $1, $2, 1, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM axonml_users)"
                " RETURNING id",
                (account.id, msgspec.json.encode(account).decode(), at, at),
            )
        )
        return bool(written[0])

    async def insert_account(self, account: Account) -> None:
        """Store a new account; `Conflict` where its e-mail address is taken."""
        try:
            await self.accounts.insert(account)
        except Conflict:
            raise _email_taken() from None

    async def insert_guest(self, account: Account, invite: StoredInvite) -> bool:
        """Store `account` and spend its invitation in one write; False where that is spent.

        Raises `Conflict` where the e-mail address is taken, and spends nothing.
        """
        at = now_ms()
        used = msgspec.structs.replace(invite, used_at=now(), used_by=account.id)
        spend = Statement(
            "UPDATE axonml_invites SET data = $1, rev = rev + 1, updated_at = $2"
            " WHERE id = $3 AND data->>'used_at' IS NULL RETURNING id",
            (msgspec.json.encode(used).decode(), at, invite.id),
        )
        insert = Statement(
            "INSERT INTO axonml_users (id, data, rev, created_at, updated_at)"
            " SELECT $1, $2, 1, $3, $4 WHERE EXISTS (SELECT 1 FROM axonml_invites"
            " WHERE id = $5 AND data->>'used_by' = $6) RETURNING id",
            (account.id, msgspec.json.encode(account).decode(), at, at, invite.id, account.id),
        )
        try:
            return bool((await self._documents.write(spend, insert))[1])
        except Conflict:
            raise _email_taken() from None

    async def change_account(
        self, user: UserId, change: Callable[[Account], Account | None]
    ) -> tuple[Account, Account | None]:
        """Replace an account by `change(account)`, or delete it for None; return both.

        Raises `Conflict` where no admin who can sign in would be left. The one who stays is part
        of the write's condition, by revision: of two who demote each other at once, one stays.
        """
        for _ in range(_ATTEMPTS):
            before, rev = await self._account_and_rev(user)
            after = change(before)
            if after is before:
                return before, after
            stays, stays_rev = user, rev
            if before.is_admin and (after is None or not after.is_admin):
                stays, stays_rev = await self._other_admin(user)
            if await self._swap(user, rev, after, stays, stays_rev):
                return before, after
        raise Conflict(f"too many changes of user {user} at once; try again")

    async def _account_and_rev(self, user: str) -> tuple[Account, int]:
        sql = "SELECT data, rev FROM axonml_users WHERE id = $1"
        rows = await self._documents.read(Statement(sql, (user,)))
        if not rows:
            raise self.accounts.missing(user)
        return msgspec.json.decode(rows[0][0], type=Account), rows[0][1]

    async def _other_admin(self, user: UserId) -> tuple[UserId, int]:
        for admin in await self._admins():
            if admin.id != user and admin.is_admin:
                found, rev = await self._account_and_rev(admin.id)
                if found.is_admin:
                    return found.id, rev
        raise Conflict(
            "this is the last administrator; make somebody else one first", code="last_admin"
        )

    async def _swap(
        self, user: UserId, rev: int, after: Account | None, stays: UserId, stays_rev: int
    ) -> bool:
        act, values = "DELETE FROM axonml_users", tuple[object, ...]()
        if after is not None:
            act = "UPDATE axonml_users SET data = $1, rev = rev + 1, updated_at = $2"
            values = (msgspec.json.encode(after).decode(), now_ms())
        mark = [f"${len(values) + n}" for n in (1, 2, 3, 4)]
        sql = (
            f"{act} WHERE id = {mark[0]} AND rev = {mark[1]} AND EXISTS (SELECT 1 FROM"
            f" axonml_users WHERE id = {mark[2]} AND rev = {mark[3]}) RETURNING id"
        )
        parameters = (*values, user, rev, stays, stays_rev)
        try:
            return bool((await self._documents.write(Statement(sql, parameters)))[0])
        except Conflict:
            raise _email_taken() from None

    async def _admins(self) -> list[Account]:
        return await self.accounts.find("WHERE data->>'role' = $1 ORDER BY id", (Role.ADMIN,))

    async def oldest_admin(self) -> Account | None:
        """Return the admin that was there first and is not disabled."""
        return next((admin for admin in await self._admins() if admin.is_admin), None)

    async def sessions_of(self, user: UserId) -> list[StoredSession]:
        """Return the user's sessions, newest first."""
        return await self.sessions.find("WHERE user_id = $1 ORDER BY id DESC", (user,))

    async def tokens_of(self, user: UserId) -> list[StoredToken]:
        """Return the user's API tokens, newest first."""
        return await self.tokens.find("WHERE user_id = $1 ORDER BY id DESC", (user,))

    async def tokens_of_jobs(self, run: RunId | None = None) -> list[StoredToken]:
        """Return the tokens of launched trainings: of one run, or of all."""
        if run is None:
            return await self.tokens.find("WHERE data->>'run_id' IS NOT NULL ORDER BY id")
        return await self.tokens.find("WHERE data->>'run_id' = $1 ORDER BY id", (run,))

    async def count_accounts(self) -> int:
        """Return the number of accounts."""
        return await self.accounts.count()

    async def last_seen(self, users: Sequence[UserId]) -> dict[UserId, datetime]:
        """Return when each of `users` last used a session that is still there."""
        marks = ", ".join(f"${n}" for n in range(1, len(users) + 1))
        rows = await self._documents.read(
            Statement(
                "SELECT user_id, max(data->>'last_used_at') FROM axonml_sessions"
                f" WHERE user_id IN ({marks}) GROUP BY user_id",
                tuple(users),
            )
        )
        return {UserId(user): msgspec.convert(at, datetime) for user, at in rows}

    async def page_of_accounts(self, words: str, after: str, limit: int) -> list[Account]:
        """Return accounts whose name or e-mail address has `words`, oldest first, after an id."""
        return await self.accounts.find(
            "WHERE id > $1 AND email || ' ' || lower(data->>'name') LIKE $2 ESCAPE '!'"
            " ORDER BY id LIMIT $3",
            (after, f"%{_escaped(words.lower())}%", limit),
        )

    async def page_of_audit(
        self, user: str, action: str, before: str, limit: int
    ) -> list[AuditEntry]:
        """Return entries of `user` and `action` ("" is any), newest first, before an id."""
        wanted = {"user_id": user, "action": action}
        conditions, values = ["id < $1"], [before]
        for column, value in wanted.items():
            if value:
                values.append(value)
                conditions.append(f"{column} = ${len(values)}")
        tail = f"WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ${len(values) + 1}"
        return await self.audit.find(tail, (*values, limit))

    async def emails_of(self, users: Iterable[str]) -> dict[str, str]:
        """Return the e-mail addresses of those users who are still there."""
        found = [await self.accounts.get(user) for user in set(users) if user]
        return {account.id: account.email for account in found if account is not None}

    async def names_of(self, users: Iterable[str]) -> dict[str, str]:
        """Return the names of those users who are still there, without their addresses."""
        found = [await self.accounts.get(user) for user in set(users) if user]
        return {
            account.id: account.name or account.email.partition("@")[0]
            for account in found
            if account is not None
        }


def new_account(email: str, name: str, role: Role, hashed: str | None) -> Account:
    """Return an account of today with a fresh id."""
    return Account(
        id=UserId(new_id()),
        email=normal_email(email),
        name=name,
        role=role,
        password_hash=hashed,
        created_at=now(),
    )


def normal_email(email: str) -> str:
    """Return the one form of an e-mail address that is stored and looked up."""
    return email.strip().lower()


def _escaped(words: str) -> str:
    return words.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _email_taken() -> Conflict:
    return Conflict("there is an account with this e-mail address", code="email_taken")
