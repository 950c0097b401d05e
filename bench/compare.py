"""Fifty runs side by side: what the server takes for one metric of all, and for what differs.

    python bench/compare.py [--runs 50] [--points 10000]

Runs have 40 config values, 6 metrics and 10,000 points of each. Times are of whole HTTP requests
on this machine, p50 and worst of 30; the curves come as packed columns for a chart of 450 pixels.
"""

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch

NAMES = ("loss", "accuracy", "val/loss", "val/accuracy", "lr", "grad_norm")
WIDTH, REPEATS, GOAL_MS = 450, 30, 50.0


def milliseconds(call: Callable[[], httpx.Response]) -> tuple[float, float, int]:
    """Return p50 and worst of `call` in ms, and the bytes of one answer."""
    taken: list[float] = []
    size = 0
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer = call()
        taken.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.text
        size = len(answer.content)
    return float(np.median(taken)), max(taken), size


def fill(client: httpx.Client, n_runs: int, n_points: int) -> list[str]:
    """Make finished runs whose curves and configurations differ."""
    rng = np.random.default_rng(0)
    step = np.arange(n_points)
    runs: list[str] = []
    for i in range(n_runs):
        config = {"lr": 10 ** -(1 + i % 4), "seed": i, "model": {f"p{k}": k for k in range(38)}}
        body = {"name": f"run-{i}", "config": config, "tags": [f"team=t{i % 3}"]}
        run = str(client.post("/api/training/runs", json=body).json()["id"])
        curve = np.exp(-step / n_points * 4) + rng.normal(0, 0.05, (len(NAMES), n_points))
        batch = MetricBatch("w", 1, n_points, (Block(NAMES, step, step * 100, curve),))
        path = f"/api/training/runs/{run}/metrics"
        sent = client.post(path, content=encode_batch(batch), headers={"content-type": MEDIA_TYPE})
        assert sent.status_code == 202, sent.text
        _ = client.post(f"/api/training/runs/{run}/finish", json={"status": "completed"})
        runs.append(run)
    return runs


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    _ = parser.add_argument("--runs", type=int, default=50)
    _ = parser.add_argument("--points", type=int, default=10_000)
    told = parser.parse_args()
    packed = {"accept": MEDIA_TYPE}
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        client = server.client()
        runs = fill(client, told.runs, told.points)

        def curves(*names: str, **window: int) -> Callable[[], httpx.Response]:
            query = {"runs": runs, "names": names, "width": WIDTH, **window}
            return lambda: client.post("/api/training/metrics/query", json=query, headers=packed)

        part = told.points // 10
        calls = {
            "curves, 1 metric": curves("loss"),
            "curves, 1 metric, a tenth": curves("loss", first_step=part, last_step=2 * part),
            "curves, 4 metrics": curves(*NAMES[:4]),
            "what differs": lambda: client.post("/api/training/runs/compare", json={"runs": runs}),
        }
        print(f"{told.runs} runs x {told.points} points, {platform.machine()}, goal {GOAL_MS:g} ms")
        print(f"{'':28}{'p50 ms':>9}{'worst':>9}{'kB':>9}")
        for name, call in calls.items():
            p50, worst, size = milliseconds(call)
            print(f"{name:28}{p50:9.1f}{worst:9.1f}{size / 1000:9.0f}")
        client.close()


if __name__ == "__main__":
    main()
