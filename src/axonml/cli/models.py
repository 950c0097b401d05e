"""`axon models`."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from axonml.cli.connection import connect
from axonml.cli.options import Flag
from axonml.cli.terminal import ago, say, say_json, say_table
from axonml.client.models import Upload, upload
from axonml.errors import StartupError

app: Final = App(name="models", help="The models of the registry.")


@app.default
@app.command(name="list")
def list_models(*, q: str = "", limit: int = 50, json: Flag = False) -> None:
    """List the models.

    Args:
        q: Whose name has this text.
        limit: At most so many.
        json: Print JSON for programs.
    """
    with connect() as client:
        found = client.models(limit, **({"q": q} if q else {})).items
    if json:
        say_json(found)
        return
    say_table(
        ("name", "latest", "versions", "aliases", "changed"),
        (
            (
                model.name,
                f"v{model.latest_version}" if model.latest_version else "",
                str(model.n_versions),
                " ".join(f"{alias}=v{version}" for alias, version in model.aliases.items()),
                ago(model.updated_at),
            )
            for model in found
        ),
    )


@app.command
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
    version = upload(what, client.server, None, client.home)
    if json:
        say_json(version)
        return
    servable = "" if version.servable else f"; not servable: {version.reason}"
    say(f"{name} v{version.version} ({version.format}, {version.file_size} bytes{servable})")


@app.command
def pull(name: str, file: Path | None = None, /) -> None:
    """Download a version's file; it is checked against the version's SHA-256.

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
        if client.download_version(model.id, version.version, target) != version.sha256:
            target.unlink()
            raise StartupError(f"{name} arrived damaged; try again")
    say(f"{target} ({version.file_size} bytes)")


def split_version(text: str) -> tuple[str, str]:
    """Return the name and the version in `name:version`; without one it is the latest."""
    name, _, version = text.partition(":")
    return name, (version.removeprefix("v") if version[1:].isdecimal() else version) or "latest"
