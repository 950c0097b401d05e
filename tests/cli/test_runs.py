import json

from cli.axon import Axon

from axonml.client.api import Client
from axonml.ids import new_id


def test_runs_are_listed_newest_first_and_filtered(running: Axon) -> None:
    with Client(running.server_url, home=running.home) as client:
        for name, project in (("one", "listed"), ("two", "other"), ("three", "listed")):
            _ = client.create_run({"id": new_id(), "name": name, "project": project})

    def names(*arguments: str) -> list[str]:
        return [run["name"] for run in json.loads(running.ok("runs", "--json", *arguments))]

    assert names()[:3] == ["three", "two", "one"]
    assert names("--project", "listed") == ["three", "one"]
    assert names("--limit", "1") == ["three"]
    assert names("--project", "other", "--q", "tw") == ["two"]
    assert "three" in running.ok("runs")
