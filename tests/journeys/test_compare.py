"""Comparing runs in the browser: from the list to the curves, and one link for the whole view."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect
from product import Installed

from axonml.clock import now_ms

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("compare")]

Visit = Callable[[str], Page]


def some_runs(client: httpx.Client, n: int = 6) -> list[str]:
    """Return runs whose loss follows their learning rate; the last one still trains."""
    ids: list[str] = []
    for i in range(n):
        config = {"lr": (i + 1) / 10, "optimizer": "adam" if i % 2 else "sgd", "epochs": 3}
        run = client.post(
            "/api/training/runs",
            json={"name": f"compared {i}", "project": "compared", "config": config},
        ).json()["id"]
        start_s = now_ms() / 1000  # and then a point a second
        rows = [
            {"step": step, "loss": 1 / (step + 1) + i / 4, "timestamp": start_s + step}
            for step in range(30)
        ]
        _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
        if i < n - 1:
            _ = client.post(f"/api/training/runs/{run}/finish", json={"status": "completed"})
        ids.append(str(run))
    return ids


@pytest.fixture(scope="module")
def runs(started: Installed) -> list[str]:
    with started.server.client() as client:
        return some_runs(client)


@pytest.fixture
def page(started: Installed, visit: Visit) -> Page:
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    return page


def test_curves_of_all_runs_share_a_chart_and_move_while_one_trains(
    started: Installed, runs: list[str], page: Page
) -> None:
    _ = page.goto(f"{started.page}/training?compare={','.join(runs)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 6 runs")
    chart = page.get_by_role("article", name="loss").get_by_role("img")
    expect(chart).to_have_attribute("aria-label", re.compile("compared 5: last 1.2"))

    with started.server.client() as client:
        rows = {"metrics": [{"step": 30, "loss": 7.25}]}
        _ = client.post(f"/api/training/runs/{runs[-1]}/metrics", json=rows)

    expect(chart).to_have_attribute("aria-label", re.compile("compared 5: last 7.25"))


def test_one_link_shows_the_same_view_again(
    started: Installed, runs: list[str], page: Page, visit: Visit
) -> None:
    _ = page.goto(f"{started.page}/training?compare={','.join(runs)}")
    page.get_by_role("tab", name="Config").click()
    page.get_by_role("button", name="Hide compared 1").click()
    page.get_by_role("button", name="Baseline: compared 0").click()
    expect(page.get_by_text("baseline", exact=True)).to_be_visible()

    again = visit(started.link())
    again.wait_for_url(f"{started.page}/dashboard")
    _ = again.goto(page.url)

    expect(again.get_by_role("tab", name="Config")).to_have_attribute("aria-selected", "true")
    expect(again.get_by_role("rowheader", name="lr", exact=True)).to_be_visible()
    expect(again.get_by_role("rowheader", name="epochs")).to_have_count(0)
    expect(again.get_by_role("columnheader", name=re.compile("compared"))).to_have_count(5)
    expect(again.get_by_text("+0.2 (+200%)")).to_be_visible()


def test_one_link_shows_the_same_stretch_of_the_same_curves_again(
    started: Installed, runs: list[str], page: Page, visit: Visit
) -> None:
    _ = page.goto(f"{started.page}/training?compare={','.join(runs)}")
    page.get_by_label("X axis").select_option("relative")
    page.get_by_label("Smoothing").fill("0.8")
    page.get_by_label("Log scale").check()
    page.get_by_role("button", name="Hide compared 1").click()
    chart = page.get_by_role("article", name="loss").get_by_role("img")
    whole = chart.get_attribute("aria-label")
    drag_across(page)
    expect(chart).not_to_have_attribute("aria-label", str(whole))

    again = visit(started.link())
    again.wait_for_url(f"{started.page}/dashboard")
    _ = again.goto(page.url)

    same = again.get_by_role("article", name="loss").get_by_role("img")
    expect(same).to_have_attribute("aria-label", str(chart.get_attribute("aria-label")))
    expect(again.get_by_label("X axis")).to_have_value("relative")
    expect(again.get_by_label("Smoothing")).to_have_value("0.8")
    expect(again.get_by_label("Log scale")).to_be_checked()
    expect(again.get_by_role("button", name="of each run: show all")).to_be_visible()
    expect(again.get_by_role("button", name="Hide compared 1", pressed=True)).to_be_visible()


def drag_across(page: Page) -> None:
    """Drag over the middle of the loss; every chart then shows that stretch."""
    box = page.get_by_role("article", name="loss").locator(".u-over").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile(r"since=\d+-\d+"))


def test_a_comparison_is_kept_under_a_name_and_opened_again(
    started: Installed, runs: list[str], page: Page
) -> None:
    _ = page.goto(f"{started.page}/training?compare={','.join(runs)}&tab=config&hide={runs[1]}")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("button", name="Save what is shown").click()
    page.get_by_role("dialog").get_by_label("Name").fill("The sweep")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“The sweep” is saved.")).to_be_visible()

    _ = page.goto(f"{started.page}/training?compare={runs[0]},{runs[2]}")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("button", name="The sweep", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 6 runs")
    expect(page.get_by_role("tab", name="Config")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("button", name="Hide compared 1", pressed=True)).to_be_visible()
    _ = page.goto(f"{started.page}/training")
    page.get_by_role("button", name="Saved views").click()
    expect(page.get_by_role("button", name="The sweep", exact=True)).to_have_count(0)


def test_a_deleted_run_of_a_link_is_told_and_the_others_are_compared(
    started: Installed, runs: list[str], page: Page
) -> None:
    with started.server.client() as client:
        gone = client.post("/api/training/runs", json={"name": "gone"}).json()["id"]
        _ = client.delete(f"/api/training/runs/{gone}")

    _ = page.goto(f"{started.page}/training?compare={runs[0]},{gone},{runs[1]}")

    expect(page.get_by_text("1 run of this link is gone, or not yours to see.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 runs")
    expect(page.get_by_role("article", name="loss").locator("canvas")).to_be_visible()


def test_an_axis_is_brushed_by_mouse_and_by_keys(
    started: Installed, runs: list[str], page: Page
) -> None:
    _ = page.goto(f"{started.page}/training?compare={','.join(runs)}&tab=parallel")
    end = page.get_by_role("slider", name="lr: to")
    end.focus()
    page.keyboard.press("PageDown")
    expect(page.get_by_text("5 of 6 runs lie within every brush.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("6 of 6 runs lie within every brush.")).to_be_visible()

    low, high = page.get_by_role("slider", name="lr: from").bounding_box(), end.bounding_box()
    assert low
    assert high
    middle = (low["y"] + high["y"]) / 2
    page.mouse.move(low["x"] + 5, low["y"] + 3)
    page.mouse.down()
    page.mouse.move(low["x"] + 5, middle, steps=5)
    page.mouse.up()

    expect(page.get_by_text("3 of 6 runs lie within every brush.")).to_be_visible()
    page.get_by_role("button", name="Keep only these").click()
    expect(page.get_by_text("3 hidden")).to_be_visible()


def test_marks_open_their_run_and_parameters_are_weighed(
    started: Installed, runs: list[str], page: Page
) -> None:
    pytest.importorskip("sklearn")
    _ = page.goto(f"{started.page}/training?compare=filter:project = compared&tab=importance")
    expect(page.get_by_text(re.compile("R² .* out of bag, 5 runs"))).to_be_visible(timeout=60_000)
    expect(page.get_by_text("1 still running")).to_be_visible()

    page.get_by_role("tab", name="Scatter").click()
    page.get_by_role("link", name=re.compile("^compared 2: lr 0.3")).click()

    page.wait_for_url(re.compile(f"/training/{runs[2]}"))
