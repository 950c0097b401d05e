"""Rollouts and comparisons over HTTP: what callers see, also of bad requests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import onnx_models
import pytest
from product import running
from registered import a_model, an_account


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        running(tmp_path_factory.mktemp("home")) as server,
        an_account(server.url, "ada") as client,
    ):
        yield client


@pytest.fixture
def endpoint(client: httpx.Client, tmp_path: Path) -> dict[str, Any]:
    model = a_model(client)
    for factor in (2.0, 10.0):
        path = onnx_models.saved(onnx_models.doubling(factor=factor), tmp_path / f"{factor}.onnx")
        answer = client.post(
            f"/api/models/{model}/versions", files={"file": ("m.onnx", path.read_bytes())}
        )
        assert answer.status_code == 201, answer.text
    answer = client.post(f"/api/models/{model}/versions/1/deploy", json={"name": f"e-{model}"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def path_of(endpoint: dict[str, Any]) -> str:
    return f"/api/inference/endpoints/{endpoint['id']}"


def test_a_canary_is_set_seen_under_v2_and_promoted(
    client: httpx.Client, endpoint: dict[str, Any]
) -> None:
    path, name = path_of(endpoint), endpoint["name"]
    body = {"canary": {"version": "latest", "percent": 0}}

    changed = client.put(f"{path}/rollout", json=body)

    assert changed.status_code == 200, changed.text
    assert changed.json()["rollout"]["canary"]["version"] == 2
    assert client.get(f"/v2/models/{name}").json()["versions"] == ["1", "2"]
    tensor = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}
    asked = [
        client.post(f"/v2/models/{name}/versions/{v}/infer", json={"inputs": [tensor]}).json()
        for v in (1, 2)
    ]
    assert [each["outputs"][0]["data"] for each in asked] == [[2, 4, 6], [10, 20, 30]]
    assert [each["model_version"] for each in asked] == ["1", "2"]
    roles = [each["role"] for each in client.get(f"{path}/replicas").json()["items"]]
    assert roles == ["main", "canary"]
    state = client.get(f"{path}/rollout").json()
    assert (state["main"]["requests_total"], state["canary"]["requests_total"]) == (1, 1)
    assert client.post(f"{path}/rollout/promote").json()["version"] == 2
    assert client.get(f"{path}/rollout").json()["rollout"] is None


def test_a_tried_version_cannot_be_deleted(client: httpx.Client, endpoint: dict[str, Any]) -> None:
    path = path_of(endpoint)
    _ = client.put(f"{path}/rollout", json={"shadow": {"version": 2, "percent": 5}})

    refused = client.delete(f"/api/models/{endpoint['model_id']}/versions/2")

    assert (refused.status_code, refused.json()["code"]) == (409, "deployed")
    assert client.delete(f"{path}/rollout").status_code == 204
    assert client.delete(f"/api/models/{endpoint['model_id']}/versions/2").status_code == 204


def test_two_versions_are_compared(client: httpx.Client, endpoint: dict[str, Any]) -> None:
    answer = client.post(f"{path_of(endpoint)}/compare", json={"version": 2, "inputs": [[1, 2, 3]]})

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["main"]["outputs"], found["other"]["outputs"]) == ([[2, 4, 6]], [[10, 20, 30]])
    assert found["difference"] == {"agrees": False, "max_difference": 24.0, "same_top": True}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"canary": {"version": 2, "percent": 101}}, 422),
        ({"canary": {"version": 2, "percent": -1}}, 422),
        ({"canary": {"version": 2}}, 422),
        ({"canary": {"version": 99, "percent": 5}}, 404),
        ({"canary": {"version": "no-such-alias", "percent": 5}}, 404),
        ({"canary": {"version": 1, "percent": 5}}, 422),
        ({"mirror": {"version": 2, "percent": 5}}, 422),
        ([], 422),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(
    client: httpx.Client, endpoint: dict[str, Any], body: Any, status: int
) -> None:
    path = path_of(endpoint)

    answer = client.put(f"{path}/rollout", json=body)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert client.get(path).json()["rollout"] is None


def test_strangers_see_nothing_of_it(client: httpx.Client, endpoint: dict[str, Any]) -> None:
    path = path_of(endpoint)
    with an_account(str(client.base_url), "eve") as eve:
        answers = [
            eve.get(f"{path}/rollout"),
            eve.get(f"{path}/replicas"),
            eve.put(f"{path}/rollout", json={}),
            eve.post(f"{path}/rollout/promote"),
            eve.post(f"{path}/compare", json={"version": 2, "inputs": [[1, 2, 3]]}),
        ]
    assert {each.status_code for each in answers} == {404}
