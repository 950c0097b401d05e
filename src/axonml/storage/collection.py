"""Typed documents: one table of one frozen struct."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import msgspec

from axonml.clock import now_ms
from axonml.errors import Conflict, NotFound
from axonml.storage.protocols import Documents, Statement

T = TypeVar("T", bound=msgspec.Struct)

# (before, after, rev) -> statements; none may act where the document has another `rev`: somebody
# else wrote meanwhile.
Beside = Callable[[T | None, T, int], Sequence[Statement]]

_ATTEMPTS: Final = 50
_id_of: Final = attrgetter("id")


class Collection(Generic[T]):
    """The documents of one table, as structs with an `id`; the table holds them as JSON.

    `beside` makes the statements that keep other tables in step, run with each write of a document.
    `update` is how every state machine moves: it reads, calls `change`, and writes only if nobody
    wrote meanwhile; otherwise it starts over.
    """

    def __init__(
        self,
        documents: Documents,
        table: str,
        kind: type[T],
        noun: str,
        beside: Beside[T] | None = None,
    ) -> None:
        self._documents = documents
        self._beside = beside
        self._table = table
        self._noun = noun
        self._decode = msgspec.json.Decoder(kind).decode

    async def get(self, doc_id: str) -> T | None:
        """Return the document, or None where there is none."""
        rows = await self._documents.read(
            Statement(f"SELECT data FROM {self._table} WHERE id = $1", (doc_id,))
        )
        return self._decode(rows[0][0]) if rows else None

    async def require(self, doc_id: str) -> T:
        """Return the document; `NotFound` names what was looked for."""
        found = await self.get(doc_id)
        if found is None:
            raise self.missing(doc_id)
        return found

    def missing(self, doc_id: str) -> NotFound:
        """Return the error that says there is no such document."""
        return NotFound(f"there is no {self._noun} {doc_id[:64]}", code=f"{self._noun}_not_found")

    def inserting(self, document: T) -> Statement:
        """Return the statement that inserts `document`, for a transaction of several."""
        at = now_ms()
        return Statement(
            f"INSERT INTO {self._table} (id, data, rev, created_at, updated_at)"
            " VALUES ($1, $2, 1, $3, $4)",
            (_id_of(document), msgspec.json.encode(document).decode(), at, at),
        )

    async def insert(self, document: T) -> None:
        """Store a new document; `Conflict` where its id or a unique field is taken."""
        beside = self._beside(None, document, 1) if self._beside else ()
        await self._documents.write(self.inserting(document), *beside)

    async def update(
        self, doc_id: str, change: Callable[[T], T], also: Beside[T] | None = None
    ) -> T:
        """Replace the document by `change(document)` and return it; `also` is written with it.

        `change` may raise to leave it as it is, and may run more than once; returning the same
        object writes nothing.
        """
        for _ in range(_ATTEMPTS):
            rows = await self._documents.read(
                Statement(f"SELECT data, rev FROM {self._table} WHERE id = $1", (doc_id,))
            )
            if not rows:
                raise self.missing(doc_id)
            data, rev = rows[0]
            before = self._decode(data)
            after = change(before)
            if after is before:
                return before
            written = await self._documents.write(
                Statement(
                    f"UPDATE {self._table} SET data = $1, rev = rev + 1, updated_at = $2"
                    " WHERE id = $3 AND rev = $4 RETURNING rev",
                    (msgspec.json.encode(after).decode(), now_ms(), doc_id, rev),
                ),
                *(self._beside(before, after, rev + 1) if self._beside else ()),
                *(also(before, after, rev + 1) if also else ()),
            )
            if written[0]:
                return after
        raise Conflict(f"too many changes of {self._noun} {doc_id} at once; try again")

    async def delete(self, doc_id: str) -> bool:
        """Delete the document; tell whether it was there."""
        deleted = await self._documents.write(
            Statement(f"DELETE FROM {self._table} WHERE id = $1 RETURNING id", (doc_id,))
        )
        return bool(deleted[0])

    async def find(self, tail: str = "", parameters: Sequence[Any] = ()) -> list[T]:
        """Return the documents that `tail` selects: `WHERE ... ORDER BY ... LIMIT ...`."""
        rows = await self._documents.read(
            Statement(f"SELECT data FROM {self._table} {tail}", tuple(parameters))
        )
        return [self._decode(row[0]) for row in rows]

    async def count(self, tail: str = "", parameters: Sequence[Any] = ()) -> int:
        """Return the number of documents that `tail` selects."""
        rows = await self._documents.read(
            Statement(f"SELECT count(*) FROM {self._table} {tail}", tuple(parameters))
        )
        return int(rows[0][0])
