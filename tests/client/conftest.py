"""A server for the SDK to talk to, a data folder of its own, and notices that begin anew."""

from collections.abc import Generator
from pathlib import Path

import pytest
from client.fake_server import FakeServer

from axonml.client import notices, session


@pytest.fixture
def server() -> Generator[FakeServer, None, None]:
    fake = FakeServer()
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a data folder, and no variable of whoever runs it."""
    for name in (
        *("AXON_SERVER", "AXON_TOKEN", "AXON_RUN_ID", "AXON_MODE", "AXON_RESUME"),
        *("AXON_PARENT_RUN", "RANK", "WORLD_SIZE", "LOCAL_RANK"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AXONML_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def fresh_notices() -> Generator[None, None, None]:
    notices._said.clear()
    yield
    session._Current.run = None
