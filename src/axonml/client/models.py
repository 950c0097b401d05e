"""Models from a script to the registry."""

import io
import math
import threading
from collections.abc import Mapping
from os import SEEK_END
from pathlib import Path
from typing import Any, Final

import msgspec

from axonml.client.api import Client, ModelFile
from axonml.client.config import plain_mapping
from axonml.client.notices import Quietly
from axonml.client.numbers import Later, numbers_of
from axonml.client.parts import LARGE_BYTES, OnProgress, upload_in_parts
from axonml.registry.types import ModelVersion

_SAFETENSORS_BRACE: Final = 8


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A model, where it goes, and what is known of it. `run` is the body that creates its run."""

    model: str | Path | bytes
    name: str
    filename: str = ""
    metrics: Mapping[str, Any] = {}
    config: Mapping[str, Any] = {}
    description: str = ""
    run: Mapping[str, Any] | None = None


def upload(
    what: Upload,
    server: str,
    token: str | None,
    home: Path,
    on_progress: OnProgress | None = None,
) -> ModelVersion:
    """Upload the next version of a model, which is made where there is none; return the version.

    Raises:
        AxonmlError: the server refused or is away.
        OSError: the file cannot be read.
    """
    metadata: dict[str, Any] = {
        "metrics": _finite(what.metrics),
        "config": plain_mapping(what.config),
        "description": what.description,
    }
    with Client(server, token, home=home) as client, _opened(what.model) as file:
        if what.run is not None:
            # The sender may not have come to it yet; a repeat changes nothing.
            metadata["training_run_id"] = client.create_run(what.run).id
        model = client.ensure_model(what.name)
        if file.seek(0, SEEK_END) <= LARGE_BYTES:
            _ = file.seek(0)
            return client.upload_version(model.id, file, _filename(what), metadata)
        _ = file.seek(0)
        return upload_in_parts(client, model.id, file, _filename(what), metadata, on_progress)


def upload_later(what: Upload, server: str, token: str | None, home: Path) -> None:
    """Upload in a thread that the script's end waits for; a failure becomes one warning."""

    def work() -> None:
        with Quietly(f"the upload of {what.name}"):
            _ = upload(what, server, token, home)

    threading.Thread(target=work, name="axonml-upload").start()


def _opened(model: str | Path | bytes) -> ModelFile:
    return io.BytesIO(model) if isinstance(model, bytes) else Path(model).open("rb")


def _filename(what: Upload) -> str:
    if what.filename:
        return what.filename
    if not isinstance(what.model, bytes):
        return Path(what.model).name
    # safetensors begins with the size of its header, which is JSON; ONNX has no mark of its own.
    is_safetensors = what.model[_SAFETENSORS_BRACE : _SAFETENSORS_BRACE + 1] == b"{"
    return f"{what.name}.safetensors" if is_safetensors else f"{what.name}.onnx"


def _finite(metrics: Mapping[str, Any]) -> dict[str, float]:
    read = {
        name: value.read() if isinstance(value, Later) else float(value)
        for name, value in numbers_of(metrics).items()
    }
    return {name: value for name, value in read.items() if math.isfinite(value)}
