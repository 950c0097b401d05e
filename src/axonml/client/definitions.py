"""How a script says that a metric is read."""

from collections.abc import Mapping
from typing import Final

from axonml.client.labels import label
from axonml.client.notices import warn_once

_SUMMARIES: Final = ("last", "min", "max", "mean", "best", "none")
_GOALS: Final = ("minimize", "maximize")


def definition_of(
    name: str,
    step_metric: str | None,
    summary: str | None,
    goal: str | None,
    unknown: Mapping[str, object],
) -> dict[str, str]:
    """Return the definition as the server takes it; what it would not take is warned of."""
    if unknown:
        given = ", ".join(sorted(unknown))
        warn_once("define_metric", f"define_metric does not know {given}; ignored")
    if not label(name):
        raise ValueError("a metric needs a name")
    defined: dict[str, str] = {}
    if step_metric:
        defined["step_metric"] = label(step_metric)
    # Other trackers say "copy" for the last value, and take several: the first one counts here.
    kind = str(summary or "").partition(",")[0].strip().replace("copy", "last")
    for key, value, known in (("summary", kind, _SUMMARIES), ("goal", goal, _GOALS)):
        if value and value in known:
            defined[key] = value
        elif value:
            says = f"the {key} of a metric is one of {', '.join(known)}, not {value!r}"
            warn_once(f"{key} {name}", f"{says}; ignored")
    return defined
