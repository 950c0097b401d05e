"""ONNX files that are sound protobuf and yet not to be served as they are."""

from pathlib import Path

import numpy as np
import onnx
import onnx_models
import pytest
from onnx import TensorProto, helper
from onnx_models import FLOAT, a_model, constant, saved, tensor

from axonml.errors import Invalid
from axonml.formats.format import Inspection, ModelError, TensorSpec
from axonml.formats.onnx import OnnxFormat


def inspected(model: onnx.ModelProto, folder: Path) -> Inspection:
    return OnnxFormat().inspect(saved(model, folder / "m.onnx"))


def elsewhere(name: str = "w") -> onnx.TensorProto:
    outside = TensorProto(name=name, data_type=FLOAT, dims=[1])
    outside.data_location = TensorProto.EXTERNAL
    entry = outside.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    return outside


def test_weights_in_another_file_are_refused_with_its_name(tmp_path: Path) -> None:
    model = onnx_models.doubling()
    model.graph.initializer[0].CopyFrom(elsewhere())

    with pytest.raises(Invalid, match="/etc/passwd") as caught:
        _ = inspected(model, tmp_path)

    assert caught.value.problem_code == "external_data"
    assert "save_as_external_data=False" in caught.value.detail


def test_weights_in_another_file_are_found_wherever_they_hide(tmp_path: Path) -> None:
    in_node = a_model(
        [helper.make_node("Constant", [], ["y"], value=elsewhere())],
        [tensor("x", FLOAT, ["b", 1])],
        [tensor("y", FLOAT, [1])],
    )
    in_branch = onnx_models.looping()
    in_branch.graph.node[2].attribute[0].g.initializer.append(elsewhere("hidden"))
    in_function = onnx_models.doubling()
    body = helper.make_node("Constant", [], ["o"], value=elsewhere())
    in_function.functions.append(
        helper.make_function("own", "F", [], ["o"], [body], [helper.make_opsetid("", 17)])
    )

    for model in (in_node, in_branch, in_function):
        with pytest.raises(Invalid) as caught:
            _ = inspected(model, tmp_path)
        assert caught.value.problem_code == "external_data"


def test_operators_of_a_library_are_named_as_the_reason(tmp_path: Path) -> None:
    model = a_model(
        [helper.make_node("Magic", ["x"], ["y"], domain="com.example.ops")],
        [tensor("x", FLOAT, ["b", 1])],
        [tensor("y", FLOAT, ["b", 1])],
        domains=["com.example.ops"],
    )

    found = inspected(model, tmp_path)

    assert not found.servable
    assert "operators of com.example.ops" in found.reason


def test_functions_that_the_model_brings_itself_are_served(tmp_path: Path) -> None:
    model = a_model(
        [helper.make_node("Twice", ["x"], ["y"], domain="own")],
        [tensor("x", FLOAT, ["b", 1])],
        [tensor("y", FLOAT, ["b", 1])],
        domains=["own"],
    )
    body = helper.make_node("Add", ["i", "i"], ["o"])
    model.functions.append(
        helper.make_function("own", "Twice", ["i"], ["o"], [body], [helper.make_opsetid("", 17)])
    )

    found = inspected(model, tmp_path)
    predict = OnnxFormat().load(tmp_path / "m.onnx", 1)

    assert found.servable
    np.testing.assert_array_equal(predict({"x": np.ones((2, 1), np.float32)})["y"], [[2], [2]])


def test_a_graph_that_does_not_connect_is_invalid(tmp_path: Path) -> None:
    model = onnx_models.doubling()
    model.graph.node[0].input[0] = "nowhere"

    with pytest.raises(Invalid, match="not valid") as caught:
        _ = inspected(model, tmp_path)

    assert caught.value.problem_code == "damaged_file"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([tensor("x", TensorProto.BFLOAT16, ["b", 1])], "element type that JSON clients cannot"),
        ([tensor("x", FLOAT, None)], "input 'x' has no declared shape"),
        ([tensor("x", FLOAT, ["b", 1 << 20, 1 << 20])], "too large to send"),
        (
            [helper.make_tensor_sequence_value_info("x", FLOAT, None)],
            "input 'x' is a sequence; export it as one tensor",
        ),
    ],
)
def test_inputs_that_nobody_can_send_are_named(
    inputs: list[onnx.ValueInfoProto], said: str, tmp_path: Path
) -> None:
    model = a_model(
        [helper.make_node("Identity", ["one"], ["y"])],
        inputs,
        [tensor("y", FLOAT, [1])],
        [constant("one", [1.0])],
    )

    found = inspected(model, tmp_path)

    assert not found.servable
    assert said in found.reason


def test_a_model_without_inputs_is_not_servable(tmp_path: Path) -> None:
    model = a_model(
        [helper.make_node("Identity", ["one"], ["y"])],
        [],
        [tensor("y", FLOAT, [1])],
        [constant("one", [1.0])],
    )

    assert "takes no inputs" in inspected(model, tmp_path).reason


def test_constants_listed_as_inputs_are_not_asked_for(tmp_path: Path) -> None:
    model = onnx_models.doubling()
    model.graph.input.append(tensor("w", FLOAT, [1]))

    found = inspected(model, tmp_path)

    assert found.signature is not None
    assert [each.name for each in found.signature.inputs] == ["x"]


def test_a_shape_that_the_exporter_left_out_is_inferred(tmp_path: Path) -> None:
    model = onnx_models.doubling(features=3)
    model.graph.output[0].CopyFrom(tensor("y", FLOAT, None))

    found = inspected(model, tmp_path)

    assert found.signature is not None
    assert found.signature.outputs == (TensorSpec("y", "float32", (-1, 3)),)


def test_a_file_that_is_gone_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        _ = OnnxFormat().load(tmp_path / "nothing.onnx", 1)


def test_a_gpu_that_is_not_there_is_said_and_not_replaced_by_the_cpu(tmp_path: Path) -> None:
    path = onnx_models.saved(onnx_models.doubling(), tmp_path / "m.onnx")

    with pytest.raises(ModelError, match="the device is cuda, but onnxruntime"):
        _ = OnnxFormat().load(path, 1, "cuda")
