"""`axon stop`."""

from axonml.cli.options import Flag
from axonml.cli.processes import Part
from axonml.cli.processes import stop as stop_part
from axonml.cli.start import chosen
from axonml.cli.terminal import say
from axonml.config import load


def stop(*, backend: Flag = False, frontend: Flag = False) -> None:
    """Stop the page and the API; what was acknowledged is kept.

    Args:
        backend: Stop the API only.
        frontend: Stop the page only.
    """
    config = load()
    parts: list[Part] = chosen(backend=backend, frontend=frontend)
    for part in reversed(parts):
        say(f"{part} stopped" if stop_part(config, part) else f"{part} was not running")
