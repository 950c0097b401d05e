"""What a pickle would import when it is loaded, read from its opcodes. Nothing is ever loaded.

Source: https://docs.python.org/3/library/pickletools.html (the opcodes of protocols 0 to 5).
"""

import pickletools
from typing import IO, Final

# A model's weights are few large opcodes; what has more is a machine's work, or an attack.
_MAX_OPCODES: Final = 2_000_000
_MAX_NAMES: Final = 1000
_STRINGS: Final = frozenset({
    "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE",
    "BINUNICODE8",
})  # fmt: skip
_PUTS: Final = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GETS: Final = frozenset({"GET", "BINGET", "LONG_BINGET"})


class Imports:
    """The names that a pickle imports, and why the reading ended early, if it did."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.names: Final[dict[str, None]] = {}
        self.problem = ""
        # Of the stack only the last two strings matter: STACK_GLOBAL takes module and name there.
        self._strings: list[str] = []
        self._memo: Final[dict[int, str]] = {}
        self._n_memo = 0
        try:
            self._read(stream)
        except (ValueError, IndexError, KeyError, OverflowError, MemoryError, EOFError) as error:
            self.problem = f"it cannot be read to its end: {str(error)[:200]}"

    def _read(self, stream: IO[bytes]) -> None:
        for number, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if number > _MAX_OPCODES or len(self.names) > _MAX_NAMES:
                self.problem = "it is too long to be read to its end"
                return
            self._follow(opcode.name, argument)

    def _follow(self, name: str, argument: object) -> None:
        if name in _STRINGS and isinstance(argument, str):
            self._strings = [*self._strings[-1:], argument]
        elif name in {"GLOBAL", "INST"}:
            self.names[str(argument).replace(" ", ".", 1)] = None
        elif name == "STACK_GLOBAL":
            self.names[".".join(self._strings) if len(self._strings) > 1 else "?"] = None
        elif name == "MEMOIZE":
            self._keep(self._n_memo)
        elif name in _PUTS and isinstance(argument, int):
            self._keep(argument)
        elif name in _GETS and isinstance(argument, int) and argument in self._memo:
            self._strings = [*self._strings[-1:], self._memo[argument]]

    def _keep(self, at: int) -> None:
        self._n_memo += 1
        if self._strings:
            self._memo[at] = self._strings[-1]
