from typing import Any

import pytest
from integrations.conftest import Logged
from sklearn.datasets import load_diabetes

from axonml.client.run import Run

lightgbm: Any = pytest.importorskip("lightgbm")

from axonml.integrations.lightgbm import AxonmlCallback  # noqa: E402

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("default")]


def train(rounds: int) -> dict[str, Any]:
    rows, targets = load_diabetes(return_X_y=True)
    data = lightgbm.Dataset(rows, targets)
    results: dict[str, Any] = {}
    _ = lightgbm.train(
        {"objective": "l2", "verbosity": -1, "num_threads": 1, "num_leaves": 7}, data, rounds,
        valid_sets=[data], callbacks=[AxonmlCallback(), lightgbm.record_evaluation(results)],
    )  # fmt: skip
    return results


def test_lightgbm_logs_each_round_and_its_parameters(run: Run) -> None:
    results = train(6)

    assert Logged(run).points("training/l2") == list(enumerate(results["training"]["l2"]))
    assert run.config["lightgbm"]["num_leaves"] == 7


def test_stop_on_the_page_ends_lightgbms_training(stopping: Run) -> None:
    _ = train(50)

    assert [step for step, _ in Logged(stopping).points("training/l2")] == [0]
