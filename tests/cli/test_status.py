import json

from cli.axon import Axon
from dirty_equals import IsFloat, IsPositiveInt, IsStr

from axonml.cli.processes import Part


def test_status_shows_what_runs_for_people(running: Axon) -> None:
    said = running.ok("status")

    assert said.count("running") == 2
    assert running.server_url in said
    assert str(running.pid(Part.FRONTEND)) in said


def test_status_shows_what_runs_for_programs(running: Axon) -> None:
    said = json.loads(running.ok("status", "--json"))

    shared = {"state": "running", "pid": IsPositiveInt, "uptime_s": IsFloat(ge=0)}
    assert said == {
        "home": str(running.home),
        "parts": [
            {
                "part": "backend",
                "url": running.server_url,
                "version": IsStr(regex=r"\d.*"),
                **shared,
            },
            {"part": "frontend", "url": running.page_url, "version": None, **shared},
        ],
    }


def test_nothing_running_is_exit_code_3(axon: Axon) -> None:
    done = axon.run("status", "--json")

    assert done.returncode == 3
    assert [part["state"] for part in json.loads(done.stdout)["parts"]] == ["stopped", "stopped"]
