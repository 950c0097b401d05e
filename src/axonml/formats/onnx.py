"""ONNX: the format that is served by default. Read with `onnx`, run with onnxruntime."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from axonml.errors import Invalid
from axonml.formats.format import Device, DType, Inspection, Predictor, Signature, TensorSpec
from axonml.formats.graph import opened

if TYPE_CHECKING:
    import onnx

    Graph = onnx.GraphProto | onnx.FunctionProto

# A protobuf message cannot be larger, so a larger model has its weights in other files.
_MAX_BYTES: Final = 2 << 30
# Elements of one row of one tensor: more cannot be what a request carries.
_MAX_ROW: Final = 1 << 27
_MAX_DEPTH: Final = 64
_MAX_SENTENCE: Final = 500
# What onnxruntime has inside; any other domain needs a library of custom operators.
_DOMAINS: Final = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"})
# The tags of ModelProto's fields after `ir_version`, as a writer may order them.
_SECOND_TAGS: Final = frozenset(bytes([tag]) for tag in b"\x12\x1a\x22\x28\x32\x3a\x42\x72\xa2\xca")
_MAX_IR: Final = b"\x40"
_DTYPES: Final[dict[int, DType]] = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    8: "string", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
}  # fmt: skip


class OnnxFormat:
    """Reads the signature from the graph; loads with one session per replica."""

    name: str = "onnx"
    suffix: str = ".onnx"

    def matches(self, head: bytes, filename: str) -> bool:
        """Tell whether `head` starts a ModelProto; the protobuf has no magic number of its own."""
        del filename
        tag, version, second = head[:1], head[1:2], head[2:3]
        return tag == b"\x08" and b"\x00" < version <= _MAX_IR and second in _SECOND_TAGS

    def inspect(self, path: Path) -> Inspection:
        """Return the graph's signature; loads no weights from elsewhere and runs nothing.

        Raises:
            Invalid: the file is damaged, too large, or keeps weights in other files.
        """
        model = _parsed(path)
        location = next(_external(model), None)
        if location is not None:
            raise Invalid(
                f"the model keeps its weights in another file ({location[:200]!r}); save it as one"
                " file: onnx.save(model, path, save_as_external_data=False)",
                code="external_data",
            )
        try:
            _complete_shapes(model)
            _check(model)
            _check_operators(model)
            return Inspection(self.name, self.suffix, _signature(model), servable=True)
        except _NotServableError as error:
            reason = f"not servable: {error}"
            return Inspection(self.name, self.suffix, None, servable=False, reason=reason)

    def load(self, path: Path, threads: int, device: Device = "cpu") -> Predictor:
        """Return the model as a function of its inputs; it computes with `threads` threads."""
        return opened(str(path), threads, device)


class _NotServableError(Exception):
    """The model is sound, but nobody could call it over HTTP."""


def _parsed(path: Path) -> "onnx.ModelProto":
    import onnx
    from google.protobuf.message import DecodeError

    if path.stat().st_size > _MAX_BYTES:
        raise Invalid("an ONNX file is at most 2 GiB; export it in float16", code="damaged_file")
    model = onnx.ModelProto()
    try:
        _ = model.ParseFromString(path.read_bytes())
    except DecodeError:
        raise Invalid(
            "the file is damaged: it starts as ONNX does, but cannot be read to its end",
            code="damaged_file",
        ) from None
    if not model.graph.output:
        raise Invalid("the file is damaged: it has no ONNX graph", code="damaged_file")
    return model


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:_MAX_SENTENCE]


def _check(model: "onnx.ModelProto") -> None:
    import onnx

    try:
        onnx.checker.check_model(model)
    # ValueError as well: names that are no UTF-8, and what the checker's own parser cannot read.
    except (onnx.checker.ValidationError, ValueError) as error:
        raise Invalid(
            f"the ONNX graph is not valid: {_first_line(error)}", code="damaged_file"
        ) from None


def _graphs(model: "onnx.ModelProto") -> Iterator["Graph"]:
    """Yield the graph, its nested graphs and the bodies of the model's own functions."""
    waiting: list[tuple[Graph, int]] = [(model.graph, 0)]
    waiting += [(function, 0) for function in model.functions]
    for training in model.training_info:
        waiting += [(training.initialization, 0), (training.algorithm, 0)]
    while waiting:
        graph, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            raise Invalid(f"graphs are nested deeper than {_MAX_DEPTH}", code="damaged_file")
        yield graph
        for attribute in (a for node in graph.node for a in node.attribute):
            nested = [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]
            waiting += [(inner, depth + 1) for inner in nested]


def _tensors(graph: "Graph") -> Iterator["onnx.TensorProto"]:
    """Yield every tensor that a graph or function carries."""
    import onnx

    sparse: list[onnx.SparseTensorProto] = []
    if isinstance(graph, onnx.GraphProto):
        yield from graph.initializer
        sparse += graph.sparse_initializer
    for attribute in (a for node in graph.node for a in node.attribute):
        yield from attribute.tensors
        if attribute.HasField("t"):
            yield attribute.t
        sparse += attribute.sparse_tensors
        if attribute.HasField("sparse_tensor"):
            sparse.append(attribute.sparse_tensor)
    for tensor in sparse:
        yield tensor.values
        yield tensor.indices


def _external(model: "onnx.ModelProto") -> Iterator[str]:
    """Yield where a tensor is kept, for each that is not kept in the file itself."""
    for graph in _graphs(model):
        for tensor in _tensors(graph):
            if tensor.data_location == 1 or tensor.external_data:
                places = (each.value for each in tensor.external_data if each.key == "location")
                yield next(places, "")


def _check_operators(model: "onnx.ModelProto") -> None:
    own = {(function.domain, function.name) for function in model.functions}
    used = {(node.domain, node.op_type) for graph in _graphs(model) for node in graph.node}
    foreign = sorted({domain for domain, _ in used - own if domain not in _DOMAINS})
    if foreign:
        raise _NotServableError(
            f"it uses operators of {', '.join(foreign[:4])}, which need a library of custom"
            " operators; export it with operators of ONNX itself"
        )


def _signature(model: "onnx.ModelProto") -> Signature:
    constants = {tensor.name for tensor in model.graph.initializer}
    constants |= {tensor.values.name for tensor in model.graph.sparse_initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    if not inputs:
        raise _NotServableError("the graph takes no inputs")
    return Signature(
        tuple(_spec(value, "input") for value in inputs),
        tuple(_spec(value, "output") for value in model.graph.output),
    )


def _complete_shapes(model: "onnx.ModelProto") -> None:
    """Fill in the shapes of outputs that the exporter left out; the runtime needs none.

    An output whose rank the graph does not tell is taken for rows of whatever comes.
    """
    import onnx

    for value in model.graph.input:
        if _lacks_shape(value):
            raise _NotServableError(
                f"input {value.name!r} has no declared shape; export it with one"
            )
    if not any(map(_lacks_shape, model.graph.output)):
        return
    try:
        inferred = {v.name: v for v in onnx.shape_inference.infer_shapes(model).graph.output}
    except (onnx.shape_inference.InferenceError, ValueError):  # ValueError: names are no UTF-8
        inferred = {}
    for value in filter(_lacks_shape, model.graph.output):
        if value.name in inferred:
            value.CopyFrom(inferred[value.name])
        if _lacks_shape(value):
            _ = value.type.tensor_type.shape.dim.add()


def _lacks_shape(value: "onnx.ValueInfoProto") -> bool:
    is_tensor = value.type.WhichOneof("value") == "tensor_type"
    return is_tensor and not value.type.tensor_type.HasField("shape")


def _spec(value: "onnx.ValueInfoProto", role: str) -> TensorSpec:
    kind = value.type.WhichOneof("value")
    if kind == "optional_type":
        raise _NotServableError(
            f"{role} {value.name!r} is optional; export it with every {role} required"
        )
    if kind != "tensor_type":
        raise _NotServableError(f"{role} {value.name!r} is {_words(value.type)}")
    tensor = value.type.tensor_type
    dtype = _DTYPES.get(tensor.elem_type)
    if dtype is None:
        raise _NotServableError(
            f"{role} {value.name!r} has an element type that JSON clients cannot send"
            f" (ONNX type {tensor.elem_type}); cast it to float32 inside the graph"
        )
    shape = tuple(_size(dimension) for dimension in tensor.shape.dim)
    if int(np.prod([max(size, 1) for size in shape[1:]], dtype=np.float64)) > _MAX_ROW:
        raise _NotServableError(
            f"{role} {value.name!r} has rows of shape {shape[1:]}, too large to send"
        )
    return TensorSpec(value.name, dtype, shape)


def _size(dimension: "onnx.TensorShapeProto.Dimension") -> int:
    known = dimension.WhichOneof("value") == "dim_value" and dimension.dim_value >= 0
    return dimension.dim_value if known else -1


def _words(kind: "onnx.TypeProto") -> str:
    """Say what a value is that no tensor is, and the remedy where one is known."""
    if kind.WhichOneof("value") == "sequence_type":
        if kind.sequence_type.elem_type.WhichOneof("value") == "map_type":
            return "a sequence of maps; export with options={'zipmap': False}"
        return "a sequence; export it as one tensor"
    if kind.WhichOneof("value") == "map_type":
        return "a map; export with options={'zipmap': False}"
    return "no dense tensor; export it as one"
