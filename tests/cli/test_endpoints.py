import json
from pathlib import Path

import onnx_models
import pytest
from cli.axon import Axon


@pytest.fixture(scope="module")
def served(running: Axon, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("models") / "double.onnx"
    _ = onnx_models.saved(onnx_models.doubling(), path)
    _ = running.ok("models", "push", "double", str(Path(path)))
    _ = running.ok("deploy", "double", "--as", "doubling")
    return "doubling"


def test_an_endpoint_is_listed_shown_scaled_stopped_and_started(running: Axon, served: str) -> None:
    _ = running.ok("predict", served, "[[1, 2, 3]]")

    listed = json.loads(running.ok("endpoints", "list", "--json"))
    table = running.ok("endpoints")
    shown = json.loads(running.ok("endpoints", "show", served))

    assert [each["name"] for each in listed if each["name"] == served] == [served]
    assert "double:1" in table
    assert shown["config"]["max_batch_rows"] == 64
    assert running.ok("endpoints", "scale", served, "2") == "doubling has 2 replicas\n"
    assert running.ok("endpoints", "stop", served) == "doubling is stopped\n"
    stopped = running.run("predict", served, "[[1, 2, 3]]")
    assert stopped.returncode == 1
    assert "is stopped" in stopped.stderr
    assert running.ok("endpoints", "start", served) == "doubling serves double v1\n"
    assert running.ok("predict", served, "[[1, 2, 3]]") == "[2.0,4.0,6.0]\n"
    _ = running.ok("endpoints", "logs", served)


def test_the_replicas_of_an_endpoint_are_listed(running: Axon, served: str) -> None:
    replicas = json.loads(running.ok("endpoints", "replicas", served, "--json"))

    assert {(each["role"], each["version"]) for each in replicas} == {("main", 1)}
    assert all(each["memory_bytes"] > 1 << 20 for each in replicas)
    assert "MiB" in running.ok("endpoints", "replicas", served)
    _ = running.ok("endpoints", "logs", served, "--replica", "0")


def test_an_endpoint_is_deleted_only_when_that_is_meant(running: Axon, served: str) -> None:
    unasked = running.run("endpoints", "delete", served)
    missing = running.run("endpoints", "delete", "nothing", "--yes")
    deleted = running.ok("endpoints", "delete", served, "--yes")

    assert unasked.returncode == missing.returncode == 1
    assert "--yes" in unasked.stderr
    assert "there is no endpoint 'nothing'" in missing.stderr
    assert deleted == "doubling is deleted\n"
