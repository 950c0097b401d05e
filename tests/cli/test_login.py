import json

from cli.axon import Axon

from axonml.client.api import Client


def test_a_token_is_checked_and_saved_for_its_server(running: Axon) -> None:
    with Client(running.server_url, home=running.home) as client:
        token = client.token()

    said = running.ok("login", running.server_url, stdin=f"{token}\n")

    saved = json.loads((running.home / "credentials.json").read_text())
    assert "signed in to" in said
    assert saved == {running.server_url: {"token": token}}
    assert (running.home / "credentials.json").stat().st_mode & 0o077 == 0


def test_a_token_that_the_server_does_not_know_is_not_saved(running: Axon) -> None:
    with Client(running.server_url, home=running.home) as client:
        token = client.token()

    done = running.run("login", "--token", "axon_pat_wrong")

    saved = json.loads((running.home / "credentials.json").read_text())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert saved == {running.server_url: {"token": token}}
