"""The run list at 10,000 runs: what the server takes for a page, filtered and sorted.

    python bench/run_list.py [--runs 10000]

Runs have 22 config values, 2 tags and 12 metrics. Times are of whole HTTP requests on this machine,
p50 and worst of 20, with 50 runs a page.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from product import running

from axonml.clock import as_datetime
from axonml.columns import Block, MetricBatch, encode_batch
from axonml.config import Config
from axonml.ids import RunId, UserId, new_id
from axonml.storage.open import open_storage
from axonml.storage.protocols import Storage
from axonml.training.store import RunStore
from axonml.training.types import Run, RunStatus

NAMES = ("loss", "accuracy", *(f"val/metric{i}" for i in range(10)))
REPEATS = 20
AT_ONCE = 200
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("newest", {}),
    ("sorted by a metric", {"sort": "metrics.loss"}),
    ("filtered and sorted by a metric", {"filter": "metrics.loss < 0.5", "sort": "metrics.loss"}),
    (
        "metric, config, tag and status",
        {
            "filter": "metrics.loss < 0.5 and (config.lr >= 1e-3 or tags.team = vision)"
            " and status in (running, failed)",
            "sort": "-metrics.accuracy.max",
        },
    ),
    ("sorted by a config value", {"sort": "config.lr"}),
    ("text in the name", {"q": "run 77"}),
)


async def fill(home: Path, n_runs: int, user: str) -> None:
    """Store `n_runs` finished runs of `user` as a server would have."""
    storage = await open_storage(Config(home))
    store, chance = RunStore(storage.documents), random.Random(7)
    for start in range(0, n_runs, AT_ONCE):
        some = range(start, min(start + AT_ONCE, n_runs))
        _ = await asyncio.gather(*(add(storage, store, chance, user, i) for i in some))
    await storage.close()


async def add(
    storage: Storage, store: RunStore, chance: random.Random, user: str, number: int
) -> None:
    """Store one run with three points of each metric."""
    at = as_datetime(1_700_000_000_000 + number * 60_000)
    run = Run(
        id=RunId(new_id()),
        user_id=UserId(user),
        project=f"project {number % 5}",
        name=f"run {number}",
        model_type="mlp",
        status=chance.choice([RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.RUNNING]),
        config={f"key{i}": chance.random() for i in range(20)}
        | {"lr": 10 ** chance.uniform(-5, -1), "optimizer": chance.choice(["adam", "sgd"])},
        tags=(f"team={chance.choice(['vision', 'speech'])}", "baseline"),
        created_at=at,
        updated_at=at,
        started_at=at,
        completed_at=at,
    )
    await store.runs.insert(run)
    step = np.arange(3)
    values = np.array([[chance.random() for _ in step] for _ in NAMES])
    batch = MetricBatch("w", 1, 3, (Block(NAMES, step, step * 1000, values),))
    _ = await storage.series.append(run.id, batch, encode_batch(batch))


def timed(client: httpx.Client, path: str, parameters: dict[str, Any], accept: str) -> list[float]:
    """Return the seconds of each call, the first ones (cold caches) left out."""
    taken: list[float] = []
    for _ in range(REPEATS + 3):
        start = time.perf_counter()
        answer = client.get(path, params=parameters, headers={"accept": accept})
        taken.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.text
    return taken[3:]


def measure(client: httpx.Client) -> None:
    """Time each call and print the table."""
    runs, json = "/api/training/runs", "application/json"
    cursor = client.get(runs, params={"sort": "metrics.loss"}).json()["next_cursor"]
    second = {"sort": "metrics.loss", "cursor": cursor}
    grouped = {"by": "config.optimizer", "metrics": "loss,accuracy"}
    calls: list[tuple[str, str, dict[str, Any], str]] = [
        *((f"page: {name}", runs, parameters, json) for name, parameters in CALLS),
        ("page: the second, sorted by a metric", runs, second, json),
        ("groups of a config value, 2 metrics", f"{runs}/groups", grouped, json),
        ("every key there is", f"{runs}/columns", {}, json),
        ("the projects", "/api/training/projects", {}, json),
        ("floor: one run", f"{runs}/{client.get(runs).json()['items'][0]['id']}", {}, json),
    ]
    print(f"{'':42} {'p50 ms':>8} {'worst ms':>9}")
    for name, path, parameters, accept in calls:
        taken = timed(client, path, parameters, accept)
        print(f"{name:42} {statistics.median(taken) * 1e3:8.1f} {max(taken) * 1e3:9.1f}")
    start = time.perf_counter()
    text = client.get(
        runs, params={"columns": "name,metrics.loss,config.lr"}, headers={"accept": "text/csv"}
    ).text
    took = time.perf_counter() - start
    print(f"{'every run as CSV, once':42} {took * 1e3:8.0f}  ({len(text.splitlines()) - 1} runs)")


def main() -> None:
    """Fill a folder, serve it and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--runs", type=int, default=10_000)
    n_runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running(home) as server:
            granted = server.operator()
        start = time.perf_counter()
        asyncio.run(fill(home, n_runs, granted["user"]["id"]))
        print(f"{n_runs} runs stored in {time.perf_counter() - start:.1f} s")
        size = sum(file.stat().st_size for file in home.glob("*.db*"))
        print(f"{size / 2**20:.0f} MiB, {msgspec.json.encode(NAMES).decode()}")
        with running(home) as server, server.client(granted["token"]) as client:
            measure(client)


if __name__ == "__main__":
    main()
