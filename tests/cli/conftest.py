"""A command line that nothing runs for yet, and one whose services run for all tests."""

from collections.abc import Generator
from pathlib import Path

import pytest
from cli.axon import Axon


@pytest.fixture
def axon(tmp_path: Path) -> Generator[Axon, None, None]:
    fresh = Axon(tmp_path / "home")
    yield fresh
    fresh.end()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Axon, None, None]:
    """`axon start` was run."""
    started = Axon(tmp_path_factory.mktemp("running") / "home")
    _ = started.ok("start")
    yield started
    started.end()
