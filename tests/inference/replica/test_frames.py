"""Frames: what goes in comes out, in whatever pieces the socket gives."""

import socket
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from axonml.inference.replica import frames
from axonml.inference.replica.frames import BadFrame, Frame, FrameBuffer


def assembled(parts: list[bytes | memoryview], piece: int, *, reuse: bool = False) -> list[Frame]:
    """Feed the parts to a buffer, `piece` bytes at a time."""
    left = memoryview(b"".join(parts))
    buffer, found = FrameBuffer(reuse=reuse), list[Frame]()
    while left:
        target = buffer.target()
        n = min(piece, len(target), len(left))
        target[:n] = left[:n]
        left = left[n:]
        frame = buffer.advance(n)
        if frame is not None:
            found.append(frame)
    return found


@given(
    hnp.arrays(
        st.sampled_from(["<f4", "<f8", "<i8", "u1", "?", "<f2"]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
    ),
    st.integers(1, 5000),
)
def test_arrays_come_through_in_any_pieces(array: Any, piece: int) -> None:
    parts = frames.encode("run", {"x": [array]}, text="hello")

    (frame,) = assembled(parts, piece)

    assert (frame.kind, frame.text) == ("run", "hello")
    assert frame.tensors["x"].dtype == array.dtype
    np.testing.assert_array_equal(frame.tensors["x"], array)


def test_the_rows_of_several_requests_arrive_as_one_tensor() -> None:
    rows = [np.full((n, 3), n, np.float32) for n in (1, 2, 1)]

    (frame,) = assembled(frames.encode("run", {"x": rows}), 1 << 20)

    np.testing.assert_array_equal(frame.tensors["x"], np.concatenate(rows))


def test_words_travel_with_their_shape() -> None:
    words = [np.array([["a", "ü"]], object), np.array([["", "c\n"]], object)]

    (frame,) = assembled(frames.encode("run", {"x": words}), 7)

    assert frame.tensors["x"].tolist() == [["a", "ü"], ["", "c\n"]]


def test_tensors_are_aligned_for_the_runtime() -> None:
    arrays = {str(n): [np.arange(n, dtype=np.uint8)] for n in (1, 63, 64, 65)}

    (frame,) = assembled(frames.encode("run", arrays), 1 << 20)

    starts = [array.__array_interface__["data"][0] for array in frame.tensors.values()]
    assert {(start - starts[0]) % 64 for start in starts} == {0}


def test_frames_follow_one_another_in_one_buffer() -> None:
    parts = [*frames.encode("ready", text="{}"), *frames.encode("error", text="x" * 100_000)]

    found = assembled(parts, 1000, reuse=True)

    assert [(frame.kind, len(frame.text)) for frame in found] == [("ready", 2), ("error", 100_000)]


@pytest.mark.parametrize(
    "raw",
    [
        (1 << 40).to_bytes(8, "little") + bytes(4),
        (3).to_bytes(8, "little") + bytes(4),
        (16).to_bytes(8, "little") + (4).to_bytes(4, "little") + b"[no]",
        (28).to_bytes(8, "little") + (16).to_bytes(4, "little") + b'["run","",[[1]]]',
    ],
)
def test_what_is_no_frame_is_told_as_such(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        _ = assembled([raw], 1 << 20)


def test_a_frame_of_many_parts_crosses_a_real_socket() -> None:
    ours, theirs = socket.socketpair()
    rows = [np.full((1, 500), n, np.float32) for n in range(3000)]
    sender = threading.Thread(target=frames.write, args=(ours, frames.encode("run", {"x": rows})))
    sender.start()

    frame = frames.read(theirs, FrameBuffer(reuse=True))
    sender.join(10)
    ours.close()

    assert frame is not None
    np.testing.assert_array_equal(frame.tensors["x"], np.concatenate(rows))
    assert frames.read(theirs, FrameBuffer(reuse=True)) is None
    theirs.close()
