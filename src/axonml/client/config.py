"""A run's configuration: a dict that may change while the run goes on, kept fit for JSON."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, cast

from axonml.client.notices import Quietly

_DEPTH: Final = 16
_INT64: Final = 1 << 63
_MAX_TEXT: Final = 65_536


class RunConfig(dict[str, Any]):
    """The configuration of a run; every change is sent."""

    def __init__(self, values: object, on_change: Callable[[], None]) -> None:
        super().__init__(plain_mapping(values))
        self._on_change: Final = on_change

    def __setitem__(self, name: str, value: object) -> None:
        with Quietly(f"config[{name!r:.60}]"):
            super().__setitem__(str(name), plain(value))
            self._changed()

    def __getattr__(self, name: str) -> object:
        """Return the value called `name`, for `run.config.lr`."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the configuration has no {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        """Set the value called `name`, for `run.config.lr = 0.1`."""
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._changed()

    def update(self, *values: object, **named: object) -> None:
        """Set many values at once; `allow_val_change`, as other trackers have it, sets nothing."""
        _ = named.pop("allow_val_change", None)
        with Quietly("config.update"):
            for mapping in (*values, named):
                found = plain(mapping)
                if not isinstance(found, dict):
                    raise TypeError(f"it takes a dict, not {type(mapping).__name__}")
                super().update(cast("dict[str, Any]", found))
            self._changed()

    def setdefault(self, name: str, default: object = None) -> object:
        """Set a value only where there is none; return what is there."""
        if name not in self:
            self[name] = default
        return self[name]

    def __reduce__(self) -> tuple[Any, ...]:
        """Be copied and sent to other processes as a plain dict."""
        return dict, (dict(self),)

    def _changed(self) -> None:
        self._on_change()


def plain_mapping(values: object) -> dict[str, Any]:
    """Return a mapping, a dataclass or an argparse namespace as a dict fit for JSON."""
    found = plain(values)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def plain(value: object, depth: int = 0) -> object:
    """Return `value` as JSON can carry it; what is foreign to JSON as its text."""
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value, depth)
        case str() | int() | float():
            return _scalar(value)
        case _ if depth >= _DEPTH:
            return text_of(repr(value))
        case Mapping() | list() | tuple() | set() | frozenset():
            return _container(cast("Mapping[object, object] | Iterable[object]", value), depth)
        case _:
            return _foreign(value, depth)


def text_of(value: str) -> str:
    """Return `value` without what a JSON text may not hold, and not endless."""
    kept = value[:_MAX_TEXT].replace("\0", "")
    return kept.encode("utf-8", "replace").decode()


def _scalar(value: str | float) -> object:
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, int):
        return int(value) if -_INT64 <= value < _INT64 else str(value)
    return float(value) if math.isfinite(value) else str(value)


def _container(value: Mapping[object, object] | Iterable[object], depth: int) -> object:
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return {text_of(str(key)): plain(item, depth + 1) for key, item in items}
    return [plain(item, depth + 1) for item in value]


def _foreign(value: object, depth: int) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value), depth)
    if type(value).__name__ == "Namespace":  # argparse's, without loading it
        return plain(vars(value), depth)
    # A scalar of numpy or torch is the number in it; an array of them is its text.
    item = getattr(value, "item", None)
    if callable(item) and not getattr(value, "ndim", 1):
        return plain(item(), depth + 1)
    return text_of(str(value))
