"""The words, numbers and signs of a filter, each with its place in the text."""

import re
from collections.abc import Callable
from typing import Final, Literal, NoReturn

import msgspec

_SPACE: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r"[^\W\d][\w\-/:@%+*]*")
# `0.1`, `-1e-3`, `inf`; but also `2026-01-02T03:04` and `01KABC`, which are words.
_NUMBER: Final = re.compile(r"[+-]?(?:\d|\.\d)[\w.:]*(?:(?<=[eE])[+-]\d+|(?<=\d)[\-:+]\w[\w.:]*)*")
_INFINITE: Final = re.compile(r"[+-](?:inf|infinity)\b", re.IGNORECASE)
_SIGN: Final = re.compile(r"<=|>=|!=|==|[=<>~(),.]")
_NAME: Final = re.compile(r"[\w\-/:@%+*]+")
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_QUOTES: Final = "\"'`"


class Token(msgspec.Struct, frozen=True):
    """One piece of the text from `start` to `end`; `text` of a quoted one is what it says."""

    kind: Literal["word", "number", "quoted", "sign", "end"]
    text: str
    start: int
    end: int


def tokens_of(text: str, fail: Callable[[str, int, int], NoReturn]) -> list[Token]:
    """Return the tokens in order, the last one of kind `end`; `fail` where there is none."""
    tokens: list[Token] = []
    at = 0
    while True:
        found = _SPACE.match(text, at)
        at = found.end() if found else at
        if at >= len(text):
            tokens.append(Token("end", "", len(text), len(text)))
            return tokens
        last = tokens[-1] if tokens else None
        if text[at] == "." and last and last.kind in {"word", "quoted"}:
            token = Token("sign", ".", at, at + 1)
        elif last and last.kind == "sign" and last.text == "." and (name := _NAME.match(text, at)):
            # After a dot digits are a name: `config.layers.0.size`.
            token = Token("word", name.group(), at, name.end())
        else:
            token = _token(text, at, fail)
        tokens.append(token)
        at = token.end


def _token(text: str, at: int, fail: Callable[[str, int, int], NoReturn]) -> Token:
    if text[at] in _QUOTES:
        return _quoted(text, at, fail)
    if (number := _INFINITE.match(text, at)) or (number := _NUMBER.match(text, at)):
        kind = "number" if number.re is _INFINITE or _PLAIN.fullmatch(number.group()) else "word"
        return Token(kind, number.group(), at, number.end())
    if word := _WORD.match(text, at):
        return Token("word", word.group(), at, word.end())
    if sign := _SIGN.match(text, at):
        return Token("sign", sign.group(), at, sign.end())
    return fail(f"the character {text[at]!r} is not expected here; quote odd names", at, 1)


def _quoted(text: str, start: int, fail: Callable[[str, int, int], NoReturn]) -> Token:
    quote, said = text[start], list[str]()
    at = start + 1
    while at < len(text) and text[at] != quote:
        at += text[at] == "\\"
        said += text[at : at + 1]
        at += 1
    if at >= len(text):
        return fail("the quote is not closed", start, len(text) - start)
    return Token("quoted", "".join(said), start, at + 1)
