"""`axon sync`."""

from pathlib import Path

from axonml.cli.options import Flag
from axonml.cli.terminal import say, say_json
from axonml.client.offline import Synced
from axonml.client.offline import sync as sync_home
from axonml.client.places import spool_folder
from axonml.config import load


def sync(folder: Path | None = None, /, *, server: str | None = None, json: Flag = False) -> int:
    """Send the points that wait on disk: of runs that were offline, cut off or killed.

    Exits with 1 if some could not be sent; they stay where they are.

    Args:
        folder: The data folder whose spool is sent; this one's if left out.
        server: Where to send everything; where each run was meant to go if left out.
        json: Print JSON for programs.
    """
    home = folder or load().home
    done: list[Synced] = []
    for synced in sync_home(home, server):
        done.append(synced)
        if not json:
            say(_line(synced))
    if json:
        say_json(done)
    elif not done:
        say(f"nothing waits in {spool_folder(home)}")
    return 1 if any(synced.problem for synced in done) else 0


def _line(synced: Synced) -> str:
    if synced.problem:
        return f"{synced.run_id} {synced.name}: {synced.problem}"
    return f"{synced.run_id} {synced.name}: {synced.n_records} records are at {synced.server}"
