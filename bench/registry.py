"""The registry at 10,000 models: what a list, a search and a comparison take, beside MLflow's.

    python bench/registry.py [--models 10000] [--mlflow PYTHON]

Models have a card of 1 kB, 3 tags, an alias and two versions. Times are of whole HTTP requests on
this machine, p50 and worst of 20, with 50 models a page. With `--mlflow`, the interpreter of an
environment that has mlflow, its server (SQLite, one worker) holds as many models and is asked in
the same run.
"""

import argparse
import asyncio
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from product import free_port, running

from axonml.clock import as_datetime
from axonml.config import Config
from axonml.ids import ModelId, UserId, VersionId, new_id
from axonml.registry.store import RegistryStore
from axonml.registry.types import Model, ModelVersion
from axonml.storage.open import open_storage

REPEATS = 20
AT_ONCE = 200
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("newest", {}),
    ("by name", {"sort": "name"}),
    ("by size", {"sort": "-size"}),
    ("a word in name, tags or card", {"q": "model-77"}),
    ("a word that no model has", {"q": "nowhere"}),
    ("tag, format, last changed first", {"tag": "vision", "format": "onnx", "sort": "-updated_at"}),
    ("an alias", {"alias": "champion"}),
)
FILL_MLFLOW = """
import sys
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore
from mlflow.entities.model_registry import RegisteredModelTag
store = SqlAlchemyStore(sys.argv[1])
for i in range(int(sys.argv[2])):
    tags = [RegisteredModelTag("team", "vision"), RegisteredModelTag("n", str(i % 10))]
    store.create_registered_model(f"model-{i:05}", tags=tags, description=sys.argv[3])
    for version in (1, 2):
        store.create_model_version(f"model-{i:05}", "file:///nowhere")
"""


async def fill(home: Path, n_models: int, user: str) -> None:
    """Store `n_models` models of `user` as a server would have."""
    storage = await open_storage(Config(home))
    store, chance = RegistryStore(storage.documents), random.Random(7)
    for start in range(0, n_models, AT_ONCE):
        some = range(start, min(start + AT_ONCE, n_models))
        _ = await asyncio.gather(*(add(store, chance, user, i) for i in some))
    await storage.close()


async def add(store: RegistryStore, chance: random.Random, user: str, number: int) -> None:
    """Store one model with two versions."""
    at = as_datetime(1_700_000_000_000 + number * 60_000)
    model = Model(
        id=ModelId(new_id()),
        user_id=UserId(user),
        name=f"model-{number:05}",
        description=a_card(chance),
        tags=(chance.choice(["vision", "speech"]), f"n{number % 10}", "team"),
        aliases={chance.choice(["champion", "staging"]): 1},
        next_version=3,
        created_at=at,
        updated_at=at,
    )
    await store.add(model)
    for each in (1, 2):
        await store.add_version(
            ModelVersion(
                id=VersionId(new_id()),
                model_id=model.id,
                version=each,
                file_path=f"models/{model.id}/v{each}/model.onnx",
                file_size=chance.randrange(10**9),
                sha256=f"{number * 2 + each:064x}",
                format=chance.choice(["onnx", "safetensors"]),
                signature=None,
                servable=False,
                metrics={f"metric{i}": chance.random() for i in range(10)},
                config={f"key{i}": chance.random() for i in range(20)},
                created_by=model.user_id,
                created_at=at,
            )
        )


def a_card(chance: random.Random) -> str:
    """Return about 1 kB of words that hardly repeat."""
    letters = "abcdefghijklmnoprstuvwy"
    return " ".join("".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(160))


def timed(client: httpx.Client, path: str, parameters: dict[str, Any]) -> list[float]:
    """Return the seconds of each call, the first ones (cold caches) left out."""
    taken: list[float] = []
    for _ in range(REPEATS + 3):
        start = time.perf_counter()
        answer = client.get(path, params=parameters)
        taken.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.text
    return taken[3:]


def show(name: str, taken: list[float]) -> None:
    """Print one line of the table."""
    print(f"{name:44} {statistics.median(taken) * 1e3:8.1f} {max(taken) * 1e3:9.1f}")


def measure(client: httpx.Client) -> None:
    """Time each of our calls."""
    for name, parameters in CALLS:
        show(f"page: {name}", timed(client, "/api/models", parameters))
    page = client.get("/api/models", params={"sort": "-size"}).json()
    second = {"sort": "-size", "cursor": page["next_cursor"]}
    show("page: the second, by size", timed(client, "/api/models", second))
    show("every tag, alias and format", timed(client, "/api/models/words", {}))
    model = f"/api/models/{page['items'][0]['id']}"
    show("two versions side by side", timed(client, f"{model}/compare", {"versions": "1,2"}))
    show("floor: one model", timed(client, model, {}))


@contextmanager
def mlflow(python: str, n_models: int) -> Generator[httpx.Client]:
    """Fill and run MLflow's server for the body."""
    with tempfile.TemporaryDirectory() as folder:
        store, port = f"sqlite:///{folder}/mlflow.db", free_port()
        filling = [python, "-c", FILL_MLFLOW, store, str(n_models), a_card(random.Random(7))]
        _ = subprocess.run(filling, check=True, capture_output=True)
        command = [python, "-m", "mlflow", "server", "--backend-store-uri", store]
        command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        server = subprocess.Popen(
            [*command, "--artifacts-destination", folder],
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                wait_for(client)
                yield client
        finally:
            server.terminate()
            _ = server.wait(20)
            shutil.rmtree(folder, ignore_errors=True)


def wait_for(client: httpx.Client) -> None:
    """Return once MLflow answers."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("mlflow did not start")


def measure_mlflow(client: httpx.Client) -> None:
    """Time the calls that MLflow has as well."""
    path, page = "/api/2.0/mlflow/registered-models/search", {"max_results": 50}
    show("mlflow: by name", timed(client, path, {**page, "order_by": "name ASC"}))
    named = {**page, "filter": "name LIKE '%model-77%'"}
    show("mlflow: a word in the name", timed(client, path, named))
    tagged = {**page, "filter": "tags.team = 'vision'", "order_by": "timestamp DESC"}
    show("mlflow: a tag, last changed first", timed(client, path, tagged))
    one = "/api/2.0/mlflow/registered-models/get"
    show("mlflow: one model", timed(client, one, {"name": "model-00077"}))


def main() -> None:
    """Fill a folder, serve it and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--models", type=int, default=10_000)
    _ = parser.add_argument("--mlflow")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running(home) as server:
            granted = server.operator()
        start = time.perf_counter()
        asyncio.run(fill(home, given.models, granted["user"]["id"]))
        print(f"{given.models} models stored in {time.perf_counter() - start:.1f} s")
        print(f"{'':44} {'p50 ms':>8} {'worst ms':>9}")
        with running(home) as server, server.client(granted["token"]) as client:
            measure(client)
    if given.mlflow:
        with mlflow(given.mlflow, given.models) as client:
            measure_mlflow(client)


if __name__ == "__main__":
    main()
