"""Every query about models and their versions."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from axonml.auth.permissions import visible_to
from axonml.errors import BadRequest
from axonml.http.caller import Caller
from axonml.ids import ModelId, RunId
from axonml.registry.searchable import VERSIONS, counting_in, counting_out, rows_of
from axonml.registry.types import Model, ModelVersion
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Row, Statement

_COLUMNS: Final = {
    "created_at": "r.id",
    "name": "r.name",
    "updated_at": "r.updated_at",
    "size": "r.size_bytes",
    "n_versions": "r.n_versions",
}
_NUMBERS: Final = ("updated_at", "size", "n_versions")
_MAX_DIGITS: Final = 18
SORTS: Final = tuple(f"{sign}{key}" for key in _COLUMNS for sign in ("", "-"))


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which models: empty fields do not filter; `text` is sought in name, type, tags and card.

    With `is_deployed` only those of `deployed`, or only the others.
    """

    text: str = ""
    name: str = ""
    tags: tuple[str, ...] = ()
    alias: str = ""
    format: str = ""
    is_deployed: bool | None = None
    deployed: frozenset[ModelId] = frozenset()


class RegistryStore:
    """The tables `axonml_models` and `axonml_model_versions`."""

    def __init__(self, documents: Documents) -> None:
        self._documents: Final = documents
        self.models: Final = Collection(documents, "axonml_models", Model, "model", rows_of)
        self.versions: Final = Collection(documents, VERSIONS, ModelVersion, "model_version")

    async def page(
        self, caller: Caller, wanted: Wanted, sort: str, after: tuple[str, str] | None, limit: int
    ) -> list[Row]:
        """Return (id, sort value, how many in all) of at most `limit` models for the caller.

        All are counted for the first page only: of one after another it is None.
        """
        key, is_falling = sort.lstrip("-"), sort.startswith("-")
        column, order = _COLUMNS[key], "DESC" if is_falling else "ASC"
        where, values = _conditions(caller, wanted)
        count = "count(*) OVER ()"
        if after is not None:
            values += (_place(after[0]) if key in _NUMBERS else after[0], after[1])
            sign = "<" if is_falling else ">"
            where += f" AND ({column}, r.id) {sign} (${len(values) - 1}, ${len(values)})"
            count = "NULL"
        return await self._documents.scan(
            Statement(
                f"SELECT r.id, {column}, {count} FROM model_row r WHERE {where}"
                f" ORDER BY {column} {order}, r.id {order} LIMIT {limit}",
                tuple(values),
            )
        )

    async def in_order(self, ids: Sequence[str]) -> list[Model]:
        """Return the models in the order of `ids`; one that went meanwhile is left out."""
        places = ", ".join(f"${i + 1}" for i in range(len(ids)))
        found = await self.models.find(f"WHERE id IN ({places})", ids) if ids else []
        by_id = {model.id: model for model in found}
        return [by_id[each] for each in map(ModelId, ids) if each in by_id]

    async def words(self, caller: Caller, kind: str) -> list[Row]:
        """Return each tag, alias or format of the models that the caller may see, and how many."""
        visible, bound = visible_to(caller)
        # An admin sees all: then the index alone answers.
        mine = f"model IN (SELECT id FROM model_row WHERE {visible}) AND " if bound else ""
        return await self._documents.scan(
            Statement(
                f"SELECT word, count(*) FROM model_key WHERE {mine}kind = ${len(bound) + 1}"
                " GROUP BY word ORDER BY 2 DESC, 1 LIMIT 200",
                (*bound, kind),
            )
        )

    async def named(self, user_id: str, name: str) -> Model | None:
        """Return the user's model of that name."""
        found = await self.models.find("WHERE user_id = $1 AND name = $2", (user_id, name))
        return found[0] if found else None

    async def versions_of(self, model: ModelId) -> list[ModelVersion]:
        """Return the model's versions, newest first."""
        return await self.versions.find("WHERE model_id = $1 ORDER BY version DESC", (model,))

    async def version(self, model: ModelId, number: int) -> ModelVersion | None:
        """Return one version of the model."""
        found = await self.versions.find("WHERE model_id = $1 AND version = $2", (model, number))
        return found[0] if found else None

    async def add_version(self, version: ModelVersion, beside: Sequence[Statement] = ()) -> None:
        """Store a new version, and what `beside` writes, in one transaction."""
        _ = await self._documents.write(
            self.versions.inserting(version), *counting_in(version), *beside
        )

    async def remove_version(self, version: ModelVersion, *beside: Statement) -> None:
        """Delete the version, and do what `beside` does, in one transaction."""
        deleting = Statement(f"DELETE FROM {VERSIONS} WHERE id = $1", (version.id,))
        _ = await self._documents.write(deleting, *counting_out(version), *beside)

    async def remove(self, model: ModelId, *beside: Statement) -> None:
        """Delete the model, and do what `beside` does, in one transaction."""
        deleting = Statement("DELETE FROM axonml_models WHERE id = $1", (model,))
        _ = await self._documents.write(deleting, *beside)

    async def add(self, model: Model, *beside: Statement) -> None:
        """Store a new model; `Conflict` where its owner has one of that name."""
        _ = await self._documents.write(
            self.models.inserting(model), *rows_of(None, model, 1), *beside
        )

    async def of_run(self, run: RunId) -> list[ModelVersion]:
        """Return the versions that the run made."""
        return await self.versions.find("WHERE training_run_id = $1 ORDER BY id", (run,))

    async def visible(self, caller: Caller, models: AbstractSet[ModelId]) -> list[Model]:
        """Return those of the models that the caller may see."""
        visible, bound = visible_to(caller)
        places = ", ".join(f"${len(bound) + i + 1}" for i in range(len(models)))
        return await self.models.find(f"WHERE {visible} AND id IN ({places})", (*bound, *models))

    async def n_with_bytes(self, sha256: str) -> int:
        """Return how many versions, and files of runs, have these bytes."""
        rows = await self._documents.read(
            Statement(
                f"SELECT (SELECT count(*) FROM {VERSIONS} WHERE sha256 = $1)"
                " + (SELECT count(*) FROM axonml_media WHERE sha256 = $1)",
                (sha256,),
            )
        )
        return int(rows[0][0])

    async def counted(self, models: Sequence[Model]) -> list[Model]:
        """Return the models with counts, sizes and formats, which no document stores."""
        if not models:
            return []
        places = ", ".join(f"${i + 1}" for i in range(len(models)))
        ids = tuple(model.id for model in models)
        rows = await self._documents.read(
            Statement(
                "SELECT r.id, r.n_versions, r.size_bytes,"
                f" (SELECT max(version) FROM {VERSIONS} WHERE model_id = r.id)"
                f" FROM model_row r WHERE r.id IN ({places})",
                ids,
            )
        )
        sums = {row[0]: row[1:] for row in rows}
        of_formats = await self._documents.read(
            Statement(
                f"SELECT model, word FROM model_key WHERE model IN ({places})"
                " AND kind = 'format' ORDER BY word",
                ids,
            )
        )
        formats: dict[str, list[str]] = {}
        for model_id, name in of_formats:
            formats.setdefault(model_id, []).append(name)
        return [
            msgspec.structs.replace(
                model,
                n_versions=n,
                size_bytes=size,
                latest_version=latest,
                formats=tuple(formats.get(model.id, ())),
            )
            for model in models
            for n, size, latest in [sums.get(model.id, (0, 0, None))]
        ]


def _place(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS:
        raise BadRequest(
            "the cursor is not of a list in this order; start without it", code="bad_cursor"
        )
    return int(text)


def _conditions(caller: Caller, wanted: Wanted) -> tuple[str, list[Any]]:
    """Return the condition on `model_row r`, and its parameters."""
    visible, bound = visible_to(caller)
    conditions, values = [visible], list[Any](bound)

    def bind(condition: str, *added: str) -> None:
        places = (f"${len(values) + i + 1}" for i in range(len(added)))
        conditions.append(condition.format(*places))
        values.extend(added)

    if wanted.name:
        bind("r.name = {}", wanted.name)
    for word in wanted.text.casefold().split():
        bind("r.id IN (SELECT model FROM model_words WHERE instr(words, {}) > 0)", word)
    for tag in wanted.tags:
        bind("r.id IN (SELECT model FROM model_key WHERE kind = 'tag' AND word = {})", tag)
    if wanted.alias:
        of_alias = "SELECT model FROM model_key WHERE kind = 'alias' AND word = {}"
        bind(f"r.id IN ({of_alias})", wanted.alias)
    if wanted.format:
        of_format = "SELECT model FROM model_key WHERE kind = 'format' AND word = {}"
        bind(f"r.id IN ({of_format})", wanted.format)
    if wanted.is_deployed is not None and wanted.deployed:
        places = ", ".join("{}" for _ in wanted.deployed)
        bind(f"r.id {'' if wanted.is_deployed else 'NOT '}IN ({places})", *wanted.deployed)
    elif wanted.is_deployed:
        conditions.append("FALSE")
    return " AND ".join(conditions), values
