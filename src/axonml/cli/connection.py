"""The server that commands talk to."""

import os

from axonml.cli.processes import Part, held_by
from axonml.client.api import Client
from axonml.config import Config, load


def server_of(config: Config) -> str:
    """Return the address: `AXON_SERVER`, else where this folder's server listens or would."""
    named = os.environ.get("AXON_SERVER")
    if named:
        return named
    held = held_by(config, Part.BACKEND)
    return held.url if held and held.url else config.api_url


def connect(config: Config | None = None) -> Client:
    """Return a client of that server; it signs in by itself on this machine."""
    config = config or load()
    return Client(server_of(config), home=config.home)
