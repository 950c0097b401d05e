"""`axon runs`."""

from axonml.cli.connection import connect
from axonml.cli.options import Flag
from axonml.cli.terminal import ago, say_json, say_table
from axonml.training.types import Run


def runs(*, project: str = "", q: str = "", limit: int = 20, json: Flag = False) -> None:
    """List the newest training runs.

    Args:
        project: Of this project only.
        q: Whose name has this text.
        limit: At most so many.
        json: Print JSON for programs.
    """
    filters = {name: text for name, text in (("project", project), ("q", q)) if text}
    with connect() as client:
        found = client.runs(limit, **filters).items
    if json:
        say_json(found)
    else:
        say_table(("id", "project", "name", "status", "started", "metrics"), map(_row, found))


def _row(run: Run) -> tuple[str, ...]:
    shown = [
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in run.summary.items()
        if not name.startswith("system/")
    ]
    return run.id, run.project, run.name, run.status, ago(run.created_at), " ".join(shown[:4])
