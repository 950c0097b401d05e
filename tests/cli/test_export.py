import csv
import io
from pathlib import Path
from typing import Any

import arro3.io
import pytest
from cli.axon import Axon

from axonml.client.api import Client
from axonml.ids import new_id


@pytest.fixture(scope="module")
def run(running: Axon) -> str:
    with Client(running.server_url, home=running.home) as client:
        made = client.create_run(
            {"id": new_id(), "name": "=exported", "project": "export", "config": {"lr": 0.1}}
        )
        rows = [{"step": step, "loss": 1.0 / step, "acc": step / 8} for step in (1, 2, 4)]
        path = f"/api/training/runs/{made.id}/metrics"
        _ = client.call("POST", path, dict[str, object], json={"metrics": rows})
    return made.id


def test_the_points_of_a_run_are_printed_or_written(
    running: Axon, run: str, tmp_path: Path
) -> None:
    printed = running.ok("export", run, "--names", "loss")
    said = running.ok("export", run, "-o", str(tmp_path / "points.csv"))

    rows = list(csv.DictReader(io.StringIO(printed)))
    assert [(row["step"], float(row["loss"])) for row in rows] == [
        ("1", 1),
        ("2", 0.5),
        ("4", 0.25),
    ]
    assert "acc" not in rows[0]
    assert (tmp_path / "points.csv").read_text().startswith("step,timestamp,acc,loss")
    assert "points.csv" in said


def test_a_table_of_runs_is_written_as_parquet(running: Axon, run: str, tmp_path: Path) -> None:
    file = tmp_path / "runs.parquet"

    _ = running.ok(
        *("export", "--filter", "project = export", "--columns", "id,name,metrics.loss.min"),
        *("--format", "parquet", "-o", str(file)),
    )

    table: Any = arro3.io.read_parquet(file).read_all()
    assert list(table.column("id").to_pylist()) == [run]
    assert list(table.column("metrics.loss.min").to_pylist()) == [0.25]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--filter", "losss < 1"), "there is no key 'losss'"),
        ((new_id(),), "there is no run"),
        (("--format", "parquet"), "name the file"),
        (("--names", "loss"), "name the run"),
        ((new_id(), "--columns", "name"), "leave out the id"),
    ],
)
def test_what_cannot_be_exported_leaves_no_file(
    running: Axon, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    output = () if "parquet" in arguments else ("-o", str(tmp_path / "x"))

    done = running.run("export", *arguments, *output)

    assert done.returncode == 1
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []
