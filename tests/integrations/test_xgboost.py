from typing import Any

import pytest
from integrations.conftest import Logged
from sklearn.datasets import load_breast_cancer

from axonml.client.run import Run

xgboost: Any = pytest.importorskip("xgboost")

from axonml.integrations.xgboost import AxonmlCallback  # noqa: E402

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("default")]


def train(rounds: int, **options: Any) -> dict[str, Any]:
    rows, targets = load_breast_cancer(return_X_y=True)
    data = xgboost.DMatrix(rows, targets)
    results: dict[str, Any] = {}
    _ = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1}, data, rounds, evals=[(data, "train")],
        evals_result=results, verbose_eval=False, callbacks=[AxonmlCallback()], **options,
    )  # fmt: skip
    return results


def test_xgboost_logs_each_round_and_the_best_one(run: Run) -> None:
    results = train(8, early_stopping_rounds=5)

    losses = results["train"]["logloss"]
    assert Logged(run).points("train/logloss") == list(enumerate(losses))
    assert run.summary["best_iteration"] == 7
    assert run.summary["best_score"] == pytest.approx(losses[-1])


def test_xgboosts_cross_validation_logs_the_mean_of_its_folds(run: Run) -> None:
    rows, targets = load_breast_cancer(return_X_y=True)

    table = xgboost.cv(
        {"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(rows, targets), 3,
        nfold=2, as_pandas=False, callbacks=[AxonmlCallback()],
    )  # fmt: skip

    assert Logged(run).points("test/logloss") == list(enumerate(table["test-logloss-mean"]))


def test_stop_on_the_page_ends_xgboosts_training(stopping: Run) -> None:
    assert len(train(50)["train"]["logloss"]) == 1
