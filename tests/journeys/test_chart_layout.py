"""The charts of a run arranged in the browser: pinned, moved, hidden, drawn by hand, kept."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from product import Installed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("charts")]

Visit = Callable[[str], Page]
CHARTS = ["loss", "accuracy", "lr", "grad_norm"]


def a_run(started: Installed, name: str) -> str:
    """Return a run of the project "arranged" with four charts of its own and one of the machine."""
    with started.server.client() as client:
        made = client.post("/api/training/runs", json={"name": name, "project": "arranged"})
        run = str(made.json()["id"])
        rows = [
            {
                "step": step,
                "train/loss": 2 / (step + 1),
                "val/loss": 3 / (step + 1),
                "accuracy": step / 200,
                "grad_norm": 1.0,
                "lr": 0.1 * 0.99**step,
                "gpu_util": 0.5,
            }
            for step in range(200)
        ]
        sent = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
        assert sent.status_code == 202, sent.text
    return run


@pytest.fixture(scope="module")
def run(started: Installed) -> str:
    return a_run(started, "arranged")


@pytest.fixture
def page(started: Installed, visit: Visit, run: str) -> Page:
    page = visit(started.link())
    page.wait_for_url(f"{started.page}/dashboard")
    _ = page.goto(f"{started.page}/training/{run}?tab=charts")
    expect(panels(page)).to_have_count(len(CHARTS))
    return page


def panels(page: Page) -> Locator:
    return page.get_by_role("article")


def chart(page: Page, title: str) -> Locator:
    return page.get_by_role("article", name=title, exact=True)


def head(page: Page, title: str) -> Locator:
    return page.get_by_role("group", name=re.compile(rf"^{re.escape(title)}, chart \d"))


def choose(page: Page, title: str, item: str) -> None:
    page.get_by_role("button", name=f"{title}: more").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def expect_groups(page: Page, groups: dict[str, list[str]]) -> None:
    """Wait until the page has exactly these groups of charts, in this order."""
    expect(page.locator("details > summary")).to_have_text(
        [f"{title} {len(charts)}" for title, charts in groups.items()]
    )
    expect(page.locator("article h2")).to_have_text(
        [title for charts in groups.values() for title in charts]
    )


def test_charts_are_pinned_moved_hidden_and_drawn_by_hand_and_found_again(
    page: Page, started: Installed
) -> None:
    expect_groups(page, {"Metrics": CHARTS})

    page.get_by_role("button", name="Pin lr to the top").click()
    expect_groups(page, {"Pinned": ["lr"], "Metrics": ["loss", "accuracy", "grad_norm"]})

    chart(page, "grad_norm").evaluate("panel => { panel.isSame = true }")
    head(page, "grad_norm").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_text("grad_norm is now 2 of 3 in Metrics")).to_be_attached()
    expect(head(page, "grad_norm")).to_be_focused()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_text("grad_norm is at the beginning of Metrics")).to_be_attached()
    expect_groups(page, {"Pinned": ["lr"], "Metrics": ["grad_norm", "loss", "accuracy"]})
    assert chart(page, "grad_norm").evaluate("panel => panel.isSame"), "it was drawn anew"

    choose(page, "loss", "Hide")
    expect(page.get_by_role("button", name="1 hidden")).to_be_visible()
    expect(chart(page, "loss")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(chart(page, "loss")).to_be_visible()
    expect(page.get_by_role("button", name="1 hidden")).to_have_count(0)
    choose(page, "accuracy", "Hide")

    page.get_by_role("button", name="New chart").click()
    dialog = page.get_by_role("dialog", name="New chart")
    dialog.get_by_role("button", name="Add chart").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose at least one metric.")
    dialog.get_by_label("Search metrics").fill("val/")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_label("Search metrics").fill("gpu")
    dialog.get_by_role("checkbox", name="gpu_util").check()
    expect(dialog.get_by_role("img", name=re.compile("gpu_util: 200 points"))).to_be_visible()
    dialog.get_by_role("button", name="Add chart").click()
    arranged = {
        "Pinned": ["lr"],
        "Your charts": ["val/loss + gpu_util"],
        "Metrics": ["grad_norm", "loss"],
    }
    expect_groups(page, arranged)

    page.reload()
    expect_groups(page, arranged)
    expect(chart(page, "val/loss + gpu_util").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("val/loss: 200 points, .*gpu_util: 200 points")
    )
    _ = page.goto(f"{started.page}/training/{a_run(started, 'the next one')}?tab=charts")
    expect_groups(page, arranged)
    expect(page).to_have_url(re.compile("charts=p"))

    page.get_by_role("button", name="1 hidden").click()
    page.get_by_role("menuitem", name="Show accuracy").click()
    expect(chart(page, "accuracy")).to_be_visible()
    page.get_by_role("button", name="Reset layout").click()
    expect_groups(page, {"Your charts": ["val/loss + gpu_util"], "Metrics": CHARTS})


def test_a_chart_drawn_by_hand_is_changed_and_deleted_and_comes_back(page: Page) -> None:
    choose(page, "loss", "New chart from this")
    dialog = page.get_by_role("dialog", name="New chart")
    expect(dialog.get_by_role("list", name="Chosen metrics").get_by_role("listitem")).to_have_text(
        ["train/loss", "val/loss"]
    )
    dialog.get_by_label("Title").fill("Both losses")
    dialog.get_by_label("Title").press("Enter")
    choose(page, "Both losses", "Edit")
    dialog = page.get_by_role("dialog", name="Edit chart")
    dialog.get_by_role("button", name="Remove train/loss").click()
    dialog.get_by_role("checkbox", name="accuracy").check()
    dialog.get_by_role("button", name="Save").click()
    expect(chart(page, "Both losses").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(r"^Both losses\. val/loss: .*; accuracy: ")
    )

    choose(page, "Both losses", "Delete")
    expect(chart(page, "Both losses")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()

    expect_groups(page, {"Your charts": ["Both losses"], "Metrics": CHARTS})


def test_a_chart_is_dragged_to_another_place_and_escape_leaves_it(page: Page) -> None:
    def drag(title: str, onto: str) -> None:
        start, end = head(page, title).bounding_box(), chart(page, onto).bounding_box()
        assert start is not None
        assert end is not None
        page.mouse.move(start["x"] + 60, start["y"] + 10)
        page.mouse.down()
        page.mouse.move(start["x"] + 70, start["y"] + 20, steps=3)
        page.mouse.move(end["x"] + 60, end["y"] + 80, steps=5)
        expect(chart(page, onto)).to_have_attribute("data-drop", re.compile("before|after"))

    drag("loss", "grad_norm")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect_groups(page, {"Metrics": CHARTS})

    drag("loss", "grad_norm")
    page.mouse.up()
    expect_groups(page, {"Metrics": ["accuracy", "lr", "grad_norm", "loss"]})


def test_a_link_shows_its_own_arrangement_and_leaves_what_is_kept(
    page: Page, started: Installed, run: str
) -> None:
    page.get_by_role("button", name="Pin accuracy to the top").click()
    mine = {"Pinned": ["accuracy"], "Metrics": ["loss", "lr", "grad_norm"]}
    expect_groups(page, mine)

    _ = page.goto(f"{started.page}/training/{run}?tab=charts&charts=p~lr;h~loss;m~~;x")
    theirs = {"Pinned": ["lr"], "Metrics": ["accuracy", "grad_norm"]}
    expect_groups(page, theirs)
    page.get_by_role("button", name="Show mine").click()
    expect_groups(page, mine)

    _ = page.goto(f"{started.page}/training/{run}?tab=charts&charts=p~lr;h~loss")
    page.get_by_role("button", name="Keep it").click()
    _ = page.goto(f"{started.page}/training/{run}?tab=charts")
    expect_groups(page, theirs)


def test_a_chart_fills_the_screen_by_one_key_and_escape_ends_that(page: Page) -> None:
    panel = chart(page, "accuracy")
    small = panel.get_by_role("img").bounding_box()
    head(page, "accuracy").focus()
    page.keyboard.press("f")

    until(page, "() => document.fullscreenElement?.dataset.chart === 'accuracy'")
    until(page, "() => document.fullscreenElement.querySelector('[role=img]').clientHeight > 400")
    page.keyboard.press("Escape")
    until(page, "() => document.fullscreenElement === null")
    expect(panel).to_be_visible()
    until(
        page,
        "height => document.querySelector('[data-chart=accuracy] [role=img]').clientHeight"
        " === height",
        small and small["height"],
    )


def until(page: Page, expression: str, arg: object = None) -> None:
    """Return once it is true; `wait_for_function` would poll by `eval`, which the page forbids."""
    for _ in range(300):
        if page.evaluate(expression, arg):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{expression} did not become true")


def test_where_full_screen_is_refused_a_dialog_has_the_chart(page: Page) -> None:
    page.evaluate("() => { Element.prototype.requestFullscreen = () => Promise.reject(Error()) }")

    choose(page, "accuracy", "Full screen")

    dialog = page.get_by_role("dialog", name="accuracy")
    expect(dialog.get_by_role("img", name=re.compile("accuracy: 200 points"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
