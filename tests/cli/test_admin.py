import json

import httpx
import pytest
from cli.axon import Axon

PASSWORD = "correct horse battery"


@pytest.fixture
def office(running: Axon) -> Axon:
    """A server that has an administrator."""
    _ = running.ok("link")
    return running


def signed_in(axon: Axon, address: str) -> dict[str, str]:
    page, _, token = address.strip().partition("/login#link=")
    answer = httpx.post(f"{axon.server_url}/api/auth/link", json={"token": token})
    assert page == axon.page_url
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["user"])


def test_people_are_made_changed_and_listed(office: Axon) -> None:
    first = signed_in(office, office.ok("admin", "create", "ada@example.org", "--name", "Ada"))
    made = office.ok("admin", "create", "Bob@example.org", "--role", "viewer")
    second = signed_in(office, made)

    said = [
        office.ok("admin", "role", "bob@example.org", "member"),
        office.ok("admin", "disable", second["id"]),
        office.ok("admin", "enable", "bob@example.org"),
        office.ok("admin", "reset-mfa", "bob@example.org"),
    ]
    listed = json.loads(office.ok("admin", "users", "--json"))
    table = office.ok("admin", "users", "bob")

    assert first["role"] == "admin"
    assert second["role"] == "viewer"
    assert said == [
        "bob@example.org is member now\n",
        "bob@example.org is disabled\n",
        "bob@example.org is enabled\n",
        "bob@example.org signs in by the password alone now\n",
    ]
    assert {"ada@example.org", "bob@example.org"} <= {user["email"] for user in listed}
    assert "ada@example.org" not in table
    assert "member" in table


def test_links_sign_in_and_invitations_make_accounts(office: Axon) -> None:
    _ = office.ok("admin", "create", "eve@example.org", "--role", "member")
    again = signed_in(office, office.ok("admin", "link", "eve@example.org"))
    invitation = office.ok("admin", "invite", "kim@example.org", "--role", "viewer").strip()
    token = invitation.partition("/login#invite=")[2]
    guest = {"email": "kim@example.org", "name": "Kim", "password": PASSWORD, "invite": token}

    joined = httpx.post(f"{office.server_url}/api/auth/register", json=guest)

    assert again["email"] == "eve@example.org"
    assert joined.json()["user"]["role"] == "viewer"


def test_the_audit_log_tells_what_happened(office: Axon) -> None:
    _ = office.ok("admin", "create", "zoe@example.org", "--role", "member")
    _ = office.ok("admin", "role", "zoe@example.org", "viewer")

    events = json.loads(office.ok("admin", "audit", "zoe@example.org", "--json"))
    table = office.ok("admin", "audit", "--action", "user_changed")

    assert [event["action"] for event in events] == ["user_changed", "user_created"]
    assert "role=viewer" in table


def test_what_cannot_be_done_is_told_in_one_line(office: Axon) -> None:
    _ = office.ok("admin", "create", "ann@example.org", "--role", "member")

    unknown = office.run("admin", "role", "nobody@example.org", "viewer")
    twice = office.run("admin", "create", "ann@example.org")

    assert (unknown.returncode, twice.returncode) == (1, 1)
    assert unknown.stderr == (
        "axon: there is no account nobody@example.org; `axon admin users` lists them\n"
    )
    assert twice.stderr == "axon: there is an account with this e-mail address\n"


def test_without_a_server_it_says_how_to_start_one(axon: Axon) -> None:
    done = axon.run("admin", "users")

    assert done.returncode == 1
    assert done.stderr == (
        f"axon: no server answers at {axon.server_url}; start it with `axon start`\n"
    )
