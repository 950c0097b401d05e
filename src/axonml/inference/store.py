"""Every query about endpoints."""

from collections.abc import Sequence
from typing import Any, Final

from axonml.auth.permissions import visible_to
from axonml.http.caller import Caller
from axonml.ids import VersionId
from axonml.inference.types import Endpoint, EndpointStatus
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents

_COLUMNS: Final = {"created_at": "id", "name": "name", "status": "status"}
SORTS: Final = tuple(f"{sign}{key}" for key in _COLUMNS for sign in ("", "-"))


class EndpointStore:
    """The table `axonml_endpoints`."""

    def __init__(self, documents: Documents) -> None:
        self.endpoints: Final = Collection(documents, "axonml_endpoints", Endpoint, "endpoint")

    async def page(
        self,
        caller: Caller,
        model_id: str,
        status: Sequence[EndpointStatus],
        sort: str,
        after: tuple[str, str] | None,
        limit: int,
    ) -> list[Endpoint]:
        """Return at most `limit` endpoints that the caller may see, after (sort value, id)."""
        column, order = _COLUMNS[sort.lstrip("-")], "DESC" if sort.startswith("-") else "ASC"
        visible, bound = visible_to(caller)
        conditions, values = [visible], list[Any](bound)

        def bind(condition: str, *added: str) -> None:
            places = (f"${len(values) + i + 1}" for i in range(len(added)))
            conditions.append(condition.format(*places))
            values.extend(added)

        if model_id:
            bind("model_id = {}", model_id)
        if status:
            bind(f"status IN ({', '.join('{}' for _ in status)})", *status)
        if after is not None:
            bind(f"({column}, id) {'<' if order == 'DESC' else '>'} ({{}}, {{}})", *after)
        tail = f"ORDER BY {column} {order}, id {order} LIMIT {limit}"
        return await self.endpoints.find(f"WHERE {' AND '.join(conditions)} {tail}", values)

    async def every(self) -> list[Endpoint]:
        """Return all endpoints, oldest first."""
        return await self.endpoints.find("ORDER BY id")

    async def names_of(self, versions: Sequence[VersionId]) -> list[str]:
        """Return the names of the endpoints that serve any of the versions, or try it."""
        if not versions:
            return []
        places = ", ".join(f"${i + 1}" for i in range(len(versions)))
        found = await self.endpoints.find(
            f"WHERE model_version_id IN ({places})"
            f" OR data->'rollout'->'canary'->>'model_version_id' IN ({places})"
            f" OR data->'rollout'->'shadow'->>'model_version_id' IN ({places}) ORDER BY name",
            versions,
        )
        return [endpoint.name for endpoint in found]


def sort_value(endpoint: Endpoint, sort: str) -> tuple[str, str]:
    """Return the place of `endpoint` in a list sorted by `sort`, for the next page's cursor."""
    match sort.lstrip("-"):
        case "name":
            return endpoint.name, endpoint.id
        case "status":
            return endpoint.status, endpoint.id
        case _:
            return endpoint.id, endpoint.id
