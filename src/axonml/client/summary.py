"""One value of each metric, as the script sees it: the last, or what the script set."""

import math
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Final

from axonml.client.notices import Quietly
from axonml.client.numbers import Later, numbers_of


class Summary(MutableMapping[str, Any]):
    """The last value of each metric; what is set here stands in its place.

    `last` is for who logs: it notes values. `on_change` gets what was set, fit for JSON.
    """

    def __init__(self, on_change: Callable[[Mapping[str, Any]], None]) -> None:
        self._on_change: Final = on_change
        self._own: Final[dict[str, float]] = {}
        self.last: Final[dict[str, Any]] = {}

    def __getitem__(self, name: str) -> object:
        return self._own[name] if name in self._own else self.last[name]

    def __setitem__(self, name: str, value: object) -> None:
        with Quietly(f"summary[{name!r:.60}]"):
            self._set(name, value)

    def update(self, *values: Any, **named: object) -> None:  # noqa: ANN401  # as a dict takes them
        """Set several; what is wrong is one warning."""
        with Quietly("summary.update"):
            super().update(*values, **named)

    def _set(self, name: str, value: object) -> None:
        if not str(name):
            raise ValueError("a value of the summary needs a name")
        for found, number in numbers_of({name: value}).items():
            self._own[found] = float(number.read() if isinstance(number, Later) else number)
        self._on_change({name: _word(number) for name, number in self._own.items()})

    def __delitem__(self, name: str) -> None:
        """Forget a value here; what the server was told stays."""
        if name not in self:
            raise KeyError(name)
        _ = self._own.pop(name, None)
        _ = self.last.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter({**self.last, **self._own})

    def __len__(self) -> int:
        return len({**self.last, **self._own})

    def __repr__(self) -> str:
        return repr({**self.last, **self._own})


def _word(number: float) -> float | str:
    """Return the number as JSON can carry it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
