"""The WebSockets: one run with the seed's messages, or many runs over one socket."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect
from litestar.params import Parameter
from msgspec import Meta

from axonml.clock import monotonic
from axonml.columns import decode_batch
from axonml.errors import AxonError
from axonml.http.caller import Caller, caller_of
from axonml.http.sockets import Sockets
from axonml.ids import RunId
from axonml.live import Live, Subscriber
from axonml.storage.protocols import Series
from axonml.training.messages import (
    columns_messages,
    gap_message,
    log_topic,
    metrics_topic,
    status_message,
    status_topic,
    step_messages,
    steps_topic,
)
from axonml.training.runs import Runs
from axonml.training.types import Run

Socket = WebSocket[Any, Any, Any]
MAX_RUNS: Final = 500
_PING_S: Final = 20.0
_GONE_S: Final = 30.0
_CLOSE_BAD_MESSAGE: Final = 4400
_CLOSE_NOT_FOUND: Final = 4404


class _Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run to watch; `since` is the cursor after which frames are wanted."""

    run: str
    since: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class _Request(msgspec.Struct, frozen=True):
    """What a client of the many-run stream says; anything else is ignored."""

    subscribe: Annotated[list[_Watch | str], Meta(max_length=MAX_RUNS)] = []
    unsubscribe: Annotated[list[str], Meta(max_length=MAX_RUNS)] = []


_decode_request: Final = msgspec.json.Decoder(_Request).decode


class Stream:
    """Serves watchers: what is stored after their cursor first, then live, without a gap."""

    def __init__(self, runs: Runs, series: Series, live: Live, sockets: Sockets) -> None:
        self._runs: Final = runs
        self._series: Final = series
        self._live: Final = live
        self._sockets: Final = sockets

    async def one(
        self,
        socket: Socket,
        run_id: str,
        since: Annotated[int | None, Parameter(ge=0, le=2**53)] = None,
    ) -> None:
        """Serve `/api/training/runs/:id/stream`: a message a step, then the final status."""
        caller = caller_of(socket)
        async with self._sockets.watching(socket, caller):
            await socket.accept(subprotocols=_spoken(socket))
            try:
                run = await self._runs.readable(caller, run_id)
            except AxonError as error:
                await socket.close(_CLOSE_NOT_FOUND, error.detail[:100])
                return
            watcher = _Watcher(self, socket, steps=True)
            await watcher.serve(caller, [_Watch(run.id, since)])

    async def many(self, socket: Socket) -> None:
        """Serve `/api/training/stream`: the client says which runs it wants."""
        caller = caller_of(socket)
        async with self._sockets.watching(socket, caller):
            await socket.accept(subprotocols=_spoken(socket))
            await _Watcher(self, socket, steps=False).serve(caller, [])

    @property
    def live(self) -> Live:
        """Return the topics that watchers join."""
        return self._live

    async def missed(
        self, run: RunId, since: int | None, encode: Callable[[RunId, int, bytes], bytes]
    ) -> tuple[bytes, int]:
        """Return the messages of the batches after `since`, and the cursor that they reach."""
        if since is None:
            return b"", await self._series.cursor(run)
        batches = await self._series.since(run, since)
        if batches is None:
            return gap_message(0), await self._series.cursor(run)
        messages = b"\n".join(encode(run, cursor, frame) for cursor, frame in batches)
        return messages, batches[-1][0] if batches else since

    async def readable(self, caller: Caller, run_id: str) -> Run:
        """Return the run, if the caller may read it."""
        return await self._runs.readable(caller, run_id)


class _Watcher:
    """One socket: a task that reads what the client says, and one that sends."""

    def __init__(self, stream: Stream, socket: Socket, *, steps: bool) -> None:
        self._stream: Final = stream
        self._socket: Final = socket
        self._steps: Final = steps
        self._reader: Final[Subscriber] = stream.live.subscriber()
        self._reached: Final[dict[str, int]] = {}
        self._sending: Final = asyncio.Lock()
        self._sending_since: float | None = None

    async def serve(self, caller: Caller, first: list[_Watch]) -> None:
        """Watch `first` and what the client asks for, until either side closes."""
        try:
            for watch in first:
                await self._watch(caller, watch)
            async with asyncio.TaskGroup() as tasks:
                pumps = (self._send_frames(), self._send_pings())
                pumping = [tasks.create_task(pump, name="stream") for pump in pumps]
                await self._listen(caller)
                for task in pumping:
                    _ = task.cancel()
        except* (WebSocketDisconnect, OSError, TimeoutError):
            pass  # the client is gone
        finally:
            self._stream.live.leave(self._reader)

    async def _listen(self, caller: Caller) -> None:
        while True:
            text = await self._socket.receive_data("text")
            try:
                request = _decode_request(text)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                await self._socket.close(_CLOSE_BAD_MESSAGE, f"not understood: {error}"[:100])
                return
            if self._steps:
                continue
            for run_id in request.unsubscribe:
                self._forget(RunId(run_id))
            for wanted in request.subscribe:
                watch = _Watch(wanted) if isinstance(wanted, str) else wanted
                await self._watch(caller, watch)

    async def _watch(self, caller: Caller, watch: _Watch) -> None:
        if len(self._reached) >= MAX_RUNS and watch.run not in self._reached:
            await self._refuse(watch.run, "too_many_runs", f"at most {MAX_RUNS} runs a socket")
            return
        try:
            run = await self._stream.readable(caller, watch.run)
        except AxonError as error:
            await self._refuse(watch.run, error.problem_code, error.detail)
            return
        topic = (steps_topic if self._steps else metrics_topic)(run.id)
        async with self._sending:
            # Join first, then read what is stored: what lands in between comes twice to the queue
            # and is told apart by its cursor, but nothing falls between the two.
            for wanted in (topic, status_topic(run.id), log_topic(run.id)):
                self._stream.live.watch(self._reader, wanted)
            missed, reached = await self._stream.missed(run.id, watch.since, self._encode)
            self._reached[run.id] = reached
            if missed:
                await self._send(*missed.decode().split("\n"))
            if not self._steps or run.status.is_final:
                await self._send(status_message(run).decode())

    def _encode(self, run: RunId, cursor: int, frame: bytes) -> bytes:
        batch = decode_batch(frame)
        if self._steps:
            return step_messages(cursor, batch)
        return columns_messages(run, cursor, batch)

    def _forget(self, run: RunId) -> None:
        for topic in (metrics_topic(run), status_topic(run), log_topic(run)):
            self._stream.live.unwatch(self._reader, topic)
        _ = self._reached.pop(run, None)

    async def _send_frames(self) -> None:
        while True:
            frames, dropped = await self._reader.take()
            async with self._sending:
                if dropped:
                    await self._send(gap_message(dropped).decode())
                for frame in frames:
                    kind, _, run = frame.topic.partition(":")
                    if kind in {"steps", "columns"}:
                        if frame.seq <= self._reached.get(run, 0):
                            continue
                        self._reached[run] = frame.seq
                    await self._send(*frame.messages)

    async def _send_pings(self) -> None:
        while True:
            await asyncio.sleep(_PING_S)
            # A peer that vanished without a word fills the socket's buffer: then give it up. Looked
            # at here, since a timeout around each send costs more than the send.
            if self._sending_since is not None and monotonic() - self._sending_since > _GONE_S:
                raise TimeoutError
            if not self._steps and not self._sending.locked():
                async with self._sending:
                    await self._send('{"type":"ping"}')

    async def _refuse(self, run_id: str, code: str, detail: str) -> None:
        message = {"type": "error", "run": run_id[:64], "data": {"code": code, "detail": detail}}
        async with self._sending:
            await self._send(msgspec.json.encode(message).decode())

    async def _send(self, *messages: str) -> None:
        self._sending_since = monotonic()
        for message in messages:
            if message:  # a batch may hold no points: the SDK sends one to say how far it is
                await self._socket.send_data(message, mode="text")
        self._sending_since = None


def _spoken(socket: Socket) -> str | None:
    offered = socket.headers.get("sec-websocket-protocol", "")
    return "axon.v1" if "axon.v1" in [part.strip() for part in offered.split(",")] else None
