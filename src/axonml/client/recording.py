"""What a script logs, on its way to the spool: numbers at steps, lines of text, alerts."""

import os
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, cast

from axonml.client.config import text_of
from axonml.client.delivery import ALERT
from axonml.client.notices import Quietly, forget, warn_once
from axonml.client.numbers import Later, numbers_of, step_of
from axonml.client.spool import RecordTooLarge, Spool, wall_ms
from axonml.client.summary import Summary

_PLAIN: Final = frozenset((float, int))
_MAX_WAITING: Final = 10_000
_MAX_NAMES: Final = 100_000
_MAX_TITLE: Final = 256
_CHILD: Final = "child/"
_LEVELS: Final = {"info": "info", "warn": "warning", "warning": "warning", "error": "error"}


class Recording:
    """Writes what is logged to a spool. Nothing here raises into training or waits.

    `prefix` stands before every name and line: other ranks than the first have one.
    """

    def __init__(self, spool: Spool, summary: Summary, prefix: str, *, is_silent: bool) -> None:
        self._spool: Final = spool
        self._prefix: Final = prefix
        self._is_silent = is_silent
        self._is_over = False
        self._n_lost = 0
        self._next_step = 0
        self._names: Final[set[str]] = set()
        # What the process that began the run logs: in another one it has another name.
        self._taken: frozenset[str] = frozenset()
        self._held: Final[dict[str, Any]] = {}
        self._held_at = 0
        self._waiting: Final[deque[tuple[int, int | None, dict[str, Any]]]] = deque()
        self._summary: Final = summary
        # Looked up once: `log` is called often.
        self._write_record: Final = spool.append
        self._last: Final = summary.last

    def log(
        self, values: Mapping[str, object], step: int | None = None, *, commit: bool | None = None
    ) -> None:
        """Log numbers at a step; without `step` the one after the last.

        Scalars of numpy and torch are taken as they are; one on a GPU is read later, without
        holding up training (a process that is killed before may lose it). A value that is no
        number is left out with one warning. NaN and infinities are kept. With `commit=False` the
        values wait for the next call and become one record with its values.
        """
        # The path of plain floats and ints under known names; bench/log.py measures it.
        try:
            at = self._next_step if step is None else step
            if (
                type(at) is int
                and commit is not False
                and self._names.issuperset(values)
                and _PLAIN.issuperset(map(type, values.values()))
                and not self._held
            ):
                if not self._is_silent:
                    self._write_record(at, values)
                    self._next_step = at + 1
                    self._last.update(values)
                return
        except (AttributeError, TypeError, OverflowError, OSError, RuntimeError, RecordTooLarge):
            pass  # looked at with care below
        with Quietly("log"):
            self._log_any(values, step, is_held=commit is False)

    def log_text(self, text: str, level: str = "info") -> None:
        """Add lines to the run's log."""
        with Quietly("log_text"):
            if self._is_silent:
                return
            for line in str(text).split("\n"):
                self._append(None, {str(level)[:16]: text_of(f"{self._marked()}{line}")})

    def alert(self, title: str, text: str = "", level: str = "info") -> None:
        """Ask people to look: a line of the run's log, shown at once to who watches the run.

        `level` is "info", "warning" or "error".
        """
        with Quietly("alert"):
            if self._is_silent:
                return
            named = str(getattr(level, "value", level)).lower()
            known = _LEVELS.get(named, "info")
            if named not in _LEVELS:
                said = f"the level of an alert is info, warning or error, not {named[:40]!r}"
                warn_once("alert level", f"{said}; info is used")
            heading = text_of(f"{self._marked()}{title}").replace("\n", " ")[:_MAX_TITLE]
            self._append(None, {f"{ALERT}{known}": f"{heading}\n{text_of(str(text))}"})

    @property
    def summary(self) -> Summary:
        """The last value of each metric; what is set here, or as a whole, stands in its place."""
        return self._summary

    @summary.setter
    def summary(self, values: Mapping[str, object]) -> None:
        self._summary.update(values)

    @property
    def step(self) -> int:
        """Return the last step logged, 0 before the first."""
        return max(self._next_step - 1, 0)

    def log_beside(self, values: Mapping[str, object]) -> None:
        """Log numbers at the last step: what is measured beside training counts no step."""
        with Quietly("log"):
            if not self._is_over and not self._is_silent:
                numbers = {f"{self._prefix}{n}": v for n, v in numbers_of(values).items()}
                self._write(self.step, numbers, is_noted=False)

    def write_waiting(self) -> None:
        """Write what could not be written when it was logged: values read from a GPU by now."""
        while self._waiting:
            at_ms, step, values = self._waiting.popleft()
            with Quietly("log"):
                known = {
                    name: value.read() if isinstance(value, Later) else value
                    for name, value in values.items()
                }
                self._append(step, known, at_ms)
                if step is not None:
                    self.summary.last.update(known)

    # ------------------------------------------------------------------ inside
    def _log_any(self, values: object, step: object, *, is_held: bool) -> None:
        if self._is_over:
            where = self._spool.meta.run.get("name", "")
            warn_once(f"over {where}", f"run {where} is finished; what is logged now is lost")
            return
        if not isinstance(values, Mapping):
            said = 'log takes names and numbers, as in log({"loss": 0.3})'
            warn_once("log", f"{said}, not {type(values).__name__}; left out")
            return
        numbers = numbers_of(cast("Mapping[object, object]", values))
        at = None if step is None else step_of(step)
        if self._held or is_held:
            at, numbers = self._joined(at, numbers, is_held=is_held)
            if is_held:
                return
        at = self._next_step if at is None else at
        self._next_step = at + 1
        if not numbers or self._is_silent:
            return
        if self._taken:
            numbers = {self._free(name): value for name, value in numbers.items()}
        if self._prefix:
            numbers = {f"{self._prefix}{name}": value for name, value in numbers.items()}
        elif len(self._names) < _MAX_NAMES:
            self._names.update(numbers)
        self._write(at, numbers)

    def _free(self, name: str) -> str:
        """Return the name under which this process logs what its parent may log as well."""
        if name not in self._taken:
            return name
        warn_once(
            "child",
            f"process {os.getpid()} was started by the one that logs {name!r}: here it is"
            f" {_CHILD}{name}; axonml.init(rank=N) gives a process names of its own",
        )
        return f"{_CHILD}{name}"

    def _joined(
        self, at: int | None, numbers: dict[str, Any], *, is_held: bool
    ) -> tuple[int | None, dict[str, Any]]:
        """Return `numbers` with those held for their step; those of another step are written."""
        if self._held and at is not None and at != self._held_at:
            self._write_held()
        if not self._held:
            self._held_at = self._next_step if at is None else at
        self._held.update(numbers)
        if is_held:
            return None, {}
        together = dict(self._held)
        self._held.clear()
        return self._held_at, together

    def _write_held(self) -> None:
        """Write what `commit=False` held back."""
        if self._held:
            held = dict(self._held)
            self._held.clear()
            self._log_any(held, self._held_at, is_held=False)

    def _write(self, at: int, numbers: dict[str, Any], *, is_noted: bool = True) -> None:
        if any(isinstance(value, Later) for value in numbers.values()):
            self._waiting.append((wall_ms(), at, numbers))
            if not self._is_drained() or len(self._waiting) > _MAX_WAITING:
                self.write_waiting()
            return
        self._append(at, numbers)
        if is_noted:
            self.summary.last.update(numbers)

    def _is_drained(self) -> bool:
        """Tell whether a thread calls `write_waiting`."""
        return False

    def _marked(self) -> str:
        return f"[{self._prefix.rstrip('/')}] " if self._prefix else ""

    def _append(self, step: int | None, values: dict[str, Any], at_ms: int = 0) -> None:
        try:
            self._spool.append(step, values, at_ms)
        except BlockingIOError:
            # A signal handler logs while the code it interrupted does.
            self._waiting.append((at_ms or wall_ms(), step, values))
        except RecordTooLarge as error:
            warn_once("large", f"{error}; left out")
        except OSError as error:
            self._n_lost += 1
            warn_once(
                "disk",
                f"cannot write to {self._spool.folder}: {error}; points are lost until it can",
            )
        else:
            forget("disk")
