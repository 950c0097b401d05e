"""Records as frames of a file: length, CRC32, msgpack; what was torn or damaged is found out."""

import struct
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec

HEAD: Final = struct.Struct("<II")
unpack_head: Final = HEAD.unpack_from
MAX_FRAME: Final = 4 << 20
# Every record is a msgpack array of four: a search for the next good frame looks for this byte.
_FIRST_BYTE: Final = b"\x94"
_ARRAY_32: Final = b"\xdd"


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
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
_decode_all: Final = msgspec.msgpack.Decoder(list[Record]).decode


def scan(data: bytes, *, is_end: bool) -> Scan:
    """Return the records in `data`, which begins at the start of a frame.

    Bytes that are no frame are skipped where a good frame follows them. At the tail they are
    what a write left unfinished: they stay unconsumed, unless nothing can follow (`is_end`).
    Zeros at the tail were reserved and never written.
    """
    payloads: list[bytes] = []
    at = damaged = 0
    while at < len(data):
        body = at + HEAD.size
        size, checksum = unpack_head(data, at) if body <= len(data) else (0, 0)
        payload = data[body : body + size]
        if 0 < size == len(payload) and crc32(payload) == checksum:
            payloads.append(payload)
            at = body + size
            continue
        following = _next_frame(data, at + 1)
        if following is None:
            break
        damaged += following - at
        at = following
    # One call for all: a call for each would cost training more than `log` itself does.
    count = len(payloads).to_bytes(4, "big")
    records = _decode_all(b"".join([_ARRAY_32, count, *payloads]))
    if is_end and at < len(data):
        return Scan(records, len(data), damaged + len(data[at:].rstrip(b"\0")))
    return Scan(records, at, damaged)


def _next_frame(data: bytes, start: int) -> int | None:
    body = data.find(_FIRST_BYTE, start + HEAD.size)
    while body >= 0:
        size, checksum = unpack_head(data, body - HEAD.size)
        # Read as a length, most bytes are absurd: no checksum of megabytes for each of them.
        if 0 < size <= min(MAX_FRAME, len(data) - body):
            payload = data[body : body + size]
            if crc32(payload) == checksum and _is_record(payload):
                return body - HEAD.size
        body = data.find(_FIRST_BYTE, body + 1)
    return None


def _is_record(payload: bytes) -> bool:
    try:
        _ = _decode(payload)
    except msgspec.MsgspecError:
        return False
    return True
