"""`axon export`."""

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from axonml.cli.connection import connect
from axonml.cli.runs import Filter, Sort
from axonml.cli.terminal import say
from axonml.client.problems import AxonmlError

_ACCEPT: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_PATH: Final = "/api/training/runs"


def export(  # one argument for each option
    run: str = "",
    /,
    *,
    where: Filter = "",
    sort: Sort = "",
    columns: str = "",
    names: str = "",
    kind: Annotated[Literal["csv", "parquet"], Parameter(name=["--format"])] = "csv",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> None:
    """Write every point of a run, or a table of runs, to a file.

    Args:
        run: The run's id; without one it is the table of all runs.
        where: Only the runs that this is true of: `project = digits and status = completed`.
        sort: The runs by this key, such as `-metrics.accuracy`.
        columns: What to write of each run, with commas: `name,metrics.loss.min,config.lr`.
        names: Only these metrics of the run, with commas.
        kind: CSV, or Parquet, which needs the server's extra `parquet`.
        output: The file; left out, CSV is printed.
    """
    if run and (where or sort or columns):
        raise AxonmlError("--filter, --sort and --columns are for tables of runs; leave out the id")
    if names and not run:
        raise AxonmlError("--names is for the points of one run; name the run")
    if output is None and kind == "parquet":
        raise AxonmlError("Parquet is no text; name the file with -o FILE")
    asked = {"filter": where, "sort": sort, "columns": columns, "names": names}
    query = {name: text for name, text in asked.items() if text}
    path = f"{_PATH}/{run}/metrics" if run else _PATH
    with connect() as client:
        if output is None:
            out = sys.stdout.buffer
            client.download(path, query, _ACCEPT[kind], out.write)
            out.flush()
            return
        # By rename once whole: a file that is there is a whole one.
        part = output.with_name(f"{output.name}.part")
        try:
            with part.open("wb") as file:
                client.download(path, query, _ACCEPT[kind], file.write)
            _ = part.replace(output)
        finally:
            part.unlink(missing_ok=True)
    say(f"{output} ({output.stat().st_size} bytes)")
