"""What watchers see over the WebSockets of the real server."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from factories import a_batch
from product import Server, running
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from axonml.columns import MEDIA_TYPE, MetricBatch, encode_batch
from axonml.ids import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return str(server.operator()["token"])


@pytest.fixture
def client(server: Server, token: str) -> Iterator[httpx.Client]:
    with server.client(token) as client:
        yield client


def a_run(client: httpx.Client) -> str:
    return str(client.post("/api/training/runs", json={"name": "r"}).json()["id"])


def log(client: httpx.Client, run: str, first: int, n: int, *names: str) -> None:
    frame = encode_batch(a_batch(first, n, names=names or ("loss",)))
    answer = client.post(
        f"/api/training/runs/{run}/metrics", content=frame, headers={"content-type": MEDIA_TYPE}
    )
    assert answer.status_code == 202, answer.text


def watch(server: Server, token: str, path: str) -> ClientConnection:
    return connect(
        f"ws://localhost:{server.port}/api/training{path}",
        additional_headers={"authorization": f"Bearer {token}"},
    )


def take(socket: ClientConnection, n: int = 1) -> list[dict[str, Any]]:
    return [json.loads(socket.recv(timeout=10)) for _ in range(n)]


def test_one_run_is_told_a_message_a_step_and_its_end(
    server: Server, token: str, client: httpx.Client
) -> None:
    run = a_run(client)
    with watch(server, token, f"/runs/{run}/stream?since=0") as socket:
        rows = [{"step": 7, "epoch": 1, "loss": 0.5, "accuracy": "NaN"}]
        _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
        (metrics,) = take(socket)
        _ = client.post(f"/api/training/runs/{run}/finish", json={"status": "completed"})
        (status,) = take(socket)

    assert metrics["type"] == "metrics"
    assert metrics["data"].items() >= rows[0].items()
    assert status["type"] == "status"
    assert status["data"]["status"] == "completed"
    assert status["data"]["completed_at"]


def test_a_watcher_that_comes_again_misses_nothing_and_sees_nothing_twice(
    server: Server, token: str, client: httpx.Client
) -> None:
    run = a_run(client)
    with watch(server, token, f"/runs/{run}/stream?since=0") as socket:
        log(client, run, 1, 3)
        seen = take(socket, 3)
    log(client, run, 4, 3)
    with watch(server, token, f"/runs/{run}/stream?since={seen[-1]['seq']}") as socket:
        log(client, run, 7, 3)
        seen += take(socket, 6)

    assert [message["data"]["step"] for message in seen] == list(range(1, 10))


@pytest.mark.parametrize("path", ["/runs/{run}/stream?since=0", "/stream"])
def test_a_batch_without_points_is_no_message(
    server: Server, token: str, client: httpx.Client, path: str
) -> None:
    run = a_run(client)
    empty = encode_batch(MetricBatch("other", 1, 9, ()))
    headers = {"content-type": MEDIA_TYPE}
    missed = client.post(f"/api/training/runs/{run}/metrics", content=empty, headers=headers)

    with watch(server, token, path.format(run=run)) as socket:
        if path == "/stream":
            socket.send(json.dumps({"subscribe": [{"run": run, "since": 0}]}))
            assert take(socket)[0]["type"] == "status"
        live = encode_batch(MetricBatch("other", 10, 12, ()))
        _ = client.post(f"/api/training/runs/{run}/metrics", content=live, headers=headers)
        log(client, run, 0, 1)
        (message,) = take(socket)

    assert missed.status_code == 202
    assert message["type"] in {"metrics", "columns"}


def test_many_runs_come_over_one_socket_as_columns(
    server: Server, token: str, client: httpx.Client
) -> None:
    first, second = a_run(client), a_run(client)
    with watch(server, token, "/stream") as socket:
        socket.send(json.dumps({"subscribe": [first, {"run": second, "since": 0}]}))
        statuses = take(socket, 2)
        log(client, first, 1, 4, "loss", "acc")
        log(client, second, 1, 2)
        a, b = take(socket, 2)
        socket.send(json.dumps({"unsubscribe": [first], "subscribe": [new_id()]}))
        (error,) = take(socket)
        log(client, first, 5, 4, "loss", "acc")
        log(client, second, 3, 2)
        (after,) = take(socket)

    assert [(m["type"], m["run"]) for m in statuses] == [("status", first), ("status", second)]
    assert (a["type"], a["run"], a["names"]) == ("columns", first, ["loss", "acc"])
    assert a["step"] == [1, 2, 3, 4]
    assert [len(column) for column in a["values"]] == [4, 4]
    assert b["run"] == second
    assert (error["type"], error["data"]["code"]) == ("error", "run_not_found")
    assert (after["run"], after["step"]) == (second, [3, 4])


def test_a_cursor_from_before_the_packing_is_told_of_a_gap(
    server: Server, token: str, client: httpx.Client
) -> None:
    run = a_run(client)
    log(client, run, 1, 5)
    log(client, run, 6, 5)
    _ = client.post(f"/api/training/runs/{run}/finish", json={})
    with watch(server, token, "/stream") as socket:
        socket.send(json.dumps({"subscribe": [{"run": run, "since": 1}]}))
        kinds = [message["type"] for message in take(socket, 2)]

    assert kinds == ["gap", "status"]


def test_log_lines_arrive_live(server: Server, token: str, client: httpx.Client) -> None:
    run = a_run(client)
    with watch(server, token, "/stream") as socket:
        socket.send(json.dumps({"subscribe": [run]}))
        _ = take(socket)
        _ = client.post(f"/api/training/runs/{run}/log", json={"message": "epoch 1"})
        (message,) = take(socket)

    assert message["type"] == "log"
    (line,) = message["data"]["lines"]
    assert (line["seq"], line["message"]) == (1, "epoch 1")


@pytest.mark.parametrize(
    "text", ["{", '{"subscribe": 1}', '{"subscribe": [{"run": 1}]}', "[" * 9999]
)
def test_a_message_that_is_not_understood_closes_the_socket(
    server: Server, token: str, text: str
) -> None:
    with watch(server, token, "/stream") as socket:
        socket.send(text)
        with pytest.raises(ConnectionClosed):
            _ = socket.recv(timeout=10)

    assert socket.close_code == 4400


def test_a_browser_proves_itself_by_subprotocol(server: Server, token: str) -> None:
    del token
    link = server.operator()["link_token"]
    signed_in = httpx.post(f"{server.url}/api/auth/link", json={"token": link}).json()
    with connect(
        f"ws://localhost:{server.port}/api/training/stream",
        subprotocols=[Subprotocol("axon.v1"), Subprotocol(f"bearer.{signed_in['token']}")],
    ) as socket:
        assert socket.subprotocol == "axon.v1"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}])
def test_a_socket_without_a_token_is_closed_with_4401(
    server: Server, headers: dict[str, str]
) -> None:
    with (
        connect(
            f"ws://localhost:{server.port}/api/training/stream", additional_headers=headers
        ) as socket,
        pytest.raises(ConnectionClosed),
    ):
        _ = socket.recv(timeout=10)

    assert socket.close_code == 4401


def test_a_restart_closes_sockets_with_come_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running(tmp_path_factory.mktemp("home")) as other:
        token = str(other.operator()["token"])
        with watch(other, token, "/stream") as socket:
            assert other.stop() == 0
            with pytest.raises(ConnectionClosed):
                _ = socket.recv(timeout=10)

    assert socket.close_code == 1012
