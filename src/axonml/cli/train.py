"""`axon train`."""

import codecs
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Annotated, Final

import msgspec
from cyclopts import Parameter

from axonml.cli.connection import server_of
from axonml.cli.launched import launch, settings_of
from axonml.cli.options import Flag
from axonml.cli.signals import told_of_endings
from axonml.client.api import Client
from axonml.client.console import LineSplitter
from axonml.client.problems import AxonmlError
from axonml.client.run import Run, Status
from axonml.client.session import init
from axonml.clock import monotonic
from axonml.config import load
from axonml.errors import StartupError

_GRACE_S: Final = 30.0
_POLL_S: Final = 2.0
_ARGUMENTS: Final = "Handed to the script: `axon train script.py -- --epochs 3`."


def train(
    script: Path | None = None,
    /,
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True, help=_ARGUMENTS)],
    project: str | None = None,
    name: str | None = None,
    tag: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    builtin: str | None = None,
    dataset: str = "",
    detach: Flag = False,
    json: Flag = False,
) -> int:
    """Run a script as a training run: what it prints is the run's log, how it exits its end.

    `axonml.init()` in the script joins the run. The exit code is the script's. With `--builtin` the
    server trains one of its own trainers instead. Ctrl-C stops either, twice at once.

    Args:
        script: A Python file.
        *arguments: Handed to the script.
        project: What the run belongs to; else what the script says.
        name: The run's name; else what the script says, else its file's.
        tag: A word to find the run by; may be given again.
        set_: `key=value` for the run's configuration, stronger than what the script says.
        builtin: A built-in trainer, such as gradient_boosting.
        dataset: The data set of the built-in trainer, such as digits.
        detach: Let the built-in trainer run on, and return at once.
        json: Print the built-in trainer's run as JSON, and not its log.
    """
    settings = settings_of(set_)
    if builtin is not None:
        if script is not None:
            raise StartupError(f"name a script or a built-in trainer, not both: {script}")
        body = {
            "name": name or f"{builtin} on {dataset}",
            "project": project or "default",
            "tags": tag,
            "launch": {
                "kind": "trainer",
                "trainer": builtin,
                "dataset": dataset,
                "params": settings,
            },
        }
        return launch(body, detach=detach, json=json)
    if script is None:
        raise StartupError("name a script, or a built-in trainer with --builtin NAME --dataset D")
    if detach:
        raise StartupError("--detach goes with --builtin; a script runs here, in the foreground")
    if not script.is_file():
        raise StartupError(f"there is no file {script}")
    config = load()
    server = server_of(config)
    run = init(
        project,
        name or script.stem,
        {"script": str(script), "arguments": list(arguments), **settings},
        tags=tag,
        server=server,
        home=config.home,
        system=False,
    )
    child = subprocess.Popen(
        [sys.executable, "-u", str(script), *arguments],
        env={
            **os.environ,
            "AXONML_HOME": str(config.home),
            "AXON_SERVER": server,
            "AXON_RUN_ID": run.id,
            "AXON_RUN_GIVEN": _given(project=project, name=name, tags=tag),
            "AXON_CONFIG": msgspec.json.encode(settings).decode(),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A session of its own: its whole family can be stopped, and Ctrl-C comes to it once.
        start_new_session=True,
    )
    copies = [
        _copy(child.stdout, sys.stdout.fileno(), run, "info"),
        _copy(child.stderr, sys.stderr.fileno(), run, "warning"),
    ]
    with Client(server, home=config.home) as client:
        is_stopped = _wait(child, run, client)
    for copy in copies:
        copy.join(_GRACE_S)
    status, reason = _ending(child.returncode, is_stopped=is_stopped)
    _ = run.finish(status, reason=reason)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _given(**said: object) -> str:
    """Return which of the run's fields the command line has set: the script does not set these."""
    return ",".join(field for field, value in said.items() if value)


def _copy(source: IO[bytes] | None, target: int, run: Run, level: str) -> threading.Thread:
    def work() -> None:
        if source is None:
            return
        lines = LineSplitter(lambda line: run.log_text(line, level))
        # What is read may end within a character.
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        is_read = True
        while data := os.read(source.fileno(), 1 << 16):
            lines.feed(decoder.decode(data))
            if is_read:
                is_read = _written(target, data)
        lines.feed(decoder.decode(b"", final=True))
        lines.flush()
        source.close()

    thread = threading.Thread(target=work, name=f"axonml-{level}", daemon=True)
    thread.start()
    return thread


def _written(target: int, data: bytes) -> bool:
    """Write it all; tell whether anybody still reads. Training goes on where nobody does."""
    try:
        while data:
            data = data[os.write(target, data) :]
    except OSError:  # `| head` has seen enough, or the terminal is closed
        return False
    return True


def _is_asked_to_stop(client: Client, run: Run) -> bool:
    # The run's own thread hears of it only when it sends; a silent script sends nothing.
    try:
        return client.run(run.id).stop_requested
    except AxonmlError:
        return run.should_stop


def _wait(child: subprocess.Popen[bytes], run: Run, client: Client) -> bool:
    """Wait for the script; tell whether it was stopped: from the page, by Ctrl-C or a signal."""
    asked: list[float] = []

    def stop(number: int) -> None:
        # Who asks again does not want to wait.
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL if asked else number)
        asked.append(monotonic())

    with told_of_endings(stop):
        while True:
            try:
                _ = child.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                if not asked and _is_asked_to_stop(client, run):
                    stop(signal.SIGTERM)
                elif asked and monotonic() - asked[0] > _GRACE_S:
                    os.killpg(child.pid, signal.SIGKILL)
            else:
                return bool(asked)


def _ending(code: int, *, is_stopped: bool) -> tuple[Status, str]:
    if is_stopped:
        return "stopped", "stopped by the user"
    if code == 0:
        return "completed", ""
    if code < 0:
        return "failed", f"ended by {signal.Signals(-code).name}"
    return "failed", f"the script exited with {code}"
