"""What the documents say is what the product does."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import onnx_models
import pytest
from cyclopts import App
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo
from product import Server, running

import axonml
from axonml.cli.__main__ import build
from axonml.config import Config

ROOT: Final = Path(__file__).parents[1]
REFERENCE: Final = ROOT / "docs" / "reference"
DOCUMENTS: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "changes").glob("*.md")),
]
GUIDES_THAT_RUN: Final = ("log-from-a-script.md", "serve-a-model.md")
_DIGITS: Final = 64
_DEFAULT_PLACE: Final = "localhost:3000"


# ---------------------------------------------------------------------------- settings
def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    in_force = {
        (section.name, key.name): (
            _shown(_default_of(key)),
            f"AXONML_{section.name}_{key.name}".upper(),
        )
        for section in msgspec.structs.fields(Config)
        if section.name != "home"
        for key in msgspec.structs.fields(section.type)
    }

    assert _settings_told() == in_force


def _settings_told() -> dict[tuple[str, str], tuple[str, str]]:
    told: dict[tuple[str, str], tuple[str, str]] = {}
    text = (REFERENCE / "settings.md").read_text()
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        if heading := re.match(r"\[(\w+)\]", part):
            rows = re.findall(r"^\| `(\w+)` \| `(.*?)` \| .+ \| `(\w+)` \|$", part, re.MULTILINE)
            told |= {(heading[1], key): (default, variable) for key, default, variable in rows}
    return told


def _default_of(key: FieldInfo) -> object:
    return key.default if key.default is not NODEFAULT else key.default_factory()


def _shown(default: object) -> str:
    match default:
        case "":
            return '""'
        case ():
            return "[]"
        case _:
            return str(default)


# ---------------------------------------------------------------------------- commands
def test_every_command_is_documented_with_every_option_and_nothing_else_is() -> None:
    there = {path: _options_of(app) for path, app in _commands(build(overview=False), "axon")}

    assert _commands_told() == there


def _commands(app: App, path: str) -> Iterator[tuple[str, App]]:
    for name in app:
        if name.startswith("-"):
            continue
        child = app[name]
        inner = list(_commands(child, f"{path} {name}"))
        # A group is told by its commands.
        yield from inner or [(f"{path} {name}", child)]


def _options_of(app: App) -> set[str]:
    return {
        name
        for argument in app.assemble_argument_collection()
        for name in argument.names
        if name.startswith("-")
    }


def _commands_told() -> dict[str, set[str]]:
    text = (REFERENCE / "cli.md").read_text()
    return {
        re.split(r" [A-Z\[]", heading)[0]: {
            option
            for row in re.findall(r"^\| (`-.+?`) \|", part, re.MULTILINE)
            for option in re.findall(r"`(-.+?)`", row)
        }
        for heading, part in re.findall(
            r"^### `(axon .+?)`$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL
        )
    }


# ---------------------------------------------------------------------------- the API and the SDK
def test_the_api_document_is_the_one_that_is_served(server: Server) -> None:
    served = httpx.get(f"{server.url}/api/openapi.json").json()

    written = json.loads((REFERENCE / "openapi.json").read_text())
    assert written == served, "the routes have changed: run `./run just docs`"


def test_every_name_of_the_sdk_is_documented() -> None:
    text = (REFERENCE / "sdk.md").read_text()
    members = {
        f"{kind.__name__}.{name}"
        for kind in (axonml.Run, axonml.Client)
        for name in vars(kind)
        if not name.startswith("_")
    }
    # Of these, what the package's own modules call.
    members -= {f"Run.{name}" for name in ("start", "end", "fail", "forked", "handed_on")}

    assert [name for name in axonml.__all__ if f"`{name}`" not in text] == []
    assert [name for name in sorted(members) if not _is_told(name.split(".")[1], text)] == []


def _is_told(member: str, text: str) -> bool:
    return re.search(rf"`{member}[`(]", text) is not None


def test_the_names_in_the_readmes_script_exist() -> None:
    text = (ROOT / "README.md").read_text()

    names = set(re.findall(r"axonml\.(\w+)\(", text))
    assert names
    assert names <= set(axonml.__all__)


# ---------------------------------------------------------------------------- links and words
def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(\s*([^)#\s]+)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []


def test_no_document_speaks_of_files_that_readers_do_not_have() -> None:
    speaking = [
        str(document.relative_to(ROOT))
        for document in DOCUMENTS
        if re.search(r"\bshared/(?:spec|design|style)", document.read_text())
        or "../shared" in document.read_text()
    ]

    assert speaking == []


# ---------------------------------------------------------------------------- what one may copy
@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def environment(server: Server, tmp_path: Path) -> dict[str, str]:
    """What a reader has who did what the guides say before: a token, a model, an endpoint."""
    granted = str(server.operator()["token"])
    file = onnx_models.saved(onnx_models.doubling(_DIGITS), tmp_path / "model.onnx")
    with axonml.Client(server.url, granted, home=server.home) as client, file.open("rb") as model:
        digits = client.ensure_model("digits")
        _ = client.upload_version(digits.id, model, file.name, {})
        _ = client.deploy(digits.id, "latest")
    return {
        **os.environ,
        "AXONML_HOME": str(server.home),
        "AXON_SERVER": server.url,
        "AXON_TOKEN": granted,
    }


@pytest.mark.parametrize("guide", GUIDES_THAT_RUN)
def test_the_scripts_of_a_guide_run_as_they_stand(
    guide: str, environment: dict[str, str], tmp_path: Path
) -> None:
    for script in _snippets(guide, "python"):
        _run([sys.executable, "-c", script], environment, tmp_path)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands of the guides use curl")
@pytest.mark.parametrize("guide", GUIDES_THAT_RUN)
def test_the_commands_of_a_guide_run_as_they_stand(
    guide: str, server: Server, environment: dict[str, str], tmp_path: Path
) -> None:
    for commands in _snippets(guide, "sh"):
        here = commands.replace(_DEFAULT_PLACE, server.url.removeprefix("http://"))
        _run(["bash", "-euo", "pipefail", "-c", here], environment, tmp_path)


def _snippets(guide: str, language: str) -> list[str]:
    text = (ROOT / "docs" / "guide" / guide).read_text()
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


def _run(program: list[str], environment: dict[str, str], folder: Path) -> None:
    ran = subprocess.run(
        program,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, f"{program[-1]}\n{ran.stdout}\n{ran.stderr}"


def test_the_guides_script_is_seen_by_the_server(
    server: Server, environment: dict[str, str], tmp_path: Path
) -> None:
    script = _snippets("log-from-a-script.md", "python")[0]

    _run([sys.executable, "-c", script], environment, tmp_path)

    with server.client() as client:
        [run] = client.get("/api/training/runs", params={"q": "mlp-1", "limit": 1}).json()["items"]
        shown: dict[str, Any] = {
            name: run[name] for name in ("project", "status", "config", "tags")
        }
    assert shown == {
        "project": "guide",
        "status": "completed",
        "config": {"lr": 1e-3},
        "tags": ["first"],
    }
    assert run["summary"]["accuracy"] == 0.999
