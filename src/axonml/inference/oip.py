"""The Open Inference Protocol v2: its JSON and its binary tensors, to arrays and back.

Source: https://github.com/kserve/open-inference-protocol (REST), and the extension for binary
tensors of Triton: JSON of `Inference-Header-Content-Length` bytes, then the tensors as raw bytes,
little-endian and row-major, in the order of the inputs that say `binary_data_size`.
"""

import math
import struct
from collections.abc import Sequence
from typing import Annotated, Any, Final, cast

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType
from numpy.typing import NDArray

from axonml.errors import BadRequest, FieldError, Invalid
from axonml.formats.format import DType, Tensors, TensorSpec
from axonml.inference.outputs import Answer, as_json
from axonml.inference.payload import Inputs, Payload

DATATYPES: Final[dict[DType, str]] = {
    "bool": "BOOL", "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
    "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "float16": "FP16", "float32": "FP32", "float64": "FP64", "string": "BYTES",
}  # fmt: skip
_DTYPES: Final[dict[str, DType]] = {name: dtype for dtype, name in DATATYPES.items()}
_LENGTH: Final = struct.Struct("<I")
_MAX_SIZE: Final = 1 << 40
# Kinds of JSON numbers that a tensor takes: an integer is a number of any float.
_TAKES: Final = {"b": "b", "i": "iu", "u": "iu", "f": "fiu"}

_Size = Annotated[int, Meta(ge=0, le=_MAX_SIZE)]


class InferInput(msgspec.Struct, frozen=True, kw_only=True):
    """One input: `data`, nested or flat, or raw bytes after the JSON."""

    name: str
    shape: Annotated[tuple[_Size, ...], Meta(max_length=16)]
    datatype: str
    parameters: dict[str, Any] = {}
    data: Any | UnsetType = UNSET


class InferOutput(msgspec.Struct, frozen=True, kw_only=True):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] = {}


class InferRequest(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v2/models/:name/infer."""

    inputs: Annotated[tuple[InferInput, ...], Meta(min_length=1, max_length=64)]
    id: str = ""
    outputs: tuple[InferOutput, ...] = ()
    parameters: dict[str, Any] = {}


class TensorAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One output: `data` flat, row by row, or raw bytes after the JSON."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    parameters: dict[str, Any] = {}
    data: Any | UnsetType = UNSET


class InferAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the model answers."""

    model_name: str
    model_version: str
    outputs: tuple[TensorAnswer, ...]
    id: str = ""


class Asked(msgspec.Struct, frozen=True, eq=False):
    """A request with its tensors, as they came."""

    request: InferRequest
    tensors: Tensors


_decode: Final = msgspec.json.Decoder(InferRequest).decode
_encode: Final = msgspec.json.Encoder().encode


def asked_in(body: bytes, header: str) -> Asked:
    """Return the request in a body; `header` is `Inference-Header-Content-Length`, "" without.

    Raises:
        BadRequest: the body is not as the protocol has it.
        Invalid: a tensor does not hold what its shape and type say.
    """
    length = len(body)
    if header:
        if not header.isascii() or not header.isdigit() or int(header) > length:
            raise BadRequest("Inference-Header-Content-Length is no length of the JSON here")
        length = int(header)
    try:
        request = _decode(memoryview(body)[:length])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the JSON is not an inference request: {error}") from None
    raw = memoryview(body)[length:]
    tensors: Tensors = {}
    for at, given in enumerate(request.inputs):
        path = f"$.inputs[{at}]"
        if given.name in tensors:
            raise _misfit(f"{path}.name", f"the input {given.name[:64]!r} stands twice")
        size = given.parameters.get("binary_data_size")
        if size is None:
            tensors[given.name] = _from_json(given, path)
        elif isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= len(raw):
            raise _misfit(f"{path}.parameters.binary_data_size", "not so many bytes follow")
        else:
            tensors[given.name] = _from_bytes(given, raw[:size], path)
            raw = raw[size:]
    if raw:
        raise BadRequest(f"{len(raw)} bytes follow that belong to no input")
    return Asked(request, tensors)


def fitted(asked: Asked, payload: Payload) -> Inputs:
    """Return the inputs of the model, or say what does not fit its signature.

    Raises:
        Invalid: names the input, what came and what is wanted.
    """
    specs = {spec.name: spec for spec in payload.specs}
    for at, given in enumerate(asked.request.inputs):
        path = f"$.inputs[{at}]"
        spec = specs.get(given.name)
        if spec is None:
            names = ", ".join(map(repr, specs))
            raise _misfit(f"{path}.name", f"no such input; the model takes {names}")
        if given.datatype != DATATYPES[spec.dtype]:
            wanted = DATATYPES[spec.dtype]
            raise _misfit(f"{path}.datatype", f"wanted {wanted}, came {given.datatype[:16]!r}")
        if not _fits(given.shape, spec.shape):
            raise _misfit(f"{path}.shape", f"wanted {_said(spec)}, came {list(given.shape)}")
    missing = specs.keys() - asked.tensors.keys()
    if missing:
        raise _misfit("$.inputs", f"the input {min(missing)!r} is missing")
    return payload.of({name: asked.tensors[name] for name in specs})


def encoded(answer: Answer, asked: InferRequest, name: str, version: str) -> tuple[bytes, int]:
    """Return the body of an answer, and the bytes of its JSON: 0 where it is all of the body.

    Raises:
        Invalid: an output is asked for that there is not.
    """
    arrays = answer.arrays()
    wanted = {output.name: output.parameters for output in asked.outputs}
    for at, output in enumerate(asked.outputs):
        if output.name not in arrays:
            names = ", ".join(map(repr, arrays))
            raise _misfit(f"$.outputs[{at}].name", f"no such output; the model gives {names}")
    everywhere = asked.parameters.get("binary_data_output") is True
    outputs: list[TensorAnswer] = []
    raw: list[bytes] = []
    for output in wanted or arrays:
        array = arrays[output]
        binary = wanted.get(output, {}).get("binary_data", everywhere) is True
        outputs.append(_answered(output, array, raw if binary else None))
    said = InferAnswer(
        model_name=name,
        model_version=version.removeprefix("v"),
        outputs=tuple(outputs),
        id=asked.id,
    )
    text = _encode(said)
    return (b"".join((text, *raw)), len(text)) if raw else (text, 0)


def _answered(name: str, array: NDArray[Any], raw: list[bytes] | None) -> TensorAnswer:
    is_text = array.dtype.kind in "OUS"
    datatype = DATATYPES["string" if is_text else _dtype_of(array)]
    if raw is None:
        data = as_json(array.ravel())
        return TensorAnswer(name=name, datatype=datatype, shape=array.shape, data=data)
    packed = _packed(array) if is_text else np.ascontiguousarray(array).tobytes()
    raw.append(packed)
    size = {"binary_data_size": len(packed)}
    return TensorAnswer(name=name, datatype=datatype, shape=array.shape, parameters=size)


def _dtype_of(array: NDArray[Any]) -> DType:
    return next(dtype for dtype in DATATYPES if dtype != "string" and array.dtype == dtype)


def _packed(array: NDArray[Any]) -> bytes:
    parts: list[bytes] = []
    for value in array.ravel().tolist():
        text = value if isinstance(value, bytes) else str(value).encode()
        parts += (_LENGTH.pack(len(text)), text)
    return b"".join(parts)


def _from_json(given: InferInput, path: str) -> NDArray[Any]:
    dtype, size = _known(given, path), math.prod(given.shape)
    if given.data is UNSET:
        raise _misfit(f"{path}.data", "is missing")
    try:
        if dtype == "string":
            return _texts(given.data, given.shape, path)
        array = np.asarray(given.data)
    except (ValueError, OverflowError):
        raise _misfit(f"{path}.data", "its rows differ in length") from None
    wanted = np.dtype(dtype)
    if array.size and array.dtype.kind not in _TAKES[wanted.kind]:
        raise _misfit(f"{path}.data", f"wanted values of {given.datatype}")
    if array.size != size:
        raise _misfit(f"{path}.data", f"{array.size} values do not make {list(given.shape)}")
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = array.astype(wanted)
    is_exact = np.isfinite(narrow).all() if wanted.kind == "f" else np.array_equal(narrow, array)
    if not is_exact:
        raise _misfit(f"{path}.data", f"a value is out of the range of {given.datatype}")
    return narrow.reshape(given.shape)


def _texts(data: object, shape: tuple[int, ...], path: str) -> NDArray[Any]:
    found: list[str] = []
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(cast("list[Any]", value))
        elif isinstance(value, str):
            found.append(value)
        else:
            raise _misfit(f"{path}.data", "wanted strings")
    return _of_texts(found, shape, f"{path}.data")


def _of_texts(texts: Sequence[str], shape: tuple[int, ...], path: str) -> NDArray[Any]:
    if len(texts) != math.prod(shape):
        raise _misfit(path, f"{len(texts)} strings do not make {list(shape)}")
    array = np.empty(len(texts), object)
    array[:] = texts
    return array.reshape(shape)


def _from_bytes(given: InferInput, raw: memoryview, path: str) -> NDArray[Any]:
    dtype = _known(given, path)
    if given.data is not UNSET:
        raise _misfit(f"{path}.data", "stands beside binary_data_size; send one of the two")
    if dtype == "string":
        return _of_texts(_unpacked(raw, path), given.shape, path)
    wanted = np.dtype(dtype)
    if len(raw) != math.prod(given.shape) * wanted.itemsize:
        raise _misfit(path, f"{len(raw)} bytes do not make {list(given.shape)} {given.datatype}")
    if dtype == "bool":
        return (np.frombuffer(raw, np.uint8) != 0).reshape(given.shape)
    return np.frombuffer(raw, wanted.newbyteorder("<")).astype(wanted).reshape(given.shape)


def _unpacked(raw: memoryview, path: str) -> list[str]:
    texts: list[str] = []
    at = 0
    while at < len(raw):
        end = at + _LENGTH.size
        size = _LENGTH.unpack(raw[at:end])[0] if end <= len(raw) else len(raw)
        if end + size > len(raw):
            raise _misfit(path, "its strings end before their length says")
        try:
            texts.append(str(raw[end : end + size], "utf-8"))
        except UnicodeDecodeError:
            raise _misfit(path, "a string is not UTF-8") from None
        at = end + size
    return texts


def _known(given: InferInput, path: str) -> DType:
    dtype = _DTYPES.get(given.datatype)
    if dtype is None:
        raise _misfit(f"{path}.datatype", f"unknown datatype {given.datatype[:16]!r}")
    return dtype


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want in {-1, size} for size, want in zip(shape, wanted, strict=True)
    )


def _said(spec: TensorSpec) -> str:
    return f"{list(spec.shape)} (-1 is any size)"


def _misfit(path: str, message: str) -> Invalid:
    return Invalid(
        f"the inputs do not fit the model: {path}: {message}", fields=(FieldError(path, message),)
    )
