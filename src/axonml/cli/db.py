"""`axon db`."""

import asyncio
from typing import Final

from cyclopts import App

from axonml.cli.terminal import say
from axonml.config import load

app: Final = App(name="db", help="The data folder.")


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
