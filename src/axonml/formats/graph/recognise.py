"""The plain stack of linear layers, recognised by the names and shapes of its tensors.

The rule, as the guide tells it: all tensors are `P.weight` of shape (out, in) and perhaps `P.bias`
of shape (out). The prefixes `P` differ in one number only (`0`, `2`, `4`; `layers.0`; `fc1`), and
in its rising order each layer takes what the one before gives. Between the layers is what
`axonml.activation` of the metadata says, by default ReLU; after the last one what
`axonml.output_activation` says, by default nothing.
"""

import re
from collections.abc import Mapping
from typing import Final

from axonml.formats.graph.description import Graph, Input, Layer
from axonml.formats.graph.plan import GraphError, Shape

ACTIVATION: Final = "axonml.activation"
OUTPUT_ACTIVATION: Final = "axonml.output_activation"
_NONE: Final = ("none", "identity")
_NUMBER: Final = re.compile(r"\d{1,9}")


def recognised(
    shapes: Mapping[str, Shape], metadata: Mapping[str, str]
) -> tuple[Graph, str] | None:
    """Return the stack as a graph, with a sentence on what was assumed; None where it is none.

    Raises:
        GraphError: it is a stack, but one whose layers do not fit one another.
    """
    prefixes = _prefixes(shapes)
    if prefixes is None:
        return None
    widths = [shapes[f"{prefix}weight"] for prefix in prefixes]
    for (before, (gives, _)), (after, (_, takes)) in zip(
        zip(prefixes, widths, strict=True), zip(prefixes[1:], widths[1:], strict=True), strict=False
    ):
        if gives != takes:
            raise GraphError(
                f"{before}weight gives {gives} values, but {after}weight takes {takes}"
            )
    between = metadata.get(ACTIVATION, "relu")
    after_last = metadata.get(OUTPUT_ACTIVATION, "none")
    layers: list[Layer] = []
    for at, prefix in enumerate(prefixes):
        layers.append(Layer(f"linear.{at}", "linear", weights=prefix.removesuffix(".")))
        activation = between if at < len(prefixes) - 1 else after_last
        if activation not in _NONE:
            layers.append(Layer(f"activation.{at}", activation))
    sizes = "-".join(str(size) for size in (widths[0][1], *(out for out, _ in widths)))
    said = f"served as a stack of linear layers ({sizes})"
    if len(prefixes) > 1:
        known = "as its metadata says" if ACTIVATION in metadata else f"assumed, as no {ACTIVATION}"
        known += "" if ACTIVATION in metadata else " in its metadata says otherwise"
        said += f", {between} between them ({known})"
    return Graph((Input((-1, widths[0][1])),), tuple(layers)), said


def _prefixes(shapes: Mapping[str, Shape]) -> list[str] | None:
    """Return what stands before `weight` in the names, in order; None where it is no stack."""
    weights = [name for name in shapes if _last(name) == "weight"]
    biases = {name for name in shapes if _last(name) == "bias"}
    prefixes = [name.removesuffix("weight") for name in weights]
    if not weights or len(weights) + len(biases) != len(shapes):
        return None
    if any(len(shapes[name]) != 2 for name in weights):
        return None
    for prefix in prefixes:
        if f"{prefix}bias" in biases:
            biases.remove(f"{prefix}bias")
            if shapes[f"{prefix}bias"] != shapes[f"{prefix}weight"][:1]:
                return None
    if biases:
        return None
    if len(prefixes) == 1:
        # A lone matrix may as well be a table of embeddings; a bias tells.
        return prefixes if f"{prefixes[0]}bias" in shapes else None
    return _in_order(prefixes)


def _in_order(prefixes: list[str]) -> list[str] | None:
    """Order prefixes that differ in one number. By any other names the order would be a guess."""
    parts = {prefix: _NUMBER.split(prefix) for prefix in prefixes}
    numbers = {prefix: [int(n) for n in _NUMBER.findall(prefix)] for prefix in prefixes}
    if len({tuple(each) for each in parts.values()}) != 1:
        return None
    columns = list(zip(*numbers.values(), strict=True))
    varying = [at for at, column in enumerate(columns) if len(set(column)) > 1]
    if len(varying) != 1 or len(set(columns[varying[0]])) != len(prefixes):
        return None
    return sorted(prefixes, key=lambda prefix: numbers[prefix])


def _last(name: str) -> str:
    return name.rpartition(".")[2]
