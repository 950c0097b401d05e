"""Classic models: curves that were computed, and files that answer as the model does."""

import json

import numpy as np
import onnx
import pytest
from trained import Kept, a_training

from axonml.trainers.exported import answers
from axonml.trainers.params import Model

MODELS = list(Model.__args__)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_exported_and_better_than_guessing(model: str) -> None:
    training = a_training("sklearn", "wine", model=model, n_trees=20)

    trained = training(Kept())

    assert trained is not None
    assert trained.metrics["accuracy"] > 0.8
    again = answers(trained.onnx, training.data.held_rows).predicted
    assert np.array_equal(again, trained.predicted)


@pytest.mark.parametrize("model", [each for each in MODELS if each != "logistic_regression"])
def test_every_model_but_the_logistic_one_gives_numbers_too(model: str) -> None:
    training = a_training("sklearn", "diabetes", model=model, n_trees=20)

    trained = training(Kept())

    assert trained is not None
    assert trained.metrics["r2"] > 0.1
    assert [output.name for output in onnx.load_from_string(trained.onnx).graph.output] == ["value"]


def test_what_is_fitted_in_one_go_draws_the_curve_of_growing_rows() -> None:
    run, training = Kept(), a_training("sklearn", "digits", model="svm")

    trained = training(run)

    steps = run.steps("val/accuracy")
    assert trained is not None
    assert steps == sorted(set(steps))
    assert steps[-1] == len(training.data.rows)
    assert run.steps("train/accuracy") == steps[-1:]
    assert run.series("val/accuracy")[-1] == trained.metrics["accuracy"]


def test_sgd_draws_a_point_for_each_epoch() -> None:
    run = Kept()

    _ = a_training("sklearn", "iris", model="sgd", epochs=12)(run)

    assert run.steps("train/loss") == list(range(12))


def test_a_forest_draws_its_growth_up_to_the_last_tree() -> None:
    run = Kept()

    _ = a_training("sklearn", "iris", model="extra_trees", n_trees=30)(run)

    assert run.steps("val/accuracy")[0] == 1
    assert run.steps("val/accuracy")[-1] == 30


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, same, other = Kept(), Kept(), Kept()

    for run, seed in ((one, 1), (same, 1), (other, 2)):
        _ = a_training("sklearn", "wine", model="random_forest", n_trees=5, seed=seed)(run)

    assert one.rows == same.rows
    assert one.rows != other.rows


def test_distances_to_a_boundary_are_not_called_probabilities() -> None:
    trained = a_training("sklearn", "iris", model="svm")(Kept())

    assert trained is not None
    names = [output.name for output in onnx.load_from_string(trained.onnx).graph.output]
    assert names == ["label", "scores"]
    assert "loss" not in trained.metrics


def test_the_file_says_what_its_classes_are() -> None:
    trained = a_training("sklearn", "iris")(Kept())

    assert trained is not None
    told = {each.key: each.value for each in onnx.load_from_string(trained.onnx).metadata_props}
    assert json.loads(told["classes"]) == ["setosa", "versicolor", "virginica"]


def test_a_stop_leaves_no_model() -> None:
    run = Kept(stop_at=3)

    assert a_training("sklearn", "iris", model="sgd")(run) is None
    assert run.steps("val/loss")[-1] == 3
