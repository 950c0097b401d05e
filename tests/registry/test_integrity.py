"""Bits that flip on the disk are found before a process loads them."""

import time
from pathlib import Path

import httpx
from product import running
from registered import a_model, a_version


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 0x40
    path.chmod(0o600)
    _ = path.write_bytes(content)


def _answer(client: httpx.Client, name: str) -> httpx.Response:
    return client.post(f"/api/inference/predict/{name}", json={"inputs": [[1, 2, 3]]})


def test_a_damaged_file_is_refused_and_the_old_version_goes_on(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        model = a_model(client, name="m")
        _ = a_version(client, model, 1.0)
        second = a_version(client, model, 2.0)
        assert client.post(f"/api/models/{model}/versions/1/deploy").is_success
        _flip(tmp_path / second["file_path"])

        refused = client.post(f"/api/models/{model}/versions/2/deploy")

        assert (refused.status_code, refused.json()["code"]) == (409, "file_damaged")
        assert "upload it again" in refused.json()["detail"]
        still = _answer(client, "m").json()
        assert (still["outputs"], still["model_version"]) == ([[1, 2, 3]], "v1")

        third = a_version(client, model, 2.0)
        assert third["sha256"] == second["sha256"]
        assert client.post(f"/api/models/{model}/versions/3/deploy").is_success
        assert _answer(client, "m").json()["outputs"] == [[2, 4, 6]]


def test_a_server_that_comes_back_starts_no_damaged_file(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with server.client() as client:
            model = a_model(client, name="m")
            version = a_version(client, model)
            assert client.post(f"/api/models/{model}/versions/1/deploy").is_success
        _ = server.stop()
        _flip(tmp_path / version["file_path"])

        server.start()

        with server.client() as client:
            [endpoint] = client.get("/api/inference/endpoints").json()["items"]
            path = f"/api/inference/endpoints/{endpoint['id']}"
            deadline = time.monotonic() + 20
            while client.get(path).json()["status"] != "failed" and time.monotonic() < deadline:
                time.sleep(0.05)
            assert "damaged on disk" in client.get(path).json()["reason"]
