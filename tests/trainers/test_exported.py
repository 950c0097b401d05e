"""What is measured, and that a file which answers otherwise is never registered."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from axonml.trainers.datasets import load_data
from axonml.trainers.exported import (
    Answers,
    ExportError,
    confusion,
    confusion_text,
    log_loss,
    scores,
    verify,
)

reference: Any = import_module("sklearn.metrics")
DIGITS = load_data("digits", held_out=0.2, seed=1, limit=200)
RANDOM = np.random.default_rng(5)


def some_answers() -> Answers:
    drawn = RANDOM.dirichlet(np.ones(10), len(DIGITS.held_targets)).astype(np.float32)
    return Answers(drawn.argmax(axis=1), drawn)


def test_scores_are_those_of_scikit_learn() -> None:
    given = some_answers()

    found = scores(DIGITS, given, DIGITS.held_targets)

    truth = DIGITS.held_targets
    assert found == pytest.approx(
        {
            "accuracy": reference.accuracy_score(truth, given.predicted),
            "f1": reference.f1_score(truth, given.predicted, average="macro"),
            "loss": reference.log_loss(truth, given.probabilities, labels=np.arange(10)),
        },
        rel=1e-4,
    )


def test_scores_of_numbers_are_those_of_scikit_learn() -> None:
    data = load_data("diabetes", held_out=0.2, seed=1)
    given = data.held_targets + RANDOM.normal(0, 20, len(data.held_targets))

    found = scores(data, Answers(given.astype(np.float32), None), data.held_targets)

    assert found == pytest.approx(
        {
            "rmse": reference.root_mean_squared_error(data.held_targets, given),
            "mae": reference.mean_absolute_error(data.held_targets, given),
            "r2": reference.r2_score(data.held_targets, given),
        },
        rel=1e-4,
    )


def test_confusion_counts_the_true_class_in_rows() -> None:
    counts = confusion(3, np.array([0, 2, 2]), np.array([0, 1, 2]))

    assert counts.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]


def test_the_confusion_is_shown_as_a_table_of_the_held_out_rows() -> None:
    data = load_data("iris", held_out=0.2, seed=1)

    lines = confusion_text(data, data.held_targets).split("\n")

    assert lines[0].split() == ["setosa", "versicolor", "virginica"]
    assert [line.split() for line in lines[1:]] == [
        ["setosa", "10", "0", "0"],
        ["versicolor", "0", "10", "0"],
        ["virginica", "0", "0", "10"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_a_certain_mistake_costs_much_but_stays_finite() -> None:
    assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(34.5, abs=0.1)
    assert str(log_loss(np.array([[1.0, 0.0]]), np.array([0]))) == "0.0"


def test_a_file_that_answers_otherwise_is_refused() -> None:
    wanted = some_answers()
    assert wanted.probabilities is not None
    near, far = wanted.probabilities + np.float32(9e-5), wanted.probabilities.copy()
    far[3, 0] += 0.01

    verify(Answers(wanted.predicted, near), wanted)
    verify(Answers(wanted.predicted, far), wanted, n_odd=1)
    with pytest.raises(ExportError, match=r"differs from the trained model by 0\.01"):
        verify(Answers(wanted.predicted, far), wanted)
