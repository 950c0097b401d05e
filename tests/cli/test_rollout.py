import json
from pathlib import Path

import onnx_models
import pytest
from cli.axon import Axon


@pytest.fixture(scope="module")
def served(running: Axon, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("models")
    for factor in (2.0, 10.0):
        path = onnx_models.saved(onnx_models.doubling(factor=factor), folder / f"{factor}.onnx")
        _ = running.ok("models", "push", "times", str(Path(path)))
    _ = running.ok("deploy", "times:1")
    return "times"


def test_a_version_is_tried_looked_at_and_taken(running: Axon, served: str) -> None:
    assert "has no rollout" in running.ok("rollout", "show", served)

    said = running.ok("rollout", "set", served, "--canary", "2", "--percent", "100")
    assert said == "100 of 100 requests to times go to 2\n"
    assert running.ok("predict", served, "[[1, 2, 3]]") == "[10.0,20.0,30.0]\n"
    state = json.loads(running.ok("rollout", "show", served, "--json"))
    table = running.ok("rollout", "show", served)

    assert state["canary"]["requests_total"] == 1
    assert "canary" in table
    assert running.ok("rollout", "promote", served) == "times serves times v2\n"
    assert running.ok("predict", served, "[[1, 2, 3]]") == "[10.0,20.0,30.0]\n"


def test_a_shadow_is_compared_until_the_rollout_ends(running: Axon, served: str) -> None:
    _ = running.ok("deploy", "times:1")
    _ = running.ok("rollout", "set", served, "--shadow", "2")
    assert running.ok("predict", served, "[[1, 2, 3]]") == "[2.0,4.0,6.0]\n"

    assert "0 of 1 answers of the shadow agree" in running.ok("rollout", "show", served)
    assert running.ok("rollout", "end", served) == "the rollout of times has ended\n"


def test_a_rollout_of_nothing_is_refused(running: Axon, served: str) -> None:
    _ = running.ok("deploy", "times:1")
    unnamed = running.run("rollout", "set", served)
    same = running.run("rollout", "set", served, "--canary", "1")
    none = running.run("rollout", "promote", served)

    assert "--canary or --shadow" in unnamed.stderr
    assert "v1 answers already" in same.stderr
    assert "no rollout to promote" in none.stderr
    assert {each.returncode for each in (unnamed, same, none)} == {1}
