import os
import subprocess
import sys
from pathlib import Path

import pytest

import axonml
from axonml.client.session import init
from axonml.client.spool import SpoolReader, read_meta
from axonml.ids import is_id, new_id


def test_a_run_is_described_as_its_script_asked(home: Path) -> None:
    run = init(
        "vision", "first", {"lr": 0.1}, tags=["a", "b"], notes="n", group="g", model_type="mlp",
        mode="offline", server="localhost:3411", system=False,
    )  # fmt: skip

    meta = read_meta(run._spool.folder)
    assert is_id(run.id)
    assert meta.server == "http://localhost:3411"
    assert meta.owns_run
    assert meta.run == {
        "id": run.id, "name": "first", "project": "vision", "model_type": "mlp",
        "config": {"lr": 0.1}, "tags": ["a", "b"], "notes": "n", "group": "g", "launch": None,
    }  # fmt: skip


def test_names_are_made_fit_for_the_server(home: Path) -> None:
    run = init(" p ", "a\nb\0c", tags=["", " t\n"], mode="offline", system=False)

    body = read_meta(run._spool.folder).run
    assert (body["project"], body["name"], body["tags"]) == ("p", "a bc", ["t"])


def test_what_init_does_not_know_is_warned_of_and_ignored(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = init("p", mode="offline", entity="me", reinit=True, system=False)

    assert run.project == "p"
    assert "init does not know entity, reinit; ignored" in capsys.readouterr().err


def test_an_id_that_is_none_and_a_mode_that_is_none_are_warned_of(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXON_MODE", "nonsense")
    run = init("p", run_id="nonsense", server="http://127.0.0.1:9", system=False)

    said = capsys.readouterr().err
    assert is_id(run.id)
    assert run.mode == "online"
    assert "a run's id is a ULID" in said
    assert "mode is online, offline or disabled" in said
    _ = run.finish(timeout_s=0)


def test_a_run_can_be_gone_on_with_by_its_id(home: Path) -> None:
    known = new_id()

    run = init("p", run_id=known, mode="offline", system=False)

    assert (run.id, read_meta(run._spool.folder).owns_run) == (known, True)


def test_in_a_launched_script_init_joins_the_run_it_was_started_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = new_id()
    monkeypatch.setenv("AXON_RUN_ID", known)

    run = init("p", mode="offline", system=False)

    assert (run.id, read_meta(run._spool.folder).owns_run) == (known, False)


def test_a_second_init_ends_the_first_run(home: Path) -> None:
    first = init("p", mode="offline", system=False)
    second = init("p", mode="offline", system=False)

    ending = read_meta(first._spool.folder).ending
    assert first.is_over
    assert ending is not None
    assert ending.status == "completed"
    assert not second.is_over


def test_the_functions_of_the_module_speak_of_the_current_run(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    axonml.log({"loss": 1.0})
    before = capsys.readouterr().err
    run = axonml.init("p", mode="offline", system=False)
    axonml.log({"loss": 0.5})
    is_sent = axonml.finish()

    assert "nothing is logged before axonml.init" in before
    assert run.summary["loss"] == 0.5
    assert not is_sent
    assert axonml.finish()
    with pytest.raises(RuntimeError, match=r"axonml\.init"):
        _ = axonml.log_model(b"", "m")


def test_init_does_not_wait_for_a_server_that_does_not_answer(home: Path) -> None:
    # An address that swallows packets: only a script that waited would take seconds.
    code = """
import time, axonml
init = axonml.init
started = time.monotonic()
run = init("p", server="http://10.255.255.1:3000", token="t")
run.log({"loss": 1.0})
print(time.monotonic() - started < 4.0)
run.finish(timeout_s=0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "True"


def test_the_names_of_the_package_are_those_that_it_lists() -> None:
    assert sorted(axonml.__all__) == [
        "AlertLevel", "Artifact", "AxonmlError", "BadArgument", "Client", "File", "Histogram",
        "Image", "Run", "Table", "Text", "alert", "define_metric", "finish", "init", "log",
        "log_artifact", "log_model", "save", "watch",
    ]  # fmt: skip
    assert set(axonml.__all__) <= set(dir(axonml))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = axonml.nonsense


# Scripts as people have them for another tracker; only the import is ours.
TYPICAL = [
    """
wandb.init(project="cats", config={"epochs": 2, "lr": 0.1})
config = wandb.config
for epoch in range(config.epochs):
    wandb.log({"loss": 1.0 / (epoch + 1), "lr": config.lr})
wandb.run.summary["best"] = 0.5
wandb.summary["other"] = 0.25
wandb.finish()
""",
    """
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args([])
run = wandb.init(project="cats", entity="team", job_type="train", config=args, reinit=True)
wandb.config.update({"epochs": 2}, allow_val_change=True)
wandb.define_metric("epoch")
wandb.define_metric("val/*", step_metric="epoch", summary="min")
run.log({"loss": 1.0}, commit=False)
run.log({"lr": run.config["lr"]}, step=None)
run.log({"loss": 0.5, "lr": 0.1}, step=1, commit=True)
wandb.alert(title="done", text="it ended", level=wandb.AlertLevel.WARN)
run.finish()
""",
    """
with wandb.init(project="cats", name="third", tags=["a"], config={"lr": 0.1}) as run:
    assert wandb.run is run
    run.config.epochs = 2
    for i in range(2):
        wandb.log({"loss": 1.0 / (i + 1), "lr": wandb.config["lr"]}, step=i)
    run.name = "renamed"
""",
]


@pytest.mark.parametrize("script", TYPICAL)
def test_a_typical_script_for_another_tracker_runs(home: Path, script: str) -> None:
    code = f"import argparse\nimport axonml as wandb\n{script}"

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "AXON_MODE": "offline"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    [folder] = (home / "spool").glob("*/*/")
    records = [each for each in SpoolReader(folder).read() if "loss" in each.values]
    assert [(each.step, each.values) for each in records] == [
        (0, {"loss": 1.0, "lr": 0.1}),
        (1, {"loss": 0.5, "lr": 0.1}),
    ]
    assert read_meta(folder).run["config"] == {"epochs": 2, "lr": 0.1}


def test_the_run_of_the_script_is_the_packages_own_while_it_lasts(home: Path) -> None:
    before = axonml.run
    begun = axonml.init("p", mode="offline", system=False)
    during = axonml.run, axonml.summary
    _ = axonml.finish()

    assert (before, during, axonml.run) == (None, (begun, begun.summary), None)
    with pytest.raises(AttributeError, match=r"once axonml\.init\(\.\.\.\) was called"):
        _ = axonml.summary


def test_a_run_that_must_be_resumed_is_named_as_it_was_asked_for() -> None:
    with pytest.raises(axonml.AxonmlError, match="nope"):
        _ = init(id="nope", resume="must", mode="offline", system=False)
