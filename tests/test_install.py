"""install.sh and run: the two shell scripts a newcomer meets."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALL, RUN = ROOT / "install.sh", ROOT / "run"

TOOLS = ("sh", "env", "dirname", "rm")


def script(
    path: Path, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script and return what it said; its exit status is for the caller to judge."""
    return subprocess.run(
        [path, *arguments],
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Environment of a user with an empty home."""
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home"), "AXONML_HOME": str(tmp_path / "data")}


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with what `run` calls, and neither uv nor Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None, f"this machine has no {tool}"
        (folder / tool).symlink_to(found)
    return folder


@pytest.mark.parametrize("path", [INSTALL, RUN], ids=lambda path: path.name)
def test_the_scripts_are_plain_posix_shell(path: Path) -> None:
    shell = shutil.which("dash") or "sh"

    done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_text().startswith("#!/bin/sh\n")
    assert os.access(path, os.X_OK)


def test_a_dry_run_prints_the_plan_and_changes_nothing(
    home: dict[str, str], tmp_path: Path
) -> None:
    prefix, data = tmp_path / "prefix", tmp_path / "data"
    venv = prefix / "share/axonml/venv"

    done = script(INSTALL, "--dry-run", "--prefix", str(prefix), environment=home)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"+ mkdir -p {prefix}/share/axonml {prefix}/bin",
        (
            f"+ env UV_PROJECT_ENVIRONMENT={venv} {RUN} --locked --exact --no-editable"
            " --no-default-groups --extra sklearn axon --version"
        ),
        f"+ ln -sf {venv}/bin/axon {prefix}/bin/axon",
        f"+ ln -sf {venv}/bin/axonml {prefix}/bin/axonml",
        f"+ env AXONML_HOME={data} {venv}/bin/axon db migrate",
        "dry run: nothing was changed",
    ]
    assert not prefix.exists()
    assert not data.exists()


def test_a_strangers_axon_is_never_replaced(home: dict[str, str], tmp_path: Path) -> None:
    stranger = tmp_path / "prefix/bin/axon"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("#!/bin/sh\n")

    installed = script(INSTALL, "--prefix", str(tmp_path / "prefix"), environment=home)
    script(INSTALL, "--uninstall", "--prefix", str(tmp_path / "prefix"), environment=home)

    assert installed.returncode == 1
    assert f"{stranger} is not ours" in installed.stderr
    assert stranger.read_text() == "#!/bin/sh\n"


@pytest.mark.parametrize("arguments", [["--frobnicate"], ["--prefix"], ["--prefix="]])
def test_a_wrong_option_is_one_line_and_status_2(
    arguments: list[str], home: dict[str, str]
) -> None:
    done = script(INSTALL, *arguments, environment=home)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_uninstalling_leaves_the_data_and_says_where_it_is(
    home: dict[str, str], tmp_path: Path
) -> None:
    prefix, data = tmp_path / "prefix", tmp_path / "data"
    (prefix / "share/axonml/venv/bin").mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin/axon").symlink_to(prefix / "share/axonml/venv/bin/axon")
    data.mkdir()
    (data / "axon.db").write_text("kept")

    done = script(INSTALL, "--uninstall", "--prefix", str(prefix), environment=home)

    assert done.returncode == 0, done.stderr
    assert f"your data stays in {data}" in done.stdout
    assert (data / "axon.db").read_text() == "kept"
    assert sorted(prefix.rglob("*")) == [prefix / "bin", prefix / "share"]


def test_without_python_run_says_what_it_needs_in_one_line(bare_path: Path, tmp_path: Path) -> None:
    shutil.copy(RUN, tmp_path / "run")

    done = script(
        tmp_path / "run",
        "true",
        environment={"PATH": str(bare_path), "HOME": str(tmp_path), "UV_PROJECT_ENVIRONMENT": "."},
    )

    assert done.returncode == 1
    assert done.stderr == "run: needs Python 3.11 or newer, and found none on the PATH\n"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_installing_twice_and_uninstalling_leaves_only_the_data(
    home: dict[str, str], tmp_path: Path
) -> None:
    prefix, data = tmp_path / "prefix", tmp_path / "data"
    # Without the page, which other tests look at, and with the packages that are here already.
    cache = os.environ.get("UV_CACHE_DIR") or str(Path("~/.cache/uv").expanduser())
    environment = home | {"AXONML_SKIP_UI": "1", "UV_CACHE_DIR": cache}

    for _ in range(2):
        done = script(INSTALL, "--prefix", str(prefix), environment=environment)
        assert done.returncode == 0, done.stdout + done.stderr
    version = script(prefix / "bin/axon", "--version", environment=home)
    removed = script(INSTALL, "--uninstall", "--prefix", str(prefix), environment=home)

    assert version.returncode == 0, version.stderr
    assert (data / "axon.db").is_file()
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert [path.name for path in prefix.rglob("*") if not path.is_dir()] == []
    assert (data / "axon.db").is_file()
