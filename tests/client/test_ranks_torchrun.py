"""Ranks as torchrun really starts them, and starts them again."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from client.fake_server import FakeServer

pytest.importorskip("torch")

pytestmark = [pytest.mark.torch]

# Rank 1 fails in the first try, once both have logged; torchrun ends both and starts them again.
SCRIPT: Final = """
import os, signal, sys, time
import axonml

run = axonml.init("p", server=os.environ["URL"], token="secret", system=False)
is_first_try = os.environ["TORCHELASTIC_RESTART_COUNT"] == "0"
for _ in range(5):
    run.log({"loss": 1.0})
if is_first_try:
    while run._sender.acknowledged < 5:
        time.sleep(0.01)
    if os.environ["RANK"] == "0":
        open(os.environ["READY"], "w").close()
    else:
        while not os.path.exists(os.environ["READY"]):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
"""


def test_the_ranks_that_torchrun_starts_again_go_on_with_their_run(
    server: FakeServer, home: Path, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    _ = script.write_text(SCRIPT)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", "2", "--max-restarts", "1", str(script)),
        ],
        env={
            **os.environ,
            "URL": server.url,
            "READY": str(tmp_path / "ready"),
            "AXONML_HOME": str(home),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    [run] = server.runs
    assert server.points(run, "loss") == [(step, 1.0) for step in range(10)]
    assert len(server.points(run, "rank1/loss")) == 10
    assert server.runs[run]["status"] == "completed"
