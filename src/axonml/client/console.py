"""What the script prints, as lines of the run's log, without taking it from the terminal."""

import sys
from collections.abc import Callable
from typing import Final, TextIO

Emit = Callable[[str, str], None]


class LineSplitter:
    """Cuts text into lines; of a line that was redrawn with carriage returns, the last state."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit: Final = emit
        self._rest = ""

    def feed(self, text: str) -> None:
        """Emit each line that `text` completes."""
        *lines, self._rest = (self._rest + text).replace("\r\n", "\n").split("\n")
        for line in lines:
            self._emit(_final_state(line))
        if len(self._rest) > 1 << 16:
            self._rest = _final_state(self._rest)[-(1 << 16) :]

    def flush(self) -> None:
        """Emit what is left without an end of line."""
        rest, self._rest = _final_state(self._rest), ""
        if rest:
            self._emit(rest)


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


def _final_state(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]
