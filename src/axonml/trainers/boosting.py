"""`gradient_boosting`: trees that mend each other's errors, with both losses every round."""

from importlib import import_module
from typing import Any, Final, cast

from axonml.trainers.datasets import Data
from axonml.trainers.exported import Answers, scores
from axonml.trainers.params import BoostingParams, Params
from axonml.trainers.progress import Progress, Trained
from axonml.trainers.sklearn import Estimator, export


def train(data: Data, params: Params, progress: Progress) -> Trained | None:
    """Boost round by round until the last, or the best is `patience` rounds ago; see `Trainer`."""
    asked = cast("BoostingParams", params)
    ensemble: Any = import_module("sklearn.ensemble")
    kind = (
        ensemble.GradientBoostingClassifier
        if data.is_classification
        else ensemble.GradientBoostingRegressor
    )
    model = kind(
        n_estimators=asked.iterations,
        learning_rate=asked.lr,
        max_depth=asked.max_depth,
        min_samples_leaf=asked.min_leaf_rows,
        subsample=asked.row_part,
        max_features=asked.column_part,
        random_state=asked.seed,
    )
    watch = _Watch(data, asked, progress)
    model.fit(data.rows, data.targets, monitor=watch.round)
    if progress.should_stop:
        return None
    progress.say(f"{len(model.estimators_)} rounds; lowest held-out loss in round {watch.best}")
    return export(data, model, progress, is_trees=True)


class _Watch:
    """Measures each round as it ends, and says when to stop."""

    def __init__(self, data: Data, params: BoostingParams, progress: Progress) -> None:
        self._data: Final = data
        self._params: Final = params
        self._progress: Final = progress
        self._staged: Any = None
        self._lowest = float("inf")
        self.best = 0

    def round(self, number: int, model: Estimator, state: object) -> bool:
        """Log one round; scikit-learn calls it after each, and ends at True."""
        del state
        held = self._held_out(model)
        loss = held.get("loss", held.get("rmse", 0.0) ** 2)
        # Of the rows that this round drew, as scikit-learn has computed it anyway; of two classes
        # it keeps the deviance, which is twice the log loss.
        seen = float(model.train_score_[number]) / (2 if len(self._data.classes) == 2 else 1)
        self._progress.log(
            {"train/loss": seen, "val/loss": loss, **{f"val/{k}": v for k, v in held.items()}},
            number,
        )
        if loss < self._lowest:
            self._lowest, self.best = loss, number
        is_late = bool(self._params.patience) and number - self.best >= self._params.patience
        return is_late or self._progress.should_stop

    def _held_out(self, model: Estimator) -> dict[str, float]:
        # One generator for the whole fit: each round adds its own trees to the sum.
        rows = self._data.held_rows
        if not self._data.is_classification:
            self._staged = self._staged or model.staged_predict(rows)
            return scores(self._data, Answers(next(self._staged), None), self._data.held_targets)
        self._staged = self._staged or model.staged_predict_proba(rows)
        probabilities = next(self._staged)
        found = Answers(probabilities.argmax(axis=1), probabilities)
        return scores(self._data, found, self._data.held_targets)
