from zlib import crc32

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from axonml.client.frames import HEAD, Record, scan

records_strategy = st.lists(
    st.builds(
        Record,
        seq=st.integers(1, 1 << 40),
        wall_ms=st.integers(0, 1 << 45),
        step=st.none() | st.integers(-(1 << 52), 1 << 52),
        values=st.dictionaries(st.text(max_size=8), st.floats(allow_nan=False), max_size=4),
    ),
    min_size=1,
    max_size=12,
)


def framed(record: Record) -> bytes:
    payload = msgspec.msgpack.encode(record)
    return HEAD.pack(len(payload), crc32(payload)) + payload


@given(records_strategy)
def test_whole_frames_come_back_as_they_were(records: list[Record]) -> None:
    data = b"".join(map(framed, records))

    assert scan(data, is_end=False) == (records, len(data), 0)


@given(records_strategy, st.data())
def test_a_cut_loses_only_the_record_that_it_cuts(
    records: list[Record], data: st.DataObject
) -> None:
    frames = [framed(record) for record in records]
    kept = data.draw(st.integers(0, len(frames) - 1))
    torn = data.draw(st.integers(0, len(frames[kept]) - 1))
    start = sum(map(len, frames[:kept]))

    found = scan(b"".join(frames)[: start + torn], is_end=False)

    assert found == (records[:kept], start, 0)


@given(records_strategy, st.data())
def test_a_damaged_byte_loses_only_the_record_that_holds_it(
    records: list[Record], data: st.DataObject
) -> None:
    frames = [framed(record) for record in records]
    hurt = data.draw(st.integers(0, len(frames) - 1))
    at = data.draw(st.integers(0, len(frames[hurt]) - 1))
    whole = bytearray(b"".join(frames))
    start = sum(map(len, frames[:hurt]))
    whole[start + at] ^= data.draw(st.integers(1, 255))
    # Zeros at the end of a file count as room that was never written.
    lost = whole[start:].rstrip(b"\0") if hurt == len(frames) - 1 else frames[hurt]

    found = scan(bytes(whole), is_end=True)

    assert found.records == records[:hurt] + records[hurt + 1 :]
    assert found.consumed == len(whole)
    assert found.damaged == len(lost)


def test_what_follows_a_torn_write_is_still_read() -> None:
    first, second = Record(1, 5, 1, {"a": 1.0}), Record(2, 5, 2, {"a": 2.0})

    found = scan(framed(first)[:-3] + framed(second), is_end=False)

    assert found.records == [second]
