"""A thousand watchers of one run: how late each gets a batch, and what it costs the server.

Watchers hold real WebSockets in a process of their own; a writer posts 40 points five times a
second. Some watchers stop reading: the others must not notice, and the server's memory stays.
The peer is the `websockets` library's own `broadcast` of the same JSON from memory, without
storage, sign-in or cursors: the least that any Python server can do.

    ./run python bench/streams.py [--watchers 1000] [--asleep 50] [--seconds 10]
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import websockets

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import free_port, running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch

NAMES = ("loss", "accuracy", "lr", "grad_norm")
ROWS, EVERY_S = 10, 0.2


def clock_ms() -> int:
    """Return the time as batches carry it."""
    return time.time_ns() // 1_000_000


async def watch(url: str, run: str, token: str, watchers: int, asleep: int, seconds: float) -> None:
    """Open the sockets, say so, and print p50, p99 and worst lag in ms, and batches."""
    lags: list[float] = []
    protocols: Any = ["axon.v1", f"bearer.{token}"] if token else None
    gate = asyncio.Semaphore(64)

    async def one(*, sleeps: bool) -> None:
        async with gate:
            socket = await websockets.connect(url, subprotocols=protocols, open_timeout=120)
            await socket.send(json.dumps({"subscribe": [run]}))
        opened.append(socket)
        if len(opened) == watchers:
            all_open.set()
        if sleeps:
            socket.transport.pause_reading()
            return
        async for message in socket:
            frame = json.loads(message)
            if frame["type"] == "columns":
                lags.append(clock_ms() - frame["wall_ms"][-1])

    opened: list[Any] = []
    all_open = asyncio.Event()
    tasks = [asyncio.create_task(one(sleeps=i < asleep)) for i in range(watchers)]
    _ = await all_open.wait()
    await asyncio.sleep(1)
    lags.clear()
    print("ready", flush=True)
    await asyncio.sleep(seconds + 1)
    for task in tasks:
        task.cancel()
    percentiles = np.percentile(lags, [50, 99, 100])
    print(*percentiles, len(lags) / (watchers - asleep), flush=True)
    os._exit(0)


def begin_watchers(arguments: argparse.Namespace, url: str, run: str, token: str) -> Any:
    """Return the process of the watchers, all connected."""
    command = [sys.executable, __file__, "--watch", url, "--run", run]
    for name in ("watchers", "asleep", "seconds"):
        command += [f"--{name}", str(getattr(arguments, name))]
    environment = {**os.environ, "AXON_TOKEN": token}
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def columns() -> Block:
    """Return ten steps of four metrics, logged now."""
    step = np.arange(ROWS)
    return Block(NAMES, step, np.full(ROWS, clock_ms()), np.random.default_rng(1).random((4, ROWS)))


def ours(arguments: argparse.Namespace) -> list[str]:
    """Return the row of the product."""
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        token = str(server.operator()["token"])
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            run = client.post("/api/training/runs", json={"name": "watched"}).json()["id"]
            assert server.process is not None
            process = psutil.Process(server.process.pid)
            before = process.memory_info().rss
            url = f"{server.url.replace('http', 'ws')}/api/training/stream"
            child = begin_watchers(arguments, url, run, token)
            path, kind = f"/api/training/runs/{run}/metrics", {"content-type": MEDIA_TYPE}
            acknowledged: list[float] = []
            busy, began = sum(process.cpu_times()[:2]), time.perf_counter()
            first = 1
            while time.perf_counter() < began + arguments.seconds:
                batch = MetricBatch("w", first, first + ROWS - 1, (columns(),))
                first += ROWS
                start = time.perf_counter()
                client.post(path, content=encode_batch(batch), headers=kind).raise_for_status()
                acknowledged.append(time.perf_counter() - start)
                time.sleep(EVERY_S)
            cores = (sum(process.cpu_times()[:2]) - busy) / (time.perf_counter() - began)
            memory = process.memory_info().rss - before
            answer = child.communicate()[0].split()
    return row("axonml", answer, np.percentile(acknowledged, 99) * 1000, memory, cores, arguments)


async def broadcasts(arguments: argparse.Namespace) -> list[str]:
    """Return the row of `websockets.broadcast`."""
    sockets: set[Any] = set()

    async def keep(socket: Any) -> None:
        sockets.add(socket)
        async for _ in socket:
            pass

    process, port = psutil.Process(), free_port()
    async with websockets.serve(keep, "127.0.0.1", port, backlog=1024):
        before = process.memory_info().rss
        url = f"ws://127.0.0.1:{port}"
        child = await asyncio.to_thread(begin_watchers, arguments, url, "run", "")
        busy, began = sum(process.cpu_times()[:2]), time.perf_counter()
        while time.perf_counter() < began + arguments.seconds:
            block = columns()
            told = {
                "type": "columns",
                "run": "run",
                "seq": 1,
                "names": block.names,
                "step": block.step.tolist(),
                "wall_ms": block.wall_ms.tolist(),
                "values": block.values.tolist(),
            }
            websockets.broadcast(sockets, json.dumps(told))
            await asyncio.sleep(EVERY_S)
        cores = (sum(process.cpu_times()[:2]) - busy) / (time.perf_counter() - began)
        memory = process.memory_info().rss - before
        answer = (await asyncio.to_thread(child.communicate))[0].split()
    return row("websockets.broadcast", answer, None, memory, cores, arguments)


def row(
    name: str,
    answer: list[str],
    post_ms: float | None,
    memory: int,
    cores: float,
    arguments: argparse.Namespace,
) -> list[str]:
    """Return one line of the table."""
    p50, p99, worst, batches = (f"{float(each):.0f}" for each in answer)
    posted = "-" if post_ms is None else f"{post_ms:.1f}"
    each = f"{memory / arguments.watchers / 1024:.0f}"
    return [name, p50, p99, worst, batches, posted, each, f"{cores:.2f}"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--watchers", type=int, default=1000)
    _ = parser.add_argument("--asleep", type=int, default=50)
    _ = parser.add_argument("--seconds", type=float, default=10)
    _ = parser.add_argument("--watch", default="")
    _ = parser.add_argument("--run", default="")
    arguments = parser.parse_args()
    # A socket is an open file; the server's own limit is inherited from here.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    counts = arguments.watchers, arguments.asleep, arguments.seconds
    if arguments.watch:
        token = os.environ["AXON_TOKEN"]
        asyncio.run(watch(arguments.watch, arguments.run, token, *counts))
        return
    print(f"{arguments.watchers} watchers, {arguments.asleep} of them do not read")
    heads = ("p50 ms", "p99 ms", "worst ms", "batches", "POST p99 ms", "KiB a socket", "cores")
    print("| server |", " | ".join(heads), "|")
    print("|---" * (len(heads) + 1) + "|")
    for line in (ours(arguments), asyncio.run(broadcasts(arguments))):
        print("|", " | ".join(line), "|", flush=True)


if __name__ == "__main__":
    main()
