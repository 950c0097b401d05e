"""Fixtures that every test may ask for."""

import signal

import pytest

# A shell that starts the tests in the background ignores Ctrl-C for them and all their children,
# `nohup` a closed terminal; then no test could press the one or close the other.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    _ = signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    _ = signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def anyio_backend() -> str:
    """Run `@pytest.mark.anyio` tests on asyncio, the loop that the server runs on."""
    return "asyncio"
