"""What operators see: server.log, access.log and request metrics.

Log lines are JSON, written by one thread; the event loop only queues them.
"""

import atexit
import logging
import logging.handlers
import queue
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final

import msgspec
import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from axonml.clock import as_datetime
from axonml.errors import StartupError
from axonml.http.caller import Caller
from axonml.http.limits import address_of
from axonml.ids import new_id

ACCESS: Final = "axonml.access"
_FILE_BYTES: Final = 10 << 20
_OLD_FILES: Final = 5
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SOCKET: Final = "WEBSOCKET"
_GATHER_S: Final = 0.1
_METHODS: Final = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", _SOCKET}
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_log: Final = structlog.stdlib.get_logger("axonml.http")
_access: Final = logging.getLogger(ACCESS)


class _Queued(logging.handlers.QueueHandler):
    """Hands records over as they are: the thread that writes them also formats them."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


class _InBatches(logging.handlers.QueueListener):
    """Writes what gathered: a thread that wakes for each line costs each request its turn."""

    def dequeue(self, block: bool) -> logging.LogRecord:  # noqa: FBT001  # the library's signature
        """Return the next record; where none waits, let some gather first."""
        try:
            return super().dequeue(False)
        except queue.Empty:
            sleep(_GATHER_S)
            return super().dequeue(block)


class Logging:
    """The open logs of this process; `close` writes what is queued."""

    def __init__(self, listeners: list[logging.handlers.QueueListener]) -> None:
        self._listeners: Final = listeners

    def close(self) -> None:
        """Write what is queued and end the writing threads; a repeat changes nothing."""
        while self._listeners:
            listener = self._listeners.pop()
            listener.stop()
            for handler in listener.handlers:
                handler.close()


def start_logging(folder: Path, name: str) -> Logging:
    """Send every log line of this process to `folder/name.log`, and to a terminal if there is one.

    Requests go to `folder/access.log`. Files rotate at 10 MiB; five old ones stay.

    Raises:
        StartupError: the folder or a file cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        server = _file(folder / f"{name}.log")
        access = _file(folder / "access.log", delay=True)
    except OSError as error:
        raise StartupError(f"cannot write logs to {folder}: {error.strerror}") from None
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    json = structlog.processors.JSONRenderer(serializer=_as_text)
    server.setFormatter(_formatter(shared, [structlog.processors.format_exc_info, json]))
    handlers: list[logging.Handler] = [server]
    if sys.stderr.isatty():
        terminal = logging.StreamHandler(sys.stderr)
        # Plain: the pretty one prints local variables, and those hold passwords and tokens.
        plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        terminal.setFormatter(_formatter(shared, [plain]))
        handlers.append(terminal)
    access.setFormatter(_AccessFormatter())
    listeners = [
        _listen(logging.getLogger(), handlers),
        _listen(_access, [access]),
    ]
    _access.propagate = False
    opened = Logging(listeners)
    _ = atexit.register(opened.close)
    return opened


def _file(path: Path, *, delay: bool = False) -> logging.Handler:
    return logging.handlers.RotatingFileHandler(
        path, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8", delay=delay
    )


def _formatter(shared: list[Any], last: list[Any]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _listen(
    logger: logging.Logger, handlers: list[logging.Handler]
) -> logging.handlers.QueueListener:
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    for old in logger.handlers:
        if isinstance(old, _Queued):
            logger.removeHandler(old)
    logger.addHandler(_Queued(lines))
    logger.setLevel(logging.INFO)
    listener = _InBatches(lines, *handlers)
    listener.start()
    return listener


def _as_text(event: object, **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


class _AccessLine(msgspec.Struct):
    """One request."""

    method: str
    path: str
    status: int
    ms: float
    bytes: int
    request_id: str
    address: str
    user_id: str | None


class _AccessFormatter(logging.Formatter):
    """Encodes access lines, in the writing thread."""

    def format(self, record: logging.LogRecord) -> str:
        at = as_datetime(int(record.created * 1000))
        line: dict[str, Any] = {"timestamp": at, **msgspec.to_builtins(record.msg)}
        return msgspec.json.encode(line).decode()


class RequestMetrics:
    """Prometheus' view of the requests of one server."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry(auto_describe=True)
        _ = ProcessCollector(registry=self.registry)
        _ = PlatformCollector(registry=self.registry)
        _ = GCCollector(registry=self.registry)
        labels = ("method", "route")
        self._requests: Final = Counter(
            "axonml_http_requests", "Requests answered.", (*labels, "status"),
            registry=self.registry,
        )  # fmt: skip
        self._seconds: Final = Histogram(
            "axonml_http_request_seconds", "Time from the request's head to the end of its answer.",
            labels, buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._known: Final[dict[tuple[str, str, int], tuple[Counter, Histogram]]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is its template, so that labels stay few."""
        key = (method if method in _METHODS else "OTHER", route, status)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = (
                self._requests.labels(key[0], route, str(status)),
                self._seconds.labels(key[0], route),
            )
        found[0].inc()
        if method != _SOCKET:  # open for hours
            found[1].observe(seconds)

    def render(self) -> bytes:
        """Return the text that Prometheus reads."""
        return generate_latest(self.registry)


class Observe:
    """The outermost layer: gives each request its id, times it, logs it and counts it."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self._app: Final = app
        self._metrics: Final = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        path: str = scope["path"]
        request_id = scope["request_id"] = _request_id(scope)
        status, n_bytes = 0, 0

        async def send_counted(message: MutableMapping[str, Any]) -> None:
            nonlocal status, n_bytes
            match message["type"]:
                case "http.response.start":
                    status = message["status"]
                    pair = (b"x-request-id", request_id.encode())
                    message["headers"] = [*message.get("headers", ()), pair]
                case "http.response.body":
                    n_bytes += len(message.get("body", b""))
                case "websocket.accept":
                    status = 101
                case _:
                    pass
            await send(message)

        _ = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_counted)
        except Exception:
            # Nobody above this has a log.
            _log.exception("an answer broke off", path=path)
            raise
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
            seconds = perf_counter() - started
            method: str = scope.get("method", _SOCKET)
            route: str = scope.get("path_template") or "(none)"
            self._metrics.count(method, route, status, seconds)
            caller: Caller | None = scope.get("caller")
            line = _AccessLine(
                method, path, status, round(seconds * 1000, 3), n_bytes, request_id,
                address_of(scope), caller.user_id if caller else None,
            )  # fmt: skip
            _access.info(line)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            offered = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(offered):
                return offered
    return new_id()
