"""`axon keys`."""

import asyncio
from typing import Final

from cyclopts import App

from axonml.auth.rotation import rotate_keys
from axonml.cli.options import Flag
from axonml.cli.terminal import say
from axonml.config import load
from axonml.storage.open import open_storage

app: Final = App(name="keys", help="The keys that sign sessions and seal secrets.")


@app.command
def rotate(*, forget: Flag = False) -> None:
    """Sign and seal with a fresh key from now on; the server must be stopped meanwhile.

    Nobody is signed out: the former keys still verify what they signed.

    Args:
        forget: Void what the former keys signed, as after a theft: everybody signs in again.
    """
    config = load()

    async def rotated() -> int:
        storage = await open_storage(config)
        try:
            return await rotate_keys(config.home, storage.documents, forget=forget)
        finally:
            await storage.close()

    n_sealed = asyncio.run(rotated())
    secrets = "1 secret is" if n_sealed == 1 else f"{n_sealed} secrets are"
    end = "; everybody must sign in again" if forget else ""
    say(f"a fresh key is in force, {secrets} sealed with it{end}")
