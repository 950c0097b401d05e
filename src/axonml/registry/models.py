"""Models, their versions and aliases: what may happen to them, and which file a version is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import UNSET

from axonml.auth.permissions import check_read, check_write
from axonml.clock import now
from axonml.errors import Conflict, Forbidden, NotFound
from axonml.http.caller import Caller, Role
from axonml.ids import ModelId, RunId, VersionId, new_id
from axonml.registry.store import RegistryStore
from axonml.registry.types import Model, ModelChange, ModelVersion, NewModel, RunModel
from axonml.storage.protocols import Blobs

_MOST_DIGITS: Final = 9

# Names of the endpoints that serve any of the versions; inference knows, the registry asks.
InUse = Callable[[Sequence[VersionId]], Awaitable[list[str]]]


class Models:
    """Owns the registry's documents and the readable layout `models/{model_id}/v{version}/`."""

    def __init__(self, store: RegistryStore, blobs: Blobs, home: Path, in_use: InUse) -> None:
        self._store: Final = store
        self._blobs: Final = blobs
        self._home: Final = home
        self._in_use: Final = in_use
        # One at a time: bytes that an upload is about to share must not be freed meanwhile.
        self.placing: Final = asyncio.Lock()

    async def create(self, caller: Caller, new: NewModel) -> Model:
        """Store a model without versions; `Conflict` where the caller has one of that name."""
        if caller.role is Role.VIEWER:
            raise Forbidden("a viewer cannot create models; ask an admin for the role member")
        at = now()
        model = Model(
            id=ModelId(new_id()),
            user_id=caller.user_id,
            name=new.name,
            description=new.description,
            model_type=new.model_type,
            tags=new.tags,
            visibility=new.visibility,
            created_at=at,
            updated_at=at,
        )
        try:
            await self._store.models.insert(model)
        except Conflict:
            raise _name_taken(new.name) from None
        return model

    async def page(
        self, caller: Caller, text: str, sort: str, after: tuple[str, str] | None, limit: int
    ) -> list[Model]:
        """Return a page of models with their counts."""
        return await self._store.counted(await self._store.page(caller, text, sort, after, limit))

    async def get(self, caller: Caller, model_id: str) -> Model:
        """Return the model, if the caller may read it."""
        model = await self._store.models.require(model_id)
        check_read(caller, model, "model")
        return (await self._store.counted([model]))[0]

    async def writable(self, caller: Caller, model_id: str) -> Model:
        """Return the model as stored, if the caller may write to it."""
        model = await self._store.models.require(model_id)
        check_write(caller, model, "model")
        return model

    async def change(self, caller: Caller, model_id: str, change: ModelChange) -> Model:
        """Replace the fields that `change` names."""
        _ = await self.writable(caller, model_id)
        fields = {
            name: value
            for name in change.__struct_fields__
            if (value := getattr(change, name)) is not UNSET
        }
        try:
            model = await self._store.models.update(
                model_id, lambda model: msgspec.structs.replace(model, **fields, updated_at=now())
            )
        except Conflict:
            raise _name_taken(str(fields.get("name"))) from None
        return (await self._store.counted([model]))[0]

    async def set_alias(self, caller: Caller, model_id: str, alias: str, number: int) -> Model:
        """Point `alias` at a version, wherever it pointed before."""
        model = await self.writable(caller, model_id)
        _ = await self._required(model, number)
        model = await self._store.models.update(
            model_id,
            lambda model: msgspec.structs.replace(
                model, aliases={**model.aliases, alias: number}, updated_at=now()
            ),
        )
        return (await self._store.counted([model]))[0]

    async def drop_alias(self, caller: Caller, model_id: str, alias: str) -> None:
        """Forget `alias`; a repeat changes nothing."""
        _ = await self.writable(caller, model_id)
        _ = await self._store.models.update(model_id, lambda model: _without(model, {alias}))

    async def versions(self, caller: Caller, model_id: str) -> list[ModelVersion]:
        """Return the model's versions, newest first."""
        model = await self.get(caller, model_id)
        return await self._store.versions_of(model.id)

    async def version(self, caller: Caller, model_id: str, ref: str) -> tuple[Model, ModelVersion]:
        """Return the version that `ref` names: its number, `latest`, or an alias."""
        model = await self.get(caller, model_id)
        if ref == "latest":
            number = model.latest_version
        else:
            is_number = ref.isascii() and ref.isdigit() and len(ref) <= _MOST_DIGITS
            number = int(ref) if is_number else model.aliases.get(ref)
        if number is None:
            raise NotFound(
                f"model {model.name} has no version or alias {ref[:64]!r}",
                code="model_version_not_found",
            )
        return model, await self._required(model, number)

    async def made_by(self, caller: Caller, run: RunId) -> list[RunModel]:
        """Return the versions that the run made, of models that the caller may see."""
        versions = await self._store.of_run(run)
        models = await self._store.visible(caller, {version.model_id for version in versions})
        names = {model.id: model.name for model in models}
        return [RunModel(names[v.model_id], v) for v in versions if v.model_id in names]

    async def version_by_id(self, caller: Caller, version_id: str) -> tuple[Model, ModelVersion]:
        """Return a version by its id, if the caller may read its model."""
        version = await self._store.versions.require(version_id)
        return await self.get(caller, version.model_id), version

    async def file_of(self, version: ModelVersion) -> Path:
        """Return a local file with the version's bytes."""
        path = self._home / version.file_path
        if path.is_file():
            return path
        return await self._blobs.path(version.sha256)

    async def delete_version(self, caller: Caller, model_id: str, ref: str) -> None:
        """Delete a version and free its bytes; `Conflict` where an endpoint serves it."""
        model, version = await self.version(caller, model_id, ref)
        check_write(caller, model, "model")
        await self._refuse_in_use(model, [version])
        await self._remove(version)
        gone = {alias for alias, number in model.aliases.items() if number == version.version}
        _ = await self._store.models.update(model.id, lambda model: _without(model, gone))

    async def delete(self, caller: Caller, model_id: str) -> None:
        """Delete the model with all its versions; `Conflict` where an endpoint serves one."""
        model = await self.writable(caller, model_id)
        versions = await self._store.versions_of(model.id)
        await self._refuse_in_use(model, versions)
        for version in versions:
            await self._remove(version)
        _ = await self._store.models.delete(model.id)
        folder = self._home / "models" / model.id
        if folder.is_dir():
            folder.rmdir()

    async def _refuse_in_use(self, model: Model, versions: Sequence[ModelVersion]) -> None:
        names = await self._in_use([version.id for version in versions])
        if names:
            raise Conflict(
                f"model {model.name} is served by {', '.join(names)}; delete the endpoint,"
                " or move it to another version, first",
                code="deployed",
            )

    async def _remove(self, version: ModelVersion) -> None:
        async with self.placing:
            _ = await self._store.versions.delete(version.id)
            path = self._home / version.file_path
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                path.parent.rmdir()
            if not await self._store.n_with_bytes(version.sha256):
                await self._blobs.delete(version.sha256)

    async def _required(self, model: Model, number: int) -> ModelVersion:
        version = await self._store.version(model.id, number)
        if version is None:
            raise NotFound(
                f"model {model.name} has no version {number}", code="model_version_not_found"
            )
        return version


def _without(model: Model, aliases: set[str]) -> Model:
    kept = {alias: number for alias, number in model.aliases.items() if alias not in aliases}
    if kept == model.aliases:
        return model
    return msgspec.structs.replace(model, aliases=kept, updated_at=now())


def _name_taken(name: str) -> Conflict:
    return Conflict(
        f"you have a model {name} already; upload a version to it, or choose another name",
        code="model_exists",
    )
