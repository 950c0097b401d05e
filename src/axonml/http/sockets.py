"""The open WebSockets of this process, so that they close when rights or the server end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from litestar import WebSocket

from axonml.http.caller import Caller
from axonml.ids import SessionId, UserId

CLOSE_RESTART: Final = 1012
CLOSE_SIGNED_OUT: Final = 4401
_DRAIN_S: Final = 3.0


class _Open:
    """One open socket: the task that serves it, and why it was told to end, if it was."""

    def __init__(self, caller: Caller, task: asyncio.Task[Any]) -> None:
        self.caller: Final = caller
        self.task: Final = task
        self.close_code: int | None = None


class Sockets:
    """Knows every open socket, and closes those whose rights end with a code that says why."""

    def __init__(self) -> None:
        self._open: Final[set[_Open]] = set()
        self._is_draining = False

    def __len__(self) -> int:
        """Return the number of open sockets."""
        return len(self._open)

    @asynccontextmanager
    async def watching(
        self, socket: WebSocket[Any, Any, Any], caller: Caller
    ) -> AsyncGenerator[None]:
        """Hold `socket` open for the body; close it with its code when it is told to end.

        Entered before the socket is accepted: a client that is connected is always known here.
        """
        task = asyncio.current_task()
        if task is None:
            message = "a socket is served by a task"
            raise RuntimeError(message)
        entry = _Open(caller, task)
        self._open.add(entry)
        if self._is_draining:
            self._end(CLOSE_RESTART, {entry})
        try:
            yield
        except asyncio.CancelledError:
            if entry.close_code is None:
                raise
            _ = task.uncancel()
            await socket.close(entry.close_code)
        finally:
            self._open.discard(entry)

    def end_session(self, session: SessionId) -> None:
        """Close the sockets that were opened by `session`; the page may refresh and come again."""
        self._end(CLOSE_SIGNED_OUT, {e for e in self._open if e.caller.session_id == session})

    def end_token(self, token_id: str) -> None:
        """Close the sockets that were opened with an API token."""
        self._end(CLOSE_SIGNED_OUT, {e for e in self._open if e.caller.token_id == token_id})

    def end_user(self, user: UserId) -> None:
        """Close the sockets of a user whose rights have changed."""
        self._end(CLOSE_SIGNED_OUT, {e for e in self._open if e.caller.user_id == user})

    async def drain(self) -> None:
        """Close every socket, the server restarts; return when they are closed."""
        self._is_draining = True
        entries = set(self._open)
        self._end(CLOSE_RESTART, entries)
        if entries:
            _ = await asyncio.wait({entry.task for entry in entries}, timeout=_DRAIN_S)

    def _end(self, code: int, entries: set[_Open]) -> None:
        for entry in entries:
            if entry.close_code is None:
                entry.close_code = code
                _ = entry.task.cancel()
