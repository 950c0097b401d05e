"""Rich values and files on disk, from the moment they are logged until the server has them.

HOME/spool/RUN/WRITER/media/ID.bin ... the bytes
                           /ID.json .. what they are; there by rename, once the bytes are whole
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from axonml.client.media import Packed
from axonml.client.notices import warn_once
from axonml.client.problems import AxonmlError
from axonml.client.spool import wall_ms
from axonml.ids import new_id

# What the server will say again however often it is asked: the item is at fault.
_REFUSED: Final = frozenset({400, 413, 415, 422})


class Waiting(msgspec.Struct, frozen=True):
    """What is known of the bytes beside it."""

    kind: str
    key: str
    step: int
    wall_ms: int
    sha256: str
    meta: dict[str, Any] = {}

    def query(self) -> dict[str, str | int]:
        """Return what the upload says of its body."""
        return {
            "kind": self.kind,
            "key": self.key,
            "step": self.step,
            "wall_ms": self.wall_ms,
            "sha256": self.sha256,
            "meta": msgspec.json.encode(self.meta).decode(),
        }


_decode: Final = msgspec.json.Decoder(Waiting).decode


class MediaUplink(Protocol):
    """The call that delivery makes; `Client` has it."""

    def upload_media(self, run_id: str, query: Mapping[str, str | int], body: Path) -> None:
        """Send one value or file; a repeat changes nothing."""
        ...


def keep(writer: Path, key: str, step: int, packed: Packed) -> None:
    """Put one value below a writer's folder; it is there whole or not at all.

    A file is copied, as the script may change it before it is sent.

    Raises:
        OSError: the disk is full, or the file cannot be read.
    """
    folder = writer / "media"
    folder.mkdir(exist_ok=True, mode=0o700)
    item = new_id()
    body, note = folder / f"{item}.bin", folder / f"{item}.json"
    try:
        if isinstance(packed.body, bytes):
            _ = body.write_bytes(packed.body)
            digest = hashlib.sha256(packed.body).hexdigest()
        else:
            _ = shutil.copyfile(packed.body, body)
            with body.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        waiting = Waiting(packed.kind, key, step, wall_ms(), digest, packed.meta)
        part = folder / f"{item}.part"
        _ = part.write_bytes(msgspec.json.encode(waiting))
        os.rename(part, note)  # noqa: PTH104  # Path.replace costs twice as much
    except OSError:
        body.unlink(missing_ok=True)
        raise


class Outbox:
    """Brings the values of one writer's folder to the server, in the order they were logged."""

    def __init__(self, run_id: str, writer: Path, uplink: MediaUplink) -> None:
        self._run_id: Final = run_id
        self._folder: Final = writer / "media"
        self._uplink: Final = uplink
        self._found: list[Path] = []

    def step(self) -> bool:
        """Send the next value; False where none is left for now.

        Raises:
            AxonmlError: the server cannot take it now; nothing is lost, try again later.
        """
        if not self._found:
            self._found = sorted(self._folder.glob("*.json"), reverse=True)
        if not self._found:
            return False
        note = self._found[-1]
        self._send(note, note.with_suffix(".bin"))
        note.unlink(missing_ok=True)
        note.with_suffix(".bin").unlink(missing_ok=True)
        _ = self._found.pop()
        return True

    def _send(self, note: Path, body: Path) -> None:
        key = ""
        try:
            waiting = _decode(note.read_bytes())
            key = waiting.key
            self._uplink.upload_media(self._run_id, waiting.query(), body)
        except (OSError, msgspec.MsgspecError) as error:
            warn_once(f"media {note}", f"{note} cannot be read: {error}; left out")
        except AxonmlError as error:
            if error.status not in _REFUSED:
                raise
            warn_once(f"refused {error.code}", f"the server refuses {key!r}: {error}")
