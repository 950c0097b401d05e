"""`axon runs`."""

import sys
from collections.abc import Iterator
from csv import reader as read_csv
from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number

from axonml.cli.connection import connect
from axonml.cli.launched import settings_of
from axonml.cli.options import Flag
from axonml.cli.terminal import ago, say, say_json, say_table
from axonml.client.api import Client
from axonml.client.problems import AxonmlError
from axonml.ids import is_id
from axonml.training.types import Run, RunPage, TrainerLaunch

app: Final = App(name="runs", help="The training runs.")
_PATH: Final = "/api/training/runs"
_MOST: Final = 10_000
_PAGE: Final = 1000
_SHOWN: Final = 4
_CSV: Final = "text/csv"

Filter = Annotated[str, Parameter(name=["--filter"], allow_leading_hyphen=True)]
Sort = Annotated[str, Parameter(allow_leading_hyphen=True)]  # a minus: descending


class _Failure(msgspec.Struct, frozen=True):
    id: str
    code: str
    detail: str


class _Answer(msgspec.Struct, frozen=True):
    done: list[str]
    failed: list[_Failure]


@app.default
@app.command(name="list")
def list_runs(
    *,
    project: str = "",
    q: str = "",
    where: Filter = "",
    sort: Sort = "-created_at",
    columns: str = "",
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 20,
    deleted: Flag = False,
    json: Flag = False,
    csv: Flag = False,
) -> None:
    """List training runs, the newest first.

    Args:
        project: Of this project only.
        q: Whose name has this text.
        where: Such as `metrics.loss < 0.1 and config.lr >= 1e-3`.
        sort: By this key, such as `metrics.loss`; with a minus in front descending.
        columns: What to show, with commas: `name,status,metrics.loss.min,config.lr`.
        limit: At most so many.
        deleted: The runs in the trash.
        json: Print JSON for programs.
        csv: Print every run as CSV, whatever the limit.
    """
    query = _query(project=project, q=q, filter=where, sort=sort, columns=columns)
    query |= {"deleted": "true"} if deleted else {}
    with connect() as client:
        if csv:
            client.download(_PATH, query, _CSV, sys.stdout.buffer.write)
            sys.stdout.flush()
            return
        if columns and not json:
            text = client.text(_PATH, query | {"limit": limit}, _CSV)
            header, *rows = read_csv(text.splitlines())
            say_table(header, rows)
            return
        found = list(_some(client, query, limit))
    if json:
        say_json(found)
    else:
        say_table(("id", "project", "name", "status", "started", "metrics"), map(_row, found))


@app.command
def delete(*runs: str, where: Filter = "") -> int:
    """Move runs to the trash; `axon runs restore` takes them out again for some days.

    Args:
        runs: Their ids.
        where: Every run that this is true of, instead.
    """
    return _act("delete", runs, where, "deleted")


@app.command
def restore(*runs: str, where: Filter = "") -> int:
    """Take runs out of the trash.

    Args:
        runs: Their ids.
        where: Every deleted run that this is true of, instead.
    """
    return _act("restore", runs, where, "restored")


@app.command
def stop(*runs: str, where: Filter = "") -> int:
    """Ask the scripts of runs to stop; asked again, do not wait for their answer.

    Args:
        runs: Their ids.
        where: Every run that this is true of, instead.
    """
    return _act("stop", runs, where, "asked to stop")


@app.command
def rerun(
    run: str,
    /,
    *,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    name: str | None = None,
    json: Flag = False,
) -> None:
    """Launch what a run was launched with once more, as a new run.

    Args:
        run: Its id.
        set_: `key=value` to change a parameter of its trainer, or the configuration of its script.
        name: The new run's name; else the old one's.
        json: Print the new run as JSON.
    """
    changed = settings_of(set_)
    with connect() as client:
        launch = client.run(run).launch
        body: dict[str, Any] = {"name": name} if name else {}
        if isinstance(launch, TrainerLaunch):
            body |= {"dataset": str(changed.pop("dataset"))} if "dataset" in changed else {}
            body |= {"params": changed}
        else:
            body |= {"config": changed}
        new = client.call("POST", f"{_PATH}/{run}/rerun", Run, json=body)
    if json:
        say_json(new)
    else:
        say(f"launched {new.name} ({new.id})")


@app.command
def move(project: str, /, *runs: str, where: Filter = "") -> int:
    """Move runs to a project.

    Args:
        project: Its name.
        runs: Their ids.
        where: Every run that this is true of, instead.
    """
    return _act("move", runs, where, f"moved to {project}", project)


@app.command
def tag(
    tag: str,
    /,
    *runs: str,
    where: Filter = "",
    remove: Flag = False,
) -> int:
    """Tag runs, such as `baseline` or `team=vision`.

    Args:
        tag: The tag.
        runs: Their ids.
        where: Every run that this is true of, instead.
        remove: Take the tag off.
    """
    done = "untagged" if remove else "tagged"
    return _act("untag" if remove else "tag", runs, where, done, tag)


def _act(action: str, runs: tuple[str, ...], text: str, done: str, value: str = "") -> int:
    """Do it; return 1 where any run was refused."""
    if not runs and not text:
        said = "name the runs by their ids, which `axon runs` lists, or by --filter"
        raise AxonmlError(f"{said} 'status = failed'")
    if runs and text:
        raise AxonmlError("name the runs by their ids or by --filter, not by both")
    if odd := [run for run in runs if not is_id(run)]:
        raise AxonmlError(f"{odd[0][:60]!r} is no run's id; `axon runs` lists them")
    with connect() as client:
        query = _query(filter=text) | ({"deleted": "true"} if action == "restore" else {})
        ids = runs or tuple(run.id for run in _some(client, query, None))
        failed: list[_Failure] = []
        n_done = 0
        for start in range(0, len(ids), _MOST):
            body = {"action": action, "runs": ids[start : start + _MOST], "value": value}
            answer = client.call("POST", f"{_PATH}/bulk", _Answer, json=body, timeout=600.0)
            n_done, failed = n_done + len(answer.done), failed + answer.failed
    say(f"{n_done} {'run' if n_done == 1 else 'runs'} {done}")
    for failure in failed:
        _ = sys.stderr.write(f"axon: {failure.id}: {failure.detail}\n")
    return 1 if failed else 0


def _some(client: Client, query: dict[str, Any], limit: int | None) -> Iterator[Run]:
    """Yield the runs, page after page; all of them where `limit` is None."""
    left, cursor = limit, None
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        after = {"cursor": cursor} if cursor else {}
        page = client.call("GET", _PATH, RunPage, params={**query, **after, "limit": size})
        yield from page.items
        left, cursor = None if left is None else left - size, page.next_cursor
        if cursor is None:
            return


def _query(**parameters: str) -> dict[str, Any]:
    return {name: text for name, text in parameters.items() if text}


def _row(run: Run) -> tuple[str, ...]:
    shown = [
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in run.summary.items()
        if not name.startswith("system/")
    ]
    metrics = " ".join(shown[:_SHOWN])
    return run.id, run.project, run.name, run.status, ago(run.created_at), metrics
