"""Model cards as pages show them."""

import re
import time

import pytest

from axonml.registry.card import rendered


@pytest.mark.anyio
async def test_a_card_keeps_its_structure() -> None:
    card = await rendered(
        "# Digits\n\nReads **digits**.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```python\nx = 1\n```\n"
        "[docs](https://example.org/docs)"
    )

    assert "<h1>Digits</h1>" in card.html
    assert "<strong>digits</strong>" in card.html
    assert "<td>1</td>" in card.html
    assert "<pre><code>x = 1\n</code></pre>" in card.html
    assert '<a href="https://example.org/docs" rel="noopener noreferrer">docs</a>' in card.html


@pytest.mark.anyio
@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "<a href='vbscript:x'>x</a>",
        "<style>body{display:none}</style>",
        "<iframe src='https://example.org'></iframe>",
        '[x](https://example.org "onmouseover=alert(1)")\n<svg/onload=alert(1)>',
        "[x](//example.org/other-host)",
    ],
)
async def test_nothing_in_a_card_acts_or_loads(hostile: str) -> None:
    html = (await rendered(hostile)).html

    assert set(re.findall(r"<\s*([a-z]+)", html.lower())) <= {"p", "a", "h1", "code", "pre"}
    assert all(link.startswith("https://") for link in re.findall(r'href="([^"]*)', html))
    assert not re.findall(r"<[^>]*\son\w+=[^>]*>", re.sub(r'title="[^"]*"', "", html))


@pytest.mark.anyio
@pytest.mark.parametrize("piece", ["[", "*a ", "> ", "`", "![", "- ", "|a", "<a ", "_a_*", "\\"])
async def test_the_worst_card_is_rendered_in_seconds(piece: str) -> None:
    worst = (piece * 65536)[:65536]
    start = time.monotonic()

    _ = await rendered(worst)

    assert time.monotonic() - start < 10
