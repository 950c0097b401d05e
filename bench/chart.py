"""How long the server takes to answer a chart of one million points, 1,000 pixels wide.

The peer is the same read from a table with a row for each point, bucketed by SQL, in this run.

    ./run python bench/chart.py [--points 1000000]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch, unpack

WIDTH, BATCH = 1000, 20_000


def milliseconds(call: Callable[[], object], repeats: int = 50) -> tuple[float, float]:
    """Return p50 and p99 of `call` in ms."""
    taken: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    p50, p99 = np.percentile(taken, [50, 99])
    return float(p50), float(p99)


def curve(points: int) -> np.ndarray:
    """Return a noisy falling curve."""
    steps = np.arange(points)
    noise = np.random.default_rng(0).normal(0, 0.05, points)
    return np.exp(-steps / points * 4) + noise


def from_server(home: Path, values: np.ndarray) -> tuple[tuple[float, float], int]:
    """Return the times of a chart answer over HTTP, and the number of points in it."""
    with running(home) as server, server.client() as client:
        run = client.post("/api/training/runs", json={"name": "bench"}).json()["id"]
        for first in range(0, len(values), BATCH):
            step = np.arange(first, min(first + BATCH, len(values)))
            block = Block(("loss",), step, step + 1_700_000_000_000, values[None, step])
            body = encode_batch(MetricBatch("w", first + 1, first + len(step), (block,)))
            post(client, f"/api/training/runs/{run}/metrics", body)
        client.post(f"/api/training/runs/{run}/finish", json={"status": "completed"})
        query = {"runs": [run], "names": ["loss"], "width": WIDTH}
        headers = {"accept": MEDIA_TYPE}

        def ask() -> bytes:
            answer = client.post("/api/training/metrics/query", json=query, headers=headers)
            return answer.content

        n_points = len(unpack(ask())[1][0])
        return milliseconds(ask), n_points


def post(client: httpx.Client, path: str, body: bytes) -> None:
    """Send one batch."""
    answer = client.post(path, content=body, headers={"content-type": MEDIA_TYPE})
    assert answer.status_code == 202, answer.text


def from_rows(folder: Path, values: np.ndarray) -> tuple[float, float]:
    """Return the times of the same buckets from a table with a row for each point."""
    database = apsw.Connection(str(folder / "rows.db"))
    database.execute("CREATE TABLE metrics (run, key, step, value, PRIMARY KEY (run, key, step))")
    with database:
        rows = ((("r"), "loss", i, value) for i, value in enumerate(values.tolist()))
        database.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?)", rows)
    sql = (
        "SELECT step * ? / ?, min(value), max(value) FROM metrics"
        " WHERE run = 'r' AND key = 'loss' GROUP BY 1"
    )
    return milliseconds(lambda: list(database.execute(sql, (WIDTH, len(values)))), 5)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    points = parser.parse_args().points
    values = curve(points)
    with tempfile.TemporaryDirectory() as folder:
        (ours, ours99), n_sent = from_server(Path(folder) / "home", values)
        rows, rows99 = from_rows(Path(folder), values)
    print(f"| {points:,} points, {WIDTH} px | p50 ms | p99 ms |")
    print("|---|---|---|")
    print(f"| axonml, whole HTTP answer ({n_sent:,} points) | {ours:.1f} | {ours99:.1f} |")
    print(f"| a row a point in SQLite {apsw.sqlite_lib_version()} | {rows:.0f} | {rows99:.0f} |")
    print(f"| ratio | {rows / ours:.0f} | |")


if __name__ == "__main__":
    main()
