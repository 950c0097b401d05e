"""Runs and points as files: whole, exact, and no formulas in a spreadsheet."""

import csv
import io
import math
from collections.abc import Iterator
from typing import Any

import arro3.io
import httpx
import numpy as np
import pytest
from product import running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch
from axonml.errors import Unavailable
from axonml.training import parquet
from axonml.training.export import guarded, text_of

RUNS = "/api/training/runs"
N = 3000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("home")) as server, server.client() as client:
        yield client


@pytest.fixture(scope="module")
def run(client: httpx.Client) -> str:
    """Return a run with odd names and numbers, longer than a page."""
    fields = {"name": "=1+1", "project": "export", "config": {"lr": -0.5, "big": 10**12}}
    run = str(client.post(RUNS, json={**fields, "tags": ["@x", "a,b"]}).json()["id"])
    step = np.arange(N)
    values = np.vstack([np.sin(step / 9), np.where(step % 7 == 0, np.nan, -step)])
    values[1, 5] = math.inf
    names = ("loss", '=cmd|"x"')
    frame = encode_batch(MetricBatch("w", 1, N, (Block(names, step, step * 1000, values),)))
    headers = {"content-type": MEDIA_TYPE}
    assert client.post(f"{RUNS}/{run}/metrics", content=frame, headers=headers).status_code == 202
    return run


def as_csv(client: httpx.Client, path: str, **query: Any) -> list[list[str]]:
    answer = client.get(path, params=query, headers={"accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.text)))


def as_parquet(client: httpx.Client, path: str, **query: Any) -> dict[str, list[Any]]:
    answer = client.get(path, params=query, headers={"accept": parquet.MEDIA_TYPE})
    assert answer.status_code == 200, answer.text
    table: Any = arro3.io.read_parquet(answer.content).read_all()
    return {name: table.column(name).to_pylist() for name in table.schema.names}


def test_every_point_is_in_the_csv_of_a_run(client: httpx.Client, run: str) -> None:
    header, *rows = as_csv(client, f"{RUNS}/{run}/metrics")

    assert header == ["step", "timestamp", '\'=cmd|"x"', "loss"]
    assert [int(row[0]) for row in rows] == list(range(N))
    assert [float(row[3]) for row in rows] == [math.sin(step / 9) for step in range(N)]
    assert [rows[i][2] for i in (0, 1, 5)] == ["NaN", "-1", "Infinity"]
    assert rows[1][1] == "1970-01-01T00:00:01Z"


def test_a_window_of_named_metrics_is_exported(client: httpx.Client, run: str) -> None:
    query = {"names": "loss", "from": 10, "to": 19}

    rows = as_csv(client, f"{RUNS}/{run}/metrics", **query)
    table = as_parquet(client, f"{RUNS}/{run}/metrics", **query)

    assert [row[0] for row in rows] == ["step", *map(str, range(10, 20))]
    assert table["step"] == list(range(10, 20))
    assert set(table["name"]) == {"loss"}


def test_every_point_is_in_the_parquet_of_a_run_bit_for_bit(client: httpx.Client, run: str) -> None:
    table = as_parquet(client, f"{RUNS}/{run}/metrics")

    assert len(table["step"]) == 2 * N
    assert set(table["run"]) == {run}
    odd = [v for name, v in zip(table["name"], table["value"], strict=True) if name != "loss"]
    assert math.isnan(odd[0])
    assert odd[1:6] == [-1, -2, -3, -4, math.inf]
    assert table["wall_time"][1].timestamp() == 1


def test_the_run_table_has_the_columns_that_are_asked_for(client: httpx.Client, run: str) -> None:
    columns = "name,config.lr,config.big,metrics.loss.min,tag,config.none"

    header, line = as_csv(client, RUNS, columns=columns, filter="project = export")
    table = as_parquet(client, RUNS, columns=columns, filter="project = export")

    lowest = min(math.sin(step / 9) for step in range(N))
    assert header == columns.split(",")
    assert line == ["'=1+1", "-0.5", "1000000000000", repr(lowest), "'@x a,b", ""]
    assert table == {
        "name": ["=1+1"],
        "config.lr": [-0.5],
        "config.big": [1e12],
        "metrics.loss.min": [lowest],
        "tag": ["@x a,b"],
        "config.none": [None],
    }
    assert run


def test_every_run_is_exported_however_many_pages_they_are(client: httpx.Client) -> None:
    for i in range(450):
        body = {"name": f"r{i}", "project": "many", "config": {"i": i}}
        assert client.post(RUNS, json=body).status_code == 201

    rows = as_csv(client, RUNS, columns="config.i", project="many", sort="-config.i")
    table = as_parquet(client, RUNS, columns="config.i", project="many", sort="config.i")

    assert [row[0] for row in rows[1:]] == [str(i) for i in reversed(range(450))]
    assert table["config.i"] == list(map(float, range(450)))


def test_an_export_of_nothing_has_its_columns(client: httpx.Client) -> None:
    empty = client.post(RUNS, json={"name": "e"}).json()["id"]

    assert as_csv(client, RUNS, project="none", columns="name,config.lr") == [["name", "config.lr"]]
    assert as_parquet(client, RUNS, project="none", columns="name") == {"name": []}
    assert as_csv(client, f"{RUNS}/{empty}/metrics") == [["step", "timestamp"]]
    assert as_parquet(client, f"{RUNS}/{empty}/metrics")["value"] == []


@pytest.mark.parametrize("columns", ["bogus", "metrics.", '"a', "name,config"])
def test_a_column_that_is_none_is_refused_before_the_first_line(
    client: httpx.Client, columns: str
) -> None:
    answer = client.get(RUNS, params={"columns": columns}, headers={"accept": "text/csv"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=SUM(A1)", "'=SUM(A1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-1e-3", "-1e-3"),
        ("+5", "+5"),
        ("plain = text", "plain = text"),
        (-0.5, "-0.5"),
        (3.0, "3"),
        (1e300, "1e+300"),
        (True, "true"),
        (None, ""),
        ("-Infinity", "-Infinity"),
    ],
)
def test_text_is_no_formula_and_numbers_stay_numbers(cell: Any, text: str) -> None:
    assert text_of(cell) == text


def test_a_header_is_no_formula_either() -> None:
    assert guarded("=x") == "'=x"


def test_without_the_package_the_answer_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(parquet, "import_module", missing)

    with pytest.raises(Unavailable, match=r"axonml-dashboard\[parquet\]"):
        _ = parquet.arrow()
