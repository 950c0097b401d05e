"""One run of one script: what it logs, what it says of itself, how it ends."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, cast

import msgspec

from axonml.client.config import RunConfig
from axonml.client.console import Console
from axonml.client.definitions import definition_of
from axonml.client.delivery import RunDelivery
from axonml.client.ending import at_worker_exit, ending_of, final_status
from axonml.client.labels import label, tags_of
from axonml.client.models import Upload, upload, upload_later
from axonml.client.notices import Quietly, say, warn_once
from axonml.client.places import spool_folder
from axonml.client.ranks import Rank
from axonml.client.rich import RichRecording
from axonml.client.sender import Sender
from axonml.client.spool import Ending, Meta, Spool
from axonml.client.summary import Summary
from axonml.client.system import SystemSampler
from axonml.client.watch import Log, Watch, watched
from axonml.clock import monotonic
from axonml.registry.types import ModelVersion

Mode = Literal["online", "offline", "disabled"]
Status = Literal["completed", "failed", "stopped"]
_MAX_REASON: Final = 4_096
_MAX_NOTES: Final = 65_536
_MAX_TAKEN: Final = 10_000
_PATIENCE_S: Final = 1.0
_WORKER_TIMEOUT_S: Final = 10.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run's points go, and as what: what a process needs that joins the run."""

    mode: Mode
    token: str | None
    home: Path
    page: str
    rank: Rank = Rank()
    first_step: int = 0
    taken: tuple[str, ...] = ()


class Run(RichRecording):
    """A training run. Nothing here raises into training or waits for the server.

    `log` returns once the values are in a file, so that they survive the end of the process;
    a thread brings them to the server. `finish` waits for that.
    """

    def __init__(self, run_id: str, meta: Meta, settings: Settings) -> None:
        self.id: Final = run_id
        self.project: Final[str] = meta.run["project"]
        self.mode: Final = settings.mode
        self.url: Final = f"{settings.page}/training/{run_id}"
        self._settings: Final = settings
        spool = Spool(spool_folder(settings.home) / run_id, meta, self._opened)
        summary = Summary(self._summary_set)
        is_disabled = settings.mode == "disabled"
        super().__init__(spool, summary, settings.rank.prefix, is_silent=is_disabled)
        self._next_step = settings.first_step
        self._taken = frozenset(settings.taken)
        self._sender: Sender | None = None
        self._sampler: SystemSampler | None = None
        self._console: Console | None = None
        self._watches: Final[list[Watch]] = []
        self._is_forked = False
        self._is_left = False
        self._failure: Ending | None = None
        self._config: Final = RunConfig(meta.run.get("config", {}), self._config_changed)

    # ------------------------------------------------------------------ what scripts call
    def define_metric(
        self,
        name: str,
        step_metric: str | None = None,
        *,
        summary: str | None = None,
        goal: str | None = None,
        **unknown: object,
    ) -> None:
        """Say how a metric is read: over which other it is drawn, what of it the summary shows.

        `summary` is "last", "min", "max", "mean", "best" (as `goal`, "minimize" or "maximize",
        says) or "none". A name that ends in `*` speaks for all that begin so.
        """
        with Quietly("define_metric"):
            defined = definition_of(name, step_metric, summary, goal, unknown)
            known: dict[str, Any] = self._spool.meta.changes.get("definitions", {})
            self._describe(definitions={**known, str(name): defined})

    def watch(self, model: object, log: Log | None = "gradients", log_freq: int = 1000) -> None:
        """Log norm and histogram of each gradient, parameter, or both, of a torch module.

        Every `log_freq`th backward pass, at the last step; `log` is "gradients", "parameters" or
        "all".
        """
        with Quietly("watch"):
            if log is not None and not self._is_silent:
                self._watches.append(
                    watched(model, log, log_freq, self.log_beside, self.log_histogram)
                )

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
        where = self._spool.meta.server, self._settings.token, self._settings.home
        if wait:
            return upload(what, *where)
        upload_later(what, *where)
        return None

    def finish(
        self, status: Status | None = None, *, reason: str = "", timeout_s: float = 60.0
    ) -> bool:
        """End the run; tell whether the server has everything.

        Waits for it up to `timeout_s`; what is not sent by then stays on disk for `axon sync`.
        Without `status` the run is completed, or stopped where the server asked for that.
        """
        self.end(status, reason)
        if self._n_lost:
            say(f"{self._n_lost} records of run {self.name} could not be written and are lost")
        if self._sender is None:
            return self.mode != "offline" and not self._n_lost
        try:
            return self._wait(self._sender, timeout_s) and not self._n_lost
        except KeyboardInterrupt:
            self._leave(self._sender)
            raise

    @property
    def name(self) -> str:
        """The name in lists; may be set."""
        return str(self._spool.meta.changes.get("name", self._spool.meta.run["name"]))

    @name.setter
    def name(self, name: str) -> None:
        with Quietly("name"):
            self._describe(name=label(name) or self.name)

    @property
    def config(self) -> RunConfig:
        """The configuration; every change is sent, and what is set as a whole is added."""
        return self._config

    @config.setter
    def config(self, values: object) -> None:
        self._config.update(values)

    @property
    def notes(self) -> str:
        """Markdown about the run; may be set."""
        meta = self._spool.meta
        return str(meta.changes.get("notes", meta.run.get("notes", "")))

    @notes.setter
    def notes(self, notes: str) -> None:
        with Quietly("notes"):
            self._describe(notes=str(notes)[:_MAX_NOTES])

    @property
    def tags(self) -> tuple[str, ...]:
        """The words to find the run by; may be set."""
        meta = self._spool.meta
        return tuple(meta.changes.get("tags", meta.run.get("tags", ())))

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        with Quietly("tags"):
            self._describe(tags=tags_of(tags))

    @property
    def should_stop(self) -> bool:
        """Tell whether somebody asked on the page for this run to stop."""
        return self._sender is not None and self._sender.stop_requested

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

    def handed_on(self) -> tuple[str, Meta, Settings]:
        """Return what another process needs to log to this run as a writer of its own."""
        taken = tuple(sorted(self._names | self._taken)[:_MAX_TAKEN])
        step = self._next_step
        settings = msgspec.structs.replace(self._settings, first_step=step, taken=taken)
        return self.id, self._spool.meta.joined(), settings

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
            self._sampler = SystemSampler(self.log_beside)
            self._sampler.start()
        if self.mode == "offline":
            say(f"offline; points go to {self._spool.folder}, `axon sync` sends them")
        elif self._spool.meta.owns_run:
            say(f"watching at {self.url}")
        if capture_console:
            self._console = Console(self.log_text)
            self._console.start()

    def end(self, status: Status | None, reason: str = "") -> None:
        """Say how the run ended and let the threads bring it to the server; waits for nothing."""
        if self._is_over:
            return
        with Quietly("finish"):
            self._stop_helpers()
            self._write_held()
            if self._sender is None:
                self.write_waiting()
            ending = self._failure or Ending("stopped" if self.should_stop else "completed")
            if (final := final_status(status)) is not None:
                ending = Ending(final, str(reason)[:_MAX_REASON])
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
        self._held.clear()
        self._taken |= self._names
        self._names.clear()
        self._is_forked = True
        self._spool.forked()

    # ------------------------------------------------------------------ inside
    def _opened(self) -> None:
        """Start sending: the spool is open, in this process or in a forked one at its first log."""
        if self.mode != "online":
            return
        settings = self._settings
        delivery = RunDelivery(self.id, self._spool, settings.token, settings.home)
        self._sender = Sender(self.id, self._spool, delivery, self.write_waiting)
        self._sender.start()
        if self._is_forked:
            at_worker_exit(self._leave_worker)

    def _leave_worker(self) -> None:
        _ = self.finish(timeout_s=_WORKER_TIMEOUT_S)

    def _stop_helpers(self) -> None:
        for watch in self._watches:
            watch.stop()
        if self._sampler is not None:
            self._sampler.stop()
        if self._console is not None:
            self._console.stop()

    def _is_drained(self) -> bool:
        return self._sender is not None

    def _describe(self, **changes: object) -> None:
        """Note what the script changed of the run; the sender tells the server."""
        if self._is_over or self._is_silent:
            return
        meta = self._spool.meta
        changed = {**meta.changes, **changes}
        self._spool.set_meta(msgspec.structs.replace(meta, changes=changed))

    def _summary_set(self, values: Mapping[str, Any]) -> None:
        self._describe(summary={f"{self._prefix}{name}": each for name, each in values.items()})

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
        if self._is_left:
            return
        self._is_left = True
        n_left = self._spool.last_seq - sender.acknowledged
        say(f"{n_left} records are kept in {self._spool.folder}; `axon sync` sends them")


def known_mode(mode: str | None) -> Mode:
    """Return `mode` where it is one; else online, with one warning."""
    if mode not in {"online", "offline", "disabled"}:
        warn_once("mode", f"mode is online, offline or disabled, not {mode!r}; online is used")
        return "online"
    return cast("Mode", mode)
