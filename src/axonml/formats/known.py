"""The formats there are; a new one is one file beside this and one entry here."""

from typing import Final

from axonml.formats.format import ModelFormat
from axonml.formats.lightgbm import LightgbmFormat
from axonml.formats.onnx import OnnxFormat
from axonml.formats.safetensors import SafetensorsFormat
from axonml.formats.xgboost import XgboostFormat

# In the order in which they are asked whether a file is theirs.
FORMATS: Final[tuple[ModelFormat, ...]] = (
    OnnxFormat(),
    SafetensorsFormat(),
    LightgbmFormat(),
    XgboostFormat(),
)


def format_of(head: bytes, filename: str) -> ModelFormat | None:
    """Return the format of a file that starts with `head`, or None where none knows it."""
    return next((each for each in FORMATS if each.matches(head, filename)), None)


def format_named(name: str) -> ModelFormat:
    """Return the format that an inspection named."""
    return next(each for each in FORMATS if each.name == name)
