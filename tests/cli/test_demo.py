import re
import signal

import pytest
from cli.axon import Axon

from axonml.cli.processes import Part
from axonml.client.api import Client


def client_of(axon: Axon) -> Client:
    return Client(axon.server_url, home=axon.home)


@pytest.mark.slow
def test_the_demo_shows_everything_at_work_and_a_second_one_too(axon: Axon) -> None:
    first = axon.run("demo", "--epochs", "4")
    second = axon.run("demo", "--epochs", "2")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "backend and frontend started" in first.stdout
    assert "the services run already" in second.stdout
    assert re.search(rf"{axon.page_url}/login#link=\S+", first.stdout)
    assert "registered digits v1 (onnx" in first.stdout
    assert "registered digits v2 (onnx" in second.stdout
    assert "endpoint digits is running with v2" in second.stdout
    right = re.search(r"(\d+) of 100 held-out images right", first.stdout)
    assert right
    assert int(right[1]) > 70
    with client_of(axon) as client:
        run = client.runs().items[-1]
        [model] = client.models().items
        version = client.version(model.id, 1)
        [endpoint] = client.endpoints().items
    assert (run.project, run.status) == ("digits", "completed")
    assert run.summary.keys() >= {"loss", "accuracy", "lr", "epoch", "memory_mb", "system/cpu"}
    assert run.summary["accuracy"] == version.metrics["accuracy"]
    assert (version.training_run_id, version.servable) == (run.id, True)
    assert (endpoint.status, endpoint.version) == ("running", 2)


@pytest.mark.slow
def test_ctrl_c_stops_the_run_and_leaves_everything_clean(axon: Axon) -> None:
    with axon.begin("demo") as child:
        assert child.stdout is not None
        for line in child.stdout:
            if "training on" in line:
                break
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)

    with client_of(axon) as client:
        [run] = client.runs().items
    assert child.returncode == 130, out + err
    assert "Traceback" not in out + err
    assert (run.status, run.reason) == ("stopped", "interrupted from the keyboard")
    assert not list((axon.home / "spool").iterdir())
    assert axon.pid(Part.BACKEND) is not None
