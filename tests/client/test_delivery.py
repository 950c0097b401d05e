from collections.abc import Generator
from pathlib import Path

import pytest
from client.fake_server import FakeServer, Fault

from axonml.client import packing
from axonml.client.api import Client
from axonml.client.delivery import Delivery, register
from axonml.client.problems import AxonmlError
from axonml.client.spool import Meta, Spool

RUN = "01M83DB0F5XM97K3QZTFSR67R3"


def a_spool(server: FakeServer, home: Path) -> Spool:
    body = {"id": RUN, "name": "n", "project": "p", "config": {"lr": 0.1}}
    return Spool(home / "spool" / RUN, Meta(server.url, body), lambda: None)


@pytest.fixture
def uplink(server: FakeServer, home: Path) -> Generator[Client, None, None]:
    with Client(server.url, server.token, home=home) as client:
        yield client


def test_a_batch_whose_answer_was_lost_is_stored_once(
    server: FakeServer, uplink: Client, home: Path
) -> None:
    spool = a_spool(server, home)
    for step in range(10):
        spool.append(step, {"loss": float(step)})
    register(uplink, spool.meta)
    delivery = Delivery(RUN, spool.folder, uplink)
    server.faults.append(Fault("/metrics", 1, drop_answer=True))

    with pytest.raises(AxonmlError):
        _ = delivery.step()
    spool.append(10, {"loss": 10.0})
    acknowledged = delivery.all()

    assert server.points(RUN, "loss") == [(step, float(step)) for step in range(11)]
    assert acknowledged == 11
    spool.close()


def test_another_delivery_of_the_same_folder_goes_on_where_the_first_stopped(
    server: FakeServer, uplink: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = a_spool(server, home)
    for step in range(10):
        spool.append(step, {"loss": float(step)})
    register(uplink, spool.meta)
    first = Delivery(RUN, spool.folder, uplink)
    first._limit = 4

    _ = first.step()
    _ = Delivery(RUN, spool.folder, uplink).all()

    assert server.points(RUN, "loss") == [(step, float(step)) for step in range(10)]
    spool.close()


def test_a_record_that_the_server_refuses_is_left_out_and_the_others_arrive(
    server: FakeServer, uplink: Client, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.refused_name = "poison"
    spool = a_spool(server, home)
    for step in range(100):
        spool.append(step, {"poison" if step == 37 else "loss": float(step)})
    register(uplink, spool.meta)

    _ = Delivery(RUN, spool.folder, uplink).all()

    steps = [step for step, _ in server.points(RUN, "loss")]
    assert steps == [step for step in range(100) if step != 37]
    assert "refuses a record with 'poison'" in capsys.readouterr().err
    spool.close()


def test_lines_of_text_arrive_once_though_their_batch_is_sent_again(
    server: FakeServer, uplink: Client, home: Path
) -> None:
    spool = a_spool(server, home)
    spool.append(None, {"info": "hello"})
    spool.append(0, {"loss": 1.0})
    register(uplink, spool.meta)
    delivery = Delivery(RUN, spool.folder, uplink)
    server.faults.append(Fault("/metrics", 2, status=503))

    for _ in range(2):
        with pytest.raises(AxonmlError, match="a fault"):
            _ = delivery.step()
    _ = delivery.all()

    assert server.lines[RUN] == ["hello"]
    assert server.points(RUN, "loss") == [(0, 1.0)]
    spool.close()


def test_lines_whose_answer_was_lost_are_stored_once_also_by_another_process(
    server: FakeServer, uplink: Client, home: Path
) -> None:
    spool = a_spool(server, home)
    spool.append(None, {"info": "hello"})
    spool.append(0, {"loss": 1.0})
    spool.append(None, {"warning": "world"})
    register(uplink, spool.meta)
    server.faults.append(Fault("/log", 1, drop_answer=True))

    with pytest.raises(AxonmlError):
        _ = Delivery(RUN, spool.folder, uplink).step()
    _ = Delivery(RUN, spool.folder, uplink).all()

    assert server.lines[RUN] == ["hello", "world"]
    spool.close()


def test_a_long_backlog_travels_in_several_batches_in_order(
    server: FakeServer, uplink: Client, home: Path
) -> None:
    n = packing.MAX_RECORDS * 2 + 1
    spool = a_spool(server, home)
    for step in range(n):
        spool.append(step, {"loss": 0.5})
    register(uplink, spool.meta)

    acknowledged = Delivery(RUN, spool.folder, uplink).all()

    assert acknowledged == n
    assert [batch.first_seq for batch in server.batches[RUN]] == [1, 5001, 10001]
    assert len(server.points(RUN, "loss")) == n
    spool.close()


def test_a_configuration_that_changed_is_told_to_a_run_that_is_there(
    server: FakeServer, uplink: Client, home: Path
) -> None:
    spool = a_spool(server, home)
    register(uplink, spool.meta)
    changed = {**spool.meta.run, "config": {"lr": 0.2}}

    register(uplink, Meta(server.url, changed))

    assert server.runs[RUN]["config"] == {"lr": 0.2}


def test_a_run_whose_description_is_refused_keeps_its_points(
    server: FakeServer, uplink: Client, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = a_spool(server, home)
    server.faults.append(Fault("/runs", 1, status=413))

    register(uplink, spool.meta)

    assert server.runs[RUN]["name"] == "n"
    assert "config" not in server.runs[RUN]
    assert "refuses what describes the run" in capsys.readouterr().err
