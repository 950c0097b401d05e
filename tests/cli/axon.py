"""The real command line, on a data folder and ports of its own."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from axonml.cli.processes import Part, held_by
from axonml.config import Config, load


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Axon:
    """`axon` with its own `home`; `run` waits for the command and returns what it said."""

    home: Path
    server_port: int = field(default_factory=free_port)
    page_port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AXON")}
        return {
            **kept,
            "AXONML_HOME": str(self.home),
            "AXONML_SERVER_PORT": str(self.server_port),
            "AXONML_DASHBOARD_PORT": str(self.page_port),
            "COLUMNS": "200",
        }

    @property
    def config(self) -> Config:
        ports = {"server": {"port": self.server_port}, "dashboard": {"port": self.page_port}}
        return load(self.home, ports)

    @property
    def server_url(self) -> str:
        return f"http://localhost:{self.server_port}"

    @property
    def page_url(self) -> str:
        return f"http://localhost:{self.page_port}"

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "axonml.cli", *arguments],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        with self.begin(*arguments) as child:
            out, err = child.communicate(stdin, timeout=100)
        return subprocess.CompletedProcess(arguments, child.returncode, out, err)

    def ok(self, *arguments: str, stdin: str = "") -> str:
        """Run a command that must succeed; return its standard output."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def pid(self, part: Part) -> int | None:
        held = held_by(self.config, part)
        return held.pid if held else None

    def kill(self, part: Part) -> None:
        """Kill a process of this home as a crash would."""
        pid = self.pid(part)
        assert pid
        os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        _ = self.run("stop")
