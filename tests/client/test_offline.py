from pathlib import Path

from client.fake_server import FakeServer, Fault

import axonml
from axonml.client.offline import Synced, sync
from axonml.client.run import Run


def an_offline_run(server: FakeServer, name: str) -> Run:
    run = axonml.init("p", name, mode="offline", server=server.url, system=False)
    for step in range(10):
        run.log({"loss": float(step)})
    return run


def test_runs_are_sent_oldest_first_and_freed(server: FakeServer, home: Path) -> None:
    runs = [an_offline_run(server, name) for name in ("one", "two")]
    _ = axonml.finish("failed", reason="no luck")

    done = list(sync(home, token=server.token))

    assert done == [Synced(run.id, run.name, server.url, 10) for run in runs]
    assert [run["status"] for run in server.runs.values()] == ["completed", "failed"]
    assert server.points(runs[0].id, "loss") == [(step, float(step)) for step in range(10)]
    assert not list((home / "spool").iterdir())
    assert not list(sync(home, token=server.token))


def test_a_run_that_still_goes_on_is_left_to_its_script(server: FakeServer, home: Path) -> None:
    run = an_offline_run(server, "going on")

    done = list(sync(home, token=server.token))

    assert done == []
    assert run._spool.folder.is_dir()
    _ = run.finish()


def test_a_sync_that_is_cut_off_goes_on_where_it_was(server: FakeServer, home: Path) -> None:
    run = an_offline_run(server, "cut")
    _ = run.finish()
    server.faults.append(Fault("/metrics", 1, drop_answer=True))

    first = list(sync(home, token=server.token))
    second = list(sync(home, token=server.token))

    assert [bool(synced.problem) for synced in first + second] == [True, False]
    assert server.points(run.id, "loss") == [(step, float(step)) for step in range(10)]


def test_everything_can_be_sent_to_another_server(server: FakeServer, home: Path) -> None:
    _ = axonml.init("p", mode="offline", server="http://127.0.0.1:9", system=False).finish()

    [synced] = sync(home, server.url, server.token)

    assert (synced.server, synced.problem) == (server.url, "")


def test_a_folder_that_cannot_be_read_is_said_and_left(server: FakeServer, home: Path) -> None:
    run = an_offline_run(server, "damaged")
    _ = run.finish()
    _ = (run._spool.folder / "meta.json").write_text("{")

    [synced] = sync(home, token=server.token)

    assert "meta.json cannot be read" in synced.problem
    assert list(run._spool.folder.glob("*.seg"))
