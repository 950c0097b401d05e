"""Uploading in the browser: what the file is, parts, pause, reload, cancel and refusals."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from onnx_models import doubling
from playwright.sync_api import Page, expect
from product import Installed
from safetensors.numpy import save

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("upload")]

Visit = Callable[[str], Page]
_MIB = 1 << 20


@pytest.fixture
def client(started: Installed) -> Iterator[httpx.Client]:
    with started.server.client() as client:
        yield client


@pytest.fixture
def page(started: Installed, visit: Visit) -> Page:
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    page.on("dialog", lambda dialog: dialog.accept())  # leaving while bytes travel asks
    _ = page.goto(f"{started.page}/models/upload")
    return page


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 MiB of weights: three parts."""
    path = tmp_path_factory.mktemp("files") / "large.safetensors"
    weights = np.random.default_rng(7).random((10, _MIB), np.float32)
    _ = path.write_bytes(save({"w": weights}))
    return path


def slowed(page: Page, bytes_per_s: int) -> None:
    """Let the page send no faster; -1 as fast as it can."""
    session = page.context.new_cdp_session(page)
    conditions = {
        "offline": False,
        "latency": 0,
        "downloadThroughput": -1,
        "uploadThroughput": bytes_per_s,
    }
    session.send("Network.emulateNetworkConditions", conditions)


def choose(page: Page, path: Path, model: str) -> None:
    page.get_by_label("Model file").set_input_files(path)
    page.get_by_label("Name").fill(model)


def the_model(client: httpx.Client, name: str) -> dict[str, Any]:
    [model] = client.get("/api/models", params={"name": name}).json()["items"]
    return dict(model)


def uploads(client: httpx.Client, name: str) -> list[dict[str, Any]]:
    model = the_model(client, name)
    return list(client.get(f"/api/models/{model['id']}/uploads").json()["items"])


def versions(client: httpx.Client, name: str) -> list[dict[str, Any]]:
    model = the_model(client, name)
    return list(client.get(f"/api/models/{model['id']}/versions").json()["items"])


def test_a_file_says_what_it_is_before_it_is_sent(
    client: httpx.Client, page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "twice it.onnx"
    _ = path.write_bytes(doubling().SerializeToString())

    page.get_by_label("Model file").set_input_files(path)

    facts = page.get_by_role("region", name="The file")
    expect(facts).to_contain_text("Input x")
    expect(facts).to_contain_text("float32 [any, 3]")
    expect(page.get_by_label("Name")).to_have_value("twice-it")
    page.get_by_label("Metrics").fill("accuracy=0.97")
    page.get_by_label("Tags").fill("raw, small")
    page.get_by_label("Configuration").fill('{"lr": 0.1}')
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("link", name="Open v1").click()
    page.wait_for_url(re.compile(r"/models/\w+\?version=1"))
    [version] = versions(client, "twice-it")
    assert (version["metrics"], version["tags"]) == ({"accuracy": 0.97}, ["raw", "small"])
    assert version["config"] == {"lr": 0.1}


def test_an_upload_is_paused_and_goes_on(client: httpx.Client, page: Page, large: Path) -> None:
    slowed(page, 10 * _MIB)
    choose(page, large, "paused")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text(re.compile(r"MiB/s, .* left"))).to_be_visible()

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused; what was sent is kept")).to_be_visible()
    assert versions(client, "paused") == []
    slowed(page, -1)
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("link", name="Open v1")).to_be_visible(timeout=60_000)
    [version] = versions(client, "paused")
    assert version["sha256"] == hashlib.sha256(large.read_bytes()).hexdigest()


def test_after_a_reload_the_same_file_goes_on_where_it_was(
    client: httpx.Client, page: Page, large: Path
) -> None:
    slowed(page, 10 * _MIB)
    choose(page, large, "reloaded")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("progressbar", name="Upload")).to_be_visible()
    for _ in range(400):
        page.wait_for_timeout(50)
        if page.get_by_text(re.compile(r"^(1[7-9]|2\d|3\d).*MiB of")).is_visible():
            break

    page.reload()
    waiting = page.get_by_text(re.compile("large.safetensors to reloaded"))
    expect(waiting).to_be_visible()
    [begun] = uploads(client, "reloaded")
    assert begun["offset"] >= 16 * _MIB
    page.get_by_label("Model file").set_input_files(large)
    expect(page.get_by_role("region", name="The file")).to_contain_text("10,485,760")
    page.get_by_role("button", name="Upload", exact=True).click()

    expect(page.get_by_role("link", name="Open v1")).to_be_visible(timeout=60_000)
    [version] = versions(client, "reloaded")
    assert version["id"]
    assert version["sha256"] == hashlib.sha256(large.read_bytes()).hexdigest()
    done = client.get(f"/api/models/{version['model_id']}/uploads/{begun['id']}").json()
    assert done["version"]["id"] == version["id"]


def test_a_cancelled_upload_leaves_nothing(client: httpx.Client, page: Page, large: Path) -> None:
    slowed(page, 5 * _MIB)
    choose(page, large, "cancelled")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text(re.compile(r"MiB/s"))).to_be_visible()

    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_enabled()
    assert uploads(client, "cancelled") == []
    assert versions(client, "cancelled") == []
    page.reload()
    expect(page.get_by_text("Not finished")).to_have_count(0)


def test_an_unfinished_upload_is_discarded(client: httpx.Client, page: Page, large: Path) -> None:
    slowed(page, 5 * _MIB)
    choose(page, large, "discarded")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text(re.compile(r"MiB/s"))).to_be_visible()
    page.reload()

    page.get_by_role("button", name="Discard the upload of large.safetensors").click()

    expect(page.get_by_text("The upload of large.safetensors is discarded")).to_be_visible()
    assert uploads(client, "discarded") == []


def test_a_damaged_file_is_refused_before_a_byte_is_sent(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "cut.onnx"
    _ = path.write_bytes(doubling().SerializeToString()[:-20])

    page.get_by_label("Model file").set_input_files(path)

    expect(page.get_by_role("alert")).to_contain_text("damaged")
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_disabled()


def test_what_the_server_refuses_is_said_in_its_words(
    client: httpx.Client, page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "notes.dat"
    _ = path.write_text("no model at all")
    choose(page, path, "refused")

    page.get_by_role("button", name="Upload", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("notes.dat is a text file")
    assert versions(client, "refused") == []
    page.reload()
    expect(page.get_by_text("Not finished")).to_have_count(0)
