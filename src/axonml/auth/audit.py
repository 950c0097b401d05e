"""The audit log: what happened to accounts, appended and never changed."""

from typing import Final

import structlog

from axonml.auth.store import AuditEntry, AuthStore
from axonml.clock import now
from axonml.errors import StorageFull
from axonml.ids import UserId, new_id

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
