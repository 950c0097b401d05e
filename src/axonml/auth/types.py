"""What crosses a process in auth: users, credentials, sessions."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from axonml.http.caller import Role, Scope
from axonml.ids import SessionId, UserId

Email = Annotated[
    str,
    Meta(min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"),
]
PersonName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]
Secret = Annotated[str, Meta(min_length=1, max_length=512)]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user as others may see it: no hash, no secret."""

    id: UserId
    email: str
    name: str
    role: Role
    mfa_enabled: bool = False
    has_password: bool = False
    created_at: datetime


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a sign-in or refresh; `refresh_token` only for `client: "cli"`."""

    token: str
    expires_at: datetime
    user: User
    refresh_token: str | UnsetType = UNSET


class Registration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/auth/register.

    `setup_token` is asked of the first account off loopback; `invite` is the token of an
    invitation, which gives the role and is asked where registration is not open.
    """

    email: Email
    name: PersonName
    password: Password
    setup_token: Secret | None = None
    invite: Secret | None = None


class Registered(msgspec.Struct, frozen=True):
    """The answer to a registration."""

    user: User


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/auth/login."""

    email: Annotated[str, Meta(max_length=254)]
    password: Password
    client: Literal["browser", "cli"] = "browser"


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/refresh: a script sends its token; a browser sends its cookie and `{}`."""

    refresh_token: Secret | None = None


class LinkToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/link: the token of a one-time sign-in link."""

    token: Secret


class OperatorRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/operator: name and e-mail of the first account, where there is none.

    `link_only` asks for no API token.
    """

    name: PersonName | None = None
    email: Email | None = None
    link_only: bool = False


class OperatorGrant(msgspec.Struct, frozen=True, kw_only=True):
    """What who can read the data folder gets: an API token and a one-time sign-in link's token."""

    token: str | None
    expires_at: datetime | None
    user: User
    link_token: str


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/password. `current` is asked where the account has a password."""

    new: Password
    current: Password | None = None


class MeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH /api/auth/me."""

    name: PersonName


class NewApiToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/tokens."""

    name: PersonName
    scopes: Annotated[frozenset[Scope], Meta(min_length=1)]
    expires_in_days: Annotated[int, Meta(ge=1, le=366)] | None = None


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """An API token as its owner sees it after it was made: without the secret."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


class CreatedToken(msgspec.Struct, frozen=True):
    """A new API token; `token` is shown this once."""

    token: str
    api_token: ApiToken


class ApiTokenPage(msgspec.Struct, frozen=True):
    """The caller's API tokens, newest first."""

    items: list[ApiToken]
    next_cursor: str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in: a browser or a script; `current` is the one that asks."""

    id: SessionId
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    user_agent: str
    address: str
    current: bool


class SessionPage(msgspec.Struct, frozen=True):
    """The caller's sessions, newest first."""

    items: list[Session]
    next_cursor: str | None = None


class AuthState(msgspec.Struct, frozen=True, kw_only=True):
    """GET /api/auth/state: what the sign-in page needs to know before anyone is known."""

    has_users: bool
    needs_setup_token: bool
    registration: Literal["open", "invite", "closed"]
    require_mfa: bool
    version: str
