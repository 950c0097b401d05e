"""Scroll the run list of 10,000 runs in Chromium: frames, and tasks of the page's main thread.

A task is long above 50 ms. Wall time counts what other programs on the machine took meanwhile; CPU
time of the thread does not. Software rendering (no GPU), 1440x900, the whole product behind it.

    ./run python bench/run_list_page.py [--runs 10000]
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, ElementHandle, Page, sync_playwright
from run_list import fill

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import Installed, free_port

LONG_MS = 50.0
FRAMES = """
() => {
  window.frames_ = [];
  let last = performance.now();
  const next = (now) => {
    window.frames_.push(now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}
"""
AT_END = """
() => {
  const table = document.querySelector("[role=table]");
  const last = [...document.querySelectorAll("[data-run]")].at(-1);
  return last?.getAttribute("aria-rowindex") === table.getAttribute("aria-rowcount");
}
"""


def wheel(page: Page, by: int) -> None:
    """Turn the wheel 120 times, a frame apart."""
    for _ in range(120):
        page.mouse.wheel(0, by)
        page.wait_for_timeout(16)


def jump(page: Page, frame: ElementHandle) -> None:
    """Go to the last run, and wait until it was read."""
    frame.evaluate("(frame) => { frame.scrollTop = frame.scrollHeight; }")
    _ = page.wait_for_function(AT_END, timeout=60_000)


def drag(page: Page, frame: ElementHandle) -> None:
    """Pull the scroll bar up by 34 rows, 60 times: each time every row is another."""
    for _ in range(60):
        frame.evaluate("(frame) => { frame.scrollTop -= 1500; }")
        page.wait_for_timeout(30)


def traced(browser: Browser, page: Page, name: str, do: Callable[[], None]) -> None:
    """Do something and print what the page's main thread was busy with."""
    _ = page.evaluate("() => { window.frames_.length = 0; }")
    browser.start_tracing(
        page=page, categories=["toplevel", "disabled-by-default-devtools.timeline"]
    )
    do()
    events = json.loads(browser.stop_tracing())["traceEvents"]
    wall, cpu = tasks_of(events)
    frames = np.array(page.evaluate("window.frames_"))
    p50, p95 = np.percentile(frames, [50, 95])
    long_wall, long_cpu = int((wall > LONG_MS).sum()), int((cpu > LONG_MS).sum())
    rows = page.locator("[role=row]").count()
    print(
        f"{name:32} frames p50 {p50:5.1f} p95 {p95:5.1f} ms | long tasks {long_wall:3} wall,"
        f" {long_cpu} CPU (longest {cpu.max():5.1f} ms) | {rows} rows in the page"
    )


def tasks_of(events: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Return wall and CPU time in ms of each task of the busiest renderer's main thread."""
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in events:
        thread = (event["pid"], event["tid"])
        if event["name"].endswith("RunTask") and "tdur" in event and thread in mains:
            found.setdefault(thread, []).append((event["dur"] / 1e3, event["tdur"] / 1e3))
    busiest = np.array(max(found.values(), key=lambda tasks: sum(cpu for _, cpu in tasks)))
    return busiest[:, 0], busiest[:, 1]


def measure(browser: Browser, product: Installed) -> None:
    """Scroll up and down in the list."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    _ = page.goto(product.link())
    page.wait_for_url(f"{product.page}/dashboard")
    _ = page.goto(f"{product.page}/training")
    page.locator("[data-run]").first.wait_for()
    frame = page.wait_for_selector("[role=region][tabindex='0']")
    assert frame is not None
    box = frame.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    _ = page.evaluate(FRAMES)
    traced(browser, page, "wheel down, read while scrolling", lambda: wheel(page, 300))
    traced(browser, page, "jump to the end", lambda: jump(page, frame))
    traced(browser, page, "wheel up, all read", lambda: wheel(page, -300))
    traced(browser, page, "34 rows a frame", lambda: drag(page, frame))


def main() -> None:
    """Fill a folder, start the product and scroll."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--runs", type=int, default=10_000)
    n_runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        product = Installed(Path(folder), free_port(), free_port())
        assert product.axon("start").returncode == 0
        user = product.server.operator()["user"]["id"]
        assert product.axon("stop").returncode == 0
        asyncio.run(fill(product.home, n_runs, user))
        started = product.axon("start")
        assert started.returncode == 0, started.stderr
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"),
                    args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
                )
                print(f"{n_runs} runs; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
                measure(browser, product)
                browser.close()
        finally:
            _ = product.axon("stop")


if __name__ == "__main__":
    main()
