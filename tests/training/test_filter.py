"""The filter language: what it says, and where it says that it cannot be read."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonml.errors import Invalid
from axonml.training.filter import (
    MAX_CHARACTERS,
    All,
    Among,
    Comparison,
    Exists,
    FilterInvalid,
    Key,
    Not,
    Some,
    parse_filter,
    parse_key,
)

LOSS, LR = Key("metrics", "loss"), Key("config", "lr")
STATUS, TEAM = Key("field", "status"), Key("tags", "team")
# What filters are made of: in any order they come close to real ones.
PIECES = [
    *(
        "metrics.loss",
        "config.a.0.b",
        "tags.team",
        "tag",
        "status",
        "name",
        "created_at",
        "metrics",
    ),
    *("<", "<=", "=", "!=", "~", "in", "not in", "exists", "not", "and", "or", "(", ")", ",", "."),
    *(
        "0.1",
        "-1e-3",
        "1e999",
        "nan",
        "-inf",
        "running",
        '"a b"',
        "`x",
        "'",
        "\\",
        "🙂",
        "\x00",
        "é",
    ),
]


def test_the_example_of_the_guide_is_read() -> None:
    text = (
        'metrics.loss < 0.1 and (config.lr >= 1e-3 or tags.team = "vision")'
        " and status in (running, failed)"
    )

    assert parse_filter(text) == All(
        (
            Comparison(LOSS, "<", 0.1),
            Some((Comparison(LR, ">=", 1e-3), Comparison(TEAM, "=", "vision"))),
            Among(STATUS, ("running", "failed")),
        )
    )


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('metrics."val/loss" > 1', Comparison(Key("metrics", "val/loss"), ">", 1.0)),
        ("metrics.val/loss>-1", Comparison(Key("metrics", "val/loss"), ">", -1.0)),
        ("metrics.`a b`.min<=.5", Comparison(Key("metrics", "a b", "min"), "<=", 0.5)),
        ('metrics."loss.min" < 1', Comparison(Key("metrics", "loss.min"), "<", 1.0)),
        ("metrics.min < 1", Comparison(Key("metrics", "min"), "<", 1.0)),
        ("config.layers.0.size = 64", Comparison(Key("config", "layers.0.size"), "=", 64.0)),
        ("config.a = '64'", Comparison(Key("config", "a"), "=", "64")),
        ("config.flag == true", Comparison(Key("config", "flag"), "=", "true")),
        ('config."it\'s \\"odd\\"" exists', Exists(Key("config", 'it\'s "odd"'))),
        ("exists metrics.loss", Exists(LOSS)),
        ("metrics.loss not exists", Not(Exists(LOSS))),
        ("NOT status IN (Running)", Not(Among(STATUS, ("running",)))),
        ("status not in (lost)", Not(Among(STATUS, ("lost",)))),
        ("id = 01KABCDEFGH", Comparison(Key("field", "id"), "=", "01KABCDEFGH")),
        ("name ~ 7", Comparison(Key("field", "name"), "~", "7")),
        ("config.a ~ 64", Comparison(Key("config", "a"), "~", "64")),
        ("metrics.loss < inf", Comparison(LOSS, "<", math.inf)),
        ("created_at > 2026-01-02", Comparison(Key("field", "created_at"), ">", 1767312000000.0)),
        (
            "created_at > 2026-01-02T03:04:05Z",
            Comparison(Key("field", "created_at"), ">", 1767323045000.0),
        ),
        ("tag=a or tag=b and tag=c", None),
        ("((tag = a))", Comparison(Key("tag", ""), "=", "a")),
        ("", None),
        (" \n\t", None),
    ],
)
def test_conditions_are_read(text: str, node: object) -> None:
    found = parse_filter(text)

    if text.startswith("tag=a or"):
        assert isinstance(found, Some)
        assert isinstance(found.parts[1], All)  # `and` binds closer
    else:
        assert found == node


@pytest.mark.parametrize(
    ("text", "position", "length", "words"),
    [
        ("losss < 1", 0, 5, "there is no key"),
        ("metrics < 1", 0, 7, "needs a name"),
        ("metrics. < 1", 9, 1, "after the dot"),
        ("metrics.loss", 12, 1, "expected ="),
        ("metrics.loss <", 14, 1, "expected a value"),
        ("metrics.loss < low", 15, 3, "is a number"),
        ("metrics.loss ~ 1", 13, 1, "looks for text"),
        ("metrics.loss < nan", 15, 3, "NaN"),
        ("config.lr = 1e999", 12, 5, "too large"),
        ("config.lr = 1e-3 x", 17, 1, "`and` or `or`"),
        ("status = done", 9, 4, "queued, starting"),
        ("status in running", 10, 7, "brackets"),
        ("status in (running", 10, 1, "not closed"),
        ("status in ()", 11, 1, "expected a value"),
        ("(tag = a", 0, 1, "not closed"),
        ("tag = a)", 7, 1, "not expected"),
        ("tag < a", 4, 1, "no order"),
        ("name = 'a", 7, 2, "quote is not closed"),
        ("🙂 = 1", 0, 1, "not expected"),
        ("created_at > noon", 13, 4, "a time is like"),
        ("name.first = a", 0, 10, "there is no key"),
        ("and", 0, 3, "expected a key"),
        ("(" * 4000, 33, 1, "nested deeper"),
        ("not " * 1000, 132, 3, "nested deeper"),
        ("(" * 10_000, MAX_CHARACTERS, 10_000 - MAX_CHARACTERS, "longer than"),
    ],
)
def test_an_error_points_at_the_characters_that_are_wrong(
    text: str, position: int, length: int, words: str
) -> None:
    with pytest.raises(FilterInvalid) as caught:
        _ = parse_filter(text)

    assert caught.value.members == {"position": position, "length": length}
    assert words in caught.value.detail


def refused(text: str) -> FilterInvalid | None:
    try:
        _ = parse_filter(text)
    except FilterInvalid as error:
        return error
    return None


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join) | st.text(max_size=200))
def test_any_text_is_read_or_refused_within_itself(text: str) -> None:
    error = refused(text)

    if error is not None:
        assert 0 <= error.members["position"] <= len(text)
        assert error.members["length"] >= 1
        assert error.detail


@given(st.text(min_size=1, max_size=100), st.sampled_from("\"'`"))
def test_any_name_can_be_quoted(name: str, quote: str) -> None:
    quoted = name.replace("\\", "\\\\").replace(quote, f"\\{quote}")

    found = parse_filter(f"metrics.{quote}{quoted}{quote} exists")

    assert found == Exists(Key("metrics", name))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("created_at", Key("field", "created_at")),
        ("metrics.val loss", Key("metrics", "val loss")),
        ("metrics.val loss.max", Key("metrics", "val loss", "max")),
        ("metrics.odd 🙂 (1)", Key("metrics", "odd 🙂 (1)")),
        ('metrics."loss.max"', Key("metrics", "loss.max")),
        ("config.a.b", Key("config", "a.b")),
        ("tags.a b", Key("tags", "a b")),
        ("tag", Key("tag", "")),
    ],
)
def test_a_column_needs_no_quotes_around_an_odd_name(text: str, key: Key) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "bogus", "metrics.", "config", 'config."a', "x" * 5000])
def test_a_column_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        _ = parse_key(text)


@given(st.text(max_size=200))
def test_any_text_is_a_column_or_is_refused(text: str) -> None:
    with suppress(Invalid):
        assert parse_key(text).name is not None
