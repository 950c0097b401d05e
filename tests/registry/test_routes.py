"""What people and scripts get from /api/models, over the real server."""

import hashlib
import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from product import Server, running

from axonml.ids import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def a_linear_model(scale: float = 2.0, features: int = 3) -> bytes:
    """y = scale * x, of b rows of `features` floats."""
    weight = numpy_helper.from_array(np.array([scale], np.float32), "w")
    node = helper.make_node("Mul", ["x", "w"], ["y"])
    shape = ["b", features]
    graph = helper.make_graph(
        [node],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def a_model(client: httpx.Client, **fields: Any) -> str:
    body = {"name": f"m-{new_id().lower()}", **fields}
    answer = client.post("/api/models", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def upload(
    client: httpx.Client, model: str, content: bytes, name: str = "model.onnx", **metadata: Any
) -> httpx.Response:
    return client.post(
        f"/api/models/{model}/versions",
        files={
            "metadata": (None, json.dumps(metadata), "application/json"),
            "file": (name, content),
        },
    )


def test_an_uploaded_onnx_file_is_a_version_with_its_signature(
    client: httpx.Client, server: Server
) -> None:
    model, content = a_model(client), a_linear_model()

    version = upload(client, model, content, metrics={"accuracy": 0.98}).json()

    assert version["version"] == 1
    assert version["sha256"] == hashlib.sha256(content).hexdigest()
    assert version["file_size"] == len(content)
    assert version["format"] == "onnx"
    assert version["servable"] is True
    assert version["metrics"] == {"accuracy": 0.98}
    assert version["signature"]["inputs"] == [{"name": "x", "dtype": "float32", "shape": [-1, 3]}]
    assert version["file_path"] == f"models/{model}/v1/model.onnx"
    assert (server.home / version["file_path"]).read_bytes() == content


def test_a_run_knows_the_versions_that_it_made(client: httpx.Client) -> None:
    run, other = new_id(), new_id()
    model = a_model(client)
    for made_by in (run, other, run):
        _ = upload(client, model, a_linear_model(), training_run_id=made_by)

    made = client.get(f"/api/training/runs/{run}/models").json()["items"]

    name = client.get(f"/api/models/{model}").json()["name"]
    assert [(each["model_name"], each["version"]["version"]) for each in made] == [
        (name, 1),
        (name, 3),
    ]
    assert client.get(f"/api/training/runs/{new_id()}/models").json() == {"items": []}


def test_versions_count_up_and_a_deleted_number_never_comes_back(client: httpx.Client) -> None:
    model = a_model(client)
    for scale in (1.0, 2.0):
        _ = upload(client, model, a_linear_model(scale))

    assert client.delete(f"/api/models/{model}/versions/2").status_code == 204
    third = upload(client, model, a_linear_model(3.0)).json()

    assert third["version"] == 3
    shown = client.get(f"/api/models/{model}").json()
    assert (shown["n_versions"], shown["latest_version"]) == (2, 3)
    listed = client.get(f"/api/models/{model}/versions").json()["items"]
    assert [v["version"] for v in listed] == [3, 1]


def test_a_download_is_the_file_with_ranges_and_a_hash_as_etag(client: httpx.Client) -> None:
    model, content = a_model(client), a_linear_model()
    version = upload(client, model, content).json()
    path = f"/api/models/{model}/versions/latest/download"

    whole = client.get(path)
    part = client.get(path, headers={"range": "bytes=4-9"})
    again = client.get(path, headers={"if-none-match": whole.headers["etag"]})

    assert whole.content == content
    assert whole.headers["etag"] == f'"{version["sha256"]}"'
    assert "attachment" in whole.headers["content-disposition"]
    assert (part.status_code, part.content) == (206, content[4:10])
    assert again.status_code == 304


def test_an_alias_moves_and_names_a_version(client: httpx.Client) -> None:
    model = a_model(client)
    for scale in (1.0, 2.0):
        _ = upload(client, model, a_linear_model(scale))

    for number in (1, 2):
        _ = client.put(f"/api/models/{model}/aliases/champion", json={"version": number})

    assert client.get(f"/api/models/{model}/versions/champion").json()["version"] == 2
    assert client.delete(f"/api/models/{model}/aliases/champion").status_code == 204
    assert client.get(f"/api/models/{model}/versions/champion").status_code == 404


def test_the_same_bytes_are_stored_once_and_freed_with_the_last_version(
    client: httpx.Client, server: Server
) -> None:
    model, content = a_model(client), a_linear_model(77.0)
    sha256 = upload(client, model, content).json()["sha256"]
    second = upload(client, model, content).json()
    blob = server.home / "blobs" / "sha256" / sha256[:2] / sha256[2:]
    for number in (1, 2):
        assert (server.home / f"models/{model}/v{number}/model.onnx").samefile(blob)
    assert second["sha256"] == sha256

    def stored() -> int:
        return sum(1 for path in (server.home / "blobs").rglob("*") if sha256[4:] in path.name)

    assert stored() == 1
    _ = client.delete(f"/api/models/{model}/versions/1")
    assert stored() == 1
    _ = client.delete(f"/api/models/{model}/versions/2")
    assert stored() == 0


def test_uploads_at_once_become_versions_of_their_own(server: Server, client: httpx.Client) -> None:
    model = a_model(client)

    def one(scale: int) -> int:
        with server.client(client.headers["authorization"].removeprefix("Bearer ")) as own:
            return int(upload(own, model, a_linear_model(float(scale))).json()["version"])

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(one, range(8)))

    assert sorted(numbers) == list(range(1, 9))
    assert client.get(f"/api/models/{model}").json()["n_versions"] == 8


def test_a_deleted_model_leaves_no_file(client: httpx.Client, server: Server) -> None:
    model = a_model(client)
    _ = upload(client, model, a_linear_model())

    assert client.delete(f"/api/models/{model}").status_code == 204

    assert not (server.home / "models" / model).exists()
    assert client.get(f"/api/models/{model}").status_code == 404


def test_two_models_of_one_owner_have_two_names(client: httpx.Client) -> None:
    _ = a_model(client, name="twin")

    answer = client.post("/api/models", json={"name": "twin"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "model_exists"


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (b"", "model.onnx", 422),
        (b"not a model at all", "model.onnx", 415),
        (a_linear_model()[:-20], "model.onnx", 422),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00.", "model.onnx", 415),
        (b"PK\x03\x04" + b"\x00" * 64, "model.pt2", 415),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "model.onnx", 415),
    ],
)
def test_what_is_no_model_is_refused_and_leaves_nothing(
    client: httpx.Client, server: Server, content: bytes, name: str, status: int
) -> None:
    model = a_model(client)
    before = set((server.home / "blobs").rglob("*"))

    answer = upload(client, model, content, name)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"/api/models/{model}/versions").json()["items"] == []
    assert {path for path in (server.home / "blobs").rglob("*") if path.is_file()} <= before


def test_a_file_that_can_run_code_is_kept_badged_and_never_deployed(client: httpx.Client) -> None:
    model = a_model(client)

    version = upload(client, model, pickle.dumps({"a": print}), "model.pkl").json()
    refused = client.post(f"/api/models/{model}/versions/1/deploy")

    assert (version["format"], version["servable"]) == ("pickle", False)
    assert version["scan"] == {
        "can_run_code": True,
        "findings": ["loading it imports builtins.print"],
    }
    assert (refused.status_code, refused.json()["code"]) == (422, "not_servable")
    assert "to_onnx" in refused.json()["detail"]


@pytest.mark.parametrize("name", ["../../x", "a/b", "", "x" * 200, "nul\x00", "-dash", "sp ace"])
def test_a_model_name_that_is_no_name_is_422(client: httpx.Client, name: str) -> None:
    answer = client.post("/api/models", json={"name": name})

    assert answer.status_code == 422


def test_a_file_name_never_becomes_a_path(client: httpx.Client, server: Server) -> None:
    model = a_model(client)

    version = upload(client, model, a_linear_model(), name="../../../../tmp/evil.onnx").json()

    assert version["file_path"] == f"models/{model}/v1/model.onnx"


@pytest.mark.parametrize(
    ("kwargs", "status"),
    [
        ({"json": {"file": "x"}}, 415),
        ({"files": {"other": b"x"}}, 422),
        ({"data": {"metadata": "{}"}, "files": {"metadata": (None, "{}")}}, 422),
        ({"files": {"file": b"x", "metadata": (None, "{bad")}}, 422),
        ({"files": {"metadata": (None, '{"metrics": {"a": "high"}}'), "file": b"x"}}, 422),
        (
            {"content": b"--b\r\n", "headers": {"content-type": "multipart/form-data; boundary=b"}},
            400,
        ),
    ],
)
def test_a_body_that_is_no_upload_is_refused(
    client: httpx.Client, kwargs: dict[str, Any], status: int
) -> None:
    model = a_model(client)

    answer = client.post(f"/api/models/{model}/versions", **kwargs)

    assert answer.status_code == status, answer.text


def test_a_file_that_arrives_changed_is_refused(client: httpx.Client) -> None:
    model = a_model(client)

    answer = upload(client, model, a_linear_model(), sha256="0" * 64)

    assert answer.status_code == 422
    assert answer.json()["code"] == "hash_differs"
    assert client.get(f"/api/models/{model}").json()["n_versions"] == 0


@pytest.mark.parametrize("ref", ["9" * 30, "0", "-1", "nobody", "1.0"])
def test_a_version_that_is_not_there_is_404(client: httpx.Client, ref: str) -> None:
    model = a_model(client)
    _ = upload(client, model, a_linear_model())

    for path in ("", "/download"):
        answer = client.get(f"/api/models/{model}/versions/{ref}{path}")
        assert answer.status_code == 404, answer.text
