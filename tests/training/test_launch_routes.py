"""Who may launch and stop what, and what a full disk leaves of it."""

import resource
from collections.abc import Generator
from pathlib import Path
from typing import Any

import anyio
import httpx
import msgspec
import psutil
import pytest
from launching import RUNS, begun, ended, launched, lines, run_when, wait_for
from product import Server, running

from axonml.auth.store import AuthStore
from axonml.config import Config
from axonml.http.caller import Role
from axonml.storage.open import open_storage

CONFIG = """
[launch]
grace_s = 1.0
max_parallel = 4
[launch.entrypoints]
say = ["/bin/sh", "-c", "echo hello"]
long = ["/bin/sh", "-c", "echo begun; exec sleep 100"]
waits = ["/bin/sh", "-c", "echo begun; until test -e go; do sleep 0.05; done; echo over"]
"""
TRAINER = {"name": "t", "model_type": "sklearn", "config": {"dataset": "iris"}}
Client = httpx.Client


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, Client]]:
    """Yield clients of the owner, of another member and of a viewer."""
    home = tmp_path_factory.mktemp("home")
    _ = (home / "config.toml").write_text(CONFIG)
    with running(home) as server:
        tokens = {"owner": server.operator()["token"]}
        for name in ("member", "viewer"):
            body = {"email": f"{name}@x.org", "name": name, "password": f"a horse for {name}s"}
            answer = httpx.post(f"{server.url}/api/auth/register", json=body)
            assert answer.status_code == 201, answer.text
            del body["name"]
            signed_in = httpx.post(f"{server.url}/api/auth/login", json=body)
            tokens[name] = signed_in.json()["token"]
        server.kill()
        anyio.run(make_viewer, home, "viewer@x.org")
        server.start()
        clients = {name: server.client(token) for name, token in tokens.items()}
        yield clients
        for client in clients.values():
            client.close()


async def make_viewer(home: Path, email: str) -> None:
    """Change an account as it is stored, while no server runs."""
    storage = await open_storage(Config(home))
    store = AuthStore(storage.documents)
    account = await store.account_of(email)
    assert account is not None
    _ = await store.accounts.update(
        account.id, lambda found: msgspec.structs.replace(found, role=Role.VIEWER)
    )
    await storage.close()


def launch_of(entrypoint: str, **fields: Any) -> dict[str, Any]:
    return {"name": "x", "launch": {"kind": "entrypoint", "entrypoint": entrypoint}, **fields}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", launch_of("say")),
        ("", TRAINER),
        ("/RUN/rerun", {}),
        ("/RUN/relaunch", None),
        ("/RUN/stop", None),
    ],
)
def test_a_viewer_launches_and_stops_nothing(
    people: dict[str, Client], path: str, body: dict[str, Any] | None
) -> None:
    owner, viewer = people["owner"], people["viewer"]
    run = launched(owner, "say", visibility="team")
    _ = ended(owner, run)
    before = owner.get(RUNS).json()["total"]

    answer = viewer.post(f"{RUNS}{path.replace('RUN', run)}", json=body)

    assert viewer.get(f"{RUNS}/{run}").status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (403, "viewer_cannot_write")
    assert owner.get(RUNS).json()["total"] == before


def test_somebody_elses_training_is_not_stopped_and_goes_on(
    people: dict[str, Client],
) -> None:
    owner, member = people["owner"], people["member"]
    shown, hidden = launched(owner, "long", visibility="team"), launched(owner, "long")
    begun(owner, shown)
    begun(owner, hidden)

    of_team = [member.post(f"{RUNS}/{shown}/{way}") for way in ("stop", "relaunch")]
    private = [member.post(f"{RUNS}/{hidden}/{way}") for way in ("stop", "relaunch")]
    body = {"action": "stop", "runs": [shown, hidden]}
    bulk = member.post(f"{RUNS}/bulk", json=body).json()
    private.append(member.post(f"{RUNS}/{hidden}/rerun", json={}))

    belongs = "this run belongs to somebody else; only its owner may change it"
    assert [(each.status_code, each.json()["detail"]) for each in of_team] == [(403, belongs)] * 2
    assert [each.status_code for each in private] == [404, 404, 404]
    assert bulk["done"] == []
    assert {each["id"] for each in bulk["failed"]} == {shown, hidden}
    for run in (shown, hidden):
        found = owner.get(f"{RUNS}/{run}").json()
        assert (found["status"], found["stop_requested"]) == ("running", False)
        _ = owner.post(f"{RUNS}/{run}/stop")
        assert ended(owner, run)[0] == "stopped"


def test_what_a_team_shows_a_member_launches_again_as_an_own_run(
    people: dict[str, Client],
) -> None:
    owner, member = people["owner"], people["member"]
    run = launched(owner, "say", visibility="team")

    own = member.post(f"{RUNS}/{run}/rerun", json={}).json()

    assert own["user_id"] == member.get("/api/auth/me").json()["id"]
    assert ended(member, own["id"]) == ended(owner, run) == ("completed", "")


# ---------------------------------------------------------------------- a full disk
@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    _ = (tmp_path / "config.toml").write_text(CONFIG)
    with running(tmp_path) as started:
        yield started


def test_a_full_disk_refuses_launches_ends_no_training_and_records_its_end_in_time(
    server: Server,
) -> None:
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    _, hard = process.rlimit(resource.RLIMIT_FSIZE)
    with server.client() as client:
        run = launched(client, "waits")
        begun(client, run)
        _ = run_when(client, run, lambda found: found["status"] == "running")
        command = psutil.Process(int(_state(server, run)["pid"]))
        process.rlimit(resource.RLIMIT_FSIZE, (0, hard))  # it can write to no file any more

        refused = client.post(RUNS, json=launch_of("say"))
        (server.home / "runs" / run / "go").touch()
        wait_for(lambda: "code" in _state(server, run), "the training did not end")
        meanwhile = client.get(f"{RUNS}/{run}").json()
        process.rlimit(resource.RLIMIT_FSIZE, (hard, hard))

        assert not command.is_running()
        assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
        assert meanwhile["status"] == "running"
        assert ended(client, run) == ("completed", "")
        assert lines(client, run) == ["begun", "over"]
        assert ended(client, launched(client, "say")) == ("completed", "")


def _state(server: Server, run: str) -> dict[str, Any]:
    content = (server.home / "runs" / run / "state.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, Any])
