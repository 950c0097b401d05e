"""LightGBM's text format: read line by line for its signature, run by LightGBM in a replica.

The C++ reader trusts what the file says of itself, so that is checked first: the sizes of the
trees, that children are nodes of their tree and make no circle, that no number is NaN.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

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

_EXTRA: Final = "trees"
_MAX_LINE: Final = 64 << 20
_MAX_FEATURES: Final = 1 << 20
_MAX_CLASSES: Final = 1 << 16
_MAX_TREES: Final = 1 << 20
_FIELDS: Final = (
    b"num_class", b"num_tree_per_iteration", b"max_feature_idx", b"objective", b"tree_sizes",
    b"feature_names", b"feature_infos",
)  # fmt: skip
_OF_LEAVES: Final = (b"leaf_weight", b"leaf_count")
_OF_SPLITS: Final = (b"split_gain", b"internal_value", b"internal_weight", b"internal_count")
_Fields = dict[bytes, bytes]


class LightgbmFormat:
    """Serves text files of LightGBM 3 and 4 (`booster.save_model`)."""

    name: str = "lightgbm"
    suffix: str = ".txt"

    def matches(self, head: bytes, filename: str) -> bool:
        """Tell whether `head` starts a model as LightGBM writes it."""
        del filename
        return re.match(rb"tree\r?\nversion=v\d", head) is not None

    def inspect(self, path: Path) -> Inspection:
        """Return the signature: rows of features in, a number or one for each class out.

        Raises:
            Invalid: the file is cut, or its trees are no trees.
        """
        with path.open("rb") as file:
            lines = _Lines(file)
            head = dict(_fields(lines))
            features, classes = _sizes(head)
            try:
                _check_trees(lines, head, features)
            except (ValueError, KeyError, OverflowError) as error:
                raise _damaged(f"tree {lines.tree}: {str(error)[:200]}") from None
        signature = Signature(
            (TensorSpec("input", "float64", (-1, features)),),
            (TensorSpec("output", "float64", (-1, classes) if classes > 1 else (-1,)),),
        )
        reason = extras.lacking(self.name, _EXTRA)
        return Inspection(self.name, self.suffix, signature, servable=True, reason=reason)

    def load(self, path: Path, threads: int, device: Device = "cpu") -> Predictor:
        """Return the model as LightGBM computes it; one thread is quickest for small batches."""
        lightgbm = extras.imported(self.name, _EXTRA)
        extras.require_cpu(self.name, device)
        try:
            booster = lightgbm.Booster(model_file=str(path))
        except (lightgbm.basic.LightGBMError, ValueError) as error:
            raise ModelError(str(error)[:500]) from None

        def predict(inputs: Mapping[str, NDArray[np.generic]]) -> Tensors:
            try:
                output = booster.predict(inputs["input"], num_threads=threads)
            except (lightgbm.basic.LightGBMError, ValueError) as error:
                raise ModelError(str(error)[:500]) from None
            return {"output": np.asarray(output, np.float64)}

        return predict


class _Lines:
    """The lines of a file, with the byte at which the last one began, and the tree it is of."""

    def __init__(self, file: BinaryIO) -> None:
        self._file: Final = file
        self.at = 0
        self.end = 0
        self.tree = 0

    def __iter__(self) -> Iterator[bytes]:
        while line := self._file.readline(_MAX_LINE):
            if len(line) == _MAX_LINE:
                raise _damaged("it has a line of more than 64 MiB")
            if b"\0" in line:
                raise _damaged(f"there is no text at byte {self.end}")
            self.at, self.end = self.end, self.end + len(line)
            yield line.rstrip()


def _fields(lines: _Lines) -> Iterator[tuple[bytes, bytes]]:
    """Yield `name=value` up to the first empty line."""
    for at, line in enumerate(lines):
        if not line:
            return
        if at > 1000:
            raise _damaged("its head does not end")
        name, _, value = line.partition(b"=")
        if name in _FIELDS:
            yield name, value
    raise _damaged("it ends within its head")


def _sizes(head: _Fields) -> tuple[int, int]:
    try:
        features = int(head[b"max_feature_idx"]) + 1
        classes = int(head[b"num_class"])
        per_iteration = int(head[b"num_tree_per_iteration"])
    except (KeyError, ValueError):
        raise _damaged("its head names no features or classes") from None
    if not 0 < features <= _MAX_FEATURES or not 0 < classes <= _MAX_CLASSES:
        raise _damaged(f"{features} features and {classes} classes cannot be")
    for name in (b"feature_names", b"feature_infos"):
        if len(head.get(name, b"").split(b" ")) != features:
            raise _damaged(f"its {name.decode()} are not of {features} features")
    if per_iteration != classes:
        raise _damaged(f"{per_iteration} trees an iteration do not make {classes} classes")
    return features, classes


def _check_trees(lines: _Lines, head: _Fields, features: int) -> None:
    sizes = head.get(b"tree_sizes", b"").split()
    if not 0 < len(sizes) <= _MAX_TREES:
        raise _damaged("it has no trees")
    expected = 0
    fields: _Fields = {}
    for line in lines:
        if line.startswith(b"Tree=") or line == b"end of trees":
            if fields:
                _check_tree(fields, features)
                lines.tree += 1
                fields = {}
            if lines.tree and lines.at != expected:
                raise ValueError("its size is not the one that `tree_sizes` tells")
            if line == b"end of trees":
                break
            if lines.tree >= len(sizes) or int(line[5:]) != lines.tree:
                raise ValueError("it is not the one that is expected here")
            expected = lines.at + int(sizes[lines.tree])
            fields = {b"Tree": b""}
        elif fields:
            name, _, value = line.partition(b"=")
            fields[name] = value
    else:
        raise ValueError("the file ends before `end of trees`")
    if lines.tree != len(sizes):
        raise ValueError(f"the file has {lines.tree} trees of {len(sizes)}")


def _check_tree(fields: _Fields, features: int) -> None:
    leaves = int(fields[b"num_leaves"])
    if leaves < 1:
        raise ValueError("it has no leaves")
    _ = _numbers(fields, b"leaf_value", leaves, np.float64)
    if leaves == 1:
        return
    splits = leaves - 1
    for names, count in ((_OF_LEAVES, leaves), (_OF_SPLITS, splits)):
        for name in names:
            _ = _numbers(fields, name, count, np.float64)
    used = _numbers(fields, b"split_feature", splits, np.int64)
    if used.min() < 0 or used.max() >= features:
        raise ValueError(f"it splits by a feature beyond the {features} that there are")
    children = np.concatenate(
        [_numbers(fields, name, splits, np.int64) for name in (b"left_child", b"right_child")]
    )
    if children.min() < -leaves or children.max() >= splits:
        raise ValueError("a child is no node of it")
    # Every split but the first has one parent at most: then what hangs on the first is a tree.
    inner = children[children >= 0]
    if (inner == 0).any() or len(np.unique(inner)) != len(inner):
        raise ValueError("its nodes make a circle")
    threshold = _numbers(fields, b"threshold", splits, np.float64)
    kinds = _numbers(fields, b"decision_type", splits, np.int64)
    _check_categories(fields, threshold[kinds & 1 == 1])


def _check_categories(fields: _Fields, which: NDArray[np.float64]) -> None:
    """Check the sets of categories; the threshold of a split by category is the set's number."""
    sets = int(fields.get(b"num_cat", b"0"))
    if not sets:
        if len(which):
            raise ValueError("it splits by categories that it does not have")
        return
    bounds = _numbers(fields, b"cat_boundaries", sets + 1, np.int64)
    words = len(fields[b"cat_threshold"].split())
    if bounds[0] != 0 or (np.diff(bounds) < 0).any() or bounds[-1] != words:
        raise ValueError("its sets of categories do not fit")
    if len(which) and (which.min() < 0 or which.max() >= sets):
        raise ValueError("it splits by a set of categories that it does not have")


def _numbers(fields: _Fields, name: bytes, count: int, dtype: type[Any]) -> NDArray[Any]:
    words = fields[name].split()
    if len(words) != count:
        raise ValueError(f"{name.decode()} has {len(words)} numbers, not {count}")
    numbers = np.array(words).astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name.decode()} has a number that is NaN or infinite")
    return numbers.astype(dtype)


def _damaged(why: str) -> Invalid:
    return Invalid(f"the LightGBM file is damaged: {why}", code="damaged_file")
