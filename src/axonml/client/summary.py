"""The last value of each metric, as the script sees it."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Final


class Summary(MutableMapping[str, Any]):
    """The last value of each metric; setting one logs it at the last step.

    `last` is for who logs: it notes values without logging them.
    """

    def __init__(self, log: Callable[[Mapping[str, Any]], None]) -> None:
        self._log: Final = log
        self.last: Final[dict[str, Any]] = {}

    def __getitem__(self, name: str) -> object:
        return self.last[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._log({name: value})

    def __delitem__(self, name: str) -> None:
        del self.last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.last)

    def __len__(self) -> int:
        return len(self.last)

    def __repr__(self) -> str:
        return repr(self.last)
