"""`axon db`."""

import asyncio
from typing import Final

import msgspec
from cyclopts import App

from axonml.cli.connection import connect
from axonml.cli.terminal import say
from axonml.config import load

app: Final = App(name="db", help="The data folder.")


class _Pruned(msgspec.Struct, frozen=True):
    n_thinned: int
    n_purged: int


@app.command
def migrate() -> None:
    """Make the data folder and bring its tables to this version; a repeat changes nothing."""
    from axonml.storage.open import open_storage

    config = load()

    async def opened() -> None:
        storage = await open_storage(config)
        await storage.close()

    asyncio.run(opened())
    say(f"{config.home} is ready")


@app.command
def prune() -> None:
    """Thin the points of old runs where their project says so, and purge the trash, now.

    The server does so every hour by itself.
    """
    with connect() as client:
        done = client.call("POST", "/api/training/prune", _Pruned, timeout=600.0)
    say(f"thinned {done.n_thinned} runs, purged {done.n_purged}")
