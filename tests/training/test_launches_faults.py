"""Launches that go wrong: what cannot start, and what goes on when nobody looks after it."""

import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest
from launching import RUNS, begun, ended, launched, lines, pid_of, run_when, runner_of, wait_for
from product import Server, running

from axonml.auth.store import AuthStore, StoredToken
from axonml.clock import now
from axonml.config import Config
from axonml.ids import UserId, new_id
from axonml.storage.open import open_storage
from axonml.training.store import RunStore
from axonml.training.types import Run, RunStatus

CONFIG = """
[launch]
grace_s = 1.0
[launch.entrypoints]
say = ["/bin/sh", "-c", "echo hello $0"]
long = ["/bin/sh", "-c", "echo begun; sleep 100"]
family = ["/bin/sh", "-c", "sleep 99 & setsid sleep 99 & env -i sleep 99 & echo begun; wait"]
[launch.entrypoints.late]
command = ["/bin/sh", "-c", "echo begun; exec sleep 100"]
max_seconds = 0.5
[launch.entrypoints.nowhere]
command = ["/bin/sh", "-c", "echo begun"]
cwd = "/no/such/folder"
[launch.entrypoints.there]
command = ["/bin/sh", "-c", "pwd; echo $AXON_CONFIG"]
cwd = "/usr"
"""
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


@pytest.fixture
def home(tmp_path: Path) -> Path:
    _ = (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    home = tmp_path_factory.mktemp("home")
    _ = (home / "config.toml").write_text(CONFIG)
    with running(home) as started:
        yield started


@pytest.fixture
def client(server: Server) -> Generator[httpx.Client]:
    with server.client() as found:
        yield found


async def changed(home: Path, run: str, change: Callable[[Run], Run]) -> None:
    """Change a run as it is stored, while no server runs."""
    storage = await open_storage(Config(home))
    _ = await RunStore(storage.documents).runs.update(run, change)
    await storage.close()


def replaced(**fields: object) -> Callable[[Run], Run]:
    return lambda run: msgspec.structs.replace(run, **fields)


# ---------------------------------------------------------------------- what cannot start
def test_a_training_that_finds_no_room_for_its_parameters_says_so(
    client: httpx.Client, server: Server
) -> None:
    run = new_id()
    folder = server.home / "runs" / run
    folder.mkdir(parents=True)
    # Every write to it is ENOSPC, as on a full disk.
    (folder / "params.json").symlink_to("/dev/full")
    body = {"id": run, "name": "x", "model_type": "sklearn", "config": {"dataset": "iris"}}

    _ = client.post(RUNS, json=body)

    assert ended(client, run) == ("failed", "cannot start: No space left on device")


def test_a_training_whose_folder_cannot_be_made_says_so(
    client: httpx.Client, server: Server
) -> None:
    run = new_id()
    (server.home / "runs").mkdir(exist_ok=True)
    (server.home / "runs" / run).touch()

    _ = launched(client, "say", id=run)

    status, reason = ended(client, run)
    assert status == "failed"
    assert reason.startswith(f"cannot start: Not a directory: {server.home / 'runs' / run}")


def test_a_working_folder_that_is_gone_says_so(client: httpx.Client) -> None:
    run = launched(client, "nowhere")

    reason = "cannot start in the folder /no/such/folder: No such file or directory"
    assert ended(client, run) == ("failed", reason)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_python_that_is_gone_or_broken_says_so(home: Path, *, is_there: bool) -> None:
    own = home / "venv"
    (own / "bin").mkdir(parents=True)
    python = own / "bin" / "python"
    python.symlink_to(Path(sys.executable).resolve())
    _ = shutil.copy(Path(sys.prefix) / "pyvenv.cfg", own)
    (own / "lib").symlink_to(Path(sys.prefix) / "lib")
    server = Server(home, python=str(python))
    server.start()
    try:
        python.unlink()
        if is_there:
            _ = python.write_text("#!/bin/sh\necho no such library >&2\nexit 1\n")
            python.chmod(0o755)
        with server.client() as client:
            status, reason = ended(client, launched(client, "say"))
    finally:
        _ = server.stop()

    why = "no such library" if is_there else f"No such file or directory: {python}"
    assert (status, reason) == ("failed", f"cannot start: {why}")


@pytest.mark.anyio
async def test_a_user_with_too_many_tokens_hears_of_it(home: Path) -> None:
    with running(home) as server:
        token = server.operator()["token"]
        with server.client(token) as client:
            user = UserId(client.get("/api/auth/me").json()["id"])
        server.kill()
        storage = await open_storage(Config(home))
        store = AuthStore(storage.documents)
        for _ in range(100 - len(await store.tokens_of(user))):
            await store.tokens.insert(a_token(user))
        await storage.close()
        server.start()
        with server.client(token) as client:
            status, reason = ended(client, launched(client, "say"))

    full = "there are 100 API tokens already; revoke some"
    assert (status, reason) == ("failed", f"cannot start: {full}")


def a_token(user: UserId) -> StoredToken:
    return StoredToken(
        id=new_id(),
        user_id=user,
        name="one of many",
        scopes=("read",),
        secret_hash="0" * 64,
        created_at=now(),
        expires_at=now() + timedelta(days=1),
    )


# ---------------------------------------------------------------------- the server goes
@pytest.mark.anyio
async def test_a_training_that_a_dying_server_had_not_started_is_started_by_the_next(
    home: Path,
) -> None:
    with running(home) as server:
        with server.client() as client:
            run = launched(client, "say", "you")
            assert ended(client, run) == ("completed", "")
        server.kill()
        # As it stands between the state `starting` and the start of the runner.
        starting = replaced(status=RunStatus.STARTING, started_at=now(), completed_at=None)
        await changed(home, run, starting)
        for each in ("job.json", "state.json"):
            (home / "runs" / run / each).unlink()
        server.start()

        with server.client() as client:
            assert ended(client, run) == ("completed", "")
            assert lines(client, run) == ["hello you", "hello you"]


@pytest.mark.anyio
async def test_a_training_deleted_as_its_server_died_is_stopped_by_the_next(home: Path) -> None:
    with running(home) as server:
        with server.client() as client:
            run = launched(client, "long")
            begun(client, run)
        process = psutil.Process(pid_of(server, run))
        server.kill()
        await changed(home, run, replaced(deleted_at=now()))
        server.start()

        _, alive = psutil.wait_procs([process], timeout=30)

        assert alive == []
        with server.client() as client:
            wait_for(lambda: status_in_trash(client) == "stopped", "its end was not recorded")


def status_in_trash(client: httpx.Client) -> str:
    [run] = client.get(RUNS, params={"deleted": "true"}).json()["items"]
    return str(run["status"])


@pytest.mark.anyio
async def test_a_training_ended_by_its_owner_as_the_server_died_is_ended_by_the_next(
    home: Path,
) -> None:
    with running(home) as server:
        with server.client() as client:
            run = launched(client, "long")
            begun(client, run)
        process = psutil.Process(pid_of(server, run))
        server.kill()
        await changed(home, run, replaced(status=RunStatus.STOPPED, completed_at=now()))
        server.start()

        _, alive = psutil.wait_procs([process], timeout=30)

        assert alive == []
        with server.client() as client:
            assert ended(client, run)[0] == "stopped"


@pytest.mark.anyio
async def test_a_waiting_training_that_was_deleted_does_not_begin_when_it_is_restored(
    home: Path,
) -> None:
    with running(home) as server:
        with server.client() as client:
            run = launched(client, "say")
            assert ended(client, run) == ("completed", "")
        server.kill()
        queued = replaced(status=RunStatus.QUEUED, deleted_at=now(), started_at=None)
        await changed(home, run, queued)
        server.start()
        with server.client() as client:
            _ = client.post(f"{RUNS}/{run}/restore")

            assert ended(client, run) == ("stopped", "stopped before it began")


# ---------------------------------------------------------------------- the runner goes
@pytest.fixture
def reaper() -> Generator[None]:
    """Let orphans come to this process, which reaps them at once as an init does."""
    libc = ctypes.CDLL(None)
    assert libc.prctl(SUBREAPER, 1) == 0
    yield
    assert libc.prctl(SUBREAPER, 0) == 0


def is_reaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # it is somebody else's still
        return False


@pytest.mark.usefixtures("reaper")
def test_what_a_killed_runner_leaves_is_ended_also_where_its_command_is_reaped_at_once(
    home: Path,
) -> None:
    with running(home) as server, server.client() as client:
        run = launched(client, "family")
        begun(client, run)
        command = psutil.Process(pid_of(server, run))
        wait_for(lambda: len(command.children()) == 3, "it has no children")
        family, runner = command.children(), runner_of(server, run)
        wait_for(lambda: {"sleep"} == {each.name() for each in family}, "they are not there yet")
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        try:
            runner.kill()
            wait_for(lambda: is_reaped(command.pid), "it goes on")
            assert not psutil.pid_exists(command.pid)
            assert all(each.is_running() for each in family)
        finally:
            server.process.send_signal(signal.SIGCONT)

        assert ended(client, run) == ("lost", "its runner was killed, so the training was ended")
        gone, _ = psutil.wait_procs(family, timeout=10)
        assert len(gone) == 3


@pytest.mark.usefixtures("reaper")
def test_what_a_killed_runner_leaves_is_ended_by_the_next_server(home: Path) -> None:
    with running(home) as server:
        with server.client() as client:
            run = launched(client, "family")
            begun(client, run)
        command = psutil.Process(pid_of(server, run))
        wait_for(lambda: len(command.children()) == 3, "it has no children")
        family, runner = command.children(), runner_of(server, run)
        server.kill()
        runner.kill()
        for pid in (runner.pid, command.pid):
            wait_for(lambda pid=pid: is_reaped(pid), "it goes on")
        server.start()

        gone, _ = psutil.wait_procs(family, timeout=30)

        assert len(gone) == 3
        with server.client() as client:
            assert ended(client, run)[0] == "lost"


# ---------------------------------------------------------------------- what the configuration says
def test_a_command_ends_at_its_time_limit(client: httpx.Client) -> None:
    run = launched(client, "late")

    assert ended(client, run) == ("failed", "time limit of 0.5 s")
    assert lines(client, run) == ["begun"]


def test_a_command_runs_in_its_folder_and_hears_its_configuration(client: httpx.Client) -> None:
    launch = {"kind": "entrypoint", "entrypoint": "there", "config": {"lr": 0.1}}
    run = client.post(RUNS, json={"name": "there", "launch": launch}).json()

    assert ended(client, run["id"]) == ("completed", "")
    assert lines(client, run["id"]) == ["/usr", '{"lr":0.1}']
    assert run["config"] == {"lr": 0.1, "entrypoint": "there", "args": []}
    assert run_when(client, run["id"], bool)["launch"]["config"] == {"lr": 0.1}
