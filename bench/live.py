"""From `log()` in a script to the point on the page: the time that a person waits.

A real script logs ten times a second through the SDK; a real Chromium shows the run's charts. Each
frame's newest point carries the script's wall time; the page's clock is read after the next
animation frame, when the chart has been drawn. One machine, one clock.

    ./run python bench/live.py [--seconds 15]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from product import Installed, free_port

SCRIPT = """
import sys, time
import axonml
run = axonml.init("bench", server=sys.argv[1], home=sys.argv[2], system=False)
print(run.id, flush=True)
input()
end = time.monotonic() + float(sys.argv[3])
step = 0
while time.monotonic() < end:
    run.log({"loss": 1.0 / (step + 1), "accuracy": step / 1000}, step=step)
    step += 1
    time.sleep(0.1)
run.finish()
"""

# Wraps the page's socket before any of its own code runs.
PROBE = """
window.lags = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      const frame = JSON.parse(event.data);
      if (frame.type !== "columns") return;
      for (const at of frame.wall_ms) {
        requestAnimationFrame(() => requestAnimationFrame(() => window.lags.push(Date.now() - at)));
      }
    });
  }
};
"""


def lags_ms(installed: Installed, seconds: float) -> list[float]:
    """Return, for each point that a watched script logged, ms until it was drawn."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.add_init_script(PROBE)
        page.goto(installed.link())
        page.wait_for_url(f"{installed.page}/dashboard")
        script = subprocess.Popen(
            [
                *(sys.executable, "-c", SCRIPT),
                *(installed.server.url, str(installed.home), str(seconds)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert script.stdin
        assert script.stdout
        run = script.stdout.readline().strip()
        page.goto(f"{installed.page}/training/{run}?tab=charts")
        page.wait_for_timeout(2000)
        print(file=script.stdin, flush=True)
        page.wait_for_timeout(seconds * 1000)
        script.wait(30)
        lags: list[float] = page.evaluate("window.lags")
        browser.close()
    return lags


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    seconds: float = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        installed = Installed(Path(folder) / "home", free_port(), free_port())
        started = installed.axon("start")
        assert started.returncode == 0, started.stderr
        try:
            lags = lags_ms(installed, seconds)
        finally:
            installed.axon("stop")
    p50, p95, p99 = np.percentile(lags, [50, 95, 99])
    print("| from log() to the drawn point | ms |")
    print("|---|---|")
    print(f"| p50 of {len(lags)} | {p50:.0f} |")
    print(f"| p95 | {p95:.0f} |")
    print(f"| p99 | {p99:.0f} |")


if __name__ == "__main__":
    main()
