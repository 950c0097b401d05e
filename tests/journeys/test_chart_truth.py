"""Nothing that a run logged is hidden by how it is drawn: spans, broken points, outliers, units."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from product import Installed

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("charts")]

Visit = Callable[[str], Page]
N_STEPS = 20_000
START_MS = 1_700_000_000_000


def send(client: httpx.Client, run: str, writer: str, columns: dict[str, list[float]]) -> None:
    """Store columns of one length, a step and a second apart."""
    values = np.array(list(columns.values()))
    step = np.arange(len(next(iter(columns.values()))))
    block = Block(tuple(columns), step, START_MS + step * 1000, values)
    sent = client.post(
        f"/api/training/runs/{run}/metrics",
        content=encode_batch(MetricBatch(writer, 1, len(step), (block,))),
        headers={"content-type": MEDIA_TYPE},
    )
    assert sent.status_code == 202, sent.text


@pytest.fixture(scope="module")
def run(started: Installed) -> str:
    """Return a run that diverged, with a spike, and figures of its machine."""
    noisy = [1 + (step % 7) / 7 for step in range(N_STEPS)]
    noisy[5_000] = 50.0
    noisy[9_000:9_003] = [math.nan, math.inf, -math.inf]
    few = [1 + (step % 7) / 7 for step in range(200)]
    few[150] = 90.0
    with started.server.client() as client:
        run = str(client.post("/api/training/runs", json={"name": "truth"}).json()["id"])
        send(client, run, "w", {"loss": noisy})
        send(client, run, "x", {"few": few})
        machine = {"system/cpu": [0.25] * 100, "system/memory_mb": [2048.0] * 99 + [3072.0]}
        send(client, run, "y", machine)
    return run


@pytest.fixture
def charts(started: Installed, visit: Visit, run: str) -> Callable[[str], Page]:
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")

    def opened(query: str) -> Page:
        _ = page.goto(f"{started.page}/training/{run}?{query}")
        expect(page.locator("canvas").first).to_be_visible()
        return page

    return opened


def drag(page: Page, panel: Locator) -> None:
    """Zoom into the middle of a chart."""
    box = panel.locator(".u-over").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    page.mouse.up()


def test_a_thinned_line_says_its_span_and_marks_each_kind_of_broken_point(
    charts: Callable[[str], Page], tmp_path: Path
) -> None:
    page = charts("tab=charts")
    panel = page.get_by_role("article", name="loss")

    for words in ("NaN", "+infinity", "\N{MINUS SIGN}infinity"):
        expect(panel.get_by_text(f"at least 1 point is {words}")).to_be_visible()
    panel.locator(".u-over").hover()
    expect(panel.get_by_text(re.compile(r"^1\.\.1\.857"))).to_be_visible()

    panel.get_by_role("button", name="loss: more").click()
    with page.expect_download() as saving:
        page.get_by_role("menuitem", name="SVG").click()
    saving.value.save_as(tmp_path / "loss.svg")
    marks = re.findall(r'<path class="([^"]+)"', (tmp_path / "loss.svg").read_text())
    assert marks == ["band", "broken nan", "broken high", "broken low"]


def test_cutting_outliers_says_how_many_points_are_not_drawn_on_a_log_scale_too(
    charts: Callable[[str], Page],
) -> None:
    for query in ("tab=charts&clip=1", "tab=charts&clip=1&log=1"):
        panel = charts(query).get_by_role("article", name="few")

        expect(panel.get_by_text(re.compile(r"^1 point above [\d.]+ not drawn$"))).to_be_visible()


def test_the_machine_is_shown_in_units_by_the_clock_and_shares_its_zoom(
    charts: Callable[[str], Page],
) -> None:
    page = charts("tab=system")
    cpu = page.get_by_role("article", name="CPU", exact=True)

    expect(cpu.get_by_text("25%", exact=True)).to_be_visible()
    memory = page.get_by_role("article", name="Memory", exact=True)
    expect(memory.get_by_text("3 GiB", exact=True)).to_be_visible()
    expect(page.get_by_label("X axis")).to_have_value("wall")

    drag(page, cpu)
    expect(page).to_have_url(re.compile(r"wall=\d+-\d+"))
    page.get_by_role("tab", name="Charts").click()
    expect(page.get_by_role("button", name="show all")).to_be_visible()
    expect(page.get_by_role("article", name="few").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("few: [1-3]?[0-9] points")
    )
