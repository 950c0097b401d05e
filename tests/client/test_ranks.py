import os
import subprocess
import sys
from pathlib import Path

import pytest
from client.fake_server import FakeServer

from axonml.client.ranks import Rank, agreed_run, this_rank
from axonml.ids import is_id


@pytest.mark.parametrize(
    ("environment", "rank"),
    [
        ({}, Rank(0, 0, 1)),
        ({"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "8"}, Rank(3, 1, 8)),
        ({"SLURM_PROCID": "2", "SLURM_LOCALID": "0", "SLURM_NTASKS": "4"}, Rank(2, 0, 4)),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, Rank(1, 0, 2)),
        ({"RANK": "none"}, Rank(0, 0, 1)),
    ],
)
def test_the_rank_is_what_the_launcher_says(environment: dict[str, str], rank: Rank) -> None:
    assert this_rank(environment=environment) == rank


def test_the_processes_of_a_job_agree_on_each_of_their_runs(home: Path) -> None:
    first, again = agreed_run(home, 1), agreed_run(home, 1)
    second = agreed_run(home, 2)
    [old, _] = sorted((home / "jobs").iterdir())
    os.utime(old, (0, 0))
    after_months = agreed_run(home, 3), agreed_run(home, 1)

    assert first == again
    assert first is not None
    assert is_id(first)
    assert second not in {None, first}
    assert first not in after_months


def test_jobs_that_slurm_numbers_apart_have_runs_of_their_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str | None] = []
    for job in ("7", "8", "7"):
        monkeypatch.setenv("SLURM_JOB_ID", job)
        found.append(agreed_run(home, 1))

    assert found[0] == found[2] != found[1]


def test_without_a_folder_to_meet_in_each_process_has_a_run_of_its_own(tmp_path: Path) -> None:
    _ = (tmp_path / "file").write_text("no folder")

    assert agreed_run(tmp_path / "file", 1) is None


RANK = """
import os, sys, axonml
run = axonml.init("p", server=os.environ["URL"], token="secret", system=False)
for step in range(50):
    run.log({"loss": step * 1.0}, step=step)
run.log_text("hello")
run.summary["best"] = float(os.environ["RANK"])
print(run.id)
sys.stdin.read()
assert run.finish()
"""


def test_every_rank_of_a_job_logs_to_one_run_which_the_first_ends(
    server: FakeServer, home: Path
) -> None:
    environment = {**os.environ, "URL": server.url, "AXONML_HOME": str(home), "WORLD_SIZE": "3"}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", RANK],
            env={**environment, "RANK": str(number), "LOCAL_RANK": str(number)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]  # fmt: skip
    ids = {rank.stdout.readline() for rank in ranks if rank.stdout is not None}
    statuses: list[str] = []
    for rank in reversed(ranks):  # the first ends last
        _, said = rank.communicate(b"", timeout=60)
        assert rank.returncode == 0, said.decode()
        statuses.append(next(iter(server.runs.values()))["status"])

    [run] = server.runs
    points = [(step, float(step)) for step in range(50)]
    assert ids == {f"{run}\n".encode()}
    assert statuses == ["running", "running", "completed"]
    assert server.points(run, "loss") == points
    assert server.points(run, "rank1/loss") == server.points(run, "rank2/loss") == points
    assert sorted(server.lines[run]) == ["[rank1] hello", "[rank2] hello", "hello"]
    assert server.runs[run]["summary"].items() <= {
        "best": 0.0, "rank1/best": 1.0, "rank2/best": 2.0,
    }.items()  # fmt: skip
