"""hatch_build.py: the page is in every built package, and is built only when it changed."""

import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = "axonml/web/dist/index.html"

# Stands for vite: writes the page where it is told to, and counts how often it was asked.
BUILD_SCRIPT = """
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs"
const out = process.env.AXONML_UI_OUT
mkdirSync(out, { recursive: true })
writeFileSync(`${out}/index.html`, "<title>built by node " + process.version + "</title>")
appendFileSync(process.env.BUILD_COUNT, "x")
"""


@pytest.fixture
def uv() -> str:
    """The uv that runs these tests, or the one on the PATH."""
    found = os.environ.get("UV") or shutil.which("uv")
    if found is None:
        pytest.skip("no uv: run the tests with ./run pytest")
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This project's build files around a page that builds in no time."""
    project = tmp_path / "project"
    (project / "src/axonml").mkdir(parents=True)
    (project / "ui").mkdir()
    for name in (
        "pyproject.toml",
        "hatch_build.py",
        "README.md",
        "LICENSE",
        "src/axonml/__init__.py",
    ):
        shutil.copy(ROOT / name, project / name)
    (project / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    package = {"name": "ui", "version": "0.0.0", "scripts": {"build": "node build.mjs"}}
    lock = {
        "name": "ui",
        "version": "0.0.0",
        "lockfileVersion": 3,
        "packages": {"": {"name": "ui"}},
    }
    (project / "ui/package.json").write_text(json.dumps(package))
    (project / "ui/package-lock.json").write_text(json.dumps(lock))
    (project / "ui/build.mjs").write_text(BUILD_SCRIPT)
    return project


def build(uv: str, project: Path, *targets: str, **environment: str) -> int:
    """Build the project, and return how often its page was built so far."""
    counter = project.parent / "count"
    done = subprocess.run(
        [uv, "build", "--no-config", "--out-dir", project.parent / "out", *targets],
        cwd=project,
        env=os.environ | {"BUILD_COUNT": str(counter)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return len(counter.read_text()) if counter.exists() else 0


def wheel_files(project: Path) -> list[str]:
    """Return the names in the wheel that was built last."""
    (wheel,) = (project.parent / "out").glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


@pytest.mark.slow
def test_sdist_and_wheel_carry_the_page_and_build_it_once(uv: str, project: Path) -> None:
    times_built = build(uv, project)

    (sdist,) = (project.parent / "out").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    assert f"src/{PAGE}" in in_sdist
    assert "ui/build.mjs" in in_sdist
    assert PAGE in wheel_files(project)
    # By the Node of the build requirement, whatever else is on the PATH.
    assert "node v24." in (project / "src" / PAGE).read_text()
    # The wheel was built from the sdist, whose page was fresh.
    assert times_built == 1


@pytest.mark.slow
def test_only_a_changed_page_is_built_again(uv: str, project: Path) -> None:
    first = build(uv, project, "--wheel")
    unchanged = build(uv, project, "--wheel")
    with (project / "ui/build.mjs").open("a") as script:
        script.write("// changed\n")
    changed = build(uv, project, "--wheel")

    assert (first, unchanged, changed) == (1, 1, 2)


@pytest.mark.slow
def test_the_page_can_be_left_out(uv: str, project: Path) -> None:
    times_built = build(uv, project, "--wheel", AXONML_SKIP_UI="1")

    assert times_built == 0
    assert PAGE not in wheel_files(project)
