"""Models, their versions and aliases: what may happen to them, and which file a version is."""

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final, Protocol

import msgspec
from msgspec import UNSET, Struct

from axonml.auth.permissions import check_read, check_write
from axonml.clock import now
from axonml.errors import Conflict, Forbidden, NotFound
from axonml.http.caller import Caller, Role
from axonml.ids import ModelId, RunId, VersionId, new_id
from axonml.registry.history import Action, event, forgetting, recorded, recorded_with
from axonml.registry.integrity import Integrity
from axonml.registry.searchable import VERSIONS
from axonml.registry.store import RegistryStore
from axonml.registry.types import (
    AliasTarget,
    Approval,
    Deployment,
    Model,
    ModelChange,
    ModelVersion,
    NewModel,
    RunModel,
    VersionChange,
)
from axonml.storage.protocols import Blobs, Statement

_MODELS: Final = "axonml_models"
_MOST_DIGITS: Final = 9


class Deployments(Protocol):
    """Where versions are deployed; inference knows, the registry asks."""

    async def names_of(self, versions: Sequence[VersionId]) -> list[str]:
        """Return the names of the endpoints that serve any of the versions, whoever asks."""
        ...

    def visible(
        self, caller: Caller, models: AbstractSet[ModelId] | None = None
    ) -> list[Deployment]:
        """Return the endpoints of `models` (None: of any) that the caller may see, by name."""
        ...


class Models:
    """Owns the registry's documents and the readable layout `models/{model_id}/v{version}/`.

    What happens to a model is recorded in the transaction in which it happens.
    """

    def __init__(
        self, store: RegistryStore, blobs: Blobs, home: Path, deployments: Deployments
    ) -> None:
        self._store: Final = store
        self._blobs: Final = blobs
        self._home: Final = home
        self._deployments: Final = deployments
        self._integrity: Final = Integrity()
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
            requires_approval=new.requires_approval,
            created_at=at,
            updated_at=at,
        )
        try:
            await self._store.add(model, recorded(event(caller, model.id, "model_created")))
        except Conflict:
            raise _name_taken(new.name) from None
        return model

    async def get(self, caller: Caller, model_id: str) -> Model:
        """Return the model, if the caller may read it."""
        model = await self._store.models.require(model_id)
        check_read(caller, model, "model")
        return (await self.shown(caller, [model]))[0]

    async def shown(self, caller: Caller, models: Sequence[Model]) -> list[Model]:
        """Return the models with their counts, and with those endpoints that the caller may see."""
        deployed: dict[ModelId, list[Deployment]] = {}
        for deployment in self._deployments.visible(caller, {model.id for model in models}):
            deployed.setdefault(deployment.model_id, []).append(deployment)
        return [
            msgspec.structs.replace(model, deployed=tuple(deployed.get(model.id, ())))
            for model in await self._store.counted(models)
        ]

    async def writable(self, caller: Caller, model_id: str) -> Model:
        """Return the model as stored, if the caller may write to it."""
        model = await self._store.models.require(model_id)
        check_write(caller, model, "model")
        return model

    async def change(self, caller: Caller, model_id: str, change: ModelChange) -> Model:
        """Replace the fields that `change` names; only an admin lifts the need for approval."""
        stored = await self.writable(caller, model_id)
        fields = _named(change)
        is_lifting = stored.requires_approval and fields.get("requires_approval") is False
        if is_lifting and caller.role is not Role.ADMIN:
            raise Forbidden("only an admin may let versions of this model go without approval")

        def happened(before: Model, after: Model, rev: int) -> list[Statement]:
            actions: list[tuple[Action, str]] = []
            if before.visibility != after.visibility:
                actions.append(("visibility_changed", f"now {after.visibility}"))
            if before.requires_approval != after.requires_approval:
                needs = after.requires_approval
                actions.append(("approval_required" if needs else "approval_not_required", ""))
            return [
                recorded_with(event(caller, after.id, action, reason=said), _MODELS, after.id, rev)
                for action, said in actions
            ]

        try:
            model = await self._store.models.update(
                model_id,
                lambda model: msgspec.structs.replace(model, **fields, updated_at=now()),
                lambda before, after, rev: happened(before or after, after, rev),
            )
        except Conflict:
            raise _name_taken(str(fields.get("name"))) from None
        return (await self.shown(caller, [model]))[0]

    async def set_alias(
        self, caller: Caller, model_id: str, alias: str, target: AliasTarget
    ) -> Model:
        """Point `alias` at a version, wherever it pointed before."""
        stored = await self.writable(caller, model_id)
        _ = await self._required(stored, target.version)
        return await self._move(caller, stored, alias, target.version, target.reason)

    async def drop_alias(self, caller: Caller, model_id: str, alias: str, reason: str) -> None:
        """Forget `alias`; a repeat changes nothing."""
        _ = await self._move(caller, await self.writable(caller, model_id), alias, None, reason)

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

    async def change_version(
        self, caller: Caller, model_id: str, ref: str, change: VersionChange
    ) -> ModelVersion:
        """Replace what people say of a version; its file, metrics and configuration stay."""
        model, version = await self.version(caller, model_id, ref)
        check_write(caller, model, "model")
        fields = _named(change)
        return await self._store.versions.update(
            version.id, lambda version: msgspec.structs.replace(version, **fields)
        )

    async def approve(
        self, caller: Caller, model_id: str, ref: str, reason: str, *, is_approved: bool
    ) -> ModelVersion:
        """Allow a version to be deployed, or withdraw that; a repeat changes nothing.

        Raises:
            Forbidden: the caller is no admin.
        """
        model, version = await self.version(caller, model_id, ref)
        if caller.role is not Role.ADMIN:
            raise Forbidden("only an admin approves versions; ask one, with the reason")
        approval = Approval(by=caller.user_id, at=now(), reason=reason) if is_approved else None
        happened = event(
            caller,
            model.id,
            "approved" if is_approved else "approval_withdrawn",
            version=version.version,
            reason=reason,
        )

        def decide(version: ModelVersion) -> ModelVersion:
            if (version.approval is not None) is is_approved:
                return version
            return msgspec.structs.replace(version, approval=approval)

        return await self._store.versions.update(
            version.id,
            decide,
            lambda _, after, rev: [recorded_with(happened, VERSIONS, after.id, rev)],
        )

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

    async def intact_file_of(self, version: ModelVersion) -> Path:
        """Return a local file with the version's bytes, known to be those that were uploaded.

        Raises:
            Conflict: the disk has changed them.
        """
        path = await self.file_of(version)
        await self._integrity.check(version, path)
        return path

    async def delete_version(self, caller: Caller, model_id: str, ref: str) -> None:
        """Delete a version and free its bytes; `Conflict` where an endpoint serves it."""
        model, version = await self.version(caller, model_id, ref)
        check_write(caller, model, "model")
        await self._refuse_in_use(model, [version])
        for alias, number in model.aliases.items():
            if number == version.version:
                _ = await self._move(caller, model, alias, None, "its version was deleted")
        happened = event(caller, model.id, "version_deleted", version=version.version)
        await self._remove(version, recorded(happened))

    async def delete(self, caller: Caller, model_id: str) -> None:
        """Delete the model with all its versions; `Conflict` where an endpoint serves one."""
        model = await self.writable(caller, model_id)
        versions = await self._store.versions_of(model.id)
        await self._refuse_in_use(model, versions)
        for version in versions:
            await self._remove(version)
        await self._store.remove(model.id, forgetting(model.id))
        folder = self._home / "models" / model.id
        if folder.is_dir():
            folder.rmdir()

    async def _move(
        self, caller: Caller, model: Model, alias: str, number: int | None, reason: str
    ) -> Model:
        """Point `alias` at version `number`, or nowhere."""

        def moved(model: Model) -> Model:
            if model.aliases.get(alias) == number:
                return model
            others = {name: at for name, at in model.aliases.items() if name != alias}
            aliases = others if number is None else {**others, alias: number}
            return msgspec.structs.replace(model, aliases=aliases, updated_at=now())

        def happened(before: Model | None, after: Model, rev: int) -> list[Statement]:
            what = event(
                caller,
                after.id,
                "alias_removed" if number is None else "alias_set",
                version=number,
                alias=alias,
                previous_version=before.aliases.get(alias) if before is not None else None,
                reason=reason,
            )
            return [recorded_with(what, _MODELS, after.id, rev)]

        model = await self._store.models.update(model.id, moved, happened)
        return (await self.shown(caller, [model]))[0]

    async def _refuse_in_use(self, model: Model, versions: Sequence[ModelVersion]) -> None:
        names = await self._deployments.names_of([version.id for version in versions])
        if names:
            raise Conflict(
                f"model {model.name} is served by {', '.join(names)}; delete the endpoint,"
                " or move it to another version, first",
                code="deployed",
            )

    async def _remove(self, version: ModelVersion, *beside: Statement) -> None:
        async with self.placing:
            await self._store.remove_version(version, *beside)
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


def _named(change: Struct) -> dict[str, object]:
    """Return the fields that a change names, with their values."""
    return {
        name: value
        for name in change.__struct_fields__
        if (value := getattr(change, name)) is not UNSET
    }


def _name_taken(name: str) -> Conflict:
    return Conflict(
        f"you have a model {name} already; upload a version to it, or choose another name",
        code="model_exists",
    )
