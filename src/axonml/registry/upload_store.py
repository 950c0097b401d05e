"""Every query about resumable uploads."""

from collections.abc import Sequence
from typing import Final

import msgspec

from axonml.clock import now_ms
from axonml.registry.upload_types import StoredUpload, UploadState
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Statement

_TABLE: Final = "axonml_uploads"
_OPEN: Final = (UploadState.RECEIVING.value, UploadState.CHECKING.value)
_MOST: Final = 1000


class UploadStore:
    """The table `axonml_uploads`."""

    def __init__(self, documents: Documents) -> None:
        self._documents: Final = documents
        self.uploads: Final = Collection(documents, _TABLE, StoredUpload, "upload")

    async def open_of(self, model_id: str) -> list[StoredUpload]:
        """Return the model's unfinished uploads, newest first."""
        return await self.uploads.find(
            f"WHERE model_id = $1 AND state IN ($2, $3) ORDER BY created_at DESC LIMIT {_MOST}",
            (model_id, *_OPEN),
        )

    async def n_open(self, user_id: str) -> tuple[int, int]:
        """Return how many unfinished uploads there are: the user's, and everybody's."""
        rows = await self._documents.read(
            Statement(
                "SELECT count(CASE WHEN user_id = $1 THEN 1 END), count(*)"
                f" FROM {_TABLE} WHERE state IN ($2, $3)",
                (user_id, *_OPEN),
            )
        )
        return int(rows[0][0]), int(rows[0][1])

    async def over(self, at_ms: int) -> list[StoredUpload]:
        """Return uploads that expired before `at_ms`, or whose model is gone."""
        return await self.uploads.find(
            "WHERE expires_ms < $1 OR NOT EXISTS"
            f" (SELECT 1 FROM axonml_models WHERE axonml_models.id = model_id) LIMIT {_MOST}",
            (at_ms,),
        )

    async def unfinished(self) -> set[str]:
        """Return the ids of all unfinished uploads."""
        rows = await self._documents.read(
            Statement(f"SELECT id FROM {_TABLE} WHERE state IN ($1, $2)", _OPEN)
        )
        return {str(upload_id) for (upload_id,) in rows}

    def replacing(self, upload: StoredUpload) -> Sequence[Statement]:
        """Return what replaces the stored upload, for a transaction of several."""
        data = msgspec.json.encode(upload).decode()
        return (
            Statement(
                f"UPDATE {_TABLE} SET data = $1, rev = rev + 1, updated_at = $2 WHERE id = $3",
                (data, now_ms(), upload.id),
            ),
        )

    async def replace(self, upload: StoredUpload) -> StoredUpload:
        """Replace the stored upload by this; only whoever holds the upload may."""
        _ = await self._documents.write(*self.replacing(upload))
        return upload
