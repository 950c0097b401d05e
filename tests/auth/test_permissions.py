"""The one policy, as a table."""

import sqlite3
from typing import Literal

import msgspec
import pytest

from axonml.auth.permissions import check_read, check_write, visible_to
from axonml.errors import Forbidden, NotFound
from axonml.http.caller import Caller, Role
from axonml.ids import UserId


class Thing(msgspec.Struct, frozen=True):
    """Something owned."""

    id: str
    user_id: UserId
    visibility: Literal["private", "team"]


def a_caller(who: str) -> Caller:
    roles = {"owner": Role.MEMBER, "other": Role.MEMBER, "admin": Role.ADMIN}
    return Caller(user_id=UserId(who), email="", role=roles.get(who, Role.VIEWER))


PRIVATE, TEAM = Thing("p", UserId("owner"), "private"), Thing("t", UserId("owner"), "team")
OF_VIEWER = Thing("v", UserId("viewer"), "private")


@pytest.mark.parametrize(
    ("who", "thing", "reads", "writes"),
    [
        ("owner", PRIVATE, "yes", "yes"),
        ("owner", TEAM, "yes", "yes"),
        ("admin", PRIVATE, "yes", "yes"),
        ("admin", TEAM, "yes", "yes"),
        ("other", PRIVATE, "not found", "not found"),
        ("other", TEAM, "yes", "forbidden"),
        ("viewer", PRIVATE, "not found", "not found"),
        ("viewer", TEAM, "yes", "forbidden"),
        ("viewer", OF_VIEWER, "yes", "forbidden"),
        ("other", OF_VIEWER, "not found", "not found"),
    ],
)
def test_who_may_read_and_write_what(who: str, thing: Thing, reads: str, writes: str) -> None:
    def outcome(check: object) -> str:
        try:
            (check_read if check == "read" else check_write)(a_caller(who), thing, "run")
        except NotFound as error:
            assert error.problem_code == "run_not_found"  # noqa: PT017
            return "not found"
        except Forbidden:
            return "forbidden"
        return "yes"

    assert (outcome("read"), outcome("write")) == (reads, writes)


@pytest.mark.parametrize("who", ["owner", "other", "viewer", "admin"])
def test_a_list_shows_exactly_what_may_be_read(who: str) -> None:
    things = [PRIVATE, TEAM, OF_VIEWER]
    table = sqlite3.connect(":memory:")
    _ = table.execute("CREATE TABLE t (id, user_id, visibility)")
    _ = table.executemany("INSERT INTO t VALUES (?, ?, ?)", map(msgspec.structs.astuple, things))

    condition, bound = visible_to(a_caller(who))
    rows = table.execute(
        f"SELECT id FROM t WHERE {condition.replace('$1', '?')} ORDER BY id",  # noqa: S608
        bound,
    ).fetchall()
    table.close()

    readable: list[str] = []
    for thing in things:
        try:
            check_read(a_caller(who), thing, "run")
        except NotFound:
            continue
        readable.append(thing.id)
    assert [row[0] for row in rows] == sorted(readable)


def test_the_answer_to_a_foreign_thing_is_that_to_none() -> None:
    with pytest.raises(NotFound) as hidden:
        check_read(a_caller("other"), PRIVATE, "model")

    assert hidden.value.detail == "there is no model p"
