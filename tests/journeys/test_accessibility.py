"""Every page of the router, in both themes, read by axe: no failure of WCAG 2.2 at A or AA."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from product import Installed
from pyotp.totp import TOTP
from safetensors.numpy import save

from axonml.clock import now_ms

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("accessibility")]

UI = Path(__file__).parents[2] / "ui"
AXE = UI / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ROUTES = re.findall(r'path: "(/[^"*]+|/)"', (UI / "src" / "routes.ts").read_text())

# What a visitor sees before a sign-in; /mfa only shows between its two steps.
OUTSIDE = ("/", "/login", "/mfa")
INSIDE = [route for route in dict.fromkeys(ROUTES) if route not in OUTSIDE]

# Each tab of a page is a page of its own to whoever reads it.
COMPARED = ("", "config", "scatter", "parallel", "importance")
TABS = {
    "/training": [f"compare=filter:project = read&tab={tab}" for tab in COMPARED],
    "/training/:id": [f"tab={tab}" for tab in ("charts", "system", "logs", "config", "artifacts")],
    "/models/:id": [
        *("tab=versions", "tab=history", "version=1"),
        *("version=1&part=config", "version=1&part=files"),
        *("version=3", "version=3&part=files"),
    ],
    "/models/compare": ["model=:id", "model=:id&rows=all"],
    "/settings/admin": [f"tab={tab}" for tab in ("sessions", "audit", "limits", "server")],
}
VIEWS = INSIDE + [f"{route}?{query}" for route, queries in TABS.items() for query in queries]

# What Tab should stop at: what can be pressed or typed into; of a group of radios the chosen one.
STOPS = """() => {
  const all = [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]")];
  window.stops = all.filter((one) => one.tabIndex >= 0 && !one.disabled
    && one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]")
    && !(one.type === "radio" && !one.checked));
  return window.stops.length;
}"""
# Where the focus is, -1 for none of those, and whether it can be seen there or around it.
FOCUSED = """() => {
  const one = document.activeElement;
  const shows = (part) => part && getComputedStyle(part).outlineStyle !== "none";
  const line = getComputedStyle(one, "::after");
  const around = [one, one.parentElement, one.parentElement?.parentElement];
  const isDrawn = line.content !== "none" && line.backgroundColor !== "rgba(0, 0, 0, 0)";
  return [window.stops.indexOf(one), around.some((part) => shows(part)) || isDrawn];
}"""
NAMED = "(at) => window.stops[at].outerHTML.slice(0, 160)"

Theme = Literal["light", "dark"]
Demo = tuple[Installed, subprocess.CompletedProcess[str]]
Visit = Callable[[str], Page]
both = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        message = "axe-core is not there: `./run just page` installs the page's packages"
        if os.environ.get("AXON_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return AXE.read_text()


@pytest.fixture(scope="module")
def ids(demo: Demo) -> dict[str, str]:
    """What stands for `:id` in a page's address, by the page's part of the product."""
    installed, _ = demo
    with installed.server.client() as client:
        some_runs(client)
        (run, *_) = client.get("/api/training/runs?filter=status = completed").json()["items"]
        (model,) = client.get("/api/models").json()["items"]
        more_versions(client, model["id"])
    return {"training": run["id"], "models": model["id"]}


@pytest.fixture(scope="module")
def reader(demo: Demo, browser: Browser) -> Iterator[Page]:
    """A page of somebody who is signed in."""
    installed, _ = demo
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    _ = page.goto(installed.link())
    page.wait_for_url(f"{installed.page}/dashboard")
    yield page
    page.context.close()


def some_runs(client: httpx.Client) -> None:
    """Register runs that differ, one of each fate, to list and to compare."""
    for i, status in enumerate(["completed", "completed", "completed", "failed", "running"]):
        config = {"lr": (i + 1) / 10, "optimizer": "adam" if i % 2 else "sgd", "epochs": 3}
        new = {"name": f"read {i}", "project": "read", "config": config, "tags": ["read"]}
        run = client.post("/api/training/runs", json=new).json()["id"]
        rows = [{"step": step, "loss": 1 / (step + 1) + i / 4} for step in range(30)]
        _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
        if status != "running":
            _ = client.post(f"/api/training/runs/{run}/finish", json={"status": status})


def more_versions(client: httpx.Client, model: str) -> None:
    """Give the demo's model something to compare, a card, a history and what is approved."""
    file = client.get(f"/api/models/{model}/versions/1/download").content
    metadata = ("metadata.json", b'{"metrics": {"accuracy": 0.5}}', "application/json")
    parts = {"metadata": metadata, "file": ("model.onnx", file, "application/octet-stream")}
    assert client.post(f"/api/models/{model}/versions", files=parts).is_success
    weights = {"layers.0.weight": np.zeros((4, 3), np.float32)}
    parts = {"file": ("model.safetensors", save(weights), "application/octet-stream")}
    assert client.post(f"/api/models/{model}/versions", files=parts).is_success
    card = "# Digits\n\n| set | rows |\n|---|---|\n| train | 1437 |\n\n[more](https://example.org)"
    change = {"description": card, "tags": ["vision"], "requires_approval": True}
    assert client.put(f"/api/models/{model}", json=change).is_success
    alias = {"version": 1, "reason": "the better one"}
    assert client.put(f"/api/models/{model}/aliases/champion", json=alias).is_success


def settle(page: Page) -> None:
    """Wait until the page has loaded what it shows."""
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    # A colour half-way through its transition is no colour of the page.
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))")


def failures(page: Page, axe: str) -> list[str]:
    """Return what axe finds on the page as it shows now, a line for each element."""
    page.evaluate(axe)
    found: Any = page.evaluate(
        "(tags) => axe.run({ runOnly: tags }).then((result) => result.violations)", RULES
    )
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def look(page: Page, address: str, theme: Theme) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    _ = page.goto(address)
    settle(page)


def address_of(view: str, ids: dict[str, str]) -> str:
    return view.replace(":id", ids[view.split("/")[1]]) if ":id" in view else view


def test_the_router_still_names_its_pages_as_this_file_reads_them() -> None:
    assert {*OUTSIDE, "/dashboard", "/training/:id", "/settings/admin"} <= set(ROUTES)
    assert len(set(ROUTES)) >= 17


@both
@pytest.mark.parametrize("view", VIEWS)
def test_everybody_can_read_a_page(
    view: str, theme: Theme, reader: Page, ids: dict[str, str], demo: Demo, axe: str
) -> None:
    look(reader, demo[0].page + address_of(view, ids), theme)

    assert failures(reader, axe) == []


@both
@pytest.mark.parametrize("route", ["/", "/login", "/login?mode=register"])
def test_everybody_can_read_the_way_in(
    route: str, theme: Theme, visit: Visit, demo: Demo, axe: str
) -> None:
    page = visit(demo[0].page + route)
    look(page, page.url, theme)

    assert failures(page, axe) == []


@both
def test_everybody_can_read_the_second_step_of_a_sign_in(
    theme: Theme, visit: Visit, demo: Demo, axe: str
) -> None:
    installed, _ = demo
    who = {"email": f"{theme}@example.org", "password": "correct horse battery"}
    with_an_app(installed, who)
    page = visit(f"{installed.page}/login")
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.get_by_label("E-mail").fill(who["email"])
    page.get_by_label("Password").fill(who["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/mfa**")
    settle(page)

    assert failures(page, axe) == []


def with_an_app(installed: Installed, who: dict[str, str]) -> None:
    """Open an account whose sign-in asks for a code of an app."""
    with httpx.Client(base_url=installed.server.url) as client:
        _ = client.post("/api/auth/register", json={**who, "name": "Ada"})
        token = client.post("/api/auth/login", json=who).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        secret = client.post("/api/auth/mfa/totp/setup").json()["secret"]
        code = TOTP(secret).at(now_ms() // 1000)
        enabled = client.post("/api/auth/mfa/totp/enable", json={"code": code})
    assert enabled.is_success, enabled.text


@both
@pytest.mark.parametrize("keys", ["Control+k", "?"])
def test_everybody_can_read_what_lies_over_a_page(
    keys: str, theme: Theme, reader: Page, demo: Demo, axe: str
) -> None:
    look(reader, f"{demo[0].page}/training", theme)
    reader.keyboard.press(keys)
    expect(reader.get_by_role("dialog")).to_be_visible()
    settle(reader)

    assert failures(reader, axe) == []


def test_the_reader_of_these_tests_sees_what_nobody_can_read(
    reader: Page, demo: Demo, axe: str
) -> None:
    look(reader, f"{demo[0].page}/training", "light")
    reader.evaluate(
        """() => {
            const words = document.createElement("p");
            words.textContent = "pale words";
            words.style.color = "#c4a484";
            document.querySelector("main").append(words, document.createElement("button"));
        }"""
    )

    found = failures(reader, axe)

    assert [one.split(":")[0] for one in found] == ["button-name", "color-contrast"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_fits_a_phone_and_can_be_read_there(
    view: str, reader: Page, ids: dict[str, str], demo: Demo, axe: str
) -> None:
    size = reader.viewport_size
    assert size
    reader.set_viewport_size({"width": 390, "height": 844})
    try:
        look(reader, demo[0].page + address_of(view, ids), "light")
        width = reader.evaluate("document.documentElement.scrollWidth")
        found = failures(reader, axe)
    finally:
        reader.set_viewport_size(size)

    assert width <= 390
    assert found == []


@pytest.mark.parametrize("view", VIEWS)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    view: str, reader: Page, ids: dict[str, str], demo: Demo
) -> None:
    look(reader, demo[0].page + address_of(view, ids), "light")
    n_stops: int = reader.evaluate(STOPS)
    reader.evaluate("document.activeElement.blur()")

    seen: set[int] = set()
    unseen: list[str] = []
    for _ in range(n_stops + 5):
        reader.keyboard.press("Escape")  # closes a list that has opened
        reader.keyboard.press("Tab")
        at, shows = reader.evaluate(FOCUSED)
        seen.add(at)
        if at >= 0 and not shows:
            unseen.append(reader.evaluate(NAMED, at))

    missed = [reader.evaluate(NAMED, at) for at in range(n_stops) if at not in seen]
    assert not missed, "\n".join(missed)
    assert unseen == []
