"""What each built-in trainer can be told: one frozen struct each, the source of page and checks.

Beside JSON Schema's own words, a field may carry two hints for forms: `x-scale: log` where
steps of a factor make sense, and `x-when` with the values of another field that make it matter.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

Model = Literal[
    "logistic_regression", "sgd", "ridge", "svm", "random_forest", "extra_trees", "k_neighbours"
]
Optimizer = Literal["adamw", "sgd"]
Schedule = Literal["cosine", "constant"]

_LOG: Final = {"x-scale": "log"}
_FORESTS: Final = ["random_forest", "extra_trees"]


def _of(*models: str, log: bool = False) -> dict[str, Any]:
    """Return the hints of a field that only some of scikit-learn's models read."""
    return {"x-when": {"model": list(models)}, **(_LOG if log else {})}


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every trainer can be told."""

    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=2**31 - 1,
            description="Draws the split, the weights and the order of rows; the same seed and"
            " parameters give the same model",
        ),
    ] = 7
    held_out: Annotated[
        float,
        Meta(ge=0.05, le=0.5, description="Part of the rows that is measured on, never trained on"),
    ] = 0.2
    model_name: Annotated[
        str,
        Meta(
            max_length=120,
            pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?$",
            description="Name in the registry; empty for the data set's and the trainer's",
        ),
    ] = ""


class SklearnParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of `sklearn`; a field that the chosen model does not read changes nothing."""

    model: Annotated[Model, Meta(description="What is fitted")] = "logistic_regression"
    c: Annotated[
        float,
        Meta(
            ge=1e-4,
            le=1e4,
            description="Inverse strength of regularisation: small values keep the model simple",
            extra_json_schema=_of("logistic_regression", "svm", log=True),
        ),
    ] = 1.0
    alpha: Annotated[
        float,
        Meta(
            ge=1e-3,
            le=1e4,
            description="Strength of regularisation",
            extra_json_schema=_of("ridge", log=True),
        ),
    ] = 1.0
    penalty: Annotated[
        float,
        Meta(
            ge=1e-7,
            le=1.0,
            description="Strength of regularisation",
            extra_json_schema=_of("sgd", log=True),
        ),
    ] = 1e-3
    kernel: Annotated[
        Literal["rbf", "linear", "poly"],
        Meta(description="How rows are compared", extra_json_schema=_of("svm")),
    ] = "rbf"
    epochs: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Passes over the rows; each is a point of the curve",
            extra_json_schema=_of("sgd"),
        ),
    ] = 60
    n_trees: Annotated[
        int,
        Meta(
            ge=1,
            le=2000,
            description="Trees that vote; the curve shows them as they grow",
            extra_json_schema=_of(*_FORESTS, log=True),
        ),
    ] = 200
    max_depth: Annotated[
        int,
        Meta(
            ge=0,
            le=64,
            description="Deepest branch of a tree; 0 for no limit",
            extra_json_schema=_of(*_FORESTS),
        ),
    ] = 0
    n_neighbours: Annotated[
        int,
        Meta(
            ge=1,
            le=50,
            description="Rows that are asked",
            extra_json_schema=_of("k_neighbours"),
        ),
    ] = 5


class BoostingParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of `gradient_boosting`."""

    iterations: Annotated[
        int,
        Meta(
            ge=1,
            le=2000,
            description="Rounds of new trees, one a class; each is a point of the curve",
            extra_json_schema=_LOG,
        ),
    ] = 150
    lr: Annotated[
        float,
        Meta(
            ge=1e-3,
            le=1.0,
            description="How much of each new tree is believed",
            extra_json_schema=_LOG,
        ),
    ] = 0.1
    max_depth: Annotated[int, Meta(ge=1, le=16, description="Deepest branch of a tree")] = 3
    min_leaf_rows: Annotated[
        int, Meta(ge=1, le=200, description="Fewest rows that a leaf may hold")
    ] = 3
    row_part: Annotated[
        float, Meta(ge=0.1, le=1.0, description="Part of the rows that each round draws")
    ] = 0.8
    column_part: Annotated[
        float, Meta(ge=0.01, le=1.0, description="Part of the columns that each split looks at")
    ] = 0.3
    patience: Annotated[
        int,
        Meta(
            ge=0,
            le=200,
            description="Rounds without a better held-out loss until it ends; 0 for never",
        ),
    ] = 30


class NetworkParams(Params, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every network can be told."""

    epochs: Annotated[
        int, Meta(ge=1, le=500, description="Passes over the rows; each leaves a checkpoint")
    ] = 15
    batch_size: Annotated[
        int,
        Meta(ge=1, le=1024, description="Rows of one step", extra_json_schema=_LOG),
    ] = 32
    lr: Annotated[
        float,
        Meta(ge=1e-6, le=1.0, description="Learning rate at its highest", extra_json_schema=_LOG),
    ] = 2e-3
    schedule: Annotated[
        Schedule,
        Meta(description="Learning rate over the run: falls to 0 along a cosine, or stays"),
    ] = "cosine"
    optimizer: Annotated[Optimizer, Meta(description="How weights follow the gradient")] = "adamw"
    weight_decay: Annotated[
        float, Meta(ge=0, le=1, description="How strongly weights are pulled to 0")
    ] = 0.01
    clip_norm: Annotated[
        float, Meta(ge=0, le=100, description="Longest gradient of a step; 0 for no limit")
    ] = 1.0


class MlpParams(NetworkParams, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of `mlp`."""

    width: Annotated[
        int, Meta(ge=4, le=2048, description="Units of a hidden layer", extra_json_schema=_LOG)
    ] = 128
    depth: Annotated[int, Meta(ge=1, le=8, description="Hidden layers")] = 2
    dropout: Annotated[
        float, Meta(ge=0, le=0.9, description="Part of the units left out in each step")
    ] = 0.1


class CnnParams(NetworkParams, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of `cnn`."""

    channels: Annotated[
        int,
        Meta(
            ge=2,
            le=256,
            description="Channels of the first block; the second has twice as many",
            extra_json_schema=_LOG,
        ),
    ] = 16
    hidden: Annotated[
        int,
        Meta(ge=4, le=1024, description="Units before the classes", extra_json_schema=_LOG),
    ] = 64
    dropout: Annotated[
        float, Meta(ge=0, le=0.9, description="Part of the units left out in each step")
    ] = 0.2
    shift: Annotated[
        int, Meta(ge=0, le=4, description="Pixels by which training images are moved at random")
    ] = 1


class TransformerParams(NetworkParams, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of `transformer`."""

    width: Annotated[
        int,
        Meta(
            ge=8,
            le=512,
            multiple_of=8,
            description="Size of a token; heads share it evenly",
            extra_json_schema=_LOG,
        ),
    ] = 64
    heads: Annotated[Literal[1, 2, 4, 8], Meta(description="Attention heads of a layer")] = 4
    layers: Annotated[int, Meta(ge=1, le=8, description="Layers of attention")] = 2
    dropout: Annotated[
        float, Meta(ge=0, le=0.9, description="Part of the units left out in each step")
    ] = 0.1
