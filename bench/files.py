"""Model files up and down: bytes a second, and what the server needs of memory meanwhile.

    python bench/files.py [--mib 2048] [--mlflow PYTHON]

Beside the machine itself: the same file read, hashed with SHA-256, written and fsynced by one loop
(what an upload must do at least), and sent through a socket by `sendfile` (what a download must).
With `--mlflow`, the interpreter of an environment that has mlflow, its server takes and gives the
same file in the same run.
"""

import argparse
import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from product import Server, free_port, running

MIB = 1 << 20
PART = 16 * MIB
TUS = {"tus-resumable": "1.0.0"}


def weights(path: Path, n_mib: int) -> None:
    """Write a safetensors file of random bytes."""
    size = n_mib * MIB
    header = {"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        _ = file.write(len(text).to_bytes(8, "little") + text)
        for _ in range(n_mib):
            _ = file.write(os.urandom(MIB))


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds the work takes."""
    start = time.perf_counter()
    _ = work()
    return time.perf_counter() - start


def hash_and_write(source: Path, target: Path) -> None:
    """Do what an upload must do at least, in one loop."""
    digest = hashlib.sha256()
    with source.open("rb", buffering=0) as file, target.open("wb", buffering=0) as copy:
        while block := file.read(MIB):
            digest.update(block)
            _ = copy.write(block)
        os.fsync(copy.fileno())
    target.unlink()


def sendfile(source: Path) -> float:
    """Return the seconds that a bare socket takes to send the file to a reader."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, source.open("rb") as file:
                _ = connection.sendfile(file)

        sender = threading.Thread(target=serve)
        sender.start()
        with socket.create_connection(listening.getsockname()) as reader:
            buffer = bytearray(MIB)
            took = timed(lambda: drain(reader, buffer))
        sender.join()
    return took


def drain(reader: socket.socket, buffer: bytearray) -> None:
    """Read to the end."""
    while reader.recv_into(buffer):
        pass


class Peak:
    """The most memory that processes had meanwhile, above what they had before, in MiB."""

    def __init__(self, pids: list[int]) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self._before = self._now()
        self._most = self._before
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _now(self) -> int:
        return sum(process.memory_info().rss for process in self._processes)

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self._most = max(self._most, self._now())

    def end(self) -> float:
        """Return the peak."""
        self._done.set()
        self._thread.join()
        return (self._most - self._before) / MIB


def call(  # one argument for each part of a request
    server: Server,
    token: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | Iterable[bytes] | None = None,
) -> http.client.HTTPResponse:
    """Send one request and return the answer, read to its end."""
    connection = http.client.HTTPConnection("localhost", server.port, blocksize=MIB)
    headers = {"authorization": f"Bearer {token}", **headers}
    connection.request(method, path, headers=headers, body=body)
    answer = connection.getresponse()
    _ = answer.read()
    assert answer.status < 300, answer.status
    connection.close()
    return answer


def in_parts(server: Server, token: str, model: str, source: Path) -> None:
    """Upload by tus."""
    size = source.stat().st_size
    announced = call(
        server,
        token,
        "POST",
        f"/api/models/{model}/uploads",
        {**TUS, "upload-length": str(size)},
    )
    path = urlsplit(announced.headers["location"]).path
    with source.open("rb") as file:
        for offset in range(0, size, PART):
            octets = "application/offset+octet-stream"
            headers = {**TUS, "upload-offset": str(offset), "content-type": octets}
            _ = call(server, token, "PATCH", path, headers, file.read(PART))


def in_one(server: Server, token: str, model: str, source: Path) -> None:
    """Upload as a form."""
    mark = "boundary-of-the-bench"
    head = (
        f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="m.safetensors"\r\n\r\n'
    ).encode()
    tail = f"\r\n--{mark}--\r\n".encode()

    def body() -> Generator[bytes]:
        yield head
        with source.open("rb", buffering=0) as file:
            while block := file.read(MIB):
                yield block
        yield tail

    headers = {
        "content-type": f"multipart/form-data; boundary={mark}",
        "content-length": str(len(head) + source.stat().st_size + len(tail)),
    }
    _ = call(server, token, "POST", f"/api/models/{model}/versions", headers, body())


def download(url: str, headers: dict[str, str]) -> None:
    """Read the whole answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("localhost", parts.port or 80)
    connection.request("GET", parts.path, headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    buffer = bytearray(MIB)
    while answer.readinto(buffer):
        pass
    connection.close()


def show(name: str, n_mib: int, took: float, beside: float, peak: float | None = None) -> None:
    """Print one line of the table."""
    memory = "" if peak is None else f"{peak:8.0f}"
    print(f"{name:40} {n_mib / took:8.0f} {beside / took:8.2f} {memory}")


def measure(source: Path, n_mib: int, floor_up: float, floor_down: float) -> None:
    """Time our server."""
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        token = str(server.operator()["token"])
        assert server.process is not None
        pid = server.process.pid
        with server.client(token) as client:
            ways = (("upload in parts of 16 MiB", in_parts), ("upload as a form", in_one))
            for name, upload in ways:
                model = client.post("/api/models", json={"name": upload.__name__}).json()["id"]
                peak = Peak([pid])
                took = timed(partial(upload, server, token, model, source))
                show(name, n_mib, took, floor_up, peak.end())
                if upload is in_one:
                    url = f"{server.url}/api/models/{model}/versions/1/download"
                    peak = Peak([pid])
                    took = timed(partial(download, url, {"authorization": f"Bearer {token}"}))
                    show("download", n_mib, took, floor_down, peak.end())
                assert client.delete(f"/api/models/{model}").status_code == 204


@contextmanager
def mlflow(python: str) -> Generator[tuple[str, int]]:
    """Run MLflow's server for the body; yield its address and its process."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [python, "-m", "mlflow", "server", "--backend-store-uri"]
        command += [f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/files"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        server = subprocess.Popen(
            command,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                try:
                    if httpx.get(f"{url}/health").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.2)
            yield url, server.pid
        finally:
            server.terminate()
            _ = server.wait(20)


def measure_mlflow(
    python: str, source: Path, n_mib: int, floor_up: float, floor_down: float
) -> None:
    """Time MLflow's server with the same file."""
    with mlflow(python) as (url, pid):
        path = f"{url}/api/2.0/mlflow-artifacts/artifacts/bench/m.safetensors"
        family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]

        def upload() -> None:
            port = urlsplit(url).port or 80
            connection = http.client.HTTPConnection("127.0.0.1", port, blocksize=MIB)
            with source.open("rb") as file:
                headers = {"content-length": str(source.stat().st_size)}
                connection.request("PUT", urlsplit(path).path, body=file, headers=headers)
                assert connection.getresponse().status == 200
            connection.close()

        peak = Peak(family)
        show("mlflow: upload (no hash)", n_mib, timed(upload), floor_up, peak.end())
        peak = Peak(family)
        show("mlflow: download", n_mib, timed(lambda: download(path, {})), floor_down, peak.end())


def main() -> None:
    """Make a file, move it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--mib", type=int, default=2048)
    _ = parser.add_argument("--mlflow")
    given = parser.parse_args()
    n_mib: int = given.mib
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.safetensors"
        weights(source, n_mib)
        floor_up = timed(lambda: hash_and_write(source, Path(folder) / "copy"))
        floor_down = sendfile(source)
        print(f"{'':40} {'MiB/s':>8} {'of floor':>8} {'+MiB':>8}")
        show("floor: read, SHA-256, write, fsync", n_mib, floor_up, floor_up)
        show("floor: sendfile", n_mib, floor_down, floor_down)
        measure(source, n_mib, floor_up, floor_down)
        if given.mlflow:
            measure_mlflow(given.mlflow, source, n_mib, floor_up, floor_down)


if __name__ == "__main__":
    main()
