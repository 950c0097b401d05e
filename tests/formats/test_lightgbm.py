"""LightGBM's own files are served as LightGBM computes them, and checked before it reads them."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from tree_models import lightgbm_model, rows

from axonml.errors import Invalid
from axonml.formats.format import ModelError
from axonml.formats.lightgbm import LightgbmFormat

FORMAT = LightgbmFormat()


def lacking(_: str) -> None:
    """Find no library."""


def saved(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "model.txt"
    _ = path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("objective", "shape"),
    [("regression", (-1,)), ("binary", (-1,)), ("multiclass", (-1, 3))],
)
def test_a_model_answers_as_the_library_does(
    tmp_path: Path, objective: str, shape: tuple[int, ...]
) -> None:
    booster = lightgbm_model(objective)
    path = saved(tmp_path, booster.model_to_string())

    found = FORMAT.inspect(path)
    answer = FORMAT.load(path, 1)({"input": rows()})["output"]

    assert (found.servable, found.reason) == (True, "")
    assert found.signature is not None
    assert found.signature.inputs[0].shape == (-1, 4)
    assert found.signature.outputs[0].shape == shape
    np.testing.assert_array_equal(answer, booster.predict(rows()))


def test_categories_and_missing_values_are_served(tmp_path: Path) -> None:
    booster = lightgbm_model("regression", categorical=True)
    path = saved(tmp_path, booster.model_to_string())
    asked = rows()
    asked[::3, 1] = np.nan

    _ = FORMAT.inspect(path)

    answer = FORMAT.load(path, 1)({"input": asked})["output"]
    np.testing.assert_array_equal(answer, booster.predict(asked))


def test_a_server_without_the_library_keeps_the_file_and_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, lightgbm_model("binary").model_to_string())
    monkeypatch.setattr(importlib.util, "find_spec", lacking)

    found = FORMAT.inspect(path)

    assert found.signature is not None
    assert "axonml-dashboard[trees]" in found.reason


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _replaced(name: str, value: str) -> Callable[[str], str]:
    """Replace the value of the first line `name=...` by one of the same length."""

    def damage(text: str) -> str:
        start = text.index(f"\n{name}=") + len(name) + 2
        end = text.index("\n", start)
        words = text[start:end].split(" ")
        words[0] = value.ljust(len(words[0]))[: max(len(words[0]), len(value))]
        return text[:start] + " ".join(words) + text[end:]

    return damage


DAMAGES: Final[list[Callable[[str], str]]] = [
    _cut,
    _replaced("max_feature_idx", "1"),
    _replaced("max_feature_idx", "99999999999"),
    _replaced("num_class", "-1"),
    _replaced("num_class", "x"),
    _replaced("tree_sizes", "9"),
    _replaced("num_leaves", "99"),
    _replaced("num_leaves", "-7"),
    _replaced("split_feature", "77"),
    _replaced("left_child", "0"),
    _replaced("left_child", "99"),
    _replaced("leaf_value", "nan"),
    _replaced("threshold", "inf"),
    _replaced("decision_type", "1"),
    lambda text: text.replace("end of trees", "end of treez"),
    lambda text: text.replace("Tree=1", "Tree=7"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_would_lead_the_library_astray_is_refused(
    tmp_path: Path, damage: Callable[[str], str]
) -> None:
    path = saved(tmp_path, damage(lightgbm_model("regression").model_to_string()))

    with pytest.raises(Invalid, match="the LightGBM file is damaged"):
        _ = FORMAT.inspect(path)


def test_other_text_is_not_taken_for_a_model() -> None:
    heads: list[bytes] = [
        b"",
        b"tree",
        b"trees are green\n",
        b'{"learner": {}}',
        b"version=v4\ntree",
    ]

    assert [head for head in heads if FORMAT.matches(head, "model.txt")] == []


def test_a_gpu_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, lightgbm_model("regression").model_to_string())

    with pytest.raises(ModelError, match="run on the CPU here"):
        _ = FORMAT.load(path, 1, "cuda")
