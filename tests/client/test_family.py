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
