"""What inference asks of the registry."""

from pathlib import Path
from typing import Any, Protocol

from axonml.errors import Conflict, Invalid
from axonml.http.caller import Caller
from axonml.registry.types import Model, ModelVersion


class Versions(Protocol):
    """What the registry offers: versions that a caller may read, and their files."""

    async def version(self, caller: Caller, model_id: str, ref: str) -> tuple[Model, ModelVersion]:
        """Return the version that `ref` names: its number, `latest`, or an alias."""
        ...

    async def version_by_id(self, caller: Caller, version_id: str) -> tuple[Model, ModelVersion]:
        """Return a version by its id."""
        ...

    async def intact_file_of(self, version: ModelVersion) -> Path:
        """Return a local file with the version's bytes; `Conflict` where the disk changed them."""
        ...


def fields_of(model: Model, version: ModelVersion) -> dict[str, Any]:
    """Return what an endpoint's record says of its version.

    Raises:
        Invalid: the version cannot be served; says why, and what to do instead.
        Conflict: nobody has approved it, and the model asks for that.
    """
    if not version.servable or version.signature is None:
        raise Invalid(
            f"version {version.version} of {model.name} cannot be served: {version.reason}",
            code="not_servable",
        )
    if model.requires_approval and version.approval is None:
        raise Conflict(
            f"version {version.version} of {model.name} waits for an admin's approval",
            code="approval_required",
        )
    return {
        "model_id": model.id,
        "model_version_id": version.id,
        "model_name": model.name,
        "version": version.version,
        "signature": version.signature,
    }
