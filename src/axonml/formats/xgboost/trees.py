"""What an XGBoost file says, and whether its trees are trees: the C++ reader trusts the file."""

import re
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

# A part of a file that is JSON; what it is turns out where it is used.
Decoded = Any
_MAX_FEATURES: Final = 1 << 20
_MAX_GROUPS: Final = 1 << 16
# XGBoost's own limit: the largest number that a float32 tells from its neighbours.
_MAX_CATEGORY: Final = 1 << 24
_NO_PARENT: Final = (1 << 31) - 1


class Facts(msgspec.Struct, frozen=True):
    """How many features go in, and how many numbers come out for a row."""

    features: int
    outputs: int


def facts_of(model: Decoded) -> Facts:
    """Return the facts of a decoded file.

    Raises:
        ValueError, KeyError, TypeError: it is no model, or one that cannot be run; says why.
    """
    learner = model["learner"]
    sizes = learner["learner_model_param"]
    features, classes = int(sizes["num_feature"]), int(sizes["num_class"])
    targets = int(sizes.get("num_target", "1"))
    if not 0 < features <= _MAX_FEATURES:
        raise ValueError(f"{features} features cannot be")
    if not 0 <= classes <= _MAX_GROUPS or not 0 <= targets <= _MAX_GROUPS:
        raise ValueError(f"{classes} classes of {targets} targets cannot be")
    _check_base(str(sizes["base_score"]))
    groups = max(classes, targets, 1)
    booster = learner["gradient_booster"]
    kind = booster["name"]
    if kind == "gblinear":
        weights = _floats(booster["model"]["weights"])
        if len(weights) != (features + 1) * groups:
            raise ValueError(f"{len(weights)} weights do not fit {features} features")
    elif kind in {"gbtree", "dart"}:
        inner = booster if kind == "gbtree" else booster["gbtree"]
        _check_forest(inner["model"], features, groups)
        if kind == "dart" and len(_floats(booster["weight_drop"])) != len(inner["model"]["trees"]):
            raise ValueError("its weights of trees are not one for each tree")
    else:
        raise ValueError(f"it is of the unknown kind {str(kind)[:50]!r}")
    # This objective answers with the class itself.
    is_class = learner["objective"]["name"] == "multi:softmax"
    return Facts(features, 1 if is_class else groups)


def _check_base(text: str) -> None:
    """Check the score that trees add to: a number, or since XGBoost 3 one for each output."""
    for word in re.split(r"[\s,]+", text.strip("[] ")):
        if not np.isfinite(float(word)):
            raise ValueError("its base_score is NaN or infinite")


def _check_forest(model: Decoded, features: int, groups: int) -> None:
    trees = model["trees"]
    groups_of = _integers(model["tree_info"])
    if len(groups_of) != len(trees) or int(model["gbtree_model_param"]["num_trees"]) != len(trees):
        raise ValueError(f"it has {len(trees)} trees, and says otherwise")
    if len(groups_of) and (groups_of.min() < 0 or groups_of.max() >= groups):
        raise ValueError("a tree is of a class that there is not")
    bounds = _integers(model.get("iteration_indptr", [0, len(trees)]))
    if len(bounds) and (bounds[0] != 0 or (np.diff(bounds) < 0).any() or bounds[-1] != len(trees)):
        raise ValueError("its iterations do not divide its trees")
    for at, tree in enumerate(trees):
        try:
            _check_tree(tree, at, features)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"tree {at}: {error}") from None


def _check_tree(tree: Decoded, at: int, features: int) -> None:
    if tree.get("id", at) != at:
        raise ValueError(f"it says that it is tree {str(tree['id'])[:20]}")
    nodes = int(tree["tree_param"]["num_nodes"])
    left, right = _integers(tree["left_children"]), _integers(tree["right_children"])
    conditions, used = _floats(tree["split_conditions"]), _integers(tree["split_indices"])
    each = (left, right, conditions, used, tree["default_left"], tree["parents"])
    if nodes < 1 or any(len(column) != nodes for column in each):
        raise ValueError(f"its columns are not of its {nodes} nodes")
    _ = _floats(tree["base_weights"])
    if int(tree["tree_param"]["num_feature"]) > features:
        raise ValueError(f"it knows more than the {features} features that there are")
    is_inner = left != -1
    if int(tree["tree_param"].get("size_leaf_vector", "1")) > 1:
        _check_vectors(tree, right[~is_inner])
    elif (is_inner != (right != -1)).any():
        raise ValueError("a node has one child")
    children = np.concatenate([left[is_inner], right[is_inner]])
    # Every node but the root has one parent at most: then what hangs on the root is a tree.
    if len(children) and (children.min() < 1 or children.max() >= nodes):
        raise ValueError("a child is no node of it")
    if len(np.unique(children)) != len(children):
        raise ValueError("its nodes make a circle")
    _check_parents(_integers(tree["parents"]), left, right, is_inner)
    if is_inner.any() and (used[is_inner].min() < 0 or used[is_inner].max() >= features):
        raise ValueError(f"it splits by a feature beyond the {features} that there are")
    _check_categories(tree, nodes)


def _check_parents(
    parents: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    is_inner: NDArray[np.bool_],
) -> None:
    """Check that each child names the node that names it: the reader walks up by that."""
    nodes = np.flatnonzero(is_inner)
    agree = (parents[left[nodes]] == nodes) & (parents[right[nodes]] == nodes)
    if parents[0] != _NO_PARENT or not agree.all():
        raise ValueError("a child names another parent")


def _check_vectors(tree: Decoded, which: NDArray[np.int64]) -> None:
    """Check the leaves that hold a number for each target; `right_children` says which is whose."""
    weights = _floats(tree.get("leaf_weights", tree["base_weights"]))
    size = int(tree["tree_param"]["size_leaf_vector"])
    if which.min() < -1 or (which.max() + 1) * size > len(weights):
        raise ValueError("a leaf has no numbers")


def _check_categories(tree: Decoded, nodes: int) -> None:
    where = _integers(tree.get("categories_nodes", []))
    first, count = (_integers(tree.get(f"categories_{name}", [])) for name in ("segments", "sizes"))
    values = _integers(tree.get("categories", []))
    kinds = _integers(tree.get("split_type", []))
    if len(kinds) not in {0, nodes} or not len(where) == len(first) == len(count):
        raise ValueError("its sets of categories do not fit")
    if (kinds == 1).sum() != len(where) or (len(where) and not set(where) <= set(range(nodes))):
        raise ValueError("its sets of categories are not of its nodes")
    if len(where) and (min(first.min(), count.min()) < 0 or (first + count).max() > len(values)):
        raise ValueError("its sets of categories do not fit")
    if len(values) and (values.min() < 0 or values.max() >= _MAX_CATEGORY):
        raise ValueError("a category is out of range")


def _integers(values: Decoded) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1 or (len(array) and array.dtype.kind not in "iub"):
        raise ValueError("a column is no list of integers")
    return array.astype(np.int64)


def _floats(values: Decoded) -> NDArray[np.float64]:
    array = np.asarray(values)
    if array.ndim != 1 or (len(array) and array.dtype.kind not in "fiu"):
        raise ValueError("a column is no list of numbers")
    if not np.isfinite(array.astype(np.float64)).all():
        raise ValueError("it has a number that is NaN or infinite")
    return array.astype(np.float64)
