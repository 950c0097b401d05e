"""What happened to a model, and who may let a version be deployed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from product import Server, running
from registered import a_model, a_version, an_account


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def ada(server: Server) -> Iterator[httpx.Client]:
    """The admin."""
    with an_account(server.url, "ada") as client:
        yield client


@pytest.fixture(scope="module")
def bob(server: Server, ada: httpx.Client) -> Iterator[httpx.Client]:
    with an_account(server.url, "bob") as client:
        yield client


def history(client: httpx.Client, model: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/models/{model}/history", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_an_alias_that_moves_says_who_moved_it_from_where_and_why(bob: httpx.Client) -> None:
    model = a_model(bob)
    for factor in (1.0, 2.0):
        _ = a_version(bob, model, factor)
    path = f"/api/models/{model}/aliases/champion"

    for body in ({"version": 1}, {"version": 2, "reason": "2 % better"}, {"version": 2}):
        assert bob.put(path, json=body).is_success
    assert bob.delete(path, params={"reason": "recalled"}).status_code == 204
    assert bob.delete(path).status_code == 204

    told = [
        (each["action"], each["version"], each["previous_version"], each["reason"])
        for each in history(bob, model)
        if each["alias"] == "champion"
    ]
    # What changes nothing is no event.
    assert told == [
        ("alias_removed", None, 2, "recalled"),
        ("alias_set", 2, 1, "2 % better"),
        ("alias_set", 1, None, ""),
    ]
    assert {each["user_name"] for each in history(bob, model)} == {"Bob"}


def test_uploads_deletions_and_visibility_are_told_page_by_page(bob: httpx.Client) -> None:
    model = a_model(bob)
    for factor in (1.0, 2.0):
        _ = a_version(bob, model, factor)
    assert bob.put(f"/api/models/{model}/aliases/old", json={"version": 1}).is_success
    assert bob.put(f"/api/models/{model}", json={"visibility": "team"}).is_success
    assert bob.delete(f"/api/models/{model}/versions/1").status_code == 204

    actions: list[str] = []
    cursor = ""
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = bob.get(f"/api/models/{model}/history", params=query).json()
        actions += [each["action"] for each in page["items"]]
        if not (cursor := page["next_cursor"]):
            break

    assert actions == [
        "version_deleted",
        "alias_removed",
        "visibility_changed",
        "alias_set",
        "version_uploaded",
        "version_uploaded",
        "model_created",
    ]


def test_moves_and_deletions_are_in_the_audit_log(ada: httpx.Client, bob: httpx.Client) -> None:
    model = a_model(bob)
    _ = a_version(bob, model)
    assert bob.put(f"/api/models/{model}/aliases/live", json={"version": 1}).is_success

    told = ada.get("/api/admin/audit", params={"action": "alias_set"}).json()["items"]

    assert told[0]["email"] == "bob@example.org"


def test_a_version_that_needs_approval_is_deployed_only_with_it(
    ada: httpx.Client, bob: httpx.Client
) -> None:
    model = a_model(bob, requires_approval=True)
    _ = a_version(bob, model)
    version = f"/api/models/{model}/versions/1"

    refused = bob.post(f"{version}/deploy")
    assert (refused.status_code, refused.json()["code"]) == (409, "approval_required")
    own = bob.post(f"{version}/approval", json={"reason": "trust me"})
    assert own.status_code == 403

    approved = ada.post(f"{version}/approval", json={"reason": "checked on the test set"})
    assert approved.status_code == 200, approved.text
    assert approved.json()["approval"]["by_name"] == "Ada"
    assert approved.json()["approval"]["reason"] == "checked on the test set"
    assert bob.post(f"{version}/deploy").is_success

    assert ada.delete(f"{version}/approval", params={"reason": "a bug"}).status_code == 204
    assert bob.get(version).json()["approval"] is None
    told = [each["action"] for each in history(bob, model)]
    assert told[:2] == ["approval_withdrawn", "approved"]


def test_only_an_admin_lifts_the_need_for_approval(ada: httpx.Client, bob: httpx.Client) -> None:
    model = a_model(bob)
    path = f"/api/models/{model}"
    assert bob.put(path, json={"requires_approval": True}).is_success

    assert bob.put(path, json={"requires_approval": False}).status_code == 403
    assert bob.get(path).json()["requires_approval"] is True
    assert ada.put(path, json={"requires_approval": False}).is_success

    told = [each["action"] for each in history(bob, model)]
    assert told[:2] == ["approval_not_required", "approval_required"]


def test_a_version_takes_a_description_and_tags_later(bob: httpx.Client) -> None:
    model = a_model(bob)
    _ = a_version(bob, model, metrics={"accuracy": 0.9}, description="first", tags=["raw"])
    path = f"/api/models/{model}/versions/1"

    changed = bob.patch(path, json={"tags": ["checked", "small"]}).json()

    assert (changed["tags"], changed["description"]) == (["checked", "small"], "first")
    assert bob.get(path).json() == changed
    assert changed["created_by_name"] == "Bob"
    for body in ({"metrics": {"accuracy": 1.0}}, {"tags": ["x" * 65]}, {"tags": "x"}):
        assert bob.patch(path, json=body).status_code in {400, 422}


def test_a_deleted_model_leaves_no_history(bob: httpx.Client, server: Server) -> None:
    model = a_model(bob)
    assert bob.delete(f"/api/models/{model}").status_code == 204

    assert bob.get(f"/api/models/{model}/history").status_code == 404
