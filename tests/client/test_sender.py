import pytest
from client.fake_server import FakeServer, Fault

import axonml
from axonml.client import delivery, sender
from axonml.client.run import Run


def a_run(server: FakeServer) -> Run:
    return axonml.init("p", "n", server=server.url, token=server.token, system=False)


def test_points_arrive_while_the_script_goes_on(server: FakeServer) -> None:
    run = a_run(server)

    run.log({"loss": 1.0})
    server.wait_for(lambda: server.points(run.id, "loss") == [(0, 1.0)])
    run.log({"loss": 0.5})
    server.wait_for(lambda: len(server.points(run.id, "loss")) == 2)

    assert run.finish()
    assert server.runs[run.id]["status"] == "completed"


def test_a_server_that_is_away_and_comes_back_misses_nothing(server: FakeServer) -> None:
    run = a_run(server)
    run.log({"loss": 0.0})
    server.wait_for(lambda: len(server.points(run.id, "loss")) == 1)

    server.stop()
    for step in range(1, 500):
        run.log({"loss": float(step)})
    server.start()

    assert run.finish()
    assert server.points(run.id, "loss") == [(step, float(step)) for step in range(500)]


def test_a_run_that_began_without_a_server_is_there_once_there_is_one(server: FakeServer) -> None:
    server.stop()
    run = a_run(server)
    run.log({"loss": 1.0})
    server.start()

    server.wait_for(lambda: server.points(run.id, "loss") == [(0, 1.0)])

    assert run.finish()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_asked_again_until_it_has_everything(
    server: FakeServer, status: int
) -> None:
    server.faults.append(Fault("/runs", 1, status=status))
    server.faults.append(Fault("/metrics", 2, status=status))
    server.faults.append(Fault("/metrics", 1, drop_answer=True))
    server.faults.append(Fault("/finish", 1, status=status))
    run = a_run(server)

    for step in range(20):
        run.log({"loss": float(step)})

    assert run.finish()
    assert server.points(run.id, "loss") == [(step, float(step)) for step in range(20)]
    assert server.runs[run.id]["status"] == "completed"


def test_a_token_that_is_refused_is_warned_of_once_and_the_points_are_kept(
    server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run = axonml.init("p", server=server.url, token="wrong", system=False)
    for _ in range(5):
        run.log({"loss": 1.0})
    server.wait_for(lambda: "POST /api/training/runs" in server.requests)

    assert not run.finish(timeout_s=0.2)

    said = capsys.readouterr().err
    assert said.count("sign in first") == 1
    assert f"5 records are kept in {run._spool.folder}" in said
    assert list(run._spool.folder.glob("*.seg"))


def test_a_stop_asked_for_on_the_page_is_seen_by_the_script(server: FakeServer) -> None:
    server.stop_requested = True
    run = a_run(server)
    before = run.should_stop

    run.log({"loss": 1.0})
    server.wait_for(lambda: run.should_stop)

    assert not before
    assert run.finish()
    assert server.runs[run.id]["status"] == "stopped"


def test_a_run_deleted_on_the_server_is_said_once_and_holds_nobody_up(
    server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run = a_run(server)
    run.log({"loss": 1.0})
    server.wait_for(lambda: len(server.points(run.id, "loss")) == 1)

    del server.runs[run.id]
    run.log({"loss": 2.0})

    assert not run.finish(timeout_s=30)
    assert "is gone from the server" in capsys.readouterr().err


def test_the_disk_is_free_again_once_the_server_has_everything(server: FakeServer) -> None:
    run = a_run(server)
    run.log({"loss": 1.0})
    folder = run._spool.folder
    was_there = folder.is_dir()

    assert run.finish()

    assert was_there
    assert not folder.parent.exists()


def test_a_run_of_somebody_else_is_said_once_and_holds_nobody_up(
    server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults.append(Fault("/runs", 1, status=409))
    run = a_run(server)
    run.log({"loss": 1.0})

    assert not run.finish(timeout_s=30)
    assert "is somebody else's" in capsys.readouterr().err


def test_points_whose_files_somebody_removed_are_said_to_be_lost(
    server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.stop()
    run = a_run(server)
    run.log({"loss": 1.0})
    for segment in run._spool.folder.glob("*.seg"):
        segment.unlink()
    server.start()

    assert run.finish()
    assert "1 records are no longer in" in capsys.readouterr().err


def test_a_script_that_logs_nothing_says_that_it_lives_and_hears_of_a_stop(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "HEARTBEAT_S", 0.2)
    run = a_run(server)
    heartbeat = f"POST /api/training/runs/{run.id}/heartbeat"

    server.wait_for(lambda: server.requests.count(heartbeat) >= 2)
    server.stop_requested = True
    server.wait_for(lambda: run.should_stop)

    assert run.finish()


def test_a_server_without_heartbeats_is_asked_once_and_gets_the_points(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(delivery, "HEARTBEAT_S", 0.1)
    server.faults.append(Fault("/heartbeat", 1, status=404))
    run = a_run(server)
    heartbeat = f"POST /api/training/runs/{run.id}/heartbeat"
    server.wait_for(lambda: heartbeat in server.requests)

    run.log({"loss": 1.0})

    assert run.finish()
    assert server.points(run.id, "loss") == [(0, 1.0)]
    assert server.requests.count(heartbeat) == 1
    assert "warning" not in capsys.readouterr().err


def test_a_deleted_run_keeps_its_points_on_disk_and_gets_them_when_it_is_restored(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sender, "_REFUSED_S", 0.1)
    run = a_run(server)
    server.faults.append(Fault("/metrics", 2, status=410))

    run.log({"loss": 1.0})
    server.wait_for(lambda: server.points(run.id, "loss") == [(0, 1.0)])

    assert run.finish()
    assert capsys.readouterr().err.count("is gone from the server") == 1
