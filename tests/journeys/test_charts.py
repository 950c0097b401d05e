"""The charts of a run in the browser: zoomed, smoothed, marked where it diverged, taken away."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from playwright.sync_api import Page, expect
from product import Installed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("charts")]

Visit = Callable[[str], Page]
N_STEPS = 20_000
_QUERY = "**/api/training/metrics/query"


def a_run(client: httpx.Client) -> str:
    """Return a run with more points than pixels, one of them NaN."""
    run = client.post("/api/training/runs", json={"name": "charted"}).json()["id"]
    for first in range(0, N_STEPS, 5_000):
        rows: list[dict[str, Any]] = [
            {
                "step": step,
                "loss": "NaN" if step == 777 else 1 + step % 7,
                "val/loss": 2.0,
                "tokens": step * 32,
            }
            for step in range(first, first + 5_000)
        ]
        sent = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
        assert sent.status_code == 202, sent.text
    return str(run)


@pytest.fixture(scope="module")
def run(started: Installed) -> str:
    with started.server.client() as client:
        return a_run(client)


@pytest.fixture
def page(started: Installed, visit: Visit, run: str) -> Page:
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    _ = page.goto(f"{started.page}/training/{run}?tab=charts")
    expect(page.get_by_role("article", name="loss").get_by_role("img")).to_be_visible()
    return page


def average_of_all(weight: float) -> float:
    """Return the last value of the unbiased average over every point that was logged."""
    average = mass = 0.0
    for step in range(N_STEPS):
        if step != 777:
            average = average * weight + (1 - weight) * (1 + step % 7)
            mass = mass * weight + (1 - weight)
    return average / mass


def test_a_zoom_asks_the_server_for_its_window_and_a_double_click_ends_it(page: Page) -> None:
    panel = page.get_by_role("article", name="loss")
    expect(panel.get_by_text(re.compile("^min.max$"))).to_be_visible()
    box = panel.locator(".u-over").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    with page.expect_response(_QUERY):
        page.mouse.move(box["x"] + box["width"] * 0.4, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.42, middle, steps=5)
        page.mouse.up()
    expect(page).to_have_url(re.compile("steps="))
    # Every point of the window is there now: only the server has them.
    expect(panel.get_by_text(re.compile("^min.max$"))).to_have_count(0)

    page.mouse.dblclick(box["x"] + 50, middle)

    expect(page).not_to_have_url(re.compile("steps="))
    expect(panel.get_by_text(re.compile("^min.max$"))).to_be_visible()


def test_a_smoothed_line_is_the_average_of_all_points_not_of_the_drawn_ones(page: Page) -> None:
    chart = page.get_by_role("article", name="loss").get_by_role("img")

    with page.expect_response(_QUERY):
        page.get_by_role("slider", name="Smoothing").fill("0.9")

    expect(chart).to_have_attribute(
        "aria-label", re.compile(f"loss: [0-9]+ points, last {average_of_all(0.9):.4f}")
    )
    page.get_by_label("Kind of smoothing").select_option("gaussian")
    expect(page).to_have_url(re.compile("by=gaussian"))


def test_a_curve_is_drawn_over_another_metric_that_the_server_joins_by_step(page: Page) -> None:
    with page.expect_response(_QUERY):
        page.get_by_label("X axis").select_option("tokens")
    page.get_by_label("Log x").check()

    panel = page.get_by_role("article", name="loss")
    # The one point at 0 of either line has no place on a log axis, and that is said.
    expect(panel.get_by_text("2 at x ≤ 0 left out")).to_be_visible()
    lines = saved(page, "CSV").splitlines()
    assert lines[0] == "tokens,loss,val/loss"
    assert f"{777 * 32},NaN," in "\n".join(lines)
    assert all(int(float(line.split(",")[0])) % 32 == 0 for line in lines[1:])

    page.reload()
    expect(page.get_by_label("X axis")).to_have_value("metric:tokens")
    expect(page.get_by_label("Log x")).to_be_checked()


def saved(page: Page, kind: str) -> str:
    page.get_by_role("button", name="loss: more").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=f"Save as {kind}").click()
    return Path(download.value.path()).read_text()


def test_a_chart_is_saved_as_lines_and_as_numbers_with_its_mark_for_nan(page: Page) -> None:
    drawing = ET.fromstring(saved(page, "SVG"))  # noqa: S314 - what this page just made itself
    numbers = saved(page, "CSV")

    assert len(drawing.findall("{*}path[@class='broken nan']")) == 1
    assert numbers.splitlines()[0] == "step,loss,val/loss"
    assert re.search(r"^777,NaN,", numbers, re.MULTILINE)


def test_metrics_are_found_by_a_regular_expression_from_the_keyboard(page: Page) -> None:
    page.get_by_label("Filter metrics by name").focus()
    page.keyboard.type("^val/")
    expect(page.get_by_role("article", name="loss").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(r"^loss\. val/loss: ")
    )


def test_the_time_that_the_charts_show_is_that_of_the_log(started: Installed, visit: Visit) -> None:
    with started.server.client() as client:
        run = client.post("/api/training/runs", json={"name": "timed"}).json()["id"]
        lines = [
            {"level": "info", "message": f"minute {i}", "timestamp": f"2026-01-01T10:0{i}:00Z"}
            for i in range(5)
        ]
        sent = client.post(f"/api/training/runs/{run}/log", json={"lines": lines})
        assert sent.status_code < 300, sent.text
    from_ms, to_ms = 1_767_261_660_000, 1_767_261_720_000  # 10:01 to 10:02
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")

    _ = page.goto(f"{started.page}/training/{run}?tab=logs&wall={from_ms}-{to_ms}")
    expect(page.get_by_text("2 lines found")).to_be_visible()
    expect(page.get_by_text("minute 1")).to_be_visible()
    page.get_by_role("button", name="show all").click()

    expect(page.get_by_text("minute 4")).to_be_visible()
    assert "wall=" not in page.url
