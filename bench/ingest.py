"""Points a second through HTTP, each batch fsynced before it is acknowledged.

The peer is a row for each point in SQLite (what MLflow's default store does), written in one
transaction a batch with the same fsync, in this run: the ratio is what counts.

    ./run python bench/ingest.py [--seconds 6] [--writers 4]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import apsw
import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch

ROWS, NAMES = 250, ("loss", "accuracy", "lr", "gpu_util")


def frame(writer: str, batch: int) -> bytes:
    """Return a packed batch of 250 steps of four metrics: 1,000 points."""
    first = batch * ROWS + 1
    step = np.arange(first, first + ROWS)
    values = np.random.default_rng(batch).random((len(NAMES), ROWS))
    block = Block(NAMES, step, step * 20 + 1_700_000_000_000, values)
    return encode_batch(MetricBatch(writer, first, first + ROWS - 1, (block,)))


def write(url: str, token: str, seconds: float) -> None:
    """Log to one run as fast as the server acknowledges; print points and latencies in ms."""
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}) as client:
        run = client.post("/api/training/runs", json={"name": "bench"}).json()["id"]
        frames = [frame("w", batch) for batch in range(2000)]
        taken: list[float] = []
        end = time.perf_counter() + seconds
        for body in frames:
            start = time.perf_counter()
            answer = client.post(
                f"/api/training/runs/{run}/metrics",
                content=body,
                headers={"content-type": MEDIA_TYPE},
            )
            taken.append(time.perf_counter() - start)
            assert answer.json()["accepted"] == ROWS * len(NAMES), answer.text
            if time.perf_counter() > end:
                break
        milliseconds = np.array(taken) * 1000
        print(len(taken) * ROWS * len(NAMES), *np.percentile(milliseconds, [50, 99]))


def through_http(home: Path, writers: int, seconds: float) -> tuple[float, float, float]:
    """Return points a second over all writers, and the p50 and p99 of a POST in ms."""
    with running(home) as server:
        token = server.operator()["token"]
        command = [sys.executable, __file__, "--write", server.url, "--seconds", str(seconds)]
        environment = {**os.environ, "AXON_TOKEN": token}
        processes = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            for _ in range(writers)
        ]
        answers = [process.communicate()[0].split() for process in processes]
    points, p50, p99 = (np.array(column, float) for column in zip(*answers, strict=True))
    return float(points.sum() / seconds), float(p50.mean()), float(p99.max())


def into_rows(folder: Path, seconds: float) -> float:
    """Return points a second of one row a point, an fsync a batch, without any HTTP."""
    database = apsw.Connection(str(folder / "rows.db"))
    for sql in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        (
            "CREATE TABLE metrics (run TEXT, key TEXT, value REAL, wall INTEGER, step INTEGER,"
            " PRIMARY KEY (key, wall, step, run, value))"
        ),
    ):
        database.execute(sql)
    points, batch, end = 0, 0, time.perf_counter() + seconds
    random = np.random.default_rng(0)
    while time.perf_counter() < end:
        rows = [
            ("r", name, value, batch * ROWS + i, batch * ROWS + i)
            for name in NAMES
            for i, value in enumerate(random.random(ROWS).tolist())
        ]
        with database:
            database.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?)", rows)
        points += len(rows)
        batch += 1
    return points / seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--write", metavar="URL", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.write, os.environ["AXON_TOKEN"], arguments.seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        ours, p50, p99 = through_http(Path(folder) / "home", arguments.writers, arguments.seconds)
        rows = into_rows(Path(folder), arguments.seconds)
    print(f"| {os.cpu_count()} cores, {arguments.writers} writers | points/s | p50 ms | p99 ms |")
    print("|---|---|---|---|")
    print(f"| axonml, HTTP + fsync | {ours:,.0f} | {p50:.1f} | {p99:.1f} |")
    print(f"| a row a point in SQLite {apsw.sqlite_lib_version()}, no HTTP | {rows:,.0f} | | |")
    print(f"| ratio | {ours / rows:.1f} | | |")


if __name__ == "__main__":
    main()
