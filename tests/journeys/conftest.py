"""The whole product, as a person meets it: the real command, the real pages in Chromium."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from product import Installed, free_port

from axonml.web import dist

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WAIT_MS = 15_000

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    found = Installed(tmp_path_factory.mktemp("home"), free_port(), free_port())
    yield found
    stopped = found.axon("stop")
    assert stopped.returncode == 0, stopped.stderr


@pytest.fixture(scope="module")
def started(installed: Installed) -> Installed:
    done = installed.axon("start")
    assert done.returncode == 0, done.stderr
    return installed


@pytest.fixture(scope="module")
def demo(installed: Installed) -> tuple[Installed, subprocess.CompletedProcess[str]]:
    """Return the product after one short `axon demo`, and what that printed."""
    done = installed.axon("demo", "--epochs", "12")
    assert done.returncode == 0, done.stderr
    return installed, done


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium; of a module, since no other loop can run while Playwright's does."""
    for missing, there in ((CHROMIUM, "Chromium"), ((dist() / "index.html").exists(), "the page")):
        if not missing:
            message = f"{there} is not there: `apt-get install chromium`, `./run just page`"
            if os.environ.get("AXON_REQUIRE_BROWSER") == "1":
                pytest.fail(message)
            pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Return what opens an address in a browser of its own; its script may not fail.

    What the browser itself notes of refused connections and answers is no failure of the script.
    """
    opened: list[Page] = []
    complaints: list[str] = []

    def open_page(address: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if _is_complaint(said) else None,
        )
        _ = page.goto(address)
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.context.close()
    assert complaints == []


def _is_complaint(said: ConsoleMessage) -> bool:
    network = ("Failed to load resource", "WebSocket connection to")
    return said.type == "error" and not said.text.startswith(network)
