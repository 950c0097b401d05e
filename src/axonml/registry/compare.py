"""Versions of a model side by side: what differs first, then what they share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from axonml.formats.format import Signature, TensorSpec
from axonml.registry.types import Deployment, ModelVersion
from axonml.training.searchable import flat

R = TypeVar("R", "MetricRow", "ValueRow", "TagRow")


class MetricRow(msgspec.Struct, frozen=True):
    """A metric of each version; None where it has none."""

    name: str
    values: list[float | None]
    differs: bool


class ValueRow(msgspec.Struct, frozen=True):
    """A value of each version; None where it has none."""

    key: str
    values: list[Any]
    differs: bool


class TagRow(msgspec.Struct, frozen=True):
    """Which of the versions have a tag."""

    tag: str
    has: list[bool]
    differs: bool


class TensorRow(msgspec.Struct, frozen=True):
    """An input or output of each version; None where it has none."""

    role: Literal["input", "output"]
    name: str
    values: list[TensorSpec | None]
    differs: bool


class VersionComparison(msgspec.Struct, frozen=True):
    """Versions side by side; every list of values is in the order of `versions`.

    `latency` is of an endpoint that answers with the version now, None where there is none.
    """

    versions: list[ModelVersion]
    metrics: list[MetricRow]
    config: list[ValueRow]
    tags: list[TagRow]
    signature: list[TensorRow]
    files: list[ValueRow]
    latency: list[Deployment | None]


def compared(
    versions: Sequence[ModelVersion], latency: Sequence[Deployment | None]
) -> VersionComparison:
    """Return the versions side by side."""
    metrics = [version.metrics for version in versions]
    configs = [dict(flat(version.config)) for version in versions]
    tags = {tag: None for version in versions for tag in version.tags}
    has = {tag: [tag in version.tags for version in versions] for tag in tags}
    return VersionComparison(
        versions=list(versions),
        metrics=_first_what_differs(
            MetricRow(name, values := [of.get(name) for of in metrics], _differ(values))
            for name in _keys(metrics)
        ),
        config=_first_what_differs(
            ValueRow(key, values := [of.get(key) for of in configs], _differ(values))
            for key in _keys(configs)
        ),
        tags=_first_what_differs(TagRow(tag, has[tag], _differ(has[tag])) for tag in tags),
        signature=[
            *_tensors("input", versions, lambda signature: signature.inputs),
            *_tensors("output", versions, lambda signature: signature.outputs),
        ],
        files=[
            ValueRow(key, values := [getattr(each, field) for each in versions], _differ(values))
            for key, field in (("format", "format"), ("size", "file_size"), ("sha256", "sha256"))
        ],
        latency=list(latency),
    )


def _tensors(
    role: Literal["input", "output"],
    versions: Sequence[ModelVersion],
    of: Callable[[Signature], tuple[TensorSpec, ...]],
) -> list[TensorRow]:
    named = [
        {} if each.signature is None else {spec.name: spec for spec in of(each.signature)}
        for each in versions
    ]
    return [
        TensorRow(role, name, values := [specs.get(name) for specs in named], _differ(values))
        for name in _keys(named)
    ]


def _keys(mappings: Iterable[Mapping[str, object]]) -> list[str]:
    """Return every key once, in the order in which they come first."""
    return list(dict.fromkeys(key for mapping in mappings for key in mapping))


def _differ(values: Sequence[object]) -> bool:
    # Encoded: 1 and True are equal to Python, and NaN is not equal to itself.
    return len({msgspec.json.encode(value) for value in values}) > 1


def _first_what_differs(rows: Iterable[R]) -> list[R]:
    return sorted(rows, key=lambda row: not row.differs)
