"""One server process: claim the port, open the data, serve, drain, close."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Final

import psutil
import structlog
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from starlette.types import ASGIApp

from axonml.errors import StartupError

DRAIN_S: Final = 10.0
_log: Final = structlog.stdlib.get_logger("axonml.server")


def claim_port(host: str, port: int, setting: str) -> None:
    """Prove that `port` is free.

    Granian listens with SO_REUSEPORT, so a second server would start without an error and steal
    half of the connections.

    Raises:
        StartupError: the port is taken; the sentence says by whom.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As Granian does: connections of a server that has just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"port {port} on {host} is taken{_by_whom(port)}"
            if not isinstance(error, PermissionError) and error.errno not in {98, 48}:
                reason = f"cannot listen on {host}:{port}: {error.strerror}"
            raise StartupError(
                f"{reason}; stop that program, or choose another port with {setting}"
            ) from None


def _by_whom(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            address = connection.laddr
            if connection.status == psutil.CONN_LISTEN and address and address.port == port:
                process = psutil.Process(connection.pid) if connection.pid else None
                return f" by {process.name()} (pid {process.pid})" if process else ""
    except psutil.Error:
        return ""
    return ""


async def serve(
    app: ASGIApp, host: str, port: int, drain: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Serve `app` until SIGTERM or SIGINT, then `drain` and close the listener."""
    granian = Granian(
        app, address=host, port=port, interface=Interfaces.ASGI, log_enabled=False, backlog=1024
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(granian.serve(), name="granian")
    # What lives from here to the end need not be looked at by every collection.
    _ = gc.collect()
    gc.freeze()
    waiting = asyncio.create_task(stop.wait(), name="signals")
    _ = await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if drain is not None and not serving.done():
        await drain()
    _ = waiting.cancel()
    granian.stop()
    try:
        async with asyncio.timeout(DRAIN_S):
            await serving
    except TimeoutError:
        _log.warning("requests were still running after the drain", after_s=DRAIN_S)
