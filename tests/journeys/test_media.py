"""The tab Artifacts as a person meets it: what the script logs shows, also while it is open."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from product import Installed

import axonml

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("media")]


def test_what_a_script_logs_beside_numbers_shows_as_it_arrives(
    started: Installed, visit: Callable[[str], Page], tmp_path: Path
) -> None:
    _ = (tmp_path / "weights.bin").write_bytes(b"w" * 2048)
    server = started.server
    token = str(server.operator()["token"])
    run = axonml.init("p", "rich", server=server.url, token=token, system=False)
    run.log({"picture": axonml.Image(np.eye(8), caption="the first")})
    run.log_histogram("weights", np.arange(100.0))
    run.log_artifact(tmp_path, "checkpoint", "model")
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    _ = page.goto(f"{started.page}/training/{run.id}?tab=artifacts")

    expect(page.get_by_alt_text("the first")).to_be_visible()
    expect(page.get_by_role("img", name="Histogram of weights")).to_be_visible()
    expect(page.get_by_text("weights.bin")).to_be_visible()
    run.log({"picture": axonml.Image(np.eye(8), caption="the second")})
    expect(page.get_by_alt_text("the second")).to_be_visible()
    page.get_by_label("Step of picture").press("Home")
    expect(page.get_by_alt_text("the first")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Zip").click()

    assert download.value.suggested_filename == "checkpoint-v1.zip"
    assert run.finish()
