"""The registry in the browser: find a model, read it, move its aliases, deploy, compare."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from onnx_models import doubling
from playwright.sync_api import Page, expect
from product import Installed
from safetensors.numpy import save

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("models")]

Visit = Callable[[str], Page]


def a_model(client: httpx.Client, name: str, **fields: Any) -> str:
    answer = client.post("/api/models", json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def a_version(client: httpx.Client, model: str, factor: float = 2.0, **known: Any) -> None:
    """Upload a model that multiplies by `factor`."""
    file = doubling(factor=factor).SerializeToString()
    answer = client.post(
        f"/api/models/{model}/versions",
        files={
            "metadata": ("metadata.json", json.dumps(known), "application/json"),
            "file": ("model.onnx", file, "application/octet-stream"),
        },
    )
    assert answer.status_code == 201, answer.text


@pytest.fixture
def client(started: Installed) -> Iterator[httpx.Client]:
    with started.server.client() as client:
        yield client


@pytest.fixture
def page(started: Installed, visit: Visit) -> Page:
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    return page


def test_the_list_is_searched_filtered_and_sorted_in_its_address(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    small = a_model(client, "listed-small", tags=["vision"], description="tells apples from pears")
    a_version(client, small)
    large = a_model(client, "listed-large", tags=["text"])
    a_version(client, large, 2.0)
    a_version(client, large, 3.0)
    _ = client.put(f"/api/models/{large}/aliases/champion", json={"version": 1})

    _ = page.goto(f"{started.page}/models?q=listed&sort=-n_versions")
    rows = page.get_by_role("table").get_by_role("rowheader")
    expect(rows).to_have_text([re.compile("listed-large"), re.compile("listed-small")])
    expect(page.get_by_text("2 models", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="champion → v1")).to_be_visible()

    page.get_by_role("button", name="Versions").click()
    expect(rows).to_have_text([re.compile("listed-small"), re.compile("listed-large")])
    page.wait_for_url(re.compile("sort=n_versions"))
    page.get_by_label("Of which tag").select_option("vision")
    expect(rows).to_have_text([re.compile("listed-small")])
    page.wait_for_url(re.compile("tag=vision"))

    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("/")
    page.keyboard.type("pears")
    page.wait_for_url(re.compile("q=listedpears"))
    expect(page.get_by_text("No model matches")).to_be_visible()
    page.get_by_role("button", name="Show all models").click()
    page.get_by_role("searchbox").fill("pears")
    expect(rows).to_have_text([re.compile("listed-small")])
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(f"/models/{small}$"))


def test_a_deleted_model_comes_back_by_undo_and_is_gone_without(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    kept, gone = a_model(client, "undo-kept"), a_model(client, "undo-gone")
    _ = page.goto(f"{started.page}/models?q=undo-")
    page.get_by_role("button", name="Delete undo-kept").click()
    expect(page.get_by_role("link", name="undo-kept")).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("link", name="undo-kept")).to_be_visible()

    page.get_by_role("button", name="Delete undo-gone").click()
    with page.expect_response(re.compile(f"/api/models/{gone}$")):
        pass

    expect(page.get_by_text("1 model", exact=True)).to_be_visible()
    assert client.get(f"/api/models/{kept}").status_code == 200
    assert client.get(f"/api/models/{gone}").status_code == 404


def test_a_new_model_says_how_its_first_version_comes(started: Installed, page: Page) -> None:
    _ = page.goto(f"{started.page}/models")
    page.get_by_role("button", name="New model").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("brand new")
    expect(dialog.get_by_text("A letter or digit first")).to_be_visible()
    dialog.get_by_label("Name").fill("brand-new")
    dialog.get_by_label("Tags").fill("vision, tiny")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("brand-new")
    expect(page.get_by_role("button", name="Remove tag tiny")).to_be_visible()
    expect(page.get_by_text("axon models push brand-new model.onnx")).to_be_visible()


def test_a_card_is_written_seen_before_and_shown_without_what_could_act(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "carded")
    _ = page.goto(f"{started.page}/models/{model}")
    page.get_by_role("button", name="Write one").click()
    card = (
        "# Tells digits\n\n| set | rows |\n|---|---|\n| train | 1437 |\n\n<script>alert(1)</script>"
    )
    page.get_by_label("Model card").fill(card)
    page.get_by_role("tab", name="Preview").click()
    expect(page.get_by_role("heading", name="Tells digits")).to_be_visible()
    page.get_by_role("button", name="Save the card").click()

    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="1437")).to_be_visible()
    assert page.locator("main script").count() == 0
    assert client.get(f"/api/models/{model}").json()["description"] == card


def test_an_alias_is_set_moved_and_removed_and_the_history_says_why(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "aliased")
    a_version(client, model, 2.0)
    a_version(client, model, 3.0)
    _ = client.put(f"/api/models/{model}/aliases/champion", json={"version": 1})
    _ = page.goto(f"{started.page}/models/{model}")
    page.get_by_role("button", name="Set alias").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Alias").fill("champion")
    expect(dialog.get_by_text("champion moves from v1 to v2.")).to_be_visible()
    dialog.get_by_label("Reason").fill("two points more accurate")
    dialog.get_by_role("button", name="Move").click()
    expect(page.get_by_role("link", name="champion → v2")).to_be_visible()

    page.get_by_role("button", name="Remove alias champion").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("withdrawn")
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("link", name="champion → v2")).to_have_count(0)
    page.get_by_role("tab", name="History").click()

    entries = page.get_by_role("tabpanel").get_by_role("listitem")
    expect(entries.nth(0)).to_contain_text("The alias champion was removed from v2")
    expect(entries.nth(0)).to_contain_text("withdrawn")
    expect(entries.nth(1)).to_contain_text("champion moved from v1 to v2")
    expect(entries.nth(1)).to_contain_text("two points more accurate")


def test_a_version_shows_where_it_came_from_what_it_takes_and_its_checksum(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    run = client.post("/api/training/runs", json={"name": "the maker", "project": "p"}).json()["id"]
    model = a_model(client, "detailed")
    a_version(
        client,
        model,
        training_run_id=run,
        metrics={"accuracy": 0.97},
        config={"optimizer": {"name": "adam"}},
        description="a smaller learning rate",
    )
    version = client.get(f"/api/models/{model}/versions/1").json()
    _ = page.goto(f"{started.page}/models/{model}?tab=versions")
    page.get_by_role("rowheader").get_by_role("link", name="v1").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("detailed v1")
    expect(page.get_by_text("a smaller learning rate")).to_be_visible()
    expect(page.get_by_text("float32 [batch, 3]")).to_have_count(2)
    expect(page.get_by_text("Not deployed")).to_be_visible()
    page.get_by_role("tab", name="Config").click()
    expect(page.get_by_role("rowheader", name="optimizer.name")).to_be_visible()
    page.get_by_role("tab", name=re.compile("^Files")).click()
    expect(page.get_by_text(version["sha256"])).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download model.onnx").click()
    assert saved.value.suggested_filename == "detailed-v1.onnx"

    page.get_by_role("tab", name="Overview").click()
    page.get_by_role("link", name="the maker").click()

    page.wait_for_url(re.compile(f"/training/{run}"))
    page.get_by_role("link", name="detailed v1").click()
    page.wait_for_url(re.compile(rf"/models/{model}\?version=1"))


def test_the_tensors_of_a_file_are_found_by_name(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "weights")
    layers = {f"layers.{i}.weight": np.zeros((4, i + 1), np.float32) for i in range(400)}
    files = {"file": ("model.safetensors", save(layers), "application/octet-stream")}
    assert client.post(f"/api/models/{model}/versions", files=files).is_success
    _ = page.goto(f"{started.page}/models/{model}?version=1&part=files")

    n_parameters = 4 * sum(range(1, 401))
    expect(page.get_by_text(f"400 tensors, 1.2 MiB · {n_parameters:,} parameters")).to_be_visible()
    table = page.get_by_role("table", name="Tensors")
    assert table.get_by_role("row").count() < 60
    page.get_by_label("Filter tensors by name, type or shape").fill("layers.399")
    expect(table.get_by_role("row")).to_have_count(1)
    expect(table.get_by_role("row")).to_contain_text("float32 [4, 400]")
    page.get_by_label("Filter tensors by name, type or shape").fill("")
    page.get_by_label("Order of the tensors").select_option("size")
    expect(table.get_by_role("row").first).to_contain_text("layers.399.weight")


def test_a_deployed_version_answers_and_is_not_deleted(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "served")
    a_version(client, model)
    _ = page.goto(f"{started.page}/models/{model}?version=1")
    page.get_by_role("button", name="Deploy").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Endpoint")).to_have_value("served")
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog.get_by_text("answers with v1")).to_be_visible(timeout=60_000)
    expect(dialog.get_by_text(re.compile("curl .*/api/inference/predict/served"))).to_be_visible()
    page.keyboard.press("Escape")
    lineage = page.get_by_role("list", name="From run to endpoint")
    expect(lineage.get_by_role("link", name="served").last).to_have_attribute(
        "href", re.compile("/inference/endpoints")
    )

    page.get_by_role("button", name="Delete v1").click()
    page.get_by_role("button", name="Delete it for good").click()

    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("served by served")
    assert client.get(f"/api/models/{model}/versions/1").status_code == 200


def test_a_version_is_deleted_from_its_page_with_its_alias(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "shrinking")
    a_version(client, model, 2.0)
    a_version(client, model, 3.0)
    _ = client.put(f"/api/models/{model}/aliases/champion", json={"version": 2})
    _ = page.goto(f"{started.page}/models/{model}?version=2")
    page.get_by_role("button", name="Delete v2").click()
    page.get_by_role("button", name="Delete it for good").click()

    page.wait_for_url(re.compile("tab=versions"))
    rows = page.get_by_role("table", name="Versions of shrinking").get_by_role("rowheader")
    expect(rows).to_have_text(["v1"])
    expect(page.get_by_role("link", name=re.compile("champion"))).to_have_count(0)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("v2 was deleted")).to_be_visible()


def test_a_version_that_needs_approval_waits_for_an_admin(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "approved", requires_approval=True)
    a_version(client, model)
    _ = page.goto(f"{started.page}/models/{model}?version=1")
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Deploy")).to_be_disabled()
    page.keyboard.press("Escape")

    page.get_by_label("Reason").fill("reviewed by two")
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_text("“reviewed by two”")).to_be_visible()
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Deploy")).to_be_enabled()


def test_versions_are_compared_and_the_better_one_promoted(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "contest")
    for factor, accuracy in ((2.0, 0.91), (3.0, 0.97), (4.0, 0.95)):
        config = {"factor": factor, "epochs": 3}
        a_version(client, model, factor, metrics={"accuracy": accuracy}, config=config)
    _ = client.put(f"/api/models/{model}/aliases/champion", json={"version": 1})
    _ = page.goto(f"{started.page}/models/{model}?tab=versions")
    expect(page.get_by_role("img", name=re.compile("accuracy over versions"))).to_be_visible()
    page.get_by_label("Compare v1").check()
    page.get_by_label("Compare v2").check()
    page.get_by_role("button", name="Compare", exact=True).click()

    page.wait_for_url(re.compile(r"/models/compare\?model=.*versions=1(,|%2C)2"))
    expect(page.get_by_role("row", name=re.compile("^accuracy"))).to_contain_text("0.97 +0.06 best")
    expect(page.get_by_role("rowheader", name="factor")).to_be_visible()
    expect(page.get_by_role("rowheader", name="epochs")).to_have_count(0)
    page.get_by_label("Only what differs").uncheck()
    expect(page.get_by_role("rowheader", name="epochs")).to_be_visible()
    page.get_by_label("Add a version").select_option("3")
    expect(page.get_by_role("columnheader", name=re.compile("^v3"))).to_be_visible()
    page.get_by_role("button", name="Promote v2").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("the most accurate")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()

    expect(page.get_by_role("columnheader", name=re.compile("^v2 champion"))).to_be_visible()
    assert client.get(f"/api/models/{model}").json()["aliases"] == {"champion": 2}


def test_a_link_to_a_version_that_is_gone_says_so(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "gone-version")
    _ = page.goto(f"{started.page}/models/{model}?version=7")

    expect(page.get_by_text("gone-version has no version 7")).to_be_visible()
    page.get_by_role("link", name="See the versions that there are.").click()
    expect(page.get_by_text("No versions yet")).to_be_visible()


def test_a_version_is_tried_beside_the_one_that_answers_and_promoted(
    started: Installed, client: httpx.Client, page: Page
) -> None:
    model = a_model(client, "tried")
    a_version(client, model, 2.0)
    a_version(client, model, 5.0)
    deployed = client.post(f"/api/models/{model}/versions/1/deploy", json={})
    endpoint = str(deployed.json()["id"])
    _ = page.goto(f"{started.page}/inference/endpoints?endpoint={endpoint}")

    page.get_by_role("button", name="Compare with v2").click()
    expect(page.get_by_role("group", name="Outputs of v2")).to_be_visible()
    page.get_by_label("Percent of requests").fill("100")
    page.get_by_role("button", name="Roll out").click()
    versions = page.get_by_role("region", name="Versions of the rollout")
    expect(versions.get_by_role("row", name=re.compile("Canary v2 100 %"))).to_be_visible()
    answer = client.post("/api/inference/predict/tried", json={"inputs": [[1, 2, 3]]})
    assert (answer.json()["model_version"], answer.json()["outputs"]) == ("v2", [[5, 10, 15]])
    replicas = page.get_by_role("region", name="Replicas")
    expect(replicas.get_by_text("v2 (canary)")).to_be_visible()

    page.get_by_role("button", name="Promote v2").click()

    expect(page.get_by_role("definition").filter(has_text="tried v2")).to_be_visible()
    expect(versions).to_have_count(0)
    assert client.get(f"/api/inference/endpoints/{endpoint}").json()["version"] == 2
