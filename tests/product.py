"""The real product for tests and benches: its own folder, free ports, a signed-in client."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

READY_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A server process on `url` with the data folder `home`; `client` is the operator's."""

    home: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None
    python: str = sys.executable

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.python, "-m", "axonml.server", "--part", "backend"],
            env={
                **os.environ,
                "AXONML_HOME": str(self.home),
                "AXONML_SERVER_PORT": str(self.port),
                **self.environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + READY_S
        while not self._is_ready():
            if self.process.poll() is not None:
                out = self.process.stdout.read().decode() if self.process.stdout else ""
                raise AssertionError(f"the server ended with {self.process.returncode}: {out}")
            if time.monotonic() > deadline:
                self.stop()
                raise AssertionError("the server was not ready in time")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        _ = self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def operator(self, **body: str) -> dict[str, Any]:
        key = (self.home / "operator.key").read_text().strip()
        answer = httpx.post(
            f"{self.url}/api/auth/operator", headers={"authorization": f"Bearer {key}"}, json=body
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def client(self, token: str | None = None) -> httpx.Client:
        """Return a client of the first account, or of the given token."""
        token = token or self.operator()["token"]
        return httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {token}"}, timeout=30
        )

    def log_lines(self) -> list[dict[str, Any]]:
        path = self.home / "logs" / "server.log"
        return [json.loads(line) for line in path.read_text().splitlines() if line]


@dataclass
class Installed:
    """AxonML as `axon` runs it: a data folder and two ports of its own."""

    home: Path
    api_port: int
    page_port: int

    @property
    def page(self) -> str:
        return f"http://localhost:{self.page_port}"

    @property
    def server(self) -> Server:
        return Server(self.home, self.api_port)

    def axon(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run the command and return what it did."""
        return subprocess.run(
            [sys.executable, "-m", "axonml.cli", *arguments],
            env={
                **os.environ,
                "AXONML_HOME": str(self.home),
                "AXONML_SERVER_PORT": str(self.api_port),
                "AXONML_DASHBOARD_PORT": str(self.page_port),
                "COLUMNS": "160",
            },
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def link(self) -> str:
        """Return a one-time sign-in link."""
        found = re.search(r"http://\S+", self.axon("link").stdout)
        assert found
        return found.group(0)


@contextmanager
def running(home: Path, **environment: str) -> Generator[Server]:
    """Run a server on `home` for the body, then stop it."""
    server = Server(home, environment=environment)
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            _ = server.stop()
