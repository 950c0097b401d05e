import json
import signal
from pathlib import Path

import psutil
import pytest
from cli.axon import Axon

from axonml.client.api import Client
from axonml.training.types import Run

SCRIPT = """
import sys
import axonml
run = axonml.init(project="own", config={"from": "script", "lr": 1}, tags=["mine"], system=False)
print("hello", *sys.argv[1:], flush=True)
print("a warning", file=sys.stderr)
for step in range(20):
    run.log({"loss": 1 / (step + 1)})
"""


def only_run(axon: Axon, name: str) -> tuple[Run, list[tuple[str, str]]]:
    with Client(axon.server_url, home=axon.home) as client:
        [run] = [run for run in client.runs().items if run.name == name]
        lines = client.log_lines(run.id).items
    return run, [(line.level, line.message) for line in lines]


def test_a_script_runs_as_a_run_with_its_output_as_the_log(running: Axon, tmp_path: Path) -> None:
    script = tmp_path / "good.py"
    _ = script.write_text(SCRIPT)

    options = ("--project", "p", "--set", "lr=1e-3", "--set", "opt=adam")
    done = running.run("train", str(script), *options, "--", "--epochs", "3")

    run, lines = only_run(running, "good")
    assert (done.returncode, done.stdout) == (0, "hello --epochs 3\n")
    assert "a warning" in done.stderr
    assert (run.project, run.status, run.tags) == ("p", "completed", ("mine",))
    assert run.config == {
        "script": str(script),
        "arguments": ["--epochs", "3"],
        "from": "script",
        "lr": 0.001,
        "opt": "adam",
    }
    assert run.summary["loss"] == 0.05
    assert sorted(lines) == [("info", "hello --epochs 3"), ("warning", "a warning")]


def test_a_script_that_fails_fails_its_run_with_its_exit_code(
    running: Axon, tmp_path: Path
) -> None:
    script = tmp_path / "bad.py"
    _ = script.write_text(SCRIPT + "\nsys.exit(7)")

    done = running.run("train", str(script))

    run, _ = only_run(running, "bad")
    assert done.returncode == 7
    assert (run.status, run.reason) == ("failed", "the script exited with 7")
    assert run.summary["loss"] == 0.05


def test_a_script_that_is_killed_says_by_what(running: Axon, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    _ = script.write_text(SCRIPT + "\nimport os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    done = running.run("train", str(script))

    run, _ = only_run(running, "killed")
    assert done.returncode == 128 + signal.SIGKILL
    assert (run.status, run.reason) == ("failed", "ended by SIGKILL")
    assert run.summary["loss"] == 0.05


WAITS = SCRIPT + "\nimport signal; print('ready', flush=True); signal.pause()"


def test_ctrl_c_stops_script_and_run(running: Axon, tmp_path: Path) -> None:
    script = tmp_path / "waits.py"
    _ = script.write_text(WAITS)

    with running.begin("train", str(script)) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line == "ready\n":
                break
        child.send_signal(signal.SIGINT)
        _ = child.communicate(timeout=60)

    run, _ = only_run(running, "waits")
    assert (run.status, run.reason) == ("stopped", "stopped by the user")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_ends_the_command_ends_the_script(
    running: Axon, tmp_path: Path, number: signal.Signals
) -> None:
    script = tmp_path / f"ended-by-{number.name}.py"
    _ = script.write_text(WAITS.replace("'ready'", "'pid', __import__('os').getpid()"))

    with running.begin("train", str(script)) as child:
        assert child.stdout is not None
        pid = next(int(line.split()[1]) for line in child.stdout if line.startswith("pid "))
        child.send_signal(number)
        _ = child.communicate(timeout=60)

    run, _ = only_run(running, script.stem)
    assert not psutil.pid_exists(pid)
    assert child.returncode == 128 + number
    assert (run.status, run.reason) == ("stopped", "stopped by the user")


def test_a_script_goes_on_when_nobody_reads_what_it_prints(running: Axon, tmp_path: Path) -> None:
    script = tmp_path / "chatty.py"
    # More than a pipe holds, and characters of two bytes across every border between reads.
    _ = script.write_text("for i in range(2000): print(i, 'é' * 100)")

    with running.begin("train", str(script)) as child:
        assert child.stdout is not None
        _ = child.stdout.readline()
        child.stdout.close()
        assert child.wait(60) == 0

    with Client(running.server_url, home=running.home) as client:
        [run] = [run for run in client.runs().items if run.name == "chatty"]
        content = client.log_lines(run.id, limit=1000).items
    assert run.status == "completed"
    assert [line.message for line in content] == [f"{i} {'é' * 100}" for i in range(1000)]


def test_a_stop_asked_for_on_the_page_ends_the_script(running: Axon, tmp_path: Path) -> None:
    script = tmp_path / "stopped.py"
    _ = script.write_text(WAITS)

    with running.begin("train", str(script)) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line == "ready\n":
                break
        with Client(running.server_url, home=running.home) as client:
            run = client.runs().items[0]
            _ = client.call("POST", f"/api/training/runs/{run.id}/stop", Run)
        _ = child.communicate(timeout=60)

    run, _ = only_run(running, "stopped")
    assert run.status == "stopped"


def test_no_script_is_one_line(running: Axon) -> None:
    done = running.run("train", "nowhere.py")

    assert (done.returncode, done.stderr) == (1, "axon: there is no file nowhere.py\n")


def test_what_the_command_line_leaves_out_the_script_says(running: Axon, tmp_path: Path) -> None:
    script = tmp_path / "own.py"
    _ = script.write_text(SCRIPT.replace('init(project="own"', 'init("own", "named by itself"'))

    done = running.run("train", str(script), "--tag", "a", "--tag", "b")

    run, _ = only_run(running, "named by itself")
    assert done.returncode == 0
    assert (run.project, run.tags) == ("own", ("a", "b"))


def test_a_built_in_trainer_is_launched_and_followed(running: Axon) -> None:
    options = ("--builtin", "gradient_boosting", "--dataset", "iris", "--set", "iterations=3")

    said = running.ok("train", *options)
    detached = json.loads(running.ok("train", *options, "--detach", "--json"))
    wrong = running.run("train", *options, "--set", "iterations=-3")

    assert "held-out rows" in said
    assert said.splitlines()[-1] == "completed"
    assert detached["launch"]["params"]["iterations"] == 3
    assert wrong.returncode == 1
    assert "iterations" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_script_and_a_built_in_trainer_are_one_too_many(running: Axon, tmp_path: Path) -> None:
    script = tmp_path / "both.py"
    _ = script.write_text(SCRIPT)

    done = running.run("train", "--builtin", "sklearn", "--dataset", "wine", str(script))

    assert done.returncode == 1
    assert "not both" in done.stderr


def test_a_train_without_anything_to_train_says_what_it_takes(running: Axon) -> None:
    nothing, odd = running.run("train"), running.run("train", "--builtin", "x", "--set", "lr")

    assert (nothing.returncode, odd.returncode) == (1, 1)
    assert "name a script" in nothing.stderr
    assert "key=value" in odd.stderr
