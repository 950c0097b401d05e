"""`axon serve`."""

from axonml.cli.options import Flag
from axonml.cli.processes import Part


def serve(*, frontend: Flag = False) -> int:
    """Run the API (which serves the page too) in the foreground, for systemd and containers.

    Args:
        frontend: Run the page on its own port instead.
    """
    from axonml.server.__main__ import main

    return main(["--part", Part.FRONTEND if frontend else Part.BACKEND])
