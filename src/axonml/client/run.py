"""One run of one script: what it logs, how it ends."""

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from time import time_ns
from types import TracebackType
from typing import Any, Final, Literal, Self, cast

import msgspec

from axonml.client.config import RunConfig, text_of
from axonml.client.console import Console
from axonml.client.delivery import RunDelivery
from axonml.client.ending import at_worker_exit, ending_of
from axonml.client.models import Upload, upload, upload_later
from axonml.client.notices import Quietly, forget, say, warn_once
from axonml.client.numbers import Later, numbers_of, step_of
from axonml.client.places import spool_folder
from axonml.client.sender import Sender
from axonml.client.spool import Ending, Meta, RecordTooLarge, Spool
from axonml.client.summary import Summary
from axonml.client.system import SystemSampler
from axonml.clock import monotonic
from axonml.registry.types import ModelVersion

Mode = Literal["online", "offline", "disabled"]
Status = Literal["completed", "failed", "stopped"]
_PLAIN: Final = frozenset((float, int))
_MAX_WAITING: Final = 10_000
_MAX_NAMES: Final = 100_000
_MAX_REASON: Final = 4_096
_PATIENCE_S: Final = 1.0
_WORKER_TIMEOUT_S: Final = 10.0


class Run:
    """A training run. Nothing here raises into training or waits for the server.

    `log` returns once the values are in a file, so that they survive the end of the process;
    a thread brings them to the server. `finish` waits for that.
    """

    def __init__(
        self, run_id: str, meta: Meta, *, mode: Mode, token: str | None, home: Path, page: str
    ) -> None:
        self.id: Final = run_id
        self.name: Final[str] = meta.run["name"]
        self.project: Final[str] = meta.run["project"]
        self.mode: Final = mode
        self.url: Final = f"{page}/training/{run_id}"
        self._spool: Final = Spool(spool_folder(home) / run_id, meta, self._opened)
        self._token: Final = token
        self._home: Final = home
        self._next_step = 0
        self._names: Final[set[str]] = set()
        self._waiting: Final[deque[tuple[int, int | None, dict[str, Any]]]] = deque()
        self._sender: Sender | None = None
        self._sampler: SystemSampler | None = None
        self._console: Console | None = None
        self._is_silent = mode == "disabled"
        self._is_over = False
        self._is_forked = False
        self._failure: Ending | None = None
        self.config: Final = RunConfig(meta.run["config"], self._config_changed)
        self.summary: Final = Summary(self._log_at_last)

    # ------------------------------------------------------------------ what scripts call
    def log(self, values: Mapping[str, object], step: int | None = None) -> None:
        """Log numbers at a step; without `step` the one after the last.

        Scalars of numpy and torch are taken as they are; one on a GPU is read later, without
        holding up training (a process that is killed before may lose it). A value that is no
        number is left out with one warning. NaN and infinities are kept.
        """
        # The path of plain floats and ints under known names; bench/log.py measures it.
        try:
            at = self._next_step if step is None else step
            if (
                type(at) is int
                and self._names.issuperset(values)
                and _PLAIN.issuperset(map(type, values.values()))
            ):
                if not self._is_silent:
                    self._spool.append(at, values)
                    self._next_step = at + 1
                    self.summary.last.update(values)
                return
        except (AttributeError, TypeError, OverflowError, OSError, RuntimeError, RecordTooLarge):
            pass  # looked at with care below
        with Quietly("log"):
            self._log_any(values, step)

    def log_text(self, text: str, level: str = "info") -> None:
        """Add lines to the run's log."""
        with Quietly("log_text"):
            if self._is_silent:
                return
            for line in str(text).split("\n"):
                self._append(None, {str(level)[:16]: text_of(line)})

    def log_model(
        self,
        model: str | Path | bytes,
        name: str,
        *,
        metrics: Mapping[str, float] | None = None,
        config: Mapping[str, Any] | None = None,
        description: str = "",
        filename: str = "",
        wait: bool = True,
    ) -> ModelVersion | None:
        """Upload a model file, or its bytes, as the next version of the model `name`.

        The version is linked to this run and keeps its configuration unless `config` is given.
        Returns the version as the server describes it; with `wait=False` the upload happens in
        the background and None is returned, as it is by a disabled run.

        Raises:
            AxonmlError: the server refused or is away; unlike `log`, this is told at once.
            OSError: the file cannot be read.
        """
        if self.mode == "disabled":
            return None
        what = Upload(
            model=model,
            name=name,
            filename=filename,
            metrics=metrics or {},
            config=self.config if config is None else config,
            description=description,
            run=self._spool.meta.run,
        )
        if wait:
            return upload(what, self._spool.meta.server, self._token, self._home)
        upload_later(what, self._spool.meta.server, self._token, self._home)
        return None

    def finish(
        self, status: Status | None = None, *, reason: str = "", timeout_s: float = 60.0
    ) -> bool:
        """End the run; tell whether the server has everything.

        Waits for it up to `timeout_s`; what is not sent by then stays on disk for `axon sync`.
        Without `status` the run is completed, or stopped where the server asked for that.
        """
        self.end(status, reason)
        if self._sender is None:
            return self.mode != "offline"
        try:
            return self._wait(self._sender, timeout_s)
        except KeyboardInterrupt:
            self._leave(self._sender)
            raise

    @property
    def should_stop(self) -> bool:
        """Tell whether somebody asked on the page for this run to stop."""
        return self._sender is not None and self._sender.stop_requested

    @property
    def step(self) -> int:
        """Return the last step logged, 0 before the first."""
        return max(self._next_step - 1, 0)

    @property
    def is_over(self) -> bool:
        """Tell whether the run was finished."""
        return self._is_over

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.fail(ending_of(error))
        _ = self.finish()

    # ------------------------------------------------------------------ life
    def start(self, *, system: bool, capture_console: bool) -> None:
        """Open the spool and start the threads; a run that cannot be kept is said so, once."""
        if self._is_silent:
            return
        try:
            self._spool.open()
        except OSError as error:
            self._is_silent = True
            warn_once("spool", f"cannot write to {self._spool.folder}: {error}; nothing is logged")
            return
        if system:
            self._sampler = SystemSampler(self._log_system)
            self._sampler.start()
        if self.mode == "offline":
            say(f"offline; points go to {self._spool.folder}, `axon sync` sends them")
        elif self._spool.meta.owns_run:
            say(f"watching at {self.url}")
        if capture_console:
            self._console = Console(self.log_text)
            self._console.start()

    def _opened(self) -> None:
        """Start sending: the spool is open, in this process or in a forked one at its first log."""
        if self.mode != "online":
            return
        delivery = RunDelivery(self.id, self._spool, self._token, self._home)
        self._sender = Sender(self.id, self._spool, delivery, self.write_waiting)
        self._sender.start()
        if self._is_forked:
            at_worker_exit(self._leave_worker)

    def _leave_worker(self) -> None:
        _ = self.finish(timeout_s=_WORKER_TIMEOUT_S)

    def end(self, status: Status | None, reason: str = "") -> None:
        """Say how the run ended and let the threads bring it to the server; waits for nothing."""
        if self._is_over:
            return
        with Quietly("finish"):
            if self._sampler is not None:
                self._sampler.stop()
            if self._console is not None:
                self._console.stop()
            if self._sender is None:
                self.write_waiting()
            ending = self._failure or Ending("stopped" if self.should_stop else "completed")
            if status is not None:
                ending = Ending(status, str(reason)[:_MAX_REASON])
            if self._spool.is_open:
                self._spool.set_meta(msgspec.structs.replace(self._spool.meta, ending=ending))
            if self._sender is None:
                self._spool.close()
        self._is_over = True
        self._names.clear()  # every later `log` takes the careful path, which says so
        if self._sender is not None:
            self._sender.close()

    def fail(self, ending: Ending) -> None:
        """Remember that an error is about to end the script."""
        self._failure = ending

    def forked(self) -> None:
        """Go on in the child of a fork as a writer of its own; its parent ends the run."""
        self._sender = self._sampler = self._console = None
        self._waiting.clear()
        self._is_forked = True
        self._spool.forked()

    def write_waiting(self) -> None:
        """Write what could not be written when it was logged: values read from a GPU by now."""
        while self._waiting:
            wall_ms, step, values = self._waiting.popleft()
            with Quietly("log"):
                known = {
                    name: value.read() if isinstance(value, Later) else value
                    for name, value in values.items()
                }
                self._append(step, known, wall_ms)
                self.summary.last.update(known)

    # ------------------------------------------------------------------ inside
    def _log_any(self, values: object, step: object) -> None:
        if self._is_over:
            warn_once(f"over {self.id}", f"run {self.name} is finished; what is logged now is lost")
            return
        if not isinstance(values, Mapping):
            warn_once("log", f"log takes a dict of numbers, not {type(values).__name__}")
            return
        numbers = numbers_of(cast("Mapping[object, object]", values))
        at = None if step is None else step_of(step)
        at = self._next_step if at is None else at
        self._next_step = at + 1
        if not numbers or self._is_silent:
            return
        if len(self._names) < _MAX_NAMES:
            self._names.update(numbers)
        if any(isinstance(value, Later) for value in numbers.values()):
            self._waiting.append((time_ns() // 1_000_000, at, numbers))
            if self._sender is None or len(self._waiting) > _MAX_WAITING:
                self.write_waiting()
            return
        self._append(at, numbers)
        self.summary.last.update(numbers)

    def _append(self, step: int | None, values: dict[str, Any], wall_ms: int = 0) -> None:
        try:
            self._spool.append(step, values, wall_ms)
        except BlockingIOError:
            # A signal handler logs while the code it interrupted does.
            self._waiting.append((time_ns() // 1_000_000, step, values))
        except RecordTooLarge as error:
            warn_once("large", f"{error}; left out")
        except OSError as error:
            warn_once(
                "disk",
                f"cannot write to {self._spool.folder}: {error}; points are lost until it can",
            )
        else:
            forget("disk")

    def _log_at_last(self, values: Mapping[str, Any]) -> None:
        self.log(values, self.step)

    def _log_system(self, sample: dict[str, float]) -> None:
        if not self._is_over:
            self._append(self.step, sample)

    def _config_changed(self) -> None:
        if self._is_over or self._is_silent:
            return
        with Quietly("config"):
            meta = self._spool.meta
            run = {**meta.run, "config": dict(self.config)}
            self._spool.set_meta(msgspec.structs.replace(meta, run=run))

    def _wait(self, sender: Sender, timeout_s: float) -> bool:
        deadline = monotonic() + timeout_s
        if sender.wait(min(_PATIENCE_S, timeout_s)):
            return True
        left = deadline - monotonic()
        if left > 0 and not sender.is_over:
            say(f"waiting up to {left:.0f} s for {self._spool.meta.server} (Ctrl-C leaves)")
            if sender.wait(left):
                return True
        self._leave(sender)
        return False

    def _leave(self, sender: Sender) -> None:
        sender.abandon()
        n_left = self._spool.last_seq - sender.acknowledged
        say(f"{n_left} records are kept in {self._spool.folder}; `axon sync` sends them")
