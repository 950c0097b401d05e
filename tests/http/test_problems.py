"""Every error is a problem document, and tells nothing of the inside."""

from typing import Any

import pytest
from dirty_equals import IsStr
from httpx import AsyncClient
from structlog.testing import capture_logs

pytestmark = pytest.mark.anyio
AN_ID = IsStr(min_length=1)


def a_problem(status: int, code: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"urn:axonml:problem:{code}",
        "title": IsStr(min_length=3),
        "status": status,
        "detail": IsStr(min_length=10),
        "code": code,
        "request_id": AN_ID,
        **more,
    }


async def test_an_error_of_ours_is_told_with_its_code_and_sentence(client: AsyncClient) -> None:
    answer = await client.get("/api/taken")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == a_problem(
        409,
        "thing_taken",
        title="Not possible in this state",
        detail="the thing is taken; choose another",
    )
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_wait_is_told_in_whole_seconds(client: AsyncClient) -> None:
    answer = await client.get("/api/full")

    assert answer.status_code == 507
    assert answer.headers["retry-after"] == "30"


async def test_an_unforeseen_error_tells_nothing_of_the_inside(client: AsyncClient) -> None:
    with capture_logs() as logged:
        answer = await client.get("/api/broken", headers={"x-request-id": "find-me"})

    assert answer.status_code == 500
    assert answer.json() == a_problem(500, "internal", request_id="find-me")
    assert "hunter2" not in answer.text
    assert [line["request_id"] for line in logged] == ["find-me"]


async def test_an_unknown_address_is_a_404_problem(client: AsyncClient) -> None:
    answer = await client.get("/api/nothing/here")

    assert answer.status_code == 404
    assert answer.json() == a_problem(404, "no_such_address")


async def test_a_wrong_method_is_a_405_problem_that_names_the_right_ones(
    client: AsyncClient,
) -> None:
    answer = await client.delete("/api/echo")

    assert answer.status_code == 405
    assert answer.json() == a_problem(405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=ten", "limit=1.5", "limit="])
async def test_a_wrong_query_parameter_is_named(client: AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/listed?{query}")

    assert answer.status_code == 422
    fields = [{"path": "query.limit", "message": IsStr(min_length=3)}]
    assert answer.json() == a_problem(422, "invalid", fields=fields)


async def test_an_unauthenticated_answer_says_which_credential_is_taken(
    client: AsyncClient,
) -> None:
    answer = await client.get("/api/read")

    assert answer.status_code == 401
    assert answer.json() == a_problem(401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="axonml"'
