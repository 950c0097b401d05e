"""Every route of the API document, asked by everybody who must not get through and by who may.

A route that is not in the table fails here: whoever adds one says who may use it.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import onnx_models
import pytest
from product import Server, running

PASSWORD = "correct horse battery"
RUN, MODEL = "/api/training/runs/{run_id}", "/api/models/{model_id}"
ENDPOINT = "/api/inference/endpoints/{endpoint_id}"
VERSION = f"{MODEL}/versions/{{version}}"
UPLOAD = f"{MODEL}/uploads/{{upload_id}}"
USER, PASSKEY = "/api/admin/users/{user_id}", "/api/auth/mfa/webauthn/credentials/{passkey_id}"

POLICY = {
    "public": """
        GET /api/auth/state
        GET /health/live
        GET /health/ready
        GET /v2
        GET /v2/health/live
        GET /v2/health/ready
        POST /api/auth/invite
        POST /api/auth/link
        POST /api/auth/login
        POST /api/auth/logout
        POST /api/auth/mfa/recovery
        POST /api/auth/mfa/totp/verify
        POST /api/auth/mfa/webauthn/authenticate/finish
        POST /api/auth/mfa/webauthn/authenticate/start
        POST /api/auth/operator
        POST /api/auth/refresh
        POST /api/auth/register
    """,
    "read": f"""
        GET /api/auth/me
        GET /api/inference/endpoints
        GET {ENDPOINT}
        GET {ENDPOINT}/logs
        GET {ENDPOINT}/metrics
        GET {ENDPOINT}/replicas
        GET {ENDPOINT}/rollout
        GET /api/models
        GET /api/models/words
        GET {MODEL}
        GET {MODEL}/card
        GET {MODEL}/compare
        GET {MODEL}/history
        GET {MODEL}/versions
        GET {VERSION}
        GET {VERSION}/download
        GET {VERSION}/files
        GET {VERSION}/lineage
        GET /api/training/entrypoints
        GET /api/training/projects
        GET /api/training/projects/{{project}}
        GET /api/training/runs
        GET /api/training/runs/columns
        GET /api/training/runs/groups
        GET {RUN}
        GET {RUN}/artifacts
        GET {RUN}/artifacts/{{artifact}}/versions/{{version}}/download
        GET {RUN}/files
        GET {RUN}/logs
        GET {RUN}/media
        GET {RUN}/media/histograms
        GET {RUN}/media/keys
        GET {RUN}/media/{{media_id}}/content
        GET {RUN}/metrics
        GET {RUN}/models
        GET {RUN}/series
        GET {RUN}/stream
        GET /api/training/stream
        GET /api/training/trainers
        GET /api/training/views
        GET /metrics
        POST {MODEL}/card/preview
        POST /api/training/metrics/query
        POST /api/training/runs/compare
        POST /api/training/runs/importance
    """,
    "runs:write": f"""
        DELETE {RUN}
        DELETE /api/training/views/{{view_id}}
        PATCH /api/training/projects/{{project}}
        PATCH {RUN}
        PATCH /api/training/views/{{view_id}}
        POST /api/training/prune
        POST /api/training/runs
        POST /api/training/runs/bulk
        POST {RUN}/finish
        POST {RUN}/fork
        POST {RUN}/heartbeat
        POST {RUN}/log
        POST {RUN}/media
        POST {RUN}/metrics
        POST {RUN}/relaunch
        POST {RUN}/rerun
        POST {RUN}/restore
        POST {RUN}/resume
        POST {RUN}/stop
        POST /api/training/views
        PUT /api/training/projects/{{project}}
    """,
    "models:write": f"""
        DELETE {ENDPOINT}
        DELETE {MODEL}
        DELETE {MODEL}/aliases/{{alias}}
        DELETE {VERSION}
        DELETE {VERSION}/approval
        DELETE {UPLOAD}
        GET {MODEL}/uploads
        GET {UPLOAD}
        HEAD {UPLOAD}
        PATCH {UPLOAD}
        PATCH {VERSION}
        DELETE {ENDPOINT}/rollout
        POST /api/inference/endpoints
        POST {ENDPOINT}/rollout/promote
        POST {ENDPOINT}/start
        POST {ENDPOINT}/stop
        POST /api/models
        POST {MODEL}/uploads
        POST {MODEL}/versions
        POST {VERSION}/approval
        POST {VERSION}/deploy
        PUT {ENDPOINT}
        PUT {ENDPOINT}/rollout
        PUT {MODEL}
        PUT {MODEL}/aliases/{{alias}}
    """,
    "predict": f"""
        GET /v2/models/{{name}}
        GET /v2/models/{{name}}/ready
        GET /v2/models/{{name}}/versions/{{version}}
        GET /v2/models/{{name}}/versions/{{version}}/ready
        POST {ENDPOINT}/compare
        POST /api/inference/predict/{{name}}
        POST /v2/models/{{name}}/infer
        POST /v2/models/{{name}}/versions/{{version}}/infer
    """,
    "session": f"""
        DELETE /api/auth/mfa
        DELETE /api/auth/mfa/totp
        DELETE {PASSKEY}
        DELETE /api/auth/sessions
        DELETE /api/auth/sessions/{{session_id}}
        DELETE /api/auth/tokens/{{token_id}}
        GET /api/auth/audit
        GET /api/auth/mfa
        GET /api/auth/mfa/recovery
        GET /api/auth/mfa/totp/setup
        GET /api/auth/mfa/webauthn/credentials
        GET /api/auth/sessions
        GET /api/auth/tokens
        PATCH /api/auth/me
        PATCH {PASSKEY}
        POST /api/auth/mfa/recovery/regenerate
        POST /api/auth/mfa/totp/enable
        POST /api/auth/mfa/totp/setup
        POST /api/auth/mfa/webauthn/register/finish
        POST /api/auth/mfa/webauthn/register/start
        POST /api/auth/password
        POST /api/auth/reauth
        POST /api/auth/tokens
    """,
    "admin": f"""
        DELETE /api/admin/invites/{{invite_id}}
        DELETE /api/admin/sessions/{{session_id}}
        DELETE {USER}
        GET /api/admin/audit
        GET /api/admin/invites
        GET /api/admin/limits
        GET /api/admin/sessions
        GET /api/admin/stats
        GET /api/admin/users
        GET {USER}
        POST /api/admin/invites
        POST /api/admin/users
        POST {USER}/link
        POST {USER}/reset-mfa
        POST {USER}/sign-out
        PUT {USER}
    """,
}
ROUTES = {
    route.strip(): access
    for access, routes in POLICY.items()
    for route in routes.strip().split("\n")
}
SCOPES = ("read", "runs:write", "models:write", "predict")
SOCKETS = {f"GET {RUN}/stream", "GET /api/training/stream"}  # tests/training/test_stream.py
# Of everybody's runs: the scope alone is not enough, an admin's token or session it must be.
OF_ADMINS = {
    "POST /api/training/prune",
    "PUT /api/training/projects/{project}",
    f"POST {VERSION}/approval",
    f"DELETE {VERSION}/approval",
}
# What is there, and what is not: for somebody who may not see Bob's, both must look the same.
MISSING = "01" + "Z" * 24


class Place:
    """A server where Bob, a member, owns one private object of each kind."""

    def __init__(self, server: Server, tmp_path: Path) -> None:
        self.server = server
        people = {"ada": "admin", "bob": "member", "kim": "member", "eve": "viewer"}
        self.sessions = {name: self._joined(name) for name in people}
        for user in self.sessions["ada"].get("/api/admin/users").json()["items"]:
            role = {"role": people[user["name"]]}
            if user["role"] != role["role"]:
                path = f"/api/admin/users/{user['id']}"
                assert self.sessions["ada"].put(path, json=role).status_code == 200
        self.bob = self.sessions["bob"]
        self.tokens = {scope: self._token(scope) for scope in SCOPES}
        self.ids = self._made(tmp_path)

    def _joined(self, name: str) -> httpx.Client:
        account = {"email": f"{name}@example.org", "password": PASSWORD}
        url = f"{self.server.url}/api/auth"
        joined = httpx.post(f"{url}/register", json={**account, "name": name})
        assert joined.status_code == 201, joined.text
        return self.server.client(httpx.post(f"{url}/login", json=account).json()["token"])

    def _token(self, scope: str) -> httpx.Client:
        made = self.bob.post("/api/auth/tokens", json={"name": scope, "scopes": [scope]}).json()
        return self.server.client(made["token"])

    def _made(self, tmp_path: Path) -> dict[str, str]:
        run = self.bob.post("/api/training/runs", json={"name": "r", "project": "secret"}).json()
        model = self.bob.post("/api/models", json={"name": "m"}).json()
        path = onnx_models.saved(onnx_models.doubling(), tmp_path / "m.onnx")
        version = self.bob.post(
            f"/api/models/{model['id']}/versions", files={"file": path.read_bytes()}
        )
        assert version.status_code == 201, version.text
        uploads = self.bob.post(
            f"/api/models/{model['id']}/uploads",
            headers={"tus-resumable": "1.0.0", "upload-length": "10"},
        )
        endpoint = self.bob.post(f"/api/models/{model['id']}/versions/1/deploy").json()
        view = self.bob.post(
            "/api/training/views", json={"name": "v", "path": "/training", "query": ""}
        ).json()
        audio = self.bob.post(
            f"/api/training/runs/{run['id']}/media",
            params={"kind": "text", "key": "t", "step": 0},
            content=b"hello",
        )
        return {
            "run_id": run["id"],
            "model_id": model["id"],
            "version": "1",
            "endpoint_id": endpoint["id"],
            "name": endpoint["name"],
            "view_id": view["id"],
            "media_id": audio.json()["id"],
            "session_id": self.bob.get("/api/auth/sessions").json()["items"][0]["id"],
            "token_id": self.bob.get("/api/auth/tokens").json()["items"][0]["id"],
            "user_id": self.bob.get("/api/auth/me").json()["id"],
            "project": "secret",
            "artifact": "a",
            "alias": "champion",
            "upload_id": uploads.headers["location"].rpartition("/")[2],
            "passkey_id": "x",
            "invite_id": MISSING,
        }

    def ask(
        self, client: httpx.Client, route: str, ids: dict[str, str] | None = None
    ) -> httpx.Response:
        method, path = route.split(" ")
        body: dict[str, str] | None = {} if method in {"POST", "PUT", "PATCH"} else None
        return client.request(method, path.format(**(ids or self.ids)), json=body)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    budgets = {
        "AXONML_LIMITS_REQUESTS_PER_MINUTE": "1000000",
        "AXONML_LIMITS_ANONYMOUS_PER_MINUTE": "1000000",
    }
    with running(home, **budgets) as server:
        place = Place(server, tmp_path_factory.mktemp("files"))
        yield place
        for client in (*place.sessions.values(), *place.tokens.values()):
            client.close()


def of(*accesses: str) -> list[str]:
    found = [route for route, access in ROUTES.items() if access in accesses]
    return [route for route in found if route not in SOCKETS]


def test_the_table_is_that_of_the_api_document(place: Place) -> None:
    told = httpx.get(f"{place.server.url}/api/openapi.json").json()

    served = {
        f"{method.upper()} {path}": operation["x-access"]
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
    }
    assert served == ROUTES


def test_nobody_and_invented_tokens_get_through_to_public_routes_only(place: Place) -> None:
    invented = ["", "Bearer x", "Bearer axon_pat_x_y", f"Bearer {secrets.token_urlsafe(32)}"]
    let_through: list[str] = []
    for header in invented:
        with httpx.Client(base_url=place.server.url, headers={"authorization": header}) as nobody:
            let_through += [
                route
                for route in of(*(set(POLICY) - {"public"}))
                if place.ask(nobody, route).status_code != 401
            ]

    assert let_through == []


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_does_what_its_scope_says_and_nothing_else(place: Place, scope: str) -> None:
    let_through = [
        route
        for route in of(*(set(POLICY) - {"public", scope}))
        if place.ask(place.tokens[scope], route).status_code != 403
    ]

    assert let_through == []


def test_a_viewer_writes_nothing(place: Place) -> None:
    let_through = [
        route
        for route in of("runs:write", "models:write")
        if place.ask(place.sessions["eve"], route).status_code != 403
    ]

    assert let_through == []


@pytest.mark.parametrize("name", ["bob", "eve"])
def test_only_admins_administer(place: Place, name: str) -> None:
    let_through = [
        route for route in of("admin") if place.ask(place.sessions[name], route).status_code != 403
    ]

    assert let_through == []


@pytest.mark.parametrize("name", ["kim", "eve"])
def test_to_others_a_private_object_is_as_one_that_is_not_there(place: Place, name: str) -> None:
    other = place.sessions[name]
    nothing = {**dict.fromkeys(place.ids, MISSING), "version": "1", "alias": "champion"}
    routes = of("read", "runs:write", "models:write", "predict")
    told_apart: list[tuple[str, int, int]] = []
    for route in filter(names_an_object, routes):
        real, made_up = place.ask(other, route), place.ask(other, route, nothing)
        if what_it_says(real) != what_it_says(made_up):
            told_apart.append((route, real.status_code, made_up.status_code))

    assert not told_apart, told_apart


def test_what_is_listed_for_others_holds_nothing_private(place: Place) -> None:
    lists = [route for route in of("read") if "{" not in route and route.startswith("GET /api/")]
    seen = [
        route
        for route in lists
        for name in ("kim", "eve")
        for secret in ("run_id", "model_id", "endpoint_id", "view_id", "project")
        if place.ids[secret] in place.ask(place.sessions[name], route).text
    ]

    assert seen == []


def test_credentials_of_others_are_out_of_reach(place: Place) -> None:
    kim = place.sessions["kim"]

    answers = [
        kim.delete(f"/api/auth/sessions/{place.ids['session_id']}"),
        kim.delete(f"/api/auth/tokens/{place.ids['token_id']}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_owners_admins_and_their_tokens_get_through(place: Place) -> None:
    """Last, as it uses up what the others looked at."""
    refused: list[tuple[str, str, int]] = []
    order = {"GET": 0, "HEAD": 0, "POST": 1, "PATCH": 2, "PUT": 3, "DELETE": 4}
    for access in ("read", "predict", "runs:write", "models:write"):
        for route in sorted(of(access), key=lambda route: order[route.split(" ")[0]]):
            asked = {"ada": place.sessions["ada"]}
            if route not in OF_ADMINS:
                asked |= {"token": place.tokens[access], "bob": place.bob}
            for name, client in asked.items():
                status = place.ask(client, route).status_code
                if status in {401, 403} or status >= 500:
                    refused.append((route, name, status))
    for route in sorted(of("admin"), key=lambda route: order[route.split(" ")[0]]):
        status = place.ask(place.sessions["ada"], route).status_code
        if status in {401, 403} or status >= 500:
            refused.append((route, "ada", status))

    assert not refused, refused


def names_an_object(route: str) -> bool:
    return "{" in route


def what_it_says(answer: httpx.Response) -> tuple[int, Any]:
    # An answer to HEAD has no body.
    said: Any = answer.json() if answer.content else {}
    return answer.status_code, said.get("code") if answer.is_error else said
