"""What a script and a page get from /api/training, over the real server."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from product import Server, running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch, unpack
from axonml.ids import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def a_run(client: httpx.Client, **fields: Any) -> str:
    answer = client.post("/api/training/runs", json={"name": "mlp", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def a_batch(first: int, n: int, writer: str = "w1", names: tuple[str, ...] = ("loss",)) -> bytes:
    step = np.arange(first, first + n)
    values = np.vstack([np.sin(step / 50.0) + k for k in range(len(names))])
    block = Block(names, step, step * 1000, values)
    return encode_batch(MetricBatch(writer, first, first + n - 1, (block,)))


def post_batch(client: httpx.Client, run: str, frame: bytes) -> httpx.Response:
    return client.post(
        f"/api/training/runs/{run}/metrics", content=frame, headers={"content-type": MEDIA_TYPE}
    )


def test_a_run_is_created_running_and_listed_first(client: httpx.Client) -> None:
    run = a_run(client, project="digits", config={"lr": 0.001, "layers": [64, 32]}, tags=["a"])

    listed = client.get("/api/training/runs").json()["items"]

    assert listed[0]["id"] == run
    assert listed[0]["status"] == "running"
    assert listed[0]["config"] == {"lr": 0.001, "layers": [64, 32]}
    assert listed[0]["completed_at"] is None


def test_creating_a_run_twice_with_its_id_gives_the_same_run(client: httpx.Client) -> None:
    run_id = new_id()

    first = client.post("/api/training/runs", json={"name": "a", "id": run_id})
    again = client.post("/api/training/runs", json={"name": "b", "id": run_id})

    assert first.json()["name"] == again.json()["name"] == "a"


def test_the_seeds_json_batch_is_stored_and_read_back_in_rows(client: httpx.Client) -> None:
    run = a_run(client)
    rows = [
        {"step": 1, "epoch": 0, "loss": 0.9, "accuracy": 0.1, "timestamp": "2026-01-02T03:04:05Z"},
        {"step": 2, "epoch": 0, "loss": "NaN", "accuracy": 0.2, "timestamp": 1767323046.5},
    ]

    answer = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})

    assert answer.status_code == 202
    assert answer.json()["accepted"] == 6
    back = client.get(f"/api/training/runs/{run}/metrics").json()["items"]
    assert back == [
        {**rows[0], "timestamp": "2026-01-02T03:04:05Z"},
        {**rows[1], "timestamp": "2026-01-02T03:04:06.500000Z"},
    ]


def test_a_batch_sent_twice_is_stored_once(client: httpx.Client) -> None:
    run = a_run(client)

    first = post_batch(client, run, a_batch(1, 100)).json()
    again = post_batch(client, run, a_batch(1, 100)).json()

    assert (first["accepted"], again["accepted"]) == (100, 0)
    assert again["last_seq"] == 100
    series = client.get(f"/api/training/runs/{run}/series").json()["items"]
    assert [s["n_points"] for s in series] == [100]


def test_a_batch_that_overlaps_tells_the_sender_where_to_go_on(client: httpx.Client) -> None:
    run = a_run(client)
    _ = post_batch(client, run, a_batch(1, 100))

    answer = post_batch(client, run, a_batch(51, 100)).json()

    assert (answer["accepted"], answer["last_seq"]) == (0, 100)


def test_the_summary_of_a_run_is_the_last_value_of_each_metric(client: httpx.Client) -> None:
    run = a_run(client)
    rows = [{"step": s, "loss": 1.0 / s, "acc": s / 10} for s in (1, 2, 4)]
    _ = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})

    assert client.get(f"/api/training/runs/{run}").json()["summary"] == {"loss": 0.25, "acc": 0.4}


def test_a_plot_gets_at_most_four_points_a_pixel_and_every_extreme(client: httpx.Client) -> None:
    run = a_run(client)
    for first in range(1, 100_001, 20_000):
        _ = post_batch(client, run, a_batch(first, 20_000))

    answer = client.get(f"/api/training/runs/{run}/metrics", params={"width": 100}).json()

    (series,) = answer["series"]
    assert not series["is_exact"]
    assert len(series["step"]) <= 400
    whole = np.sin(np.arange(1, 100_001) / 50.0)
    assert min(series["value"]) == whole.min()
    assert max(series["value"]) == whole.max()


def test_a_plot_tells_nan_and_both_infinities_apart_and_keeps_the_peak_beside_them(
    client: httpx.Client,
) -> None:
    run = a_run(client)
    value = np.sin(np.arange(100_000) / 50.0)
    value[40_000:40_005] = [math.nan, math.inf, -math.inf, 7.0, -9.0]
    for first in range(0, 100_000, 20_000):
        step = np.arange(first, first + 20_000)
        block = Block(("loss",), step, step, value[None, step])
        batch = MetricBatch("w", first + 1, first + 20_000, (block,))
        _ = post_batch(client, run, encode_batch(batch))

    query = {"runs": [run], "names": ["loss"], "width": 100}
    (series,) = client.post("/api/training/metrics/query", json=query).json()["series"]

    shown = dict(zip(series["step"], series["value"], strict=True))
    expected = {40_000: "NaN", 40_001: "Infinity", 40_002: "-Infinity", 40_003: 7.0, 40_004: -9.0}
    assert {step: shown.get(step) for step in expected} == expected


def test_many_runs_come_in_one_packed_answer(client: httpx.Client) -> None:
    runs = [a_run(client), a_run(client)]
    for run in runs:
        _ = post_batch(client, run, a_batch(1, 50, names=("loss", "acc")))

    answer = client.post(
        "/api/training/metrics/query",
        json={"runs": runs, "names": ["acc"]},
        headers={"accept": MEDIA_TYPE},
    )

    assert answer.headers["content-type"].startswith(MEDIA_TYPE)
    header, arrays = unpack(answer.content)
    assert [s["run"] for s in header["series"]] == runs
    assert [array.shape for array in arrays] == [(50,)] * 6


def test_rows_come_in_pages_and_as_csv(client: httpx.Client) -> None:
    run = a_run(client)
    _ = post_batch(client, run, a_batch(1, 25))
    path = f"/api/training/runs/{run}/metrics"

    steps: list[int] = []
    cursor: str | None = None
    while True:
        page = client.get(path, params={"limit": 10, **({"cursor": cursor} if cursor else {})})
        steps += [row["step"] for row in page.json()["items"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    text = client.get(path, headers={"accept": "text/csv"}).text

    assert steps == list(range(1, 26))
    assert text.splitlines()[0] == "step,timestamp,loss"
    assert len(text.splitlines()) == 26


def test_stop_reaches_the_script_through_its_next_batch(client: httpx.Client) -> None:
    run = a_run(client)

    stopped = client.post(f"/api/training/runs/{run}/stop")
    answer = post_batch(client, run, a_batch(1, 5)).json()
    finished = client.post(f"/api/training/runs/{run}/finish", json={"status": "stopped"})

    assert stopped.json()["status"] == "stopping"
    assert answer["stop_requested"] is True
    assert finished.json()["status"] == "stopped"
    assert client.post(f"/api/training/runs/{run}/stop").status_code == 409


def test_log_lines_are_kept_in_order_and_found(client: httpx.Client) -> None:
    run = a_run(client)
    lines = [{"message": f"epoch {i} done", "level": "info"} for i in range(30)]
    _ = client.post(f"/api/training/runs/{run}/log", json={"lines": lines})
    _ = client.post(f"/api/training/runs/{run}/log", json={"message": "Saved", "level": "warning"})
    path = f"/api/training/runs/{run}/logs"

    tail = client.get(path, params={"after": -1, "limit": 2}).json()["items"]
    found = client.get(path, params={"q": "SAVED"}).json()["items"]
    before = client.get(path, params={"to": "2020-01-01T00:00:00Z"}).json()["items"]
    since = client.get(path, params={"from": "2020-01-01T00:00:00", "q": "saved"}).json()["items"]

    assert [line["message"] for line in tail] == ["epoch 29 done", "Saved"]
    assert [(line["seq"], line["level"]) for line in found] == [(31, "warning")]
    assert (before, since) == ([], found)
    assert client.get(path, params={"from": "noon"}).status_code == 422


def test_infinite_and_missing_numbers_survive_bit_for_bit(client: httpx.Client) -> None:
    run = a_run(client)
    values = np.array([[math.nan, math.inf, -math.inf, -0.0, 5e-324]])
    block = Block(("loss",), np.arange(5), np.arange(5), values)
    frame = encode_batch(MetricBatch("w", 1, 5, (block,)))

    _ = post_batch(client, run, frame)

    answer = client.post(
        "/api/training/metrics/query", json={"runs": [run]}, headers={"accept": MEDIA_TYPE}
    )
    assert unpack(answer.content)[1][1].tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, ""),
        (b"{", 400, ""),
        (b"\xff\xfe", 400, ""),
        (b"[" * 100_000, 400, ""),
        (b"{}", 422, "metrics"),
        (b'{"metrics": []}', 422, "at least one row"),
        (b'{"metrics": [{"loss": 1}]}', 422, "step"),
        (b'{"metrics": [{"step": 1.5, "loss": 1}]}', 422, "step"),
        (b'{"metrics": [{"step": 9007199254740992, "loss": 1}]}', 422, "2**53"),
        (b'{"metrics": [{"step": 1, "loss": "high"}]}', 422, "NaN"),
        (b'{"metrics": [{"step": 1, "loss": [1]}]}', 422, "number"),
        (b'{"metrics": [{"step": 1, "loss": true}]}', 422, "number"),
        (b'{"metrics": [{"step": 1, "a\\u0000b": 1}]}', 422, "printable"),
        (b'{"metrics": [{"step": 1, "loss": 1, "timestamp": "noon"}]}', 422, "timestamp"),
        (b'{"metrics": [{"step": 1, "loss": 1, "timestamp": 1e30}]}', 422, ""),
    ],
)
def test_a_bad_json_batch_is_refused_with_a_sentence(
    client: httpx.Client, body: bytes, status: int, words: str
) -> None:
    run = a_run(client)

    answer = client.post(
        f"/api/training/runs/{run}/metrics",
        content=body,
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert client.get(f"/api/training/runs/{run}/series").json() == {"items": []}


@pytest.mark.parametrize("cut", [0, 3, 8, 40, 120, -1])
def test_a_cut_frame_is_refused_whole(client: httpx.Client, cut: int) -> None:
    run = a_run(client)

    answer = post_batch(client, run, a_batch(1, 10)[:cut])

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_columns"
    assert client.get(f"/api/training/runs/{run}/series").json() == {"items": []}


def test_a_batch_over_the_size_limit_is_413(tmp_path: Path) -> None:
    with (
        running(tmp_path, AXONML_LIMITS_METRICS_BYTES="10000") as server,
        server.client() as client,
    ):
        run = a_run(client)

        answer = post_batch(client, run, a_batch(1, 5000))

        assert answer.status_code == 413
        assert "10000" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/training/runs/nope",
        "/api/training/runs/01KAAAAAAAAAAAAAAAAAAAAAAA",
        "/api/training/runs/01KAAAAAAAAAAAAAAAAAAAAAAA/metrics",
        "/api/training/runs/..%2f..%2fetc",
        "/api/nothing",
    ],
)
def test_what_is_not_there_is_a_404_problem(client: httpx.Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_no_token_and_a_wrong_token_are_401(server: Server) -> None:
    for headers in ({}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic eDp5"}):
        answer = httpx.get(f"{server.url}/api/training/runs", headers=headers)

        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["from", "to", "cursor", "limit", "width"])
def test_a_number_that_no_store_can_hold_is_refused(client: httpx.Client, name: str) -> None:
    run = a_run(client)

    answer = client.get(f"/api/training/runs/{run}/metrics", params={name: "9" * 30})

    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_smoothed_series_has_its_average_beside_its_points(client: httpx.Client) -> None:
    run = a_run(client)
    values: list[Any] = [1.0, 3.0, "NaN", 5.0]
    rows = [{"step": step, "loss": value} for step, value in enumerate(values)]
    posted = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": rows})
    assert posted.status_code == 202, posted.text
    query = {"runs": [run], "smoothing": {"kind": "ema", "weight": 0.5}}

    series = client.post("/api/training/metrics/query", json=query).json()["series"]
    packed = client.post(
        "/api/training/metrics/query", json=query, headers={"accept": MEDIA_TYPE}
    ).content

    expected = [1.0, 7 / 3, "NaN", 27 / 7]
    assert series[0]["smoothed"] == [pytest.approx(v) if v != "NaN" else v for v in expected]
    header, arrays = unpack(packed)
    assert header["series"][0]["is_smoothed"] is True
    np.testing.assert_allclose(arrays[3], [1.0, 7 / 3, math.nan, 27 / 7])


@pytest.mark.parametrize("smoothing", [{"weight": 1}, {"weight": -0.1}, {"kind": "mean"}, {}])
def test_a_smoothing_that_is_none_is_refused(
    client: httpx.Client, smoothing: dict[str, Any]
) -> None:
    answer = client.post(
        "/api/training/metrics/query", json={"runs": [a_run(client)], "smoothing": smoothing}
    )

    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]


def test_an_account_that_logs_too_much_waits_and_loses_nothing(tmp_path: Path) -> None:
    small = {
        "AXONML_LIMITS_POINTS_PER_MINUTE": "600",
        "AXONML_LIMITS_INGEST_BYTES_PER_MINUTE": "60000",
    }
    with running(tmp_path, **small) as server, server.client() as client:
        path = f"/api/training/runs/{a_run(client)}"
        headers = {"content-type": MEDIA_TYPE}
        batches = [a_batch(first, 400) for first in (1, 401)]

        first = client.post(f"{path}/metrics", content=batches[0], headers=headers)
        too_many = client.post(f"{path}/metrics", content=batches[1], headers=headers)
        long = client.post(f"{path}/log", json={"message": "x" * 50_000})
        too_long = client.post(f"{path}/log", json={"message": "x" * 50_000})
        file = {"kind": "file", "key": "weights.bin"}
        late = client.post(f"{path}/media", params=file, content=b"x" * 50_000)
        too_late = client.post(f"{path}/media", params={**file, "key": "b"}, content=b"x")
        kept = client.get(f"{path}/series").json()["items"][0]["n_points"]

    assert first.status_code == 202
    assert (too_many.status_code, too_many.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(too_many.headers["retry-after"]) <= 60
    assert "ingest-points" in too_many.headers["ratelimit-policy"]
    assert (long.status_code, too_long.status_code) == (201, 429)
    # The size of a file is known when it is there: it comes, and the next one waits.
    assert (late.status_code, too_late.status_code) == (201, 429)
    assert kept == 400
