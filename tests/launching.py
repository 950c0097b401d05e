"""Runs that a server has launched, as tests begin, follow and look into them."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import psutil
from product import Server

RUNS = "/api/training/runs"
LIMIT_S = 30


def launched(client: httpx.Client, entrypoint: str, *args: str, **fields: Any) -> str:
    launch = {"kind": "entrypoint", "entrypoint": entrypoint, "args": args}
    answer = client.post(RUNS, json={"name": entrypoint, "launch": launch, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def run_when(
    client: httpx.Client, run: str, condition: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    deadline = time.monotonic() + LIMIT_S
    while True:
        found = client.get(f"{RUNS}/{run}").json()
        if condition(found):
            return dict(found)
        assert time.monotonic() < deadline, f"it stayed {found['status']}: {found['reason']}"
        time.sleep(0.05)


def ended(client: httpx.Client, run: str) -> tuple[str, str]:
    finals = {"completed", "failed", "stopped", "lost"}
    found = run_when(client, run, lambda each: each["status"] in finals)
    return found["status"], found["reason"]


def begun(client: httpx.Client, run: str) -> None:
    _ = run_when(client, run, lambda _: bool(lines(client, run)))


def lines(client: httpx.Client, run: str) -> list[str]:
    found = client.get(f"{RUNS}/{run}/logs").json()["items"]
    return [line["message"] for line in found]


def pid_of(server: Server, run: str) -> int:
    state = msgspec.json.decode((server.home / "runs" / run / "state.json").read_bytes())
    return int(state["pid"])


def runner_of(server: Server, run: str) -> psutil.Process:
    parent = psutil.Process(pid_of(server, run)).parent()
    assert parent is not None
    assert str(server.home / "runs" / run) in parent.cmdline()
    return parent


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
