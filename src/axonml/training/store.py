"""Every query about runs."""

from typing import Final

import msgspec

from axonml.auth.permissions import visible_to
from axonml.http.caller import Caller
from axonml.ids import RunId
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents
from axonml.training.types import Run, RunStatus

_COLUMNS: Final = {
    "created_at": "id",  # ids rise with the time of creation
    "name": "name",
    "status": "status",
    "project": "project",
}
SORTS: Final = tuple(f"{sign}{key}" for key in _COLUMNS for sign in ("", "-"))


class RunFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of runs shows: empty fields do not filter; `text` is sought in the name."""

    text: str = ""
    status: tuple[RunStatus, ...] = ()
    project: str = ""


class RunStore:
    """The table `axonml_runs`."""

    def __init__(self, documents: Documents) -> None:
        self.runs: Final = Collection(documents, "axonml_runs", Run, "run")

    async def page(
        self,
        caller: Caller,
        wanted: RunFilter,
        sort: str,
        after: tuple[str, str] | None,
        limit: int,
    ) -> list[Run]:
        """Return at most `limit` runs that the caller may see, after (sort value, id)."""
        column, order = _COLUMNS[sort.lstrip("-")], "DESC" if sort.startswith("-") else "ASC"
        visible, bound = visible_to(caller)
        conditions, values = [visible], list(bound)

        def bind(condition: str, *added: str) -> None:
            places = (f"${len(values) + i + 1}" for i in range(len(added)))
            conditions.append(condition.format(*places))
            values.extend(added)

        if wanted.text:
            pattern = wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            bind("lower(name) LIKE lower({}) ESCAPE '\\'", f"%{pattern}%")
        if wanted.project:
            bind("project = {}", wanted.project)
        if wanted.status:
            bind(f"status IN ({', '.join('{}' for _ in wanted.status)})", *wanted.status)
        if after is not None:
            bind(f"({column}, id) {'<' if order == 'DESC' else '>'} ({{}}, {{}})", *after)
        tail = f"ORDER BY {column} {order}, id {order} LIMIT {limit}"
        return await self.runs.find(f"WHERE {' AND '.join(conditions)} {tail}", values)

    async def of_status(self, *statuses: RunStatus) -> list[Run]:
        """Return every run in one of the states."""
        places = ", ".join(f"${i + 1}" for i in range(len(statuses)))
        return await self.runs.find(f"WHERE status IN ({places}) ORDER BY id", statuses)

    async def count_by_status(self) -> dict[str, int]:
        """Return the number of runs in each state that has any."""
        return {
            status: n
            for status in RunStatus
            if (n := await self.runs.count("WHERE status = $1", (status,)))
        }


def sort_value(run: Run, sort: str) -> tuple[str, RunId]:
    """Return the place of `run` in a list sorted by `sort`, for the cursor of the next page."""
    match sort.lstrip("-"):
        case "name":
            return run.name, run.id
        case "status":
            return run.status, run.id
        case "project":
            return run.project, run.id
        case _:
            return run.id, run.id
