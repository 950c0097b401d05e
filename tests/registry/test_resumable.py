"""Resumable uploads (tus 1.0.0), over the real server: parts, breaks, restarts and refusals."""

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import onnx_models
import pytest
from product import Server, running
from registered import a_model, an_account

_OCTETS = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream"}
_LIMITS = {
    "AXONML_LIMITS_UPLOAD_BYTES": str(64 << 20),
    "AXONML_LIMITS_UPLOADS_PER_ACCOUNT": "100",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home"), **_LIMITS) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with an_account(server.url, "ada") as client:
        yield client


@pytest.fixture(scope="module")
def content() -> bytes:
    return onnx_models.doubling().SerializeToString()


def base64_of(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def announced(
    client: httpx.Client, model: str, size: int, filename: str = "m.onnx", **metadata: Any
) -> httpx.Response:
    described = f"filename {base64_of(filename)},metadata {base64_of(json.dumps(metadata))}"
    return client.post(
        f"/api/models/{model}/uploads",
        headers={
            "tus-resumable": "1.0.0",
            "upload-length": str(size),
            "upload-metadata": described,
        },
    )


def an_upload(client: httpx.Client, model: str, content: bytes, **metadata: Any) -> str:
    answer = announced(client, model, len(content), **metadata)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def append(
    client: httpx.Client, path: str, offset: int, part: bytes, **headers: str
) -> httpx.Response:
    return client.patch(
        path, content=part, headers={**_OCTETS, "upload-offset": str(offset), **headers}
    )


def offset_of(client: httpx.Client, path: str) -> int:
    answer = client.head(path, headers={"tus-resumable": "1.0.0"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def versions(client: httpx.Client, model: str) -> list[dict[str, Any]]:
    return list(client.get(f"/api/models/{model}/versions").json()["items"])


def parts_of(server: Server) -> list[str]:
    return [path.name for path in (server.home / "blobs" / "uploads").iterdir()]


def test_a_file_in_parts_becomes_a_version(client: httpx.Client, content: bytes) -> None:
    model = a_model(client)
    path = an_upload(client, model, content, metrics={"accuracy": 0.9}, tags=["raw"])

    for start in range(0, len(content), 50):
        part = content[start : start + 50]
        answer = append(client, path, start, part)
        assert answer.status_code == 204, answer.text
        assert answer.headers["upload-offset"] == str(start + len(part))
        assert answer.headers["upload-expires"].endswith("GMT")

    [version] = versions(client, model)
    assert version["sha256"] == hashlib.sha256(content).hexdigest()
    assert (version["metrics"], version["tags"]) == ({"accuracy": 0.9}, ["raw"])
    upload = client.get(path).json()
    assert (upload["status"], upload["version"]["version"]) == ("done", 1)
    assert client.get(f"/api/models/{model}/uploads").json()["items"] == []
    assert client.get(f"/api/models/{model}/versions/1/download").content == content


def test_a_part_elsewhere_than_at_the_end_is_refused(client: httpx.Client, content: bytes) -> None:
    model = a_model(client)
    path = an_upload(client, model, content)
    assert append(client, path, 0, content[:10]).status_code == 204

    for offset in (0, 5, 11, len(content)):
        answer = append(client, path, offset, content[offset:])
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_offset")

    assert offset_of(client, path) == 10
    [listed] = client.get(f"/api/models/{model}/uploads").json()["items"]
    assert (listed["offset"], listed["size_bytes"]) == (10, len(content))


def test_what_arrives_changed_is_not_kept(client: httpx.Client, content: bytes) -> None:
    model = a_model(client)
    path = an_upload(client, model, content)
    right = base64_of(hashlib.sha256(content[:20]).digest())

    changed = append(client, path, 0, b"X" * 20, **{"upload-checksum": f"sha256 {right}"})
    assert (changed.status_code, changed.json()["code"]) == (460, "checksum_mismatch")
    assert offset_of(client, path) == 0

    kept = append(client, path, 0, content[:20], **{"upload-checksum": f"sha256 {right}"})
    assert kept.status_code == 204
    sha1 = base64_of(hashlib.sha1(content[20:], usedforsecurity=False).digest())
    done = append(client, path, 20, content[20:], **{"upload-checksum": f"sha1 {sha1}"})
    assert done.status_code == 204, done.text
    assert len(versions(client, model)) == 1


def test_more_bytes_than_announced_are_not_kept(client: httpx.Client, content: bytes) -> None:
    model = a_model(client)
    path = an_upload(client, model, content[:-10])

    answer = append(client, path, 0, content)

    assert answer.status_code == 413
    assert offset_of(client, path) == 0


def test_a_cut_connection_keeps_what_came(server: Server, client: httpx.Client) -> None:
    content = b"x" * (3 << 20)
    model = a_model(client)
    path = an_upload(client, model, content)
    sent = 2 << 20
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        head = (
            f"PATCH {path} HTTP/1.1\r\nhost: localhost:{server.port}\r\nupload-offset: 0\r\n"
            f"authorization: {client.headers['authorization']}\r\ntus-resumable: 1.0.0\r\n"
            f"content-type: application/offset+octet-stream\r\ncontent-length: {len(content)}\r\n"
        )
        raw.sendall(f"{head}\r\n".encode() + content[:sent])

    kept = 0
    for _ in range(200):
        kept = offset_of(client, path)
        if kept:
            break
        threading.Event().wait(0.05)
    assert 0 < kept <= sent


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_an_upload_goes_on_after_the_server_ended(tmp_path: Path, content: bytes, end: str) -> None:
    with running(tmp_path) as server:
        with server.client() as client:
            model = a_model(client)
            path = an_upload(client, model, content)
            assert append(client, path, 0, content[:40]).status_code == 204
        server.kill() if end == "kill" else server.stop()
        server.start()
        with server.client() as client:
            assert offset_of(client, path) == 40
            assert append(client, path, 40, content[40:]).status_code == 204
            [version] = versions(client, model)
        assert version["sha256"] == hashlib.sha256(content).hexdigest()
        assert parts_of(server) == []


def test_an_expired_upload_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    with running(tmp_path, AXONML_LIMITS_UPLOAD_HOURS="0.0002") as server:
        with server.client() as client:
            model = a_model(client)
            path = an_upload(client, model, content)
            assert append(client, path, 0, content[:40]).status_code == 204
        assert len(parts_of(server)) == 1
        threading.Event().wait(1.0)
        _ = server.stop()
        server.start()  # which ends what has expired at once
        with server.client() as client:
            for _ in range(100):
                if not parts_of(server) and client.get(path).status_code == 404:
                    break
                threading.Event().wait(0.05)
            assert client.get(path).status_code == 404
            assert parts_of(server) == []


def test_a_deleted_upload_leaves_nothing(
    server: Server, client: httpx.Client, content: bytes
) -> None:
    model = a_model(client)
    path = an_upload(client, model, content)
    assert append(client, path, 0, content[:40]).status_code == 204
    name = path.rpartition("/")[2]
    assert name in parts_of(server)

    deleted = client.delete(path, headers={"tus-resumable": "1.0.0"})

    assert deleted.status_code == 204
    assert name not in parts_of(server)
    assert client.head(path, headers={"tus-resumable": "1.0.0"}).status_code == 404
    assert append(client, path, 40, content[40:]).status_code == 404


def test_a_deleted_model_takes_its_uploads_along(client: httpx.Client, content: bytes) -> None:
    model = a_model(client)
    path = an_upload(client, model, content)
    assert client.delete(f"/api/models/{model}").status_code == 204

    assert append(client, path, 0, content).status_code == 404


@pytest.mark.parametrize(
    ("filename", "damaged", "code"),
    [
        ("m.onnx", onnx_models.doubling().SerializeToString()[:-20], "damaged_file"),
        ("m.bin", b"nothing that is known" * 9, "unsupported_media_type"),
    ],
)
def test_a_file_that_is_no_model_is_refused_once_and_for_all(
    server: Server, client: httpx.Client, filename: str, damaged: bytes, code: str
) -> None:
    model = a_model(client)
    path = announced(client, model, len(damaged), filename).headers["location"]

    refused = append(client, path, 0, damaged)

    assert refused.status_code in {415, 422}, refused.text
    assert refused.json()["code"] == code
    upload = client.get(path).json()
    assert (upload["status"], upload["problem"]["detail"]) == ("failed", refused.json()["detail"])
    assert append(client, path, len(damaged), b"").status_code == refused.status_code
    assert versions(client, model) == []
    assert path.rpartition("/")[2] not in parts_of(server)


def test_a_file_with_another_hash_than_announced_is_refused(
    client: httpx.Client, content: bytes
) -> None:
    model = a_model(client)
    path = an_upload(client, model, content, sha256="0" * 64)

    refused = append(client, path, 0, content)

    assert (refused.status_code, refused.json()["code"]) == (422, "hash_differs")
    assert versions(client, model) == []


def test_the_same_bytes_twice_are_stored_once(
    server: Server, client: httpx.Client, content: bytes
) -> None:
    model = a_model(client)
    paths = [an_upload(client, model, content) for _ in range(2)]
    for path in paths:
        assert append(client, path, 0, content).status_code == 204

    first, second = versions(client, model)

    assert first["sha256"] == second["sha256"]
    sha256 = first["sha256"]
    blob = server.home / "blobs" / "sha256" / sha256[:2] / sha256[2:]
    assert (server.home / first["file_path"]).samefile(blob)
    assert (server.home / second["file_path"]).samefile(blob)


def test_a_name_never_becomes_a_path(server: Server, client: httpx.Client, content: bytes) -> None:
    model = a_model(client)
    for name in ("../../x.onnx", "/etc/passwd", "a/b\\c.onnx", "ü\u202e.onnx"):
        path = announced(client, model, len(content), name).headers["location"]
        assert append(client, path, 0, content).status_code == 204

    for version in versions(client, model):
        assert version["file_path"] == f"models/{model}/v{version['version']}/model.onnx"
    assert not list(server.home.parent.glob("x.onnx"))


def test_two_requests_at_once_do_not_mix(server: Server, client: httpx.Client) -> None:
    content = b"y" * (1 << 20)
    model = a_model(client)
    path = an_upload(client, model, content)
    go_on = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield content[:1000]
        _ = go_on.wait(20)
        yield content[1000:2000]

    def send() -> None:
        with httpx.Client(base_url=server.url, headers=client.headers, timeout=30) as other:
            _ = other.patch(path, content=slowly(), headers={**_OCTETS, "upload-offset": "0"})

    sending = threading.Thread(target=send)
    sending.start()
    for _ in range(500):  # until the first one holds it; to ask holds nothing
        if offset_of(client, path) == 1000:
            break
        threading.Event().wait(0.02)
    second = append(client, path, 1000, content[1000:])
    go_on.set()
    sending.join(20)

    assert (second.status_code, second.json()["code"]) == (423, "upload_busy")
    assert offset_of(client, path) == 2000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"upload-length": "10"}, 412),
        ({"tus-resumable": "0.2.2", "upload-length": "10"}, 412),
        ({"tus-resumable": "1.0.0"}, 400),
        ({"tus-resumable": "1.0.0", "upload-length": "-1"}, 400),
        ({"tus-resumable": "1.0.0", "upload-length": "1e3"}, 400),
        ({"tus-resumable": "1.0.0", "upload-length": "0"}, 422),
        ({"tus-resumable": "1.0.0", "upload-length": str(65 << 20)}, 413),
        ({"tus-resumable": "1.0.0", "upload-length": "9" * 16}, 413),
        ({"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": "filename %"}, 400),
        (
            {"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": "a YQ==,a YQ=="},
            400,
        ),
        (
            {"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": "metadata e30x"},
            422,
        ),
        (
            {"tus-resumable": "1.0.0", "upload-length": "10", "upload-metadata": "filename /w=="},
            422,
        ),
    ],
)
def test_an_announcement_that_is_none_is_refused(
    client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    model = a_model(client)

    answer = client.post(f"/api/models/{model}/uploads", headers=headers)

    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert answer.headers["tus-resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 415),
        ({"tus-resumable": "2.0.0"}, 412),
        ({"upload-offset": "x"}, 400),
        ({"upload-checksum": "md5 AAAA"}, 400),
        ({"upload-checksum": "sha256 AAAA"}, 400),
        ({"upload-checksum": "sha256 ***"}, 400),
    ],
)
def test_a_part_that_is_none_is_refused(
    client: httpx.Client, content: bytes, headers: dict[str, str], status: int
) -> None:
    model = a_model(client)
    path = an_upload(client, model, content)

    answer = client.patch(
        path, content=content[:5], headers={**_OCTETS, "upload-offset": "0", **headers}
    )

    assert answer.status_code == status, answer.text
    assert offset_of(client, path) == 0


def test_abilities_are_told_to_anyone(server: Server) -> None:
    answer = httpx.options(f"{server.url}/api/models/x/uploads")

    assert answer.headers["tus-version"] == "1.0.0"
    assert "termination" in answer.headers["tus-extension"]
    assert answer.headers["tus-max-size"] == str(64 << 20)


def test_others_neither_see_nor_touch_an_upload(
    server: Server, client: httpx.Client, content: bytes
) -> None:
    private, shared = a_model(client), a_model(client, visibility="team")
    paths = {model: an_upload(client, model, content) for model in (private, shared)}

    with an_account(server.url, "kim") as kim:
        for model, status in ((private, 404), (shared, 403)):
            path = paths[model]
            assert announced(kim, model, 10).status_code == status
            assert kim.get(f"/api/models/{model}/uploads").status_code == status
            assert kim.get(path).status_code == status
            assert append(kim, path, 0, content).status_code == status
            assert kim.delete(path, headers={"tus-resumable": "1.0.0"}).status_code == status
        other = a_model(kim)
        moved = paths[private].replace(private, other)
        assert append(kim, moved, 0, content).status_code == 404


def test_an_account_has_so_many_unfinished_uploads_and_no_more(
    tmp_path: Path, content: bytes
) -> None:
    with (
        running(tmp_path, AXONML_LIMITS_UPLOADS_PER_ACCOUNT="2") as server,
        server.client() as client,
    ):
        model = a_model(client)
        paths = [an_upload(client, model, content) for _ in range(2)]
        refused = announced(client, model, len(content))
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_uploads")

        assert append(client, paths[0], 0, content).status_code == 204

        assert announced(client, model, len(content)).status_code == 201
