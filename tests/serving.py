"""A whole inference slice on real storage and real processes, without HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_models

from axonml.clock import now
from axonml.errors import NotFound
from axonml.formats.format import Tensors
from axonml.formats.inspect import examine
from axonml.http.caller import Caller, Role
from axonml.ids import ModelId, UserId, VersionId, new_id
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.engines.embedded import EmbeddedEngine
from axonml.inference.engines.engine import Batch, Engine, ReplicaGone
from axonml.inference.metrics import Metrics
from axonml.inference.starter import Starter
from axonml.inference.store import EndpointStore
from axonml.inference.supervisor import Supervisor
from axonml.inference.types import Deploy, Endpoint, EndpointConfig
from axonml.live import Live
from axonml.registry.types import Model, ModelVersion
from axonml.storage.protocols import Storage

OWNER = Caller(user_id=UserId("01OWNER"), email="owner@example.org", role=Role.MEMBER)
OTHER = Caller(user_id=UserId("01OTHER"), email="other@example.org", role=Role.MEMBER)


@dataclass
class Shelf:
    """Models whose versions are files in a folder."""

    folder: Path
    models: dict[str, Model] = field(default_factory=dict[str, Model])
    versions: dict[str, ModelVersion] = field(default_factory=dict[str, ModelVersion])

    def put(self, name: str, *models: onnx.ModelProto, **fields: Any) -> Model:
        model_id = ModelId(new_id())
        for number, proto in enumerate(models, 1):
            path = onnx_models.saved(proto, self.folder / f"{model_id}-{number}.onnx")
            found = examine(path, path.name)
            version = ModelVersion(
                id=VersionId(new_id()),
                model_id=model_id,
                version=number,
                file_path=path.name,
                file_size=path.stat().st_size,
                sha256="0" * 64,
                format=found.format,
                signature=found.signature,
                servable=found.servable,
                reason=found.reason,
                created_by=OWNER.user_id,
                created_at=now(),
            )
            self.versions[version.id] = version
        at = now()
        model = Model(
            id=model_id, user_id=OWNER.user_id, name=name, created_at=at, updated_at=at, **fields
        )
        self.models[model_id] = model
        return model

    def of(self, model: Model, number: int) -> ModelVersion:
        mine = [each for each in self.versions.values() if each.model_id == model.id]
        return next(each for each in mine if each.version == number)

    async def version(self, caller: Caller, model_id: str, ref: str) -> tuple[Model, ModelVersion]:
        assert caller.user_id
        model = self.models[model_id]
        return model, self.of(model, int(ref))

    async def version_by_id(self, caller: Caller, version_id: str) -> tuple[Model, ModelVersion]:
        assert caller.user_id
        version = self.versions.get(version_id)
        if version is None:
            raise NotFound(f"there is no version {version_id}")
        return self.models[version.model_id], version

    async def intact_file_of(self, version: ModelVersion) -> Path:
        return self.folder / version.file_path


class FakeReplica:
    """Keeps the promise of a replica without a process: multiplies, and ends when told to."""

    is_batchable = True
    load_ms = 1.0

    def __init__(
        self,
        number: int,
        factor: float,
        population: "set[FakeReplica]",
        poison: float | None = None,
    ) -> None:
        self.number, self.pid, self._factor, self._poison = number, id(self), factor, poison
        self._calls: list[Callable[[], None]] = []
        self._population = population
        population.add(self)

    @property
    def is_gone(self) -> bool:
        return self not in self._population

    @property
    def obituary(self) -> str:
        return "it was ended by the test" if self.is_gone else ""

    def on_gone(self, call: Callable[[], None]) -> None:
        self._calls.append(call)

    async def run(self, batch: Batch) -> Tensors:
        await asyncio.sleep(0)
        rows = np.concatenate(batch["x"]).astype(np.float32)
        if self._poison is not None and self._poison in rows:
            self.kill("poison")
        if self.is_gone:
            raise ReplicaGone(self.obituary)
        return {"y": rows * np.float32(self._factor)}

    def kill(self, why: str) -> None:
        assert why
        self._population.discard(self)
        for call in self._calls:
            call()

    def memory_bytes(self) -> int | None:
        return None

    async def close(self) -> None:
        self._population.discard(self)


@dataclass
class Slice:
    """The slice as the server builds it, on one data folder."""

    storage: Storage
    shelf: Shelf
    engine: Engine = field(default_factory=EmbeddedEngine)
    live: Live = field(default_factory=Live)
    max_endpoints: int = 64
    load_timeout_s: float = 30.0
    endpoints: Endpoints = field(default_factory=Endpoints)
    store: EndpointStore = field(init=False)
    metrics: Metrics = field(init=False)
    starter: Starter = field(init=False)
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        self.store = EndpointStore(self.storage.documents)
        self.metrics = Metrics(self.endpoints, self.storage.series)
        self.starter = Starter(self.shelf, self.engine, self.load_timeout_s)
        self.supervisor = Supervisor(
            self.store,
            self.shelf,
            self.endpoints,
            self.starter,
            self.live,
            max_endpoints=self.max_endpoints,
        )

    async def deployed(
        self, *protos: onnx.ModelProto, replicas: int = 1, **config: Any
    ) -> LiveEndpoint:
        """Put a model on the shelf, deploy its first version and return the live endpoint."""
        model = self.shelf.put(f"m{len(self.shelf.models)}", *protos)
        wanted = Deploy(replicas=replicas, config=EndpointConfig(**config))
        record = await self.supervisor.deploy(OWNER, model.id, "1", wanted, wait=True)
        return self.of(record)

    def of(self, record: Endpoint) -> LiveEndpoint:
        return self.endpoints.readable(OWNER, record.id)

    async def stored(self, live: LiveEndpoint) -> Endpoint:
        return await self.store.endpoints.require(live.record.id)


async def predict(live: LiveEndpoint, body: bytes) -> Any:
    """Answer one body as the hot route does, as parsed outputs."""
    serving = live.require_serving()
    answer, _ = await live.ask(serving, serving.payload.decode(body))
    return answer.as_json()


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return when `condition` holds; for what other processes do, which no event tells."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.005)


def a_row(*values: float) -> bytes:
    return f'{{"inputs": [{list(values)}]}}'.encode()
