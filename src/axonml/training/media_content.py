"""What bytes are, by their own marks: never by a name, never by decoding an image."""

import math
import re
import struct
from itertools import pairwise
from typing import Final

import msgspec

from axonml.errors import BadRequest, Invalid, UnsupportedMedia
from axonml.http.decode import decode_json
from axonml.training.media_types import MAX_KEY, Histogram, LoggedTable

HEAD: Final = 1 << 16
TAIL: Final = 12
# A page decodes to 4 bytes a pixel: 200 MB at most, whatever the file's size.
MAX_PIXELS: Final = 50_000_000
OCTETS: Final = "application/octet-stream"
INLINE: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_PNG_MARK: Final = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD: Final = 24
_PNG_END: Final = b"\0\0\0\0IEND\xaeB`\x82"
_JPEG_SIZES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]|[\ud800-\udfff]")
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_decode_histogram: Final = msgspec.json.Decoder(Histogram).decode
_decode_table: Final = msgspec.json.Decoder(LoggedTable).decode


class Picture(msgspec.Struct, frozen=True):
    """An image's type and size in pixels, as its header has them."""

    content_type: str
    width: int
    height: int


def picture_of(head: bytes, tail: bytes) -> Picture:
    """Return what kind of image begins with `head` and ends with `tail`.

    Raises:
        UnsupportedMedia: none of PNG, JPEG, GIF and WebP.
        Invalid: its header is damaged, it is cut, or has more pixels than a page may be given.
    """
    kind = type_of(head)
    if kind not in INLINE:
        raise UnsupportedMedia("an image is PNG, JPEG, GIF or WebP; log anything else as a file")
    try:
        width, height = _SIZES[kind](head)
    except (struct.error, IndexError):
        width = height = 0
    if width < 1 or height < 1:
        raise Invalid("the image's header is damaged or cut", code="bad_image")
    if kind == "image/png" and not tail.endswith(_PNG_END):
        raise Invalid("the PNG is cut: its end is missing; send it again", code="bad_image")
    if width * height > MAX_PIXELS:
        raise Invalid(
            f"an image may have {MAX_PIXELS} pixels, this one says {width} x {height}",
            code="image_too_large",
        )
    return Picture(kind, width, height)


def type_of(head: bytes) -> str:
    """Return the content type of bytes that begin so; `OCTETS` for all but four image types."""
    if head.startswith(_PNG_MARK):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return OCTETS


def histogram_of(body: bytes) -> Histogram:
    """Return the histogram that a body holds.

    Raises:
        BadRequest: not JSON.
        Invalid: lengths that do not fit, or edges that do not rise.
    """
    histogram = decode_json(body, _decode_histogram)
    if len(histogram.edges) != len(histogram.counts) + 1:
        raise Invalid("a histogram has one edge more than counts", code="bad_histogram")
    numbers = (*histogram.edges, *histogram.counts)
    if not all(map(math.isfinite, numbers)) or any(b < a for a, b in pairwise(histogram.edges)):
        raise Invalid("a histogram's edges are finite and rise", code="bad_histogram")
    return histogram


def check_table(body: bytes) -> None:
    """Check that a body is a table.

    Raises:
        BadRequest: not JSON.
        Invalid: a row that is longer or shorter than the columns.
    """
    table = decode_json(body, _decode_table)
    for i, row in enumerate(table.data):
        if len(row) != len(table.columns):
            raise Invalid(
                f"row {i} has {len(row)} cells for {len(table.columns)} columns", code="bad_table"
            )


def check_text(body: bytes) -> None:
    """Check that a body is text; raises `BadRequest` where it is not UTF-8."""
    try:
        _ = body.decode()
    except UnicodeDecodeError:
        raise BadRequest("text is sent as UTF-8; log bytes as a file", code="bad_text") from None


def check_key(key: str, *, is_path: bool) -> None:
    """Check a name; one that is a path stays below its folder wherever it is unpacked.

    Raises:
        Invalid: empty, too long, control characters; of a path: absolute, `..`, a backslash.
    """
    if not key or len(key) > MAX_KEY or _CONTROL.search(key):
        raise Invalid(f"a name has 1 to {MAX_KEY} characters, none a control character")
    if not is_path:
        return
    parts = key.split("/")
    if "\\" in key or _DRIVE.match(key) or any(part in {"", ".", ".."} for part in parts):
        raise Invalid(
            f"a file's name is a path below its folder, not {key[:64]!r}", code="bad_path"
        )


def _png_size(head: bytes) -> tuple[int, int]:
    if head[12:16] != b"IHDR":
        return 0, 0
    width, height = struct.unpack(">II", head[16:_PNG_HEAD])
    return width, height


def _gif_size(head: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", head[6:10])
    return width, height


def _jpeg_size(head: bytes) -> tuple[int, int]:
    at = 2
    while at < len(head) and head[at] == 0xFF:
        mark = head[at + 1]
        if mark == 0xFF:  # fill
            at += 1
            continue
        if mark in _JPEG_SIZES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        (length,) = struct.unpack(">H", head[at + 2 : at + 4])
        at += 2 + length
    return 0, 0


def _webp_size(head: bytes) -> tuple[int, int]:
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(
                head[27:30], "little"
            )
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack("<HH", head[26:30])
            return width & 0x3FFF, height & 0x3FFF
        case _:
            return 0, 0


_SIZES: Final = {
    "image/png": _png_size,
    "image/gif": _gif_size,
    "image/jpeg": _jpeg_size,
    "image/webp": _webp_size,
}
