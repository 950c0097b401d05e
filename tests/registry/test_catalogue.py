"""Lists, comparison and lineage of the registry, over the real server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from product import Server, running
from registered import a_model, a_version, an_account

from axonml.ids import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def ada(server: Server) -> Iterator[httpx.Client]:
    """The admin."""
    with an_account(server.url, "ada") as client:
        yield client


@pytest.fixture(scope="module")
def bob(server: Server, ada: httpx.Client) -> Iterator[httpx.Client]:
    with an_account(server.url, "bob") as client:
        yield client


@pytest.fixture(scope="module")
def shelf(bob: httpx.Client) -> dict[str, str]:
    """Four models of Bob's: name -> id."""
    small = a_model(bob, name="shelf-small", tags=["vision", "v2 100%"], description="Äpfel zählen")
    large = a_model(bob, name="shelf-large", tags=["text", "vision"])
    empty = a_model(bob, name="shelf-empty", model_type="mlp")
    live = a_model(bob, name="shelf-live", description="Finds *pears*.")
    _ = a_version(bob, small)
    for factor in range(3):
        _ = a_version(bob, large, float(factor))
    _ = a_version(bob, live)
    assert bob.put(f"/api/models/{large}/aliases/champion", json={"version": 2}).is_success
    assert bob.post(f"/api/models/{live}/versions/1/deploy").is_success
    return {"shelf-small": small, "shelf-large": large, "shelf-empty": empty, "shelf-live": live}


def names(client: httpx.Client, **query: Any) -> list[str]:
    answer = client.get("/api/models", params={"q": "shelf", "sort": "name", **query})
    assert answer.status_code == 200, answer.text
    found = [model["name"].removeprefix("shelf-") for model in answer.json()["items"]]
    assert answer.json()["total"] == len(found)
    return found


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["empty", "large", "live", "small"]),
        ({"q": "SMALL shelf"}, ["small"]),
        ({"q": "äpfel"}, ["small"]),
        ({"q": "shelf 100%"}, ["small"]),
        ({"q": "shelf %"}, ["small"]),
        ({"q": "shelf mlp"}, ["empty"]),
        ({"tag": "vision"}, ["large", "small"]),
        ({"tag": ["vision", "text"]}, ["large"]),
        ({"tag": "vis"}, []),
        ({"alias": "champion"}, ["large"]),
        ({"format": "onnx"}, ["large", "live", "small"]),
        ({"format": "pickle"}, []),
        ({"deployed": "true"}, ["live"]),
        ({"deployed": "false"}, ["empty", "large", "small"]),
        ({"sort": "-n_versions", "tag": "vision"}, ["large", "small"]),
        ({"sort": "size"}, ["empty", "small", "live", "large"]),
        ({"sort": "-created_at"}, ["live", "empty", "large", "small"]),
    ],
)
def test_a_list_is_filtered_and_sorted(
    bob: httpx.Client, query: dict[str, Any], expected: list[str]
) -> None:
    found = names(bob, **query)

    if query.get("sort") == "size":  # two are of one size
        found, expected = (
            [found[0], *sorted(found[1:3]), found[3]],
            ["empty", "live", "small", "large"],
        )
    assert found == expected


@pytest.mark.parametrize("sort", ["name", "-updated_at", "size", "-n_versions", "created_at"])
def test_pages_join_to_the_list(bob: httpx.Client, shelf: dict[str, str], sort: str) -> None:
    asked = {"q": "shelf", "sort": sort}
    whole = [model["id"] for model in bob.get("/api/models", params=asked).json()["items"]]

    paged: list[str] = []
    cursor, totals = None, set[int]()
    while cursor is not None or not paged:
        params = {**asked, "limit": 1, **({"cursor": cursor} if cursor else {})}
        page = bob.get("/api/models", params=params).json()
        paged += [model["id"] for model in page["items"]]
        totals.add(page["total"])
        cursor = page["next_cursor"]

    assert (paged, totals) == (whole, {len(shelf)})


def test_a_model_says_what_it_has_and_where_it_is_deployed(
    bob: httpx.Client, shelf: dict[str, str]
) -> None:
    live = bob.get(f"/api/models/{shelf['shelf-live']}").json()
    large = bob.get(f"/api/models/{shelf['shelf-large']}").json()

    assert [(each["name"], each["version"]) for each in live["deployed"]] == [("shelf-live", 1)]
    sizes = [version["file_size"] for version in versions_of(bob, shelf["shelf-large"])]
    assert (large["size_bytes"], large["formats"]) == (sum(sizes), ["onnx"])
    assert (large["n_versions"], large["latest_version"], large["deployed"]) == (3, 3, [])


def versions_of(client: httpx.Client, model: str) -> list[dict[str, Any]]:
    return list(client.get(f"/api/models/{model}/versions").json()["items"])


def test_others_see_neither_private_models_nor_their_words(
    server: Server, bob: httpx.Client, shelf: dict[str, str]
) -> None:
    with an_account(server.url, "eve") as eve:
        assert eve.get("/api/models", params={"q": "shelf"}).json()["total"] == 0
        assert eve.get("/api/models/words").json() == {"tags": [], "aliases": [], "formats": []}

        assert bob.put(f"/api/models/{shelf['shelf-live']}", json={"visibility": "team"}).is_success

        found = eve.get("/api/models", params={"q": "pears"}).json()["items"]
        assert [model["name"] for model in found] == ["shelf-live"]
        assert eve.get("/api/models/words").json()["formats"] == [{"word": "onnx", "n_models": 1}]
    words = bob.get("/api/models/words").json()
    assert {"word": "vision", "n_models": 2} in words["tags"]
    assert {"word": "champion", "n_models": 1} in words["aliases"]
    assert bob.put(f"/api/models/{shelf['shelf-live']}", json={"visibility": "private"}).is_success


def test_a_changed_tag_or_deleted_model_is_found_no_more(bob: httpx.Client) -> None:
    model = a_model(bob, tags=["fleeting"])

    assert bob.put(f"/api/models/{model}", json={"tags": ["other"]}).is_success
    assert bob.get("/api/models", params={"tag": "fleeting"}).json()["total"] == 0
    assert bob.get("/api/models", params={"tag": "other"}).json()["total"] == 1
    assert bob.delete(f"/api/models/{model}").is_success
    assert bob.get("/api/models", params={"tag": "other"}).json()["total"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "colour"},
        {"cursor": "x"},
        {"sort": "size", "cursor": "WyIxIGFiYyIsICJ4Il0"},
        {"sort": "size", "cursor": "WyIxIDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OSIsICJ4Il0"},
        {"limit": 0},
        {"limit": 1001},
        {"deployed": "perhaps"},
        {"q": "x" * 600},
        {"tag": ["t"] * 17},
    ],
)
def test_a_question_that_is_none_is_4xx(bob: httpx.Client, query: dict[str, Any]) -> None:
    answer = bob.get("/api/models", params=query)

    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["detail"]


def test_versions_side_by_side_tell_what_differs(bob: httpx.Client) -> None:
    model = a_model(bob)
    common: dict[str, Any] = {"seed": 1, "optimizer": {"name": "adam"}}
    _ = a_version(
        bob,
        model,
        metrics={"accuracy": 0.9, "loss": 0.1},
        config={**common, "lr": 0.1},
        tags=["a", "b"],
    )
    _ = a_version(
        bob, model, 3.0, 4, metrics={"accuracy": 0.95}, config={**common, "lr": 0.2}, tags=["b"]
    )

    told = bob.get(f"/api/models/{model}/compare", params={"versions": "1,latest"}).json()

    assert [version["version"] for version in told["versions"]] == [1, 2]
    assert told["metrics"] == [
        {"name": "accuracy", "values": [0.9, 0.95], "differs": True},
        {"name": "loss", "values": [0.1, None], "differs": True},
    ]
    assert told["config"] == [
        {"key": "lr", "values": [0.1, 0.2], "differs": True},
        {"key": "seed", "values": [1, 1], "differs": False},
        {"key": "optimizer.name", "values": ["adam", "adam"], "differs": False},
    ]
    assert told["tags"] == [
        {"tag": "a", "has": [True, False], "differs": True},
        {"tag": "b", "has": [True, True], "differs": False},
    ]
    shapes = [[spec["shape"] for spec in row["values"]] for row in told["signature"]]
    assert shapes == [[[-1, 3], [-1, 4]], [[-1, 3], [-1, 4]]]
    assert {row["key"]: row["differs"] for row in told["files"]} == {
        "format": False,
        "size": told["files"][1]["values"][0] != told["files"][1]["values"][1],
        "sha256": True,
    }
    assert told["latency"] == [None, None]


def test_the_latency_of_a_version_that_answers_is_compared(bob: httpx.Client) -> None:
    model = a_model(bob)
    for factor in (1.0, 2.0):
        _ = a_version(bob, model, factor)
    name = f"e-{new_id().lower()}"
    assert bob.post(f"/api/models/{model}/versions/2/deploy", json={"name": name}).is_success
    assert bob.post(f"/api/inference/predict/{name}", json={"inputs": [[1, 2, 3]]}).is_success

    told = bob.get(f"/api/models/{model}/compare", params={"versions": "1,2"}).json()

    assert told["latency"][0] is None
    assert told["latency"][1]["name"] == name
    assert 0 < told["latency"][1]["latency_p50"] <= told["latency"][1]["latency_p95"]


@pytest.mark.parametrize(
    ("versions", "status"),
    [("", 422), ("1", 422), ("1,1", 422), ("1,latest,2,1,2", 422), ("1,9", 404), ("1,nope", 404)],
)
def test_a_comparison_of_nothing_is_refused(bob: httpx.Client, versions: str, status: int) -> None:
    model = a_model(bob)
    for factor in (1.0, 2.0):
        _ = a_version(bob, model, factor)

    answer = bob.get(f"/api/models/{model}/compare", params={"versions": versions})

    assert answer.status_code == status, answer.text


def test_lineage_goes_from_the_run_to_the_endpoint(bob: httpx.Client) -> None:
    parent = bob.post("/api/training/runs", json={"name": "parent", "project": "p"}).json()
    forked = bob.post(f"/api/training/runs/{parent['id']}/fork", json={"step": 0})
    assert forked.is_success, forked.text
    run = forked.json()
    model = a_model(bob)
    _ = a_version(bob, model, training_run_id=run["id"])
    assert bob.post(f"/api/models/{model}/versions/1/deploy").is_success

    told = bob.get(f"/api/models/{model}/versions/1/lineage").json()

    assert told["run"]["id"] == run["id"]
    assert told["run"]["project"] == "p"
    assert [each["name"] for each in told["parents"]] == ["parent"]
    assert [(each["version"], each["status"]) for each in told["endpoints"]] == [(1, "running")]


def test_lineage_names_no_run_that_the_caller_may_not_see(
    server: Server, bob: httpx.Client
) -> None:
    run = bob.post("/api/training/runs", json={"name": "mine", "project": "p"}).json()
    model = a_model(bob, visibility="team")
    _ = a_version(bob, model, training_run_id=run["id"])

    with an_account(server.url, "kim") as kim:
        told = kim.get(f"/api/models/{model}/versions/1/lineage").json()

    assert told == {"run": None, "parents": [], "endpoints": []}


def test_the_files_of_a_version_have_names_sizes_and_hashes(bob: httpx.Client) -> None:
    model = a_model(bob)
    version = a_version(bob, model)

    told = bob.get(f"/api/models/{model}/versions/1/files").json()["items"]

    size, sha256 = version["file_size"], version["sha256"]
    assert told == [{"name": "model.onnx", "size_bytes": size, "sha256": sha256}]
