"""What a page gets from the routes of the run list, over the real server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from product import running

RUNS = "/api/training/runs"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("home")) as server, server.client() as client:
        for i in range(5):
            body = {"name": f"r{i}", "config": {"lr": 10.0**-i}, "tags": [f"team={i % 2}"]}
            run = client.post(RUNS, json=body).json()["id"]
            rows = [{"step": step, "loss": i / 10 + step} for step in range(3)]
            _ = client.post(f"{RUNS}/{run}/metrics", json={"metrics": rows})
        yield client


def test_a_filter_that_cannot_be_read_is_a_problem_that_points_at_it(client: httpx.Client) -> None:
    for path in (RUNS, f"{RUNS}/groups"):
        answer = client.get(path, params={"by": "name", "filter": "metrics.loss < low"})

        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, problem["code"]) == (422, "filter_invalid")
        assert (problem["position"], problem["length"]) == (15, 3)
        assert problem["detail"] == "metrics.loss is a number; compare it with one"


def test_other_problems_have_no_position(client: httpx.Client) -> None:
    problem = client.get(RUNS, params={"sort": "bogus"}).json()

    assert problem["status"] == 422
    assert "position" not in problem


def test_a_page_is_filtered_sorted_and_counted(client: httpx.Client) -> None:
    query = {"filter": "metrics.loss < 2.35 and config.lr <= 1", "sort": "-metrics.loss"}

    first = client.get(RUNS, params={**query, "limit": 3}).json()
    second = client.get(RUNS, params={**query, "limit": 3, "cursor": first["next_cursor"]}).json()

    assert [run["name"] for run in first["items"] + second["items"]] == ["r3", "r2", "r1", "r0"]
    assert (first["total"], second["total"], second["next_cursor"]) == (4, 4, None)


def test_groups_and_keys_are_told(client: httpx.Client) -> None:
    groups = client.get(
        f"{RUNS}/groups", params={"by": "tags.team", "metrics": "loss", "sort": "key"}
    ).json()
    keys = client.get(f"{RUNS}/columns").json()

    assert [(g["key"], g["value"], g["n_runs"]) for g in groups["items"]] == [
        ("0", 0, 3),
        ("1", 1, 2),
    ]
    assert groups["items"][0]["metrics"]["loss"]["mean"] == pytest.approx(2.2)
    assert keys["config"] == [{"key": "lr", "kind": "number", "n_runs": 5}]
    assert keys["metrics"] == [{"key": "loss", "kind": "number", "n_runs": 5}]
    assert [(each["key"], each["n_runs"]) for each in keys["labels"]] == [
        ("team=0", 3),
        ("team=1", 2),
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"limit": 0}, 422),
        ({"limit": 1001}, 422),
        ({"limit": "many"}, 422),
        ({"cursor": "bogus"}, 400),
        ({"status": "done"}, 422),
        ({"sort": "metrics."}, 422),
        ({"filter": "(" * 10_000}, 422),
        ({"filter": "tag = '\x00'"}, 200),
        ({"q": "'; DROP TABLE run_row; --"}, 200),
        ({"deleted": "maybe"}, 422),
        ({"columns": "bogus"}, 200),
    ],
)
def test_odd_queries_have_plain_answers(
    client: httpx.Client, query: dict[str, Any], status: int
) -> None:
    answer = client.get(RUNS, params=query)

    assert answer.status_code == status, answer.text
    assert status == 200 or answer.json()["detail"]
