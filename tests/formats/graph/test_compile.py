"""Each layer of the closed list computes what torch's own layer computes."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from axonml.formats.graph.compile import LAYERS
from axonml.formats.safetensors import SafetensorsFormat

pytestmark = pytest.mark.torch
torch: Any = pytest.importorskip("torch")

# kind and options of the layer, what makes torch's, the shape of a row of the input
Case = tuple[dict[str, Any], Callable[[Any], Any], tuple[int, ...]]


def _first(module: Any, args: Any, outputs: Any) -> Any:
    return outputs[0]


def _steps_of(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Give the steps, the first of the two things that a recurrent layer returns."""

    def made(nn: Any) -> Any:
        layer = make(nn)
        layer.register_forward_hook(_first)
        return layer

    return made


CASES: dict[str, Case] = {
    "linear": ({"kind": "linear"}, lambda nn: nn.Linear(5, 3), (5,)),
    "linear no bias": ({"kind": "linear"}, lambda nn: nn.Linear(5, 3, bias=False), (5,)),
    "linear of steps": ({"kind": "linear"}, lambda nn: nn.Linear(5, 3), (4, 5)),
    "linear of steps no bias": ({"kind": "linear"}, lambda nn: nn.Linear(5, 3, bias=False), (4, 5)),
    "conv1d": ({"kind": "conv1d"}, lambda nn: nn.Conv1d(3, 4, 3), (3, 9)),
    "conv1d wide": (
        {"kind": "conv1d", "stride": 2, "padding": [3], "dilation": 2},
        lambda nn: nn.Conv1d(3, 4, 3, stride=2, padding=3, dilation=2),
        (3, 11),
    ),
    "conv2d": (
        {"kind": "conv2d", "stride": [2, 1], "padding": 1, "groups": 2},
        lambda nn: nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=1, groups=2, bias=False),
        (4, 7, 6),
    ),
    "batch_norm": ({"kind": "batch_norm"}, lambda nn: nn.BatchNorm1d(4), (4,)),
    "batch_norm of pictures": (
        {"kind": "batch_norm", "eps": 0.01},
        lambda nn: nn.BatchNorm2d(4, eps=0.01),
        (4, 3, 3),
    ),
    "layer_norm": ({"kind": "layer_norm"}, lambda nn: nn.LayerNorm(6), (4, 6)),
    "layer_norm of two axes": (
        {"kind": "layer_norm", "eps": 0.1},
        lambda nn: nn.LayerNorm((4, 6), eps=0.1, bias=False),
        (4, 6),
    ),
    "group_norm": (
        {"kind": "group_norm", "groups": 2, "eps": 0.02},
        lambda nn: nn.GroupNorm(2, 6, eps=0.02),
        (6, 5),
    ),
    "relu": ({"kind": "relu"}, lambda nn: nn.ReLU(), (5,)),
    "sigmoid": ({"kind": "sigmoid"}, lambda nn: nn.Sigmoid(), (5,)),
    "tanh": ({"kind": "tanh"}, lambda nn: nn.Tanh(), (5,)),
    "softplus": ({"kind": "softplus"}, lambda nn: nn.Softplus(), (5,)),
    "selu": ({"kind": "selu"}, lambda nn: nn.SELU(), (5,)),
    "hardswish": ({"kind": "hardswish"}, lambda nn: nn.Hardswish(), (5,)),
    "identity": ({"kind": "identity"}, lambda nn: nn.Identity(), (5,)),
    "silu": ({"kind": "silu"}, lambda nn: nn.SiLU(), (5,)),
    "gelu": ({"kind": "gelu"}, lambda nn: nn.GELU(), (5,)),
    "gelu tanh": (
        {"kind": "gelu", "approximate": "tanh"},
        lambda nn: nn.GELU(approximate="tanh"),
        (5,),
    ),
    "leaky_relu": (
        {"kind": "leaky_relu", "negative_slope": 0.3},
        lambda nn: nn.LeakyReLU(0.3),
        (5,),
    ),
    "elu": ({"kind": "elu", "alpha": 0.7}, lambda nn: nn.ELU(0.7), (5,)),
    "softmax": ({"kind": "softmax"}, lambda nn: nn.Softmax(-1), (5,)),
    "log_softmax": ({"kind": "log_softmax", "dim": 1}, lambda nn: nn.LogSoftmax(1), (3, 5)),
    "dropout": ({"kind": "dropout", "p": 0.9}, lambda nn: nn.Dropout(0.9), (5,)),
    "max_pool1d": ({"kind": "max_pool1d", "kernel_size": 2}, lambda nn: nn.MaxPool1d(2), (3, 9)),
    "max_pool2d": (
        {"kind": "max_pool2d", "kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 0]},
        lambda nn: nn.MaxPool2d((3, 2), (2, 1), (1, 0)),
        (3, 9, 8),
    ),
    "avg_pool1d": (
        {"kind": "avg_pool1d", "kernel_size": 4, "stride": 3, "padding": 2},
        lambda nn: nn.AvgPool1d(4, 3, 2),
        (3, 9),
    ),
    "avg_pool2d": ({"kind": "avg_pool2d", "kernel_size": 2}, lambda nn: nn.AvgPool2d(2), (3, 9, 8)),
    "adaptive_avg_pool1d": (
        {"kind": "adaptive_avg_pool1d"},
        lambda nn: nn.AdaptiveAvgPool1d(1),
        (3, 9),
    ),
    "adaptive_avg_pool2d": (
        {"kind": "adaptive_avg_pool2d", "output_size": [3, 2]},
        lambda nn: nn.AdaptiveAvgPool2d((3, 2)),
        (3, 9, 8),
    ),
    "flatten": ({"kind": "flatten"}, lambda nn: nn.Flatten(), (3, 4, 5)),
    "flatten a part": (
        {"kind": "flatten", "start_dim": 2, "end_dim": 3},
        lambda nn: nn.Flatten(2, 3),
        (3, 4, 5, 2),
    ),
    "flatten the first": (
        {"kind": "flatten", "start_dim": 1, "end_dim": -2},
        lambda nn: nn.Flatten(1, -2),
        (3, 4, 5),
    ),
    "embedding": ({"kind": "embedding"}, lambda nn: nn.Embedding(7, 3), (4,)),
    "gru": ({"kind": "gru"}, _steps_of(lambda nn: nn.GRU(3, 4, batch_first=True)), (6, 3)),
    "gru deep both ways": (
        {"kind": "gru", "num_layers": 2, "bidirectional": True},
        _steps_of(lambda nn: nn.GRU(3, 4, 2, batch_first=True, bidirectional=True)),
        (6, 3),
    ),
    "lstm": (
        {"kind": "lstm"},
        _steps_of(lambda nn: nn.LSTM(3, 4, batch_first=True, bias=False)),
        (6, 3),
    ),
    "lstm deep both ways": (
        {"kind": "lstm", "num_layers": 3, "bidirectional": True},
        _steps_of(lambda nn: nn.LSTM(3, 4, 3, batch_first=True, bidirectional=True)),
        (6, 3),
    ),
}
# Layers of several inputs, and those that torch has as functions.
TESTED_BELOW = {"attention", "add", "multiply", "concat", "select", "mean"}


def served(
    folder: Path,
    graph: Mapping[str, Any],
    tensors: Mapping[str, np.ndarray[Any, Any]],
    inputs: Mapping[str, np.ndarray[Any, Any]],
) -> np.ndarray[Any, Any]:
    """Write the file, inspect it, and return what a replica would answer."""
    path = folder / "m.safetensors"
    safetensors.numpy.save_file(dict(tensors), path, {"axonml.graph": json.dumps(graph)})
    found = SafetensorsFormat().inspect(path)
    assert found.signature is not None, found.reason
    output = SafetensorsFormat().load(path, 1)(inputs)["output"]
    told = found.signature.outputs[0].shape
    assert len(told) == output.ndim
    assert all(size in {-1, there} for size, there in zip(told, output.shape, strict=True))
    return np.asarray(output)


def tensors_of(layer: Any, prefix: str) -> dict[str, np.ndarray[Any, Any]]:
    return {f"{prefix}.{name}": each.numpy() for name, each in layer.state_dict().items()}


def test_every_layer_of_the_list_is_compared_with_torch() -> None:
    compared = {options["kind"] for options, _, _ in CASES.values()} | TESTED_BELOW

    assert compared == set(LAYERS)


# An axis that may stay open, as the length of a sequence does.
OPEN = {"conv1d": 2, "conv2d": 3, "gru": 1, "lstm": 1, "embedding": 1}


@pytest.mark.parametrize(
    ("case", "is_open"),
    [(name, False) for name in CASES]
    + [(name, True) for name, (options, _, _) in CASES.items() if options["kind"] in OPEN],
)
def test_a_layer_computes_what_torchs_does(case: str, *, is_open: bool, tmp_path: Path) -> None:
    options, make, shape = CASES[case]
    _ = torch.manual_seed(0)
    layer = make(torch.nn)
    for name, tensor in layer.state_dict().items():
        if tensor.is_floating_point():
            _ = tensor.uniform_(0.5, 1.5) if name == "running_var" else tensor.normal_()
    _ = layer.eval()
    is_integer = options["kind"] == "embedding"
    x = torch.randint(0, 7, (2, *shape)) if is_integer else torch.randn(2, *shape)
    size = [-1, *shape]
    if is_open:
        size[OPEN[options["kind"]]] = -1
    dtype = "int64" if is_integer else "float32"
    graph = {
        "inputs": [
            {"name": "x", "shape": size, "dtype": dtype},
            {"name": "index", "shape": [-1, 1], "dtype": "int64"},
        ],
        # A second layer that has a tensor: a file holds one at least.
        "layers": [
            {"name": "scale", "kind": "embedding", "inputs": ["index"]},
            {"name": "it", "inputs": ["x"], **options},
        ],
    }
    tensors = {"scale.weight": np.ones((1, 1), np.float32), **tensors_of(layer, "it")}

    got = served(tmp_path, graph, tensors, {"x": x.numpy(), "index": np.zeros((2, 1), np.int64)})

    with torch.no_grad():
        wanted = layer(x).numpy()
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("is_causal", "length"), [(False, 5), (True, 5), (True, -1)])
def test_attention_computes_what_torchs_does(
    *, is_causal: bool, length: int, tmp_path: Path
) -> None:
    _ = torch.manual_seed(0)
    layer = torch.nn.MultiheadAttention(8, 2, batch_first=True).eval()
    for tensor in layer.state_dict().values():
        _ = tensor.normal_()
    x = torch.randn(3, 5, 8)
    graph = {
        "inputs": [{"name": "x", "shape": [-1, length, 8]}],
        "layers": [{"name": "it", "kind": "attention", "num_heads": 2, "causal": is_causal}],
    }

    got = served(tmp_path, graph, tensors_of(layer, "it"), {"x": x.numpy()})

    mask = torch.triu(torch.full((5, 5), -torch.inf), 1) if is_causal else None
    with torch.no_grad():
        wanted = layer(x, x, x, attn_mask=mask, need_weights=False)[0].numpy()
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_attention_of_one_sequence_to_another_computes_what_torchs_does(tmp_path: Path) -> None:
    _ = torch.manual_seed(0)
    layer = torch.nn.MultiheadAttention(8, 4, batch_first=True, bias=False).eval()
    query, key = torch.randn(3, 2, 8), torch.randn(3, 5, 8)
    graph = {
        "inputs": [{"name": "q", "shape": [-1, 2, 8]}, {"name": "k", "shape": [-1, 5, 8]}],
        "layers": [
            {"name": "it", "kind": "attention", "num_heads": 4, "inputs": ["q", "k", "k"]},
        ],
    }

    got = served(tmp_path, graph, tensors_of(layer, "it"), {"q": query.numpy(), "k": key.numpy()})

    with torch.no_grad():
        wanted = layer(query, key, key, need_weights=False)[0].numpy()
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_a_network_with_ways_that_part_and_join_computes_what_torchs_does(tmp_path: Path) -> None:
    nn = torch.nn
    _ = torch.manual_seed(0)
    table, walk = nn.Embedding(11, 6), nn.GRU(6, 6, batch_first=True)
    norm, head = nn.LayerNorm(6), nn.Linear(12, 3)
    x = torch.randint(0, 11, (4, 7))
    graph = {
        "inputs": [{"name": "words", "shape": [-1, -1], "dtype": "int64"}],
        "layers": [
            {"name": "table", "kind": "embedding"},
            {"name": "walk", "kind": "gru"},
            {"name": "both", "kind": "add", "inputs": ["table", "walk"]},
            {"name": "norm", "kind": "layer_norm"},
            {"name": "squared", "kind": "multiply", "inputs": ["norm", "norm"]},
            {"name": "middle", "kind": "mean", "inputs": ["squared"]},
            {"name": "last", "kind": "select", "inputs": ["norm"]},
            {"name": "joined", "kind": "concat", "inputs": ["middle", "last"]},
            {"name": "head", "kind": "linear"},
            {"name": "chances", "kind": "softmax"},
        ],
    }
    parts = {"table": table, "walk": walk, "norm": norm, "head": head}
    tensors = {k: v for name, part in parts.items() for k, v in tensors_of(part, name).items()}

    got = served(tmp_path, graph, tensors, {"words": x.numpy()})

    with torch.no_grad():
        looked_up = table(x)
        normed = norm(looked_up + walk(looked_up)[0])
        joined = torch.cat([(normed * normed).mean(1), normed[:, -1]], 1)
        wanted = head(joined).softmax(-1).numpy()
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)
