"""What crosses a process in auth: users, credentials, sessions."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from axonml.http.caller import Role
from axonml.ids import UserId

Email = Annotated[
    str,
    Meta(min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"),
]
PersonName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user as others may see it: no hash, no secret."""

    id: UserId
    email: str
    name: str
    role: Role
    mfa_enabled: bool = False
    created_at: datetime


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a sign-in or refresh; `refresh_token` only for `client: "cli"`."""

    token: str
    expires_at: datetime
    user: User
    refresh_token: str | None = None


class Registration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/auth/register. `setup_token` is asked of the first account off loopback."""

    email: Email
    name: PersonName
    password: Password
    setup_token: str | None = None


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/auth/login."""

    email: Annotated[str, Meta(max_length=254)]
    password: Password
    client: Literal["browser", "cli"] = "browser"


class AuthState(msgspec.Struct, frozen=True, kw_only=True):
    """GET /api/auth/state: what the sign-in page needs to know before anyone is known."""

    has_users: bool
    needs_setup_token: bool
    registration: Literal["open", "invite", "closed"]
    version: str
