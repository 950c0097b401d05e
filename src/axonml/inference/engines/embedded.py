"""The embedded engine: each replica is a process on this machine, reached over a socket pair."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Final

import msgspec
import psutil

from axonml.formats.format import Tensors
from axonml.inference.engines.engine import (
    Batch,
    LogSink,
    ModelRefused,
    ReplicaGone,
    StartFailed,
    Work,
)
from axonml.inference.replica import frames

# How long a replica may take to end by itself after its socket closed.
_CLOSE_S: Final = 2.0
# Between the end of the socket and the exit code lie microseconds.
_REAP_S: Final = 0.002
_COMMAND: Final = (sys.executable, "-P", "-m", "axonml.inference.replica")
_SOCKET_BYTES: Final = 1 << 20
_MAX_LINE: Final = 2000
# What the interpreter needs to find itself and its packages; no token or address goes along.
_ENVIRONMENT: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME",
    "LD_LIBRARY_PATH", "COVERAGE_PROCESS_START",
)  # fmt: skip


class _Ready(msgspec.Struct, frozen=True):
    load_ms: float
    is_batchable: bool


class EmbeddedEngine:
    """Starts each replica as a new interpreter, never as a fork of the threaded server."""

    async def start(self, number: int, work: Work, log: LogSink) -> "ReplicaProcess":
        """Return replica `number` once it has loaded and warmed up."""
        replica = ReplicaProcess(number, log)
        try:
            async with asyncio.timeout(work.load_timeout_s):
                await replica.load(work)
        except TimeoutError:
            reason = f"the model did not load within {work.load_timeout_s:g} s"
            raise StartFailed(reason) from None
        except ReplicaGone as gone:
            raise StartFailed(f"its process ended while it loaded the model: {gone}") from None
        finally:
            if not replica.is_loaded:
                replica.kill("it was given up")
                await replica.close()
        return replica


class ReplicaProcess:
    """One replica process: its socket, its standard error, its end."""

    def __init__(self, number: int, log: LogSink) -> None:
        self.number: int = number
        self.load_ms: float = 0.0
        self.is_batchable: bool = False
        self.is_loaded: bool = False
        self._log: Final = log
        self._loop: Final = asyncio.get_running_loop()
        self._buffer: Final = frames.FrameBuffer(reuse=False)
        self._answer: asyncio.Future[frames.Frame] | None = None
        self._unsent: list[bytes | memoryview] = []
        self._gone_calls: list[Callable[[], None]] = []
        self._is_gone = False
        self._is_sending = False
        self._line = b""
        self._last_line = ""
        self._killed_because = ""
        self._sock, theirs = socket.socketpair()
        for each in (self._sock, theirs):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
        self._sock.setblocking(False)
        self._stderr, write_end = os.pipe()
        os.set_blocking(self._stderr, False)
        try:
            # From the thread that runs the loop: the replica dies with the thread that made it.
            self._process: Final = subprocess.Popen(
                [*_COMMAND, str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(write_end)
        self.pid: int = self._process.pid
        self._loop.add_reader(self._sock, self._on_readable)
        self._loop.add_reader(self._stderr, self._on_stderr)

    @property
    def is_gone(self) -> bool:
        """Whether the process has ended, or is being ended."""
        return self._is_gone

    def memory_bytes(self) -> int | None:
        """Return the memory that is resident for the process; None where it has ended."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return None

    def on_gone(self, call: Callable[[], None]) -> None:
        """Call `call` once when the replica ends, at once where it has."""
        if self._is_gone:
            call()
        else:
            self._gone_calls.append(call)

    async def load(self, work: Work) -> None:
        """Send what to load and wait until the replica is ready.

        Raises:
            StartFailed: the model does not load, or fails on its own signature.
            ReplicaGone: the process ended first.
        """
        wanted = {
            "path": str(work.path),
            "format": work.format,
            "signature": work.signature,
            "threads": work.threads,
            "memory_mb": work.memory_mb,
            "device": work.device,
        }
        text = msgspec.json.encode(wanted).decode()
        frame = await self._ask(frames.encode("load", text=text))
        if frame.kind != "ready":
            raise StartFailed(frame.text)
        ready = msgspec.json.decode(frame.text, type=_Ready)
        self.is_batchable = ready.is_batchable
        self.load_ms = ready.load_ms
        self.is_loaded = True

    async def run(self, batch: Batch) -> Tensors:
        """Return the outputs of one batch."""
        frame = await self._ask(frames.encode("run", batch))
        if frame.kind != "result":
            raise ModelRefused(frame.text)
        return frame.tensors

    async def _ask(self, parts: list[bytes | memoryview]) -> frames.Frame:
        if self._is_gone:
            raise ReplicaGone(self.obituary)
        self._answer = self._loop.create_future()
        try:
            self._unsent = parts
            self._send()
            return await self._answer
        finally:
            self._answer = None

    def _send(self) -> None:
        """Hand the kernel what it takes now; come back when it takes more."""
        try:
            while self._unsent:
                some = self._unsent[: frames.MAX_PARTS]
                sent = self._sock.sendmsg(some)
                self._unsent = _after(sent, some) + self._unsent[frames.MAX_PARTS :]
        except (BlockingIOError, InterruptedError):
            if not self._is_sending:
                self._is_sending = True
                self._loop.add_writer(self._sock, self._send)
            return
        except OSError:
            self._on_end()
            return
        if self._is_sending:
            self._is_sending = False
            _ = self._loop.remove_writer(self._sock)

    def _on_readable(self) -> None:
        try:
            while True:
                n_bytes = self._sock.recv_into(self._buffer.target())
                if n_bytes == 0:
                    self._on_end()
                    return
                frame = self._buffer.advance(n_bytes)
                if frame is not None:
                    if self._answer is not None and not self._answer.done():
                        self._answer.set_result(frame)
                    return
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, frames.BadFrame):
            self._on_end()

    def _on_stderr(self) -> None:
        if self._stderr < 0:
            return
        try:
            read = os.read(self._stderr, 65536)
        except (BlockingIOError, InterruptedError):
            return
        if not read:
            _ = self._loop.remove_reader(self._stderr)
            return
        *lines, self._line = (self._line + read).split(b"\n")
        self._line = self._line[-_MAX_LINE:]
        for line in lines:
            text = line.decode(errors="replace")[:_MAX_LINE].rstrip()
            if text:
                self._last_line = text
                self._log(self.number, text)

    def _on_end(self) -> None:
        """Take note of the end: nothing will be answered any more."""
        if self._is_gone:
            return
        self._hang_up()
        self._process.kill()
        self._reap()

    def _hang_up(self) -> None:
        self._is_gone = True
        _ = self._loop.remove_reader(self._sock)
        _ = self._loop.remove_writer(self._sock)
        self._sock.close()

    def _reap(self) -> None:
        """Tell everyone who waits how the process ended, as soon as the kernel tells us."""
        if self._process.poll() is None:
            _ = self._loop.call_later(_REAP_S, self._reap)
            return
        self._on_stderr()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ReplicaGone(self.obituary))
        calls, self._gone_calls = self._gone_calls, []
        for call in calls:
            call()

    @property
    def obituary(self) -> str:
        """How the process ended, and the last it said; empty while it lives."""
        if not self._is_gone:
            return ""
        how = self._killed_because or _how(self._process.poll())
        return f"{how}; its last line: {self._last_line}" if self._last_line else how

    def kill(self, why: str) -> None:
        """End the process at once; what it is running raises `ReplicaGone` and says `why`."""
        self._killed_because = self._killed_because or why
        self._process.kill()
        self._on_end()

    async def close(self) -> None:
        """Let the process end by itself, then make sure; a repeat changes nothing."""
        if not self._is_gone:
            self._gone_calls.clear()
            self._hang_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            _ = await asyncio.to_thread(self._process.wait, _CLOSE_S)
        self._process.kill()
        _ = await asyncio.to_thread(self._process.wait)
        if self._stderr >= 0:
            self._on_stderr()
            _ = self._loop.remove_reader(self._stderr)
            os.close(self._stderr)
            self._stderr = -1


def _after(sent: int, parts: list[bytes | memoryview]) -> list[bytes | memoryview]:
    """Return what is left of `parts` when their first `sent` bytes are gone."""
    for index, part in enumerate(parts):
        if sent < len(part):
            return [memoryview(part)[sent:], *parts[index + 1 :]]
        sent -= len(part)
    return []


def _how(code: int | None) -> str:
    if code is None:
        return "it was ended"
    if code == -signal.SIGKILL:
        return "it was killed (SIGKILL), by a person or because memory ran out"
    if code < 0:
        return f"it crashed ({signal.Signals(-code).name})"
    return f"it exited with code {code}"


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # numpy is there for arrays only: its threads would cost memory and start time.
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
