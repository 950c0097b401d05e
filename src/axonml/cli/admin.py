"""`axon admin`: for who can read the data folder of the server on this machine."""

from collections.abc import Generator
from contextlib import contextmanager
from types import NoneType
from typing import Annotated, Any, Final, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from axonml.auth.admin_types import AuditPage, MadeUser, UserDetail, UserLink, UserPage
from axonml.auth.invite_types import MadeInvite
from axonml.auth.types import AuthState, OperatorGrant
from axonml.cli.connection import server_of
from axonml.cli.link import page_of
from axonml.cli.options import Flag
from axonml.cli.terminal import ago, say, say_json, say_table
from axonml.client.api import Client
from axonml.client.places import operator_key
from axonml.client.problems import AxonmlError
from axonml.config import load

app: Final = App(name="admin", help="People and what they may do, as the operator of this machine.")
_USERS: Final = "/api/admin/users"
_LONGEST: Final = 60

RoleName = Literal["admin", "member", "viewer"]


@contextmanager
def _office() -> Generator[tuple[Client, str]]:
    """Yield a client by the operator's key, and the address of the page."""
    config = load()
    server = server_of(config)
    key = operator_key(config.home, server)
    with Client(server, key, home=config.home) as client:
        if key is None:
            _ = client.sign_in_link()  # says why: no server, or not the one of this folder
        yield client, page_of(config, client)


@app.command
def create(email: str, /, *, name: str = "", role: RoleName = "admin") -> None:
    """Make an account, and print a link that signs it in once; the password is chosen then.

    Args:
        email: Its e-mail address.
        name: The name that others see; the address if left out.
        role: What it may do.
    """
    person = {"email": email, "name": name or email.partition("@")[0]}
    with _office() as (client, page):
        if client.call("GET", "/api/auth/state", AuthState).has_users:
            body = {**person, "role": role}
            token = client.call("POST", _USERS, MadeUser, json=body).link_token
        elif role == "admin":
            body = {**person, "link_only": True}
            token = client.call("POST", "/api/auth/operator", OperatorGrant, json=body).link_token
        else:
            raise AxonmlError("the first account is an administrator; leave --role out")
        say(f"{page}/login#link={token}")


@app.command
def users(find: str = "", /, *, json: Flag = False) -> None:
    """List the accounts.

    Args:
        find: Those whose name or e-mail address has this text.
        json: Print JSON for programs.
    """
    with _office() as (client, _):
        found = list(_every(client, find))
    if json:
        say_json(found)
        return
    say_table(
        ("e-mail", "name", "role", "second factor", "last seen"),
        (
            (
                user.email,
                user.name,
                f"{user.role} (disabled)" if user.disabled else user.role,
                "yes" if user.mfa_enabled else "no",
                ago(user.last_seen_at) if user.last_seen_at else "signed out",
            )
            for user in found
        ),
    )


@app.command
def role(user: str, role: RoleName, /) -> None:
    """Change what an account may do, from its next request on.

    Args:
        user: Its e-mail address or id.
        role: What it may do.
    """
    _change(user, {"role": role}, f"is {role} now")


@app.command
def disable(user: str, /) -> None:
    """Refuse an account from now on: no sign-in, no session, no API token.

    Args:
        user: Its e-mail address or id.
    """
    _change(user, {"disabled": True}, "is disabled")


@app.command
def enable(user: str, /) -> None:
    """Let a disabled account sign in again.

    Args:
        user: Its e-mail address or id.
    """
    _change(user, {"disabled": False}, "is enabled")


@app.command(name="reset-mfa")
def reset_mfa(user: str, /) -> None:
    """Remove the second factors of who has lost them; ends their sessions.

    Args:
        user: Its e-mail address or id.
    """
    with _office() as (client, _):
        found = _named(client, user)
        client.call("POST", f"{_USERS}/{found.id}/reset-mfa", NoneType)
        say(f"{found.email} signs in by the password alone now")


@app.command
def link(user: str, /) -> None:
    """Print a link that signs an account in, once, within 15 minutes.

    Args:
        user: Its e-mail address or id.
    """
    with _office() as (client, page):
        made = client.call("POST", f"{_USERS}/{_named(client, user).id}/link", UserLink)
        say(f"{page}/login#link={made.link_token}")


@app.command
def invite(
    email: str = "",
    /,
    *,
    role: RoleName = "member",
    days: Annotated[int, Parameter(validator=Number(gte=1, lte=90))] = 7,
) -> None:
    """Print a link by which one person makes an account.

    Args:
        email: For this address alone; whoever has the link if left out.
        role: What the account may do.
        days: How long the link can be used.
    """
    body = {"email": email or None, "role": role, "expires_in_days": days}
    with _office() as (client, page):
        made = client.call("POST", "/api/admin/invites", MadeInvite, json=body)
        say(f"{page}/login#invite={made.token}")


@app.command
def audit(
    user: str = "",
    /,
    *,
    action: str = "",
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=1000))] = 20,
    json: Flag = False,
) -> None:
    """Show what happened to accounts, the newest first.

    Args:
        user: To this one: an e-mail address or id.
        action: Of this kind, such as `sign_in_failed`.
        limit: At most so many.
        json: Print JSON for programs.
    """
    with _office() as (client, _):
        query: dict[str, Any] = {"action": action, "limit": limit}
        if user:
            query["user"] = _named(client, user).id
        events = client.call("GET", "/api/admin/audit", AuditPage, params=query).items
    if json:
        say_json(events)
        return
    say_table(
        ("when", "what", "account", "from", "details"),
        (
            (
                ago(event.at),
                event.action,
                event.email or event.user_id,
                event.address,
                " ".join(f"{key}={value}" for key, value in event.detail.items())[:_LONGEST],
            )
            for event in events
        ),
    )


def _change(user: str, change: dict[str, Any], done: str) -> None:
    with _office() as (client, _):
        path = f"{_USERS}/{_named(client, user).id}"
        changed = client.call("PUT", path, UserDetail, json=change)
        say(f"{changed.email} {done}")


def _named(client: Client, user: str) -> UserDetail:
    wanted = user.strip().lower()
    for found in _every(client, "" if "@" not in wanted else wanted):
        if wanted in {found.email, found.id.lower()}:
            return found
    raise AxonmlError(f"there is no account {user}; `axon admin users` lists them", status=404)


def _every(client: Client, find: str) -> Generator[UserDetail]:
    cursor = ""
    while True:
        query = {"q": find, "cursor": cursor, "limit": 1000}
        page = client.call("GET", _USERS, UserPage, params=query)
        yield from page.items
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
