"""What lists filter, sort and group runs by, in rows beside each document.

`run_row` has the fields of the run, `run_key` a row for each config value, tag, set summary value
and metric definition. They are written in the transaction that writes the document.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from axonml.clock import as_ms
from axonml.storage.collection import Collection
from axonml.storage.protocols import Documents, Statement
from axonml.training.types import Run

# A list shows and filters the first ones; the document has them all.
MAX_KEYS: Final = 1000
MAX_WORD: Final = 1024
_MAX_KEY: Final = 512
_MAX_DEPTH: Final = 16
_KEYED: Final = ("config", "tags", "summary", "definitions")
_SLICE: Final = 200
_INSERT_ROWS: Final = 200

_Key = tuple[str, float | None, str]
_HAS_REV: Final = "EXISTS (SELECT 1 FROM axonml_runs WHERE id = $1 AND rev = $2)"
_ROW: Final = (
    "INSERT INTO run_row (id, rev, user_id, visibility, project, name, status, grp, model_type,"
    " created_at, started_at, completed_at, deleted_at)"
    f" SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 WHERE {_HAS_REV}"  # constants
    " ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, user_id = excluded.user_id,"
    " visibility = excluded.visibility, project = excluded.project, name = excluded.name,"
    " status = excluded.status, grp = excluded.grp, model_type = excluded.model_type,"
    " created_at = excluded.created_at, started_at = excluded.started_at,"
    " completed_at = excluded.completed_at, deleted_at = excluded.deleted_at"
)
_CLEAR: Final = f"DELETE FROM run_key WHERE run = $1 AND {_HAS_REV}"  # noqa: S608  # constants


def rows_of(before: Run | None, after: Run, rev: int) -> list[Statement]:
    """Return the statements that bring the rows to `after`, for the document's transaction."""
    row = (
        *(after.id, rev, after.user_id, after.visibility, after.project, after.name),
        *(after.status, after.group, after.model_type, as_ms(after.created_at)),
        *(
            None if at is None else as_ms(at)
            for at in (after.started_at, after.completed_at, after.deleted_at)
        ),
    )
    statements = [Statement(_ROW, row)]
    if before is not None and all(getattr(before, n) == getattr(after, n) for n in _KEYED):
        return statements
    statements.append(Statement(_CLEAR, (after.id, rev)))
    keys = keys_of(after)
    for start in range(0, len(keys), _INSERT_ROWS):
        some = keys[start : start + _INSERT_ROWS]
        statements += [_inserting(after.id, rev, some)]
    return statements


def _inserting(run: str, rev: int, keys: Sequence[_Key]) -> Statement:
    places = ", ".join(f"(${3 * i + 2}, ${3 * i + 3}, ${3 * i + 4})" for i in range(len(keys)))
    last = 3 * len(keys) + 2
    return Statement(
        " ".join(
            (
                "INSERT INTO run_key (run, key, number, word)",
                "SELECT $1, column1, column2, column3 FROM",
                f"(VALUES {places}) AS keys",
                _HAS_REV.replace("EXISTS", "WHERE EXISTS").replace("$2", f"${last}"),
            )
        ),
        (run, *(value for key in keys for value in key), rev),
    )


def keys_of(run: Run) -> list[_Key]:
    """Return key, number and word of each config value, tag, set summary value and definition.

    Of two config values with one name (`{"a": {"b": 1}, "a.b": 2}`) the first is kept.
    """
    found: dict[str, tuple[float | None, str]] = {}
    for key, value in _every(run):
        if len(key) <= _MAX_KEY and len(found) < MAX_KEYS:
            _ = found.setdefault(key, value)
    return [(key, number, word) for key, (number, word) in found.items()]


def _every(run: Run) -> Iterator[tuple[str, tuple[float | None, str]]]:
    for tag in run.tags:
        yield f"tag.{tag}", (None, tag)
        key, sign, value = tag.partition("=" if "=" in tag else ":")
        if sign and key:
            yield f"tags.{key.strip()}", (_number_in(value.strip()), value.strip())
    for name, value in run.summary.items():
        yield f"summary.{name}", _value(float(value))
    for name, definition in run.definitions.items():
        kind = definition.summary or ("best" if definition.goal else "last")
        if kind == "best":
            kind = "max" if definition.goal == "maximize" else "min"
        yield f"define.{name}", (None, kind)
    for path, value in flat(run.config):
        yield f"config.{path}", _value(value)


def flat(config: Mapping[str, Any], path: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Return each value that is no object by its path with dots; a missing value (null) has none.

    Lists, empty objects and what lies too deep are values.
    """
    for key, value in config.items():
        name = f"{path}{key}"
        if isinstance(value, dict) and value and depth < _MAX_DEPTH:
            yield from flat(cast("dict[str, Any]", value), f"{name}.", depth + 1)
        elif value is not None:
            yield name, value


def _value(value: object) -> tuple[float | None, str]:
    match value:
        case bool():
            return float(value), "true" if value else "false"
        case int() | float():
            return _finite(value), word_of(value)
        case str():
            return _number_in(value) if value in {"NaN", "Infinity"} else None, value[:MAX_WORD]
        case _:
            return None, msgspec.json.encode(value).decode()[:MAX_WORD]


def word_of(value: float) -> str:
    """Return a number as people write it: `3`, not `3.0`."""
    return str(int(value)) if value == value // 1 and abs(value) < 1e16 else repr(value)


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number


def _number_in(text: str) -> float | None:
    try:
        return _finite(float(text))
    except ValueError:
        return None


async def catch_up(documents: Documents, runs: Collection[Run]) -> int:
    """Make the rows of runs that have none, or older ones; return how many had to be made.

    Finds the runs of a version that knew no such rows.
    """
    n_runs = 0
    while rows := await documents.scan(
        Statement(
            "SELECT r.id, r.rev FROM axonml_runs r LEFT JOIN run_row i ON i.id = r.id"
            " WHERE i.rev IS NULL OR i.rev <> r.rev ORDER BY r.id LIMIT $1",
            (_SLICE,),
        )
    ):
        for run_id, rev in rows:
            if (run := await runs.get(run_id)) is not None:
                _ = await documents.write(*rows_of(None, run, rev))
        n_runs += len(rows)
    return n_runs
