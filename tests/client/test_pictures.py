"""Pictures and arrays as the real libraries have them: torch, Pillow, matplotlib, numpy."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from axonml.client.media import Histogram
from axonml.client.pictures import array_of, picture_of


def pixels_of(data: object) -> tuple[tuple[int, int], int, list[int], str]:
    """Return width and height, channels, the bytes of the first row, and the remark."""
    png, remark = picture_of(data)
    assert isinstance(png, bytes)
    width, height, _, colour = struct.unpack(">IIBB", png[16:26])
    size = struct.unpack(">I", png[33:37])[0]
    channels = {0: 1, 4: 2, 2: 3, 6: 4}[colour]
    row = zlib.decompress(png[41 : 41 + size])[1 : 1 + width * channels]
    return (width, height), channels, list(row), remark


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.full((2, 3), 7, np.uint8), ((3, 2), 1, [7] * 3, "")),
        (np.full((2, 3), 7.0), ((3, 2), 1, [7] * 3, "")),
        (np.full((2, 3), 0.5, np.float32), ((3, 2), 1, [128] * 3, "")),
        (np.full((3, 2, 5), 9, np.int64), ((5, 2), 3, [9] * 15, "")),
        (np.full((2, 5, 4), 9, np.uint8), ((5, 2), 4, [9] * 20, "")),
        (np.array([[True, False]]), ((2, 1), 1, [255, 0], "")),
        (np.array([[0.0, 300.0]], np.float16), ((2, 1), 1, [0, 255], "scaled from 0 to 300")),
        ([[0, 255], [0, 0]], ((2, 2), 1, [0, 255], "")),
    ],
)
def test_arrays_of_any_kind_are_the_picture_that_people_expect(
    array: object, expected: object
) -> None:
    assert pixels_of(array) == expected


@pytest.mark.torch
def test_tensors_are_pictures_with_their_channels_first_or_last() -> None:
    torch: Any = pytest.importorskip("torch")
    chw = torch.zeros(3, 2, 5, dtype=torch.uint8)
    chw[0] = 200

    red = ((5, 2), 3, [200, 0, 0] * 5, "")
    assert pixels_of(chw) == red
    assert pixels_of(chw.permute(1, 2, 0)) == red
    assert pixels_of(chw.float() / 255) == red
    assert pixels_of((chw.float() / 255).requires_grad_()) == red
    assert pixels_of(chw.float()) == red
    assert pixels_of(chw.to(torch.bfloat16)) == red
    assert pixels_of(chw[:1])[1] == pixels_of(chw[0])[1] == 1
    for wrong in (torch.zeros(4, 3, 2, 2), torch.zeros(7, 2, 9), torch.zeros(3)):
        with pytest.raises(ValueError, match=r"a batch of shape|an image is"):
            _ = picture_of(wrong)
    with pytest.raises(TypeError, match="real numbers are needed, not an array of complex64"):
        _ = picture_of(torch.zeros(2, 2, dtype=torch.complex64))


@pytest.mark.torch
def test_tensors_of_types_that_numpy_has_not_are_counted() -> None:
    torch: Any = pytest.importorskip("torch")
    values = torch.tensor([1.0, 2.0, float("nan")], requires_grad=True)

    assert b'"n_nan":1' in Histogram(values).packed().body  # pyright: ignore[reportOperatorIssue]  # bytes
    assert array_of(values.to(torch.bfloat16)).dtype == np.float32
    assert array_of(torch.ones(3).to(torch.float8_e4m3fn)).tolist() == [1.0] * 3
    assert array_of(torch.ones(2, 3).to(torch.int16)).shape == (2, 3)


@pytest.mark.frameworks
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("mode", "channels", "value"),
    [
        ("1", None, 1), ("L", 1, 7), ("LA", 2, (7, 9)), ("P", None, 3), ("RGB", 3, (1, 2, 3)),
        ("RGBA", 4, (1, 2, 3, 4)), ("CMYK", 3, (0, 0, 0, 0)), ("YCbCr", 3, (0, 128, 128)),
        ("HSV", 3, (0, 0, 0)), ("I", 1, 70_000), ("I;16", 1, 4_000), ("F", 1, 0.5),
    ],
)  # fmt: skip
def test_each_mode_of_pillow_becomes_a_picture_that_a_browser_shows(
    mode: str, channels: int | None, value: Any
) -> None:
    pillow: Any = pytest.importorskip("PIL.Image")

    png, _ = picture_of(pillow.new(mode, (4, 3), value))

    assert isinstance(png, bytes)
    shown = pillow.open(io.BytesIO(png))
    shown.load()
    assert (shown.format, shown.size) == ("PNG", (4, 3))
    assert shown.mode in {"1", "L", "LA", "P", "RGB", "RGBA"}
    assert channels is None or len(shown.getbands()) == channels


@pytest.mark.frameworks
@pytest.mark.filterwarnings("default")
def test_a_figure_its_axes_and_pyplot_itself_are_the_drawing() -> None:
    matplotlib: Any = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    plt: Any = pytest.importorskip("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(2, 1), dpi=50)
    _ = axes.plot([1, 2])

    drawn = [picture_of(each)[0] for each in (figure, axes, plt)]
    plt.close(figure)

    assert drawn[0] == drawn[1] == drawn[2]
    assert isinstance(drawn[0], bytes)
    assert struct.unpack(">II", drawn[0][16:24]) == (100, 50)
