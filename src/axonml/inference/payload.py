"""JSON to arrays that fit the signature, and outputs back to JSON."""

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.errors import FieldError, Invalid
from axonml.formats.format import Signature, Tensors, TensorSpec
from axonml.http.decode import decode_json

_simdjson: Any = None
with contextlib.suppress(ImportError):  # no wheel for this Python: msgspec parses, half as fast
    import simdjson

    _simdjson = simdjson

# simdjson ships no types: its parser, and an array or object on its tape.
Tape = Any

_PRIMITIVES: Final = {"f": "d", "i": "i", "u": "u"}
_NOT_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_MATRIX: Final = 2
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
_decode: Final = msgspec.json.Decoder(Any).decode
_FIELDS: Final = frozenset({"inputs", "parameters"})


class Inputs(msgspec.Struct, frozen=True, eq=False):
    """The checked inputs of one request: b rows in every tensor.

    `key` is equal for requests whose rows can be joined; None where they cannot be.
    """

    tensors: Tensors
    n_rows: int
    key: tuple[tuple[int, ...], ...] | None


class _Misfit(Exception):
    """A value does not fit its tensor; says where, what came and what is wanted."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.field: Final = FieldError(path, message)


class Payload:
    """Turns bodies into the inputs of one signature, at most `max_rows` rows each."""

    def __init__(self, signature: Signature, max_rows: int) -> None:
        self._specs: Final = signature.inputs
        self._by_name: Final = {spec.name: spec for spec in signature.inputs}
        self._max_rows: Final = max_rows
        self._is_open: Final = all(spec.shape[:1] == (-1,) for spec in signature.inputs)
        self._is_fixed: Final = not any(-1 in spec.shape[1:] for spec in signature.inputs)
        self._parser: Final = _new_parser()

    @property
    def specs(self) -> tuple[TensorSpec, ...]:
        """Return the inputs of the signature."""
        return self._specs

    def of(self, tensors: Tensors) -> Inputs:
        """Return checked arrays of every input as the inputs of one request.

        Raises:
            Invalid: no rows, too many, or inputs that differ in their number.
        """
        return self._counted(tensors)

    def decode_apart(self, body: bytes) -> Inputs:
        """Do as `decode`, in any thread: with a parser of its own."""
        return self._decode(body, _new_parser())

    def decode(self, body: bytes) -> Inputs:
        """Return the inputs in a JSON body.

        Raises:
            BadRequest: the body is not JSON.
            Invalid: it does not fit the signature; names the field, what came, what is wanted.
        """
        return self._decode(body, self._parser)

    def _decode(self, body: bytes, parser: Tape) -> Inputs:
        tensors = self._quickly(body, parser)
        if tensors is None:
            try:
                tensors = self._carefully(decode_json(body, _decode))
            except _Misfit as misfit:
                raise Invalid(
                    f"the inputs do not fit the model: {misfit}", fields=(misfit.field,)
                ) from None
        return self._counted(tensors)

    def _quickly(self, body: bytes, parser: Tape) -> Tensors | None:
        """Return the tensors of a flawless body; None where anything needs a closer look."""
        if parser is None:
            return None
        try:
            document = parser.parse(body)
            if not _FIELDS.issuperset(document.keys()):
                return None
            given = document["inputs"]
            if isinstance(given, _simdjson.Array):
                (spec,) = self._specs
                tensors = {spec.name: _from_tape(given, spec)}
            elif set(given.keys()) == self._by_name.keys():
                tensors = {spec.name: _from_tape(given[spec.name], spec) for spec in self._specs}
            else:
                return None
            # The tape forgets how deep a number was: `[[[1], [2]]]` would pass for `[[1, 2]]`.
            n_lists = sum(_n_lists(array.shape) for array in tensors.values())
            return tensors if body.count(b"[") == n_lists else None
        except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, OverflowError):
            return None

    def _carefully(self, document: Json) -> Tensors:
        """Return the tensors of a parsed body, or say what is wrong with it."""
        if not isinstance(document, dict):
            raise _Misfit("$", f'wanted {{"inputs": ...}}, came {_said(document)}')
        unknown = sorted(document.keys() - _FIELDS)
        if unknown:
            raise _Misfit(f"$.{unknown[0][:64]}", 'unknown field; wanted "inputs"')
        if "inputs" not in document:
            raise _Misfit("$.inputs", "is missing")
        given = document["inputs"]
        if isinstance(given, dict):
            return self._named(given)
        if len(self._specs) == 1:
            return {self._specs[0].name: _from_python(given, self._specs[0], "$.inputs")}
        names = ", ".join(repr(spec.name) for spec in self._specs)
        raise _Misfit("$.inputs", f"wanted an object with {names}, came {_said(given)}")

    def _named(self, given: dict[str, Json]) -> Tensors:
        unknown = sorted(given.keys() - self._by_name.keys())
        if unknown:
            names = ", ".join(repr(name) for name in self._by_name)
            raise _Misfit(f"$.inputs.{unknown[0][:64]}", f"no such input; the model takes {names}")
        for spec in self._specs:
            if spec.name not in given:
                raise _Misfit(f"$.inputs.{spec.name}", f"is missing; wanted {_wanted(spec)}")
        return {
            spec.name: _from_python(given[spec.name], spec, f"$.inputs.{spec.name}")
            for spec in self._specs
        }

    def _counted(self, tensors: Tensors) -> Inputs:
        if not self._is_open:
            return Inputs(tensors, 1, None)
        rows = {name: len(array) for name, array in tensors.items()}
        n_rows = next(iter(rows.values()))
        if n_rows == 0:
            raise _invalid("$.inputs", "no rows; wanted at least one")
        if any(other != n_rows for other in rows.values()):
            counts = ", ".join(f"{name!r} has {count}" for name, count in rows.items())
            raise _invalid("$.inputs", f"the inputs differ in their number of rows: {counts}")
        if n_rows > self._max_rows:
            raise _invalid("$.inputs", f"{n_rows} rows; wanted at most {self._max_rows}")
        key = () if self._is_fixed else tuple(array.shape[1:] for array in tensors.values())
        return Inputs(tensors, n_rows, key)


def _new_parser() -> Tape:
    return None if _simdjson is None else _simdjson.Parser()


def _invalid(path: str, message: str) -> Invalid:
    return Invalid(
        f"the inputs do not fit the model: {message}", fields=(FieldError(path, message),)
    )


# ---------------------------------------------------------------------- the quick way


def _from_tape(node: Tape, spec: TensorSpec) -> NDArray[np.generic]:
    """Return a numeric tensor from simdjson's tape; raises where anything is out of order."""
    dtype = np.dtype(spec.dtype) if spec.dtype != "string" else np.dtype(object)
    primitive = _PRIMITIVES[dtype.kind]
    shape = _tape_shape(node, len(spec.shape))
    if not _fits(shape, spec.shape):
        raise ValueError(shape)
    wide = np.frombuffer(node.as_buffer(of_type=primitive), f"{dtype.kind}8")
    return _narrowed(wide.reshape(shape), dtype)


def _tape_shape(node: Tape, rank: int) -> tuple[int, ...]:
    """Return the shape of nested arrays of `rank` levels; raises where rows differ in length."""
    n = len(node)
    if rank == 1:
        return (n,)
    if rank == _MATRIX:
        # Rows of numbers are by far the most common: no recursion.
        (width,) = {len(row) for row in node}
        return (n, width)
    (inner,) = {_tape_shape(row, rank - 1) for row in node}
    return (n, *inner)


def _n_lists(shape: tuple[int, ...]) -> int:
    """Return how many lists nest into a tensor of `shape`."""
    return sum(math.prod(shape[:depth]) for depth in range(len(shape)))


def _narrowed(wide: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[np.generic]:
    if dtype == wide.dtype:
        return wide
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            narrow = wide.astype(dtype)
        if not np.isfinite(narrow).all():
            raise OverflowError
        return narrow
    narrow = wide.astype(dtype)
    if not np.array_equal(narrow, wide):
        raise OverflowError
    return narrow


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want in (-1, size) for size, want in zip(shape, wanted, strict=True)
    )


# ---------------------------------------------------------------------- the careful way


def _from_python(value: Json, spec: TensorSpec, path: str) -> NDArray[np.generic]:
    """Return a tensor from parsed JSON, or raise `_Misfit` at the first value that is wrong."""
    convert = _converter(spec)
    shape: list[int] = []
    leaves = list(_leaves(value, spec, path, 0, shape))
    shape += [0] * (len(spec.shape) - len(shape))
    dtype = object if spec.dtype == "string" else np.dtype(spec.dtype)
    array = np.array([convert(leaf, at) for leaf, at in leaves], dtype=dtype)
    return array.reshape(shape)


def _leaves(
    value: Json, spec: TensorSpec, path: str, depth: int, shape: list[int]
) -> Iterator[tuple[Json, str]]:
    """Yield each number or string with its path; `shape` grows to the first row's."""
    if depth == len(spec.shape):
        if isinstance(value, (list, dict)):
            raise _Misfit(path, f"wanted one {spec.dtype}, came {_said(value)}")
        yield value, path
        return
    if not isinstance(value, list):
        raise _Misfit(path, f"wanted {_wanted(spec, depth)}, came {_said(value)}")
    want = spec.shape[depth]
    if want not in (-1, len(value)):
        raise _Misfit(path, f"wanted {_wanted(spec, depth)}, came {_said(value)}")
    if len(shape) == depth:
        shape.append(len(value))
    elif shape[depth] != len(value):
        raise _Misfit(path, f"has {len(value)} items, the rows before it {shape[depth]}")
    for index, item in enumerate(value):
        yield from _leaves(item, spec, f"{path}[{index}]", depth + 1, shape)


def _converter(spec: TensorSpec) -> Callable[[Json, str], Json]:
    """Return the check of one value: what it becomes, or a `_Misfit`."""
    wrong = f"wanted {_article(spec.dtype)}, came "
    is_float = spec.dtype.startswith("float")
    numbers = (int, float) if is_float else (int,) if "int" in spec.dtype else ()

    def convert(value: Json, path: str) -> Json:
        if spec.dtype == "string" and isinstance(value, str):
            return value
        if spec.dtype == "bool" and isinstance(value, bool):
            return value
        if isinstance(value, str) and is_float and value in _NOT_FINITE:
            return _NOT_FINITE[value]
        if isinstance(value, numbers) and not isinstance(value, bool):
            return _in_range(value, spec, path)
        raise _Misfit(path, wrong + _said(value))

    return convert


def _in_range(value: float, spec: TensorSpec, path: str) -> float:
    dtype = np.dtype(spec.dtype)
    if dtype.kind == "f":
        highest = float(np.finfo(dtype).max)
        fits = -highest <= value <= highest
    else:
        bounds = np.iinfo(dtype)
        fits = bounds.min <= value <= bounds.max
    if not fits:
        raise _Misfit(path, f"{value!r:.40} is out of the range of {spec.dtype}")
    return value


def _article(dtype: str) -> str:
    kinds = {"string": "a string", "bool": "true or false"}
    return kinds.get(dtype, f"a number ({dtype})" if dtype[0] == "f" else f"an integer ({dtype})")


def _wanted(spec: TensorSpec, depth: int = 0) -> str:
    """Say what a list at `depth` of the tensor must be: `rows of 4 numbers (float32)`."""
    sizes = spec.shape[depth:]
    if not sizes:
        return _article(spec.dtype)
    said = " x ".join("n" if size < 0 else str(size) for size in sizes)
    count = f"a list of shape ({said})" if len(sizes) > 1 else f"a list of {said}"
    return f"{count} of {spec.dtype}"


def _said(value: Json) -> str:
    """Say what came, as short as one line allows."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value!r:.40}"
        case str():
            return f"the string {value[:40]!r}"
        case list():
            return _said_list(value)
        case _:
            return "an object"


def _said_list(value: list[Json]) -> str:
    sizes: list[int] = []
    level: Json = value
    while isinstance(level, list):
        sizes.append(len(level))
        level = level[0] if level else None
    shape = " x ".join(str(size) for size in sizes)
    return f"a list of shape ({shape})" if len(sizes) > 1 else f"a list of {shape}"
