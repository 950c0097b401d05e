"""Keyset cursors: where a page ended, as an opaque word.

A list answers `{"items": [...], "next_cursor": null}`; each slice names its own page struct
(`RunPage`), so that the schema does. The cursor holds the last item's sort value and id: a page
starts after them, whatever was added or deleted meanwhile.
"""

import base64
import binascii
from typing import Final

import msgspec

from axonml.errors import BadRequest

_MAX_CHARACTERS: Final = 2048
_decode: Final = msgspec.json.Decoder(tuple[str, str]).decode


def encode_cursor(value: str, doc_id: str) -> str:
    """Return the cursor of the page after the item with this sort value and id."""
    return base64.urlsafe_b64encode(msgspec.json.encode((value, doc_id))).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> tuple[str, str]:
    """Return the sort value and id that `cursor` holds; `BadRequest` where we did not make it."""
    cursor = cursor[:_MAX_CHARACTERS]
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return _decode(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise BadRequest(
            "the cursor is not one that this server gave; start without it", code="bad_cursor"
        ) from None
