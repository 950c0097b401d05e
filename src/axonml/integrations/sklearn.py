"""scikit-learn: `log_estimator(model.fit(X, y), X_test, y_test)`, as it has no callbacks."""

from collections.abc import Iterator
from typing import Any, Final

from sklearn.base import is_classifier, is_regressor
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)

from axonml.client.run import Run
from axonml.integrations.target import run_for

# What an estimator that trains in rounds remembers of them.
_CURVES: Final = {
    "loss_curve_": "loss",
    "validation_scores_": "validation/score",
    "train_score_": "train/score",
    "validation_score_": "validation/score",
}


def log_estimator(
    model: Any,  # any fitted estimator
    inputs: Any = None,  # arrays or frames, shape (n, d)
    targets: Any = None,  # shape (n,)
    *,
    run: Run | None = None,
    **options: Any,  # init's
) -> Run:
    """Log a fitted estimator: parameters, its loss in each round, its scores on `inputs`.

    A search over parameters is logged candidate by candidate. `run` is the run to log to; without
    one it is the script's, or begun with `options`. Returns the run.
    """
    run = run_for(run, **options)
    run.config.update({"estimator": type(model).__name__, "params": model.get_params(deep=False)})
    if hasattr(model, "cv_results_"):
        _log_search(run, model)
        model = model.best_estimator_
    fitted = model.steps[-1][1] if hasattr(model, "steps") else model
    for attribute, name in _CURVES.items():
        values = getattr(fitted, attribute, None)
        for step, value in enumerate(() if values is None else values):
            run.log({name: value}, step=step)
    if inputs is not None and targets is not None:
        run.log(dict(_scores(model, inputs, targets)), step=run.step)
    return run


def _log_search(run: Run, search: Any) -> None:  # GridSearchCV and the like
    results = search.cv_results_
    for step, params in enumerate(results["params"]):
        scores = {"cv/mean": results["mean_test_score"][step]}
        scores["cv/std"] = results["std_test_score"][step]
        numbers = {k: v for k, v in params.items() if isinstance(v, int | float)}
        run.log({**scores, **{f"params/{k}": v for k, v in numbers.items()}}, step=step)
        run.log_text(f"candidate {step}: {params}")
    run.config.update({"best_params": search.best_params_})
    run.summary["cv/best"] = search.best_score_


def _scores(model: Any, inputs: Any, targets: Any) -> Iterator[tuple[str, float]]:
    found = model.predict(inputs)
    if is_classifier(model):
        yield "test/accuracy", accuracy_score(targets, found)
        yield "test/f1_macro", f1_score(targets, found, average="macro")
        if hasattr(model, "predict_proba"):
            likely = model.predict_proba(inputs)
            yield "test/log_loss", log_loss(targets, likely, labels=model.classes_)
    elif is_regressor(model):
        yield "test/r2", r2_score(targets, found)
        yield "test/mae", mean_absolute_error(targets, found)
        yield "test/rmse", root_mean_squared_error(targets, found)
