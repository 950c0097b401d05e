"""What people and scripts get from /api/inference and deploy, over the real server."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import onnx
import onnx_models
import psutil
import pytest
from product import Server, running

from axonml.ids import new_id

ENDPOINTS = "/api/inference/endpoints"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def uploaded(client: httpx.Client, *models: onnx.ModelProto) -> dict[str, Any]:
    """Create a model with these versions; return it."""
    answer = client.post("/api/models", json={"name": f"m-{new_id().lower()}"})
    assert answer.status_code == 201, answer.text
    for model in models:
        sent = client.post(
            f"/api/models/{answer.json()['id']}/versions",
            files={"file": ("model.onnx", model.SerializeToString())},
        )
        assert sent.status_code == 201, sent.text
    return dict(answer.json())


def deploy(client: httpx.Client, model: dict[str, Any], ref: str = "1", **body: Any) -> Any:
    answer = client.post(f"/api/models/{model['id']}/versions/{ref}/deploy", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def predict(client: httpx.Client, name: str, inputs: Any) -> httpx.Response:
    return client.post(f"/api/inference/predict/{name}", json={"inputs": inputs})


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def replicas_of(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    children = psutil.Process(server.process.pid).children(recursive=True)
    return [each for each in children if "axonml.inference.replica" in _command_of(each)]


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it ended meanwhile, or is about to
        return []


def test_a_deployed_version_answers_at_once(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling())

    endpoint = deploy(client, model)
    answer = predict(client, model["name"], [[1, 2, 3], [4, 5, 6]])

    assert (endpoint["status"], endpoint["name"], endpoint["version"]) == (
        "running",
        model["name"],
        1,
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["outputs"] == [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]
    assert body["model_version"] == "v1"
    assert 0 < body["latency_ms"] < 10_000


def test_deploy_takes_latest_and_moves_the_endpoint(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling(), onnx_models.doubling(factor=10))
    first = deploy(client, model)

    second = deploy(client, model, "latest", replicas=2)

    again = deploy(client, model, "2", config={"max_batch_rows": 8})
    kept = deploy(client, model, "2")

    assert (second["id"], second["version"], second["replicas"]) == (first["id"], 2, 2)
    assert (again["replicas"], again["config"]["max_batch_rows"]) == (2, 8)
    assert (kept["replicas"], kept["config"]) == (2, again["config"])
    assert predict(client, model["name"], [[1, 1, 1]]).json() == {
        "outputs": [[10.0, 10.0, 10.0]],
        "model_version": "v2",
        "latency_ms": pytest.approx(0, abs=10_000),
    }


def test_predict_names_the_method_that_it_takes(client: httpx.Client) -> None:
    refused = client.get("/api/inference/predict/any")

    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"


def test_deploy_need_not_wait(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling())

    answer = client.post(f"/api/models/{model['id']}/versions/1/deploy?wait=0")

    assert (answer.status_code, answer.json()["status"]) == (201, "starting")
    url = f"{ENDPOINTS}/{answer.json()['id']}"
    early = predict(client, model["name"], [[1, 1, 1]])
    if early.status_code != 200:
        assert (early.status_code, early.json()["code"]) == (503, "endpoint_starting")
        assert early.headers["retry-after"] == "1"
    until(lambda: client.get(url).json()["status"] == "running")
    assert predict(client, model["name"], [[1, 1, 1]]).status_code == 200


def test_the_life_of_an_endpoint(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling())
    version = client.get(f"/api/models/{model['id']}/versions/1").json()
    name = f"e-{new_id().lower()}"

    made = client.post(ENDPOINTS, json={"name": name, "model_version_id": version["id"]})
    url = f"{ENDPOINTS}/{made.json()['id']}"
    refused = predict(client, name, [[1, 1, 1]])
    started = client.post(f"{url}/start")
    answered = predict(client, name, [[1, 1, 1]])
    stopped = client.post(f"{url}/stop")
    changed = client.put(url, json={"replicas": 2, "visibility": "team"})
    deleted = client.delete(url)

    assert (made.status_code, made.json()["status"]) == (201, "stopped")
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_stopped")
    assert f"{url}/start" in refused.json()["detail"]
    assert (started.status_code, started.json()["status"]) == (200, "running")
    assert answered.json()["outputs"] == [[2.0, 2.0, 2.0]]
    assert (stopped.status_code, stopped.json()["status"]) == (200, "stopped")
    assert (changed.json()["replicas"], changed.json()["visibility"]) == (2, "team")
    assert deleted.status_code == 204
    assert client.get(url).status_code == 404
    assert predict(client, name, [[1, 1, 1]]).json()["code"] == "endpoint_not_found"


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b'{"inputs": [[1, 2]]}', 422, "$.inputs[0]"),
        (b'{"inputs": [[1, 2, "x"]]}', 422, "$.inputs[0][2]"),
        (b'{"inputs": []}', 422, "$.inputs"),
        (b'{"input": [[1, 2, 3]]}', 422, "$.input"),
        (b"{}", 422, "$.inputs"),
        (b'{"inputs": {"y": [[1, 2, 3]]}}', 422, "$.inputs.y"),
        (b"not json", 400, None),
        (b"", 400, None),
        (b"\xff", 400, None),
        (b"[" * 100_000, 400, None),
    ],
)
def test_a_wrong_body_is_told_what_is_wrong(
    client: httpx.Client, body: bytes, status: int, path: str | None
) -> None:
    model = uploaded(client, onnx_models.doubling())
    _ = deploy(client, model)

    answer = client.post(f"/api/inference/predict/{model['name']}", content=body)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["request_id"]
    assert [field["path"] for field in problem.get("fields", [])] == ([path] if path else [])


def test_what_the_model_refuses_is_the_requests_fault(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.looking_up())
    _ = deploy(client, model)

    answer = predict(client, model["name"], [[99]])

    assert (answer.status_code, answer.json()["code"]) == (422, "model_error")
    assert predict(client, model["name"], [[3]]).json()["outputs"] == [[30.0]]


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (
        running(tmp_path, AXONML_LIMITS_PREDICT_BYTES="1000") as server,
        server.client() as client,
    ):
        model = uploaded(client, onnx_models.doubling())
        _ = deploy(client, model)
        url = f"/api/inference/predict/{model['name']}"

        announced = client.post(url, content=b" " * 1001)
        streamed = client.post(url, content=(b" " * 400 for _ in range(4)))

        assert [each.status_code for each in (announced, streamed)] == [413, 413]
        assert predict(client, model["name"], [[1, 1, 1]]).status_code == 200


def test_predict_takes_post_and_a_valid_token_only(server: Server, client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling())
    _ = deploy(client, model)
    url = f"/api/inference/predict/{model['name']}"

    assert client.get(url).status_code == 405
    assert httpx.post(f"{server.url}{url}", json={"inputs": [[1, 1, 1]]}).status_code == 401
    with server.client("nonsense") as stranger:
        assert stranger.post(url, json={"inputs": [[1, 1, 1]]}).status_code == 401


def test_words_and_missing_numbers_travel_as_json_has_them(client: httpx.Client) -> None:
    words = uploaded(client, onnx_models.echoing_words())
    logs = uploaded(client, onnx_models.logarithm())
    _ = deploy(client, words), deploy(client, logs)

    assert predict(client, words["name"], [["größe"]]).json()["outputs"] == [["größe"]]
    assert predict(client, logs["name"], [[0, -1]]).json()["outputs"] == [["-Infinity", "NaN"]]


def test_a_large_request_is_answered_and_the_others_do_not_wait_for_it(
    client: httpx.Client, server: Server
) -> None:
    wide, small = (
        uploaded(client, onnx_models.doubling(2000)),
        uploaded(client, onnx_models.doubling()),
    )
    _ = deploy(client, wide), deploy(client, small)
    rows = [[float(n)] * 2000 for n in range(1000)]
    token = client.headers["authorization"].removeprefix("Bearer ")
    answers: list[httpx.Response] = []

    def ask() -> None:
        with server.client(token) as caller:
            answers.append(predict(caller, wide["name"], rows))

    thread = threading.Thread(target=ask)
    thread.start()
    meanwhile = 0
    while thread.is_alive():
        assert predict(client, small["name"], [[1, 1, 1]]).status_code == 200
        meanwhile += 1
    thread.join()

    assert answers[0].json()["outputs"] == [[2 * n] * 2000 for n in range(1000)]
    assert meanwhile > 5
    wrong = predict(client, wide["name"], [*rows, [1.0]])
    assert wrong.status_code == 422
    assert wrong.json()["fields"][0]["path"] == "$.inputs[1000]"


def test_several_inputs_and_outputs_travel_by_name(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.sum_and_product())
    _ = deploy(client, model)

    answer = predict(client, model["name"], {"a": [[1, 2]], "c": [[3, 4]]})

    assert answer.json()["outputs"] == {"sum": [[4.0, 6.0]], "product": [[3.0, 8.0]]}


def test_each_second_of_requests_is_a_row_of_metrics(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling())
    endpoint = deploy(client, model)
    for _ in range(20):
        _ = predict(client, model["name"], [[1, 1, 1]])
    _ = predict(client, model["name"], "wrong")
    url = f"{ENDPOINTS}/{endpoint['id']}"

    def rows() -> list[dict[str, Any]]:
        return list(client.get(f"{url}/metrics").json()["items"])

    until(lambda: sum(row["requests_total"] for row in rows()) == 21)

    found = rows()
    assert sum(row["requests_success"] for row in found) == 20
    assert sum(row["requests_error"] for row in found) == 1
    assert all(
        0 < row["latency_p50"] <= row["latency_p95"] <= row["latency_p99"]
        for row in found
        if row["requests_success"]
    )
    stats = client.get(url).json()["stats"]
    assert stats["requests_per_s"] > 0
    later = client.get(f"{url}/metrics", params={"from": "2100-01-01T00:00:00Z"})
    assert later.json() == {"items": []}


def test_what_replicas_say_is_in_the_endpoints_log(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.looking_up())
    endpoint = deploy(client, model)
    _ = predict(client, model["name"], [[99]])
    url = f"{ENDPOINTS}/{endpoint['id']}/logs"

    until(lambda: client.get(url).json()["items"] != [])

    (line,) = client.get(url).json()["items"]
    assert line["replica"] == 0
    assert "out of data bounds" in line["line"]


def test_endpoints_are_listed_by_model_and_status_and_page_by_page(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling())
    version = client.get(f"/api/models/{model['id']}/versions/1").json()["id"]
    names = [f"{letter}-{new_id().lower()}" for letter in "abc"]
    for name in names:
        _ = client.post(ENDPOINTS, json={"name": name, "model_version_id": version})
    mine = {"model_id": model["id"], "sort": "name", "limit": 2}

    first = client.get(ENDPOINTS, params=mine).json()
    second = client.get(ENDPOINTS, params={**mine, "cursor": first["next_cursor"]}).json()
    up = client.get(ENDPOINTS, params={**mine, "status": ["running", "starting"]}).json()

    assert [each["name"] for each in first["items"] + second["items"]] == names
    assert second["next_cursor"] is None
    assert up["items"] == []


@pytest.mark.parametrize(
    ("method", "url", "body", "status"),
    [
        ("POST", ENDPOINTS, {}, 422),
        ("POST", ENDPOINTS, {"name": "a b", "model_version_id": "x"}, 422),
        ("POST", ENDPOINTS, {"name": "a", "model_version_id": "x"}, 404),
        ("POST", ENDPOINTS, {"name": "a", "model_version_id": "x", "replicas": 0}, 422),
        ("POST", ENDPOINTS, {"name": "a", "model_version_id": "x", "config": {"no": 1}}, 422),
        ("GET", f"{ENDPOINTS}/unknown", None, 404),
        ("PUT", f"{ENDPOINTS}/unknown", {}, 404),
        ("DELETE", f"{ENDPOINTS}/unknown", None, 404),
        ("POST", f"{ENDPOINTS}/unknown/start", None, 404),
        ("GET", f"{ENDPOINTS}/unknown/metrics", None, 404),
        ("GET", f"{ENDPOINTS}/unknown/logs", None, 404),
        ("GET", f"{ENDPOINTS}?sort=color", None, 422),
        ("GET", f"{ENDPOINTS}?status=sleeping", None, 422),
        ("GET", f"{ENDPOINTS}?cursor=%21", None, 400),
        ("POST", "/api/inference/predict/unknown", {"inputs": [[1]]}, 404),
        ("POST", "/api/models/unknown/versions/1/deploy", {}, 404),
    ],
)
def test_a_wrong_request_is_a_problem_and_no_mistake_of_ours(
    client: httpx.Client, method: str, url: str, body: Any, status: int
) -> None:
    answer = client.request(method, url, json=body)

    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == status


def test_a_version_that_is_served_cannot_be_deleted(client: httpx.Client) -> None:
    model = uploaded(client, onnx_models.doubling())
    _ = deploy(client, model)

    answer = client.delete(f"/api/models/{model['id']}/versions/1")

    assert answer.status_code == 409
    assert model["name"] in answer.json()["detail"]


class Load:
    """Callers that ask until told to stop, and what they were answered."""

    def __init__(self, server: Server, token: str, name: str, n_callers: int) -> None:
        self._stop = threading.Event()
        self.statuses: list[int] = []
        self._server, self._token, self._name = server, token, name
        self._threads = [threading.Thread(target=self._ask) for _ in range(n_callers)]

    def _ask(self) -> None:
        with self._server.client(self._token) as client:
            while not self._stop.is_set():
                answer = predict(client, self._name, [[1, 1, 1]])
                self.statuses.append(answer.status_code)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


def test_a_killed_replica_and_a_swap_under_load_fail_no_request(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        token = client.headers["authorization"].removeprefix("Bearer ")
        model = uploaded(client, onnx_models.doubling(), onnx_models.doubling(factor=10))
        _ = deploy(client, model)

        with Load(server, token, model["name"], 8) as load:
            until(lambda: len(load.statuses) > 50)
            (victim,) = replicas_of(server)
            os.kill(victim.pid, signal.SIGKILL)
            until(lambda: [each.pid for each in replicas_of(server)] not in ([], [victim.pid]))
            _ = deploy(client, model, "2")
            asked = len(load.statuses)
            until(lambda: len(load.statuses) > asked + 50)

        assert set(load.statuses) == {200}
        assert predict(client, model["name"], [[1, 1, 1]]).json()["model_version"] == "v2"


def test_an_overloaded_endpoint_says_when_to_come_again(
    client: httpx.Client, server: Server
) -> None:
    model = uploaded(client, onnx_models.looping())
    _ = deploy(client, model, config={"queue_rows": 1, "max_batch_rows": 1})
    token = client.headers["authorization"].removeprefix("Bearer ")
    answers: list[httpx.Response] = []

    def ask() -> None:
        with server.client(token) as caller:
            answers.append(predict(caller, model["name"], [[1_000_000]]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    refused = [each for each in answers if each.status_code == 429]
    assert {each.status_code for each in answers} == {200, 429}
    assert {each.json()["code"] for each in refused} == {"queue_full"}
    assert all(int(each.headers["retry-after"]) >= 1 for each in refused)


def test_endpoints_come_back_after_the_server_was_killed(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with server.client() as client:
            model = uploaded(client, onnx_models.doubling())
            endpoint = deploy(client, model)
        (replica,) = replicas_of(server)
        server.kill()
        until(lambda: not replica.is_running() or replica.status() == psutil.STATUS_ZOMBIE)
        server.start()
        with server.client() as client:
            url = f"{ENDPOINTS}/{endpoint['id']}"
            until(lambda: client.get(url).json()["status"] == "running")
            assert predict(client, model["name"], [[1, 1, 1]]).status_code == 200


def test_stopping_the_server_leaves_no_replica(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with server.client() as client:
            _ = deploy(client, uploaded(client, onnx_models.doubling()))
        (replica,) = replicas_of(server)

        assert server.stop() == 0

        assert not replica.is_running()


def test_predict_is_in_the_document_of_the_api(client: httpx.Client) -> None:
    paths = json.loads(client.get("/api/openapi.json").text)["paths"]

    operation = paths["/api/inference/predict/{name}"]["post"]
    assert operation["operationId"] == "predict"
    assert operation["requestBody"]["content"]["application/json"]["schema"]
    assert {"200", "401", "404", "422"} <= operation["responses"].keys()
