"""Keys with an end, in a table of `axon.db`."""

from typing import Final

import apsw

from axonml import clock
from axonml.storage.embedded.database import query
from axonml.storage.embedded.readers import Readers
from axonml.storage.embedded.writer import Writer


class EmbeddedKeyValue:
    """`KeyValue` on SQLite; expired rows are dropped when something is written."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers: Final = readers
        self._writer: Final = writer

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None where there is none or it has expired."""
        sql = "SELECT v FROM kv WHERE k = $1 AND expires > $2"
        rows = await self._readers.fetch(sql, key, clock.now_ms())
        return rows[0][0] if rows else None

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Set the value for `ttl_s` seconds, whatever was there."""
        expires = clock.now_ms() + int(ttl_s * 1000)

        def job(connection: apsw.Connection) -> None:
            _drop_expired(connection)
            _ = connection.execute(
                "INSERT INTO kv (k, v, expires) VALUES ($1, $2, $3)"
                " ON CONFLICT (k) DO UPDATE SET v = excluded.v, expires = excluded.expires",
                (key, value, expires),
            )

        await self._writer.run(job)

    async def add(self, key: str, value: bytes, ttl_s: float) -> bool:
        """Set the value only where none is; tell whether this call did."""
        expires = clock.now_ms() + int(ttl_s * 1000)

        def job(connection: apsw.Connection) -> bool:
            _drop_expired(connection)
            sql = (
                "INSERT INTO kv (k, v, expires) VALUES ($1, $2, $3)"
                " ON CONFLICT (k) DO UPDATE SET v = excluded.v, expires = excluded.expires"
                " WHERE kv.expires <= $4 RETURNING k"
            )
            return bool(query(connection, sql, key, value, expires, clock.now_ms()))

        return await self._writer.run(job)

    async def take(self, key: str) -> bytes | None:
        """Return and delete the value; of many callers at once exactly one gets it."""

        def job(connection: apsw.Connection) -> bytes | None:
            sql = "DELETE FROM kv WHERE k = $1 AND expires > $2 RETURNING v"
            rows = query(connection, sql, key, clock.now_ms())
            return rows[0][0] if rows else None

        return await self._writer.run(job)

    async def delete(self, key: str) -> None:
        """Delete the value; a repeat changes nothing."""

        def job(connection: apsw.Connection) -> None:
            _ = connection.execute("DELETE FROM kv WHERE k = $1", (key,))

        await self._writer.run(job)


def _drop_expired(connection: apsw.Connection) -> None:
    """Delete some of what has expired: more than one write adds, so that it cannot pile up."""
    sql = "DELETE FROM kv WHERE k IN (SELECT k FROM kv WHERE expires <= $1 LIMIT 20)"
    _ = connection.execute(sql, (clock.now_ms(),))
