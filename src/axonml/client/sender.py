"""The thread that brings a run's points to the server while its script trains."""

import threading
from collections.abc import Callable
from random import SystemRandom
from typing import Final

from axonml.client.delivery import RunDelivery
from axonml.client.notices import warn_once
from axonml.client.problems import AxonmlError, Unreachable
from axonml.client.spool import Spool

_FIRST_FLUSH_S: Final = 0.25
_FASTEST_S: Final = 0.05
_SLOWEST_S: Final = 10.0
_REFUSED_S: Final = 20.0
_CLOSING_S: Final = 0.5
_LEAST_BACKOFF_S: Final = 0.25
_MOST_BACKOFF_S: Final = 10.0
_MOST_RETRY_AFTER_S: Final = 60.0
_random: Final = SystemRandom()


class Sender:
    """Owns the sending thread of one run in one process.

    It reads the spool's files, never the script's memory, and sends as often as the server asks.
    While the server is away it tries again with back-off; the points wait on disk.
    """

    def __init__(
        self, run_id: str, spool: Spool, delivery: RunDelivery, drain: Callable[[], None]
    ) -> None:
        self._run_id: Final = run_id
        self._spool: Final = spool
        self._delivery: Final = delivery
        self._drain: Final = drain
        self._wake: Final = threading.Event()
        self._done: Final = threading.Event()
        self._is_abandoned = False
        self._is_closing = False
        self._is_delivered = False
        self._flush_s = _FIRST_FLUSH_S
        self._backoff_s = 0.0
        self._thread: Final = threading.Thread(target=self._work, name="axonml-sender", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ask for everything to be sent and, where the spool says so, for the run to be ended."""
        self._is_closing = True
        self._wake.set()
        if self.is_over:
            self._spool.close()  # given up before: `axon sync` may have what is left

    def wait(self, timeout_s: float) -> bool:
        """Wait until all is sent and ended, or given up; tell whether it is sent."""
        _ = self._done.wait(timeout_s)
        return self._is_delivered

    def abandon(self) -> None:
        """Stop trying; what is not sent stays on disk."""
        self._is_abandoned = True
        self._wake.set()

    @property
    def is_over(self) -> bool:
        """Tell whether the thread has ended: all is sent, or it has given up."""
        return self._done.is_set()

    @property
    def acknowledged(self) -> int:
        """Return the sequence up to which the server has this writer's records."""
        return self._delivery.acknowledged

    @property
    def stop_requested(self) -> bool:
        """Tell whether somebody asked on the page for the run to stop."""
        return self._delivery.stop_requested

    def _work(self) -> None:
        while not (self._is_abandoned or self._is_delivered):
            try:
                self._turn()
            except AxonmlError as error:
                self._after(error)
            except Exception as error:
                # Whatever breaks here must not end the thread: the points are on disk, try again.
                warn_once(f"sender {type(error).__name__}", f"run {self._run_id}: {error!r}")
                self._back_off()
            else:
                self._backoff_s = 0.0
            if not self._is_delivered:
                self._pause()
        self._delivery.close()
        if self._is_closing:
            self._spool.close()
        self._done.set()

    def _turn(self) -> None:
        is_last = self._is_closing
        self._drain()
        self._delivery.send()
        self._flush_s = min(max(self._delivery.flush_after_s, _FASTEST_S), _SLOWEST_S)
        if is_last:
            self._delivery.finish()
            self._is_delivered = True

    def _pause(self) -> None:
        if not self._is_closing:
            _ = self._wake.wait(max(self._flush_s, self._backoff_s))
            self._wake.clear()
        elif self._backoff_s:
            # Not `_wake`: while closing it may be set for good.
            _ = self._done.wait(min(self._backoff_s, _CLOSING_S))

    def _after(self, error: AxonmlError) -> None:
        self._back_off()
        if error.retry_after_s is not None:
            asked_s = min(error.retry_after_s, _MOST_RETRY_AFTER_S)
            self._backoff_s = max(self._backoff_s, asked_s * _random.uniform(1, 1.5))
        match error:
            case Unreachable():
                warn_once("server", f"{error}; points are kept in {self._spool.folder} meanwhile")
            case AxonmlError(status=401 | 403):
                self._backoff_s = _REFUSED_S
                warn_once("server", f"{error}; points are kept in {self._spool.folder} meanwhile")
            case AxonmlError(status=409):
                kept = f"its points stay in {self._spool.folder}"
                warn_once("taken", f"run {self._run_id} is somebody else's: {error}; {kept}")
                self._is_abandoned = True
            case AxonmlError(status=410):
                # In the trash: it may come back while the script still trains.
                kept = f"its points are kept in {self._spool.folder}, should it be restored"
                warn_once("gone", f"run {self._run_id} is gone from the server; {kept}")
                self._backoff_s = _REFUSED_S
                self._is_abandoned = self._is_closing
            case AxonmlError(status=404) if self._delivery.is_registered:
                kept = f"its points stay in {self._spool.folder}"
                warn_once("gone", f"run {self._run_id} is gone from the server; {kept}")
                self._is_abandoned = True
            case _:
                warn_once(f"server {error.status}", f"the server says: {error}; trying again")

    def _back_off(self) -> None:
        doubled = max(self._backoff_s * 2, _LEAST_BACKOFF_S)
        self._backoff_s = min(doubled, _MOST_BACKOFF_S) * _random.uniform(0.7, 1.0)
