"""What crosses a process about other people's accounts."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from axonml.auth.types import Email, Password, PersonName, User
from axonml.http.caller import Role
from axonml.ids import SessionId, UserId


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/admin/users. Without a password the account signs in by the answer's link."""

    email: Email
    name: PersonName
    role: Role = Role.MEMBER
    password: Password | None = None


class UserChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PUT /api/admin/users/{id}: what is given is changed."""

    email: Email | UnsetType = UNSET
    name: PersonName | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class UserDetail(User, frozen=True, kw_only=True):
    """A user as admins see it."""

    disabled: bool
    last_seen_at: datetime | None


class MadeUser(msgspec.Struct, frozen=True, kw_only=True):
    """A new account; the link `/login#link=TOKEN` signs it in once, within 15 minutes."""

    user: UserDetail
    link_token: str


class UserLink(msgspec.Struct, frozen=True):
    """A one-time sign-in link's token, for somebody who has lost the password."""

    link_token: str


class UserPage(msgspec.Struct, frozen=True):
    """Users, oldest first."""

    items: list[UserDetail]
    next_cursor: str | None


class UserSession(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's sign-in."""

    id: SessionId
    user_id: UserId
    email: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    user_agent: str
    address: str


class UserSessionPage(msgspec.Struct, frozen=True):
    """Everybody's sessions, newest first."""

    items: list[UserSession]
    next_cursor: str | None


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `email` is None where the account is unknown or gone."""

    id: str
    at: datetime
    user_id: str
    email: str | None
    action: str
    address: str
    detail: dict[str, Any]


class AuditPage(msgspec.Struct, frozen=True):
    """Audit events, newest first."""

    items: list[AuditEvent]
    next_cursor: str | None


class LimitInForce(msgspec.Struct, frozen=True, kw_only=True):
    """At most `n` in `window_s` seconds for each of `per`; `n_keys` are remembered now."""

    name: str
    per: str
    n: int
    window_s: float
    n_keys: int


class LimitPage(msgspec.Struct, frozen=True):
    """Every limit that is counted."""

    items: list[LimitInForce]
    next_cursor: str | None = None
