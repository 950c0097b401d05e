"""One value of each metric of a run: what lists and comparisons show of it."""

from collections.abc import Iterable, Mapping
from typing import Final, assert_never

from axonml.storage.protocols import SeriesInfo
from axonml.training.history import number_of
from axonml.training.types import MetricDefinition, Number, Run

_LAST: Final = MetricDefinition()


def summary_of(run: Run, series: Iterable[SeriesInfo]) -> dict[str, Number]:
    """Return one value of each series as the run's definitions ask, and what its script set."""
    found: dict[str, Number] = {}
    for info in series:
        value = _value(info, definition_of(run.definitions, info.name))
        if value is not None:
            found[info.name] = number_of(value)
    return {**found, **run.summary}


def definition_of(definitions: Mapping[str, MetricDefinition], name: str) -> MetricDefinition:
    """Return what was defined for `name` itself, else for the longest beginning of it with `*`."""
    if name in definitions:
        return definitions[name]
    beginnings = (key for key in definitions if key.endswith("*") and name.startswith(key[:-1]))
    return definitions.get(max(beginnings, key=len, default=""), _LAST)


def _value(info: SeriesInfo, definition: MetricDefinition) -> float | None:
    """Return the value, the last one where no finite one was logged; None: it shows none."""
    is_best_highest = definition.goal == "maximize"
    kind = definition.summary or ("best" if definition.goal else "last")
    match kind:
        case "best":
            found = info.highest if is_best_highest else info.lowest
        case "min":
            found = info.lowest
        case "max":
            found = info.highest
        case "mean":
            found = info.mean
        case "none":
            return None
        case "last":
            found = info.last_value
        case _:
            assert_never(kind)
    return info.last_value if found is None else found
