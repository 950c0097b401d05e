"""Rich values from a script to the real server: as they were, whatever ends the script."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from product import Server, running

import axonml
from axonml.client.media import Histogram, Rich, Table
from axonml.client.offline import sync
from axonml.client.png import png_of
from axonml.client.run import Run

RUNS = "/api/training/runs"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def token(product: Server) -> str:
    return str(product.operator()["token"])


@pytest.fixture
def client(product: Server, token: str) -> Iterator[httpx.Client]:
    with product.client(token) as client:
        yield client


def begun(product: Server, token: str, **options: Any) -> Run:
    return axonml.init("p", "rich", server=product.url, token=token, system=False, **options)


def body_of(value: Rich) -> Any:
    body = value.packed().body
    assert isinstance(body, bytes)
    return json.loads(body)


def keys_of(client: httpx.Client, run: str) -> dict[str, tuple[str, int]]:
    items = client.get(f"{RUNS}/{run}/media/keys").json()["items"]
    return {item["key"]: (item["kind"], item["n_items"]) for item in items}


def test_a_script_of_wandb_logs_rich_values_beside_numbers(
    product: Server, token: str, client: httpx.Client
) -> None:
    wandb = axonml
    run = begun(product, token)
    for step in range(3):
        wandb.log(
            {
                "loss": 1.0 / (step + 1),
                "pictures": [wandb.Image(np.zeros((4, 4, 3), np.uint8) + i) for i in range(2)],
                "weights": wandb.Histogram(np.arange(10.0) + step),
                "rows": wandb.Table(columns=["a", "b"], data=[[step, "x"]]),
                "sample": wandb.Text(f"at {step}"),
            }
        )

    assert run.finish()

    assert keys_of(client, run.id) == {
        "pictures": ("image", 6),
        "weights": ("histogram", 3),
        "rows": ("table", 3),
        "sample": ("text", 3),
    }
    rows = client.get(f"{RUNS}/{run.id}/metrics").json()["items"]
    assert [row["step"] for row in rows] == [0, 1, 2]
    query = {"kind": "image", "key": "pictures"}
    items = client.get(f"{RUNS}/{run.id}/media", params=query).json()["items"]
    assert [(item["step"], item["meta"]["index"]) for item in items] == [
        (step, index) for step in range(3) for index in range(2)
    ]
    assert not any(run._spool.folder.parent.glob("*"))


def test_what_cannot_be_logged_warns_and_training_goes_on(
    product: Server, token: str, client: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    run = begun(product, token)

    run.log_image("missing", "/nowhere.png")
    run.log_image("odd", np.zeros((2, 2, 7)))
    run.log_image("svg", b"<svg onload='alert(1)'/>")
    run.log_histogram("empty", [])
    run.log_histogram("nan", [float("nan")])
    run.log_table("ragged", ["a"], [[1, 2]])
    run.log_file("/nowhere")
    run.log_file(__file__, "../../x")
    run.log({"loss": 1.0})

    assert run.finish()
    assert keys_of(client, run.id) == {}
    assert client.get(f"{RUNS}/{run.id}/files").json()["items"] == []
    assert client.get(f"{RUNS}/{run.id}/series").json()["items"][0]["n_points"] == 1
    said = capsys.readouterr().err
    for word in ("missing", "odd", "empty", "nan", "ragged", "PNG, JPEG", "below its folder"):
        assert word in said, said


def test_a_folder_is_a_new_version_of_its_artifact_each_time(
    product: Server, token: str, client: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "set" / "deep").mkdir(parents=True)
    (tmp_path / "set" / "deep" / "a").write_text("a")
    (tmp_path / "set" / "b").write_text("b")
    run = begun(product, token)

    run.log_artifact(tmp_path / "set", "numbers", "dataset")
    (tmp_path / "set" / "b").write_text("changed")
    made = axonml.Artifact("numbers", type="dataset")
    made.add_dir(tmp_path / "set")
    run.log_artifact(made)

    assert run.finish()
    two, one = client.get(f"{RUNS}/{run.id}/artifacts").json()["items"]
    assert (one["version"], two["version"], two["type"]) == (1, 2, "dataset")
    assert [file["key"] for file in one["files"]] == ["b", "deep/a"]
    assert one["files"][0]["sha256"] != two["files"][0]["sha256"]


def test_a_script_that_is_killed_keeps_what_it_logged(
    product: Server, token: str, client: httpx.Client, home: Path
) -> None:
    code = """
import sys, numpy as np, axonml
run = axonml.init("p", "killed", mode="offline", server=sys.argv[1], system=False)
for step in range(40):
    run.log({"loss": 1.0, "image": axonml.Image(np.full((8, 8), step, np.uint8))})
    run.log_histogram("h", np.arange(step + 2.0))
print(run.id, flush=True)
while True:
    run.log({"loss": 1.0, "more": axonml.Image(np.random.default_rng().random((64, 64)))})
"""
    script = subprocess.Popen(
        [sys.executable, "-c", code, product.url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "AXONML_HOME": str(home)},
    )
    assert script.stdout is not None
    run = script.stdout.readline().strip()
    script.send_signal(signal.SIGKILL)
    _ = script.wait(20)
    script.stdout.close()

    [synced] = sync(home, product.url, token)

    assert synced.problem == ""
    found = keys_of(client, run)
    assert found["image"] == ("image", 40)
    assert found["h"] == ("histogram", 40)
    assert not list((home / "spool").iterdir())


def test_values_reach_a_server_that_was_away_when_they_were_logged(
    tmp_path: Path, home: Path
) -> None:
    away = Server(tmp_path / "away")
    away.start()
    token = str(away.operator()["token"])
    away.kill()
    run = begun(away, token)
    run.log_image("x", np.zeros((2, 2)))
    away.start()
    try:
        assert run.finish()
        with away.client(token) as client:
            assert keys_of(client, run.id) == {"x": ("image", 1)}
    finally:
        _ = away.stop()


def test_a_value_in_the_outbox_is_whole_or_not_there(product: Server, token: str) -> None:
    run = begun(product, token, mode="offline")
    run.log({"loss": 1.0})
    folder = run._spool.folder / "media"
    folder.mkdir()
    _ = (folder / "0.bin").write_bytes(b"cut off by a kill")
    _ = (folder / "0.part").write_bytes(b"{")
    run.log_image("x", np.zeros((2, 2)))
    _ = run.finish()

    notes = [json.loads(path.read_bytes()) for path in folder.glob("*.json")]

    assert [note["key"] for note in notes] == ["x"]


@pytest.mark.parametrize(
    ("array", "remark"),
    [
        (np.zeros((2, 3), np.uint8), ""),
        (np.zeros((2, 3, 3), np.float32), ""),
        (np.ones((1, 2, 5), bool), ""),
        (np.arange(6).reshape(2, 3), ""),
        (np.linspace(-1, 1, 6).reshape(2, 3), "scaled from -1 to 1"),
        (np.array([[np.nan, 0.5]]), "1 values not finite"),
        (np.array([[-1e308, 1e308]]), "scaled from -1e+308 to 1e+308"),
        (np.array([[np.inf]]), "no finite value"),
    ],
)
def test_a_picture_that_is_scaled_says_so(array: Any, remark: str) -> None:
    png, said = png_of(array)

    assert png.startswith(b"\x89PNG")
    assert said == remark


@pytest.mark.parametrize("array", [np.zeros((0, 2)), np.zeros(3), np.zeros((2, 2, 5))])
def test_what_is_no_picture_is_refused(array: Any) -> None:
    with pytest.raises(ValueError, match="image"):
        _ = png_of(array)


def test_nan_and_infinities_are_counted_beside_the_bins() -> None:
    body = body_of(Histogram([1, 2, float("nan"), float("inf")], num_bins=2))

    assert body == {"counts": [1, 1], "edges": [1.0, 1.5, 2.0], "n_nan": 1, "n_infinite": 1}


def test_cells_of_a_table_are_what_json_has() -> None:
    table = Table(["a", "b", "c", "d"])
    table.add_data(np.float64(1.5), float("nan"), None, object)

    body = body_of(table)

    assert body["data"] == [[1.5, "nan", None, "<class 'object'>"]]
