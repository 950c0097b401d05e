"""The run that a callback logs to."""

from collections.abc import Mapping
from typing import Any

from axonml.client.run import Run
from axonml.client.session import current, init


def run_for(run: Run | None, **options: Any) -> Run:  # as `init` takes them
    """Return `run`, else the one that the script is in, else a new one made with `options`."""
    return run or current() or init(**options)


def numbers_in(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be logged of `values`: frameworks put names and texts beside numbers."""
    return {
        name: value
        for name, value in values.items()
        if not isinstance(value, str | bytes | bool | None) and not isinstance(value, Mapping)
    }
