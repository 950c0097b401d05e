"""XGBoost's own files are served as XGBoost computes them, and checked before it reads them."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from tree_models import rows, xgboost_model

from axonml.errors import Invalid
from axonml.formats.xgboost import XgboostFormat

FORMAT = XgboostFormat()
Decoded = Any


def lacking(_: str) -> None:
    """Find no library."""


def saved(tmp_path: Path, booster: Any, suffix: str = ".ubj") -> Path:
    path = tmp_path / f"model{suffix}"
    booster.save_model(path)
    return path


@pytest.mark.parametrize("suffix", [".ubj", ".json"])
@pytest.mark.parametrize(
    ("objective", "shape"),
    [("regression", (-1,)), ("binary", (-1,)), ("multiclass", (-1, 3)), ("class", (-1,))],
)
def test_a_model_answers_as_the_library_does(
    tmp_path: Path, objective: str, shape: tuple[int, ...], suffix: str
) -> None:
    booster = xgboost_model(objective)
    path = saved(tmp_path, booster, suffix)
    asked = rows().astype(np.float32)
    asked[::3, 1] = np.nan

    found = FORMAT.inspect(path)
    answer = FORMAT.load(path, 1)({"input": asked})["output"]

    assert (found.servable, found.reason, found.suffix) == (True, "", suffix)
    assert found.signature is not None
    assert found.signature.inputs[0].shape == (-1, 4)
    assert found.signature.outputs[0].shape == shape
    np.testing.assert_array_equal(answer, booster.inplace_predict(asked))


@pytest.mark.filterwarnings("ignore:.*")  # XGBoost calls gblinear old-fashioned
@pytest.mark.parametrize("booster", ["gblinear", "dart"])
def test_boosters_of_other_kinds_are_served(tmp_path: Path, booster: str) -> None:
    import xgboost

    model = xgboost_model("regression", booster)
    path = saved(tmp_path, model)

    _ = FORMAT.inspect(path)

    answer = FORMAT.load(path, 1)({"input": rows().astype(np.float32)})["output"]
    expected = model.predict(xgboost.DMatrix(rows().astype(np.float32), nthread=1))
    np.testing.assert_allclose(answer.astype(np.float64), expected, rtol=1e-5)


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    booster = xgboost_model("multiclass")

    binary = FORMAT.inspect(saved(tmp_path, booster))
    text = FORMAT.inspect(saved(tmp_path, booster, ".json"))

    assert binary.signature == text.signature


def test_a_server_without_the_library_keeps_the_file_and_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, xgboost_model("binary"))
    monkeypatch.setattr(importlib.util, "find_spec", lacking)

    found = FORMAT.inspect(path)

    assert found.signature is not None
    assert "axonml-dashboard[trees]" in found.reason


def _tree(model: Decoded) -> Decoded:
    return model["learner"]["gradient_booster"]["model"]["trees"][0]


def _set(*path: str | int, value: object) -> Callable[[Decoded], None]:
    """Set a value within the first tree."""

    def damage(model: Decoded) -> None:
        at = _tree(model)
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = value

    return damage


def _learner(name: str, value: str) -> Callable[[Decoded], None]:
    def damage(model: Decoded) -> None:
        model["learner"]["learner_model_param"][name] = value

    return damage


DAMAGES: Final[list[Callable[[Decoded], object]]] = [
    _learner("num_feature", "1"),
    _learner("num_feature", "99999999999"),
    _learner("num_class", "-3"),
    _learner("base_score", "nan"),
    _learner("num_feature", "many"),
    _set("left_children", 0, value=0),
    _set("left_children", 0, value=10**6),
    _set("right_children", 0, value=-1),
    _set("split_indices", 0, value=77),
    _set("split_conditions", 0, value="NaN"),
    _set("split_conditions", value=[]),
    _set("tree_param", "num_nodes", value="9999999"),
    _set("base_weights", 0, value=1e999),
    lambda model: model.pop("learner"),
    lambda model: model["learner"]["gradient_booster"]["model"]["trees"].pop(),
    lambda model: model["learner"]["gradient_booster"].update(name="forest"),
    lambda model: _tree(model).update(left_children="many"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_would_lead_the_library_astray_is_refused(
    tmp_path: Path, damage: Callable[[Decoded], object]
) -> None:
    path = saved(tmp_path, xgboost_model("regression"), ".json")
    model = json.loads(path.read_text())
    _ = damage(model)
    _ = path.write_text(json.dumps(model))

    with pytest.raises(Invalid, match="the XGBoost file is damaged"):
        _ = FORMAT.inspect(path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{",
        b"{L\x7f\xff\xff\xff\xff\xff\xff\xfflearner{",
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner" + b"[" * 100_000,
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner[$Z#L\x00\xff\xff\xff\xff\xff\xff\xff",
    ],
)
def test_a_file_that_ends_lies_or_nests_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "model.ubj"
    _ = path.write_bytes(raw)

    with pytest.raises(Invalid, match="the XGBoost file is damaged"):
        _ = FORMAT.inspect(path)
