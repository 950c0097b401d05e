from pathlib import Path

import pytest

from axonml.client.places import (
    address_of,
    in_the_clear,
    operator_key,
    page_url,
    same_server,
    save_token,
    saved_token,
    server_url,
)


def lock(home: Path, name: str, url: str) -> None:
    home.mkdir(parents=True, exist_ok=True)
    _ = (home / name).write_text(f'{{"pid": 1, "started_ms": 1, "url": "{url}"}}')


def test_the_server_is_the_one_named_else_this_folders_else_port_3000(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = server_url(home)
    lock(home, "server.lock", "http://localhost:3411")
    this_folders = server_url(home)
    monkeypatch.setenv("AXON_SERVER", "https://axon.example/")

    assert nobody == "http://localhost:3000"
    assert this_folders == "http://localhost:3411"
    assert server_url(home) == "https://axon.example"


@pytest.mark.parametrize(
    ("server", "page"),
    [
        ("http://localhost:3411", "http://localhost:8411"),
        ("http://127.0.0.1:3411", "http://localhost:8411"),
        ("https://axon.example", "https://axon.example"),
    ],
)
def test_the_page_is_on_its_own_port_here_and_on_the_servers_elsewhere(
    home: Path, server: str, page: str
) -> None:
    lock(home, "server.lock", "http://localhost:3411")
    lock(home, "dashboard.lock", "http://localhost:8411")

    assert page_url(home, server) == page


def test_before_anything_runs_the_page_is_where_it_will_be(home: Path) -> None:
    assert page_url(home, "http://localhost:3000") == "http://localhost:8080"
    assert page_url(home, "http://localhost:3001") == "http://localhost:3001"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("http://localhost:3000", "http://127.0.0.1:3000/", True),
        ("http://localhost:3000", "http://[::1]:3000", True),
        ("http://localhost", "http://localhost:80", True),
        ("https://localhost", "http://localhost:443", False),
        ("http://localhost:3000", "http://localhost:3001", False),
        ("http://localhost:3000", "http://localhost.example:3000", False),
        ("http://127.0.0.1:3000", "http://127.0.0.1.example:3000", False),
    ],
)
def test_addresses_of_one_server_are_told_from_others(
    one: str, other: str, *, is_same: bool
) -> None:
    assert same_server(one, other) is is_same


def test_an_address_without_a_scheme_is_http() -> None:
    assert address_of("localhost:3000") == "http://localhost:3000"
    assert address_of("https://x/") == "https://x"


def test_the_operators_key_is_for_this_folders_server_on_this_machine_only(home: Path) -> None:
    lock(home, "server.lock", "http://localhost:3411")
    without_key = operator_key(home, "http://localhost:3411")
    _ = (home / "operator.key").write_text("secret\n")
    own = operator_key(home, "http://127.0.0.1:3411")
    other = operator_key(home, "http://localhost:3412")
    lock(home, "server.lock", "http://axon.example:3411")

    assert (without_key, own, other) == (None, "secret", None)
    assert operator_key(home, "http://axon.example:3411") is None


def test_tokens_are_kept_by_server_and_forgotten(home: Path) -> None:
    save_token(home, "http://a", "1")
    save_token(home, "http://b/", "2")
    save_token(home, "http://a", None)

    assert saved_token(home, "http://a") is None
    assert saved_token(home, "http://b") == "2"


def test_a_damaged_file_of_tokens_is_as_good_as_none(home: Path) -> None:
    home.mkdir()
    _ = (home / "credentials.json").write_text("{")

    assert saved_token(home, "http://a") is None


@pytest.mark.parametrize(
    "server", ["http://axon.example", "http://10.0.0.7:3000", "http://[fe80::1]"]
)
def test_who_sends_a_token_where_others_can_read_it_is_told(server: str) -> None:
    assert "can read your token" in str(in_the_clear(server))


@pytest.mark.parametrize(
    "server",
    ["http://localhost:3000", "http://127.0.0.5", "http://[::1]:3000", "https://axon.example"],
)
def test_nothing_is_said_where_nobody_can_read_it(server: str) -> None:
    assert in_the_clear(server) is None
