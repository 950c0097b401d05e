import os
import subprocess
import sys
from pathlib import Path

import pytest
from client.fake_server import FakeServer

from axonml.client.family import known_to_children, run_of_parent
from axonml.ids import new_id

# A script without a guard around `init`: a spawned process runs it again from the top.
SPAWNED = """
import multiprocessing, os
import axonml

run = axonml.init("p", server=os.environ["URL"], token="secret", system=False)

def handed(run, number):
    run.log({"handed": float(number)}, step=number)

def found(number):
    axonml.log({"found": float(number)}, step=number)

if __name__ == "__main__":
    run.log({"parent": 1.0})
    context = multiprocessing.get_context("spawn")
    workers = [
        *(context.Process(target=handed, args=(run, number)) for number in range(2)),
        *(context.Process(target=found, args=(number,)) for number in range(2)),
    ]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    with context.Pool(2) as pool:
        pool.map(found, range(2, 4))
        pool.close()
        pool.join()
    run.log({"parent": 2.0})
"""


def test_spawned_processes_log_to_the_run_of_their_parent_which_ends_it(
    server: FakeServer, home: Path, tmp_path: Path
) -> None:
    script = tmp_path / "spawned.py"
    _ = script.write_text(SPAWNED)

    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "URL": server.url, "AXONML_HOME": str(home)},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    [run] = server.runs
    assert server.points(run, "parent") == [(0, 1.0), (1, 2.0)]
    assert sorted(server.points(run, "handed")) == [(0, 0.0), (1, 1.0)]
    assert sorted(server.points(run, "found")) == [(i, float(i)) for i in range(4)]
    assert server.runs[run]["status"] == "completed"
    assert not list((home / "spool").iterdir())


def test_a_program_that_a_script_starts_has_runs_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AXON_PARENT_RUN", "")
    known_to_children(new_id())
    code = "from axonml.client.family import run_of_parent; print(run_of_parent())"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "None"
    assert run_of_parent() is None


# Parent and child run the same loop at once, as with a `fork` in the middle of training.
BOTH = """
import multiprocessing, os
import axonml

def train(run, n, rank=None):
    for step in range(n):
        run.log({"loss": float(step)}, step=step)
        run.log({"own": float(step)}, step=step) if rank is not None else None

def child(run, rank):
    train(axonml.init(rank=rank) if os.environ["SAYS"] == "rank" else run, 300, rank)

if __name__ == "__main__":
    run = axonml.init("p", server=os.environ["URL"], token="secret", system=False)
    run.log({"loss": 0.0}, step=0)
    context = multiprocessing.get_context(os.environ["METHOD"])
    worker = context.Process(target=child, args=(run, 1))
    worker.start()
    for step in range(1, 300):
        run.log({"loss": float(step)}, step=step)
    worker.join()
    assert worker.exitcode == 0
"""
EVERY = [(step, float(step)) for step in range(300)]


def ran(script: str, server: FakeServer, home: Path, tmp_path: Path, **said: str) -> str:
    """Run a script in a process of its own; return what it said on standard error."""
    file = tmp_path / "both.py"
    _ = file.write_text(script)
    done = subprocess.run(
        [sys.executable, str(file)],
        env={**os.environ, "URL": server.url, "AXONML_HOME": str(home), **said},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_parent_and_child_never_write_one_step_of_one_metric_twice(
    server: FakeServer, home: Path, tmp_path: Path, method: str
) -> None:
    said = ran(BOTH, server, home, tmp_path, METHOD=method, SAYS="nothing")

    [run] = server.runs
    assert server.points(run, "loss") == EVERY
    assert server.points(run, "child/loss") == EVERY
    assert server.points(run, "own") == EVERY
    assert "axonml.init(rank=N) gives a process names of its own" in said
    assert server.runs[run]["status"] == "completed"
    assert not list((home / "spool").iterdir())


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_that_says_its_rank_logs_under_names_of_its_own(
    server: FakeServer, home: Path, tmp_path: Path, method: str
) -> None:
    said = ran(BOTH, server, home, tmp_path, METHOD=method, SAYS="rank")

    [run] = server.runs
    assert server.points(run, "loss") == EVERY
    assert server.points(run, "rank1/loss") == EVERY
    assert server.points(run, "rank1/own") == EVERY
    assert "names of its own" not in said
    assert server.runs[run]["status"] == "completed"


# Both go on with one loop, without multiprocessing, and both leave by the end of the script.
FORKED = """
import os
import axonml

run = axonml.init("p", server=os.environ["URL"], token="secret", system=False)
run.log({"loss": 0.0})
child = os.fork()
if child == 0 and os.environ["SAYS"] == "rank":
    run = axonml.init(rank=2)
for step in range(1, 300):
    run.log({"loss": float(step)})
if child:
    _, status = os.waitpid(child, 0)
    assert status == 0
"""


@pytest.mark.parametrize(("says", "name"), [("nothing", "child/loss"), ("rank", "rank2/loss")])
def test_after_a_bare_fork_both_go_on_without_writing_over_each_other(
    server: FakeServer, home: Path, tmp_path: Path, says: str, name: str
) -> None:
    _ = ran(FORKED, server, home, tmp_path, SAYS=says)

    [run] = server.runs
    assert server.points(run, "loss") == EVERY
    assert [value for _, value in server.points(run, name)] == [v for _, v in EVERY[1:]]
    assert server.runs[run]["status"] == "completed"
    assert not list((home / "spool").iterdir())
