"""Every query about users, sessions, API tokens and the audit log."""

from datetime import datetime
from typing import Any, Final

import msgspec

from axonml.auth.types import User
from axonml.clock import now_ms
from axonml.http.caller import Role, Scope
from axonml.ids import RunId, SessionId, UserId
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Statement


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


class StoredSession(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in. The hashes are of the refresh token in force and of its predecessor.

    `proved_ms` is when its person last showed a password, code or passkey.
    """

    id: SessionId
    user_id: UserId
    refresh_hash: str
    previous_hash: str = ""
    rotated_ms: int = 0
    proved_ms: int = 0
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


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an account; `user_id` is "" where nobody was known."""

    id: str
    at: datetime
    user_id: str
    action: str
    address: str
    detail: dict[str, Any] = {}


class AuthStore:
    """The tables `axonml_users`, `axonml_sessions`, `axonml_api_tokens` and `axonml_audit`."""

    def __init__(self, documents: Documents) -> None:
        self._documents: Final = documents
        self.accounts: Final = Collection(documents, "axonml_users", Account, "user")
        self.sessions: Final = Collection(documents, "axonml_sessions", StoredSession, "session")
        self.tokens: Final = Collection(documents, "axonml_api_tokens", StoredToken, "token")
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

    async def oldest_admin(self) -> Account | None:
        """Return the admin that was there first and is not disabled."""
        admins = await self.accounts.find("WHERE data->>'role' = $1 ORDER BY id", (Role.ADMIN,))
        return next((admin for admin in admins if not admin.disabled), None)

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


def normal_email(email: str) -> str:
    """Return the one form of an e-mail address that is stored and looked up."""
    return email.strip().lower()
