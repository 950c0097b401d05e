"""What every engine promises of documents."""

import asyncio

import msgspec
import pytest

from axonml.errors import Conflict, NotFound
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Statement

pytestmark = pytest.mark.anyio


class Note(msgspec.Struct, frozen=True):
    """A document of the table of models, which has a unique (user_id, name)."""

    id: str
    user_id: str
    name: str
    count: int = 0


def notes(documents: Documents) -> Collection[Note]:
    return Collection(documents, "axonml_models", Note, "note")


async def test_a_document_comes_back_as_it_was(documents: Documents) -> None:
    note = Note("1", "u", "ä 🙂", 2**53)

    await notes(documents).insert(note)

    assert await notes(documents).get("1") == note
    assert await notes(documents).get("2") is None


async def test_a_taken_name_is_a_conflict_and_changes_nothing(documents: Documents) -> None:
    await notes(documents).insert(Note("1", "u", "a"))

    with pytest.raises(Conflict):
        await notes(documents).insert(Note("2", "u", "a"))

    assert await notes(documents).count() == 1


async def test_statements_of_one_write_happen_together_or_not_at_all(documents: Documents) -> None:
    table = notes(documents)
    await table.insert(Note("1", "u", "a"))

    with pytest.raises(Conflict):
        _ = await documents.write(
            Statement("DELETE FROM axonml_models WHERE id = $1", ("1",)),
            table.inserting(Note("2", "u", "b")),
            table.inserting(Note("3", "u", "b")),
        )

    assert [note.id for note in await table.find("ORDER BY id")] == ["1"]


async def test_thirty_changes_at_once_all_count(documents: Documents) -> None:
    table = notes(documents)
    await table.insert(Note("1", "u", "a"))

    def one_more(note: Note) -> Note:
        return msgspec.structs.replace(note, count=note.count + 1)

    _ = await asyncio.gather(*(table.update("1", one_more) for _ in range(30)))

    assert (await table.require("1")).count == 30


async def test_a_change_that_raises_changes_nothing(documents: Documents) -> None:
    table = notes(documents)
    await table.insert(Note("1", "u", "a"))

    def refuse(_: Note) -> Note:
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        _ = await table.update("1", refuse)
    with pytest.raises(NotFound, match="there is no note 9"):
        _ = await table.update("9", refuse)
    assert (await table.require("1")).count == 0


async def test_a_write_returns_what_its_statements_return(documents: Documents) -> None:
    await notes(documents).insert(Note("1", "u", "a"))

    returned = await documents.write(
        Statement("UPDATE axonml_models SET rev = rev + $1 RETURNING id, rev", (5,)),
        Statement("DELETE FROM axonml_models WHERE id = $1 RETURNING id", ("9",)),
    )

    assert returned == [[("1", 6)], []]


async def test_a_read_sees_what_was_written_before_it(documents: Documents) -> None:
    table = notes(documents)

    for i in range(20):
        await table.insert(Note(str(i), "u", str(i)))
        assert await table.count() == i + 1


async def test_a_statement_that_is_wrong_is_its_callers_error_only(documents: Documents) -> None:
    async def misspell() -> None:
        _ = await documents.write(Statement("INSERT INTO nowhere VALUES (1)"))

    wrong, right = await asyncio.gather(
        misspell(), notes(documents).insert(Note("1", "u", "a")), return_exceptions=True
    )

    assert isinstance(wrong, Exception)
    assert right is None
    assert await notes(documents).count() == 1
