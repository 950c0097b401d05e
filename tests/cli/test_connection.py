import pytest
from cli.axon import Axon

from axonml.cli.connection import connect


def test_commands_find_the_server_of_their_folder(running: Axon) -> None:
    with connect(running.config) as client:
        assert client.server == running.server_url


def test_a_server_that_is_named_comes_first(running: Axon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXON_SERVER", "http://127.0.0.1:9")

    with connect(running.config) as client:
        assert client.server == "http://127.0.0.1:9"
