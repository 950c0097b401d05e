"""Where things live: a stranger should guess right, and a training script should start fast."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "axonml"
TESTS = ROOT / "tests"

# Tests that belong to no one module: a promise over all its implementations, the whole product
# in a browser, the product under kill -9.
ACROSS = {"contracts", "journeys", "crash"}

# What no training script should pay for. numpy is not among them: most scripts have it anyway,
# but `import axonml` alone must not load it either (see HEAVY).
SERVER_MODULES = ("server", "storage", "http", "auth", "registry", "inference", "web", "cli")
HEAVY = (
    "numpy",
    "litestar",
    "granian",
    "msgspec",
    "apsw",
    "onnx",
    "onnxruntime",
    "sklearn",
    "rich",
    "cyclopts",
    "httpx",
    "cryptography",
)


def test_tests_mirror_the_source() -> None:
    astray: list[str] = []
    for path in sorted(TESTS.rglob("test_*.py")):
        folders, name = path.relative_to(TESTS).parent, path.stem.removeprefix("test_")
        if not folders.parts or folders.parts[0] in ACROSS:
            continue
        home = PACKAGE / folders
        # A module, a folder, or one side of a module (test_runs_resume.py tests runs.py).
        stems = ["_".join(name.split("_")[: count + 1]) for count in range(name.count("_") + 1)]
        if not any((home / stem).is_dir() or (home / f"{stem}.py").is_file() for stem in stems):
            astray.append(str(path.relative_to(ROOT)))

    assert astray == [], "no module or folder of src/axonml has these names"


def test_every_slice_with_routes_keeps_the_fixed_file_names() -> None:
    slices = sorted(path.parent for path in PACKAGE.glob("*/routes.py"))
    without_types = [slice_.name for slice_ in slices if not (slice_ / "types.py").is_file()]

    assert [name for name in without_types if name not in {"admin", "server"}] == []


def test_a_training_script_loads_no_server_module() -> None:
    script = "import sys, axonml; print(*sorted(sys.modules), sep='\\n')"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    loaded = set(done.stdout.split())
    assert "axonml" in loaded
    assert [name for name in SERVER_MODULES if f"axonml.{name}" in loaded] == []
    assert [name for name in HEAVY if name in loaded] == []
