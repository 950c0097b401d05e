"""What the documents say is what the product does."""

import json
import re
from pathlib import Path

import httpx
import msgspec
import pytest
from product import running

import axonml
from axonml.cli.__main__ import COMMANDS, GROUPS
from axonml.config import Config

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs/reference/settings.md").read_text()
    settings = [
        (section.name, key.name, key.default)
        for section in msgspec.structs.fields(Config)
        if section.name != "home"
        for key in msgspec.structs.fields(section.type)
    ]

    missing = [
        f"[{section}] {key} = {default!r}"
        for section, key, default in settings
        if not re.search(
            rf"\| `{key}` \| `{re.escape(_shown(default))}` \|.*`AXONML_{section}_{key}`",
            text,
            re.IGNORECASE,
        )
    ]

    assert missing == []


def _shown(default: object) -> str:
    match default:
        case "":
            return '""'
        case ():
            return "[]"
        case _:
            return str(default)


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPS])
def test_every_command_is_documented(command: str) -> None:
    assert f"`axon {command}" in (ROOT / "docs/reference/cli.md").read_text()


def test_the_api_document_is_the_one_that_is_served(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        served = httpx.get(f"{server.url}/api/openapi.json").json()

    written = json.loads((ROOT / "docs/reference/openapi.json").read_text())
    assert written == served, "write docs/reference/openapi.json anew, then `npm run gen` in ui/"


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#]+)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []


def test_the_names_in_the_readmes_script_exist() -> None:
    text = (ROOT / "README.md").read_text()

    assert set(re.findall(r"axonml\.(\w+)\(", text)) <= set(axonml.__all__)
