"""Documents in `axon.db`: reads in the event loop, writes through the writer."""

from typing import Final

import apsw

from axonml.storage.embedded.database import query
from axonml.storage.embedded.readers import Readers
from axonml.storage.embedded.writer import Writer
from axonml.storage.protocols import Row, Statement


class EmbeddedDocuments:
    """`Documents` on SQLite."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers: Final = readers
        self._writer: Final = writer

    async def read(self, statement: Statement) -> list[Row]:
        """Return the rows of one SELECT; it sees every write that returned before."""
        return await self._readers.fetch(statement.sql, *statement.parameters)

    async def scan(self, statement: Statement) -> list[Row]:
        """Return the rows of one SELECT over many rows; the event loop has no part in it."""
        return await self._readers.run(
            lambda connection: query(connection, statement.sql, *statement.parameters)
        )

    async def write(self, *statements: Statement) -> list[list[Row]]:
        """Run the statements in one transaction; `Conflict` where a uniqueness breaks."""

        def job(connection: apsw.Connection) -> list[list[Row]]:
            return [query(connection, s.sql, *s.parameters) for s in statements]

        return await self._writer.run(job)
