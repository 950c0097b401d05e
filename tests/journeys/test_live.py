"""A run while it trains: the page shows each point as the script logs it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from product import Installed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("live")]

Visit = Callable[[str], Page]


def test_the_first_account_is_made_on_the_page(started: Installed, visit: Visit) -> None:
    page = visit(f"{started.page}/login")

    page.get_by_label("Name").fill("Ada")
    page.get_by_label(re.compile("E-mail")).fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name=re.compile("Create|account", re.IGNORECASE)).click()

    page.wait_for_url(f"{started.page}/dashboard")
    with started.server.client() as client:
        me = client.get("/api/auth/me").json()
    assert (me["email"], me["role"]) == ("ada@example.org", "admin")


def test_points_appear_while_the_script_logs_them(started: Installed, visit: Visit) -> None:
    with started.server.client() as client:
        run = client.post("/api/training/runs", json={"name": "live one"}).json()["id"]
        rows = [{"step": 1, "loss": 0.75}]
        _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
        page = visit(started.link())
        page.wait_for_url(f"{started.page}/dashboard")
        _ = page.goto(f"{started.page}/training/{run}?tab=charts")
        expect(page.get_by_text("0.75").first).to_be_visible()

        rows = [{"step": 2, "loss": 0.125}]
        _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
        expect(page.get_by_text("0.125").first).to_be_visible()
        _ = client.post(f"/api/training/runs/{run}/finish", json={"status": "completed"})

        expect(page.get_by_text("completed").first).to_be_visible()


def test_a_page_survives_a_restart_of_the_server(started: Installed, visit: Visit) -> None:
    with started.server.client() as client:
        run = client.post("/api/training/runs", json={"name": "restarted"}).json()["id"]
        rows = [{"step": 1, "loss": 0.5}]
        _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    _ = page.goto(f"{started.page}/training/{run}")
    expect(page.get_by_text("0.5").first).to_be_visible()
    before = started.axon("stop", "--backend")
    after = started.axon("start", "--backend")
    assert (before.returncode, after.returncode) == (0, 0), after.stderr

    with started.server.client() as client:
        rows = [{"step": 2, "loss": 0.0625}]
        _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})

    expect(page.get_by_text("0.0625").first).to_be_visible(timeout=30_000)
