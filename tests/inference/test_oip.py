"""The Open Inference Protocol v2, asked by Triton's own client and by hand."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import onnx_models
import pytest
import tritonclient.http as triton
from numpy.typing import NDArray
from product import Server, running
from registered import an_account
from tritonclient._plugin import InferenceServerClientPlugin
from tritonclient.utils import InferenceServerException

from axonml.ids import new_id


class Bearer(InferenceServerClientPlugin):
    """Sends the token with each request, as the client's guide has it."""

    def __init__(self, header: str) -> None:
        self.header = header

    def __call__(self, request: Any) -> None:
        request.headers["authorization"] = self.header


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with an_account(server.url, "ada") as client:
        yield client


def served(client: httpx.Client, name: str, proto: Any) -> None:
    model = client.post("/api/models", json={"name": f"m-{new_id().lower()}"}).json()["id"]
    uploaded = client.post(
        f"/api/models/{model}/versions", files={"file": ("m.onnx", proto.SerializeToString())}
    )
    assert uploaded.status_code == 201, uploaded.text
    deployed = client.post(f"/api/models/{model}/versions/1/deploy", json={"name": name})
    assert deployed.status_code == 201, deployed.text


@pytest.fixture(scope="module")
def endpoints(client: httpx.Client) -> None:
    served(client, "double", onnx_models.doubling())
    served(client, "two", onnx_models.sum_and_product())


@pytest.fixture
def asked(
    server: Server, client: httpx.Client, endpoints: None
) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(f"localhost:{server.port}") as asked:
        asked.register_plugin(Bearer(client.headers["authorization"]))
        yield asked


def an_input(name: str, array: Any, *, binary: bool) -> triton.InferInput:
    given = triton.InferInput(name, list(array.shape), "FP32")
    return given.set_data_from_numpy(array, binary_data=binary)


def assert_equal(answer: Any, name: str, expected: NDArray[np.float32]) -> None:
    np.testing.assert_array_equal(answer.as_numpy(name), expected)


def test_the_server_says_what_it_is(asked: triton.InferenceServerClient) -> None:
    assert asked.is_server_live()
    assert asked.is_server_ready()
    told = asked.get_server_metadata()
    assert told["name"] == "axonml"
    assert "binary_tensor_data" in told["extensions"]


def test_a_model_says_what_it_takes_and_gives(asked: triton.InferenceServerClient) -> None:
    assert asked.is_model_ready("double")
    assert asked.is_model_ready("double", "1")
    assert not asked.is_model_ready("double", "2")
    assert not asked.is_model_ready("nothing")
    told = asked.get_model_metadata("double")
    assert told["versions"] == ["1"]
    assert told["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}]
    assert told["outputs"] == [{"name": "y", "datatype": "FP32", "shape": [-1, 3]}]


def test_tensors_travel_as_json_and_as_bytes(asked: triton.InferenceServerClient) -> None:
    rows = np.array([[1, 2, 3], [0.1, -0.5, 1e30]], np.float32)
    for binary_in, binary_out in itertools.product([True, False], repeat=2):
        wanted = [triton.InferRequestedOutput("y", binary_data=binary_out)]

        answer = asked.infer("double", [an_input("x", rows, binary=binary_in)], outputs=wanted)

        assert_equal(answer, "y", rows * 2)
        assert answer.get_response()["model_version"] == "1"


def test_without_a_word_about_outputs_all_come(asked: triton.InferenceServerClient) -> None:
    a, c = np.array([[1, 2]], np.float32), np.array([[3, 4]], np.float32)
    inputs = [an_input("c", c, binary=True), an_input("a", a, binary=False)]

    answer = asked.infer("two", inputs, request_id="r-7", model_version="1")

    assert_equal(answer, "sum", a + c)
    assert_equal(answer, "product", a * c)
    assert answer.get_response()["id"] == "r-7"


def test_many_rows_go_and_come_as_bytes(asked: triton.InferenceServerClient) -> None:
    rows = np.random.default_rng(7).random((4000, 3), np.float32)

    answer = asked.infer("double", [an_input("x", rows, binary=True)])

    assert_equal(answer, "y", rows * 2)


@pytest.mark.parametrize(
    ("name", "shape", "version", "said"),
    [
        ("z", [1, 3], "", "no such input"),
        ("x", [1, 4], "", "wanted [-1, 3]"),
        ("x", [3], "", "wanted [-1, 3]"),
        ("x", [1, 3], "9", "serves version 1"),
    ],
)
def test_what_does_not_fit_is_said_to_the_client(
    asked: triton.InferenceServerClient, name: str, shape: list[int], version: str, said: str
) -> None:
    given = an_input(name, np.zeros(shape, np.float32), binary=True)

    with pytest.raises(InferenceServerException) as refused:
        _ = asked.infer("double", [given], model_version=version)

    assert said in str(refused.value)


def infer(client: httpx.Client, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v2/models/double/infer", content=content, headers=headers)


def tensor(**fields: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32", **fields}]}


@pytest.mark.usefixtures("endpoints")
def test_data_may_be_nested_or_flat(client: httpx.Client) -> None:
    for data in ([1, 2, 3], [[1, 2, 3]], [1.0, 2, 3]):
        answer = infer(client, tensor(data=data))
        assert answer.status_code == 200, answer.text
        assert answer.json()["outputs"] == [
            {"name": "y", "datatype": "FP32", "shape": [1, 3], "data": [2, 4, 6]}
        ]


BINARY: list[tuple[Any, dict[str, str]]] = [
    (tensor(parameters={"binary_data_size": 12}), {}),
    (tensor(parameters={"binary_data_size": -1}), {}),
    (tensor(parameters={"binary_data_size": True}), {}),
    (
        json.dumps(tensor(data=[1, 2, 3])).encode() + b"more",
        {"inference-header-content-length": "1"},
    ),
    (tensor(data=[1, 2, 3]), {"inference-header-content-length": "99999"}),
    (tensor(data=[1, 2, 3]), {"inference-header-content-length": "x"}),
    (tensor(data=[1, 2, 3]), {"content-encoding": "gzip"}),
]
HOSTILE: list[tuple[Any, dict[str, str]]] = [
    (b"", {}),
    (b"{", {}),
    (b"[" * 100_000, {}),
    ({}, {}),
    ({"inputs": []}, {}),
    (tensor(), {}),
    (tensor(data=[1, 2]), {}),
    (tensor(data=[[1, 2], [3]]), {}),
    (tensor(data=["a", "b", "c"]), {}),
    (tensor(data=[True, False, True]), {}),
    (tensor(data=[1e39, 2, 3]), {}),
    (tensor(data=None), {}),
    (tensor(data={"a": 1}), {}),
    (tensor(datatype="FP64", data=[1, 2, 3]), {}),
    (tensor(datatype="COMPLEX", data=[1, 2, 3]), {}),
    (tensor(shape=[0, 3], data=[]), {}),
    (tensor(shape=[-1, 3], data=[1, 2, 3]), {}),
    (tensor(shape=[1 << 41, 3], data=[1, 2, 3]), {}),
    (tensor(shape=[100_000, 3], data=[0] * 300_000), {}),
    ({"inputs": tensor(data=[1, 2, 3])["inputs"] * 2}, {}),
    ({**tensor(data=[1, 2, 3]), "outputs": [{"name": "nothing"}]}, {}),
    *BINARY,
]


@pytest.mark.usefixtures("endpoints")
@pytest.mark.parametrize(("body", "headers"), HOSTILE)
def test_a_request_that_is_none_is_4xx_with_a_sentence(
    client: httpx.Client, body: Any, headers: dict[str, str]
) -> None:
    answer = infer(client, body, **headers)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]


@pytest.mark.usefixtures("endpoints")
def test_who_may_not_see_an_endpoint_finds_none(server: Server) -> None:
    with an_account(server.url, "kim") as kim:
        for path in ("/v2/models/double", "/v2/models/double/ready", "/v2/models/nothing"):
            assert kim.get(path).status_code == 404
        assert infer(kim, tensor(data=[1, 2, 3])).status_code == 404
    assert httpx.get(f"{server.url}/v2/models/double").status_code == 401


@pytest.mark.usefixtures("endpoints")
def test_a_stopped_endpoint_is_not_ready(client: httpx.Client) -> None:
    served(client, "stopped", onnx_models.doubling())
    [endpoint] = [
        each
        for each in client.get("/api/inference/endpoints").json()["items"]
        if each["name"] == "stopped"
    ]
    assert client.post(f"/api/inference/endpoints/{endpoint['id']}/stop").is_success

    assert client.get("/v2/models/stopped/ready").status_code == 503
    assert client.get("/v2/models/stopped").status_code == 200
    refused = client.post("/v2/models/stopped/infer", json=tensor(data=[1, 2, 3]))
    assert refused.status_code == 409
