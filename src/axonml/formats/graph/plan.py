"""A graph on its way to ONNX: nodes and constants, with the shapes of all that flows between."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
Shape = tuple[int, ...]
# Elements of one row of one tensor, 256 MiB of float32: a file of a few bytes may ask for more.
_MAX_ROW: Final = 1 << 26


class GraphError(Exception):
    """The layers do not make a model that can be served; the sentence says which, and why."""


class Weights(Protocol):
    """The tensors of a file: their shapes at once, their numbers when they are asked for."""

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of each tensor by its name."""
        ...

    def array(self, name: str) -> NDArray[np.float32]:
        """Return the numbers of a tensor."""
        ...


class Value(msgspec.Struct, frozen=True):
    """What flows from one layer to the next; -1 in `shape` is any size."""

    name: str
    shape: Shape
    is_integer: bool = False


class Node(msgspec.Struct, frozen=True):
    """One ONNX operator."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = {}


class Plan:
    """Collects nodes and constants; no number is read before the plan is compiled."""

    def __init__(self, weights: Weights) -> None:
        self.nodes: Final[list[Node]] = []
        self.constants: Final[dict[str, Callable[[], Array]]] = {}
        self.inputs: Final[list[Value]] = []
        self.outputs: Final[list[Value]] = []
        self.used: Final[set[str]] = set()
        self._weights: Final = weights

    def shape(self, tensor: str, rank: int) -> Shape:
        """Return the shape of a tensor of the file, which must have `rank` axes."""
        shape = self._weights.shapes.get(tensor)
        if shape is None:
            raise GraphError(f"the file has no tensor {tensor[:100]!r}")
        if len(shape) != rank:
            raise GraphError(f"tensor {tensor[:100]!r} has shape {list(shape)}, not {rank} axes")
        if 0 in shape:
            raise GraphError(f"tensor {tensor[:100]!r} of shape {list(shape)} is empty")
        self.used.add(tensor)
        return shape

    def has(self, tensor: str) -> bool:
        """Tell whether the file has a tensor of that name."""
        return tensor in self._weights.shapes

    def has_rank(self, tensor: str, rank: int) -> bool:
        """Tell whether the file has a tensor of that name with `rank` axes."""
        return len(self._weights.shapes.get(tensor, ())) == rank

    def array(self, tensor: str) -> NDArray[np.float32]:
        """Return the numbers of a tensor of the file; only while the plan is compiled."""
        return self._weights.array(tensor)

    def tensor(self, tensor: str, shape: Sequence[int]) -> str:
        """Return the constant that is a tensor of the file, which must have that shape."""
        self.checked(tensor, shape)
        return self.constant(f"tensor {tensor}", lambda: self._weights.array(tensor))

    def checked(self, tensor: str, shape: Sequence[int]) -> None:
        """Make sure that a tensor of the file has that shape."""
        found = self.shape(tensor, len(shape))
        if found != tuple(shape):
            raise GraphError(
                f"tensor {tensor[:100]!r} has shape {list(found)}, where {list(shape)} is needed"
            )

    def constant(self, name: str, array: Callable[[], Array]) -> str:
        """Return the name of a constant, whose numbers `array` gives when they are needed."""
        self.constants[name] = array
        return name

    def numbers(self, name: str, values: Sequence[int]) -> str:
        """Return the name of a constant list of integers."""
        return self.constant(name, lambda: np.array(values, np.int64))

    def node(self, kind: str, inputs: Sequence[str], name: str, **attributes: object) -> str:
        """Add an operator with one output, `name`; return it."""
        self.nodes.append(Node(kind, tuple(inputs), (name,), attributes))
        return name

    def value(self, name: str, shape: Sequence[int], *, is_integer: bool = False) -> Value:
        """Return the value of that name, if a row of it is of a size that can be computed."""
        if any(size == 0 or size < -1 for size in shape):
            raise GraphError(f"nothing is left of its input: {_shown(shape)}")
        if math.prod(max(size, 1) for size in shape[1:]) > _MAX_ROW:
            raise GraphError(f"its output is over budget: {_shown(shape)}")
        return Value(name, tuple(shape), is_integer)


def _shown(shape: Sequence[int]) -> str:
    return f"shape {list(shape)}"
