"""A training started from the page: chosen, launched, watched, registered, and run again."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from product import Installed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("launch")]

Visit = Callable[[str], Page]
RUN_MS = 60_000


def signed_in(installed: Installed, visit: Visit) -> Page:
    page = visit(installed.link())
    page.wait_for_url(f"{installed.page}/dashboard")
    return page


def the_run(installed: Installed, page: Page) -> dict[str, Any]:
    run_id = page.url.partition("?")[0].rpartition("/")[2]
    with installed.server.client() as client:
        return dict(client.get(f"/api/training/runs/{run_id}").json())


def launch(page: Page) -> None:
    page.get_by_role("button", name="Launch").click()
    page.wait_for_url(re.compile(r"/training/[0-9A-Z]{26}"))


def test_a_trainer_is_chosen_launched_watched_and_leaves_a_model(
    started: Installed, visit: Visit
) -> None:
    page = signed_in(started, visit)
    _ = page.goto(f"{started.page}/training/new")

    page.get_by_role("radio", name=re.compile("Gradient boosting")).check()
    page.get_by_label("Data set").select_option("wine")
    page.get_by_label("Name", exact=True).fill("first try")
    page.get_by_label("Iterations").fill("60")
    page.get_by_label("Patience").fill("0")
    launch(page)

    expect(page.get_by_text("completed").first).to_be_visible(timeout=RUN_MS)
    page.get_by_role("tab", name="Charts").click()
    expect(page.locator("canvas").first).to_be_visible()
    run = the_run(started, page)
    assert (run["name"], run["status"]) == ("first try", "completed")
    assert run["config"] | {"iterations": 60, "dataset": "wine"} == run["config"]
    with started.server.client() as client:
        [model] = client.get("/api/models", params={"q": "wine-gradient-boosting"}).json()["items"]
        [version] = client.get(f"/api/models/{model['id']}/versions").json()["items"]
        series = client.get(f"/api/training/runs/{run['id']}/series").json()["items"]
    assert (version["training_run_id"], version["servable"]) == (run["id"], True)
    assert {each["n_points"] for each in series if each["name"] == "val/loss"} == {60}


def test_a_run_is_run_again_with_what_was_changed(started: Installed, visit: Visit) -> None:
    params = {"iterations": 60, "patience": 0}
    asked = {"kind": "trainer", "trainer": "gradient_boosting", "dataset": "wine", "params": params}
    with started.server.client() as client:
        before = client.post("/api/training/runs", json={"name": "a", "launch": asked}).json()
    page = signed_in(started, visit)
    _ = page.goto(f"{started.page}/training/new?from={before['id']}")

    expect(page.get_by_label("Iterations")).to_have_value("60")
    page.get_by_label("Iterations").fill("25")
    expect(page.get_by_role("button", name="was 60 in Iterations; take it back")).to_be_visible()
    launch(page)

    expect(page.get_by_text("completed").first).to_be_visible(timeout=RUN_MS)
    run = the_run(started, page)
    assert run["id"] != before["id"]
    assert run["config"] == {**before["config"], "iterations": 25}


def test_a_run_is_stopped_from_its_page(started: Installed, visit: Visit) -> None:
    page = signed_in(started, visit)
    _ = page.goto(f"{started.page}/training/new?trainer=sklearn&dataset=digits")

    page.get_by_label("Model", exact=True).select_option("sgd")
    page.get_by_label("Epochs").fill("1000")
    launch(page)
    expect(page.get_by_text("running").first).to_be_visible(timeout=RUN_MS)
    page.get_by_role("button", name="Stop").first.click()

    expect(page.get_by_text("stopped").first).to_be_visible(timeout=RUN_MS)
    assert the_run(started, page)["status"] == "stopped"


def test_what_is_out_of_bounds_is_said_and_not_launched(started: Installed, visit: Visit) -> None:
    page = signed_in(started, visit)
    _ = page.goto(f"{started.page}/training/new?trainer=gradient_boosting")

    page.get_by_label("Learning rate").fill("7")

    expect(page.get_by_text("At most 1")).to_be_visible()
    expect(page.get_by_role("button", name="Launch")).to_be_disabled()
