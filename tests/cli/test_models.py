import json
from pathlib import Path

import pytest
from cli.axon import Axon

from axonml.cli.digits import Classifier, load_digits
from axonml.cli.versions import split_version


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that classifies digits, not well: one step of training."""
    classifier = Classifier()
    _ = next(classifier.train(load_digits()))
    path = tmp_path_factory.mktemp("models") / "digits.onnx"
    _ = path.write_bytes(classifier.to_onnx())
    return path


@pytest.fixture(scope="module")
def pushed(running: Axon, model_file: Path) -> str:
    _ = running.ok("models", "push", "small", str(model_file), "--metric.accuracy", "0.5")
    _ = running.ok("models", "push", "small", str(model_file), "--description", "the same")
    return "small"


def test_a_pushed_model_is_listed_with_its_versions(running: Axon, pushed: str) -> None:
    [model] = json.loads(running.ok("models", "list", "--q", pushed, "--json"))

    assert (model["name"], model["latest_version"], model["n_versions"]) == (pushed, 2, 2)
    assert "small" in running.ok("models")


def test_a_pulled_file_is_the_one_that_was_pushed(
    running: Axon, pushed: str, model_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "pulled.onnx"

    said = running.ok("models", "pull", f"{pushed}:1", str(target))

    assert target.read_bytes() == model_file.read_bytes()
    assert str(target) in said


def test_a_deployed_version_answers_predictions(running: Axon, pushed: str, tmp_path: Path) -> None:
    rows = [[0.0] * 64, [0.5] * 64]
    file = tmp_path / "in.json"
    _ = file.write_text(json.dumps({"inputs": rows}))

    deployed = json.loads(running.ok("deploy", f"{pushed}:v1", "--as", "asked", "--json"))
    by_argument = running.ok("predict", "asked", json.dumps(rows))
    by_file = running.ok("predict", "asked", f"@{file}")
    by_input = running.ok("predict", "asked", "-", stdin=json.dumps(rows))
    whole = json.loads(running.ok("predict", "asked", json.dumps(rows), "--json"))

    assert (deployed["name"], deployed["version"], deployed["status"]) == ("asked", 1, "running")
    answers = [json.loads(line) for line in by_argument.splitlines()]
    assert [len(answer["probabilities"]) for answer in answers] == [10, 10]
    assert by_argument == by_file == by_input
    assert whole["outputs"]["label"] == [answer["label"] for answer in answers]
    assert whole["model_version"] == "v1"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("predict", "nothing", "[[1]]"), "there is no endpoint 'nothing'"),
        (("predict", "nothing", "[[1"), "the inputs are not JSON"),
        (("predict", "nothing", "@nowhere.json"), "nowhere.json: No such file"),
        (("models", "push", "m", "nowhere.onnx"), "nowhere.onnx: No such file"),
        (("models", "pull", "nothing"), "there is no model 'nothing'"),
        (("deploy", "nothing"), "there is no model 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    running: Axon, arguments: tuple[str, ...], sentence: str
) -> None:
    done = running.run(*arguments)

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert sentence in line


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("digits", "digits", "latest"),
        ("digits:3", "digits", "3"),
        ("digits:v3", "digits", "3"),
        ("digits:champion", "digits", "champion"),
        ("digits:vintage", "digits", "vintage"),
    ],
)
def test_a_version_is_a_number_an_alias_or_the_latest(text: str, name: str, version: str) -> None:
    assert split_version(text) == (name, version)


def test_a_model_is_found_shown_and_tagged(running: Axon, pushed: str) -> None:
    assert running.ok("models", "tag", pushed, "vision", "small") == f"{pushed}: vision small\n"
    assert running.ok("models", "tag", pushed, "small", "--remove") == f"{pushed}: vision\n"
    assert running.ok("models", "tag", f"{pushed}:1", "first") == f"{pushed}:1: first\n"

    [found] = json.loads(running.ok("models", "list", "--tag", "vision", "--json"))
    shown = running.ok("models", "show", pushed)
    version = running.ok("models", "show", f"{pushed}:1")

    assert found["name"] == pushed
    assert "vision" in shown
    assert "accuracy=0.5" in shown
    assert "accuracy = 0.5" in version
    assert json.loads(running.ok("models", "show", f"{pushed}:1", "--json"))["tags"] == ["first"]


def test_an_alias_moves_with_a_reason_that_the_history_keeps(running: Axon, pushed: str) -> None:
    first = running.ok("models", "alias", f"{pushed}:1", "champion")
    moved = running.ok("models", "alias", f"{pushed}:2", "champion", "--reason", "2 % better")
    told = running.ok("models", "history", pushed)
    events = json.loads(running.ok("models", "history", pushed, "--json"))
    gone = running.ok("models", "alias", pushed, "champion", "--remove")

    assert first == f"{pushed}:champion is v1 now\n"
    assert moved == f"{pushed}:champion is v2 now (it was v1)\n"
    assert "2 % better" in told
    assert (events[0]["action"], events[0]["previous_version"]) == ("alias_set", 1)
    assert gone == f"{pushed} has no alias champion any more\n"


def test_two_versions_are_compared_by_what_differs(running: Axon, pushed: str) -> None:
    told = running.ok("models", "compare", pushed, "1", "v2")
    whole = running.ok("models", "compare", pushed, "1", "2", "--all")

    assert "accuracy" in told
    assert "sha256" not in told
    assert "sha256" in whole


def test_a_card_is_replaced_and_printed(running: Axon, pushed: str, tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    _ = card.write_text("# Digits\n\n[red] is a word here, no colour.")

    said = running.ok("models", "card", pushed, str(card))

    assert "characters" in said
    assert running.ok("models", "card", pushed) == f"{card.read_text()}\n"


def test_a_version_is_approved_and_that_withdrawn(running: Axon, pushed: str) -> None:
    approved = running.ok("models", "approve", f"{pushed}:1", "--reason", "checked")
    version = json.loads(running.ok("models", "show", f"{pushed}:1", "--json"))
    withdrawn = running.ok("models", "approve", f"{pushed}:1", "--withdraw")

    assert approved == f"{pushed} v1: approved\n"
    assert version["approval"]["reason"] == "checked"
    assert withdrawn == f"{pushed} v1: approval withdrawn\n"


def test_nothing_is_deleted_unasked(running: Axon, model_file: Path) -> None:
    for _ in range(2):
        _ = running.ok("models", "push", "fleeting", str(model_file))

    unasked = running.run("models", "delete", "fleeting")
    version = running.ok("models", "delete", "fleeting:1", "--yes")
    model = running.ok("models", "delete", "fleeting", "--yes")

    assert unasked.returncode == 1
    assert "--yes" in unasked.stderr
    assert (version, model) == ("fleeting v1 is deleted\n", "fleeting is deleted\n")
    assert json.loads(running.ok("models", "list", "--q", "fleeting", "--json")) == []
