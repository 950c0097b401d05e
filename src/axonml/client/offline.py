"""Points left on disk to the server: of runs that were offline, cut off or killed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from axonml.client.api import Client
from axonml.client.delivery import Delivery, end, register
from axonml.client.places import spool_folder
from axonml.client.problems import AxonmlError
from axonml.client.spool import Ending, Meta, claimed, read_meta, remove

_CUT_OFF: Final = Ending("failed", "the script ended without saying how")


class Synced(msgspec.Struct, frozen=True):
    """What became of one writer's folder: records that the server has, or why it has not all."""

    run_id: str
    name: str
    server: str
    n_records: int
    problem: str = ""


def sync(home: Path, server: str | None = None, token: str | None = None) -> Iterator[Synced]:
    """Send what waits in the spool of `home`, oldest run first; tell of each writer as it is done.

    Folders that a living script writes to are its own to send. With `server` everything goes there
    instead of where it was meant to go. A run whose script was killed ends as failed.
    """
    for run_folder in sorted(spool_folder(home).glob("*/")):
        folders = sorted(run_folder.glob("*/"), key=_is_owners)
        for folder in folders:
            with claimed(folder) as is_free:
                if is_free:
                    yield _sync_writer(folder, home, server, token)


def _is_owners(folder: Path) -> bool:
    # The owner's folder comes last: it ends the run, and the others may still have points for it.
    try:
        return read_meta(folder).owns_run
    except (OSError, msgspec.MsgspecError):
        return False


def _sync_writer(folder: Path, home: Path, server: str | None, token: str | None) -> Synced:
    run_id = folder.parent.name
    try:
        meta = read_meta(folder)
    except (OSError, msgspec.MsgspecError) as error:
        return Synced(run_id, "", "", 0, f"{folder / 'meta.json'} cannot be read: {error}")
    where = server or meta.server
    name = str(meta.run.get("name", ""))
    with Client(where, token, home=home) as client:
        try:
            n_records = _deliver(client, run_id, folder, meta)
        except AxonmlError as error:
            return Synced(run_id, name, where, 0, str(error))
    remove(folder)
    return Synced(run_id, name, where, n_records)


def _deliver(client: Client, run_id: str, folder: Path, meta: Meta) -> int:
    register(client, meta)
    n_records = Delivery(run_id, folder, client).all()
    if meta.owns_run:
        end(client, run_id, meta.ending or _CUT_OFF)
    return n_records
