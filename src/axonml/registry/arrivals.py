"""Bytes that came in whole become a version: hash checked, inspected, numbered, listed."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from axonml.clock import now
from axonml.errors import Invalid
from axonml.formats.format import Inspection
from axonml.http.caller import Caller
from axonml.http.own_run import check_own
from axonml.ids import RunId, VersionId, new_id
from axonml.registry.history import event, recorded
from axonml.registry.models import Models
from axonml.registry.store import RegistryStore
from axonml.registry.types import Model, ModelVersion, VersionMetadata
from axonml.storage.protocols import BlobInfo, Blobs, Statement

Inspect = Callable[[Path, str], Awaitable[Inspection]]


class Arrival(msgspec.Struct, frozen=True):
    """A file that came in whole, as `filename`, and what was said of it.

    `path` is where it lies outside of the store; None where the store has it.
    """

    blob: BlobInfo
    filename: str
    metadata: VersionMetadata
    path: Path | None = None


def _nothing(_: ModelVersion) -> Sequence[Statement]:
    return ()


class Arrivals:
    """Turns files into versions; whatever goes wrong leaves no version and no bytes."""

    def __init__(
        self, models: Models, store: RegistryStore, blobs: Blobs, home: Path, inspect: Inspect
    ) -> None:
        self._models: Final = models
        self._store: Final = store
        self._blobs: Final = blobs
        self._home: Final = home
        self._inspect: Final = inspect
        # Of two uploads of the same bytes the one that fails must leave them to the other.
        self._arriving: Final[Counter[str]] = Counter()

    async def accept(
        self,
        caller: Caller,
        model: Model,
        arrival: Arrival,
        beside: Callable[[ModelVersion], Sequence[Statement]] = _nothing,
    ) -> ModelVersion:
        """Make the file the model's next version; `beside` is written in the same transaction.

        Raises:
            Invalid: a hash that differs from the announced one, a damaged model.
            UnsupportedMedia: a file of no known format.
            Forbidden: a training may name its own run only.
        """
        sha256 = arrival.blob.sha256
        self._arriving[sha256] += 1
        try:
            _check_hash(arrival)
            if arrival.metadata.training_run_id is not None:
                check_own(caller, arrival.metadata.training_run_id)
            path = arrival.path or await self._blobs.path(sha256)
            inspection = await self._inspect(path, arrival.filename)
            if arrival.path is not None:
                await self._blobs.take(arrival.path, arrival.blob)
            return await self._place(caller, model, arrival, inspection, beside)
        finally:
            self._arriving[sha256] -= 1
            await self.discard(sha256)

    async def discard(self, sha256: str) -> None:
        """Free bytes that no version has, and that no other upload is bringing."""
        async with self._models.placing:
            if self._arriving[sha256] > 0:
                return
            del self._arriving[sha256]
            if not await self._store.n_with_bytes(sha256):
                await self._blobs.delete(sha256)

    async def _place(
        self,
        caller: Caller,
        model: Model,
        arrival: Arrival,
        inspection: Inspection,
        beside: Callable[[ModelVersion], Sequence[Statement]],
    ) -> ModelVersion:
        taken = await self._store.models.update(
            model.id,
            lambda model: msgspec.structs.replace(
                model, next_version=model.next_version + 1, updated_at=now()
            ),
        )
        number = taken.next_version - 1
        place = Path("models", model.id, f"v{number}", f"model{inspection.suffix}")
        run_id = arrival.metadata.training_run_id
        version = ModelVersion(
            id=VersionId(new_id()),
            model_id=model.id,
            version=number,
            file_path=str(place),
            file_size=arrival.blob.size_bytes,
            sha256=arrival.blob.sha256,
            format=inspection.format,
            signature=inspection.signature,
            servable=inspection.servable,
            reason=inspection.reason,
            scan=inspection.scan,
            metrics=arrival.metadata.metrics,
            config=arrival.metadata.config,
            description=arrival.metadata.description,
            tags=arrival.metadata.tags,
            training_run_id=None if run_id is None else RunId(run_id),
            created_by=caller.user_id,
            created_at=now(),
        )
        async with self._models.placing:
            await self._blobs.show(arrival.blob.sha256, self._home / place)
            uploaded = event(caller, model.id, "version_uploaded", version=number)
            await self._store.add_version(version, (recorded(uploaded), *beside(version)))
        return version


def _check_hash(arrival: Arrival) -> None:
    announced, came = arrival.metadata.sha256, arrival.blob.sha256
    if announced not in {None, came}:
        raise Invalid(
            f"the file arrived with SHA-256 {came}, not {announced}; send it again",
            code="hash_differs",
        )
