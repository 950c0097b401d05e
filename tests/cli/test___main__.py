import signal
from importlib.metadata import version
from pathlib import Path

from cli.axon import Axon

from axonml import cli
from axonml.cli.__main__ import COMMANDS, GROUPS

# What commands share.
SHARED = {
    *("__init__", "__main__", "connection", "digits", "launched"),
    *("options", "processes", "terminal"),
    *("model_files", "signals", "versions"),
}


def test_every_command_has_a_file_and_every_file_a_command() -> None:
    files = {path.stem for path in Path(cli.__path__[0]).glob("*.py")}

    assert files - SHARED == COMMANDS.keys() | GROUPS.keys()


def test_help_names_every_command_and_each_command_has_its_own(axon: Axon) -> None:
    overview = axon.ok("--help")

    assert [name for name in (*COMMANDS, *GROUPS) if name not in overview] == []
    assert overview == axon.ok()
    assert "--epochs" in axon.ok("demo", "--help")
    assert "push" in axon.ok("models", "--help")


def test_version_is_that_of_the_package(axon: Axon) -> None:
    assert axon.ok("--version") == f"{version('axonml-dashboard')}\n"


def test_an_unknown_command_is_no_success_and_no_traceback(axon: Axon) -> None:
    done = axon.run("commence")

    assert done.returncode != 0
    assert "commence" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_ctrl_c_is_exit_code_130_without_a_word(axon: Axon) -> None:
    (axon.home / "logs").mkdir(parents=True)
    _ = (axon.home / "logs" / "server.log").write_text("a line\n")

    with axon.begin("logs", "-f") as child:
        assert child.stdout is not None
        _ = child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)

    assert (child.returncode, err) == (130, "")


def test_a_reader_who_has_seen_enough_is_no_error(axon: Axon) -> None:
    (axon.home / "logs").mkdir(parents=True)
    _ = (axon.home / "logs" / "server.log").write_text("a line\n" * 200_000)

    with axon.begin("logs", "-n", "200000", "--json") as child:
        assert child.stdout is not None
        _ = child.stdout.readline()
        child.stdout.close()
        assert child.stderr is not None
        err = child.stderr.read()
        code = child.wait(60)

    assert code in {141, -signal.SIGPIPE}
    assert err == ""
