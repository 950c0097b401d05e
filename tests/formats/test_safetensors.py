"""safetensors: sound or not, and served where the file says what its layers are."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from axonml.errors import Invalid
from axonml.formats.format import Inspection, ModelError, Signature, TensorSpec
from axonml.formats.inspect import examine
from axonml.formats.safetensors import SafetensorsFormat

Arrays = dict[str, NDArray[Any]]
RANDOM = np.random.default_rng(0)


def numbers(*shape: int) -> NDArray[np.float32]:
    return RANDOM.normal(size=shape).astype(np.float32)


def a_stack(*names: str, widths: tuple[int, ...]) -> Arrays:
    tensors: Arrays = {}
    for name, takes, gives in zip(names, widths, widths[1:], strict=False):
        tensors |= {f"{name}.weight": numbers(gives, takes), f"{name}.bias": numbers(gives)}
    return tensors


def inspected(path: Path, tensors: Arrays, **metadata: str) -> Inspection:
    named = {f"axonml.{key}": value for key, value in metadata.items()}
    safetensors.numpy.save_file(tensors, path, {"format": "pt", **named})
    return examine(path, "model.safetensors")


def answered(path: Path, x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(SafetensorsFormat().load(path, 1)({"input": x})["output"])


# ---------------------------------------------------------------------------- the plain stack
@pytest.mark.parametrize(
    "names",
    [
        ("0", "2", "4"),
        ("fc1", "fc2", "fc3"),
        ("layers.0", "layers.1", "layers.2"),
        ("model.net.9.linear", "model.net.10.linear", "model.net.11.linear"),
    ],
)
def test_a_stack_of_linear_layers_is_served_with_relu_between(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    path, tensors = tmp_path / "upload", a_stack(*names, widths=(5, 4, 4, 3))
    found = inspected(path, tensors)
    x = numbers(6, 5)

    y = x
    for at, name in enumerate(names):
        y = y @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]
        y = np.maximum(y, 0) if at < 2 else y

    np.testing.assert_allclose(answered(path, x), y, rtol=1e-5, atol=1e-5)
    assert found.servable
    assert found.signature == Signature(
        (TensorSpec("input", "float32", (-1, 5)),), (TensorSpec("output", "float32", (-1, 3)),)
    )
    assert found.reason == (
        "served as a stack of linear layers (5-4-4-3), relu between them (assumed, as no"
        " axonml.activation in its metadata says otherwise)"
    )


def test_the_metadata_says_what_stands_between_and_after_the_layers(tmp_path: Path) -> None:
    path, tensors = tmp_path / "upload", a_stack("0", "1", widths=(5, 4, 3))
    found = inspected(path, tensors, activation="tanh", output_activation="softmax")
    x = numbers(2, 5)

    hidden = np.tanh(x @ tensors["0.weight"].T + tensors["0.bias"])
    scores = np.exp(hidden @ tensors["1.weight"].T + tensors["1.bias"])

    chances = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(answered(path, x), chances, rtol=1e-5, atol=1e-5)
    assert "tanh between them (as its metadata says)" in found.reason


def test_one_layer_is_served_if_its_bias_tells_it_from_a_table(tmp_path: Path) -> None:
    layer, table = a_stack("head", widths=(5, 3)), {"head.weight": numbers(3, 5)}

    assert inspected(tmp_path / "upload", layer).servable
    assert not inspected(tmp_path / "upload", table).servable


@pytest.mark.parametrize(
    "tensors",
    [
        a_stack("encoder", "decoder", widths=(5, 5, 5)),  # the order would be a guess
        a_stack("0.1", "1.2", widths=(5, 5, 5)),
        a_stack("a.0", "b.1", widths=(5, 5, 5)),
        a_stack("0", "1", widths=(5, 4, 3)) | {"2.running_mean": numbers(3)},
        a_stack("0", "1", widths=(5, 4, 3)) | {"1.bias": numbers(4)},
        a_stack("0", "1", widths=(5, 4, 3)) | {"2.bias": numbers(3)},
        {"0.weight": numbers(4, 3, 3), "1.weight": numbers(3, 4)},
        {"embedding": numbers(4, 3)},
    ],
)
def test_what_is_no_stack_for_sure_is_kept_with_the_way_out(
    tensors: Arrays, tmp_path: Path
) -> None:
    found = inspected(tmp_path / "upload", tensors)

    assert (found.format, found.suffix, found.servable) == ("safetensors", ".safetensors", False)
    assert "weights without an architecture" in found.reason
    assert "axonml.graph" in found.reason
    assert "run.log_model" in found.reason
    with pytest.raises(ModelError):
        _ = answered(tmp_path / "upload", numbers(1, 5))


def test_a_stack_whose_layers_do_not_fit_is_told_where(tmp_path: Path) -> None:
    tensors = a_stack("0", widths=(5, 4)) | a_stack("1", widths=(3, 2))

    found = inspected(tmp_path / "upload", tensors)

    assert found.reason == ("not servable: 0.weight gives 4 values, but 1.weight takes 3")


@pytest.mark.parametrize("dtype", ["F16", "BF16", "F64"])
def test_weights_of_other_precisions_are_computed_in_float32(dtype: str, tmp_path: Path) -> None:
    path, weight = tmp_path / "upload", np.array([[1.5, -2.0]], np.float32)
    as_stored = {
        "F16": weight.astype(np.float16),
        "BF16": (weight.view(np.uint32) >> 16).astype(np.uint16),
        "F64": weight.astype(np.float64),
    }[dtype]
    body = as_stored.tobytes() + as_stored.tobytes()[: as_stored.itemsize]
    header = {
        "0.weight": entry(dtype, [1, 2], 0, as_stored.nbytes),
        "0.bias": entry(dtype, [1], as_stored.nbytes, len(body)),
    }
    _ = path.write_bytes(a_header(json.dumps(header).encode(), body))

    np.testing.assert_array_equal(answered(path, np.array([[2, 1]], np.float32)), [[2.5]])


def test_weights_of_eight_bits_are_kept_and_told(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    header = {"0.weight": entry("F8_E4M3", [2, 2], 0, 4), "0.bias": entry("F8_E4M3", [2], 4, 6)}
    _ = path.write_bytes(a_header(json.dumps(header).encode(), bytes(6)))

    found = examine(path, "m.safetensors")

    assert "is of type F8_E4M3; save it as F32" in found.reason


# ---------------------------------------------------------------------------- described layers
LINEAR = {"0.weight": numbers(3, 5), "0.bias": numbers(3)}
INPUT = [{"shape": [-1, 5]}]


def test_described_layers_are_served(tmp_path: Path) -> None:
    path, tensors = tmp_path / "upload", {"a.weight": numbers(4, 2, 3), "b.weight": numbers(2, 8)}
    graph = {
        "version": 1,
        "inputs": [{"name": "input", "shape": [-1, 2, 4]}],
        "layers": [
            {"name": "a", "kind": "conv1d"},
            {"kind": "relu"},
            {"kind": "flatten"},
            {"name": "b", "kind": "linear"},
        ],
        "outputs": {"output": "b", "hidden": "1"},
    }
    found = inspected(path, tensors, graph=json.dumps(graph))
    x = numbers(3, 2, 4)

    windows = np.lib.stride_tricks.sliding_window_view(x, 3, axis=2)
    hidden = np.maximum(np.einsum("bctk,ock->bot", windows, tensors["a.weight"]), 0)
    wanted = hidden.reshape(3, 8) @ tensors["b.weight"].T
    got: Arrays = dict(SafetensorsFormat().load(path, 1)({"input": x}))

    np.testing.assert_allclose(got["output"], wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(got["hidden"], hidden, rtol=1e-4, atol=1e-5)
    assert found.signature is not None
    assert [each.shape for each in found.signature.outputs] == [(-1, 2), (-1, 4, 2)]


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        ("{", "axonml.graph cannot be read"),
        ("[" * 100_000, "axonml.graph cannot be read"),
        ({"inputs": INPUT, "layers": []}, "length >= 1"),
        ({"inputs": INPUT, "layers": [{"name": "0"}]}, "layer 0: .*kind"),
        ({"inputs": INPUT, "layers": [{"kind": "python"}]}, "unknown kind 'python'; known are lin"),
        ({"inputs": INPUT, "layers": [{"kind": "linear", "bias": False}]}, "unknown field `bias`"),
        ({"inputs": INPUT, "layers": [{"name": "9", "kind": "linear"}]}, "no tensor '9.weight'"),
        ({"inputs": [{"shape": [-1, 4]}], "layers": [{"kind": "linear"}]}, "takes 5 features"),
        ({"inputs": INPUT, "layers": [{"kind": "relu"}]}, "no layer uses 2 of the file's tensors"),
        (
            {"inputs": INPUT, "layers": [{"kind": "linear"}, {"kind": "relu", "inputs": ["x"]}]},
            "takes 'x', which no layer before it is named",
        ),
        (
            {"inputs": INPUT, "layers": [{"kind": "linear"}, {"name": "0", "kind": "relu"}]},
            "two layers or inputs are named '0'",
        ),
        (
            {"inputs": INPUT, "layers": [{"kind": "linear"}], "outputs": {"y": "7"}},
            "output 'y' names no layer",
        ),
        (
            {"inputs": [{"shape": [-1, 1 << 25]}], "layers": [{"kind": "concat", "dim": 1}]},
            "joins two inputs or more",
        ),
        (
            {
                "inputs": [{"shape": [-1, 1 << 26], "name": "x"}],
                "layers": [{"kind": "concat", "dim": 1, "inputs": ["x", "x"]}],
            },
            "its output is over budget",
        ),
        ({"inputs": [{"shape": [-1, 1 << 62]}], "layers": [{"kind": "relu"}]}, "cannot be read"),
        (
            {
                "inputs": [{"shape": [-1, 2, 2]}],
                "layers": [{"kind": "max_pool1d", "kernel_size": 3}],
            },
            "nothing is left of its input",
        ),
        (
            {"inputs": INPUT, "layers": [{"kind": "softmax", "dim": 0}]},
            "no axis 0 beside the batch",
        ),
        ({"inputs": INPUT, "layers": [{"name": "a b", "kind": "relu"}]}, "matching regex"),
    ],
)
def test_a_description_that_cannot_be_followed_is_told_where(
    graph: Any, said: str, tmp_path: Path
) -> None:
    text = graph if isinstance(graph, str) else json.dumps(graph)

    found = inspected(tmp_path / "upload", LINEAR, graph=text)

    assert not found.servable
    assert re.search(said, found.reason), found.reason


# ---------------------------------------------------------------------------- damaged files
def entry(dtype: str, shape: list[int], first: int, last: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, last]}


def a_header(raw: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(raw)) + raw + body


ONE = entry("F32", [1], 0, 4)


@pytest.mark.parametrize(
    "content",
    [
        b"\x01",
        struct.pack("<Q", 1 << 62) + b"{",
        struct.pack("<Q", 50) + b"{}",
        a_header(b"{"),
        a_header(b"[]"),
        a_header(b'{"a": ' * 5000),
        a_header(b"{}"),
        a_header(b"{}", b"x"),
        a_header(b'{"w": \xff}'),
        a_header(b'{"__metadata__": {"a": 1}}'),
        a_header(b'{"__metadata__": []}'),
        a_header(b'{"a": 1' + b"0" * 5000 + b"}"),
        # Two readers would see two different files.
        a_header(
            json.dumps({"w": ONE}).encode()[:-1] + b', "w": ' + json.dumps(ONE).encode() + b"}",
            bytes(4),
        ),
        a_header(
            b'{"w": {"dtype": "F32", "dtype": "I32", "shape": [1], "data_offsets": [0, 4]}}',
            bytes(4),
        ),
        # Overlapping, and with a gap.
        a_header(json.dumps({"a": ONE, "b": ONE}).encode(), bytes(4)),
        a_header(json.dumps({"a": ONE, "b": entry("F32", [1], 2, 6)}).encode(), bytes(6)),
        a_header(json.dumps({"a": ONE, "b": entry("F32", [1], 8, 12)}).encode(), bytes(12)),
        a_header(json.dumps({"a": entry("F32", [1 << 63], 0, 4)}).encode(), bytes(4)),
        a_header(json.dumps({"a": entry("F32", [(1 << 63) - 1] * 64, 0, 4)}).encode(), bytes(4)),
        a_header(json.dumps({"a": entry("F32", [1] * 100_000, 0, 4)}).encode(), bytes(4)),
        a_header(b'{"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', bytes(4)),
        a_header(b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', bytes(3)),
        a_header(b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', bytes(5)),
        a_header(b'{"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', bytes(8)),
        a_header(b'{"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', bytes(4)),
        a_header(b'{"w": {"dtype": "EVIL", "shape": [1], "data_offsets": [0, 4]}}', bytes(4)),
        a_header(b'{"w": {"dtype": "F32", "shape": [1e9], "data_offsets": [0, 4]}}', bytes(4)),
        a_header(
            b'{"w": {"dtype": "F32", "shape": [%d], "data_offsets": [0, 4]}}' % (1 << 62), bytes(4)
        ),
    ],
)
def test_a_safetensors_header_that_lies_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    _ = path.write_bytes(content)

    with pytest.raises(Invalid) as caught:
        _ = examine(path, "m.safetensors")

    assert caught.value.problem_code == "damaged_file"
