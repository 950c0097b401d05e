"""Every query about models and their versions."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from axonml.auth.permissions import visible_to
from axonml.http.caller import Caller
from axonml.ids import ModelId, RunId
from axonml.registry.types import Model, ModelVersion
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Statement

_COLUMNS: Final = {"created_at": "id", "name": "name"}
SORTS: Final = tuple(f"{sign}{key}" for key in _COLUMNS for sign in ("", "-"))


class RegistryStore:
    """The tables `axonml_models` and `axonml_model_versions`."""

    def __init__(self, documents: Documents) -> None:
        self._documents: Final = documents
        self.models: Final = Collection(documents, "axonml_models", Model, "model")
        self.versions: Final = Collection(
            documents, "axonml_model_versions", ModelVersion, "model_version"
        )

    async def page(
        self, caller: Caller, text: str, sort: str, after: tuple[str, str] | None, limit: int
    ) -> list[Model]:
        """Return at most `limit` models that the caller may see whose name contains `text`."""
        column, order = _COLUMNS[sort.lstrip("-")], "DESC" if sort.startswith("-") else "ASC"
        visible, bound = visible_to(caller)
        values: list[Any] = [*bound, text.lower()]
        where = f"WHERE {visible} AND instr(lower(name), ${len(values)}) > 0"
        if after is not None:
            sign = "<" if order == "DESC" else ">"
            where += f" AND ({column}, id) {sign} (${len(values) + 1}, ${len(values) + 2})"
            values += after
        return await self.models.find(
            f"{where} ORDER BY {column} {order}, id {order} LIMIT {limit}", values
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
        _ = await self._documents.write(self.versions.inserting(version), *beside)

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
                "SELECT (SELECT count(*) FROM axonml_model_versions WHERE sha256 = $1)"
                " + (SELECT count(*) FROM axonml_media WHERE sha256 = $1)",
                (sha256,),
            )
        )
        return int(rows[0][0])

    async def counted(self, models: Sequence[Model]) -> list[Model]:
        """Return the models with `n_versions` and `latest_version`, which no document stores."""
        if not models:
            return []
        places = ", ".join(f"${i + 1}" for i in range(len(models)))
        rows = await self._documents.read(
            Statement(
                "SELECT model_id, count(*), max(version) FROM axonml_model_versions"
                f" WHERE model_id IN ({places}) GROUP BY model_id",
                tuple(model.id for model in models),
            )
        )
        counts = {model_id: (n, latest) for model_id, n, latest in rows}
        return [
            msgspec.structs.replace(model, n_versions=n, latest_version=latest)
            for model in models
            for n, latest in [counts.get(model.id, (0, None))]
        ]


def sort_value(model: Model, sort: str) -> tuple[str, str]:
    """Return the place of `model` in a list sorted by `sort`, for the cursor of the next page."""
    return (model.name if sort.lstrip("-") == "name" else model.id), model.id
