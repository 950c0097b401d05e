"""Arrays as PNG files, without a library for images: 8 bits a channel, no filter."""

import struct
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_PIXELS: Final = 50_000_000
_COLOUR: Final = {1: 0, 2: 4, 3: 2, 4: 6}
_LEVEL: Final = 3  # half the time of zlib's usual level, and files a few percent larger
_LARGEST: Final = 255


def png_of(array: NDArray[Any]) -> tuple[bytes, str]:
    """Return an array as a PNG, and a remark where its values were changed to fit.

    Args:
        array: shape (h, w), (h, w, c) or (c, h, w) with 1, 3 or 4 channels (2: grey and alpha).
            Bytes are kept, and whole numbers from 0 to 255 of any type. Floats from 0 to 1 are
            spread over 0 to 255; anything else is scaled from its lowest to its highest finite
            value, which the remark tells.

    Raises:
        ValueError: another shape, no element, or more than 50 million pixels.
    """
    pixels = _channels_last(array)
    height, width, n_channels = pixels.shape
    if not pixels.size or height * width > MAX_PIXELS:
        raise ValueError(f"an image of shape {array.shape} is empty or too large")
    bytes_, remark = _as_bytes(pixels)
    rows = np.zeros((height, 1 + width * n_channels), np.uint8)
    rows[:, 1:] = bytes_.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR[n_channels], 0, 0, 0)
    packed = zlib.compress(rows.data, _LEVEL)
    chunks = _chunk(b"IHDR", head), _chunk(b"IDAT", packed), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks), remark


def _channels_last(array: NDArray[Any]) -> NDArray[Any]:
    match array.ndim:
        case 2:
            return array[:, :, None]
        case 3 if array.shape[2] in _COLOUR:
            return array
        case 3 if array.shape[0] in {1, 3, 4}:
            return np.moveaxis(array, 0, 2)
        case _:
            raise ValueError(f"an image is (h, w), (h, w, c) or (c, h, w), not {array.shape}")


def _as_bytes(pixels: NDArray[Any]) -> tuple[NDArray[np.uint8], str]:
    if pixels.dtype == np.uint8:
        return pixels, ""
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(_LARGEST), ""
    if pixels.dtype.kind not in "iuf":
        raise TypeError(f"an image holds real numbers, not {pixels.dtype}")
    values = pixels.astype(np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(values.shape, np.uint8), "no finite value"
    low, high = float(values[finite].min()), float(values[finite].max())
    remarks: list[str] = []
    if pixels.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= _LARGEST and _is_whole(pixels[finite]):
        low, high = 0.0, float(_LARGEST)
    else:
        remarks.append(f"scaled from {low:.4g} to {high:.4g}")
    if n_odd := int(finite.size - finite.sum()):
        remarks.append(f"{n_odd} values not finite")
    # Halved first: the difference of two doubles can be too large for one.
    span = (high / 2 - low / 2) or 1.0
    spread = (np.where(finite, values, low) / 2 - low / 2) / span
    return np.rint(spread * _LARGEST).astype(np.uint8), ", ".join(remarks)


def _is_whole(values: NDArray[Any]) -> bool:
    """Tell whether these are bytes, though maybe of another type."""
    return values.dtype.kind in "iu" or bool((values == np.rint(values)).all())


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
