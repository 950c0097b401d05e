"""What scripts have as pictures and arrays, as PNG files and arrays of numpy.

None of torch's, Pillow's and matplotlib's things is imported here: an object says what it is by its
methods.
"""

import io
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from axonml.client.png import png_of

_CUBE: Final = 3
_BATCH: Final = 4
_HEAD: Final = 12
_KINDS: Final = "an array, a tensor, a Pillow image, a matplotlib figure, a path or its bytes"
# What browsers show of Pillow's modes as they are; others are made one of them.
_KEPT: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_AS_ARRAY: Final = ("I", "F")
_HAS_ALPHA: Final = frozenset({"PA", "La", "RGBa"})


def picture_of(data: Any) -> tuple[bytes | Path, str]:  # noqa: ANN401  # the script's libraries
    """Return a PNG, or a file that is a picture already, and a remark where values were changed.

    Raises:
        TypeError: it is nothing that can be a picture.
        ValueError: an array of another shape, or a file of another kind.
        OSError: the file cannot be read.
    """
    if isinstance(data, str | Path):
        with Path(data).open("rb") as file:
            _check_kind(file.read(_HEAD), str(data)[-80:])
        return Path(data), ""
    if isinstance(data, bytes | bytearray):
        _check_kind(bytes(data[:_HEAD]), f"what these {len(data)} bytes hold")
        return bytes(data), ""
    if hasattr(data, "getbands"):
        return _of_pillow(data)
    if not hasattr(data, "savefig") and hasattr(data, "get_figure"):
        data = data.get_figure()  # axes are drawn on a figure
    if hasattr(data, "savefig"):
        drawn = io.BytesIO()
        data.savefig(drawn, format="png")
        return drawn.getvalue(), ""
    is_tensor = hasattr(data, "detach")
    if not isinstance(data, list | tuple) and not hasattr(data, "__array__"):
        raise TypeError(f"an image is {_KINDS}, not {type(data).__name__}")
    pixels = array_of(data)
    if pixels.ndim == _BATCH:
        said = f"this is a batch of shape {pixels.shape}: log one of them, or all with log_images"
        raise ValueError(said)
    if is_tensor and pixels.ndim == _CUBE and pixels.shape[0] in {1, 3, 4}:
        pixels = np.moveaxis(pixels, 0, 2)  # torch has its channels first, also of 3 x 4 x 4
    return png_of(pixels)


def is_one_picture(images: Any) -> bool:  # noqa: ANN401  # the script's libraries
    """Tell whether `images` is a single picture where several were asked for."""
    if isinstance(images, str | bytes | Path) or hasattr(images, "getbands"):
        return True
    if hasattr(images, "savefig"):
        return True
    shape = getattr(images, "shape", ())
    return len(shape) == 2 or (len(shape) == _CUBE and shape[-1] in {3, 4})  # (h, w)


def array_of(values: Any) -> NDArray[Any]:  # noqa: ANN401  # the script's libraries
    """Return numbers as an array of numpy, from wherever they are.

    Raises:
        TypeError: they are no real numbers.
        ValueError: nested lists whose rows differ in length.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        try:
            values = values.numpy()
        except TypeError:  # bfloat16 and floats of 8 bits: numpy has none
            values = values.float().numpy()
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError("the rows of a nested list differ in length") from None
    if array.dtype.kind not in "biuf":
        what = f"an array of {array.dtype}" if array.ndim else type(values).__name__
        raise TypeError(f"real numbers are needed, not {what}")
    return array


def _of_pillow(image: Any) -> tuple[bytes, str]:  # noqa: ANN401  # Pillow is the script's
    mode: str = image.mode
    if mode.startswith(_AS_ARRAY):  # 16 and 32 bits a pixel: a screen shows 8
        return png_of(array_of(image))
    if mode in _HAS_ALPHA:
        image = image.convert("RGBA")
    elif mode not in _KEPT:
        image = image.convert("RGB")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue(), ""


def _check_kind(head: bytes, what: str) -> None:
    is_webp = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    if is_webp or head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")):
        return
    raise ValueError(f"{what} is no PNG, JPEG, GIF or WebP")
