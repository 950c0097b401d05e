"""A curve over wall time or over another metric is joined before it is thinned."""

import math
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from product import Server, running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch, unpack
from axonml.storage.protocols import SeriesSlice
from axonml.training.along import Along, steps_around, thinned, x_by_step

QUERY = "/api/training/metrics/query"
N = 4_000
START_MS = 1_700_000_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def run(client: httpx.Client) -> str:
    """Return a run: loss at each step, tokens at every other, falling and once NaN."""
    run = str(client.post("/api/training/runs", json={"name": "along"}).json()["id"])
    step = np.arange(N)
    loss = np.where(step == 1234, 99.0, 1.0 + step % 5)
    even = step[::2]
    tokens = np.where(even == 100, np.nan, 10.0 * (N - even))
    blocks = (
        Block(("loss",), step, START_MS + step * 1000, loss[np.newaxis]),
        Block(("tokens",), even, START_MS + even * 1000, tokens[np.newaxis]),
    )
    sent = client.post(
        f"/api/training/runs/{run}/metrics",
        content=encode_batch(MetricBatch("w1", 1, N + N // 2, blocks)),
        headers={"content-type": MEDIA_TYPE},
    )
    assert sent.status_code == 202, sent.text
    return run


def only_series(client: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = client.post(QUERY, json={"names": ["loss"], **query})
    assert answer.status_code == 200, answer.text
    (series,) = answer.json()["series"]
    return dict(series)


def test_points_are_joined_with_the_metric_by_step_and_nan_is_left_out(
    client: httpx.Client, run: str
) -> None:
    series = only_series(client, runs=[run], x={"metric": "tokens"}, first_step=98, last_step=103)

    assert series["step"] == [98, 102]
    assert series["x"] == [10 * (N - 98), 10 * (N - 102)]
    assert series["is_exact"]


def test_a_thinned_curve_keeps_its_peak_and_both_ends_of_x(client: httpx.Client, run: str) -> None:
    series = only_series(client, runs=[run], x={"metric": "tokens"}, width=50)

    assert not series["is_exact"]
    assert len(series["step"]) <= 4 * 50
    assert max(series["value"]) == 99.0
    assert (min(series["x"]), max(series["x"])) == (20.0, 10.0 * N)
    assert series["step"] == sorted(series["step"])


def test_the_packed_answer_has_average_and_x_behind_the_points(
    client: httpx.Client, run: str
) -> None:
    query = {
        "runs": [run],
        "names": ["loss"],
        "x": {"metric": "tokens"},
        "smoothing": {"weight": 0.9},
        "first_step": 2000,
        "last_step": 2010,
    }

    frame = client.post(QUERY, json=query, headers={"accept": MEDIA_TYPE}).content
    header, (step, _, _, smoothed, x) = unpack(frame)
    whole = only_series(client, runs=[run], smoothing={"weight": 0.9})

    assert header["series"][0]["has_x"]
    assert step.tolist() == [2000, 2002, 2004, 2006, 2008, 2010]
    np.testing.assert_array_equal(x, 10.0 * (N - step))
    np.testing.assert_array_equal(smoothed, np.array(whole["smoothed"])[step])


def test_a_window_of_wall_time_holds_the_points_of_it_in_both_forms(
    client: httpx.Client, run: str
) -> None:
    first, last = START_MS + 1_000_500, START_MS + 1_010_000

    queried = only_series(client, runs=[run], x="wall", first_wall_ms=first, last_wall_ms=last)
    got = client.get(
        f"/api/training/runs/{run}/metrics",
        params={"names": "loss", "x": "wall", "from": first, "to": last},
    )

    assert queried["step"] == list(range(1001, 1011))
    assert got.json()["series"] == [queried]


def test_a_window_is_the_same_stretch_of_runs_that_began_at_different_times(
    client: httpx.Client, run: str
) -> None:
    starts = [START_MS + 1_000_000, START_MS + 2_000_000]
    query = {"names": ["loss"], "x": "wall", "first_wall_ms": 500, "last_wall_ms": 3_000}

    first, second = client.post(
        QUERY, json={"runs": [run, run], "starts_ms": starts, **query}
    ).json()["series"]

    assert first["step"] == [1001, 1002, 1003]
    assert second["step"] == [2001, 2002, 2003]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"starts_ms": [1, 2]}, "2 starts for 1 runs"),
        ({"x": {"metric": "nothing"}}, "no point of a metric 'nothing'"),
        ({"x": "epochs"}, "epochs"),
        ({"x": {"metric": ""}}, "x"),
        ({"x": {"metric": "a" * 300}}, "x"),
        ({"first_wall_ms": 2**60}, "first_wall_ms"),
        ({"last_wall_ms": "NaN"}, "last_wall_ms"),
    ],
)
def test_an_x_that_cannot_be_is_refused_with_a_sentence(
    client: httpx.Client, run: str, change: dict[str, Any], says: str
) -> None:
    answer = client.post(QUERY, json={"runs": [run], **change})

    assert 400 <= answer.status_code < 500
    assert says in answer.text


def test_a_file_is_not_cut_by_wall_time(client: httpx.Client, run: str) -> None:
    answer = client.get(f"/api/training/runs/{run}/metrics?x=wall", headers={"accept": "text/csv"})

    assert answer.status_code == 422
    assert "cut by steps" in answer.json()["detail"]


def test_the_later_of_two_values_at_a_step_is_the_x_there() -> None:
    step = np.array([1, 2, 2, 3, 9])

    x = x_by_step(step, np.array([2, 3, 3, 4]), np.array([20.0, 30.0, 31.0, 40.0]))

    np.testing.assert_array_equal(x, [math.nan, 20, 20, 31, math.nan])


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e9, 1e9)),
        min_size=1,
        max_size=300,
    ),
    st.integers(1, 20),
)
def test_thinning_keeps_the_extremes_however_x_lies(
    pairs: list[tuple[float, float]], width: int
) -> None:
    x, value = map(np.array, zip(*pairs, strict=True))
    step = np.arange(len(pairs), dtype=np.int64)
    whole = Along(SeriesSlice("loss", step, value, step, is_exact=True), x)

    drawn = thinned(whole, width)

    assert len(drawn.x) <= 4 * width
    assert (drawn.x.min(), drawn.x.max()) == (x.min(), x.max())
    assert (drawn.points.value.min(), drawn.points.value.max()) == (value.min(), value.max())


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=60),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_no_point_of_a_window_of_time_lies_outside_the_steps_around_it(
    walls: list[int], one: int, other: int
) -> None:
    first, last = sorted((one, other))
    wall = np.array(walls, np.int64)
    step = np.arange(len(walls), dtype=np.int64) * 3

    low, high = steps_around(
        SeriesSlice("loss", step, wall.astype(np.float64), wall, is_exact=True), first, last
    )

    inside = step[(wall >= first) & (wall <= last)]
    assert all(low <= at <= high for at in inside)
