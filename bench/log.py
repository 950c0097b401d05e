"""What one `log()` costs the training loop: axonml beside trackio and wandb (offline).

    python bench/log.py [--peers]

Each tracker runs in a process of its own, in turn, several rounds; the table shows the median of
the rounds. `--peers` installs trackio and wandb with uv or pip into ~/.cache/axonml-bench first
(once). The server is not running: nobody's `log` waits for one.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

CACHE: Final = Path("~/.cache/axonml-bench").expanduser()
PEERS: Final = ("trackio", "wandb")
ROUNDS: Final = 5
SIZES: Final = ((4, 20_000, 2_000), (100, 5_000, 500))  # scalars, calls of axonml, calls of a peer

MEASURE: Final = """
import json, sys, time
scalars, calls = int(sys.argv[1]), int(sys.argv[2])
{setup}
values = {{f"metric_{{i}}": float(i) for i in range(scalars)}}
for _ in range(50):
    log(values)
took = []
for step in range(calls):
    values["metric_0"] = step * 0.5
    start = time.perf_counter_ns()
    log(values)
    took.append(time.perf_counter_ns() - start)
took.sort()
print("RESULT", json.dumps([took[len(took) // 2] / 1e3, took[int(len(took) * 0.99)] / 1e3]),
      flush=True)
{end}
"""
AXONML: Final = (
    'import axonml; run = axonml.init("bench", server="http://127.0.0.1:9"); log = run.log',
    "import os; os._exit(0)",
)
TRACKIO: Final = (
    'import trackio; trackio.init(project="bench"); log = trackio.log',
    "import os; os._exit(0)",
)
WANDB: Final = (
    'import wandb; run = wandb.init(project="bench", mode="offline"); log = run.log',
    "import os; os._exit(0)",
)


def python_of(peer: str, *, install: bool) -> str | None:
    """Return the interpreter that has `peer`, installed first where asked for; None without it."""
    folder = CACHE / peer
    python = folder / "bin" / "python"
    if install and not python.exists():
        uv = shutil.which("uv")
        if uv:
            _ = subprocess.run([uv, "venv", "-q", str(folder)], check=True)
            _ = subprocess.run([uv, "pip", "install", "-q", "-p", str(python), peer], check=True)
        else:
            venv.create(folder, with_pip=True)
            _ = subprocess.run([str(python), "-m", "pip", "install", "-q", peer], check=True)
    return str(python) if python.exists() else None


def version_of(python: str, package: str) -> str:
    """Return the installed version of `package`."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def measure(python: str, parts: tuple[str, str], scalars: int, calls: int) -> tuple[float, float]:
    """Return p50 and p99 of one call in microseconds, in a new process and folder."""
    setup, end = parts
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, "-c", MEASURE.format(setup=setup, end=end), str(scalars), str(calls)],
            cwd=folder,
            env={
                **os.environ,
                "AXONML_HOME": folder,
                "TRACKIO_DIR": folder,
                "WANDB_SILENT": "true",
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            p50, p99 = json.loads(line.removeprefix("RESULT "))
            return p50, p99
    raise SystemExit(f"{python} failed:\n{done.stderr[-2000:]}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--peers", action="store_true", help="install and measure the peers")
    install: bool = parser.parse_args().peers
    own_name = f"axonml {version_of(sys.executable, 'axonml-dashboard')}"
    trackers: dict[str, tuple[str, tuple[str, str]]] = {own_name: (sys.executable, AXONML)}
    for peer, parts in zip(PEERS, (TRACKIO, WANDB), strict=True):
        python = python_of(peer, install=install)
        if python is not None:
            trackers[f"{peer} {version_of(python, peer)}"] = (python, parts)
    print(f"{'tracker':22} {'scalars':>7} {'p50 us':>8} {'p99 us':>8} {'x axonml':>8}")
    for scalars, own_calls, peer_calls in SIZES:
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in trackers}
        for _ in range(ROUNDS):
            for name, (python, parts) in trackers.items():
                calls = own_calls if parts is AXONML else peer_calls
                rounds[name].append(measure(python, parts, scalars, calls))
        own = statistics.median(p50 for p50, _ in rounds[own_name])
        for name, figures in rounds.items():
            p50 = statistics.median(p50 for p50, _ in figures)
            p99 = statistics.median(p99 for _, p99 in figures)
            print(f"{name:22} {scalars:7} {p50:8.1f} {p99:8.1f} {p50 / own:8.1f}")


if __name__ == "__main__":
    main()
