"""The thread that brings a run's points to the server while its script trains."""

import threading
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Final

from axonml.client.delivery import Delivery, Uplink, end, register
from axonml.client.notices import forget, warn_once
from axonml.client.problems import AxonmlError, Unreachable
from axonml.client.spool import Meta, Spool, claimed, remove

FIRST_FLUSH_S: Final = 0.25
_FASTEST_S: Final = 0.05
_SLOWEST_S: Final = 10.0
_REFUSED_S: Final = 20.0
_CLOSING_S: Final = 0.5
_LEAST_BACKOFF_S: Final = 0.25
_MOST_BACKOFF_S: Final = 10.0
_UNAUTHENTICATED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_random: Final = SystemRandom()


class Sender:
    """Owns the sending thread of one run in one process.

    It reads the spool's files, never the script's memory, and sends as often as the server asks.
    While the server is away it tries again with back-off; the points wait on disk.
    """

    def __init__(
        self,
        run_id: str,
        spool: Spool,
        token: str | None,
        home: Path,
        drain: Callable[[], None],
    ) -> None:
        self._run_id: Final = run_id
        self._spool: Final = spool
        self._token: Final = token
        self._home: Final = home
        self._drain: Final = drain
        self._wake: Final = threading.Event()
        self._done: Final = threading.Event()
        self._abandoned = False
        self._is_closing = False
        self._is_delivered = False
        self._flush_s = FIRST_FLUSH_S
        self._backoff_s = 0.0
        self._delivery: Delivery | None = None
        self._registered: Meta | None = None
        self.stop_requested = False
        self._thread: Final = threading.Thread(target=self._work, name="axonml-sender", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ask for everything to be sent and, where the spool says so, for the run to be ended."""
        self._is_closing = True
        self._wake.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until all is sent and ended, or given up; tell whether it is sent."""
        _ = self._done.wait(timeout_s)
        return self._is_delivered

    @property
    def is_over(self) -> bool:
        """Tell whether the thread has ended: all is sent, or it has given up."""
        return self._done.is_set()

    def abandon(self) -> None:
        """Stop trying; what is not sent stays on disk."""
        self._abandoned = True
        self._wake.set()

    @property
    def acknowledged(self) -> int:
        """Return the sequence up to which the server has this writer's records."""
        return self._delivery.acknowledged if self._delivery else 0

    def _work(self) -> None:
        from axonml.client.api import Client

        client = Client(self._spool.meta.server, self._token, home=self._home)
        while not self._abandoned:
            try:
                finished = self._turn(client)
            except AxonmlError as error:
                self._after(error)
            except Exception as error:
                # Whatever breaks here must not end the thread: the points are on disk, try again.
                warn_once(f"sender {type(error).__name__}", f"run {self._run_id}: {error!r}")
                self._back_off()
            else:
                self._backoff_s = 0.0
                if finished:
                    break
            self._pause()
        client.close()
        self._done.set()

    def _pause(self) -> None:
        if self._is_closing:
            pause = min(self._backoff_s, _CLOSING_S)
            # A timer, not the event: it stays set while closing.
            if pause:
                _ = threading.Event().wait(pause)
            return
        _ = self._wake.wait(max(self._flush_s, self._backoff_s))
        self._wake.clear()

    def _turn(self, uplink: Uplink) -> bool:
        """Send what there is; tell whether the run is over and done."""
        is_last = self._is_closing
        self._drain()
        meta = self._spool.meta
        if self._registered is None or self._registered.run != meta.run:
            register(uplink, meta)
            self._registered = meta
            forget("server")
        if self._delivery is None:
            self._delivery = Delivery(self._run_id, self._spool.folder, uplink)
        while (answer := self._delivery.step()) is not None:
            forget("server")
            self.stop_requested = self.stop_requested or answer.stop_requested
            self._flush_s = min(max(answer.flush_after_ms / 1000, _FASTEST_S), _SLOWEST_S)
        if is_last:
            self._finish(uplink, meta)
        return is_last

    def _finish(self, uplink: Uplink, meta: Meta) -> None:
        if meta.ending is not None and meta.owns_run:
            self._sweep(uplink)
            end(uplink, self._run_id, meta.ending)
        folder = self._spool.folder
        self._spool.close()
        remove(folder)
        self._is_delivered = True

    def _sweep(self, uplink: Uplink) -> None:
        """Send what processes of this run left that ended without sending it (forked workers)."""
        for folder in self._spool.folder.parent.iterdir():
            if folder == self._spool.folder:
                continue
            with claimed(folder) as is_free:
                if is_free:
                    Delivery(self._run_id, folder, uplink).all()
                    remove(folder)

    def _after(self, error: AxonmlError) -> None:
        self._back_off()
        if error.retry_after_s is not None:
            self._backoff_s = max(self._backoff_s, error.retry_after_s * _random.uniform(1, 1.5))
        match error:
            case Unreachable():
                warn_once("server", f"{error}; points are kept in {self._spool.folder} meanwhile")
            case AxonmlError(status=401 | 403):
                self._backoff_s = _REFUSED_S
                warn_once("server", f"{error}; points are kept in {self._spool.folder} meanwhile")
            case AxonmlError(status=404) if self._registered is not None:
                warn_once(
                    "gone",
                    f"run {self._run_id} was deleted on the server; "
                    f"points stay in {self._spool.folder}",
                )
                self._abandoned = True
            case _:
                warn_once(f"server {error.status}", f"the server says: {error}; trying again")

    def _back_off(self) -> None:
        doubled = max(self._backoff_s * 2, _LEAST_BACKOFF_S)
        self._backoff_s = min(doubled, _MOST_BACKOFF_S) * _random.uniform(0.7, 1.0)
