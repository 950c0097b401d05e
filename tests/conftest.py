"""Fixtures that every test may ask for."""

import signal

import pytest

# A shell that starts the tests in the background ignores Ctrl-C for them and all their children;
# then no test could press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    _ = signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def anyio_backend() -> str:
    """Run `@pytest.mark.anyio` tests on asyncio, the loop that the server runs on."""
    return "asyncio"
