"""`axon models`."""

import sys
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Final

from cyclopts import App, Parameter
from cyclopts.validators import Number

from axonml.cli.connection import connect
from axonml.cli.model_files import pull, push
from axonml.cli.options import Flag
from axonml.cli.terminal import ago, say, say_json, say_table
from axonml.cli.versions import the_model, the_version
from axonml.client.problems import AxonmlError
from axonml.formats.format import TensorSpec
from axonml.registry.compare import VersionComparison
from axonml.registry.history import ModelHistory
from axonml.registry.types import Model, ModelVersion

app: Final = App(name="models", help="The models of the registry.")
_ = app.command(push)
_ = app.command(pull)
_SHOWN: Final = 4
_UNITS: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))

Many = Annotated[int, Parameter(validator=Number(gte=1, lte=1000))]


@app.default
@app.command(name="list")
def list_models(
    *,
    q: str = "",
    tag: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    alias: str = "",
    format: str = "",
    deployed: Flag = False,
    sort: str = "-updated_at",
    limit: Many = 50,
    json: Flag = False,
) -> None:
    """List the models.

    Args:
        q: Whose name, type, tags or card have these words.
        tag: That have this tag; more than one may be asked for.
        alias: That have this alias.
        format: That have a version of this format, such as onnx.
        deployed: That an endpoint serves.
        sort: name, created_at, updated_at, size or n_versions; with a minus, the largest first.
        limit: At most so many.
        json: Print JSON for programs.
    """
    asked = {"q": q, "alias": alias, "format": format, "deployed": "true" if deployed else ""}
    query: dict[str, Any] = {name: text for name, text in asked.items() if text}
    with connect() as client:
        page = client.models(limit, **query, tag=list(tag), sort=sort)
    if json:
        say_json(page.items)
        return
    say_table(
        ("name", "latest", "versions", "aliases", "deployed", "size", "changed"),
        map(_row, page.items),
    )
    if page.total > len(page.items):
        say(f"{len(page.items)} of {page.total}; --limit shows more")


@app.command
def show(model: str, /, *, json: Flag = False) -> None:
    """Show a model with its versions, or one version.

    Args:
        model: `digits`, or `digits:3`, `digits:champion`, `digits:latest`.
        json: Print JSON for programs.
    """
    if ":" in model:
        with the_version(model) as (_, found, version, _path):
            say_json(version) if json else _say_version(found, version)
        return
    with the_model(model) as (client, found, _):
        versions = client.versions(found.id).items
    if json:
        say_json({"model": found, "versions": versions})
        return
    say(f"{found.name}  {found.visibility}  {' '.join(found.tags)}".rstrip())
    for deployment in found.deployed:
        say(f"deployed as {deployment.name}: v{deployment.version}, {deployment.status}")
    named = {number: alias for alias, number in found.aliases.items()}
    say_table(
        ("version", "alias", "format", "size", "metrics", "by", "made", "state"),
        (
            (
                f"v{version.version}",
                named.get(version.version, ""),
                version.format,
                size_of(version.file_size),
                " ".join(f"{k}={v:.4g}" for k, v in list(version.metrics.items())[:_SHOWN]),
                version.created_by_name,
                ago(version.created_at),
                _state(found, version),
            )
            for version in versions
        ),
    )


@app.command
def alias(version: str, alias: str, /, *, reason: str = "", remove: Flag = False) -> None:
    """Point an alias at a version, wherever it pointed before: promote it.

    Args:
        version: `digits:3`; with --remove the model's name is enough.
        alias: Such as `champion`.
        reason: Why; kept in the model's history.
        remove: Take the alias away.
    """
    if remove:
        with the_model(version.partition(":")[0]) as (client, model, path):
            _ = client.call(
                "DELETE", f"{path}/aliases/{alias}", NoneType, params={"reason": reason}
            )
        say(f"{model.name} has no alias {alias} any more")
        return
    with the_version(version) as (client, model, found, _):
        body = {"version": found.version, "reason": reason}
        path = f"/api/models/{model.id}/aliases/{alias}"
        before = model.aliases.get(alias)
        _ = client.call("PUT", path, Model, json=body)
    was = f" (it was v{before})" if before not in {None, found.version} else ""
    say(f"{model.name}:{alias} is v{found.version} now{was}")


@app.command
def tag(model: str, /, *tags: str, remove: Flag = False) -> None:
    """Tag a model, or one version of it.

    Args:
        model: `digits`, or a version: `digits:3`.
        tags: The tags.
        remove: Take them off.
    """
    if not tags:
        raise AxonmlError("name a tag: `axon models tag digits vision`")

    def changed(before: tuple[str, ...]) -> dict[str, list[str]]:
        kept = [each for each in before if each not in tags]
        return {"tags": kept if remove else [*before, *(t for t in tags if t not in before)]}

    if ":" in model:
        with the_version(model) as (client, _, version, path):
            after = client.call("PATCH", path, ModelVersion, json=changed(version.tags)).tags
    else:
        with the_model(model) as (client, found, path):
            after = client.call("PUT", path, Model, json=changed(found.tags)).tags
    say(f"{model}: {' '.join(after) or 'no tags'}")


@app.command
def card(model: str, file: Path | None = None, /) -> None:
    """Print a model's card, or replace it.

    Args:
        model: The model.
        file: Markdown for the new card; `-` reads it from the input.
    """
    with the_model(model) as (client, found, path):
        if file is None:
            say(found.description)
            return
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        _ = client.call("PUT", path, Model, json={"description": text})
    say(f"the card of {model} has {len(text)} characters now")


@app.command
def compare(
    model: str,
    /,
    *versions: str,
    all_: Annotated[Flag, Parameter(name="--all")] = False,
    json: Flag = False,
) -> None:
    """Show how 2 to 4 versions of a model differ.

    Args:
        model: The model.
        versions: Numbers, aliases or `latest`.
        all_: Show what they share as well.
        json: Print JSON for programs.
    """
    with the_model(model) as (client, _, path):
        refs = ",".join(version.removeprefix("v") for version in versions)
        told = client.call("GET", f"{path}/compare", VersionComparison, params={"versions": refs})
    if json:
        say_json(told)
        return
    rows = [
        *((f"{row.name}", row.values, row.differs) for row in told.metrics),
        *((f"config.{row.key}", row.values, row.differs) for row in told.config),
        *((f"tag {row.tag}", row.has, row.differs) for row in told.tags),
        *(
            (f"{row.role} {row.name}", list(map(_tensor, row.values)), row.differs)
            for row in told.signature
        ),
        *((row.key, row.values, row.differs) for row in told.files),
    ]
    say_table(
        ("", *(f"v{version.version}" for version in told.versions)),
        [(name, *map(_cell, values)) for name, values, differs in rows if differs or all_],
    )


@app.command
def history(model: str, /, *, limit: Many = 50, json: Flag = False) -> None:
    """Show what happened to a model: who moved which alias, when and why.

    Args:
        model: The model.
        limit: At most so many.
        json: Print JSON for programs.
    """
    with the_model(model) as (client, _, path):
        page = client.call("GET", f"{path}/history", ModelHistory, params={"limit": limit})
    if json:
        say_json(page.items)
        return
    say_table(
        ("when", "who", "what", "version", "alias", "before", "why"),
        (
            (
                ago(each.at),
                each.user_name,
                each.action.replace("_", " "),
                _number(each.version),
                each.alias or "",
                _number(each.previous_version),
                each.reason,
            )
            for each in page.items
        ),
    )


@app.command
def approve(version: str, /, *, reason: str = "", withdraw: Flag = False) -> None:
    """Let a version be deployed, of a model that asks for approval; only admins may.

    Args:
        version: `digits:3`.
        reason: Why; kept in the model's history.
        withdraw: Take the approval back; what is deployed stays.
    """
    with the_version(version) as (client, model, found, path):
        if withdraw:
            query = {"reason": reason}
            _ = client.call("DELETE", f"{path}/approval", NoneType, params=query)
        else:
            body = {"reason": reason}
            _ = client.call("POST", f"{path}/approval", ModelVersion, json=body)
    say(f"{model.name} v{found.version}: {'approval withdrawn' if withdraw else 'approved'}")


@app.command
def delete(model: str, /, *, yes: Flag = False) -> None:
    """Delete a version and its file, or a model with all its versions; neither comes back.

    Args:
        model: `digits:3`, or `digits` for the whole model.
        yes: Do not ask.
    """
    if ":" in model:
        with the_version(model) as (client, found, version, path):
            confirmed(f"delete v{version.version} of {found.name}", agreed=yes)
            _ = client.call("DELETE", path, NoneType)
        say(f"{found.name} v{version.version} is deleted")
        return
    with the_model(model) as (client, found, path):
        confirmed(f"delete {found.name} with its {found.n_versions} versions", agreed=yes)
        _ = client.call("DELETE", path, NoneType)
    say(f"{found.name} is deleted")


def confirmed(what: str, *, agreed: bool) -> None:
    """Return where the user agrees; without a terminal nobody can be asked."""
    if agreed:
        return
    if not sys.stdin.isatty():
        raise AxonmlError(f"add --yes to {what}")
    if input(f"{what}? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise AxonmlError("nothing was deleted")


def size_of(n_bytes: int) -> str:
    """Return a number of bytes as people read it: `1.5 MiB`."""
    for size, unit in _UNITS:
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes} B"


def _row(model: Model) -> tuple[str, ...]:
    return (
        model.name,
        _number(model.latest_version),
        str(model.n_versions),
        " ".join(f"{alias}=v{version}" for alias, version in model.aliases.items()),
        " ".join(deployment.name for deployment in model.deployed),
        size_of(model.size_bytes),
        ago(model.updated_at),
    )


def _say_version(model: Model, version: ModelVersion) -> None:
    say(f"{model.name} v{version.version}: {version.format}, {size_of(version.file_size)}")
    say(f"SHA-256 {version.sha256}")
    made_in = f" in run {version.training_run_id}" if version.training_run_id else ""
    say(f"made {ago(version.created_at)} ago by {version.created_by_name}{made_in}")
    if version.reason:
        say(version.reason)
    if version.description:
        say(version.description)
    tensors = version.signature
    for role, specs in (("input", tensors.inputs), ("output", tensors.outputs)) if tensors else ():
        for spec in specs:
            say(f"{role} {spec.name}: {_tensor(spec)}")
    for name, value in (*version.metrics.items(), *version.config.items()):
        say(f"{name} = {value}")


def _state(model: Model, version: ModelVersion) -> str:
    if version.scan is not None and version.scan.can_run_code:
        return "can run code"
    if not version.servable:
        return "not servable"
    return "waits for approval" if model.requires_approval and version.approval is None else ""


def _tensor(spec: TensorSpec | None) -> str | None:
    return None if spec is None else f"{spec.dtype} {list(spec.shape)}"


def _number(version: int | None) -> str:
    return "" if version is None else f"v{version}"


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)
