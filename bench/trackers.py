"""axonml beside trackio, tensorboard, aim, wandb (offline) and mlflow, in one run.

    ./run python bench/trackers.py [--install] [--chart-points 1000000] [--only NAME ...]

`--install` puts each peer into an environment of its own below ~/.cache/axonml-bench, once. A
record is a step with four metrics, two of them noisy as a loss of 32-bit floats is. "Durable"
counts from the first `log` until the run has ended and a reader of the tracker's own store finds
every point; axonml's goes over HTTP into a database, fsynced, the others' into a local file.
"Kept" is after `kill -9` while it logs.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
from _trackers import AXONML, CHARTS, PEERS, RECORDS, Tracker
from log import python_of, version_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import Server, free_port, running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch

KILLED_AT, METRICS, WIDTH = 4_200, 4, 1000
CODE = """
import json, os, random, signal, struct, sys, time
folder, records, way = sys.argv[1], int(sys.argv[2]), sys.argv[3]
{setup}
values, took, noise, single = {{}}, [], random.Random(1).random, struct.Struct("2f")
began = time.perf_counter()
for step in range(records):
    a, b = single.unpack(single.pack(1 / (step + 1) + noise() / 9, noise()))
    values = dict(a=a, b=b, c=0.001, d=step / 1000)
    start = time.perf_counter_ns()
    log(values, step=step)
    took.append(time.perf_counter_ns() - start)
    if way == "kill":
        time.sleep(0.0005)
if way == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
{end}
took.sort()
print("RESULT", json.dumps([took[len(took) // 2] / 1e3, time.perf_counter() - began]), flush=True)
os._exit(0)
"""


def ran(python: str, code: str, folder: str, environment: dict[str, str], *words: str) -> str:
    """Return what the code printed, run by `python` in `folder`."""
    done = subprocess.run(
        [python, "-c", code, folder, *words],
        cwd=folder,
        env={**os.environ, "TRACKIO_DIR": folder, "WANDB_SILENT": "true", **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode not in {0, -9}:
        raise RuntimeError(done.stderr.strip()[-600:])
    return done.stdout


def said(output: str, word: str) -> str:
    """Return the rest of the line that begins with `word`."""
    return next(line for line in output.splitlines() if line.startswith(word))[len(word) + 1 :]


def bytes_below(folder: Path) -> int:
    """Return the size of every file below `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class Figures:
    """The figures of one tracker."""

    def __init__(self, python: str, tracker: Tracker, environment: dict[str, str]) -> None:
        self.python, self.tracker, self.environment = python, tracker, environment

    def logged(self, folder: str, records: int, way: str) -> str:
        """Log in a process of its own; return what it printed."""
        code = CODE.format(setup=self.tracker.setup, end=self.tracker.end)
        return ran(self.python, code, folder, self.environment, str(records), way)

    def kept(self, folder: str) -> int:
        """Return how many records the tracker's own store has."""
        code = f"import sys; folder = sys.argv[1]\n{self.tracker.tally}\nprint('KEPT', kept)"
        if self.tracker is AXONML:
            code = f"import axonml\n{code}"
        return int(said(ran(self.python, code, folder, self.environment), "KEPT"))


Row = tuple[float, float, float, int]  # log p50 in us, durable points/s, bytes a point, kept


def ours() -> Row:
    """Return the figures of axonml, with its server beside it."""
    records = RECORDS["axonml"]
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        with running(home) as server:
            figures = Figures(sys.executable, AXONML, environment_of(home, server))
            p50, seconds = json.loads(said(figures.logged(place, records, "end"), "RESULT"))
            assert figures.kept(place) == records
            time.sleep(5)  # it gives pages back to the disk that packing has freed
        size = bytes_below(home) - bytes_below(home / "logs")
    with tempfile.TemporaryDirectory() as place, running(Path(place)) as server:
        figures = Figures(sys.executable, AXONML, environment_of(Path(place), server))
        _ = figures.logged(place, KILLED_AT, "kill")
        kept = figures.kept(place)
    points = records * METRICS
    return p50, points / seconds, size / points, kept


def environment_of(home: Path, server: Server) -> dict[str, str]:
    """Return what a script needs to log to `server`."""
    token = str(server.operator()["token"])
    return {"AXONML_HOME": str(home), "AXON_SERVER": server.url, "AXON_TOKEN": token}


def theirs(name: str, python: str) -> Row:
    """Return the figures of a peer."""
    records, figures = RECORDS[name], Figures(python, PEERS[name], {})
    with tempfile.TemporaryDirectory() as place:
        p50, seconds = json.loads(said(figures.logged(place, records, "end"), "RESULT"))
        assert figures.kept(place) == records
        size = bytes_below(Path(place))
    with tempfile.TemporaryDirectory() as place:
        _ = figures.logged(place, KILLED_AT, "kill")
        kept = figures.kept(place)
    points = records * METRICS
    return p50, points / seconds, size / points, kept


def milliseconds(ask: Callable[[], httpx.Response], repeats: int) -> tuple[float, int]:
    """Return the p50 of a request in ms, and the size of its answer."""
    size = 0
    taken: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        size = len(ask().raise_for_status().content)
        taken.append((time.perf_counter() - start) * 1000)
    return float(np.median(taken)), size


def our_chart(points: int) -> tuple[float, int]:
    """Return ms and bytes of one chart of axonml."""
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        headers = {"authorization": f"Bearer {server.operator()['token']}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
            run = client.post("/api/training/runs", json={"name": "bench"}).json()["id"]
            for first in range(0, points, 20_000):
                step = np.arange(first, min(first + 20_000, points))
                block = Block(("a",), step, 1_700_000_000_000 + step, 1.0 / (step[None, :] + 1))
                batch = MetricBatch("w", first + 1, first + len(step), (block,))
                client.post(
                    f"/api/training/runs/{run}/metrics",
                    content=encode_batch(batch),
                    headers={"content-type": MEDIA_TYPE},
                ).raise_for_status()
            client.post(f"/api/training/runs/{run}/finish", json={}).raise_for_status()
            query = {"runs": [run], "names": ["a"], "width": WIDTH}
            return milliseconds(
                lambda: client.post("/api/training/metrics/query", json=query), repeats=50
            )


def their_chart(name: str, python: str, points: int) -> tuple[float, int]:
    """Return ms and bytes of one chart of a peer, once its server has all points."""
    write, command, path = CHARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        code = f"import sys; folder, points = sys.argv[1], int(sys.argv[2])\n{write}"
        out = ran(python, code, folder, {}, str(points))
        run = said(out, "RUN") if "RUN " in out else ""
        port = str(free_port())
        program, *words = (word.format(folder=folder, port=port) for word in command)
        server = subprocess.Popen(
            [str(Path(python).with_name(program)), *words],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
                return settled(lambda: client.get(path.format(run=run)))
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            _ = server.wait()


def settled(ask: Callable[[], httpx.Response]) -> tuple[float, int]:
    """Return ms and bytes once the server answers and its answer grows no more."""
    deadline, before, same = time.monotonic() + 300, 0, 0
    while time.monotonic() < deadline and same < 5:
        time.sleep(1)
        try:
            answer = ask()
        except httpx.TransportError:
            continue
        size = len(answer.content) if answer.is_success else 0
        same = same + 1 if size and size == before else 0
        before = size
    return milliseconds(ask, repeats=10)


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--install", action="store_true")
    _ = parser.add_argument("--only", nargs="*", default=list(PEERS))
    _ = parser.add_argument("--chart-points", type=int, default=1_000_000)
    arguments = parser.parse_args()
    found = {name: python_of(name, install=arguments.install) for name in arguments.only}
    pythons = {name: python for name, python in found.items() if python is not None}
    print("| tracker | log() p50 us | durable points/s | bytes a point | kept of 4,200 |")
    print("|---|---|---|---|---|")
    own = ours()
    print(line(f"axonml {version_of(sys.executable, 'axonml-dashboard')}", own, own), flush=True)
    for name, python in pythons.items():
        row = theirs(name, python)
        print(line(f"{name} {version_of(python, name)}", row, own), flush=True)
    print(f"\n| a chart of {arguments.chart_points:,} points | p50 ms | KiB |\n|---|---|---|")
    own_ms, size = our_chart(arguments.chart_points)
    print(f"| axonml | {own_ms:.1f} | {size / 1024:.0f} |", flush=True)
    for name in CHARTS.keys() & pythons.keys():
        ms, size = their_chart(name, pythons[name], arguments.chart_points)
        print(f"| {name} | {ms:,.1f} ({ms / own_ms:.0f}x) | {size / 1024:,.0f} |", flush=True)


def line(name: str, row: Row, own: Row) -> str:
    """Return one line of the first table, with the ratios to axonml's."""
    p50, rate, size, kept = row
    ratios = p50 / own[0], own[1] / rate, size / own[2]
    cells = f"{p50:.1f} ({ratios[0]:.1f}x)", f"{rate:,.0f} ({ratios[1]:.1f}x slower)"
    return f"| {name} | {' | '.join(cells)} | {size:.1f} ({ratios[2]:.1f}x) | {kept:,} |"


if __name__ == "__main__":
    main()
