"""How much each parameter tells of a metric: permutation importance and rank correlation.

`python -m axonml.training.forest` reads `Samples` as JSON and writes `Weights`: in a process of
its own, since scikit-learn takes seconds of processor time and a hundred megabytes.
"""

import sys
from importlib import import_module
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

TREES: Final = 100
_SHUFFLES: Final = 5
_FOLDS: Final = 3
_CATEGORIES: Final = 20
_FEW: Final = 3
_ABSENT: Final = "(none)"
# The same runs give the same answer; who looks twice must not wonder.
_SEED: Final = 0

Matrix = NDArray[np.object_]
Numbers = NDArray[np.float64]


class Column(msgspec.Struct, frozen=True):
    """One parameter over n runs; None where a run has it not. Numbers or words, never both."""

    key: str
    is_number: bool
    values: list[float | str | None]


class Samples(msgspec.Struct, frozen=True):
    """k parameters of n runs, and the metric of each run, which is finite."""

    columns: list[Column]
    target: list[float]


class Weight(msgspec.Struct, frozen=True):
    """How much one parameter tells of the metric.

    `importance` is the share of the metric's variance that the forest no longer explains, for runs
    that it has not seen, once the parameter is shuffled; `spread` its standard deviation.
    `spearman` is the rank correlation over the `n_values` runs that have a number there.
    """

    key: str
    kind: str
    importance: float
    spread: float
    spearman: float | None
    n_values: int


class Weights(msgspec.Struct, frozen=True):
    """The parameters, the most telling first.

    `r2` is the forest's coefficient of determination out of bag: at 0 or below it has understood
    nothing, and the importances say nothing either.
    """

    r2: float
    n_trees: int
    items: list[Weight]


def weigh(samples: Samples) -> Weights:
    """Return how much each column tells of the target; at least 4 runs and 1 column."""
    table = _table(samples.columns)
    target = np.array(samples.target, np.float64)
    forest = _model(samples.columns, has_score=True).fit(table, target)
    mean, spread = _importances(samples.columns, table, target)
    items = [
        Weight(
            column.key,
            "number" if column.is_number else "category",
            float(mean[i]),
            float(spread[i]),
            _spearman(column, target),
            sum(value is not None for value in column.values),
        )
        for i, column in enumerate(samples.columns)
    ]
    items.sort(key=lambda item: -item.importance)
    return Weights(float(forest[-1].oob_score_), TREES, items)


def _table(columns: list[Column]) -> Matrix:
    table = np.empty((len(columns[0].values), len(columns)), np.object_)
    for at, column in enumerate(columns):
        absent = np.nan if column.is_number else _ABSENT
        table[:, at] = [absent if value is None else value for value in column.values]
    return table


def _model(columns: list[Column], *, has_score: bool) -> Any:  # noqa: ANN401  # scikit-learn has no types
    """Return a forest over one-hot categories; numbers stay as they are, NaN where absent."""
    compose: Any = import_module("sklearn.compose")
    ensemble: Any = import_module("sklearn.ensemble")
    pipeline: Any = import_module("sklearn.pipeline")
    preprocessing: Any = import_module("sklearn.preprocessing")
    numbers = [i for i, column in enumerate(columns) if column.is_number]
    words = [i for i, column in enumerate(columns) if not column.is_number]
    one_hot = preprocessing.OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=_CATEGORIES, sparse_output=False
    )
    columnwise = compose.ColumnTransformer(
        [
            ("numbers", preprocessing.FunctionTransformer(_floats), numbers),
            ("words", one_hot, words),
        ]
    )
    forest = ensemble.RandomForestRegressor(TREES, oob_score=has_score, random_state=_SEED)
    return pipeline.make_pipeline(columnwise, forest)


def _floats(table: Matrix) -> Numbers:
    return table.astype(np.float64)


def _importances(columns: list[Column], table: Matrix, target: Numbers) -> tuple[Numbers, Numbers]:
    """Return mean and spread of shape (k,), over folds and shuffles, for runs held out."""
    inspection: Any = import_module("sklearn.inspection")
    selection: Any = import_module("sklearn.model_selection")
    folds = selection.KFold(min(_FOLDS, len(target) // 2), shuffle=True, random_state=_SEED)
    found: list[Numbers] = []
    for learned, held in folds.split(table):
        model = _model(columns, has_score=False).fit(table[learned], target[learned])
        told: Any = inspection.permutation_importance(
            model,
            table[held],
            target[held],
            scoring="neg_mean_squared_error",
            n_repeats=_SHUFFLES,
            random_state=_SEED,
        )
        found.append(told.importances)
    shares = np.concatenate(found, axis=1) / target.var()
    return shares.mean(axis=1), shares.std(axis=1)


def _spearman(column: Column, target: Numbers) -> float | None:
    """Return the rank correlation, None where it is not defined: words, or too few values."""
    if not column.is_number:
        return None
    values = np.array([np.nan if v is None else v for v in column.values], np.float64)
    there = np.isfinite(values)
    if there.sum() < _FEW or not (np.ptp(values[there]) and np.ptp(target[there])):
        return None
    stats: Any = import_module("scipy.stats")
    return float(stats.spearmanr(values[there], target[there]).statistic)


def main() -> None:
    """Read samples from standard input, write weights to standard output; of nothing, nothing."""
    # Loaded before the question is there: who starts this early has an answer sooner.
    for name in (
        "sklearn.ensemble",
        "sklearn.inspection",
        "sklearn.model_selection",
        "scipy.stats",
    ):
        _ = import_module(name)
    asked = sys.stdin.buffer.read()
    if not asked:
        return
    samples = msgspec.json.decode(asked, type=Samples)
    _ = sys.stdout.buffer.write(msgspec.json.encode(weigh(samples)))


if __name__ == "__main__":
    main()
