"""What a launched job prints, on its way from its file to the run's log: each line once."""

import asyncio
from typing import Final

from axonml.ids import RunId
from axonml.training.jobs import Launcher
from axonml.training.logs import Logs
from axonml.training.types import NewLog, NewLogLine

_CHUNK: Final = 64 << 10
_A_LOOK: Final = 1 << 20
_AT_LAST: Final = 32 << 20
_TAIL: Final = 64 << 10
_MAX_LINE: Final = 8192
_MAX_LINES: Final = 5000
_WRITER: Final = "runner"


class LaunchLog:
    """Reads on in a job's file. A line is numbered by where it ends in the file.

    So a server that begins again before where the last one was stores none twice.
    """

    def __init__(self, run: RunId, launcher: Launcher, logs: Logs) -> None:
        self._run: Final = run
        self._launcher: Final = launcher
        self._logs: Final = logs
        self._offset = -1

    async def ship(self, *, is_over: bool) -> None:
        """Bring what is new to the run's log; `is_over`: a line without an end is one as well.

        A little at a time: a job that prints without end must not keep the others waiting.
        """
        if self._offset < 0:
            self._offset = await asyncio.to_thread(self._launcher.shipped, self._run)
        begun = self._offset
        await self._ship(is_over=is_over)
        if self._offset != begun:
            await asyncio.to_thread(self._launcher.note_shipped, self._run, self._offset)

    async def _ship(self, *, is_over: bool) -> None:
        left = _AT_LAST if is_over else _A_LOOK
        while left > 0:
            left -= _CHUNK
            data = await asyncio.to_thread(self._launcher.read_log, self._run, self._offset, _CHUNK)
            is_last = len(data) < _CHUNK
            cut = len(data) if (is_over and is_last) else data.rfind(b"\n") + 1
            if cut == 0 and len(data) == _CHUNK:
                cut = len(data)  # one line that is longer than that
            if cut:
                await self._store(data[:cut])
                self._offset += cut
            if is_last:
                return
        if is_over:
            await self._skip()

    async def _skip(self) -> None:
        """Go on at the end of a log that is too long to be shown whole."""
        size = await asyncio.to_thread(self._launcher.log_size, self._run)
        begin = max(size - _TAIL, self._offset)
        data = await asyncio.to_thread(self._launcher.read_log, self._run, begin, _TAIL)
        begin += data.find(b"\n") + 1
        n_bytes = begin - self._offset
        rest = f"{n_bytes} bytes of the log are left out here; log.txt in the run's folder has them"
        line = NewLogLine(message=rest, level="warning", seq=self._offset + 1)
        _ = await self._logs.append(self._run, NewLog(lines=[line], writer=_WRITER))
        self._offset = begin
        await self._store(data[data.find(b"\n") + 1 :])

    async def _store(self, data: bytes) -> None:
        lines: list[NewLogLine] = []
        at = self._offset
        for raw in _lines(data):
            at += len(raw)
            lines.append(NewLogLine(message=_shown(raw), seq=at))
        for start in range(0, len(lines), _MAX_LINES):
            some = lines[start : start + _MAX_LINES]
            _ = await self._logs.append(self._run, NewLog(lines=some, writer=_WRITER))


def _lines(data: bytes) -> list[bytes]:
    """Return the lines of `data`, of which only a newline ends one."""
    *whole, rest = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([rest] if rest else [])]


def _shown(raw: bytes) -> str:
    """Return a line as a terminal shows it at its end: of a progress bar its last state."""
    line = raw.rstrip(b"\r\n")
    return line.rpartition(b"\r")[2][:_MAX_LINE].decode("utf-8", "replace")
