"""`sklearn`: one classic model.

Only what iterates draws a curve over its iterations: `sgd` over epochs, forests over trees. Of
the others, which are fitted in one go, the curve is the learning curve: the model is really
fitted on growing parts of the rows, the last of which is all of them.
"""

import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from axonml.trainers.datasets import Data, Rows, Targets
from axonml.trainers.exported import (
    PROBABILITIES,
    SCORES,
    VALUE,
    Answers,
    answers,
    describe,
    rename_output,
    scores,
    verify,
)
from axonml.trainers.params import Params, SklearnParams
from axonml.trainers.progress import Progress, Trained

FORESTS: Final = frozenset({"random_forest", "extra_trees"})
# By model: the module of scikit-learn, what sorts into classes, what gives a number.
_KINDS: Final = {
    "logistic_regression": ("linear_model", "LogisticRegression", ""),
    "sgd": ("linear_model", "SGDClassifier", "SGDRegressor"),
    "ridge": ("linear_model", "RidgeClassifier", "Ridge"),
    "svm": ("svm", "SVC", "SVR"),
    "random_forest": ("ensemble", "RandomForestClassifier", "RandomForestRegressor"),
    "extra_trees": ("ensemble", "ExtraTreesClassifier", "ExtraTreesRegressor"),
    "k_neighbours": ("neighbors", "KNeighborsClassifier", "KNeighborsRegressor"),
}
_N_SIZES: Final = 8
_N_GROWN: Final = 40
_ODD_PART: Final = 0.02

# scikit-learn has no types; its estimators are known by what they do.
Estimator = Any


def train(data: Data, params: Params, progress: Progress) -> Trained | None:
    """Fit the model that `params` names; see `Trainer`."""
    asked = cast("SklearnParams", params)
    fitted: Estimator = None
    for step, fitted, n_rows in _fits(data, asked):
        progress.log(_measured(data, fitted, n_rows), step)
        if progress.should_stop:
            return None
    return export(data, fitted, progress, is_trees=asked.model in FORESTS)


def export(data: Data, model: Estimator, progress: Progress, *, is_trees: bool) -> Trained:
    """Return a fitted model as ONNX, measured on the held-out rows and compared with itself."""
    skl2onnx: Any = import_module("skl2onnx")
    types: Any = import_module("skl2onnx.common.data_types")
    with warnings.catch_warnings():
        # skl2onnx 1.20 still reads what scikit-learn 1.9 says it will drop.
        warnings.simplefilter("ignore", FutureWarning)
        file = skl2onnx.to_onnx(
            model,
            initial_types=[("features", types.FloatTensorType([None, data.rows.shape[1]]))],
            options={"zipmap": False} if data.is_classification else None,
        )
    if not data.is_classification:
        rename_output(file, file.graph.output[0].name, VALUE)
    elif not hasattr(model, "predict_proba"):
        # Distances to a boundary, not probabilities.
        rename_output(file, PROBABILITIES, SCORES)
    exported = describe(file, data)
    given = answers(exported, data.held_rows)
    n_odd = int(_ODD_PART * len(data.held_rows)) if is_trees else 0
    verify(given, _said(model, data.held_rows), n_odd)
    metrics = scores(data, given, data.held_targets)
    progress.say(f"held-out rows, asked of the ONNX file: {_sentence(metrics)}")
    return Trained(onnx=exported, metrics=metrics, predicted=given.predicted)


def _fits(data: Data, params: SklearnParams) -> Iterator[tuple[int, Estimator, int]]:
    """Yield step, model and the number of rows that it has learned from."""
    if params.model == "sgd":
        return _epochs(data, params)
    if params.model in FORESTS:
        return _grown(data, params)
    return _parts(data, params)


def _epochs(data: Data, params: SklearnParams) -> Iterator[tuple[int, Estimator, int]]:
    pipeline = _pipeline(_estimator(data, params))
    scaled: Rows = pipeline[0].fit_transform(data.rows)
    random = np.random.default_rng(params.seed)
    known = {"classes": np.arange(len(data.classes))} if data.is_classification else {}
    for epoch in range(params.epochs):
        order = random.permutation(len(scaled))
        pipeline[1].partial_fit(scaled[order], data.targets[order], **known)
        yield epoch, pipeline, len(scaled)


def _grown(data: Data, params: SklearnParams) -> Iterator[tuple[int, Estimator, int]]:
    forest = _estimator(data, params)
    sizes = np.geomspace(1, params.n_trees, min(_N_GROWN, params.n_trees))
    for n_trees in np.unique(sizes.round().astype(int)):
        forest.set_params(n_estimators=int(n_trees))
        forest.fit(data.rows, data.targets)
        yield int(n_trees), forest, len(data.rows)


def _parts(data: Data, params: SklearnParams) -> Iterator[tuple[int, Estimator, int]]:
    order = _mixed(data, params.seed)
    for size in _sizes(data, params):
        chosen = order[:size]
        model = _pipeline(_estimator(data, params))
        model.fit(data.rows[chosen], data.targets[chosen])
        yield size, model, size


def _sizes(data: Data, params: SklearnParams) -> list[int]:
    fewest = max(4 * max(len(data.classes), 1), params.n_neighbours, 12)
    n_rows = len(data.rows)
    return [int(size) for size in np.unique(np.geomspace(fewest, n_rows, _N_SIZES).round())]


def _mixed(data: Data, seed: int) -> NDArray[np.intp]:
    """Return an order of the rows whose every beginning holds each class about as often."""
    order = np.random.default_rng(seed).permutation(len(data.rows))
    if not data.is_classification:
        return order
    place = np.empty(len(order))
    for kind in range(len(data.classes)):
        own = np.flatnonzero(data.targets[order] == kind)
        place[own] = (np.arange(len(own)) + 0.5) / len(own)
    return order[np.argsort(place, kind="stable")]


def _pipeline(estimator: Estimator) -> Estimator:
    pipelines: Any = import_module("sklearn.pipeline")
    preprocessing: Any = import_module("sklearn.preprocessing")
    return pipelines.make_pipeline(preprocessing.StandardScaler(), estimator)


def _estimator(data: Data, params: SklearnParams) -> Estimator:
    module, classifier, regressor = _KINDS[params.model]
    kind = classifier if data.is_classification else regressor
    told: dict[str, Any] = {}
    match params.model:
        case "logistic_regression":
            told = {"C": params.c, "max_iter": 2000, "random_state": params.seed}
        case "sgd":
            loss = "log_loss" if data.is_classification else "squared_error"
            told = {"loss": loss, "alpha": params.penalty, "random_state": params.seed}
        case "ridge":
            told = {"alpha": params.alpha, "random_state": params.seed}
        case "svm":
            told = {"C": params.c, "kernel": params.kernel}
        case "random_forest" | "extra_trees":
            depth = params.max_depth or None
            told = {"max_depth": depth, "random_state": params.seed, "warm_start": True}
        case "k_neighbours":
            told = {"n_neighbors": params.n_neighbours}
    return getattr(import_module(f"sklearn.{module}"), kind)(**told)


def _measured(data: Data, model: Estimator, n_rows: int) -> dict[str, float]:
    held = scores(data, _said(model, data.held_rows), data.held_targets)
    shown = {f"val/{name}": value for name, value in held.items()}
    if n_rows == len(data.rows):
        seen = scores(data, _said(model, data.rows), data.targets)
        shown |= {f"train/{name}": value for name, value in seen.items()}
    return shown


def _said(model: Estimator, rows: Rows) -> Answers:
    predicted: Targets = model.predict(rows)
    return Answers(
        predicted, model.predict_proba(rows) if hasattr(model, "predict_proba") else None
    )


def _sentence(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
