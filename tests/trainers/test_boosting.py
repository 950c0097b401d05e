"""Gradient boosting: both losses every round, and an end when nothing gets better."""

import pytest
from trained import Kept, a_training

from axonml.trainers.exported import answers, log_loss, scores


def test_each_round_is_a_point_of_both_losses() -> None:
    run = Kept()

    _ = a_training("gradient_boosting", "iris", iterations=25, patience=0)(run)

    assert run.steps("train/loss") == run.steps("val/loss") == list(range(25))
    assert run.series("train/loss")[-1] < run.series("train/loss")[0]


def test_the_last_point_is_what_the_registered_file_does() -> None:
    run, training = Kept(), a_training("gradient_boosting", "digits", iterations=20, patience=0)

    trained = training(run)

    assert trained is not None
    assert run.series("val/loss")[-1] == pytest.approx(trained.metrics["loss"], rel=1e-3)


@pytest.mark.parametrize("dataset", ["breast_cancer", "iris"])
def test_the_training_loss_is_the_log_loss_of_the_rows_trained_on(dataset: str) -> None:
    run, training = (
        Kept(),
        a_training("gradient_boosting", dataset, iterations=10, patience=0, row_part=1.0),
    )

    trained = training(run)

    assert trained is not None
    found = answers(trained.onnx, training.data.rows)
    assert found.probabilities is not None
    computed = log_loss(found.probabilities, training.data.targets)
    assert run.series("train/loss")[-1] == pytest.approx(computed, rel=1e-3)


def test_of_numbers_the_losses_are_mean_squares() -> None:
    training = a_training("gradient_boosting", "diabetes", iterations=10, patience=0, row_part=1.0)
    run = Kept()

    trained = training(run)

    assert trained is not None
    rmse = scores(training.data, answers(trained.onnx, training.data.rows), training.data.targets)
    assert run.series("train/loss")[-1] == pytest.approx(rmse["rmse"] ** 2, rel=1e-3)
    assert run.series("val/loss")[-1] == pytest.approx(trained.metrics["rmse"] ** 2, rel=1e-3)


def test_it_ends_when_nothing_got_better_for_a_while() -> None:
    run = Kept()

    _ = a_training("gradient_boosting", "iris", iterations=500, patience=5, lr=0.5)(run)

    losses = run.series("val/loss")
    assert losses.index(min(losses)) == len(losses) - 6


def test_a_stop_leaves_no_model() -> None:
    run = Kept(stop_at=4)

    assert a_training("gradient_boosting", "iris")(run) is None
    assert run.steps("val/loss") == [0, 1, 2, 3, 4]
