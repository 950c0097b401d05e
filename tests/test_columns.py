"""Packed columns: what goes in comes out bit for bit, and nothing else gets in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonml.columns import Block, MetricBatch, decode_batch, encode_batch, pack, unpack
from axonml.errors import BadRequest

INT64 = st.integers(-(2**63), 2**63 - 1)
ROWS = st.lists(st.tuples(INT64, INT64, st.floats(width=64)), max_size=20)


def a_frame() -> bytes:
    block = Block(("loss",), np.arange(3), np.arange(3), np.array([[0.5, np.nan, np.inf]]))
    return encode_batch(MetricBatch("w", 1, 3, (block,)))


@given(rows=ROWS, name=st.text(min_size=1, max_size=40))
def test_a_batch_comes_back_bit_for_bit(rows: list[tuple[int, int, float]], name: str) -> None:
    step = np.array([row[0] for row in rows], np.int64)
    wall_ms = np.array([row[1] for row in rows], np.int64)
    values = np.array([[row[2] for row in rows]], np.float64)
    batch = MetricBatch("w", 1, 9, (Block((name,), step, wall_ms, values),))

    (back,) = decode_batch(encode_batch(batch)).blocks

    assert back.names == (name,)
    assert back.step.tobytes() == step.tobytes()
    assert back.wall_ms.tobytes() == wall_ms.tobytes()
    assert back.values.tobytes() == values.tobytes()


def test_columns_start_at_multiples_of_eight_bytes_so_that_a_browser_can_view_them() -> None:
    frame = pack({"name": "x" * 3}, [np.arange(4)])

    assert (len(frame) - 4 * 8) % 8 == 0
    assert unpack(frame)[1][0].tolist() == [0, 1, 2, 3]


@given(st.integers(0, len(a_frame()) - 1))
def test_a_frame_cut_anywhere_is_refused(end: int) -> None:
    with pytest.raises(BadRequest):
        _ = decode_batch(a_frame()[:end])


@given(st.integers(0, len(a_frame()) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_read_but_never_crashes(at: int, byte: int) -> None:
    changed = bytearray(a_frame())
    changed[at] = byte

    try:
        batch = decode_batch(bytes(changed))
    except BadRequest:
        return
    assert batch.n_points <= 3


def test_bytes_left_over_are_refused() -> None:
    with pytest.raises(BadRequest, match="8 bytes after"):
        _ = decode_batch(a_frame() + b"12345678")
