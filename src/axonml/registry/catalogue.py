"""What people look for and compare in the registry: lists, lineage, versions side by side."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

import msgspec

from axonml.errors import Invalid, NotFound
from axonml.http.caller import Caller
from axonml.http.paging import decode_cursor, encode_cursor
from axonml.ids import RunId
from axonml.registry.compare import VersionComparison, compared
from axonml.registry.history import NamesOf
from axonml.registry.models import Deployments, Models
from axonml.registry.store import RegistryStore, Wanted
from axonml.registry.types import Deployment, ModelPage, ModelVersion
from axonml.training.runs import Runs

_MOST_COMPARED: Final = 4
_MOST_PARENTS: Final = 20
_MOST_DIGITS: Final = 10


class Word(msgspec.Struct, frozen=True):
    """A tag, alias or format, and how many models have it."""

    word: str
    n_models: int


class ModelWords(msgspec.Struct, frozen=True):
    """What a list of models may be filtered by, the most frequent first."""

    tags: list[Word]
    aliases: list[Word]
    formats: list[Word]


class RunRef(msgspec.Struct, frozen=True):
    """A run, as a link shows it."""

    id: RunId
    name: str
    project: str
    status: str


class Lineage(msgspec.Struct, frozen=True):
    """Where a version comes from, and where it went.

    `run` made it; `parents` are the runs that one was forked from, the nearest first. What the
    caller may not see is not there.
    """

    run: RunRef | None
    parents: list[RunRef]
    endpoints: list[Deployment]


class VersionFile(msgspec.Struct, frozen=True):
    """One file of a version."""

    name: str
    size_bytes: int
    sha256: str


class VersionFiles(msgspec.Struct, frozen=True):
    """The files of a version; they come in one page."""

    items: list[VersionFile]


class Catalogue:
    """Reads the registry; a model that the caller may not see has no part in any answer."""

    def __init__(  # one argument for each dependency
        self,
        models: Models,
        store: RegistryStore,
        runs: Runs,
        deployments: Deployments,
        names_of: NamesOf,
    ) -> None:
        self._models: Final = models
        self._store: Final = store
        self._runs: Final = runs
        self._deployments: Final = deployments
        self._names_of: Final = names_of

    async def page(
        self, caller: Caller, wanted: Wanted, sort: str, cursor: str | None, limit: int
    ) -> ModelPage:
        """Return a page of models, and how many there are in all."""
        if wanted.is_deployed is not None:
            deployed = frozenset(each.model_id for each in self._deployments.visible(caller))
            wanted = msgspec.structs.replace(wanted, deployed=deployed)
        if cursor:
            # Counted once, for the first page.
            value, model_id = decode_cursor(cursor)
            counted, _, place = value.partition(" ")
            total = int(counted) if counted.isdecimal() and len(counted) < _MOST_DIGITS else 0
            rows = await self._store.page(caller, wanted, sort, (place, model_id), limit + 1)
        else:
            rows = await self._store.page(caller, wanted, sort, None, limit + 1)
            total = int(rows[0][2]) if rows else 0
        shown, more = rows[:limit], len(rows) > limit
        models = await self._store.in_order([str(row[0]) for row in shown])
        last = encode_cursor(f"{total} {shown[-1][1]}", shown[-1][0]) if more else None
        return ModelPage(await self._models.shown(caller, models), last, total)

    async def words(self, caller: Caller) -> ModelWords:
        """Return the tags, aliases and formats of the models that the caller may see."""
        found = [await self._store.words(caller, kind) for kind in ("tag", "alias", "format")]
        tags, aliases, formats = ([Word(*row) for row in rows] for rows in found)
        return ModelWords(tags, aliases, formats)

    async def named(self, versions: Sequence[ModelVersion]) -> list[ModelVersion]:
        """Return the versions with the names of those who made and approved them."""
        people = {version.created_by for version in versions}
        people |= {version.approval.by for version in versions if version.approval is not None}
        names = await self._names_of(list(people))
        return [_named(version, names) for version in versions]

    async def compare(
        self, caller: Caller, model_id: str, refs: Sequence[str]
    ) -> VersionComparison:
        """Return 2 to 4 versions side by side, each named by number, alias or `latest`."""
        if not 2 <= len(refs) <= _MOST_COMPARED:
            raise Invalid(f"compare 2 to {_MOST_COMPARED} versions, not {len(refs)}")
        versions = [(await self._models.version(caller, model_id, ref))[1] for ref in refs]
        if len({version.id for version in versions}) < len(versions):
            raise Invalid("two of these are the same version; name different ones")
        deployed = self._deployments.visible(caller, {versions[0].model_id})
        answering = [each for each in deployed if each.latency_p50 is not None]
        latency = [
            next((each for each in answering if each.version == version.version), None)
            for version in versions
        ]
        return compared(await self.named(versions), latency)

    async def lineage(self, caller: Caller, model_id: str, ref: str) -> Lineage:
        """Return the run that made a version, those it was forked from, and its endpoints."""
        model, version = await self._models.version(caller, model_id, ref)
        runs: list[RunRef] = []
        next_id = version.training_run_id
        while next_id is not None and len(runs) <= _MOST_PARENTS:
            try:
                run = await self._runs.readable(caller, next_id)
            except NotFound:
                break
            runs.append(RunRef(run.id, run.name, run.project, run.status))
            next_id = run.parent_id
        deployed = self._deployments.visible(caller, {model.id})
        endpoints = [each for each in deployed if each.version == version.version]
        return Lineage(runs[0] if runs else None, runs[1:], endpoints)

    async def files(self, caller: Caller, model_id: str, ref: str) -> VersionFiles:
        """Return the files of a version."""
        _, version = await self._models.version(caller, model_id, ref)
        name = PurePosixPath(version.file_path).name
        return VersionFiles([VersionFile(name, version.file_size, version.sha256)])


def _named(version: ModelVersion, names: Mapping[str, str]) -> ModelVersion:
    approval = version.approval
    if approval is not None:
        approval = msgspec.structs.replace(approval, by_name=names.get(approval.by, ""))
    return msgspec.structs.replace(
        version, created_by_name=names.get(version.created_by, ""), approval=approval
    )
