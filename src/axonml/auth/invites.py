"""Invitations: a link that makes one account, with a role, for a week."""

import secrets
from datetime import timedelta
from typing import Final

import msgspec

from axonml import clock
from axonml.auth.invite_types import Invite, InviteStatus, MadeInvite, NewInvite
from axonml.auth.store import Account, AuthStore, StoredInvite, normal_email
from axonml.auth.tokens import hash_of
from axonml.errors import Conflict, Forbidden
from axonml.ids import UserId, new_id

_MOST_OPEN: Final = 1000


class Invites:
    """Owns the invitations; each makes one account."""

    def __init__(self, store: AuthStore) -> None:
        self._store: Final = store

    async def create(self, new: NewInvite, by: UserId) -> MadeInvite:
        """Store an invitation and return it with its token, this once."""
        if len(await self._unused()) >= _MOST_OPEN:
            raise Conflict(f"{_MOST_OPEN} invitations are open already; withdraw some")
        at, token = clock.now(), secrets.token_urlsafe(32)
        stored = StoredInvite(
            id=new_id(),
            email=normal_email(new.email) if new.email else None,
            role=new.role,
            token_hash=hash_of(token),
            invited_by=by,
            created_at=at,
            expires_at=at + timedelta(days=new.expires_in_days),
        )
        await self._store.invites.insert(stored)
        return MadeInvite(token, shown(stored))

    async def open(self) -> list[Invite]:
        """Return the invitations that can still be used, newest first."""
        return [shown(invite) for invite in await self._unused()]

    async def withdraw(self, invite_id: str) -> None:
        """Void an invitation that nobody has used."""
        invite = await self._store.invites.get(invite_id)
        if invite is None or invite.used_at is not None:
            raise self._store.invites.missing(invite_id)
        _ = await self._store.invites.delete(invite_id)

    async def named(self, token: str) -> StoredInvite:
        """Return the invitation of a link; raises `Forbidden` where it opens nothing."""
        found = await self._store.invites.find("WHERE token_hash = $1", (hash_of(token),))
        if not found or found[0].used_at is not None or found[0].expires_at <= clock.now():
            raise _void()
        return found[0]

    async def accept(self, token: str, account: Account) -> Account:
        """Store `account` with the role of an invitation; of many with one link, one gets it."""
        invite = await self.named(token)
        if invite.email is not None and invite.email != account.email:
            raise Forbidden(f"this invitation is for {invite.email}", code="invitation_of_other")
        account = msgspec.structs.replace(account, role=invite.role)
        if not await self._store.insert_guest(account, invite):
            raise _void()
        return account

    async def _unused(self) -> list[StoredInvite]:
        at = clock.now()
        every = await self._store.invites.find("ORDER BY id DESC")
        return [invite for invite in every if invite.used_at is None and invite.expires_at > at]


def shown(invite: StoredInvite) -> Invite:
    """Return what an admin sees of an invitation."""
    return Invite(
        id=invite.id,
        email=invite.email,
        role=invite.role,
        invited_by=invite.invited_by,
        created_at=invite.created_at,
        expires_at=invite.expires_at,
    )


def status(invite: StoredInvite) -> InviteStatus:
    """Return what its guest sees of an invitation."""
    return InviteStatus(email=invite.email, role=invite.role, expires_at=invite.expires_at)


def _void() -> Forbidden:
    return Forbidden(
        "this invitation was used, withdrawn or has ended; ask for a new one",
        code="invitation_void",
    )
