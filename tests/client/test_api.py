import io
from pathlib import Path

import httpx
import pytest
from client.fake_server import FakeServer, Fault

from axonml.client.api import Client
from axonml.client.places import save_token, saved_token
from axonml.client.problems import AxonmlError, Unreachable
from axonml.ids import new_id


def own(home: Path, server: FakeServer) -> None:
    """Make `home` the data folder of `server`."""
    home.mkdir(parents=True, exist_ok=True)
    _ = (home / "server.lock").write_text(f'{{"pid": 1, "started_ms": 1, "url": "{server.url}"}}')
    _ = (home / "operator.key").write_text("key\n")


def a_body() -> dict[str, str]:
    return {"id": new_id(), "name": "n", "project": "p"}


def test_a_refusal_is_an_error_with_the_servers_sentence(server: FakeServer, home: Path) -> None:
    with Client(server.url, server.token, home=home) as client:
        server.faults.append(Fault("/runs", 1, status=429, headers={"Retry-After": "7"}))

        with pytest.raises(AxonmlError, match="a fault") as caught:
            _ = client.create_run(a_body())

    error = caught.value
    assert (error.status, error.code, error.retry_after_s) == (429, "fault", 7.0)


def test_no_server_says_how_to_start_one(server: FakeServer, home: Path) -> None:
    server.stop()

    with (
        Client(server.url, server.token, home=home) as client,
        pytest.raises(Unreachable, match=r"no server answers at .*; start it with `axon start`"),
    ):
        _ = client.create_run(a_body())


def test_an_answer_of_some_other_server_is_said_to_be_one(server: FakeServer, home: Path) -> None:
    with (
        Client(server.url, server.token, home=home) as client,
        pytest.raises(AxonmlError, match="is not this version's server"),
    ):
        _ = client.call("POST", "/api/auth/operator", list[int], json={})


def test_on_the_servers_own_machine_a_token_is_granted_and_saved(
    server: FakeServer, home: Path
) -> None:
    own(home, server)

    for _ in range(2):
        with Client(server.url, home=home) as client:
            _ = client.create_run(a_body())

    assert server.requests.count("POST /api/auth/operator") == 1
    assert saved_token(home, server.url) == server.token
    assert (home / "credentials.json").stat().st_mode & 0o077 == 0


def test_a_saved_token_that_has_expired_is_replaced(server: FakeServer, home: Path) -> None:
    own(home, server)
    save_token(home, server.url, "expired")

    with Client(server.url, home=home) as client:
        _ = client.create_run(a_body())

    assert saved_token(home, server.url) == server.token


def test_the_operators_key_is_shown_to_no_other_server(server: FakeServer, home: Path) -> None:
    own(home, server)
    _ = (home / "server.lock").write_text('{"pid": 1, "url": "http://localhost:1"}')

    with (
        Client(server.url, home=home) as client,
        pytest.raises(AxonmlError, match="run `axon login`, or set AXON_TOKEN"),
    ):
        _ = client.create_run(a_body())

    assert "POST /api/auth/operator" not in server.requests


def test_a_token_that_was_given_is_used_before_a_saved_one(
    server: FakeServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_token(home, server.url, "saved")
    monkeypatch.setenv("AXON_TOKEN", server.token)

    with Client(server.url, home=home) as client:
        _ = client.create_run(a_body())
    with (
        Client(server.url, "argument", home=home) as client,
        pytest.raises(AxonmlError, match="sign in first"),
    ):
        _ = client.create_run(a_body())


def test_a_model_that_is_there_is_not_made_again(server: FakeServer, home: Path) -> None:
    with Client(server.url, server.token, home=home) as client:
        first, second = client.ensure_model("m"), client.ensure_model("m")
        version = client.upload_version(first.id, io.BytesIO(b"bytes"), "m.onnx", {})

    assert first == second
    assert version.version == 1
    assert b"bytes" in server.uploads[0]
    assert (
        b'"sha256":"277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"'
        in (server.uploads[0])
    )


def test_an_upload_whose_token_had_expired_is_sent_whole_again(
    server: FakeServer, home: Path
) -> None:
    own(home, server)
    with Client(server.url, home=home) as client:
        model = client.ensure_model("m")
        server.token = "another"  # of this fake

        _ = client.upload_version(model.id, io.BytesIO(b"all the bytes"), "m.onnx", {})

    assert b"all the bytes" in server.uploads[0]


def test_an_id_cannot_lead_to_another_route(server: FakeServer, home: Path) -> None:
    asked: list[str] = []

    def note(request: httpx.Request) -> None:
        asked.append(request.url.raw_path.decode())

    with Client(server.url, server.token, home=home) as client:
        client._http.event_hooks = {"request": [note]}
        with pytest.raises(AxonmlError):
            _ = client.run("x/../../admin/users?limit=1#")

    assert asked == ["/api/training/runs/x%2F..%2F..%2Fadmin%2Fusers%3Flimit%3D1%23"]
