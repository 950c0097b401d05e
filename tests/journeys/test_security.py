"""Second factors, as a person sets them up and signs in with them."""

import re
from collections.abc import Callable
from typing import Final, cast

import httpx
import pytest
from playwright.sync_api import Page, expect
from product import Installed
from pyotp.totp import TOTP

from axonml.clock import now_ms

pytestmark = pytest.mark.xdist_group("security")

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
WITHOUT_LIST = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
A_CODE = re.compile(r"[a-z2-7]{6}(-[a-z2-7]{6}){3}")


class Device:
    """A laptop with a finger reader, by Chromium's virtual authenticator."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        add = "WebAuthn.addVirtualAuthenticator"
        made = cast("dict[str, str]", self._session.send(add, {"options": options}))
        self._id: Final = made["authenticatorId"]

    def is_held(self, *, away: bool) -> None:
        """Let the person touch it at once, or not at all."""
        self._session.send(
            "WebAuthn.setAutomaticPresenceSimulation",
            {"authenticatorId": self._id, "enabled": not away},
        )


@pytest.fixture
def account(started: Installed) -> Installed:
    """A server with Ada's account."""
    url = f"{started.server.url}/api/auth/register"
    answer = httpx.post(url, json={"email": EMAIL, "name": "Ada", "password": PASSWORD})
    assert answer.status_code in {201, 409}, answer.text
    return started


def type_password(page: Page) -> None:
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Account of Ada").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/login**")


def keep_codes(page: Page) -> list[str]:
    """Read the recovery codes that show this once, and put them away."""
    dialog = page.get_by_role("dialog", name="Recovery codes")
    expect(dialog.get_by_role("listitem")).to_have_count(10)
    codes = dialog.get_by_role("listitem").all_inner_texts()
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Download").click()
    assert saved.value.path().read_text().split() == codes
    dialog.get_by_role("button", name="I have kept them").click()
    return codes


def test_passkeys_apps_and_recovery_codes_sign_in(
    account: Installed, visit: Callable[[str], Page]
) -> None:
    page = visit(f"{account.page}/login")
    device = Device(page)
    type_password(page)
    page.wait_for_url("**/dashboard")
    page.goto(f"{account.page}/settings/security")

    codes = passkey_is_added(page)
    app, more_codes = app_is_set_up(page)
    assert all(A_CODE.fullmatch(code) for code in [*codes, *more_codes])

    device.is_held(away=True)
    sign_out(page)
    type_password(page)
    page.wait_for_url("**/mfa**")
    page.get_by_role("button", name="Use a code of the app").click()
    page.get_by_label("Code").press_sequentially("000000")
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    page.get_by_label("Code").press_sequentially(app.at(now_ms() // 1000 + 30))
    page.wait_for_url("**/dashboard")

    sign_out(page)
    type_password(page)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(more_codes[0].upper())
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/dashboard")
    page.goto(f"{account.page}/settings/security")
    expect(page.get_by_text("9 of 10 codes are left.")).to_be_visible()

    device.is_held(away=False)
    page.get_by_role("button", name="Account of Ada").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/dashboard")  # the device chose from the list of the e-mail field

    device.is_held(away=True)
    page.add_init_script(WITHOUT_LIST)
    sign_out(page)
    page.goto(f"{account.page}/login")
    device.is_held(away=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/dashboard")


def passkey_is_added(page: Page) -> list[str]:
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("dialog").get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Make the passkey").click()
    codes = keep_codes(page)
    expect(page.get_by_role("rowheader", name="My laptop")).to_be_visible()
    return codes


def app_is_set_up(page: Page) -> tuple[TOTP, list[str]]:
    page.get_by_role("button", name="Set up an app").click()
    dialog = page.get_by_role("dialog", name="Set up an app")
    expect(dialog.get_by_alt_text("QR code of the secret")).to_be_visible()
    dialog.get_by_text("I cannot scan it").click()
    app = TOTP(dialog.locator("code").inner_text().replace(" ", ""))
    dialog.get_by_label("Type the code").press_sequentially(app.at(now_ms() // 1000))
    return app, keep_codes(page)


def test_the_page_moves_to_the_name_that_passkeys_are_made_for(
    account: Installed, visit: Callable[[str], Page]
) -> None:
    page = visit(f"{account.page.replace('localhost', '127.0.0.1')}/login?to=/models")

    page.wait_for_url(f"{account.page}/login?to=/models")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
