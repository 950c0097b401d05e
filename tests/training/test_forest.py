"""Weighing parameters: what truly moves a metric is first, and noise is told to be noise."""

import json
import subprocess
import sys

import msgspec
import numpy as np
import pytest

from axonml.training.forest import Column, Samples, Weights, weigh

pytest.importorskip("sklearn")


def samples(n: int, *, seed: int = 0) -> Samples:
    """Return runs whose metric follows `lr`, a little `optimizer`, and `seed` not at all."""
    rng = np.random.default_rng(seed)
    lr, noise = rng.uniform(-4, -1, n), rng.normal(size=n)
    optimizer = rng.choice(["adam", "sgd"], n)
    target = (lr + 2.5) ** 2 + 0.4 * (optimizer == "sgd") + rng.normal(0, 0.02, n)
    return Samples(
        [
            Column("seed", True, noise.tolist()),
            Column("optimizer", False, optimizer.tolist()),
            Column("lr", True, lr.tolist()),
        ],
        target.tolist(),
    )


def test_what_moves_the_metric_is_first_and_noise_is_last() -> None:
    weights = weigh(samples(60))

    assert [item.key for item in weights.items] == ["lr", "optimizer", "seed"]
    assert weights.r2 > 0.7
    assert weights.items[0].importance > 0.5
    assert abs(weights.items[2].importance) < 0.1


def test_a_metric_of_pure_noise_is_told_to_be_unexplained() -> None:
    rng = np.random.default_rng(3)
    column = Column("lr", True, rng.normal(size=40).tolist())

    weights = weigh(Samples([column], rng.normal(size=40).tolist()))

    assert weights.r2 < 0.2
    assert abs(weights.items[0].importance) < 0.5


def test_four_runs_are_enough_to_answer_and_absent_values_are_no_obstacle() -> None:
    columns = [
        Column("lr", True, [0.1, 0.2, None, 0.4]),
        Column("act", False, ["relu", None, "gelu", "relu"]),
    ]

    weights = weigh(Samples(columns, [1.0, 2.0, 3.0, 4.0]))

    assert {item.key: item.n_values for item in weights.items} == {"lr": 3, "act": 3}
    assert all(np.isfinite([item.importance, item.spread]).all() for item in weights.items)
    assert {item.key: item.spearman for item in weights.items} == {"lr": 1.0, "act": None}


def test_rank_correlation_sees_a_curve_as_a_line() -> None:
    x = np.linspace(0.1, 3, 12)

    (item,) = weigh(Samples([Column("x", True, x.tolist())], np.exp(-x).tolist())).items

    assert item.spearman == pytest.approx(-1)


def test_the_same_runs_get_the_same_answer() -> None:
    assert weigh(samples(12)) == weigh(samples(12))


def test_as_a_process_it_reads_samples_and_writes_weights() -> None:
    asked = msgspec.json.encode(samples(8))

    done = subprocess.run(
        [sys.executable, "-m", "axonml.training.forest"],
        input=asked,
        capture_output=True,
        check=True,
        timeout=60,
    )

    assert done.stderr == b""
    assert msgspec.convert(json.loads(done.stdout), Weights) == weigh(samples(8))
