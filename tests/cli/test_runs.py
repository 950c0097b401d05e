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


def test_runs_are_tagged_moved_stopped_deleted_and_restored(running: Axon) -> None:
    with Client(running.server_url, home=running.home) as client:
        ids = [
            client.create_run(
                {"id": new_id(), "name": f"n{i}", "project": "acted", "config": {"i": i}}
            ).id
            for i in range(3)
        ]

    def names(text: str, *arguments: str) -> list[str]:
        listed = running.ok("runs", "--json", "--sort", "name", "--filter", text, *arguments)
        return [run["name"] for run in json.loads(listed)]

    assert running.ok("runs", "tag", "best", "--filter", "config.i >= 1 and project = acted") == (
        "2 runs tagged\n"
    )
    assert names("tag = best") == ["n1", "n2"]
    _ = running.ok("runs", "tag", "best", ids[1], "--remove")
    assert names("tag = best") == ["n2"]
    assert running.ok("runs", "move", "else", ids[0]) == "1 run moved to else\n"
    assert names("project = else") == ["n0"]
    _ = running.ok("runs", "stop", *ids)
    assert names("status = stopping") == ["n0", "n1", "n2"]
    _ = running.ok("runs", "delete", "--filter", "project = acted")
    assert names("status = stopping") == ["n0"]
    assert names("project = acted", "--deleted") == ["n1", "n2"]
    _ = running.ok("runs", "restore", "--filter", "project = acted")
    assert names("project = acted") == ["n1", "n2"]


def test_a_run_that_is_not_there_is_named_and_the_exit_code_says_so(running: Axon) -> None:
    missing = new_id()

    done = running.run("runs", "delete", missing)
    neither = running.run("runs", "delete")
    wrong = running.run("runs", "--filter", "losss < 1")

    assert (done.returncode, done.stdout) == (1, "0 runs deleted\n")
    assert missing in done.stderr
    assert (neither.returncode, wrong.returncode) == (1, 1)
    assert "--filter" in neither.stderr
    assert "there is no key 'losss'" in wrong.stderr


def test_columns_are_chosen_for_people_and_programs(running: Axon) -> None:
    with Client(running.server_url, home=running.home) as client:
        for i in range(3):
            body = {"id": new_id(), "name": f"c{i}", "project": "columns", "config": {"i": i}}
            _ = client.create_run(body)
    shown = ("--project", "columns", "--columns", "name,config.i", "--sort", "-config.i")

    table = running.ok("runs", *shown, "--limit", "2")
    text = running.ok("runs", *shown, "--csv")

    assert [line.split() for line in table.splitlines()] == [
        ["name", "config.i"],
        ["c2", "2"],
        ["c1", "1"],
    ]
    assert text.splitlines() == ["name,config.i", "c2,2", "c1,1", "c0,0"]


def test_a_run_is_launched_again_with_changes(running: Axon) -> None:
    config = {"dataset": "iris", "iterations": 3}
    body = {"name": "first", "model_type": "gradient_boosting", "config": config}
    with Client(running.server_url, home=running.home) as client:
        first = client.create_run(body).id

    said = running.ok("runs", "rerun", first)
    changed = ("--set", "iterations=4", "--set", "dataset=wine", "--name", "second")
    new = json.loads(running.ok("runs", "rerun", first, *changed, "--json"))
    wrong = running.run("runs", "rerun", first, "--set", "iterations=-1")
    missing = running.run("runs", "rerun", new_id())

    assert said.startswith("launched first (")
    assert (new["name"], new["launch"]["dataset"]) == ("second", "wine")
    assert new["launch"]["params"]["iterations"] == 4
    assert (wrong.returncode, missing.returncode) == (1, 1)
    assert wrong.stderr.startswith("axon: iterations: ")
    assert "there is no run" in missing.stderr


def test_what_names_no_run_says_how_to_name_one(running: Axon) -> None:
    nothing = running.run("runs", "delete")
    odd = running.run("runs", "delete", "nosuch")
    both = running.run("runs", "delete", new_id(), "--filter", "status = failed")

    assert nothing.stderr == (
        "axon: name the runs by their ids, which `axon runs` lists,"
        " or by --filter 'status = failed'\n"
    )
    assert odd.stderr == "axon: 'nosuch' is no run's id; `axon runs` lists them\n"
    assert both.stderr == "axon: name the runs by their ids or by --filter, not by both\n"
    assert (nothing.returncode, odd.returncode, both.returncode) == (1, 1, 1)
