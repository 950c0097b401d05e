"""A described graph becomes a plan, and a plan an ONNX model: numpy and `onnx`, no torch."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.formats.format import Signature, TensorSpec
from axonml.formats.graph import sequence_layers as sequences
from axonml.formats.graph import simple_layers as simple
from axonml.formats.graph.description import Graph, Layer
from axonml.formats.graph.plan import GraphError, Plan, Value, Weights
from axonml.formats.graph.simple_layers import Place

_OPSET: Final = 21
_IR_VERSION: Final = 10
_MAX_BYTES: Final = 8 << 30
# Larger constants are handed to onnxruntime as they lie: through the protobuf message, a stack of
# 96 MB took 2.4 s to load instead of 0.3 s (bench/formats.py).
_INLINE_BYTES: Final = 4096
_Make = Callable[[Plan, Place, Any], Value]

# The closed list of layers: kind -> its options, and what adds it to a plan.
LAYERS: Final[dict[str, tuple[type[msgspec.Struct], _Make]]] = {
    "linear": (simple.NoOptions, simple.linear),
    "conv1d": (simple.Convolution, simple.convolution(1)),
    "conv2d": (simple.Convolution, simple.convolution(2)),
    "batch_norm": (simple.Epsilon, simple.batch_norm),
    "layer_norm": (simple.Epsilon, simple.layer_norm),
    "group_norm": (simple.GroupNorm, simple.group_norm),
    "relu": (simple.NoOptions, simple.elementwise("Relu")),
    "sigmoid": (simple.NoOptions, simple.elementwise("Sigmoid")),
    "tanh": (simple.NoOptions, simple.elementwise("Tanh")),
    "softplus": (simple.NoOptions, simple.elementwise("Softplus")),
    "selu": (simple.NoOptions, simple.elementwise("Selu")),
    "hardswish": (simple.NoOptions, simple.elementwise("HardSwish")),
    "identity": (simple.NoOptions, simple.elementwise("Identity")),
    "silu": (simple.NoOptions, simple.silu),
    "gelu": (simple.Gelu, simple.gelu),
    "leaky_relu": (simple.Slope, simple.leaky_relu),
    "elu": (simple.Alpha, simple.elu),
    "softmax": (simple.Dimension, simple.normalised("Softmax")),
    "log_softmax": (simple.Dimension, simple.normalised("LogSoftmax")),
    "dropout": (simple.Dropout, simple.dropout),
    "max_pool1d": (simple.Pooling, simple.pooling("MaxPool", 1)),
    "max_pool2d": (simple.Pooling, simple.pooling("MaxPool", 2)),
    "avg_pool1d": (simple.Pooling, simple.pooling("AveragePool", 1)),
    "avg_pool2d": (simple.Pooling, simple.pooling("AveragePool", 2)),
    "adaptive_avg_pool1d": (simple.AdaptivePooling, simple.adaptive_pooling(1)),
    "adaptive_avg_pool2d": (simple.AdaptivePooling, simple.adaptive_pooling(2)),
    "flatten": (simple.Flatten, simple.flatten),
    "embedding": (simple.NoOptions, sequences.embedding),
    "gru": (sequences.Recurrent, sequences.recurrent("GRU")),
    "lstm": (sequences.Recurrent, sequences.recurrent("LSTM")),
    "attention": (sequences.Attention, sequences.attention),
    "add": (simple.NoOptions, sequences.summed("Add")),
    "multiply": (simple.NoOptions, sequences.summed("Mul")),
    "concat": (sequences.Joining, sequences.concat),
    "select": (sequences.Selection, sequences.select),
    "mean": (sequences.Joining, sequences.mean),
}


def planned(graph: Graph, weights: Weights) -> Plan:
    """Return the plan of a graph: every layer known, every shape fitting, every tensor used.

    Raises:
        GraphError: the graph makes no model of these weights; says at which layer.
    """
    plan = Plan(weights)
    values: dict[str, Value] = {}
    last: Value | None = None
    for given in graph.inputs:
        shape = (-1, *given.shape[1:])
        last = plan.value(f"in {given.name}", shape, is_integer=given.dtype == "int64")
        plan.inputs.append(Value(given.name, shape, last.is_integer))
        _ = plan.node("Identity", [given.name], last.name)
        _keep(values, given.name, last)
    for layer in graph.layers:
        inputs = tuple(_found(values, name, layer) for name in layer.inputs)
        last = _made(plan, layer, inputs or _only(last))
        _keep(values, layer.name, last)
    for public, name in (graph.outputs or {"output": graph.layers[-1].name}).items():
        if name not in values or public in {value.name for value in plan.inputs}:
            raise GraphError(f"output {public!r} names no layer, or is an input: {name!r}")
        found = values[name]
        plan.outputs.append(Value(public, found.shape, found.is_integer))
        _ = plan.node("Identity", [found.name], public)
    unused = sorted(set(weights.shapes) - plan.used)
    if unused:
        raise GraphError(
            f"no layer uses {len(unused)} of the file's tensors, among them {unused[0][:100]!r}"
        )
    return plan


def _made(plan: Plan, layer: Layer, inputs: tuple[Value, ...]) -> Value:
    if layer.kind not in LAYERS:
        raise GraphError(
            f"layer {layer.name!r} is of the unknown kind {layer.kind!r}; known are"
            f" {', '.join(LAYERS)}"
        )
    options_type, make = LAYERS[layer.kind]
    weights = layer.name if layer.weights is None else layer.weights
    try:
        options = msgspec.convert(layer.options, options_type)
        return make(plan, Place(f"layer {layer.name}", weights, inputs), options)
    except (GraphError, msgspec.ValidationError) as error:
        raise GraphError(f"layer {layer.name!r} ({layer.kind}): {error}") from None


def _keep(values: dict[str, Value], name: str, value: Value) -> None:
    if name in values:
        raise GraphError(f"two layers or inputs are named {name!r}")
    values[name] = value


def _found(values: dict[str, Value], name: str, layer: Layer) -> Value:
    if name not in values:
        raise GraphError(f"layer {layer.name!r} takes {name!r}, which no layer before it is named")
    return values[name]


def _only(last: Value | None) -> tuple[Value, ...]:
    return () if last is None else (last,)


def signature_of(graph: Graph, weights: Weights) -> Signature:
    """Return what the graph takes and gives; reads shapes only, no numbers.

    Raises:
        GraphError: the graph makes no model of these weights.
    """
    plan = planned(graph, weights)
    n_bytes = sum(4 * int(np.prod(weights.shapes[name], dtype=np.float64)) for name in plan.used)
    if n_bytes > _MAX_BYTES:
        raise GraphError(f"{n_bytes >> 20} MiB of weights are over the budget of 8 GiB")
    return Signature(
        tuple(_spec(value) for value in plan.inputs), tuple(_spec(value) for value in plan.outputs)
    )


def _spec(value: Value) -> TensorSpec:
    return TensorSpec(value.name, "int64" if value.is_integer else "float32", value.shape)


def compiled(graph: Graph, weights: Weights) -> tuple[bytes, dict[str, NDArray[np.generic]]]:
    """Return the graph as an ONNX file, and beside it the large constants by their names.

    Raises:
        GraphError: the graph makes no model of these weights.
    """
    import onnx
    from onnx import helper, numpy_helper

    def info(value: Value) -> onnx.ValueInfoProto:
        kind = onnx.TensorProto.INT64 if value.is_integer else onnx.TensorProto.FLOAT
        shape = [f"{value.name} {at}" if n < 0 else n for at, n in enumerate(value.shape)]
        shape[0] = "batch"
        return helper.make_tensor_value_info(value.name, kind, shape)

    plan = planned(graph, weights)
    made = helper.make_graph(
        [helper.make_node(n.kind, n.inputs, n.outputs, **n.attributes) for n in plan.nodes],
        "layers",
        [info(value) for value in plan.inputs],
        [info(value) for value in plan.outputs],
    )
    large: dict[str, NDArray[np.generic]] = {}
    for name, read in plan.constants.items():
        array = np.asarray(read(), order="C")
        if array.nbytes <= _INLINE_BYTES:
            made.initializer.append(numpy_helper.from_array(array, name))
            continue
        large[name] = array
        elsewhere = made.initializer.add(
            name=name,
            data_type=helper.np_dtype_to_tensor_dtype(array.dtype),
            dims=array.shape,
            data_location=onnx.TensorProto.EXTERNAL,
        )
        _ = elsewhere.external_data.add(key="location", value="memory")
    opsets = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=_IR_VERSION)
    return model.SerializeToString(), large
