"""An administrator and a guest: invited, given a role, disabled, and all of it in the log."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect
from product import Installed

pytestmark = pytest.mark.xdist_group("admin")

PASSWORD = "correct horse battery"


@pytest.fixture
def admin(started: Installed, visit: Callable[[str], Page]) -> Page:
    """The page of Ada, who administers."""
    body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    answer = httpx.post(f"{started.server.url}/api/auth/register", json=body)
    assert answer.status_code in {201, 409}, answer.text
    page = visit(f"{started.page}/login")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/dashboard")
    page.goto(f"{started.page}/settings/admin")
    return page


def invitation_for(page: Page, email: str) -> str:
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog", name="Invite somebody")
    dialog.get_by_label("E-mail").fill(email)
    dialog.get_by_role("button", name="Make the link").click()
    shown = page.get_by_role("dialog", name=f"Invitation for {email}")
    link = shown.locator("code").inner_text()
    shown.get_by_role("button", name="Done").click()
    return link


def test_people_are_invited_given_roles_and_disabled(
    admin: Page, visit: Callable[[str], Page]
) -> None:
    guest = visit(invitation_for(admin, "bob@example.org"))
    expect(admin.get_by_role("rowheader", name="bob@example.org")).to_be_visible()
    expect(guest.get_by_text("You are invited; your role will be member.")).to_be_visible()
    expect(guest.get_by_label("E-mail")).to_have_value("bob@example.org")
    guest.get_by_label("Name").fill("Bob")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Make the account").click()
    guest.wait_for_url("**/dashboard")

    admin.reload()
    role = admin.get_by_label("Role of Bob")
    role.select_option("viewer")
    expect(admin.get_by_text("Bob is viewer now.")).to_be_visible()
    expect(admin.get_by_text("Open invitations")).to_have_count(0)
    admin.get_by_label("Role of Ada").select_option("member")
    expect(admin.get_by_text("this is the last administrator")).to_be_visible()
    expect(admin.get_by_label("Role of Ada")).to_have_value("admin")

    admin.get_by_role("button", name="Actions for Bob").click()
    admin.get_by_role("menuitem", name="Disable").click()
    expect(admin.get_by_text("Bob is disabled.")).to_be_visible()
    guest.reload()
    guest.wait_for_url("**/login**")

    admin.get_by_role("tab", name="Audit log").click()
    expect(admin.get_by_role("rowheader", name="Account changed").first).to_be_visible()
    admin.get_by_label("Show").select_option("invited")
    expect(admin.get_by_role("rowheader", name="Account changed")).to_have_count(0)
    expect(admin.get_by_role("cell", name="email bob@example.org")).to_be_visible()
    admin.get_by_role("tab", name="Limits").click()
    expect(admin.get_by_role("cell", name="10 in 5 minutes")).to_be_visible()


def test_a_deleted_account_is_asked_about_and_gone(admin: Page, started: Installed) -> None:
    body = {"email": "kim@example.org", "name": "Kim", "password": PASSWORD}
    answer = httpx.post(f"{started.server.url}/api/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    admin.get_by_label("Find people").fill("kim")
    admin.get_by_role("button", name="Actions for Kim").click()
    admin.get_by_role("menuitem", name="Delete").click()

    admin.get_by_role("button", name="Delete the account").click()

    expect(admin.get_by_text("Nobody of that name")).to_be_visible()
