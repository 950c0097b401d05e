"""The model as ONNX: names of inputs and outputs, and what the file itself predicts.

What is registered is what was measured: final metrics are computed with the exported file in
onnxruntime, and a file that answers otherwise than its framework is never registered.
"""

from importlib import import_module
from typing import Any, Final

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray

from axonml.errors import AxonError
from axonml.trainers.datasets import Data, Targets

LABEL: Final = "label"
PROBABILITIES: Final = "probabilities"
SCORES: Final = "scores"
VALUE: Final = "value"
TOLERANCE: Final = 1e-4
_CHUNK: Final = 1024


class ExportError(AxonError):
    """The exported file does not answer as the trained model does."""

    code = "export_differs"
    title = "The exported model differs"


class Answers(msgspec.Struct, frozen=True, eq=False):
    """What a model says of n rows: `predicted` of shape (n,), `probabilities` (n, k) or None."""

    predicted: Targets
    probabilities: NDArray[np.float32] | None


def describe(model: onnx.ModelProto, data: Data) -> bytes:
    """Return the file with the names of classes and features in its metadata, as JSON."""
    told = {"dataset": data.info.name, "classes": list(data.classes), "features": data.features}
    for key, value in told.items():
        model.metadata_props.add(key=key, value=msgspec.json.encode(value).decode())
    return model.SerializeToString()


def rename_output(model: onnx.ModelProto, old: str, new: str) -> None:
    """Give an output of the graph another name."""
    for node in model.graph.node:
        node.output[:] = [new if name == old else name for name in node.output]
        node.input[:] = [new if name == old else name for name in node.input]
    for output in model.graph.output:
        if output.name == old:
            output.name = new


def answers(exported: bytes, rows: NDArray[np.float32]) -> Answers:
    """Return what the file predicts for rows of any shape (n, ...)."""
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    session = runtime.InferenceSession(exported, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]
    parts = [
        dict(zip(names, session.run(None, {name: rows[at : at + _CHUNK]}), strict=True))
        for at in range(0, len(rows), _CHUNK)
    ]
    whole = {each: np.concatenate([part[each] for part in parts]) for each in names}
    if LABEL in whole:
        return Answers(whole[LABEL].reshape(-1), whole.get(PROBABILITIES))
    return Answers(whole[VALUE].reshape(-1), None)


def verify(given: Answers, wanted: Answers, n_odd: int = 0) -> None:
    """Compare what the file answers with what the framework's own model does.

    Args:
        given: the file's answers.
        wanted: the model's.
        n_odd: rows that may differ: trees compare in float32 there and float64 here, so a value
            on a threshold may fall to either side.

    Raises:
        ExportError: they differ by more than 1e-4 (relative to the largest answer).
    """
    ours: NDArray[Any] = np.asarray(given.predicted, float)
    theirs: NDArray[Any] = np.asarray(wanted.predicted, float)
    if given.probabilities is not None and wanted.probabilities is not None:
        ours, theirs = given.probabilities, wanted.probabilities
    scale = max(1.0, float(np.abs(theirs).max()))
    gap = np.abs(ours - theirs).reshape(len(theirs), -1).max(axis=1) / scale
    if int(np.count_nonzero(gap > TOLERANCE)) > n_odd:
        raise ExportError(
            f"the exported ONNX differs from the trained model by {float(gap.max()):.2g};"
            " it is not registered"
        )


def scores(data: Data, found: Answers, targets: Targets) -> dict[str, float]:
    """Return how good answers are: of classes accuracy, F1 and log loss, else RMSE, MAE and R2."""
    if data.is_classification:
        return _class_scores(len(data.classes), found, targets)
    error = np.asarray(found.predicted, float) - np.asarray(targets, float)
    spread = np.asarray(targets, float) - np.mean(np.asarray(targets, float))
    return {
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(np.abs(error))),
        "r2": 1 - float(np.sum(error**2) / np.sum(spread**2)),
    }


def confusion(n_classes: int, predicted: Targets, targets: Targets) -> NDArray[np.int64]:
    """Return how often class i (row) was taken for class j (column), of shape (k, k)."""
    counts = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(counts, (targets.astype(np.int64), predicted.astype(np.int64)), 1)
    return counts


def confusion_text(data: Data, predicted: Targets) -> str:
    """Return the confusion of the held-out rows as a table: a line a true class."""
    counts = confusion(len(data.classes), predicted, data.held_targets)
    width = max(len(name) for name in (*data.classes, str(counts.max()))) + 2
    lines = ["".join(f"{name:>{width}}" for name in ("", *data.classes))]
    lines += [
        f"{name:>{width}}" + "".join(f"{count:>{width}}" for count in row)
        for name, row in zip(data.classes, counts.tolist(), strict=True)
    ]
    return "\n".join(lines)


def _class_scores(n_classes: int, found: Answers, targets: Targets) -> dict[str, float]:
    counts = confusion(n_classes, found.predicted, targets)
    hits = np.diag(counts)
    both = counts.sum(axis=0) + counts.sum(axis=1)
    f1 = np.divide(2 * hits, both, out=np.zeros(n_classes), where=both > 0)
    measured = {"accuracy": float(hits.sum() / counts.sum()), "f1": float(f1.mean())}
    if found.probabilities is not None:
        measured["loss"] = log_loss(found.probabilities, targets)
    return measured


def log_loss(probabilities: NDArray[Any], targets: Targets) -> float:
    """Return the mean negative log of the probability that each true class was given."""
    picked = probabilities[np.arange(len(targets)), targets.astype(np.int64)]
    return float(np.mean(-np.log(np.clip(picked.astype(float), 1e-15, 1.0)))) + 0.0
