"""Networks of torch: what they log, how they stop and go on, what they leave."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from trained import Kept, a_training

torch: Any = pytest.importorskip("torch")
_ = pytest.importorskip("onnxscript")
_ = pytest.importorskip("sklearn")

from axonml.trainers.exported import answers  # noqa: E402
from axonml.trainers.network import CHECKPOINT  # noqa: E402

pytestmark = pytest.mark.torch
SMALL: dict[str, dict[str, Any]] = {
    "mlp": {"width": 16, "depth": 1},
    "cnn": {"channels": 4, "hidden": 16},
    "transformer": {"width": 16, "heads": 2, "layers": 1},
}


@pytest.mark.parametrize("name", list(SMALL))
def test_every_step_is_logged_and_every_epoch_measured(name: str) -> None:
    run, training = Kept(), a_training(name, "digits", 200, epochs=2, **SMALL[name])

    _ = training(run)

    per_epoch = len(training.data.rows) // 32
    assert run.steps("train/loss") == run.steps("grad_norm") == list(range(2 * per_epoch))
    assert (
        run.steps("val/accuracy") == run.steps("rows_per_s") == [per_epoch - 1, 2 * per_epoch - 1]
    )
    assert run.series("lr")[0] == 0.002
    assert run.series("lr")[-1] < 0.0001


@pytest.mark.parametrize("name", list(SMALL))
def test_it_learns_and_the_file_answers_for_any_number_of_rows(name: str) -> None:
    training = a_training(name, "digits", 600, epochs=12, lr=0.01, **SMALL[name])

    trained = training(Kept())

    assert trained is not None
    assert trained.metrics["accuracy"] > 0.6
    held = training.data.held_rows if name == "mlp" else training.data.held_rows.reshape(-1, 8, 8)
    one, all_rows = answers(trained.onnx, held[:1]), answers(trained.onnx, held)
    assert np.array_equal(all_rows.predicted, trained.predicted)
    assert one.probabilities is not None
    assert all_rows.probabilities is not None
    assert np.allclose(one.probabilities, all_rows.probabilities[:1], atol=1e-5)


def test_the_file_says_what_goes_in_and_what_the_classes_are() -> None:
    trained = a_training("cnn", "digits", 100, epochs=1, **SMALL["cnn"])(Kept())

    assert trained is not None
    model = onnx.load_from_string(trained.onnx)
    assert [each.name for each in model.graph.input] == ["images"]
    assert [each.name for each in model.graph.output] == ["label", "probabilities"]
    told = {each.key: each.value for each in model.metadata_props}
    assert json.loads(told["classes"]) == [str(digit) for digit in range(10)]


def test_the_weights_are_the_networks_own() -> None:
    load: Any = pytest.importorskip("safetensors.numpy").load
    trained = a_training("mlp", "iris", epochs=1, **SMALL["mlp"])(Kept())

    assert trained is not None
    assert trained.weights is not None
    shapes = {name: tensor.shape for name, tensor in load(trained.weights).items()}
    assert shapes["1.weight"] == (16, 4)
    assert shapes["4.bias"] == (3,)


def test_numbers_are_answered_in_the_targets_own_unit() -> None:
    training = a_training("mlp", "diabetes", epochs=5, **SMALL["mlp"])

    trained = training(Kept())

    assert trained is not None
    assert trained.metrics["r2"] > 0.2
    assert 100 < np.asarray(trained.predicted, float).mean() < 200


# Within an epoch, at its end, and within a later one.
@pytest.mark.parametrize(
    ("name", "stop_at"), [("mlp", 3), ("mlp", 4), ("mlp", 7), ("cnn", 7), ("transformer", 7)]
)
def test_a_stopped_run_goes_on_as_if_it_had_never_stopped(
    name: str, stop_at: int, tmp_path: Path
) -> None:
    training = a_training(name, "digits", 200, epochs=3, dropout=0.3, **SMALL[name])
    unbroken, before, after = Kept(), Kept(stop_at=stop_at), Kept()
    whole = training(unbroken)

    stopped = training(before, tmp_path)
    resumed = training(after, tmp_path)

    assert whole is not None
    assert stopped is None
    assert resumed is not None
    assert after.steps("train/loss")[0] == stop_at + 1
    assert before.series("train/loss") + after.series("train/loss") == unbroken.series("train/loss")
    assert resumed.metrics == whole.metrics
    assert resumed.onnx == whole.onnx


def test_the_same_seed_gives_the_same_weights() -> None:
    one, same, other = (
        a_training("mlp", "iris", epochs=2, seed=seed, **SMALL["mlp"])(Kept()) for seed in (1, 1, 2)
    )

    assert one is not None
    assert same is not None
    assert other is not None
    assert one.weights == same.weights
    assert one.weights != other.weights


def test_a_checkpoint_is_left_after_every_epoch(tmp_path: Path) -> None:
    run, training = Kept(), a_training("mlp", "iris", epochs=3, **SMALL["mlp"])

    _ = training(run, tmp_path)

    state = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert state["done"] == len(run.rows)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    assert sum("checkpoint after step" in line for line in run.lines) == 3


def test_a_checkpoint_of_other_parameters_is_not_gone_on_from(tmp_path: Path) -> None:
    run = Kept()
    _ = a_training("mlp", "iris", epochs=1, **SMALL["mlp"])(Kept(), tmp_path)

    _ = a_training("mlp", "iris", epochs=1, lr=0.1, **SMALL["mlp"])(run, tmp_path)

    assert run.steps("train/loss")[0] == 0
    assert "the checkpoint is of other parameters; training begins anew" in run.lines
