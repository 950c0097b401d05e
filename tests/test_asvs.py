"""What the two documents on security name is there, and their sums are right."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
SECURITY: Final = ROOT / "docs" / "security.md"
ASVS: Final = ROOT / "docs" / "reference" / "asvs.md"
STATES: Final = ("met", "not applicable", "not met")
# As many as the standard has of them.
OF_LEVEL: Final = {"1": 70, "2": 183}
_FOLDERS: Final = "src|tests|docs|ui"
_FILES: Final = r"pyproject\.toml|uv\.lock|justfile|install\.sh|\.ci/run"
_PATH: Final = re.compile(rf"`((?:{_FOLDERS})/[^`\s]+|{_FILES})`")
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_ROW: Final = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| (.+?) \| ([12]) \| (.+?) \| (.+) \|$", re.MULTILINE
)
_SUMS: Final = re.compile(r"^\| ([12]) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


@pytest.mark.parametrize("document", [SECURITY, ASVS], ids=lambda path: path.stem)
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = set(_PATH.findall(document.read_text()))

    assert named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("document", [SECURITY, ASVS], ids=lambda path: path.stem)
def test_every_link_leads_to_a_heading(document: Path) -> None:
    links = [link for link in _LINK.findall(document.read_text()) if "://" not in link]

    assert links
    assert [link for link in links if not _is_there(document, link)] == []


def _is_there(document: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (document.parent / name).resolve() if name else document
    if not target.is_file():
        return False
    headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE) if anchor else []
    return not anchor or anchor in {_anchor_of(heading) for heading in headings}


def _anchor_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_each_requirement_has_one_row_with_a_state_and_a_reason() -> None:
    rows = _ROW.findall(ASVS.read_text())

    numbers = [number for number, *_ in rows]
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert {state for _, _, _, state, _ in rows} == set(STATES)
    assert Counter(level for _, _, level, _, _ in rows) == OF_LEVEL


def test_the_count_at_the_end_is_that_of_the_table() -> None:
    text = ASVS.read_text()
    counted = Counter((level, state) for _, _, level, state, _ in _ROW.findall(text))

    told = {level: tuple(map(int, sums)) for level, *sums in _SUMS.findall(text)}

    assert told == {
        level: (*(counted[level, state] for state in STATES), n) for level, n in OF_LEVEL.items()
    }
