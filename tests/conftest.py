"""Fixtures that every test may ask for."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Run `@pytest.mark.anyio` tests on asyncio, the loop that the server runs on."""
    return "asyncio"
