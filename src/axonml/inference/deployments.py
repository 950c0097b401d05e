"""Where versions are deployed: what the registry asks of inference."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from axonml.auth.permissions import may_read
from axonml.http.caller import Caller
from axonml.ids import ModelId, VersionId
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.store import EndpointStore
from axonml.registry.types import Deployment


class DeployedVersions:
    """Knows which endpoints serve a version."""

    def __init__(self, endpoints: Endpoints, store: EndpointStore) -> None:
        self._endpoints: Final = endpoints
        self._store: Final = store

    async def names_of(self, versions: Sequence[VersionId]) -> list[str]:
        """Return the names of the endpoints that serve any of the versions, whoever asks."""
        return await self._store.names_of(versions)

    def visible(
        self, caller: Caller, models: AbstractSet[ModelId] | None = None
    ) -> list[Deployment]:
        """Return the endpoints of `models` (None: of any) that the caller may see, by name."""
        found = [
            _deployment(live)
            for live in self._endpoints.every()
            if models is None or live.record.model_id in models
            if may_read(caller, live.record)
        ]
        return sorted(found, key=lambda deployment: deployment.name)


def _deployment(live: LiveEndpoint) -> Deployment:
    record = live.record
    stats = live.shown().stats
    return Deployment(
        endpoint_id=record.id,
        name=record.name,
        model_id=record.model_id,
        version=record.version,
        status=record.status,
        latency_p50=None if stats is None else stats.latency_p50,
        latency_p95=None if stats is None else stats.latency_p95,
    )
