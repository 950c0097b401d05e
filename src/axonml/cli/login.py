"""`axon login`."""

import sys
from getpass import getpass

import msgspec

from axonml.cli.connection import server_of
from axonml.cli.terminal import say
from axonml.client.api import Client
from axonml.client.notices import warn_once
from axonml.client.places import in_the_clear, save_token
from axonml.config import load
from axonml.errors import StartupError


class _Me(msgspec.Struct, frozen=True):
    email: str


def login(server: str | None = None, /, *, token: str | None = None) -> None:
    """Save an API token, made on the page under Settings, Profile, for the SDK and these commands.

    Args:
        server: The server's address; this machine's if left out.
        token: The token; asked for if left out, so that no shell remembers it.
    """
    config = load()
    address = server or server_of(config)
    if token is None and not sys.stdin.isatty():
        token = sys.stdin.readline().strip()
    secret = token or getpass(f"API token for {address}: ").strip()
    if not secret:
        raise StartupError("no token given; make one on the page under Settings, Profile")
    with Client(address, secret, home=config.home) as client:
        me = client.call("GET", "/api/auth/me", _Me)
        save_token(config.home, client.server, secret)
        say(f"signed in to {client.server} as {me.email}")
        if warning := in_the_clear(client.server):
            warn_once("clear", warning)
