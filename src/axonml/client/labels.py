"""Names and tags as the server takes them."""

import re
from collections.abc import Iterable
from typing import Final

from axonml.client.config import text_of

_MAX_NAME: Final = 256
_MAX_TAG: Final = 64
_RANK: Final = re.compile(r"rank[1-9]\d*/")


def label(text: object) -> str:
    """Return `text` as a name in one line, without what cannot be shown."""
    kept = "".join(c if c.isprintable() else " " for c in text_of(str(text)))
    return kept.strip()[:_MAX_NAME]


def tags_of(tags: Iterable[str]) -> list[str]:
    """Return words as tags, at most 64 of at most 64 characters; one word may stand alone."""
    words = (tags,) if isinstance(tags, str) else tags
    if not hasattr(words, "__iter__"):
        raise TypeError(f"tags are a list of words, not {type(words).__name__}")
    return [label(tag)[:_MAX_TAG] for tag in words if label(tag)][:_MAX_TAG]


def rank_prefix(name: str) -> str:
    """Return what stands before the name of a metric that another rank than the first logged."""
    found = _RANK.match(name)
    return found[0] if found else ""
