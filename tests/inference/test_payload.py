"""JSON to arrays: what fits is taken as it came, what does not is told where and why."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from axonml.errors import BadRequest, Invalid
from axonml.formats.format import DType, Signature, TensorSpec
from axonml.inference import payload
from axonml.inference.payload import Payload

ROWS = Signature((TensorSpec("x", "float32", (-1, 3)),), ())
PAIR = Signature((TensorSpec("a", "float32", (-1, 2)), TensorSpec("n", "int64", (-1,))), ())


def a_payload(dtype: DType = "float32", shape: tuple[int, ...] = (-1, 3)) -> Payload:
    return Payload(Signature((TensorSpec("x", dtype, shape),), ()), 100)


def body(inputs: Any) -> bytes:
    return json.dumps({"inputs": inputs}).encode()


def cases_of(*cases: tuple[Any, str, str]) -> list[tuple[Any, str, str]]:
    return list(cases)


@pytest.fixture(params=["simdjson", "msgspec"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with each parser: both must say the same."""
    if request.param == "msgspec":
        monkeypatch.setattr(payload, "_simdjson", None)
    return str(request.param)


@pytest.mark.usefixtures("parser")
def test_rows_become_one_array_of_the_models_type() -> None:
    inputs = Payload(ROWS, 100).decode(body([[1, 2.5, 3], [4, 5, 6]]))

    assert inputs.n_rows == 2
    assert inputs.tensors["x"].dtype == np.float32
    np.testing.assert_array_equal(inputs.tensors["x"], [[1, 2.5, 3], [4, 5, 6]])


@pytest.mark.usefixtures("parser")
def test_several_inputs_come_by_name() -> None:
    inputs = Payload(PAIR, 100).decode(body({"n": [7, 8], "a": [[1, 2], [3, 4]]}))

    assert inputs.n_rows == 2
    np.testing.assert_array_equal(inputs.tensors["n"], np.array([7, 8], np.int64))
    np.testing.assert_array_equal(inputs.tensors["a"], [[1, 2], [3, 4]])


@pytest.mark.usefixtures("parser")
def test_a_single_input_may_be_named_too_and_parameters_are_let_through() -> None:
    given_body = b'{"parameters": {"k": [1]}, "inputs": {"x": [[1, 2, 3]]}}'

    np.testing.assert_array_equal(Payload(ROWS, 100).decode(given_body).tensors["x"], [[1, 2, 3]])


@pytest.mark.parametrize(
    ("inputs", "path", "message"),
    cases_of(
        ([[1, 2]], "$.inputs[0]", "wanted a list of 3 of float32, came a list of 2"),
        ([[1, 2, 3], [4, 5]], "$.inputs[1]", "wanted a list of 3 of float32, came a list of 2"),
        ([[1, 2, 3, 4]], "$.inputs[0]", "wanted a list of 3 of float32, came a list of 4"),
        ([1, 2, 3], "$.inputs[0]", "wanted a list of 3 of float32, came the number 1"),
        ([[1, "2", 3]], "$.inputs[0][1]", "wanted a number (float32), came the string '2'"),
        ([[1, True, 3]], "$.inputs[0][1]", "wanted a number (float32), came true"),
        ([[1, None, 3]], "$.inputs[0][1]", "wanted a number (float32), came null"),
        ([[1, {}, 3]], "$.inputs[0][1]", "wanted one float32, came an object"),
        ([[[1], [2], [3]]], "$.inputs[0][0]", "wanted one float32, came a list of 1"),
        ([[[1, 2, 3], [], []]], "$.inputs[0][0]", "wanted one float32, came a list of 3"),
        ([[1, 2, 1e39]], "$.inputs[0][2]", "1e+39 is out of the range of float32"),
        ([], "$.inputs", "no rows; wanted at least one"),
        (7, "$.inputs", "wanted a list of shape (n x 3) of float32, came the number 7"),
        ("x", "$.inputs", "wanted a list of shape (n x 3) of float32, came the string 'x'"),
        ({"y": [[1, 2, 3]]}, "$.inputs.y", "no such input; the model takes 'x'"),
        ({}, "$.inputs.x", "is missing; wanted a list of shape (n x 3) of float32"),
        ([[0, 0, 0]] * 101, "$.inputs", "101 rows; wanted at most 100"),
    ),
)
@pytest.mark.usefixtures("parser")
def test_what_does_not_fit_is_named_with_what_came_and_what_is_wanted(
    inputs: Any, path: str, message: str
) -> None:
    with pytest.raises(Invalid) as caught:
        _ = Payload(ROWS, 100).decode(body(inputs))

    (field,) = caught.value.fields
    assert (field.path, field.message) == (path, message)
    assert message in caught.value.detail


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"[]", "$"),
        (b"{}", "$.inputs"),
        (b'{"inputs": [[1,2,3]], "input": 1}', "$.input"),
        (b'{"instances": [[1,2,3]]}', "$.instances"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_a_body_of_another_form_is_told_which_field_is_wanted(raw: bytes, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        _ = Payload(ROWS, 100).decode(raw)

    assert caught.value.fields[0].path == path


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"inputs": [[1,2,3]]} x',
        b'{"inputs": [[1,2,03]]}',
        b'{"inputs": [[NaN,2,3]]}',
        b'{"inputs": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
@pytest.mark.usefixtures("parser")
def test_what_is_not_json_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        _ = Payload(ROWS, 100).decode(raw)


@pytest.mark.parametrize(
    ("given_body", "message"),
    [
        ([[1, 2]], "wanted an object with 'a', 'n', came a list of shape (1 x 2)"),
        ({"a": [[1, 2]], "n": [1, 2]}, "number of rows: 'a' has 1, 'n' has 2"),
        ({"a": [[1, 2]], "n": [1.5]}, "wanted an integer (int64), came the number 1.5"),
        ({"a": [[1, 2]], "n": [1.0]}, "wanted an integer (int64), came the number 1.0"),
        ({"a": [[1, 2]]}, "is missing; wanted a list of n of int64"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_inputs_by_name_are_checked_together(given_body: Any, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        _ = Payload(PAIR, 100).decode(body(given_body))

    assert message in caught.value.detail


@pytest.mark.parametrize(
    ("dtype", "fits", "too_much"),
    [
        ("int8", [-128, 127], 128),
        ("uint8", [0, 255], -1),
        ("int32", [-(2**31), 2**31 - 1], 2**31),
        ("int64", [-(2**63), 2**63 - 1], 2**63),
        ("uint64", [0, 2**64 - 1], -1),
        ("float16", [-65504, 65504], 70000),
    ],
)
@pytest.mark.usefixtures("parser")
def test_numbers_keep_their_type_or_are_refused(
    dtype: DType, fits: list[int], too_much: int
) -> None:
    taken = a_payload(dtype, (-1,)).decode(body(fits)).tensors["x"]

    assert taken.dtype == np.dtype(dtype)
    assert taken.tolist() == fits
    with pytest.raises(Invalid, match="out of the range"):
        _ = a_payload(dtype, (-1,)).decode(body([too_much]))


@pytest.mark.usefixtures("parser")
def test_not_a_number_and_the_infinities_come_as_strings() -> None:
    taken = a_payload(shape=(-1,)).decode(body(["NaN", "Infinity", "-Infinity", 1])).tensors["x"]

    np.testing.assert_array_equal(taken, [np.nan, np.inf, -np.inf, 1])
    with pytest.raises(Invalid):
        _ = a_payload("int64", (-1,)).decode(body(["NaN"]))


@pytest.mark.usefixtures("parser")
def test_strings_and_booleans_come_as_such() -> None:
    words = a_payload("string", (-1, 1)).decode(body([["a"], ["ü"]])).tensors["x"]
    flags = a_payload("bool", (-1,)).decode(body([True, False])).tensors["x"]

    assert words.tolist() == [["a"], ["ü"]]
    assert flags.dtype == np.bool_
    with pytest.raises(Invalid, match="wanted true or false, came the number 1"):
        _ = a_payload("bool", (-1,)).decode(body([1]))
    with pytest.raises(Invalid, match="wanted a string, came the number 1"):
        _ = a_payload("string", (-1,)).decode(body([1]))


@pytest.mark.usefixtures("parser")
def test_rows_of_different_lengths_are_not_joined() -> None:
    any_length = a_payload(shape=(-1, -1))

    short = any_length.decode(body([[1, 2]]))
    long = any_length.decode(body([[1, 2, 3]]))
    other = any_length.decode(body([[5, 6], [7, 8]]))

    assert short.key == other.key != long.key
    with pytest.raises(Invalid, match=r"has 1 items, the rows before it 2"):
        _ = any_length.decode(body([[1, 2], [3]]))


@pytest.mark.usefixtures("parser")
def test_a_model_of_a_fixed_batch_is_given_exactly_that() -> None:
    fixed = a_payload(shape=(1, 3))

    assert fixed.decode(body([[1, 2, 3]])).key is None
    with pytest.raises(Invalid, match=r"wanted a list of shape \(1 x 3\)"):
        _ = fixed.decode(body([[1, 2, 3], [4, 5, 6]]))


@pytest.mark.usefixtures("parser")
def test_a_single_number_and_an_image_keep_their_shape() -> None:
    scalar = a_payload(shape=()).decode(body(2.5)).tensors["x"]
    image = a_payload("uint8", (-1, 2, 2, 1)).decode(body([[[[1], [2]], [[3], [4]]]]))

    assert (scalar.shape, scalar.item()) == ((), 2.5)
    assert image.tensors["x"].shape == (1, 2, 2, 1)


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=4, max_side=5),
        elements=st.floats(-(2.0**100), 2.0**100, width=32),
    )
)
def test_every_array_comes_through_bit_for_bit(array: Any) -> None:
    shape = (-1, *array.shape[1:])

    taken = a_payload(shape=shape).decode(body(array.tolist())).tensors["x"]

    np.testing.assert_array_equal(taken, array)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_whatever_comes_is_taken_or_refused_alike_by_both_parsers(inputs: Any) -> None:
    def said(one: Payload) -> Any:
        try:
            return one.decode(body(inputs)).tensors["x"].tolist()
        except (Invalid, BadRequest) as error:
            return error.detail

    quick, careful = Payload(ROWS, 100), Payload(ROWS, 100)
    careful._parser = None  # pyright: ignore[reportAttributeAccessIssue]  # as without simdjson

    assert said(quick) == said(careful)
