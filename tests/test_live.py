"""The fan-out within a process, and its bounds."""

import pytest

from axonml.live import Live

pytestmark = pytest.mark.anyio


def says(text: str) -> bytes:
    return f'{{"text":"{text}"}}'.encode()


async def test_a_frame_is_encoded_once_for_all_and_never_for_nobody() -> None:
    live, encoded = Live(), 0

    def encode() -> bytes:
        nonlocal encoded
        encoded += 1
        return b"1\n2"

    live.publish("run", 1, encode)
    readers = [live.subscriber() for _ in range(3)]
    for reader in readers:
        live.watch(reader, "run")
    live.publish("run", 2, encode)

    taken = [(await reader.take())[0] for reader in readers]

    assert encoded == 1
    assert [[frame.messages for frame in frames] for frames in taken] == [[("1", "2")]] * 3


async def test_a_slow_reader_gets_the_newest_and_the_number_of_frames_it_missed() -> None:
    live = Live(queue_frames=3)
    reader = live.subscriber()
    live.watch(reader, "run")
    for seq in range(10):
        live.publish("run", seq, lambda: says("a"))

    frames, dropped = await reader.take()

    assert [frame.seq for frame in frames] == [7, 8, 9]
    assert dropped == 7


async def test_a_queue_is_bounded_in_bytes_but_always_takes_the_newest() -> None:
    live = Live(queue_bytes=1000)
    reader = live.subscriber()
    live.watch(reader, "run")
    for seq, size in enumerate((400, 400, 400, 5000)):
        live.publish("run", seq, lambda size=size: says("x" * size))

    frames, dropped = await reader.take()
    live.publish("run", 4, lambda: says("y"))
    later, none = await reader.take()

    assert ([frame.seq for frame in frames], dropped) == ([3], 3)
    assert ([frame.seq for frame in later], none) == ([4], 0)


async def test_many_watchers_get_every_frame_in_order() -> None:
    live = Live()
    readers = [live.subscriber() for _ in range(250)]
    for reader in readers:
        live.watch(reader, "run")
    for seq in range(5):
        live.publish("run", seq, lambda: says("a"))

    seen: list[list[int]] = []
    for reader in readers:
        frames: list[int] = []
        while len(frames) < 5:
            frames += [frame.seq for frame in (await reader.take())[0]]
        seen.append(frames)

    assert seen == [[0, 1, 2, 3, 4]] * 250
