"""What a file may say of its layers: the JSON in `__metadata__["axonml.graph"]`."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from axonml.formats.graph.plan import GraphError

# No space and no slash: the names that a plan gives have them.
Name = Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9_.-]+$")]
_MAX_LAYERS: Final = 2000
_MAX_TEXT: Final = 4 << 20


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model takes: the first axis of `shape` is the batch, -1 is any size."""

    shape: Annotated[
        tuple[Annotated[int, Meta(ge=-1, le=1 << 27)], ...], Meta(min_length=2, max_length=8)
    ]
    name: Name = "input"
    dtype: Literal["float32", "int64"] = "float32"


class Layer(msgspec.Struct, frozen=True):
    """One layer. `inputs` are earlier layers or inputs, by default the layer before.

    Its weights are the tensors `{weights}.weight` and so on; `weights` is by default its name.
    """

    name: Name
    kind: Name
    inputs: tuple[Name, ...] = ()
    weights: str | None = None
    options: dict[str, Any] = {}


class Graph(msgspec.Struct, frozen=True):
    """Layers in the order in which they compute; `outputs` maps public names to layers."""

    inputs: tuple[Input, ...]
    layers: tuple[Layer, ...]
    outputs: dict[str, str] = {}


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The graph as JSON: a layer's options stand beside its name and kind."""

    inputs: Annotated[tuple[Input, ...], Meta(min_length=1, max_length=64)]
    layers: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, max_length=_MAX_LAYERS)]
    outputs: Annotated[dict[Name, Name], Meta(max_length=64)] = {}
    version: Literal[1] = 1


def described(text: str) -> Graph:
    """Return the graph that `text` describes.

    Raises:
        GraphError: it is no description; says where.
    """
    if len(text) > _MAX_TEXT:
        raise GraphError(f"axonml.graph is longer than {_MAX_TEXT >> 20} MiB")
    try:
        written = msgspec.json.decode(text, type=_Written)
        layers = tuple(_layer(at, fields) for at, fields in enumerate(written.layers))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise GraphError(f"axonml.graph cannot be read: {error}") from None
    return Graph(written.inputs, layers, written.outputs)


def _layer(at: int, fields: dict[str, Any]) -> Layer:
    own = ("name", "kind", "inputs", "weights")
    try:
        return msgspec.convert(
            {
                "name": str(at),
                **{key: fields[key] for key in own if key in fields},
                "options": {key: value for key, value in fields.items() if key not in own},
            },
            Layer,
        )
    except msgspec.ValidationError as error:
        raise GraphError(f"axonml.graph, layer {at}: {error}") from None
