"""Rich values and files of a run: checked, stored once, shown safely, freed with the run."""

import asyncio
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from product import Server, running

from axonml.ids import RunId, new_id
from axonml.live import Live
from axonml.storage.protocols import Storage
from axonml.training.media import Media, NewMedia
from axonml.training.media_store import MediaStore
from axonml.training.media_types import MediaKind
from axonml.training.messages import log_topic

RUNS = "/api/training/runs"


def a_png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0\x80\x80" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def run(client: httpx.Client) -> str:
    return str(client.post(RUNS, json={"name": "rich"}).json()["id"])


def add(
    client: httpx.Client, run: str, kind: str, key: str, body: bytes, **query: Any
) -> httpx.Response:
    meta = json.dumps(query.pop("meta", {}))
    params = {"kind": kind, "key": key, "meta": meta, **query}
    return client.post(f"{RUNS}/{run}/media", params=params, content=body)


def blobs_of(server: Server) -> set[str]:
    return {
        path.parent.name + path.name
        for path in (server.home / "blobs" / "sha256").glob("*/*")
        if path.is_file()
    }


def test_an_image_comes_back_as_it_was_with_its_size(client: httpx.Client, run: str) -> None:
    item = add(client, run, "image", "val/sample 1", a_png(), step=3, meta={"caption": "c"}).json()

    got = client.get(f"{RUNS}/{run}/media/{item['id']}/content")

    assert got.content == a_png()
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"].startswith("inline")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert (item["step"], item["meta"]["caption"]) == (3, "c")
    assert (item["meta"]["width"], item["meta"]["height"]) == (2, 2)
    again = client.get(got.url, headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_value_sent_twice_is_there_once(client: httpx.Client, run: str) -> None:
    first = add(client, run, "image", "x", a_png(), step=1).json()
    second = add(client, run, "image", "x", a_png(), step=1).json()
    _ = add(client, run, "image", "x", a_png(), step=2)

    [key] = client.get(f"{RUNS}/{run}/media/keys").json()["items"]

    assert first["id"] == second["id"]
    assert (key["n_items"], key["first_step"], key["last_step"]) == (2, 1, 2)


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("image", a_png()[:-4], 422, "bad_image"),
        ("image", a_png()[:20], 422, "bad_image"),
        ("image", a_png(60_000, 60_000), 422, "image_too_large"),
        ("image", b"<svg onload='alert(1)'/>", 415, "unsupported_media_type"),
        ("image", b"", 415, "unsupported_media_type"),
        ("histogram", b'{"counts": [NaN], "edges": [0, 1]}', 400, "bad_json"),
        ("histogram", b'{"counts": [1], "edges": [0]}', 422, None),
        ("histogram", b'{"counts": [1, 2], "edges": [0, 2, 1]}', 422, "bad_histogram"),
        ("histogram", b'{"counts": [], "edges": []}', 422, None),
        ("table", b'{"columns": ["a"], "data": [[1, 2]]}', 422, "bad_table"),
        ("table", b'{"columns": [], "data": []}', 422, None),
        ("table", b"[" * 100_000, 400, "too_deep"),
        ("text", b"\xff\xfe\x00", 400, "bad_text"),
        ("text", b"x" * (4 << 20) + b"y", 413, None),
        ("nonsense", b"x", 422, None),
    ],
)
def test_what_is_not_of_its_kind_is_refused_and_leaves_nothing(  # one argument for each column
    server: Server,
    client: httpx.Client,
    run: str,
    kind: str,
    body: bytes,
    status: int,
    code: str | None,
) -> None:
    before = blobs_of(server)

    answer = add(client, run, kind, "x", body)

    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code
    assert blobs_of(server) == before
    assert client.get(f"{RUNS}/{run}/media/keys").json()["items"] == []


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/passwd", "a\\..\\x", "C:/x", "a//b", ".", "a\0b", "\n", ""]
)
def test_a_file_cannot_be_named_out_of_its_folder(
    client: httpx.Client, run: str, path: str
) -> None:
    assert add(client, run, "file", path, b"x").status_code in {400, 422}


def test_a_page_in_a_file_is_never_shown_in_the_page(client: httpx.Client, run: str) -> None:
    page = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    item = add(client, run, "file", "a/evil.svg", page).json()

    got = client.get(f"{RUNS}/{run}/media/{item['id']}/content", headers={"range": "bytes=1-3"})

    assert (got.status_code, got.content) == (206, b"svg")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == 'attachment; filename="evil.svg"'


def test_bytes_that_arrive_changed_are_refused(client: httpx.Client, run: str) -> None:
    answer = add(client, run, "file", "x", b"changed", sha256="0" * 64)

    assert (answer.status_code, answer.json()["code"]) == (422, "hash_differs")


def test_histograms_over_steps_are_thinned_evenly_and_keep_the_ends(
    client: httpx.Client, run: str
) -> None:
    for step in range(25):
        body = {"counts": [step, 1], "edges": [0, 1, 2], "n_nan": step}
        assert add(client, run, "histogram", "w", json.dumps(body).encode(), step=step).is_success

    all_ = client.get(f"{RUNS}/{run}/media/histograms", params={"key": "w"}).json()
    few = client.get(f"{RUNS}/{run}/media/histograms", params={"key": "w", "limit": 6}).json()

    assert all_["step"] == all_["n_nan"] == list(range(25))
    assert all_["counts"][7] == [7.0, 1.0]
    assert few["n_steps"] == 25
    assert few["step"] == [0, 5, 10, 15, 20, 24]


def test_pages_of_values_follow_each_other_within_a_window(client: httpx.Client, run: str) -> None:
    for step in range(-2, 8):
        _ = add(client, run, "text", "t", f"{step}".encode(), step=step)
    query: dict[str, Any] = {"kind": "text", "key": "t", "from": -1, "to": 6, "limit": 3}

    steps: list[int] = []
    while True:
        page = client.get(f"{RUNS}/{run}/media", params=query).json()
        steps += [item["step"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert steps == list(range(-1, 7))


def test_each_log_of_an_artifact_is_a_version_that_downloads_as_a_zip(
    client: httpx.Client, run: str
) -> None:
    for batch, word in (("A1", b"old"), ("A2", b"new")):
        meta = {"artifact": "ds", "artifact_type": "dataset", "batch": batch, "n_files": 2}
        _ = add(client, run, "file", "sub/a", word, meta=meta)
        if batch == "A2":
            _ = add(client, run, "file", "b", b"b" * 3_000_000, meta=meta)

    two, one = client.get(f"{RUNS}/{run}/artifacts").json()["items"]
    got = client.get(f"{RUNS}/{run}/artifacts/ds/versions/2/download")

    assert [(x["version"], x["is_complete"], x["n_files"]) for x in (one, two)] == [
        (1, False, 2),
        (2, True, 2),
    ]
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["b", "sub/a"]
        assert archive.read("sub/a") == b"new"
    assert client.get(f"{RUNS}/{run}/artifacts/ds/versions/3/download").status_code == 404
    assert client.get(f"{RUNS}/{run}/files").json()["items"] == []


def test_a_saved_file_replaces_the_one_before_it(client: httpx.Client, run: str) -> None:
    for word in (b"old", b"new"):
        _ = add(client, run, "file", "notes.txt", word)

    [file] = client.get(f"{RUNS}/{run}/files").json()["items"]

    assert client.get(f"{RUNS}/{run}/media/{file['id']}/content").content == b"new"


def test_another_users_private_values_are_not_there(server: Server, client: httpx.Client) -> None:
    run = str(client.post(RUNS, json={"name": "private", "visibility": "private"}).json()["id"])
    item = add(client, run, "image", "x", a_png()).json()["id"]
    other = str(client.post(RUNS, json={"name": "other"}).json()["id"])

    somebody = {"email": "other@example.org", "password": "correct horse battery", "name": "o"}
    assert httpx.post(f"{server.url}/api/auth/register", json=somebody).status_code == 201
    token = httpx.post(
        f"{server.url}/api/auth/login", json={k: v for k, v in somebody.items() if k != "name"}
    ).json()["token"]
    with server.client(token) as stranger:
        for path in (f"media/{item}/content", "media/keys", "files", "artifacts"):
            assert stranger.get(f"{RUNS}/{run}/{path}").status_code == 404
        assert add(stranger, run, "image", "x", a_png()).status_code == 404
    # An item is found under its own run alone.
    assert client.get(f"{RUNS}/{other}/media/{item}/content").status_code == 404
    assert client.get(f"{RUNS}/{new_id()}/files").status_code == 404
    _ = client.delete(f"{RUNS}/{run}")
    assert client.get(f"{RUNS}/{run}/media/{item}/content").status_code == 404
    assert add(client, run, "image", "x", a_png()).status_code == 410


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.mark.anyio
async def test_what_is_deleted_with_a_run_frees_what_nothing_else_has(storage: Storage) -> None:
    live = Live()
    media = Media(MediaStore(storage.documents), storage.blobs, live, asyncio.Lock(), 100)
    one, two = RunId(new_id()), RunId(new_id())
    reader = live.subscriber()
    live.watch(reader, log_topic(one))
    new = NewMedia(kind=MediaKind.FILE, key="x")
    shared = await media.add(one, new, _bytes(b"shared"))
    alone = await media.add(one, NewMedia(kind=MediaKind.FILE, key="y"), _bytes(b"alone"))
    _ = await media.add(two, new, _bytes(b"shared"))
    frames, _ = await reader.take()

    await media.forget(one)
    still = await storage.blobs.head(shared.sha256)
    await media.forget(two)

    assert [json.loads(frame.messages[0])["data"]["key"] for frame in frames] == ["x", "y"]
    assert still is not None
    assert await storage.blobs.head(alone.sha256) is None
    assert await storage.blobs.head(shared.sha256) is None


@pytest.mark.anyio
async def test_a_fork_refers_to_its_parents_media_and_keeps_them_when_that_is_purged(
    storage: Storage,
) -> None:
    media = Media(MediaStore(storage.documents), storage.blobs, Live(), asyncio.Lock(), 100)
    parent, child = RunId(new_id()), RunId(new_id())
    for step in range(3):
        new = NewMedia(kind=MediaKind.FILE, key="x", step=step)
        _ = await media.add(parent, new, _bytes(f"at {step}".encode()))
    counts = _bytes(b'{"counts": [1], "edges": [0, 1]}')
    _ = await media.add(parent, NewMedia(kind=MediaKind.HISTOGRAM, key="h"), counts)

    await media.share(parent, child, 1)
    await media.share(parent, child, 1)
    await media.forget(parent)

    [newest] = await media.files(child)
    answer = await media.histograms(child, "h", (0, 10), 10)
    assert (newest.step, answer.counts) == (1, [[1.0]])
    assert await storage.blobs.head(newest.sha256) is not None
    assert await storage.blobs.head(hashlib.sha256(b"at 2").hexdigest()) is None
    assert (await MediaStore(storage.documents).totals(child))[0] == 3
    await media.forget(child)
    assert await storage.blobs.head(newest.sha256) is None


def test_a_forked_run_shows_what_its_parent_logged_up_to_the_step(
    server: Server, client: httpx.Client, run: str
) -> None:
    for step in range(3):
        _ = add(client, run, "image", "samples", a_png(2, 3 + step), step=step)
    meta = {"artifact": "model", "batch": "b1", "n_files": 1}
    _ = add(client, run, "file", "weights.bin", b"weights", step=1, meta=meta)
    before = blobs_of(server)

    child = client.post(f"{RUNS}/{run}/fork", json={"step": 1}).json()["id"]
    _ = client.delete(f"{RUNS}/{run}")

    query = {"kind": "image", "key": "samples"}
    images = client.get(f"{RUNS}/{child}/media", params=query).json()["items"]
    [artifact] = client.get(f"{RUNS}/{child}/artifacts").json()["items"]
    shown = client.get(f"{RUNS}/{child}/media/{images[1]['id']}/content")
    assert [image["step"] for image in images] == [0, 1]
    assert (artifact["name"], artifact["is_complete"]) == ("model", True)
    assert shown.content == a_png(2, 4)
    assert blobs_of(server) == before
