"""`axon`: every command in a file of its own; errors are one line and an exit code."""

import os
import sys
from importlib.metadata import version
from typing import Final

from cyclopts import App

from axonml.client.problems import AxonmlError
from axonml.errors import AxonError

INTERRUPTED: Final = 130
_PIPE_CLOSED: Final = 141

COMMANDS: Final = {
    "demo": "Train, register, deploy and ask a digit classifier, live.",
    "start": "Start the API and the page, and return once both answer.",
    "stop": "Stop the page and the API; what was acknowledged is kept.",
    "status": "Show what runs.",
    "logs": "Show the last lines of a log.",
    "serve": "Run the API, or the page, in the foreground.",
    "link": "Print a link that signs the browser in, once.",
    "login": "Save an API token for the SDK and these commands.",
    "train": "Run a script as a training run.",
    "export": "Write the points of a run, or a table of runs, to a file.",
    "deploy": "Serve a version of a model.",
    "predict": "Ask an endpoint for predictions.",
    "sync": "Send the points that wait on disk.",
    "config": "Show the configuration in force, and where each value comes from.",
}
GROUPS: Final = {
    "runs": "List, tag, move, stop, delete and restore training runs.",
    "models": "Find, compare, promote, push and pull models.",
    "endpoints": "Show, start, stop, scale and delete what serves models.",
    "rollout": "Try a version beside the one that answers, take it or leave it.",
    "admin": "Make, invite, change and disable people; read the audit log.",
    "keys": "Rotate the keys that sign sessions and seal secrets.",
    "db": "The data folder.",
}


def build(*, overview: bool) -> App:
    """Return the command line; `overview` gives each command one line instead of its full help.

    Commands are registered by path, not imported: `axon status` does not wait for what `axon demo`
    needs. A command's own docstring is its help once it is imported.
    """
    app = App(
        name="axon",
        help="Track training runs live, keep models with their lineage and serve predictions.",
        version=lambda: version("axonml-dashboard"),
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for name, line in COMMANDS.items():
        path = f"axonml.cli.{name}:{name}"
        _ = app.command(path, help=line) if overview else app.command(path)
    for name, line in GROUPS.items():
        path = f"axonml.cli.{name}:app"
        _ = app.command(path, name=name, help=line) if overview else app.command(path, name=name)
    return app


def main() -> None:
    """Run the command line and exit: 0, or what the command says; 1 and one line for an error."""
    try:
        code = build(overview=not sys.argv[1:] or sys.argv[1] in {"--help", "-h"})()
        sys.stdout.flush()
    except (AxonError, AxonmlError) as error:
        code = _fail(str(error))
    except OSError as error:
        code = _closed() if isinstance(error, BrokenPipeError) else _fail(_sentence(error))
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _sentence(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _fail(sentence: str) -> int:
    _ = sys.stderr.write(f"axon: {sentence}\n")
    return 1


def _closed() -> int:
    # Whoever read our output has seen enough (`axon logs | head`).
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _PIPE_CLOSED


if __name__ == "__main__":
    main()
