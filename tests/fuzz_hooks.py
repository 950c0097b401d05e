"""What schemathesis does not know by itself: loaded into its process by `test_fuzz.py`."""

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of(_: object, value: object) -> bytes:
    """Return the bytes of a part of an upload."""
    return value if isinstance(value, bytes) else str(value).encode()
