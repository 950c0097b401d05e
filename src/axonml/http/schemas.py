"""Types to JSON Schema, by msgspec, so that the document says what the decoder checks."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Final, Union, cast, get_args, get_origin

import msgspec
from msgspec import UNSET
from msgspec.inspect import DateTimeType, Field, StructType, type_info
from msgspec.inspect import UnionType as InspectedUnion

_REFERENCE: Final = "#/components/schemas/"
_BINARY: Final = {"type": "string", "format": "binary"}
_TEXT: Final = {"type": "string"}

Schema = dict[str, Any]


class Schemas:
    """Collects the types of a document; each use gets its schema when `components` is called."""

    def __init__(self) -> None:
        self._asked: Final[list[tuple[object, Schema]]] = []
        self._answered: Final[list[tuple[object, Schema]]] = []
        self._structs: Final[dict[str, type[msgspec.Struct]]] = {}

    def asked(self, kind: object) -> Schema:
        """Return the schema (filled in later) of what a client sends."""
        return self._use(kind, self._asked)

    def answered(self, kind: object) -> Schema:
        """Return the schema (filled in later) of what the server answers."""
        return self._use(kind, self._answered)

    def _use(self, kind: object, uses: list[tuple[object, Schema]]) -> Schema:
        if kind is bytes:
            return dict(_BINARY)
        if kind is str:
            return dict(_TEXT)
        kinds = [part for part in variants(kind) if part is not bytes]
        structs = [
            part for part in kinds if isinstance(part, type) and issubclass(part, msgspec.Struct)
        ]
        if len(structs) > 1:  # msgspec has no untagged unions of structs; answers may be one
            return {"anyOf": [self._use(part, uses) for part in kinds]}
        schema: Schema = {}
        uses.append((kind, schema))
        return schema

    def components(self) -> dict[str, Schema]:
        """Return the named schemas, and fill in every use."""
        uses = [*self._asked, *self._answered]
        schemas, components = msgspec.json.schema_components(
            [kind for kind, _ in uses], ref_template=_REFERENCE + "{name}"
        )
        for (_, place), schema in zip(uses, schemas, strict=True):
            place.update(schema)
        for kind, _ in uses:
            for struct in _structs_of(kind, set()):
                self._structs[struct.__name__] = struct
        asked = _reached(components, [place for _, place in self._asked])
        for name, component in components.items():
            _complete(component, self._structs.get(name), always_whole=name not in asked)
        return components


def variants(kind: object) -> tuple[Any, ...]:
    """Return the members of a union, or the type alone."""
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def _complete(
    component: Schema, struct: type[msgspec.Struct] | None, *, always_whole: bool
) -> None:
    """Say what msgspec leaves out: date-time, strings of enums, fields that are always there."""
    values = component.get("enum")
    if values and all(isinstance(value, str) for value in values):
        component["type"] = "string"
    if struct is None:
        return
    fields = {field.encode_name: field for field in _fields_of(struct)}
    for name, schema in component.get("properties", {}).items():
        if name in fields and _is_time(fields[name]):
            for part in schema.get("anyOf", [schema]):
                if part.get("type") == "string":
                    part["format"] = "date-time"
    if always_whole and not struct.__struct_config__.omit_defaults:
        component["required"] = [
            field.encode_name
            for field in msgspec.structs.fields(struct)
            if field.default is not UNSET
        ]


def _fields_of(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    info = type_info(struct)
    return info.fields if isinstance(info, StructType) else ()


def _is_time(field: Field) -> bool:
    kinds = field.type.types if isinstance(field.type, InspectedUnion) else (field.type,)
    return any(isinstance(kind, DateTimeType) for kind in kinds)


def _structs_of(kind: object, seen: set[object]) -> Iterator[type[msgspec.Struct]]:
    origin = get_origin(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen:
            return
        seen.add(kind)
        yield kind
        for hint in msgspec.structs.fields(kind):
            yield from _structs_of(hint.type, seen)
    elif origin is not None:
        for part in get_args(kind):
            yield from _structs_of(part, seen)


def _reached(components: dict[str, Schema], starts: list[Schema]) -> set[str]:
    reached: set[str] = set()
    waiting: list[Any] = list(starts)
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(cast("list[Any]", found))
        elif isinstance(found, dict):
            parts = cast("Schema", found)
            waiting.extend(parts.values())
            name = str(parts.get("$ref", "")).removeprefix(_REFERENCE)
            if name and name not in reached:
                reached.add(name)
                waiting.append(components[name])
    return reached
