"""A filter and a sort as SQL over `run_row`, `run_key` and `series`; every value is bound."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final, assert_never

import msgspec

from axonml.auth.permissions import visible_to
from axonml.clock import now_ms
from axonml.http.caller import Caller
from axonml.storage.protocols import Statement
from axonml.training.filter import (
    All,
    Among,
    Comparison,
    Exists,
    FilterInvalid,
    Key,
    Node,
    Not,
    Some,
    Value,
)

MAX_KEYS: Final = 40  # an engine joins no more than 64 tables
_SORTED_CHARACTERS: Final = 256  # a cursor carries them
_PLACE: Final = re.compile(r"\$(\d+)")
_WORDS: Final = {
    "name": "r.name",
    "project": "r.project",
    "status": "r.status",
    "id": "r.id",
    "user": "r.user_id",
    "group": "nullif(r.grp, '')",
    "model_type": "nullif(r.model_type, '')",
    "notes": "(SELECT nullif(d.data ->> 'notes', '') FROM axonml_runs d WHERE d.id = r.id)",
}
_STATISTICS: Final = {
    "last": "{0}.last",
    "min": "{0}.vmin",
    "max": "{0}.vmax",
    "mean": "CASE WHEN {0}.n_finite > 0 THEN {0}.total / {0}.n_finite END",
}


class Expression(msgspec.Struct, frozen=True):
    """A key in SQL: its value as a number and as text (`NULL` where it is never one)."""

    number: str
    word: str
    exists: str


class Conditions:
    """Collects the joins, conditions and parameters of one statement about runs.

    `defined` are the keys of `run_key`, among those of `candidates`, that any run has: the others
    need no look.
    """

    def __init__(self, caller: Caller, defined: Iterable[str] = ()) -> None:
        self._defined: Final = frozenset(defined)
        self._user: Final = caller.user_id
        visible, bound = visible_to(caller)
        self._parameters: Final[list[object]] = list(bound)
        self._joins: Final[dict[tuple[str, str], str]] = {}
        self._source = "FROM run_row r"
        self._joining: Final[list[str]] = []
        self._wheres: Final = [visible]

    def bind(self, value: object) -> str:
        """Return the place of a value."""
        self._parameters.append(value)
        return f"${len(self._parameters)}"

    def require(self, condition: str) -> None:
        """Ask for one condition more."""
        self._wheres.append(condition)

    def of_rows(self, table: str) -> "Conditions":
        """Ask each run with each of its rows in `table`, as `k`; return these conditions.

        The rows are read in the order of an index of theirs: CROSS keeps SQLite from turning the
        join round, which takes four times as long (bench/run_list.py).
        """
        self._source = f"FROM {table} k CROSS JOIN run_row r"
        self._wheres.append("r.id = k.run")
        return self

    def matches(self, node: Node) -> str:
        """Return the condition that is true of a run that the filter takes, else false."""
        match node:
            case All(parts):
                found = " AND ".join(map(self.matches, parts))
            case Some(parts):
                found = " OR ".join(map(self.matches, parts))
            case Not(part):
                found = f"NOT {self.matches(part)}"
            case Exists(key):
                found = self.expression(key).exists
            case Among(key, values):
                found = self._among(key, values)
            case Comparison():
                found = self._compared(node)
            case _:
                assert_never(node)
        return f"({found})"

    def _compared(self, node: Comparison) -> str:
        match node.operator:
            case "=":
                return self._among(node.key, (node.value,))
            case "!=":
                return f"NOT {self._among(node.key, (node.value,))}"
            case "~":
                return self._contains(node.key, str(node.value))
            case "<" | "<=" | ">" | ">=":
                found = self.expression(node.key)
                side = found.word if isinstance(node.value, str) else found.number
                return f"coalesce({side} {node.operator} {self.bind(node.value)}, FALSE)"
            case _:
                assert_never(node.operator)

    def _among(self, key: Key, values: Sequence[Value]) -> str:
        words = [value for value in values if isinstance(value, str)]
        numbers = [value for value in values if not isinstance(value, str)]
        if key == Key("field", "user"):
            words = [self._user if word == "me" else word for word in words]
        found: list[str] = []
        if key.space == "tag":
            found.append(self._has_key(f"tag.{word}" for word in map(str, values)))
        elif key.space == "tags" and words:
            found.append(self._has_key(f"tag.{key.name}{x}{w}" for w in words for x in "=:"))
        expression = self.expression(key)
        if words and key.space != "tag":
            found.append(f"{expression.word} IN ({', '.join(map(self.bind, words))})")
        if finite := [number for number in numbers if not math.isnan(number)]:
            found.append(f"{expression.number} IN ({', '.join(map(self.bind, finite))})")
        if len(finite) < len(numbers):
            found.append(f"({expression.exists}) AND {expression.number} IS NULL")
        return f"coalesce({' OR '.join(found)}, FALSE)"

    def _has_key(self, keys: Iterable[str]) -> str:
        places = ", ".join(map(self.bind, keys))
        return " ".join(
            ("EXISTS (SELECT 1 FROM run_key t WHERE t.run = r.id AND t.key IN", f"({places}))")
        )

    def _contains(self, key: Key, text: str) -> str:
        place = self.bind(like(text))
        if key.space == "tag":
            return " ".join(
                (
                    "EXISTS (SELECT 1 FROM run_key t WHERE t.run = r.id",
                    "AND t.key >= 'tag.' AND t.key < 'tag/'",
                    f"AND lower(t.word) LIKE lower({place}) ESCAPE '\\')",
                )
            )
        word = self.expression(key).word
        return f"coalesce(lower({word}) LIKE lower({place}) ESCAPE '\\', FALSE)"

    def expression(self, key: Key) -> Expression:
        """Return the key's value in SQL."""
        match key.space:
            case "field":
                return self._field(key.name)
            case "metrics":
                return self._metric(key)
            case "config" | "tags":
                alias = self._join("run_key", "key", f"{key.space}.{key.name}")
                return Expression(f"{alias}.number", f"{alias}.word", f"{alias}.run IS NOT NULL")
            case "tag":
                tags = "SELECT min(t.word) FROM run_key t WHERE t.run = r.id"
                word = f"({tags} AND t.key >= 'tag.' AND t.key < 'tag/')"
                return Expression("NULL", word, f"{word} IS NOT NULL")
            case _:
                assert_never(key.space)

    def _field(self, name: str) -> Expression:
        if word := _WORDS.get(name):
            return Expression("NULL", word, f"{word} IS NOT NULL")
        number = f"r.{name}"
        if name == "duration":
            # A run that goes on has lasted until now.
            number = f"((coalesce(r.completed_at, {self.bind(now_ms())}) - r.started_at) / 1000.0)"
            return Expression(number, "NULL", "r.started_at IS NOT NULL")
        return Expression(number, "NULL", f"{number} IS NOT NULL")

    def _metric(self, key: Key) -> Expression:
        alias = self._join("series", "name", key.name)
        exists = f"{alias}.run IS NOT NULL"
        if key.statistic:
            number = _STATISTICS[key.statistic].format(alias)
            return Expression(f"({number})", "NULL", exists)
        number = self._shown(alias, key.name)
        if f"summary.{key.name}" in self._defined:
            set_by_script = self._join("run_key", "key", f"summary.{key.name}")
            number = f"coalesce({set_by_script}.number, {number})"
            exists = f"({exists} OR {set_by_script}.run IS NOT NULL)"
        return Expression(number, "NULL", exists)

    def _shown(self, alias: str, name: str) -> str:
        """Return the value that a list shows: the last, where no definition asks for another."""
        defined = [key for key in candidates(name)[1:] if key in self._defined]
        if not defined:
            return f"{alias}.last"
        look = "SELECT d.word FROM run_key d WHERE d.run = r.id AND d.key ="
        kinds = ", ".join(f"({look} {self.bind(key)})" for key in defined)
        # A series without a finite value shows its last.
        cases = " ".join(
            f"WHEN '{kind}' THEN coalesce({_STATISTICS[kind].format(alias)}, {alias}.last)"
            for kind in ("min", "max", "mean")
        )
        return (
            f"(CASE coalesce({kinds}, 'last') {cases} WHEN 'none' THEN NULL ELSE {alias}.last END)"
        )

    def _join(self, table: str, column: str, value: str) -> str:
        if (alias := self._joins.get((table, value))) is None:
            if len(self._joins) >= MAX_KEYS:
                raise FilterInvalid(f"at most {MAX_KEYS} different keys at once", 0, 1)
            alias = f"j{len(self._joins)}"
            self._joins[table, value] = alias
            self._joining.append(
                f"LEFT JOIN {table} {alias} ON {alias}.run = r.id"
                f" AND {alias}.{column} = {self.bind(value)}"
            )
        return alias

    def statement(self, select: str, tail: str = "") -> Statement:
        """Return `select` over the runs that fulfil every condition.

        Parameters are numbered anew: both engines want them in the order of their first use.
        """
        parts = (select, self._source, *self._joining, "WHERE", " AND ".join(self._wheres))
        order: dict[str, int] = {}
        sql = _PLACE.sub(
            lambda place: f"${order.setdefault(place[1], len(order) + 1)}", " ".join((*parts, tail))
        )
        return Statement(sql, tuple(self._parameters[int(place) - 1] for place in order))


def candidates(name: str) -> list[str]:
    """Return the keys of `run_key` that may say what is shown of a metric, the strongest first."""
    beginnings = (f"define.{name[:end]}*" for end in range(len(name), -1, -1))
    return [f"summary.{name}", f"define.{name}", *beginnings]


def like(text: str) -> str:
    """Return the pattern of LIKE for what contains `text`."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"


class Order(msgspec.Struct, frozen=True):
    """The order of a list: numbers, then texts, then runs without the key; ids break ties."""

    expression: Expression
    is_descending: bool

    @property
    def columns(self) -> str:
        """Return the SQL of a row's place: number and text."""
        return f"{self.expression.number}, {self._word}"

    @property
    def _word(self) -> str:
        number, word = self.expression.number, self.expression.word
        if word == "NULL":
            return "NULL"
        short = f"substr({word}, 1, {_SORTED_CHARACTERS})"
        return short if number == "NULL" else f"CASE WHEN {number} IS NULL THEN {short} END"

    @property
    def by(self) -> str:
        """Return the ORDER BY."""
        way = "DESC" if self.is_descending else "ASC"
        sides = [side for side in (self.expression.number, self._word) if side != "NULL"]
        ordered = ", ".join(f"{side} {way} NULLS LAST" for side in sides)
        return f"ORDER BY {ordered}, r.id {way}"

    def after(self, conditions: Conditions, place: str, run_id: str) -> str:
        """Return the condition of what comes after the row with this place and id."""
        sign = "<" if self.is_descending else ">"
        number, word = self.expression.number, self._word
        last = conditions.bind(run_id)
        missing = " AND ".join(f"{side} IS NULL" for side in (number, word) if side != "NULL")
        kind, said = place[:1], place[1:]
        if kind == "n" and number != "NULL":
            at = conditions.bind(float(said))
            is_after = f"{number} {sign} {at} OR ({number} = {at} AND r.id {sign} {last})"
            return f"({is_after} OR {number} IS NULL)"
        if kind == "w" and word != "NULL":
            at = conditions.bind(said)
            is_after = f"{word} {sign} {at} OR ({word} = {at} AND r.id {sign} {last})"
            return f"({is_after} OR ({missing}))"
        return f"({missing} AND r.id {sign} {last})"


def place_of(number: float | None, word: str | None) -> str:
    """Return a row's place as the word that a cursor carries."""
    if number is not None:
        return f"n{float(number)!r}"
    return "" if word is None else f"w{word}"
