"""What crosses a process about invitations."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from axonml.auth.types import Email, Secret
from axonml.http.caller import Role
from axonml.ids import UserId


class NewInvite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/admin/invites. With `email` it is for that address alone."""

    email: Email | None = None
    role: Role = Role.MEMBER
    expires_in_days: Annotated[int, Meta(ge=1, le=90)] = 7


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that can still be used."""

    id: str
    email: str | None
    role: Role
    invited_by: UserId
    created_at: datetime
    expires_at: datetime


class MadeInvite(msgspec.Struct, frozen=True):
    """A new invitation; its guest opens `/login#invite=TOKEN` on the page. Shown this once."""

    token: str
    invite: Invite


class InvitePage(msgspec.Struct, frozen=True):
    """The open invitations, newest first."""

    items: list[Invite]
    next_cursor: str | None = None


class InviteToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/invite."""

    token: Secret


class InviteStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest may know of the invitation before there is an account."""

    email: str | None
    role: Role
    expires_at: datetime
