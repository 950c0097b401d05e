"""`axon start`."""

from axonml.cli.options import Flag
from axonml.cli.processes import Part, held_by
from axonml.cli.processes import start as start_parts
from axonml.cli.terminal import say
from axonml.client.places import spool_folder
from axonml.client.spool import n_waiting
from axonml.config import Config, load


def start(*, backend: Flag = False, frontend: Flag = False) -> None:
    """Start the API and the page, and return once both answer.

    Args:
        backend: Start the API only.
        frontend: Start the page only.
    """
    config = load()
    parts = chosen(backend=backend, frontend=frontend)
    for part in parts:
        held = held_by(config, part)
        if held is not None:
            say(f"{part} runs already (pid {held.pid}, {held.url})")
    for process in start_parts(config, parts):
        say(f"{process.part} started ({_address(config, process.part)})")
        for sentence in process.said():
            say(sentence)
    say(_address(config, parts[-1]))
    if Part.BACKEND in parts:
        if waiting := n_waiting(spool_folder(config.home)):
            runs = "1 run" if waiting == 1 else f"{waiting} runs"
            say(f"points of {runs} wait on disk; `axon sync` sends them")
        say("`axon link` prints a link that signs you in; `axon demo` shows everything at work")


def chosen(*, backend: bool, frontend: bool) -> list[Part]:
    """Return the parts that the flags mean; no flag is both."""
    if backend == frontend:
        return [Part.BACKEND, Part.FRONTEND]
    return [Part.BACKEND] if backend else [Part.FRONTEND]


def _address(config: Config, part: Part) -> str:
    held = held_by(config, part)
    configured = config.api_url if part is Part.BACKEND else config.page_url
    return held.url if held else configured
