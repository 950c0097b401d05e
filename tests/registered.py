"""Models as people register them: made, uploaded to, and shared between accounts."""

import json
from typing import Any

import httpx
import onnx_models

from axonml.ids import new_id

PASSWORD = "correct horse battery"


def a_model(client: httpx.Client, **fields: Any) -> str:
    """Make a model without versions and return its id."""
    answer = client.post("/api/models", json={"name": f"m-{new_id().lower()}", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def a_version(
    client: httpx.Client, model: str, factor: float = 2.0, features: int = 3, **metadata: Any
) -> dict[str, Any]:
    """Upload a small ONNX file as the model's next version and return that."""
    content = onnx_models.doubling(features, factor).SerializeToString()
    answer = client.post(
        f"/api/models/{model}/versions",
        files={
            "metadata": (None, json.dumps(metadata), "application/json"),
            "file": ("model.onnx", content),
        },
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def an_account(server_url: str, name: str) -> httpx.Client:
    """Register somebody and return their signed-in client; the first one is the admin."""
    account = {"email": f"{name}@example.org", "password": PASSWORD}
    joined = httpx.post(f"{server_url}/api/auth/register", json={**account, "name": name.title()})
    assert joined.status_code == 201, joined.text
    token = httpx.post(f"{server_url}/api/auth/login", json=account).json()["token"]
    return httpx.Client(
        base_url=server_url, headers={"authorization": f"Bearer {token}"}, timeout=30
    )
