"""What every engine promises of documents, keys and blobs."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import msgspec
import pytest

from axonml.errors import Conflict, NotFound, TooLarge
from axonml.storage.collection import Collection
from axonml.storage.protocols import Statement, Storage

pytestmark = pytest.mark.anyio


class Note(msgspec.Struct, frozen=True):
    """A document of the table of models, which has a unique (user_id, name)."""

    id: str
    user_id: str
    name: str
    count: int = 0


def notes(storage: Storage) -> Collection[Note]:
    return Collection(storage.documents, "axonml_models", Note, "note")


async def test_a_document_comes_back_as_it_was(storage: Storage) -> None:
    note = Note("1", "u", "ä 🙂", 2**53)

    await notes(storage).insert(note)

    assert await notes(storage).get("1") == note
    assert await notes(storage).get("2") is None


async def test_a_taken_name_is_a_conflict_and_changes_nothing(storage: Storage) -> None:
    await notes(storage).insert(Note("1", "u", "a"))

    with pytest.raises(Conflict):
        await notes(storage).insert(Note("2", "u", "a"))

    assert await notes(storage).count() == 1


async def test_statements_of_one_write_happen_together_or_not_at_all(storage: Storage) -> None:
    table = notes(storage)
    await table.insert(Note("1", "u", "a"))

    with pytest.raises(Conflict):
        _ = await storage.documents.write(
            Statement("DELETE FROM axonml_models WHERE id = $1", ("1",)),
            table.inserting(Note("2", "u", "b")),
            table.inserting(Note("3", "u", "b")),
        )

    assert [note.id for note in await table.find("ORDER BY id")] == ["1"]


async def test_fifty_changes_at_once_all_count(storage: Storage) -> None:
    table = notes(storage)
    await table.insert(Note("1", "u", "a"))

    def one_more(note: Note) -> Note:
        return msgspec.structs.replace(note, count=note.count + 1)

    _ = await asyncio.gather(*(table.update("1", one_more) for _ in range(30)))

    assert (await table.require("1")).count == 30


async def test_a_change_that_raises_changes_nothing(storage: Storage) -> None:
    table = notes(storage)
    await table.insert(Note("1", "u", "a"))

    def refuse(_: Note) -> Note:
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        _ = await table.update("1", refuse)
    with pytest.raises(NotFound, match="there is no note 9"):
        _ = await table.update("9", refuse)
    assert (await table.require("1")).count == 0


async def test_of_many_takers_exactly_one_gets_the_value(storage: Storage) -> None:
    await storage.keys.put("k", b"v", 60)

    taken = await asyncio.gather(*(storage.keys.take("k") for _ in range(20)))

    assert sorted(value or b"" for value in taken) == [b""] * 19 + [b"v"]


async def test_of_many_adders_exactly_one_wins(storage: Storage) -> None:
    added = await asyncio.gather(*(storage.keys.add("k", b"%d" % i, 60) for i in range(20)))

    assert sum(added) == 1
    assert await storage.keys.get("k") == b"%d" % added.index(True)


async def test_a_value_ends_with_its_time(storage: Storage) -> None:
    await storage.keys.put("k", b"v", -1)

    assert await storage.keys.get("k") is None
    assert await storage.keys.take("k") is None
    assert await storage.keys.add("k", b"w", 60)


async def _chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_the_same_bytes_are_one_blob(storage: Storage) -> None:
    first = await storage.blobs.put(_chunks(b"ab", b"c"), 100)
    again = await storage.blobs.put(_chunks(b"a", b"bc"), 100)

    assert first == again
    assert first.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert (await storage.blobs.path(first.sha256)).read_bytes() == b"abc"
    assert await storage.blobs.head(first.sha256) == first


async def test_a_blob_over_the_limit_or_cut_leaves_nothing(storage: Storage) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"a"
        raise ConnectionResetError

    with pytest.raises(TooLarge):
        _ = await storage.blobs.put(_chunks(b"a" * 60, b"b" * 60), 100)
    with pytest.raises(ConnectionResetError):
        _ = await storage.blobs.put(cut(), 100)

    assert await storage.blobs.head(hashlib.sha256(b"a").hexdigest()) is None


async def test_a_deleted_blob_is_gone(storage: Storage) -> None:
    blob = await storage.blobs.put(_chunks(b"abc"), 100)

    await storage.blobs.delete(blob.sha256)
    await storage.blobs.delete(blob.sha256)

    with pytest.raises(NotFound):
        _ = await storage.blobs.path(blob.sha256)
