"""A run's charts in Chromium: ten that grow ten times a second, fifty, one of a million points.

Software rendering (no GPU), 1440x900, the whole product behind it. A task of the page's thread is
long above 50 ms. That is wall time: what other programs take of the machine counts too, so the
processor time of the busiest task stands beside it. On a machine that does other things as well,
`nice -n -10` before the command gives the page the share that it has on one that does not. A chart
is painted when the animation frame after the answer to its query has been drawn.

    ./run python bench/live_charts.py [--seconds 15]
"""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import Installed, free_port

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch

SERIES, EVERY_S, MANY, MILLION = 10, 0.1, 50, 1_000_000
PROBE = """
window.tasks = []; window.frames_ = []; window.painted = []; window.from = 0;
new PerformanceObserver((list) => {
  // Told late: one that began before the count may come after its beginning.
  for (const entry of list.getEntries()) {
    if (entry.startTime >= window.from) window.tasks.push(entry.duration);
  }
}).observe({ type: "longtask" });
let last = performance.now();
const next = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(next); };
requestAnimationFrame(next);
const plain = window.fetch;
window.fetch = async (...given) => {
  const answer = await plain(...given);
  const url = given[0].url ?? String(given[0]);
  if (url.endsWith("/metrics/query")) {
    const at = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => {
      window.painted.push(performance.now() - at);
    }));
  }
  return answer;
};
"""


def store(client: httpx.Client, run: str, names: tuple[str, ...], first: int, n: int) -> None:
    """Store `n` steps of each metric, logged now."""
    step = np.arange(first, first + n)
    values = np.random.default_rng(first).random((len(names), n)) + 100 / (step + 100)
    wall = np.full(n, time.time_ns() // 1_000_000)
    batch = MetricBatch("w", first + 1, first + n, (Block(names, step, wall, values),))
    client.post(
        f"/api/training/runs/{run}/metrics",
        content=encode_batch(batch),
        headers={"content-type": MEDIA_TYPE},
    ).raise_for_status()


def new_run(client: httpx.Client) -> str:
    """Return the id of a fresh run."""
    return str(client.post("/api/training/runs", json={"name": "bench"}).json()["id"])


def names_of(n: int) -> tuple[str, ...]:
    """Return metric names, each a chart of its own."""
    return tuple(f"metric_{i:02}" for i in range(n))


def opened(page: Page, installed: Installed, run: str) -> None:
    """Show the run's charts."""
    page.goto(f"{installed.page}/training/{run}?tab=charts")
    page.locator("canvas").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)


def count(page: Page) -> None:
    """Begin to count frames and tasks."""
    browser: Any = page.context.browser
    browser.start_tracing(page=page, categories=["toplevel"])
    page.wait_for_timeout(1000)  # tracing begins with a long task of its own
    page.evaluate("window.from = performance.now(); window.tasks = []; window.frames_ = []; 0")


def counted(page: Page) -> list[str]:
    """Return frames p50 and p95 in ms, how many tasks were long, the longest and busiest in ms."""
    frames: list[float] = page.evaluate("window.frames_")
    tasks: list[float] = page.evaluate("window.tasks")
    p50, p95 = np.percentile(frames, [50, 95])
    longest = f"{max(tasks, default=0):.0f}" if tasks else "under 50"
    return [f"{p50:.1f}", f"{p95:.1f}", str(len(tasks)), longest, f"{busiest(page):.0f}"]


def busiest(page: Page) -> float:
    """Return the most processor time in ms that one task of the page's thread took."""
    browser: Any = page.context.browser
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    named = [event for event in events if event["name"] == "thread_name"]
    mains = {e["tid"] for e in named if e["args"]["name"] == "CrRendererMain"}
    taken = [e.get("tdur", 0) for e in events if e.get("ph") == "X" and e["tid"] in mains]
    return max(taken) / 1000


def growing(page: Page, installed: Installed, client: httpx.Client, seconds: float) -> list[str]:
    """Watch ten curves grow."""
    run, names = new_run(client), names_of(SERIES)
    store(client, run, names, 0, 100)
    opened(page, installed, run)
    count(page)
    over = threading.Event()

    def write() -> None:
        step = 100
        while not over.wait(EVERY_S):
            store(client, run, names, step, 1)
            step += 1

    thread = threading.Thread(target=write)
    thread.start()
    page.wait_for_timeout(seconds * 1000)
    found = counted(page)
    over.set()
    thread.join()
    return found


def many(page: Page, installed: Installed, client: httpx.Client) -> list[str]:
    """Scroll through fifty charts of ten thousand points."""
    run = new_run(client)
    store(client, run, names_of(MANY), 0, 10_000)
    opened(page, installed, run)
    count(page)
    page.mouse.move(700, 500)
    for _ in range(100):
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(16)
    page.wait_for_timeout(500)
    return counted(page)


def million(page: Page, installed: Installed, client: httpx.Client) -> float:
    """Return ms from the answer to the painted chart of a million points."""
    run = new_run(client)
    for first in range(0, MILLION, 50_000):
        store(client, run, names_of(1), first, 50_000)
    client.post(f"/api/training/runs/{run}/finish", json={}).raise_for_status()
    opened(page, installed, run)
    painted: list[float] = page.evaluate("window.painted")
    return float(np.median(painted))


def measure(installed: Installed, seconds: float) -> None:
    """Print the tables."""
    token = str(installed.server.operator()["token"])
    headers = {"authorization": f"Bearer {token}"}
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with (
        httpx.Client(base_url=installed.server.url, headers=headers, timeout=60) as client,
        sync_playwright() as playwright,
    ):
        chromium: Any = playwright.chromium
        browser = chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(PROBE)
        page.goto(installed.link())
        page.wait_for_url(f"{installed.page}/dashboard")
        print("| charts | frames p50 ms | p95 ms | long tasks | longest ms | busiest, CPU ms |")
        print("|---|---|---|---|---|---|")
        found = growing(page, installed, client, seconds)
        print(f"| {SERIES} curves, 10 points/s each, {seconds:g} s |", " | ".join(found), "|")
        print(f"| {MANY} charts, scrolled |", " | ".join(many(page, installed, client)), "|")
        print(f"\na million points, answer to pixels: {million(page, installed, client):.0f} ms")
        browser.close()


def main() -> None:
    """Start the product and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--seconds", type=float, default=15)
    seconds: float = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        installed = Installed(Path(folder) / "home", free_port(), free_port())
        started = installed.axon("start")
        assert started.returncode == 0, started.stderr
        try:
            measure(installed, seconds)
        finally:
            installed.axon("stop")


if __name__ == "__main__":
    main()
