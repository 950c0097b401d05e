"""Small models of trees, trained here."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEATURES = 4


def rows(n: int = 60) -> NDArray[np.float64]:
    """Return n rows of four features; the first is a category of five."""
    chance = np.random.default_rng(7)
    features = chance.normal(size=(n, FEATURES))
    features[:, 0] = chance.integers(0, 5, n)
    return features


def labels(objective: str) -> NDArray[np.float64]:
    features = rows()
    score = features[:, 1] + 0.5 * features[:, 2] * features[:, 0]
    match objective:
        case "binary":
            return (score > 0).astype(np.float64)
        case "multiclass":
            return np.digitize(score, [-0.7, 0.7]).astype(np.float64)
        case _:
            return score


@cache
def lightgbm_model(objective: str, *, categorical: bool = False) -> Any:
    """Return a booster of a few small trees."""
    import lightgbm

    parameters: dict[str, Any] = {
        "objective": objective,
        "num_leaves": 5,
        "min_data_in_leaf": 2,
        "min_data_per_group": 2,
        "verbose": -1,
        "num_threads": 1,
        **({"num_class": 3} if objective == "multiclass" else {}),
    }
    data = lightgbm.Dataset(
        rows(), labels(objective), categorical_feature=[0] if categorical else []
    )
    return lightgbm.train(parameters, data, num_boost_round=4)


@cache
def xgboost_model(objective: str, booster: str = "gbtree") -> Any:
    """Return a booster of a few small trees."""
    import xgboost

    names = {
        "regression": "reg:squarederror",
        "binary": "binary:logistic",
        "multiclass": "multi:softprob",
        "class": "multi:softmax",
    }
    parameters: dict[str, Any] = {
        "objective": names[objective],
        "booster": booster,
        "max_depth": 3,
        "nthread": 1,
        **({"num_class": 3} if objective in {"multiclass", "class"} else {}),
    }
    wanted = labels("multiclass" if objective == "class" else objective)
    return xgboost.train(parameters, xgboost.DMatrix(rows(), wanted, nthread=1), 4)
