"""`axon demo`, from the command to the pages that show what it did."""

import re
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from product import Installed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("demo")]

Demo = tuple[Installed, subprocess.CompletedProcess[str]]
Visit = Callable[[str], Page]


def test_it_trains_registers_deploys_and_asks(demo: Demo) -> None:
    installed, done = demo
    with installed.server.client() as client:
        (run,) = client.get("/api/training/runs").json()["items"]
        (model,) = client.get("/api/models").json()["items"]
        (version,) = client.get(f"/api/models/{model['id']}/versions").json()["items"]
        (endpoint,) = client.get("/api/inference/endpoints").json()["items"]
        series = client.get(f"/api/training/runs/{run['id']}/series").json()["items"]

    assert run["status"] == "completed"
    assert {"loss", "accuracy", "lr", "epoch", "memory_mb"} <= {one["name"] for one in series}
    assert version["training_run_id"] == run["id"]
    assert version["metrics"]["accuracy"] == run["summary"]["accuracy"] > 0.8
    assert (endpoint["status"], endpoint["version"]) == ("running", 1)
    right = re.search(r"(\d+) of (\d+) held-out images right", done.stdout)
    assert right
    assert int(right.group(1)) / int(right.group(2)) > 0.8
    assert re.search(r"p50 \d+\.\d ms", done.stdout)


def test_a_second_demo_moves_the_endpoint_to_version_2(demo: Demo) -> None:
    installed, _ = demo

    again = installed.axon("demo", "--epochs", "3")

    assert again.returncode == 0, again.stderr
    with installed.server.client() as client:
        (endpoint,) = client.get("/api/inference/endpoints").json()["items"]
    assert (endpoint["status"], endpoint["version"]) == ("running", 2)


def test_the_printed_link_signs_in_once_and_shows_the_run(demo: Demo, visit: Visit) -> None:
    installed, _ = demo
    with installed.server.client() as client:
        run = client.get("/api/training/runs").json()["items"][-1]

    page = visit(installed.link())
    page.wait_for_url(f"{installed.page}/dashboard")
    page.get_by_role("link", name="Training", exact=True).first.click()
    page.get_by_role("link", name=run["name"]).first.click()

    expect(page.get_by_role("tab", name="Charts")).to_be_visible()
    expect(page.get_by_text("completed").first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()


def test_a_link_that_was_used_says_so(demo: Demo, visit: Visit) -> None:
    installed, _ = demo
    link = installed.link()
    first = visit(link)
    first.wait_for_url(f"{installed.page}/dashboard")

    with installed.server.client() as client:
        token = link.partition("#link=")[2]
        answer = client.post("/api/auth/link", json={"token": token})

    assert answer.status_code == 401
    assert answer.json()["code"] == "link_spent"


def test_a_drawn_digit_is_recognised_on_the_page(demo: Demo, visit: Visit) -> None:
    installed, _ = demo
    page = visit(installed.link())
    page.wait_for_url(f"{installed.page}/dashboard")
    _ = page.goto(f"{installed.page}/inference/endpoints")
    image = (
        "0 0 5 13 9 1 0 0 0 0 13 15 10 15 5 0 0 3 15 2 0 11 8 0 0 4 12 0 0 8 8 0 0 5 8 0 0 9 8 0"
    )
    image += " 0 4 11 0 1 12 7 0 0 2 14 5 10 12 0 0 0 0 6 13 10 0 0 0"
    zero = ",".join(str(int(pixel) / 16) for pixel in image.split())

    page.get_by_label("Inputs").fill(f"[[{zero}]]")
    page.get_by_role("button", name="Predict").click()

    expect(page.get_by_text(re.compile("v[12] answered in"))).to_be_visible()
    shares = page.get_by_role("list", name="probabilities").get_by_role("listitem")
    expect(shares).to_have_count(10)
    assert "0" in shares.first.inner_text()


def test_a_wrong_shape_is_told_in_the_servers_words(demo: Demo, visit: Visit) -> None:
    installed, _ = demo
    page = visit(installed.link())
    page.wait_for_url(f"{installed.page}/dashboard")
    _ = page.goto(f"{installed.page}/inference/endpoints")

    # The browser itself notes the 422 on its console; ask from here to keep that clean.
    with installed.server.client() as client:
        answer = client.post("/api/inference/predict/digits", json={"inputs": [[1, 2]]})
    page.get_by_label("Inputs").fill("no JSON")
    page.get_by_role("button", name="Predict").click()

    assert answer.status_code == 422
    assert "64" in answer.json()["detail"]
    expect(page.get_by_role("alert")).to_contain_text("This is no JSON yet")


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard",
        "/training",
        "/training/new",
        "/models",
        "/models/upload",
        "/models/compare",
        "/inference",
        "/inference/endpoints",
        "/inference/metrics",
        "/settings/profile",
        "/settings/security",
        "/settings/admin",
    ],
)
def test_every_address_of_the_product_has_a_page_with_one_heading(
    demo: Demo, visit: Visit, path: str
) -> None:
    installed, _ = demo
    page = visit(installed.link())
    page.wait_for_url(f"{installed.page}/dashboard")

    _ = page.goto(f"{installed.page}{path}")

    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("navigation").first).to_be_visible()
