"""The run list as a person works with it: filtered, sorted, arranged, grouped, cleaned up, kept."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from product import Installed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("run-list")]

Visit = Callable[[str], Page]
RATES = (0.1, 0.01, 0.001)


@pytest.fixture(scope="module")
def runs(started: Installed) -> list[str]:
    """Return the ids of twelve runs: loss 0.00 to 0.11, four for each learning rate."""
    ids: list[str] = []
    with started.server.client() as client:
        for number in range(12):
            body = {
                "name": f"run-{number:02}",
                "project": "digits",
                "config": {"optim": {"lr": RATES[number % 3]}},
                "tags": ["team=vision" if number % 2 else "team=speech"],
            }
            run = client.post("/api/training/runs", json=body).json()["id"]
            rows = [{"step": 1, "loss": number / 100}]
            _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
            _ = client.post(f"/api/training/runs/{run}/finish", json={"status": "completed"})
            ids.append(run)
    return ids


@pytest.fixture
def page(started: Installed, runs: list[str], visit: Visit) -> Iterator[Page]:
    assert len(runs) == 12
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    _ = page.goto(f"{started.page}/training")
    expect(page.get_by_text("12 runs", exact=True)).to_be_visible()
    yield page
    page.close()


def names(page: Page) -> Locator:
    """Return the links of the runs that are shown, from the top."""
    return page.locator("[data-run] [data-column=name] a")


def narrow(page: Page, text: str) -> None:
    box = page.get_by_role("combobox", name="Filter runs")
    box.fill(text)
    box.press("Enter")


def test_a_wrong_filter_points_at_the_character_and_a_right_one_narrows(page: Page) -> None:
    narrow(page, "metrics.loss < < 0.05")

    error = page.locator("form, main").get_by_role("alert").first
    expect(error).to_contain_text("expected a value", ignore_case=True)
    expect(page.locator("[data-spot]")).to_have_text("<")
    expect(names(page)).to_have_count(12)

    narrow(page, "metrics.loss < 0.05 and (config.optim.lr >= 0.01 or tags.team = vision)")

    expect(page.get_by_text("4 runs", exact=True)).to_be_visible()
    expect(error).to_be_hidden()
    expect(names(page)).to_have_text(["run-04", "run-03", "run-01", "run-00"])


def test_a_field_is_completed_from_what_runs_have(page: Page) -> None:
    box = page.get_by_role("combobox", name="Filter runs")

    box.fill("lr")
    box.press("ArrowDown")
    box.press("Enter")

    expect(box).to_have_value("config.optim.lr ")
    box.press_sequentially("= 0.001")
    box.press("Enter")
    expect(page.get_by_text("4 runs", exact=True)).to_be_visible()


def test_any_head_sorts_and_the_order_outlives_a_reload(page: Page) -> None:
    head = page.get_by_role("columnheader").filter(has_text="loss")

    head.get_by_role("button", name="loss", exact=True).click()

    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(names(page).first).to_have_text("run-00")
    _ = page.reload()
    expect(names(page).first).to_have_text("run-00")
    head.get_by_role("button", name="loss", exact=True).click()
    expect(names(page).first).to_have_text("run-11")


def test_columns_are_chosen_moved_and_resized_and_stay_so(page: Page) -> None:
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("searchbox", name="Search columns").fill("lr")
    page.get_by_role("checkbox", name=re.compile("optim.lr")).check()
    page.keyboard.press("Escape")
    head = page.locator("[role=columnheader][data-column='config.optim.lr']")
    expect(head).to_be_visible()
    expect(page.locator("[data-run] [data-column='config.optim.lr']").first).to_have_text("0.001")

    head.get_by_role("button", name="optim.lr", exact=True).press("Shift+ArrowLeft")
    edge = head.get_by_role("separator")
    before = int(edge.get_attribute("aria-valuenow") or 0)
    edge.press("ArrowRight")

    expect(edge).to_have_attribute("aria-valuenow", str(before + 16))
    _ = page.reload()
    expect(edge).to_have_attribute("aria-valuenow", str(before + 16))
    heads = page.locator("[role=columnheader][data-column]")
    expect(heads.nth(-2)).to_have_attribute("data-column", "config.optim.lr")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Usual columns").click()
    expect(head).to_be_hidden()


def test_a_dragged_head_moves_its_column(page: Page) -> None:
    heads = page.locator("[role=columnheader][data-column]")
    status = page.get_by_role("button", name="Status", exact=True)

    status.drag_to(page.get_by_role("button", name="Tags", exact=True))

    expect(heads.nth(3)).to_have_attribute("data-column", "status")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Usual columns").click()
    expect(heads.nth(1)).to_have_attribute("data-column", "status")


def test_groups_tell_how_many_and_the_mean_and_open_to_their_runs(page: Page) -> None:
    page.get_by_role("button", name="Group", exact=True).click()
    page.get_by_role("button", name=re.compile("^config.optim.lr")).click()

    expect(page.get_by_text("3 groups")).to_be_visible()
    group = page.locator("[data-group='0.1']")
    expect(group).to_contain_text("n = 4")
    # 0.00, 0.03, 0.06, 0.09
    expect(group.locator("[data-column='metrics.loss']")).to_have_text(
        re.compile(r"0\.045.*± 0\.039")
    )
    page.get_by_role("button", name="0.1: show its runs").click()
    expect(names(page)).to_have_text(["run-09", "run-06", "run-03", "run-00"])


def test_runs_are_chosen_by_keys_deleted_and_brought_back(page: Page, started: Installed) -> None:
    for key in ("j", "x", "j", "j", "Shift+x"):
        page.keyboard.press(key)
    bar = page.get_by_role("region", name="Selected runs")
    expect(bar).to_contain_text("3 selected")

    bar.get_by_role("button", name="Delete").click()

    expect(page.get_by_text("9 runs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("12 runs", exact=True)).to_be_visible()
    with started.server.client() as client:
        assert client.get("/api/training/runs").json()["total"] == 12


def test_the_trash_shows_what_was_deleted_and_restores_it(page: Page) -> None:
    page.get_by_role("checkbox", name="Select run-05").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("11 runs", exact=True)).to_be_visible()

    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Trash").click()
    expect(names(page)).to_have_text(["run-05"])
    page.get_by_role("checkbox", name="Select run-05").check()
    page.get_by_role("button", name="Restore").click()

    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.get_by_role("button", name="Back to the runs").click()
    expect(page.get_by_text("12 runs", exact=True)).to_be_visible()


def test_runs_are_tagged_together_and_a_tag_narrows_the_list(page: Page) -> None:
    page.get_by_role("checkbox", name="Select run-01").check()
    page.get_by_role("checkbox", name="Select run-02").check()

    page.get_by_role("region", name="Selected runs").get_by_role(
        "button", name="Tag", exact=True
    ).click()
    page.get_by_label("Tag", exact=True).fill("paper")
    page.get_by_role("button", name="Add a tag").click()
    page.get_by_role("button", name="Only runs with the tag paper").first.click()

    expect(page.get_by_text("2 runs", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Filter runs")).to_have_value('tag = "paper"')


def test_a_saved_view_brings_filter_order_and_columns_back(page: Page, started: Installed) -> None:
    narrow(page, "tags.team = vision")
    page.get_by_role("button", name="loss", exact=True).click()
    expect(names(page).first).to_have_text("run-01")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("button", name="Save what is shown").click()
    page.get_by_label("Name", exact=True).fill("Best of vision")
    page.get_by_role("button", name="Save the view").click()
    expect(page.get_by_text("“Best of vision” is saved.")).to_be_visible()

    _ = page.goto(f"{started.page}/training")
    expect(page.get_by_text("12 runs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("button", name="Best of vision", exact=True).click()

    expect(page.get_by_text("6 runs", exact=True)).to_be_visible()
    expect(names(page).first).to_have_text("run-01")
    expect(page.get_by_role("combobox", name="Filter runs")).to_have_value("tags.team = vision")


def test_what_is_shown_comes_as_csv(page: Page) -> None:
    narrow(page, "metrics.loss < 0.02")
    expect(page.get_by_text("2 runs", exact=True)).to_be_visible()

    page.get_by_role("button", name="More").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export all of them as CSV").click()

    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("name,status,project,tag,metrics.loss")
    assert [line.split(",")[0] for line in lines[1:]] == ["run-01", "run-00"]


def test_two_runs_go_to_the_comparison(page: Page, runs: list[str]) -> None:
    page.get_by_role("checkbox", name="Select run-03").check()
    page.get_by_role("checkbox", name="Select run-04").check()

    page.get_by_role("button", name="Compare").click()

    page.wait_for_url(f"**/training?compare={runs[3]},{runs[4]}")
