"""What the operator can read afterwards."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from dirty_equals import IsFloat, IsInt, IsStr
from httpx import AsyncClient

from axonml.errors import StartupError
from axonml.http.observe import ACCESS, Logging, Observe, RequestMetrics, start_logging

pytestmark = pytest.mark.anyio
Connect = Callable[[Any], AsyncClient]


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[tuple[Path, Logging]]:
    root, access = logging.getLogger(), logging.getLogger(ACCESS)
    before = (root.handlers[:], root.level, access.handlers[:], access.propagate)
    opened = start_logging(tmp_path / "logs", "server")
    yield tmp_path / "logs", opened
    opened.close()
    root.handlers[:], root.level, access.handlers[:], access.propagate = before
    structlog.reset_defaults()


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_each_request_is_one_line_of_the_access_log(
    logs: tuple[Path, Logging], app: Observe, connect: Connect
) -> None:
    folder, opened = logs
    async with connect(app) as client:
        _ = await client.get("/api/read?token=secret", headers={"authorization": "Bearer member"})
        _ = await client.get("/api/nothing", headers={"x-request-id": "mine-1"})
    opened.close()

    line = {
        "timestamp": IsStr(regex=r"\d{4}-\d\d-\d\dT.*Z"),
        "method": "GET",
        "ms": IsFloat(gt=0),
        "bytes": IsInt(gt=0),
        "address": "192.0.2.1",
    }
    assert lines_of(folder / "access.log") == [
        {
            **line,
            "path": "/api/read",
            "status": 200,
            "request_id": IsStr(regex=r"[0-9A-Z]{26}"),
            "user_id": "user-member",
        },
        {
            **line,
            "path": "/api/nothing",
            "status": 404,
            "request_id": "mine-1",
            "user_id": None,
        },
    ]


async def test_an_unforeseen_error_is_in_the_server_log_with_its_request(
    logs: tuple[Path, Logging], app: Observe, connect: Connect
) -> None:
    folder, opened = logs
    async with connect(app) as client:
        _ = await client.get("/api/broken", headers={"x-request-id": "find-me"})
    opened.close()

    [line] = [line for line in lines_of(folder / "server.log") if line["level"] == "error"]
    assert line["request_id"] == "find-me"
    assert line["path"] == "/api/broken"
    assert "RuntimeError" in line["exception"]


async def test_lines_of_other_libraries_are_json_too(logs: tuple[Path, Logging]) -> None:
    folder, opened = logs
    logging.getLogger("granian").warning("worker %d\nleft", 3)
    structlog.stdlib.get_logger("axonml.x").warning("disk is slow", ms=30)
    opened.close()

    assert lines_of(folder / "server.log") == [
        {
            "event": "worker 3\nleft",
            "level": "warning",
            "logger": "granian",
            "timestamp": IsStr(),
        },
        {
            "event": "disk is slow",
            "ms": 30,
            "level": "warning",
            "logger": "axonml.x",
            "timestamp": IsStr(),
        },
    ]


@pytest.mark.parametrize("offered", ["", "a b", "x" * 65, 'a"b', "é"])
async def test_a_request_id_that_is_not_sane_is_replaced(client: AsyncClient, offered: str) -> None:
    answer = await client.get("/api/items/a", headers=[(b"x-request-id", offered.encode())])

    assert answer.headers["x-request-id"] == IsStr(regex=r"[0-9A-Z]{26}")


async def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file in the way")

    with pytest.raises(StartupError, match="cannot write logs to"):
        _ = start_logging(tmp_path / "logs", "server")


async def test_requests_are_counted_by_the_template_of_their_route(
    build: Callable[..., Observe], connect: Connect
) -> None:
    metrics = RequestMetrics()
    async with connect(build(metrics=metrics)) as client:
        for item in ("a", "b"):
            _ = await client.get(f"/api/items/{item}")
        _ = await client.get("/api/nothing")
        _ = await client.request("BREW", "/api/echo")

    text = metrics.render().decode()
    items = 'method="GET",route="/api/items/{item_id}"'
    assert f'axonml_http_requests_total{{{items},status="200"}} 2.0' in text
    assert f"axonml_http_request_seconds_count{{{items}}} 2.0" in text
    assert 'axonml_http_requests_total{method="GET",route="(none)",status="404"} 1.0' in text
    assert 'method="OTHER"' in text
    assert "BREW" not in text
