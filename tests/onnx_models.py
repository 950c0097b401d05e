"""Small ONNX models, each with one habit that serving must cope with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
INT64 = TensorProto.INT64
STRING = TensorProto.STRING

Shape = Sequence[int | str]


def tensor(name: str, dtype: int, shape: Shape | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, shape)


def constant(name: str, value: Any, dtype: Any = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, dtype), name)


def a_model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    constants: Sequence[onnx.TensorProto] = (),
    domains: Sequence[str] = (),
) -> onnx.ModelProto:
    graph = helper.make_graph(list(nodes), "g", list(inputs), list(outputs), list(constants))
    opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(each, 1) for each in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def doubling(features: int = 3, factor: float = 2.0, batch: int | str = "b") -> onnx.ModelProto:
    """y = factor * x."""
    return a_model(
        [helper.make_node("Mul", ["x", "w"], ["y"])],
        [tensor("x", FLOAT, [batch, features])],
        [tensor("y", FLOAT, [batch, features])],
        [constant("w", [factor])],
    )


def sum_and_product() -> onnx.ModelProto:
    """Two inputs and two outputs, by name."""
    return a_model(
        [
            helper.make_node("Add", ["a", "c"], ["sum"]),
            helper.make_node("Mul", ["a", "c"], ["product"]),
        ],
        [tensor("a", FLOAT, ["b", 2]), tensor("c", FLOAT, ["b", 2])],
        [tensor("sum", FLOAT, ["b", 2]), tensor("product", FLOAT, ["b", 2])],
    )


def looping() -> onnx.ModelProto:
    """y = x, after as many loops as the largest number in x: slow at will."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Identity", ["state"], ["next"]),
        ],
        "body",
        [
            tensor("i", INT64, []),
            tensor("go", TensorProto.BOOL, []),
            tensor("state", FLOAT, None),
        ],
        [tensor("go_on", TensorProto.BOOL, []), tensor("next", FLOAT, None)],
    )
    return a_model(
        [
            helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
            helper.make_node("Cast", ["largest"], ["count"], to=INT64),
            helper.make_node("Loop", ["count", "yes", "x"], ["y"], body=body),
        ],
        [tensor("x", FLOAT, ["b", 1])],
        [tensor("y", FLOAT, ["b", 1])],
        [constant("yes", True, np.bool_)],
    )


def centring() -> onnx.ModelProto:
    """y = x - mean over the batch: a row's answer depends on the others."""
    return a_model(
        [
            helper.make_node("ReduceMean", ["x"], ["m"], axes=[0], keepdims=1),
            helper.make_node("Sub", ["x", "m"], ["y"]),
        ],
        [tensor("x", FLOAT, ["b", 2])],
        [tensor("y", FLOAT, ["b", 2])],
    )


def looking_up(entries: int = 5) -> onnx.ModelProto:
    """y = table[x]: raises where x is not an entry."""
    return a_model(
        [helper.make_node("Gather", ["table", "x"], ["y"])],
        [tensor("x", INT64, ["b", 1])],
        [tensor("y", FLOAT, ["b", 1])],
        [constant("table", np.arange(entries) * 10)],
    )


def logarithm() -> onnx.ModelProto:
    """y = log x: NaN below zero, -inf at zero."""
    return a_model(
        [helper.make_node("Log", ["x"], ["y"])],
        [tensor("x", FLOAT, ["b", 2])],
        [tensor("y", FLOAT, ["b", 2])],
    )


def echoing_words() -> onnx.ModelProto:
    """y = x, of strings."""
    return a_model(
        [helper.make_node("Identity", ["x"], ["y"])],
        [tensor("x", STRING, ["b", 1])],
        [tensor("y", STRING, ["b", 1])],
    )


def summing_any_length() -> onnx.ModelProto:
    """y = the sum of each row, whatever its length."""
    return a_model(
        [helper.make_node("ReduceSum", ["x", "axis"], ["y"], keepdims=0)],
        [tensor("x", FLOAT, ["b", "n"])],
        [tensor("y", FLOAT, ["b"])],
        [constant("axis", [1], np.int64)],
    )


def of_eleven_columns() -> onnx.ModelProto:
    """y = x reshaped to eleven columns; the signature does not say that there are eleven."""
    return a_model(
        [
            helper.make_node("Reshape", ["x", "shape"], ["r"]),
            helper.make_node("MatMul", ["r", "w"], ["y"]),
        ],
        [tensor("x", FLOAT, ["b", "n"])],
        [tensor("y", FLOAT, ["b", 1])],
        [constant("shape", [-1, 11], np.int64), constant("w", [[1.0]] * 11)],
    )


def saved(model: onnx.ModelProto, path: Path) -> Path:
    _ = path.write_bytes(model.SerializeToString())
    return path
