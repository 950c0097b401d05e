"""Alive, ready, counted."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import AsyncClient

from axonml.config import LimitsConfig
from axonml.http.health import HealthRoutes
from axonml.http.observe import Observe, RequestMetrics

pytestmark = pytest.mark.anyio


async def test_a_server_is_alive_before_it_is_ready(
    build: Callable[..., Observe], connect: Callable[[Any], AsyncClient]
) -> None:
    missing = "storage is being opened"

    async def ready() -> str:
        return missing

    metrics = RequestMetrics()
    app = build(handlers=HealthRoutes(metrics, ready).handlers(), metrics=metrics)
    async with connect(app) as client:
        live, early = await client.get("/health/live"), await client.get("/health/ready")
        missing = ""
        late = await client.get("/health/ready")

    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    assert (early.status_code, early.json()["detail"]) == (503, "storage is being opened")
    assert early.headers["retry-after"] == "1"
    assert late.status_code == 200


async def test_prometheus_reads_with_a_token(
    build: Callable[..., Observe], connect: Callable[[Any], AsyncClient]
) -> None:
    async def ready() -> str:
        return ""

    metrics = RequestMetrics()
    app = build(handlers=HealthRoutes(metrics, ready).handlers(), metrics=metrics)
    async with connect(app) as client:
        nobody = await client.get("/metrics")
        scraper = await client.get("/metrics", headers={"authorization": "Bearer viewer+read"})

    assert nobody.status_code == 401
    assert scraper.headers["content-type"].startswith("text/plain")
    assert "process_resident_memory_bytes" in scraper.text
    assert 'route="/metrics",status="401"} 1.0' in scraper.text


async def test_whoever_watches_over_the_server_may_ask_as_often_as_it_likes(
    build: Callable[..., Observe], connect: Callable[[Any], AsyncClient]
) -> None:
    async def ready() -> str:
        return ""

    handlers = HealthRoutes(RequestMetrics(), ready).handlers()
    app = build(handlers=handlers, limits=LimitsConfig(anonymous_per_minute=1))
    async with connect(app) as client:
        statuses = {(await client.get("/health/live")).status_code for _ in range(5)}

    assert statuses == {200}
