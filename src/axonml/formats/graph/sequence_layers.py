"""Layers that look things up, walk along a sequence, attend, or join what came on two ways.

Sequences are (batch, time, features) throughout, as torch has them with `batch_first=True`.
"""

from collections.abc import Callable
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from axonml.formats.graph.plan import GraphError, Plan, Value
from axonml.formats.graph.simple_layers import Axis, NoOptions, Place, Size, axis_of, dense

# torch's order of the gates, as ONNX wants them: LSTM i f g o -> i o f c, GRU r z n -> z r h.
_GATES: Final = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}


class Recurrent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of gru and lstm; the sizes are those of their weights."""

    num_layers: Annotated[int, Meta(ge=1, le=64)] = 1
    bidirectional: bool = False


class Attention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of attention. `causal`: a place sees itself and what is before it only."""

    num_heads: Size
    causal: bool = False


class Joining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of concat and mean: along which axis."""

    dim: Axis = 1


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of select: the entry `index` of the axis `dim`; -1 is the last."""

    dim: Axis = 1
    index: Annotated[int, Meta(ge=-(1 << 20), le=1 << 20)] = -1


def embedding(plan: Plan, at: Place, options: NoOptions) -> Value:
    """torch.nn.Embedding: a row of its table for each index."""
    del options
    rows, features = plan.shape(at.tensor("weight"), 2)
    if not at.x.is_integer:
        raise GraphError("it looks up integers; declare its input with dtype int64")
    table = plan.tensor(at.tensor("weight"), (rows, features))
    _ = plan.node("Gather", [table, at.x.name], at.name, axis=0)
    return plan.value(at.name, (*at.x.shape, features))


def recurrent(kind: str) -> Callable[[Plan, Place, Recurrent], Value]:
    """Return the layer that is torch.nn.GRU or LSTM; it gives every step's output."""

    def walk(plan: Plan, at: Place, options: Recurrent) -> Value:
        x = _sequence(at.x)
        for number in range(options.num_layers):
            is_last = number == options.num_layers - 1
            name = at.name if is_last else f"{at.name}/{number}"
            x = _one_layer(plan, at, kind, options, number, x, name)
        return x

    return walk


def _one_layer(
    plan: Plan, at: Place, kind: str, options: Recurrent, number: int, x: Value, name: str
) -> Value:
    ends = [f"l{number}", f"l{number}_reverse"][: 2 if options.bidirectional else 1]
    n_gates = len(_GATES[kind])
    rows, hidden = plan.shape(at.tensor(f"weight_hh_l{number}"), 2)
    if rows != n_gates * hidden:
        raise GraphError(f"{at.tensor(f'weight_hh_l{number}')} is not of a {kind}")
    shapes = {"weight_ih": (rows, x.shape[-1]), "weight_hh": (rows, hidden)}
    has_bias = plan.has(at.tensor(f"bias_ih_l{number}"))
    if has_bias:
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    for end in ends:
        for part, shape in shapes.items():
            _ = plan.checked(at.tensor(f"{part}_{end}"), shape)

    def gates(parts: tuple[str, ...]) -> NDArray[np.float32]:
        sides = [
            np.concatenate(
                [_ordered(plan.array(at.tensor(f"{part}_{end}")), kind) for part in parts]
            )
            for end in ends
        ]
        return np.stack(sides)

    inputs = [
        plan.node("Transpose", [x.name], f"{name}/by time", perm=[1, 0, 2]),
        plan.constant(f"{name}/W", lambda: gates(("weight_ih",))),
        plan.constant(f"{name}/R", lambda: gates(("weight_hh",))),
    ]
    if has_bias:
        inputs.append(plan.constant(f"{name}/B", lambda: gates(("bias_ih", "bias_hh"))))
    direction = "bidirectional" if options.bidirectional else "forward"
    reset = {"linear_before_reset": 1} if kind == "GRU" else {}
    walked = plan.node(
        kind, inputs, f"{name}/walked", hidden_size=hidden, direction=direction, **reset
    )
    # (time, direction, batch, hidden) -> (batch, time, direction, hidden)
    turned = plan.node("Transpose", [walked], f"{name}/by row", perm=[2, 0, 1, 3])
    wide = len(ends) * hidden
    _ = plan.node("Reshape", [turned, plan.numbers(f"{name}/shape", (0, 0, wide))], name)
    return plan.value(name, (*x.shape[:2], wide))


def _ordered(array: NDArray[np.float32], kind: str) -> NDArray[np.float32]:
    parts = np.split(array, len(_GATES[kind]))
    return np.concatenate([parts[at] for at in _GATES[kind]])


def _sequence(x: Value) -> Value:
    if len(x.shape) != 3 or x.is_integer or x.shape[2] < 1:
        raise GraphError(f"it takes (batch, time, features), but gets shape {list(x.shape)}")
    return x


def attention(plan: Plan, at: Place, options: Attention) -> Value:
    """torch.nn.MultiheadAttention: of one input to itself, or of query, key and value."""
    if len(at.inputs) not in {1, 3}:
        raise GraphError("it takes one input, or three: query, key and value")
    query, key, value = map(_sequence, at.inputs * 3 if len(at.inputs) == 1 else at.inputs)
    rows, width = plan.shape(at.tensor("in_proj_weight"), 2)
    if rows != 3 * width or width % options.num_heads:
        raise GraphError(f"in_proj_weight does not make {options.num_heads} heads of width {width}")
    if key.shape[1] != value.shape[1]:
        raise GraphError("key and value are of different lengths")
    depth = width // options.num_heads
    heads = [
        _heads(plan, at, part, each, options.num_heads, perm)
        for part, each, perm in (
            (0, query, [0, 2, 1, 3]),
            (1, key, [0, 2, 3, 1]),
            (2, value, [0, 2, 1, 3]),
        )
    ]
    scale = plan.constant(f"{at.name}/scale", lambda: np.array(depth**-0.5, np.float32))
    scores = plan.node("MatMul", heads[:2], f"{at.name}/scores")
    scores = plan.node("Mul", [scores, scale], f"{at.name}/scaled")
    _ = plan.value(scores, (-1, options.num_heads, query.shape[1], key.shape[1]))
    if options.causal:
        scores = _masked(plan, at.name, scores)
    seen = plan.node("Softmax", [scores], f"{at.name}/seen", axis=-1)
    mixed = plan.node("MatMul", [seen, heads[2]], f"{at.name}/mixed")
    turned = plan.node("Transpose", [mixed], f"{at.name}/by row", perm=[0, 2, 1, 3])
    shape = plan.numbers(f"{at.name}/shape", (0, 0, width))
    joined = plan.node("Reshape", [turned, shape], f"{at.name}/joined")
    bias = at.tensor("out_proj.bias")
    return dense(
        plan,
        at.name,
        Value(joined, (*query.shape[:2], width)),
        at.tensor("out_proj.weight"),
        bias if plan.has(bias) else None,
    )


def _heads(plan: Plan, at: Place, part: int, x: Value, heads: int, perm: list[int]) -> str:
    """Project `x` to query, key or value (`part` 0, 1, 2), one matrix a head."""
    _, width = plan.shape(at.tensor("in_proj_weight"), 2)
    if x.shape[2] != width:
        raise GraphError(f"it takes {width} features, but gets {x.shape[2]}")
    name, rows = f"{at.name}/{'qkv'[part]}", slice(part * width, (part + 1) * width)

    def projection() -> NDArray[np.float32]:
        return plan.array(at.tensor("in_proj_weight"))[rows].T.copy()

    weight = plan.constant(f"{name} weight", projection)
    projected = plan.node("MatMul", [x.name, weight], f"{name} product")
    if plan.has(at.tensor("in_proj_bias")):
        plan.checked(at.tensor("in_proj_bias"), (3 * width,))
        bias = plan.constant(f"{name} bias", lambda: plan.array(at.tensor("in_proj_bias"))[rows])
        projected = plan.node("Add", [projected, bias], f"{name} sum")
    shape = plan.numbers(f"{name} shape", (0, 0, heads, width // heads))
    split = plan.node("Reshape", [projected, shape], f"{name} split")
    return plan.node("Transpose", [split], name, perm=perm)


def _masked(plan: Plan, name: str, scores: str) -> str:
    """Add minus infinity where the key is after the query."""
    size = plan.node("Shape", [scores], f"{name}/size")
    never = plan.constant(f"{name}/never", lambda: np.array(-np.inf, np.float32))
    full = plan.node("Expand", [never, size], f"{name}/full")
    one = plan.constant(f"{name}/one", lambda: np.array(1, np.int64))
    mask = plan.node("Trilu", [full, one], f"{name}/mask", upper=1)
    return plan.node("Add", [scores, mask], f"{name}/masked")


# ---------------------------------------------------------------------------- joining, reducing
def summed(kind: str) -> Callable[[Plan, Place, NoOptions], Value]:
    """Return the layer that adds or multiplies inputs of one shape."""

    def combine(plan: Plan, at: Place, options: NoOptions) -> Value:
        del options
        first, *others = at.inputs
        if not others:
            raise GraphError("it joins two inputs or more; name them in `inputs`")
        for other in others:
            if other.shape != first.shape or other.is_integer:
                raise GraphError(
                    f"its inputs differ in shape: {list(first.shape)} and {list(other.shape)}"
                )
        sofar = first.name
        for at_, other in enumerate(others, 1):
            name = at.name if at_ == len(others) else f"{at.name}/{at_}"
            sofar = plan.node(kind, [sofar, other.name], name)
        return plan.value(at.name, first.shape)

    return combine


def concat(plan: Plan, at: Place, options: Joining) -> Value:
    """torch.cat."""
    first, *others = at.inputs
    if not others:
        raise GraphError("it joins two inputs or more; name them in `inputs`")
    axis = axis_of(options.dim, first.shape)
    for other in others:
        if other.is_integer or first.is_integer or not _agree(first, other, axis):
            raise GraphError(f"{list(first.shape)} and {list(other.shape)} do not join at {axis}")
    sizes = [each.shape[axis] for each in at.inputs]
    total = -1 if -1 in sizes else sum(sizes)
    _ = plan.node("Concat", [each.name for each in at.inputs], at.name, axis=axis)
    return plan.value(at.name, (*first.shape[:axis], total, *first.shape[axis + 1 :]))


def _agree(one: Value, other: Value, axis: int) -> bool:
    without = [each.shape[:axis] + each.shape[axis + 1 :] for each in (one, other)]
    return len(one.shape) == len(other.shape) and without[0] == without[1]


def select(plan: Plan, at: Place, options: Selection) -> Value:
    """One entry of an axis, which is gone after it: the last step of a sequence, say."""
    shape, index = at.x.shape, options.index
    axis = axis_of(options.dim, shape)
    if shape[axis] != -1 and not -shape[axis] <= index < shape[axis]:
        raise GraphError(f"axis {axis} of shape {list(shape)} has no entry {index}")
    entry = plan.constant(f"{at.name}/index", lambda: np.array(index, np.int64))
    _ = plan.node("Gather", [at.x.name, entry], at.name, axis=axis)
    left = (*shape[:axis], *shape[axis + 1 :])
    return plan.value(at.name, left, is_integer=at.x.is_integer)


def mean(plan: Plan, at: Place, options: Joining) -> Value:
    """The mean along an axis, which is gone after it."""
    axis = axis_of(options.dim, at.x.shape)
    axes = plan.numbers(f"{at.name}/axes", (axis,))
    _ = plan.node("ReduceMean", [at.x.name, axes], at.name, keepdims=0)
    return plan.value(at.name, (*at.x.shape[:axis], *at.x.shape[axis + 1 :]))
