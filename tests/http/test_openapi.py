"""The document says what the routes do."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from dirty_equals import IsPartialDict
from httpx import AsyncClient
from litestar import Litestar, get

from axonml.errors import StartupError
from axonml.http.observe import Observe
from axonml.http.openapi import document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def told(client: AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


async def test_every_route_is_told_once_with_its_access(told: dict[str, Any]) -> None:
    operations = {
        operation["operationId"]: (method, path, operation["x-access"])
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    }

    assert operations["echo"] == ("post", "/api/echo", "public")
    assert operations["hot"] == ("post", "/api/hot", "predict")
    assert operations["mounted"] == ("post", "/api/mounted/{item}", "predict")
    assert operations["socket"] == ("get", "/api/socket", "read")
    assert len(operations) == 17
    assert told["openapi"] == "3.1.0"
    assert told["info"]["title"] == "AxonML Dashboard"


async def test_bodies_are_typed_by_name_and_as_strictly_as_they_are_decoded(
    told: dict[str, Any],
) -> None:
    echo = told["paths"]["/api/echo"]["post"]

    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    assert echo["requestBody"] == {"required": True, "content": content}
    assert echo["responses"]["200"]["content"] == content
    assert told["components"]["schemas"]["Thing"] == IsPartialDict(
        type="object", required=["name"], additionalProperties=False
    )
    assert told["paths"]["/api/maybe"]["post"]["requestBody"]["required"] is False


async def test_parameters_carry_their_bounds(told: dict[str, Any]) -> None:
    listed, item = told["paths"]["/api/listed"]["get"], told["paths"]["/api/items/{item_id}"]["get"]

    assert listed["parameters"][0] == {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    }
    assert item["parameters"] == [
        {"name": "item_id", "in": "path", "required": True, "schema": {"type": "string"}}
    ]


async def test_every_operation_tells_its_errors_as_problems(told: dict[str, Any]) -> None:
    errors = told["components"]["responses"]
    for error in errors.values():
        assert error["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    for path, methods in told["paths"].items():
        for operation in methods.values():
            statuses = {status for status in operation["responses"] if int(status) >= 400}
            assert {"429", "500"} <= statuses
            assert statuses <= set(errors)
            assert ("401" in statuses) or operation["x-access"] == "public", path


async def test_what_is_always_answered_is_required(told: dict[str, Any]) -> None:
    schemas = told["components"]["schemas"]

    assert "scopes" in schemas["Caller"]["required"]
    assert "fields" not in schemas["Problem"]["required"]


async def test_an_asgi_handler_tells_its_own_bodies(told: dict[str, Any]) -> None:
    hot = told["paths"]["/api/hot"]["post"]

    assert hot["requestBody"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
    assert hot["responses"]["200"]["content"] == {
        "application/json": {"schema": {"type": "string"}}
    }
    assert hot["security"] == [{"bearer": []}]


async def test_every_reference_leads_somewhere(told: dict[str, Any]) -> None:
    text = json.dumps(told)

    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        place: Any = told
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


async def test_two_operations_of_one_name_stop_the_server_from_starting(
    build: Callable[..., Observe],
) -> None:
    @get("/api/a", opt={"access": "public"})
    async def same() -> None: ...

    other = get("/api/b", opt={"access": "public"}, name="other")(same.fn)

    with pytest.raises(StartupError, match="are both named same"):
        _ = document(Litestar([same, other], openapi_config=None))
