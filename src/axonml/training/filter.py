"""The filter language of run lists: text to a small tree, or an error that points at the character.

    metrics.loss < 0.1 and (config.lr >= 1e-3 or tags.team = "vision") and status in (running)

    filter     = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | "(" filter ")" | "exists" key | condition
    condition  = key ( operator value | ["not"] ( "in" list | "exists" ) )
    list       = "(" value { "," value } ")"
    operator   = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~"
    key        = part { "." part }
    part       = word | quoted
    value      = number | word | quoted

Quotes are `"`, `'` or a backtick; within them a backslash takes the next character as it is.
"""

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Final, Literal, NoReturn, TypeVar, cast

import msgspec

from axonml.clock import as_ms, now_ms
from axonml.errors import Invalid
from axonml.training.filter_tokens import Token, tokens_of
from axonml.training.types import RunStatus

MAX_CHARACTERS: Final = 4096
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 1000

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]
Statistic = Literal["", "last", "min", "max", "mean"]
Value = float | str

TEXT_FIELDS: Final = ("name", "project", "group", "model_type", "notes", "id", "user")
TIME_FIELDS: Final = ("created_at", "started_at", "completed_at")
FIELDS: Final = ("status", "duration", *TEXT_FIELDS, *TIME_FIELDS)
_SPACES: Final = ("metrics", "config", "tags")
_STATISTICS: Final[tuple[Statistic, ...]] = ("last", "min", "max", "mean")
_OPERATORS: Final = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">"} | {
    ">=": ">=",
    "~": "~",
}
_PAST: Final = re.compile(r"-(\d{1,6})([mhdw])")
_UNIT_MS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_WORDS: Final = ("and", "or", "not", "in", "exists")


class FilterInvalid(Invalid):
    """A filter that cannot be read; `position` and `length`, in characters, say which part."""

    code: ClassVar[str] = "filter_invalid"
    title: ClassVar[str] = "The filter cannot be read"

    def __init__(self, detail: str, position: int, length: int) -> None:
        super().__init__(detail)
        self.members = {"position": position, "length": length}


class Key(msgspec.Struct, frozen=True):
    """What a run is asked for: a field of its own, a metric, a config value or a tag.

    `name` of a config value is its path with dots. `statistic` "" of a metric is the value that
    lists show.
    """

    space: Literal["field", "metrics", "config", "tags", "tag"]
    name: str
    statistic: Statistic = ""


class Comparison(msgspec.Struct, frozen=True):
    """`key operator value`; of a run without the key it is false (`!=`: true)."""

    key: Key
    operator: Operator
    value: Value


class Among(msgspec.Struct, frozen=True):
    """`key in (values)`."""

    key: Key
    values: tuple[Value, ...]


class Exists(msgspec.Struct, frozen=True):
    """`key exists`."""

    key: Key


class Not(msgspec.Struct, frozen=True):
    """True of every other run."""

    part: "Node"


class All(msgspec.Struct, frozen=True):
    """True where every part is."""

    parts: tuple["Node", ...]


class Some(msgspec.Struct, frozen=True):
    """True where a part is."""

    parts: tuple["Node", ...]


Node = Comparison | Among | Exists | Not | All | Some
T = TypeVar("T")


def parse_filter(text: str) -> Node | None:
    """Return the tree of a filter, None of an empty one.

    Raises:
        FilterInvalid: it cannot be read; the error says where.
    """
    if len(text) > MAX_CHARACTERS:
        detail = f"the filter is longer than {MAX_CHARACTERS} characters"
        raise FilterInvalid(detail, MAX_CHARACTERS, len(text) - MAX_CHARACTERS)
    parser = _Parser(text)
    return parser.whole(parser.filter) if not parser.is_at_end() else None


def parse_key(text: str) -> Key:
    """Return the key that a sort, a column or a group is named by; odd names need no quotes here.

    Raises:
        Invalid: there is no such key.
    """
    if len(text) > MAX_CHARACTERS:
        raise Invalid(f"a key has at most {MAX_CHARACTERS} characters")
    try:
        parser = _Parser(text)
        return parser.whole(parser.key)
    except FilterInvalid as error:
        space, _, name = text.partition(".")
        if space not in _SPACES or not name or name[0] in "\"'`":
            raise Invalid(error.detail) from None
        return _key_of(space, [name.strip()]) or _plain(space, name)


def _plain(space: str, name: str) -> Key:
    head, _, last = name.rpartition(".")
    if space == "metrics" and head and last in _STATISTICS:
        return Key("metrics", head, last)
    return Key(cast("Literal['metrics', 'config', 'tags']", space), name)


def _key_of(space: str, names: list[str]) -> Key | None:
    """Return nothing where a name holds what may be a statistic."""
    (name,) = names
    return None if "." in name else _plain(space, name)


class _Parser:
    """Reads one text from left to right; `_at` is the token that comes next."""

    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._tokens: Final[list[Token]] = tokens_of(text, _fail)
        self._at = 0

    def is_at_end(self) -> bool:
        return self._next().kind == "end"

    def whole(self, rule: Callable[[], T]) -> T:
        """Return what `rule` reads, which must be all there is."""
        found = rule()
        rest = self._next()
        if rest.kind != "end":
            joined = "put `and` or `or` between two conditions"
            raise self._wrong(rest, f"{self._shown(rest)} is not expected here; {joined}")
        return found

    def filter(self, depth: int = 0) -> Node:
        parts = [self._term(depth)]
        while self._takes("or"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _term(self, depth: int) -> Node:
        parts = [self._factor(depth)]
        while self._takes("and"):
            parts.append(self._factor(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _factor(self, depth: int) -> Node:
        token = self._next()
        if depth > MAX_DEPTH:
            raise self._wrong(token, f"the filter is nested deeper than {MAX_DEPTH}")
        if self._takes("not"):
            return Not(self._factor(depth + 1))
        if self._takes("exists"):
            return Exists(self.key())
        if self._takes("("):
            found = self.filter(depth + 1)
            self._expect(")", "the bracket that was opened is not closed", token)
            return found
        return self._condition()

    def _condition(self) -> Node:
        key = self.key()
        is_not = self._takes("not")
        if self._takes("exists"):
            return Not(Exists(key)) if is_not else Exists(key)
        if self._takes("in"):
            found = Among(key, self._values(key))
            return Not(found) if is_not else found
        token = self._next()
        operator = _OPERATORS.get(token.text) if token.kind == "sign" else None
        if operator is None or is_not:
            wanted = "in or exists" if is_not else "=, !=, <, <=, >, >=, ~, in or exists"
            raise self._wrong(token, f"expected {wanted} here, not {self._shown(token)}")
        self._at += 1
        return self._comparison(key, cast("Operator", operator), token)

    def _comparison(self, key: Key, operator: Operator, sign: Token) -> Comparison:
        token = self._next()
        value = self._value(key)
        is_ordered = operator in {"<", "<=", ">", ">="}
        if operator == "~" and not isinstance(value, str):
            value = token.text  # `config.layers ~ 64` looks for the digits
        is_moment = key.space == "field" and key.name in TIME_FIELDS
        if operator == "~" and (is_moment or _is_numeric(key)):
            raise self._wrong(sign, "`~` looks for text in text; compare a number with = < >")
        if is_ordered and key.space == "tag":
            raise self._wrong(sign, "a tag has no order; compare it with = or ~")
        if is_ordered and isinstance(value, float) and math.isnan(value):
            raise self._wrong(token, "nothing is above or below NaN; ask for `= nan`")
        return Comparison(key, operator, value)

    def _values(self, key: Key) -> tuple[Value, ...]:
        opening = self._next()
        self._expect("(", "`in` takes a list in brackets: in (running, failed)", opening)
        values = [self._value(key)]
        while self._takes(","):
            values.append(self._value(key))
        self._expect(")", "the list is not closed by a bracket", opening)
        if len(values) > MAX_VALUES:
            raise self._wrong(opening, f"a list has at most {MAX_VALUES} values")
        return tuple(values)

    def _value(self, key: Key) -> Value:
        token = self._next()
        if token.kind not in {"word", "quoted", "number"}:
            raise self._wrong(token, f"expected a value here, not {self._shown(token)}")
        self._at += 1
        if _is_numeric(key):
            return self._number(token, key)
        if key == Key("field", "status"):
            return self._status(token)
        if key.space == "field" and key.name in TIME_FIELDS:
            return self._moment(token)
        is_number = token.kind == "number" and key.space in {"config", "tags"}
        return self._number(token, key) if is_number else token.text

    def _number(self, token: Token, key: Key) -> float:
        try:
            number = float(token.text)
        except ValueError:
            named = f"{key.space}.{key.name}" if key.space != "field" else key.name
            raise self._wrong(token, f"{named[:64]} is a number; compare it with one") from None
        if math.isinf(number) and token.text.lstrip("+-")[:1].isdigit():
            raise self._wrong(token, "the number is too large")
        if math.isnan(number) and key.space != "metrics":
            raise self._wrong(token, "only a metric can be NaN")
        return number

    def _moment(self, token: Token) -> float:
        """Return milliseconds since 1970."""
        if past := _PAST.fullmatch(token.text):
            return float(now_ms() - int(past[1]) * _UNIT_MS[past[2]])
        try:
            return float(as_ms(datetime.fromisoformat(token.text)))
        except (ValueError, OverflowError):
            sentence = "a time is like 2026-01-31, 2026-01-31T12:00:00Z, or -7d for 7 days ago"
            raise self._wrong(token, sentence) from None

    def _status(self, token: Token) -> str:
        word = token.text.lower()
        if word not in set(RunStatus):
            raise self._wrong(token, f"a status is one of {', '.join(RunStatus)}")
        return word

    def key(self) -> Key:
        """Read `field`, `metrics.name[.statistic]`, `config.a.b`, `tags.key` or `tag`."""
        first = self._next()
        if first.kind != "word" or first.text.lower() in _WORDS:
            raise self._wrong(first, f"expected a key like metrics.loss, not {self._shown(first)}")
        self._at += 1
        parts: list[Token] = []
        while self._takes("."):
            token = self._next()
            if token.kind not in {"word", "quoted", "number"}:
                raise self._wrong(token, f"expected a name after the dot, not {self._shown(token)}")
            self._at += 1
            parts.append(token)
        if first.text in _SPACES:
            if not parts:
                raise self._wrong(first, f"{first.text} needs a name: {first.text}.NAME")
            return _spaced(first.text, parts)
        if parts or (first.text not in FIELDS and first.text != "tag"):
            known = ", ".join((*FIELDS, "tag"))
            sentence = f"there is no key {first.text[:64]!r}; there are {known},"
            sentence += " metrics.NAME, config.NAME and tags.NAME"
            raise FilterInvalid(sentence, first.start, (parts or [first])[-1].end - first.start)
        return Key("tag", "") if first.text == "tag" else Key("field", first.text)

    def _next(self) -> Token:
        return self._tokens[self._at]

    def _takes(self, text: str) -> bool:
        """Go past the next token where it is this keyword or sign; tell whether it was."""
        token = self._next()
        taken = token.kind in {"word", "sign"} and token.text.lower() == text
        self._at += taken
        return taken

    def _expect(self, text: str, sentence: str, opening: Token) -> None:
        if not self._takes(text):
            token = self._next()
            raise self._wrong(opening if token.kind == "end" else token, sentence)

    def _shown(self, token: Token) -> str:
        if token.kind == "end":
            return "the end"
        return f"`{self._text[token.start : token.end][:32]}`"

    def _wrong(self, token: Token, sentence: str) -> FilterInvalid:
        return FilterInvalid(sentence, token.start, max(token.end - token.start, 1))


def _spaced(space: str, parts: list[Token]) -> Key:
    last = parts[-1]
    statistic: Statistic = ""
    if space == "metrics" and len(parts) > 1 and last.kind == "word" and last.text in _STATISTICS:
        statistic, parts = last.text, parts[:-1]
    name = ".".join(part.text for part in parts)
    return Key(cast("Literal['metrics', 'config', 'tags']", space), name, statistic)


def _is_numeric(key: Key) -> bool:
    return key.space == "metrics" or key == Key("field", "duration")


def _fail(sentence: str, position: int, length: int) -> NoReturn:
    raise FilterInvalid(sentence, position, length)
