"""What would end a command, heard instead: Ctrl-C, a signal, a closed terminal."""

import contextlib
import signal
from collections.abc import Callable, Generator
from typing import Final

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def told_of_endings(stop: Callable[[int], None]) -> Generator[None, None, None]:
    """Call `stop` with its number where a signal would end this process."""
    before = {number: signal.getsignal(number) for number in _ENDINGS}
    # What `nohup` or a shell has told this process to ignore stays ignored.
    heard = [number for number in _ENDINGS if before[number] is not signal.SIG_IGN]
    for number in heard:
        _ = signal.signal(number, lambda number, _: stop(number))
    try:
        yield
    finally:
        for number in heard:
            _ = signal.signal(number, before[number])
