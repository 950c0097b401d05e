"""Outputs as JSON: short, exact, and never a number that JSON does not have."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from axonml.inference import outputs
from axonml.inference.outputs import Answer, Outputs, as_json, encode, encode_large, shortest


def test_one_output_is_a_list_of_rows_and_several_are_named() -> None:
    one = Outputs({"y": np.array([[1.5], [2.5], [3.5]], np.float32)})
    two = Outputs({"label": np.array([3, 4, 5]), "p": np.array([[0.1], [0.2], [0.3]], np.float32)})

    assert Answer(one, slice(1, 3)).as_json() == [[2.5], [3.5]]
    assert Answer(two, slice(0, 1)).as_json() == {"label": [3], "p": [[0.1]]}
    assert Answer(one, None).as_json() == [[1.5], [2.5], [3.5]]


def test_a_prediction_is_told_with_its_version_and_latency() -> None:
    answer = Answer(Outputs({"y": np.array([[1.5]], np.float32)}), slice(0, 1))

    assert json.loads(encode(answer, "v3", 1.23456)) == {
        "outputs": [[1.5]],
        "model_version": "v3",
        "latency_ms": 1.235,
    }


def test_what_json_has_no_number_for_is_a_string() -> None:
    array = np.array([[np.nan, np.inf], [-np.inf, 1.5]], np.float32)

    assert as_json(array) == [["NaN", "Infinity"], ["-Infinity", 1.5]]


def test_words_flags_and_integers_stay_what_they_are() -> None:
    assert as_json(np.array(["a", "b"], object)) == ["a", "b"]
    assert as_json(np.array([True, False])) == [True, False]
    assert as_json(np.array([2**63 - 1], np.int64)) == [2**63 - 1]


def test_a_float32_is_written_with_the_digits_that_it_has() -> None:
    values = np.array([0.1, 1 / 3, 16777216.0, 1e-7, 123456.7, 0.0, -2.5], np.float32)

    assert json.dumps(shortest(values).tolist()) == (
        "[0.1, 0.33333334, 16777216.0, 1e-07, 123456.7, 0.0, -2.5]"
    )


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=50))
def test_every_float32_is_read_back_as_itself(numbers: list[float]) -> None:
    values = np.array(numbers, np.float32)

    back: Any = json.loads(json.dumps(shortest(values).tolist()))

    np.testing.assert_array_equal(np.array(back, np.float32), values)


@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.int64]),
        hnp.array_shapes(min_dims=1, max_dims=4, max_side=7),
    ),
    st.integers(1, 20),
)
def test_a_large_answer_made_in_pieces_is_the_same(array: Any, piece: int) -> None:
    answer = Answer(Outputs({"y": array, "z": array[..., None]}), slice(0, len(array)))
    alone = Answer(Outputs({"y": array}), None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "_PIECE", piece)
        in_pieces = [encode_large(each, "v1", 1.5) for each in (answer, alone)]

    whole = [encode(each, "v1", 1.5) for each in (answer, alone)]
    assert [json.loads(each) for each in in_pieces] == [json.loads(each) for each in whole]
    assert answer.n_values == 2 * array.size


def test_a_batch_is_converted_once_for_all_its_requests() -> None:
    outputs = Outputs({"y": np.zeros((4, 2), np.float32)})

    assert outputs.rows("y") is outputs.rows("y")
    assert outputs.has_rows(4)
    assert not outputs.has_rows(3)
