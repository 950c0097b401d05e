"""Layers that compute on one tensor at a time: dense, convolutions, norms, activations, pooling."""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from axonml.formats.graph.plan import GraphError, Plan, Shape, Value

Size = Annotated[int, Meta(ge=1, le=1 << 16)]
Sizes = Size | tuple[Size, ...]
Padding = Annotated[int, Meta(ge=0, le=1 << 12)]
Axis = Annotated[int, Meta(ge=-8, le=8)]


class Place(msgspec.Struct, frozen=True):
    """Where a layer stands: its own name, that of its weights, and what flows in."""

    name: str
    weights: str
    inputs: tuple[Value, ...]

    @property
    def x(self) -> Value:
        """The one input of a layer that takes one."""
        if len(self.inputs) != 1:
            raise GraphError(f"it takes one input, not {len(self.inputs)}")
        return self.inputs[0]

    def tensor(self, name: str) -> str:
        """The name of a tensor of this layer in the file."""
        return f"{self.weights}.{name}" if self.weights else name


class NoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For layers that have none."""


class Convolution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of conv1d and conv2d, as torch names them."""

    stride: Sizes = 1
    padding: Padding | tuple[Padding, ...] = 0
    dilation: Sizes = 1
    groups: Size = 1


class Epsilon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of batch_norm and layer_norm."""

    eps: Annotated[float, Meta(ge=0, le=1)] = 1e-5


class GroupNorm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of group_norm."""

    groups: Size
    eps: Annotated[float, Meta(ge=0, le=1)] = 1e-5


class Pooling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of max_pool1d/2d and avg_pool1d/2d; the stride is by default the kernel."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Padding | tuple[Padding, ...] = 0


class AdaptivePooling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of adaptive_avg_pool1d/2d."""

    output_size: Sizes = 1


class Flatten(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of flatten."""

    start_dim: Axis = 1
    end_dim: Axis = -1


class Dimension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of softmax, log_softmax: along which axis."""

    dim: Axis = -1


class Slope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of leaky_relu."""

    negative_slope: float = 0.01


class Alpha(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of elu."""

    alpha: float = 1.0


class Gelu(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of gelu."""

    approximate: Literal["none", "tanh"] = "none"


class Dropout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of dropout, which does nothing when a model serves."""

    p: float = 0.5


def axis_of(dim: int, shape: Shape) -> int:
    """Return the axis that `dim` names, counted from the first; never the batch."""
    axis = dim + len(shape) if dim < 0 else dim
    if not 1 <= axis < len(shape):
        raise GraphError(f"it has no axis {dim} beside the batch: its input has {list(shape)}")
    return axis


# ---------------------------------------------------------------------------- dense, convolutions
def dense(plan: Plan, name: str, x: Value, weight: str, bias: str | None) -> Value:
    """Add `x @ weight.T + bias` to the plan; the tensors are the file's."""
    gives, takes = plan.shape(weight, 2)
    if x.is_integer:
        raise GraphError("it takes numbers, but gets the indices of an embedding")
    if x.shape[-1] != takes:
        raise GraphError(f"it takes {takes} features, but gets {x.shape[-1]}")
    constant = plan.tensor(weight, (gives, takes))
    inputs = [constant] if bias is None else [constant, plan.tensor(bias, (gives,))]
    if len(x.shape) == 2:
        _ = plan.node("Gemm", [x.name, *inputs], name, transB=1)
    else:
        turned = plan.node("Transpose", [constant], f"{name}/turned", perm=[1, 0])
        product = name if bias is None else f"{name}/product"
        _ = plan.node("MatMul", [x.name, turned], product)
        if bias is not None:
            _ = plan.node("Add", [product, inputs[1]], name)
    return plan.value(name, (*x.shape[:-1], gives))


def linear(plan: Plan, at: Place, options: NoOptions) -> Value:
    """torch.nn.Linear over the last axis."""
    del options
    bias = at.tensor("bias")
    return dense(plan, at.name, at.x, at.tensor("weight"), bias if plan.has(bias) else None)


def convolution(axes: int) -> Callable[[Plan, Place, Convolution], Value]:
    """Return the layer that is torch.nn.Conv1d or Conv2d."""

    def convolve(plan: Plan, at: Place, options: Convolution) -> Value:
        x = _with_axes(at.x, axes)
        weight = plan.shape(at.tensor("weight"), axes + 2)
        gives, takes, kernel = weight[0], weight[1] * options.groups, weight[2:]
        if x.shape[1] != takes or gives % options.groups:
            raise GraphError(f"it takes {takes} channels, but gets {x.shape[1]}")
        stride, dilation = _each(options.stride, axes), _each(options.dilation, axes)
        padding = _each(options.padding, axes)
        inputs = [x.name, plan.tensor(at.tensor("weight"), weight)]
        if plan.has(at.tensor("bias")):
            inputs.append(plan.tensor(at.tensor("bias"), (gives,)))
        _ = plan.node(
            "Conv",
            inputs,
            at.name,
            strides=stride,
            dilations=dilation,
            pads=[*padding, *padding],
            group=options.groups,
        )
        reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
        return plan.value(at.name, (x.shape[0], gives, *_slid(x.shape[2:], reach, stride, padding)))

    return convolve


def _with_axes(x: Value, axes: int) -> Value:
    if len(x.shape) != axes + 2 or x.is_integer:
        named = "(batch, channels, length)" if axes == 1 else "(batch, channels, height, width)"
        raise GraphError(f"it takes {named}, but gets shape {list(x.shape)}")
    return x


def _each(sizes: int | tuple[int, ...], axes: int) -> list[int]:
    if isinstance(sizes, int):
        return [sizes] * axes
    if len(sizes) != axes:
        raise GraphError(f"it takes {axes} sizes, not {list(sizes)}")
    return list(sizes)


def _slid(
    sizes: Sequence[int], reach: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> list[int]:
    """Return how many windows of `reach` fit along each axis."""
    return [
        -1 if size < 0 else max((size + 2 * pad - window) // step + 1, 0)
        for size, window, step, pad in zip(sizes, reach, stride, padding, strict=True)
    ]


# ---------------------------------------------------------------------------- norms
def batch_norm(plan: Plan, at: Place, options: Epsilon) -> Value:
    """torch.nn.BatchNorm1d and 2d with the statistics of training."""
    channels = _channels(at.x)
    if plan.has(at.tensor("num_batches_tracked")):
        plan.used.add(at.tensor("num_batches_tracked"))
    scale, bias = _scale_and_bias(plan, at, (channels,))
    mean, var = at.tensor("running_mean"), at.tensor("running_var")
    statistics = [plan.tensor(mean, (channels,)), plan.tensor(var, (channels,))]
    _ = plan.node(
        "BatchNormalization",
        [at.x.name, scale, bias, *statistics],
        at.name,
        epsilon=options.eps,
    )
    return plan.value(at.name, at.x.shape)


def layer_norm(plan: Plan, at: Place, options: Epsilon) -> Value:
    """torch.nn.LayerNorm over as many of the last axes as its weight has."""
    name = at.tensor("weight")
    rank = next((n for n in range(1, len(at.x.shape)) if plan.has_rank(name, n)), 1)
    shape = plan.shape(name, rank)
    if shape != at.x.shape[-rank:]:
        raise GraphError(f"it takes rows of {list(shape)}, but gets shape {list(at.x.shape)}")
    inputs = [at.x.name, plan.tensor(name, shape)]
    if plan.has(at.tensor("bias")):
        inputs.append(plan.tensor(at.tensor("bias"), shape))
    _ = plan.node("LayerNormalization", inputs, at.name, axis=-rank, epsilon=options.eps)
    return plan.value(at.name, at.x.shape)


def group_norm(plan: Plan, at: Place, options: GroupNorm) -> Value:
    """torch.nn.GroupNorm."""
    channels = _channels(at.x)
    if channels % options.groups:
        raise GraphError(f"{channels} channels do not make {options.groups} groups")
    scale, bias = _scale_and_bias(plan, at, (channels,))
    _ = plan.node(
        "GroupNormalization",
        [at.x.name, scale, bias],
        at.name,
        num_groups=options.groups,
        epsilon=options.eps,
    )
    return plan.value(at.name, at.x.shape)


def _channels(x: Value) -> int:
    if x.is_integer or x.shape[1] < 1:
        raise GraphError(f"it needs a known number of channels, but gets shape {list(x.shape)}")
    return x.shape[1]


def _scale_and_bias(plan: Plan, at: Place, shape: Shape) -> tuple[str, str]:
    return plan.tensor(at.tensor("weight"), shape), plan.tensor(at.tensor("bias"), shape)


# ---------------------------------------------------------------------------- activations
def elementwise(kind: str, **attributes: float) -> Callable[[Plan, Place, NoOptions], Value]:
    """Return the layer that is the ONNX operator `kind`."""

    def activate(plan: Plan, at: Place, options: NoOptions) -> Value:
        del options
        _ = plan.node(kind, [at.x.name], at.name, **attributes)
        return plan.value(at.name, at.x.shape, is_integer=at.x.is_integer)

    return activate


def silu(plan: Plan, at: Place, options: NoOptions) -> Value:
    """torch.nn.SiLU: x * sigmoid(x)."""
    del options
    gate = plan.node("Sigmoid", [at.x.name], f"{at.name}/gate")
    _ = plan.node("Mul", [at.x.name, gate], at.name)
    return plan.value(at.name, at.x.shape)


def leaky_relu(plan: Plan, at: Place, options: Slope) -> Value:
    """torch.nn.LeakyReLU."""
    _ = plan.node("LeakyRelu", [at.x.name], at.name, alpha=options.negative_slope)
    return plan.value(at.name, at.x.shape)


def elu(plan: Plan, at: Place, options: Alpha) -> Value:
    """torch.nn.ELU."""
    _ = plan.node("Elu", [at.x.name], at.name, alpha=options.alpha)
    return plan.value(at.name, at.x.shape)


def gelu(plan: Plan, at: Place, options: Gelu) -> Value:
    """torch.nn.GELU."""
    _ = plan.node("Gelu", [at.x.name], at.name, approximate=options.approximate)
    return plan.value(at.name, at.x.shape)


def dropout(plan: Plan, at: Place, options: Dropout) -> Value:
    """Hand its input on: a model that serves drops nothing."""
    del options
    _ = plan.node("Identity", [at.x.name], at.name)
    return plan.value(at.name, at.x.shape, is_integer=at.x.is_integer)


def normalised(kind: str) -> Callable[[Plan, Place, Dimension], Value]:
    """Return the layer that is Softmax or LogSoftmax."""

    def normalise(plan: Plan, at: Place, options: Dimension) -> Value:
        axis = axis_of(options.dim, at.x.shape)
        _ = plan.node(kind, [at.x.name], at.name, axis=axis)
        return plan.value(at.name, at.x.shape)

    return normalise


# ---------------------------------------------------------------------------- pooling, flatten
def pooling(kind: str, axes: int) -> Callable[[Plan, Place, Pooling], Value]:
    """Return the layer that is MaxPool or AveragePool, which counts its padding as torch does."""
    counting = {"count_include_pad": 1} if kind == "AveragePool" else {}

    def pool(plan: Plan, at: Place, options: Pooling) -> Value:
        x = _with_axes(at.x, axes)
        kernel, padding = _each(options.kernel_size, axes), _each(options.padding, axes)
        stride = _each(options.stride or options.kernel_size, axes)
        if any(2 * pad > size for pad, size in zip(padding, kernel, strict=True)):
            raise GraphError("its padding is more than half of its kernel")
        _ = plan.node(
            kind,
            [x.name],
            at.name,
            kernel_shape=kernel,
            strides=stride,
            pads=[*padding, *padding],
            **counting,
        )
        return plan.value(at.name, (*x.shape[:2], *_slid(x.shape[2:], kernel, stride, padding)))

    return pool


def adaptive_pooling(axes: int) -> Callable[[Plan, Place, AdaptivePooling], Value]:
    """Return the layer that is torch.nn.AdaptiveAvgPool1d or 2d, where the windows are equal."""

    def pool(plan: Plan, at: Place, options: AdaptivePooling) -> Value:
        x = _with_axes(at.x, axes)
        wanted, sizes = _each(options.output_size, axes), x.shape[2:]
        if all(size == 1 for size in wanted):
            _ = plan.node("GlobalAveragePool", [x.name], at.name)
        elif all(size > 0 and size % out == 0 for size, out in zip(sizes, wanted, strict=True)):
            kernel = [size // out for size, out in zip(sizes, wanted, strict=True)]
            _ = plan.node("AveragePool", [x.name], at.name, kernel_shape=kernel, strides=kernel)
        else:
            raise GraphError(f"{list(sizes)} does not divide into {wanted} equal windows")
        return plan.value(at.name, (*x.shape[:2], *wanted))

    return pool


def flatten(plan: Plan, at: Place, options: Flatten) -> Value:
    """torch.nn.Flatten."""
    shape = at.x.shape
    first, last = axis_of(options.start_dim, shape), axis_of(options.end_dim, shape)
    if first > last:
        raise GraphError(f"it flattens nothing from axis {first} to {last}")
    merged = shape[first : last + 1]
    size = -1 if -1 in merged else math.prod(merged)
    # 0 keeps an axis as it is, -1 takes what is left.
    wanted = [*([0] * first), -1, *shape[last + 1 :]]
    if -1 in shape[last + 1 :]:
        raise GraphError("the axes after what it flattens must be known")
    numbers = plan.numbers(f"{at.name}/shape", wanted)
    _ = plan.node("Reshape", [at.x.name, numbers], at.name)
    flat = (*shape[:first], size, *shape[last + 1 :])
    return plan.value(at.name, flat, is_integer=at.x.is_integer)
