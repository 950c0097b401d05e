"""Records as frames of a file: length, CRC32, msgpack; what was torn or damaged is found out."""

import struct
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec

HEAD: Final = struct.Struct("<II")
MAX_FRAME: Final = 4 << 20
# Every record is a msgpack array of four: a search for the next good frame looks for this byte.
_FIRST_BYTE: Final = b"\x94"


class Record(NamedTuple):
    """One `log`; or one line of text, whose `step` is None and whose values are {level: text}."""

    seq: int
    wall_ms: int
    step: int | None
    values: dict[str, Any]

    @property
    def is_text(self) -> bool:
        """Tell whether this is a line of text."""
        return self.step is None


class Scan(NamedTuple):
    """What a piece of a file holds: records, the bytes they took, the damaged bytes between."""

    records: list[Record]
    consumed: int
    damaged: int


_decode: Final = msgspec.msgpack.Decoder(Record).decode


def scan(data: bytes, *, is_end: bool) -> Scan:
    """Return the records in `data`, which begins at the start of a frame.

    Bytes that are no frame are skipped where a good frame follows them. At the tail they are
    what a write left unfinished: they stay unconsumed, unless nothing can follow (`is_end`).
    """
    records: list[Record] = []
    at = damaged = 0
    while at < len(data):
        found = _frame(data, at)
        if found is None:
            following = _next_frame(data, at + 1)
            if following is None:
                break
            damaged += following - at
            at = following
            continue
        record, at = found
        records.append(record)
    if is_end and at < len(data):
        return Scan(records, len(data), damaged + len(data) - at)
    return Scan(records, at, damaged)


def _frame(data: bytes, at: int) -> tuple[Record, int] | None:
    body = at + HEAD.size
    if body > len(data):
        return None
    size, checksum = HEAD.unpack_from(data, at)
    end = body + size
    if not 0 < size <= MAX_FRAME or end > len(data):
        return None
    payload = memoryview(data)[body:end]
    if crc32(payload) != checksum:
        return None
    try:
        return _decode(payload), end
    except msgspec.MsgspecError:
        return None


def _next_frame(data: bytes, start: int) -> int | None:
    body = data.find(_FIRST_BYTE, start + HEAD.size)
    while body >= 0:
        if _frame(data, body - HEAD.size) is not None:
            return body - HEAD.size
        body = data.find(_FIRST_BYTE, body + 1)
    return None
