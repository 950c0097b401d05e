"""Saved views: one's own and the team's, and addresses of this site only."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from product import running

from axonml.ids import new_id

VIEWS = "/api/training/views"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("home")) as server, server.client() as client:
        yield client


@pytest.fixture(scope="module")
def other(client: httpx.Client) -> Iterator[httpx.Client]:
    """Return a second account's client: a member."""
    account = {"email": "b@example.org", "name": "B", "password": "correct horse battery"}
    registered = client.post("/api/auth/register", json=account)
    assert registered.status_code == 201, registered.text
    login = {key: account[key] for key in ("email", "password")}
    token = client.post("/api/auth/login", json={**login, "client": "cli"}).json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=client.base_url, headers=headers) as second:
        yield second


def a_view(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = client.post(VIEWS, json={"name": "best", "query": "?sort=-metrics.acc", **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def names(client: httpx.Client) -> list[str]:
    return [view["name"] for view in client.get(VIEWS).json()["items"]]


def test_a_view_is_saved_renamed_and_deleted(client: httpx.Client) -> None:
    view = a_view(client, name="B first", path="/training?compare=", query="a=1&b=%20")
    _ = a_view(client, name="a second")

    changed = client.patch(f"{VIEWS}/{view['id']}", json={"name": "C first", "query": "b=2"}).json()

    assert (changed["name"], changed["query"], changed["path"]) == (
        *("C first", "b=2"),
        "/training?compare=",
    )
    assert names(client)[:2] == ["a second", "C first"]
    assert client.delete(f"{VIEWS}/{view['id']}").status_code == 204
    assert "C first" not in names(client)
    assert client.patch(f"{VIEWS}/{view['id']}", json={}).status_code == 404


def test_others_see_what_is_the_teams_and_change_nothing(
    client: httpx.Client, other: httpx.Client
) -> None:
    private, team = a_view(client, name="mine"), a_view(client, name="ours", visibility="team")

    assert [name for name in names(other) if name in {"mine", "ours"}] == ["ours"]
    assert other.patch(f"{VIEWS}/{private['id']}", json={"name": "x"}).status_code == 404
    assert other.delete(f"{VIEWS}/{private['id']}").status_code == 404
    assert other.patch(f"{VIEWS}/{team['id']}", json={"name": "x"}).status_code == 403
    assert other.delete(f"{VIEWS}/{team['id']}").status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 300},
        {"path": "https://evil.example"},
        {"path": "//evil.example"},
        {"path": "/\\evil.example"},
        {"path": "javascript:alert(1)"},
        {"path": "/a b"},
        {"query": "a\nb"},
        {"query": "x" * 20_000},
        {"visibility": "world"},
        {"user_id": "somebody"},
    ],
)
def test_what_is_no_view_of_this_site_is_refused(
    client: httpx.Client, fields: dict[str, Any]
) -> None:
    answer = client.post(VIEWS, json={"name": "v", **fields})

    assert answer.status_code == 422
    assert client.patch(f"{VIEWS}/{new_id()}", json={}).status_code == 404
