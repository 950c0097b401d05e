"""Every query about runs."""

from typing import Final

from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents
from axonml.training.searchable import rows_of
from axonml.training.types import Run, RunStatus


class RunStore:
    """The table `axonml_runs`."""

    def __init__(self, documents: Documents) -> None:
        self.runs: Final = Collection(documents, "axonml_runs", Run, "run", rows_of)

    async def of_status(self, *statuses: RunStatus, and_deleted: bool = False) -> list[Run]:
        """Return every run in one of the states that is not deleted, or the deleted ones too."""
        places = ", ".join(f"${i + 1}" for i in range(len(statuses)))
        kept = "" if and_deleted else " AND deleted_at IS NULL"
        return await self.runs.find(f"WHERE status IN ({places}){kept} ORDER BY id", statuses)

    async def count_by_status(self) -> dict[str, int]:
        """Return the number of runs in each state that has any."""
        return {
            status: n
            for status in RunStatus
            if (n := await self.runs.count("WHERE status = $1 AND deleted_at IS NULL", (status,)))
        }
