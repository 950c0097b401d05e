"""The audit log: what happened to accounts, appended and never changed."""

from typing import Any, Final

import structlog

from axonml.auth.admin_types import AuditEvent, AuditPage
from axonml.auth.store import AuditEntry, AuthStore
from axonml.clock import now
from axonml.errors import StorageFull
from axonml.http.paging import decode_cursor, encode_cursor
from axonml.ids import UserId, new_id

_LAST: Final = "~"  # sorts after every id
_log: Final = structlog.stdlib.get_logger("axonml.auth")


class Audit:
    """Appends to the audit log; no secret and no password ever is in it."""

    def __init__(self, store: AuthStore) -> None:
        self._store: Final = store

    async def record(
        self,
        action: str,
        user: UserId | None,
        address: str = "",
        **detail: object,
    ) -> None:
        """Append one entry; a full disk keeps nobody from signing in, but is logged."""
        entry = AuditEntry(
            id=new_id(),
            at=now(),
            user_id=user or "",
            action=action,
            address=address,
            detail=detail,
        )
        _log.info(action, user_id=entry.user_id, address=address, **detail)
        try:
            await self._store.audit.insert(entry)
        except StorageFull as error:
            _log.error("the audit log could not be written", action=action, reason=error.detail)

    async def page(self, user: str, action: str, limit: int, cursor: str) -> AuditPage:
        """Return what happened to `user`, of the kind `action` ("" is any), newest first."""
        before = decode_cursor(cursor)[1] if cursor else _LAST
        found = await self._store.page_of_audit(user, action, before, limit + 1)
        shown, more = found[:limit], len(found) > limit
        named = [str(entry.detail.get("by", "")) for entry in shown]
        emails = await self._store.emails_of([*named, *(entry.user_id for entry in shown)])
        items = [
            AuditEvent(
                id=entry.id,
                at=entry.at,
                user_id=entry.user_id,
                email=emails.get(entry.user_id),
                action=entry.action,
                address=entry.address,
                detail=_named(entry.detail, emails),
            )
            for entry in shown
        ]
        return AuditPage(items, encode_cursor("", shown[-1].id) if more else None)


def _named(detail: dict[str, Any], emails: dict[str, str]) -> dict[str, Any]:
    """Return the detail with who did it by e-mail address, where the account is still there."""
    by = detail.get("by")
    return {**detail, "by": emails.get(by, by)} if isinstance(by, str) else detail
