"""What the script prints, as lines of the run's log, without taking it from the terminal."""

import sys
import threading
from collections.abc import Callable
from typing import Final, TextIO

MAX_LINE: Final = 32_768
Emit = Callable[[str, str], None]


class LineSplitter:
    """Cuts text into lines; of a line that was redrawn with carriage returns, the last state.

    Colours stay. A line beyond `MAX_LINE` characters is cut, and says by how much. Threads may
    feed it at once.
    """

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit: Final = emit
        self._lock: Final = threading.RLock()  # a signal handler may print in the middle of a print
        self._rest = ""
        self._n_cut = 0

    def feed(self, text: str) -> None:
        """Emit each line that `text` completes."""
        with self._lock:
            *lines, rest = (self._rest + text).replace("\r\n", "\n").split("\n")
            # Before the lines go out: what they cause to be printed follows them.
            self._rest, n_cut = rest, self._n_cut
            if lines:
                self._n_cut = 0
            for line in lines:
                self._emit(_cut(_final_state(line), n_cut))
                n_cut = 0
            if len(self._rest) > MAX_LINE:
                self._shorten()

    def flush(self) -> None:
        """Emit what is left without an end of line."""
        with self._lock:
            rest, n_cut = _final_state(self._rest), self._n_cut
            self._rest, self._n_cut = "", 0
            if rest:
                self._emit(_cut(rest, n_cut))

    def _shorten(self) -> None:
        """Bound what an endless line holds in memory: its beginning stays."""
        rest = _final_state(self._rest)
        if "\r" in self._rest:
            self._n_cut = 0  # drawn anew
        self._n_cut += max(len(rest) - MAX_LINE, 0)
        self._rest = rest[:MAX_LINE]


class Console:
    """Copies standard output and error to `emit(line, level)` between `start` and `stop`."""

    def __init__(self, emit: Emit) -> None:
        self._emit: Final = emit
        self._tees: list[tuple[str, _Tee]] = []

    def start(self) -> None:
        """Begin to copy."""
        for name, level in (("stdout", "info"), ("stderr", "warning")):
            tee = _Tee(getattr(sys, name), lambda line, level=level: self._emit(line, level))
            setattr(sys, name, tee)
            self._tees.append((name, tee))

    def stop(self) -> None:
        """Give the streams back as they were; a repeat does nothing."""
        for name, tee in self._tees:
            tee.lines.flush()
            if getattr(sys, name) is tee:
                setattr(sys, name, tee.stream)
        self._tees.clear()


class _Tee:
    """A text stream that passes everything on and keeps a copy of the lines."""

    def __init__(self, stream: TextIO, emit: Callable[[str], None]) -> None:
        self.stream: Final = stream
        self.lines: Final = LineSplitter(emit)

    def write(self, text: str) -> int:
        written = self.stream.write(text)
        self.lines.feed(text)
        return written

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            _ = self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def _cut(line: str, n_cut: int) -> str:
    n_cut += max(len(line) - MAX_LINE, 0)
    return f"{line[:MAX_LINE]} ... ({n_cut} characters cut)" if n_cut else line


def _final_state(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]
