"""The first runs of a freshly loaded model: with inputs made up from its signature."""

import itertools
import sys
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from axonml.formats.format import ModelError, Predictor, Signature, Tensors, TensorSpec

# Sizes tried for an axis, other than the batch, that the signature leaves open.
_SIZES: Final = (1, 8, 32, 224)
_TOLERANCE: Final = 1e-3


def prove(predict: Predictor, signature: Signature) -> bool:
    """Run the model on made-up rows; tell whether rows may be answered together.

    Rows may be where every axis that counts them is open, every output has one entry a row, and
    two rows together give what each gives alone.

    Raises:
        ModelError: the model refused, and the signature leaves no doubt about its input.
    """
    is_open = all(spec.shape[:1] == (-1,) for spec in signature.inputs)
    rows = 2 if is_open else 1
    failure: ModelError | None = None
    for inputs in _attempts(signature, rows):
        try:
            together = predict(inputs)
            return is_open and _is_rowwise(predict, inputs, together)
        except ModelError as error:
            failure = error
    if failure is not None and not _is_ambiguous(signature):
        raise failure
    _ = sys.stderr.write(f"no made-up input fits the model, so it starts cold: {failure}\n")
    return is_open


def _is_rowwise(predict: Predictor, inputs: Tensors, together: Tensors) -> bool:
    rows = len(next(iter(inputs.values())))
    if any(array.shape[:1] != (rows,) for array in map(np.asarray, together.values())):
        return False
    for row in range(rows):
        alone = predict({name: array[row : row + 1] for name, array in inputs.items()})
        for name, array in alone.items():
            if not _same(np.asarray(array), np.asarray(together[name])[row : row + 1]):
                return False
    return True


def _same(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    if one.shape != other.shape:
        return False
    if one.dtype.kind == "f":
        return np.allclose(
            one.astype(np.float64),
            other.astype(np.float64),
            rtol=_TOLERANCE,
            atol=_TOLERANCE,
            equal_nan=True,
        )
    return bool(np.array_equal(one, other))


def _attempts(signature: Signature, rows: int) -> Iterator[Tensors]:
    """Yield inputs to try: varied numbers first, zeros for models that look things up by them."""
    random = np.random.default_rng(0)
    sizes = _SIZES if _is_ambiguous(signature) else _SIZES[:1]
    for size, zeros in itertools.product(sizes, (False, True)):
        yield {
            spec.name: _made_up(spec, rows, size, None if zeros else random)
            for spec in signature.inputs
        }


def _is_ambiguous(signature: Signature) -> bool:
    return any(-1 in spec.shape[1:] or spec.dtype == "string" for spec in signature.inputs)


def _made_up(
    spec: TensorSpec, rows: int, size: int, random: np.random.Generator | None
) -> NDArray[np.generic]:
    shape = tuple(each if each >= 0 else size for each in spec.shape)
    if spec.shape[:1] == (-1,):
        shape = (rows, *shape[1:])
    if spec.dtype == "string":
        return np.full(shape, "", dtype=object)
    if random is None:
        return np.zeros(shape, dtype=spec.dtype)
    if spec.dtype.startswith("float"):
        return random.normal(size=shape).astype(spec.dtype)
    return random.integers(0, 2, size=shape).astype(spec.dtype)
