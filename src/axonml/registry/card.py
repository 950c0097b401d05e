"""Model cards: Markdown as HTML that a page may show as it is."""

import asyncio
from typing import Annotated, Final

import msgspec
import nh3
from markdown_it import MarkdownIt
from msgspec import Meta

_TAGS: Final = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code"),
    *("ul", "ol", "li", "strong", "em", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
# HTML in a card is shown as text. Pictures would tell others' servers who reads the card.
_markdown: Final = (
    MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
)


class Card(msgspec.Struct, frozen=True):
    """A model card as it was written, and as safe HTML."""

    markdown: str
    html: str


class CardDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/models/:id/card/preview."""

    markdown: Annotated[str, Meta(max_length=65536)]


async def rendered(markdown: str) -> Card:
    """Return the card; scripts, styles, pictures and links to anything but pages are left out."""
    return Card(markdown, await asyncio.to_thread(_html, markdown))


def _html(markdown: str) -> str:
    return nh3.clean(
        _markdown.render(markdown),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
    )
