import json
import subprocess
import sys

from cli.axon import Axon

from axonml.client.api import Client

OFFLINE = """
import axonml
run = axonml.init("p", "on-a-plane", mode="offline", system=False)
for step in range(100):
    run.log({"loss": 1.0 / (step + 1)})
run.log_text("landed")
"""


def test_an_offline_run_is_sent_once_and_ends_as_it_ended(running: Axon) -> None:
    env = {**running.environment, "AXON_SERVER": running.server_url}
    _ = subprocess.run([sys.executable, "-c", OFFLINE], env=env, check=True, timeout=60)

    first = running.ok("sync")
    second = running.ok("sync")

    with Client(running.server_url, home=running.home) as client:
        [run] = [run for run in client.runs().items if run.name == "on-a-plane"]
        lines = client.log_lines(run.id).items
    assert f"{run.id} on-a-plane: 101 records are at {running.server_url}" in first
    assert "nothing waits" in second
    assert (run.status, run.summary["loss"]) == ("completed", 0.01)
    assert [line.message for line in lines] == ["landed"]


def test_what_cannot_be_sent_stays_and_is_said(axon: Axon) -> None:
    _ = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        env={**axon.environment, "AXON_SERVER": axon.server_url},
        check=True,
        timeout=60,
    )

    done = axon.run("sync", "--json")

    started = axon.ok("start", "--backend")

    [synced] = json.loads(done.stdout)
    assert "points of 1 run wait on disk; `axon sync` sends them" in started
    assert done.returncode == 1
    assert "no server answers" in synced["problem"]
    assert [path.name for path in (axon.home / "spool").iterdir()] == [synced["run_id"]]
