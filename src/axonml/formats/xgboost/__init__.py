"""XGBoost's own files, JSON and UBJSON: read for their signature, run by XGBoost in a replica."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from axonml.errors import Invalid
from axonml.formats import extras
from axonml.formats.format import (
    Device,
    Inspection,
    ModelError,
    Predictor,
    Signature,
    Tensors,
    TensorSpec,
)
from axonml.formats.xgboost import ubjson
from axonml.formats.xgboost.trees import facts_of

_EXTRA: Final = "trees"
_JSON: Final = re.compile(rb'\s*\{\s*"learner"\s*:\s*\{')
_UBJSON: Final = b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{"


class XgboostFormat:
    """Serves what `booster.save_model` writes to a path that ends in .ubj or in .json."""

    name: str = "xgboost"
    suffix: str = ".ubj"

    def matches(self, head: bytes, filename: str) -> bool:
        """Tell whether `head` starts a model as XGBoost writes it."""
        del filename
        return head.startswith(_UBJSON) or _JSON.match(head) is not None

    def inspect(self, path: Path) -> Inspection:
        """Return the signature: rows of features in, a number or one for each class out.

        Raises:
            Invalid: the file is damaged, or its trees are no trees.
        """
        raw = path.read_bytes()
        is_binary = raw.startswith(_UBJSON)
        try:
            facts = facts_of(ubjson.decode(raw) if is_binary else json.loads(raw))
        except KeyError as error:
            raise _damaged(f"it has no {error}") from None
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise _damaged(str(error)[:300]) from None
        outputs = (-1, facts.outputs) if facts.outputs > 1 else (-1,)
        signature = Signature(
            (TensorSpec("input", "float32", (-1, facts.features)),),
            (TensorSpec("output", "float32", outputs),),
        )
        reason = extras.lacking(self.name, _EXTRA)
        suffix = self.suffix if is_binary else ".json"
        return Inspection(self.name, suffix, signature, servable=True, reason=reason)

    def load(self, path: Path, threads: int, device: Device = "cpu") -> Predictor:
        """Return the model as XGBoost computes it; one thread is the quickest for small batches."""
        xgboost = extras.imported(self.name, _EXTRA)
        extras.require_cpu(self.name, device)
        try:
            # As bytes: XGBoost takes JSON and UBJSON apart by the name of a file only.
            booster = xgboost.Booster({"nthread": threads, "device": "cpu"})
            booster.load_model(bytearray(path.read_bytes()))
            booster.set_param({"nthread": threads, "device": "cpu"})
        except (xgboost.core.XGBoostError, ValueError) as error:
            raise ModelError(_first_line(error)) from None

        config = json.loads(booster.save_config())["learner"]
        is_linear = config["gradient_booster"]["name"] == "gblinear"

        def run(rows: NDArray[np.generic]) -> NDArray[np.float32]:
            if is_linear:  # which does not predict in place
                return np.asarray(booster.predict(xgboost.DMatrix(rows, nthread=threads)))
            return np.asarray(booster.inplace_predict(rows), np.float32)

        def predict(inputs: Mapping[str, NDArray[np.generic]]) -> Tensors:
            try:
                return {"output": run(inputs["input"])}
            except (xgboost.core.XGBoostError, ValueError) as error:
                raise ModelError(_first_line(error)) from None

        return predict


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:500]


def _damaged(why: str) -> Invalid:
    return Invalid(f"the XGBoost file is damaged: {why}", code="damaged_file")
