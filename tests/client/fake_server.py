"""A server that keeps the promises of ingest, over real sockets, and can be made to fail."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from axonml.clock import monotonic, now
from axonml.columns import MetricBatch, decode_batch
from axonml.ids import new_id


@dataclass
class Fault:
    """What happens to the next `times` requests whose path contains `path`."""

    path: str
    times: int
    status: int = 0
    drop_answer: bool = False
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class FakeServer:
    """Runs, batches, lines and models as a server would hold them; `faults` are used up in order.

    `stop` and `start` keep the port and what is stored: the server was away.
    """

    token: str = "secret"  # of this fake
    port: int = 0
    flush_after_ms: int = 50
    stop_requested: bool = False
    refused_name: str = ""
    runs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    batches: defaultdict[str, list[MetricBatch]] = field(
        default_factory=lambda: defaultdict[str, list[MetricBatch]](list)
    )
    last_seq: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    last_line: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    lines: defaultdict[str, list[str]] = field(
        default_factory=lambda: defaultdict[str, list[str]](list)
    )
    alerts: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )
    models: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    uploads: list[bytes] = field(default_factory=list[bytes])
    faults: deque[Fault] = field(default_factory=deque[Fault])
    requests: list[str] = field(default_factory=list[str])
    changed: threading.Condition = field(default_factory=threading.Condition)
    _http: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        http = ThreadingHTTPServer(("127.0.0.1", self.port), partial(_Handler, self))
        http.daemon_threads = True
        self.port = http.server_address[1]
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        self._http = http

    def stop(self) -> None:
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def wait_for(self, is_so: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait until `is_so` holds, looking after each request and every 20 ms."""
        deadline = monotonic() + timeout_s
        with self.changed:
            while not is_so():
                assert monotonic() < deadline, self.requests[-20:]
                _ = self.changed.wait(0.02)

    def points(self, run: str, name: str) -> list[tuple[int, float]]:
        """Return (step, value) of one series in the order of arrival."""
        return [
            (int(step), float(value))
            for batch in self.batches[run]
            for block in batch.blocks
            if name in block.names
            for step, value in zip(block.step, block.values[block.names.index(name)], strict=True)
        ]

    # ------------------------------------------------------------------ routes
    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Do what the request asks and return status and body."""
        match method, path.strip("/").split("/"):
            case "POST", ["api", "auth", "operator"]:
                return 200, {"token": self.token, "link_token": "link", "user": {}}
            case _, ["api", "training", "runs", *rest]:
                return self._run(method, rest, body)
            case _, ["api", "models", *rest]:
                return self._model(method, rest, body)
            case _:
                return 404, None

    def _run(self, method: str, rest: list[str], body: bytes) -> tuple[int, Any]:
        match method, rest:
            case "POST", []:
                new = json.loads(body)
                return 201, self.runs.setdefault(new["id"], _run(new))
            case "PATCH", [run] if run in self.runs:
                self.runs[run].update(json.loads(body))
                return 200, self.runs[run]
            case "GET", [run, *what] if run in self.runs:
                if what == ["series"]:
                    return 200, {"items": self._series(run)}
                return 200, {**self.runs[run], "stop_requested": self.stop_requested}
            case "POST", [run, what] if run in self.runs:
                return self._post(run, what, body)
            case _:
                return 404, None

    def _series(self, run: str) -> list[dict[str, Any]]:
        blocks = [block for batch in self.batches[run] for block in batch.blocks]
        return [
            {
                "name": name, "n_points": 1, "last_step": int(block.step.max()), "last_value": 0.0,
                "lowest": None, "highest": None,
            }
            for block in blocks
            for name in block.names
        ]  # fmt: skip

    def _model(self, method: str, rest: list[str], body: bytes) -> tuple[int, Any]:
        match method, rest:
            case "GET", []:
                models = list(self.models.values())
                return 200, {"items": models, "next_cursor": None, "total": len(models)}
            case "POST", []:
                name = json.loads(body)["name"]
                if name in self.models:
                    return 409, None
                self.models[name] = _document(name=name)
                return 201, self.models[name]
            case "POST", [model, "versions"]:
                self.uploads.append(body)
                return 201, _version(model, len(self.uploads))
            case _:
                return 404, None

    def _post(self, run: str, what: str, body: bytes) -> tuple[int, Any]:
        match what:
            case "metrics":
                return self._append(run, decode_batch(body))
            case "log":
                return self._append_lines(run, json.loads(body))
            case "resume":
                return self._resume(run)
            case "heartbeat":
                return 200, {}
            case "finish":
                return self._finish(run, json.loads(body))
            case _:
                return 404, None

    def _finish(self, run: str, ending: dict[str, Any]) -> tuple[int, Any]:
        if self.runs[run]["status"] != "running":
            return 409, None
        self.runs[run].update(ending)
        return 200, self.runs[run]

    def _resume(self, run: str) -> tuple[int, Any]:
        steps = [each["last_step"] for each in self._series(run)]
        self.runs[run]["status"] = "running"
        return 200, {"run": self.runs[run], "last_step": max(steps, default=None)}

    def _append_lines(self, run: str, new: dict[str, Any]) -> tuple[int, Any]:
        writer = new.get("writer", "")
        for line in new["lines"]:
            if not writer or line["seq"] > self.last_line.get((run, writer), 0):
                self.last_line[run, writer] = line.get("seq", 0)
                self.lines[run].append(line["message"])
                if line.get("alert"):
                    self.alerts.append((line["level"], line["alert"]))
        return 201, {"last_seq": len(self.lines[run])}

    def _append(self, run: str, batch: MetricBatch) -> tuple[int, Any]:
        if any(self.refused_name in block.names for block in batch.blocks if self.refused_name):
            return 422, None
        key = (run, batch.writer)
        stored = self.last_seq.get(key, 0)
        is_new = batch.first_seq > stored
        if is_new:
            self.last_seq[key] = batch.last_seq
            self.batches[run].append(batch)
        return 202, {
            "accepted": batch.n_points if is_new else 0,
            "last_seq": self.last_seq[key],
            "flush_after_ms": self.flush_after_ms,
            "stop_requested": self.stop_requested,
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, fake: FakeServer, *arguments: Any) -> None:
        self._fake = fake
        super().__init__(*arguments)

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def _serve(self) -> None:
        body = self._body()
        fake = self._fake
        path = self.path.partition("?")[0]
        with fake.changed:
            fake.requests.append(f"{self.command} {path}")
            fault = self._fault(path)
            if fault and fault.status:
                self._send(fault.status, {"detail": "a fault", "code": "fault"}, fault.headers)
            elif self.headers.get("Authorization") not in {f"Bearer {fake.token}", "Bearer key"}:
                self._send(401, {"detail": "sign in first", "code": "unauthenticated"}, {})
            else:
                status, answer = fake.answer(self.command, path, body)
                if fault:
                    self.close_connection = True
                    self.connection.close()
                else:
                    self._send(status, answer or {"detail": f"a {status}", "code": "no"}, {})
            fake.changed.notify_all()

    def _fault(self, path: str) -> Fault | None:
        faults = self._fake.faults
        if not faults or faults[0].path not in path:
            return None
        faults[0].times -= 1
        return faults.popleft() if faults[0].times <= 0 else faults[0]

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts: list[bytes] = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            _ = self.rfile.readline()
        _ = self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        data = json.dumps(answer, default=str).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        _ = self.wfile.write(data)


def _document(**fields: Any) -> dict[str, Any]:
    at = now().isoformat()
    return {"id": new_id(), "user_id": new_id(), "created_at": at, "updated_at": at, **fields}


def _run(new: dict[str, Any]) -> dict[str, Any]:
    known = {key: value for key, value in new.items() if key != "launch"}
    return _document(status="running", **{"model_type": "", **known})


def _version(model: str, number: int) -> dict[str, Any]:
    return _document(
        model_id=model,
        version=number,
        file_path="",
        file_size=0,
        sha256="",
        format="onnx",
        signature=None,
        servable=True,
        created_by="",
    )
