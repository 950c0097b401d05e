"""Columns come back bit for bit, whatever the codec."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from axonml.storage.codec import Codec, decode, encode

bits = arrays(np.uint64, st.integers(0, 300), elements=st.integers(0, 2**64 - 1))
steps = arrays(np.int64, st.integers(0, 300), elements=st.integers(-(2**63), 2**63 - 1))
codecs = st.sampled_from([None, *Codec])


@given(bits, codecs)
def test_every_bit_of_a_value_survives(pattern: np.ndarray, codec: Codec | None) -> None:
    column = pattern.view(np.float64)  # NaN payloads, infinities, subnormals, both zeros

    assert decode(encode(column, codec), np.float64).tobytes() == column.tobytes()


@given(steps, codecs)
def test_every_integer_survives(column: np.ndarray, codec: Codec | None) -> None:
    assert decode(encode(column, codec), np.int64).tolist() == column.tolist()


def test_a_slice_of_a_matrix_is_a_column_too() -> None:
    column = np.arange(2000.0).reshape(1000, 2)[:, 1]

    assert decode(encode(column), np.float64).tolist() == column.tolist()


def test_a_regular_column_becomes_small_and_a_random_one_not_larger() -> None:
    regular = encode(np.arange(8192) * 20)
    random = encode(np.random.default_rng(0).integers(-(2**63), 2**63 - 1, 8192))

    assert len(regular) < 8192 // 8
    assert len(random) <= 8192 * 8 + 1


def test_a_codec_of_a_later_version_is_named() -> None:
    with pytest.raises(ValueError, match="codec 9: it was written by a newer axonml"):
        _ = decode(b"\x09...", np.float64)
