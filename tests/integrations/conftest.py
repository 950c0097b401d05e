"""What the tests of the callbacks share: runs that stay on disk, and what was logged to them."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import axonml
from axonml.client import notices, session
from axonml.client.run import Run
from axonml.client.spool import SpoolReader


class Logged:
    """What a run has on disk."""

    def __init__(self, run: Run) -> None:
        reader, self._records = SpoolReader(run._spool.folder), list[Any]()
        while some := reader.read():
            self._records += some

    def points(self, name: str) -> list[tuple[int, float]]:
        """Return (step, value) of one metric in the order of logging."""
        return [
            (record.step, record.values[name])
            for record in self._records
            if not record.is_text and name in record.values
        ]

    @property
    def names(self) -> set[str]:
        """The metrics."""
        return {name for r in self._records if not r.is_text for name in r.values}

    @property
    def lines(self) -> list[str]:
        """The lines of the log."""
        return [text for r in self._records if r.is_text for text in r.values.values()]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AXON_SERVER", "AXON_TOKEN", "AXON_RUN_ID", "RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AXONML_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AXON_MODE", "offline")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def run() -> Generator[Run]:
    """The run of a script, as the callbacks find it."""
    notices._said.clear()
    begun = axonml.init("frameworks", system=False)
    yield begun
    _ = begun.finish()
    session._Current.run = None


@pytest.fixture
def stopping(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The run of a script that was asked on the page to stop."""
    monkeypatch.setattr(Run, "should_stop", property(lambda _: True))
    return run
