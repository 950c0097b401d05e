"""`axon models push` and `axon models pull`."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from axonml.cli.connection import connect
from axonml.cli.options import Flag
from axonml.cli.terminal import say, say_json, transfer
from axonml.cli.versions import split_version
from axonml.client.models import Upload, upload


def push(
    name: str,
    file: Path,
    /,
    *,
    metric: Annotated[dict[str, float] | None, Parameter(negative="")] = None,
    description: str = "",
    json: Flag = False,
) -> None:
    """Upload a file as the next version of a model, which is made where there is none.

    Args:
        name: The model.
        file: ONNX, safetensors, ...
        metric: A figure to keep with it: `--metric.accuracy 0.98`.
        description: What is special about this version.
        json: Print JSON for programs.
    """
    client = connect()
    client.close()
    what = Upload(model=file, name=name, metrics=metric or {}, description=description)
    try:
        with transfer(f"uploading {file.name}") as moved:
            version = upload(what, client.server, None, client.home, moved)
    except KeyboardInterrupt:
        _ = sys.stderr.write("axon: what was sent is kept for a day; push it again to go on\n")
        raise
    if json:
        say_json(version)
        return
    known = f"; {version.reason}" if version.reason else ""
    say(f"{name} v{version.version} ({version.format}, {version.file_size} bytes{known})")


def pull(name: str, file: Path | None = None, /) -> None:
    """Download a version's file; it is checked against the version's SHA-256.

    What broke off goes on where it was.

    Args:
        name: The model, or `model:version` with a number or an alias; the latest if left out.
        file: Where to write it; the model's name with its suffix here if left out.
    """
    model_name, version_name = split_version(name)
    with connect() as client:
        model = client.model(model_name)
        version = client.version(model.id, version_name)
        suffix = Path(version.file_path).suffix
        target = file or Path(f"{model_name}-v{version.version}{suffix}")
        with transfer(f"downloading {target.name}") as moved:
            _ = client.download_version(model.id, version.version, target, moved)
    say(f"{target} ({version.file_size} bytes)")
