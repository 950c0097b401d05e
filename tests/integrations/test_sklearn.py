from typing import Any

import pytest
from integrations.conftest import Logged
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from axonml.client.run import Run
from axonml.integrations.sklearn import log_estimator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def iris() -> Any:
    return train_test_split(*load_iris(return_X_y=True), random_state=0)


def test_a_network_is_logged_with_its_losses_parameters_and_scores(run: Run) -> None:
    rows, test_rows, targets, test_targets = iris()
    network = MLPClassifier(hidden_layer_sizes=(8,), max_iter=20, random_state=0)
    model = make_pipeline(StandardScaler(), network).fit(rows, targets)

    same = log_estimator(model, test_rows, test_targets)

    logged = Logged(run)
    assert same is run
    assert logged.points("loss") == list(enumerate(network.loss_curve_))
    assert logged.points("test/accuracy") == [(19, model.score(test_rows, test_targets))]
    assert {"test/f1_macro", "test/log_loss"} <= logged.names
    assert run.config["estimator"] == "Pipeline"


def test_boosting_is_logged_round_by_round(run: Run) -> None:
    rows, targets = load_diabetes(return_X_y=True)
    model = GradientBoostingRegressor(n_estimators=10, random_state=0).fit(rows, targets)

    _ = log_estimator(model, rows, targets)

    logged = Logged(run)
    assert logged.points("train/score") == list(enumerate(model.train_score_))
    assert logged.points("test/r2") == [(9, pytest.approx(model.score(rows, targets)))]
    assert {"test/mae", "test/rmse"} <= logged.names
    assert run.config["params"]["n_estimators"] == 10


def test_a_search_is_logged_candidate_by_candidate(run: Run) -> None:
    rows, test_rows, targets, test_targets = iris()
    search = GridSearchCV(
        KNeighborsClassifier(), {"n_neighbors": [1, 3, 5], "weights": ["uniform"]}, cv=3
    ).fit(rows, targets)

    _ = log_estimator(search, test_rows, test_targets)

    logged = Logged(run)
    scores = search.cv_results_["mean_test_score"]
    assert logged.points("cv/mean") == list(enumerate(scores))
    assert logged.points("params/n_neighbors") == [(0, 1), (1, 3), (2, 5)]
    assert run.config["best_params"] == search.best_params_
    assert run.summary["cv/best"] == pytest.approx(search.best_score_)
