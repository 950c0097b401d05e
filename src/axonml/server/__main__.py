"""`python -m axonml.server --part backend|frontend`: one service in the foreground."""

import argparse
import os
import sys
from typing import Final

import uvloop
from starlette.datastructures import Headers
from starlette.types import Scope

from axonml.config import Config, is_loopback, load
from axonml.errors import StartupError
from axonml.http.headers import SecurityHeaders
from axonml.http.observe import start_logging
from axonml.http.origins import beside
from axonml.server.app import build
from axonml.server.lifecycle import claim_port, serve
from axonml.storage.lock import FolderLock
from axonml.web import page

_PARTS: Final = ("backend", "frontend")


async def run_backend(config: Config) -> None:
    """Serve the API, and the page beside it, until a signal ends the process."""
    claim_port(config.server.host, config.server.port, "AXONML_SERVER_PORT")
    server = await build(config)
    try:
        token = await server.setup_token()
        if token is not None:
            _say(f"make the first account with the set-up token {token} at {config.api_url}/login")
        if not is_loopback(config.server.host) and not config.server.trusted_proxies:
            _say(
                "warning: other machines reach this server without TLS, so passwords and tokens can"
                " be read on the way; put a proxy in front, and name it in server.trusted_proxies"
            )
        await serve(server.app, config.server.host, config.server.port, server.drain)
    finally:
        await server.close()


async def run_frontend(config: Config) -> None:
    """Serve the page alone until a signal ends the process; it talks to the API at its port."""
    claim_port(config.dashboard.host, config.dashboard.port, "AXONML_DASHBOARD_PORT")
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FolderLock.acquire(config.home / "dashboard.lock", config.page_url)
    try:

        def api_of(scope: Scope) -> str:
            # By the name that this browser knows the machine by: it need not be this machine's.
            host = Headers(scope=scope).get("host")
            return beside(host, config.server.port) or config.api_url

        app = SecurityHeaders(page(api_of), api_of)
        await serve(app, config.dashboard.host, config.dashboard.port)
    finally:
        lock.release()


def _say(sentence: str) -> None:
    print(f"axon: {sentence}", file=sys.stderr)  # noqa: T201  # for who started it, not for the log


def main(arguments: list[str] | None = None) -> int:
    """Run one part; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m axonml.server", description=__doc__)
    _ = parser.add_argument("--part", choices=_PARTS, default="backend")
    part: str = parser.parse_args(arguments).part
    # Whoever made the data folder, and however: what is written into it is for its owner alone.
    _ = os.umask(0o077)
    try:
        config = load()
        start_logging(config.home / "logs", "server" if part == "backend" else "dashboard")
        uvloop.run(run_backend(config) if part == "backend" else run_frontend(config))
    except StartupError as error:
        _say(error.detail)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
