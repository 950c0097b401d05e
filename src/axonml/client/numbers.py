"""What scripts log, as numbers: Python's, numpy's, torch's; anything else is named and left out."""

import reprlib
import sys
from collections.abc import Mapping
from typing import Any, Final, Protocol, SupportsFloat, cast

from axonml.client.notices import warn_once

MAX_NAME: Final = 256
_MAX_STEP: Final = 1 << 53


class Tensor(Protocol):
    """As much of a torch tensor as is used here."""

    device: Any

    def detach(self) -> "Tensor":
        """Return the tensor outside of the gradient's graph."""
        ...

    def clone(self) -> "Tensor":
        """Return a copy on the same device."""
        ...

    def numel(self) -> int:
        """Return the number of elements."""
        ...

    def item(self) -> float:
        """Return the only element, once the device has computed it."""
        ...


class Later:
    """A scalar on an accelerator: read by the sender thread, so that `log` does not wait for it.

    A copy is made on the device at once: the script may reuse the tensor in place.
    """

    def __init__(self, tensor: Tensor) -> None:
        self._copy: Final = tensor.detach().clone()
        self._event: Final = _recorded_event(tensor)

    def read(self) -> float:
        """Return the value; waits until the device has computed it."""
        if self._event is not None:
            self._event.synchronize()
        return float(self._copy.item())


Number = float | int | Later


def numbers_of(values: Mapping[Any, object]) -> dict[str, Number]:
    """Return the numbers in `values` under names that the server takes.

    A mapping within is flattened (`{"val": {"loss": 1}}` is `val/loss`); a value that is no number
    is left out, with one warning that names it.
    """
    found: dict[str, Number] = {}
    _collect("", values, found)
    return found


def step_of(step: object) -> int | None:
    """Return `step` as an integer that the server takes, or None, with one warning."""
    try:
        number = int(cast("SupportsFloat", step))  # pyright: ignore[reportArgumentType]  # tried
        is_whole = isinstance(step, str | bytes) or number == step
    except (TypeError, ValueError, OverflowError, RuntimeError):
        number, is_whole = _MAX_STEP, True
    if not is_whole:
        said = f"a step is a whole number, not {_shown(step)}; {number} is used"
        warn_once("step fraction", f"{said} (log an epoch as a metric of its own)")
    if abs(number) >= _MAX_STEP:
        warn_once("step", f"a step is an integer, not {_shown(step)}; counting on instead")
        return None
    return number


def _collect(prefix: str, values: Mapping[Any, object], found: dict[str, Number]) -> None:
    for key, value in values.items():
        name = _name(f"{prefix}{key}")
        if isinstance(value, Mapping):
            _collect(f"{name}/", cast("Mapping[object, object]", value), found)
            continue
        number = _number(value)
        if number is None:
            said = f"{name!r} is no number but {_shown(value)}; left out{_instead(value)}"
            warn_once(f"number {name}", said)
            continue
        found[name] = number


def _number(value: object) -> Number | None:
    if isinstance(value, str | bytes):
        return None
    if getattr(value, "is_cuda", False) and hasattr(value, "detach"):
        tensor = cast("Tensor", value)
        return Later(tensor) if tensor.numel() == 1 else None
    try:
        # An array of one element: float() of it is deprecated by numpy.
        single = cast("Tensor", value).item() if getattr(value, "ndim", 0) else value
        return float(cast("SupportsFloat", single))
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None


def _recorded_event(tensor: Tensor) -> Any:  # noqa: ANN401  # torch is the script's, not ours
    # The sender reads on another stream: without the event it could read too early.
    torch = sys.modules.get("torch")
    return torch and torch.cuda.current_stream(tensor.device).record_event()


def _name(name: str) -> str:
    if 0 < len(name) <= MAX_NAME and name.isprintable():
        return name
    fitting = "".join(c if c.isprintable() else "_" for c in name)[:MAX_NAME] or "_"
    warn_once(
        f"name {fitting}",
        f"a metric name has 1 to {MAX_NAME} printable characters; logged as {fitting!r}",
    )
    return fitting


def _shown(value: object) -> str:
    kind = type(value).__name__
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{kind} of shape {shape}"
    return "None" if value is None else f"{kind} {reprlib.repr(value)}"


def _instead(value: object) -> str:
    """Return what to call for a value of this kind."""
    if isinstance(value, str):
        return ": log words with axonml.Text(...) or run.log_text(...)"
    if isinstance(value, list | tuple) or getattr(value, "ndim", 0):
        return ": log its mean, or how it is spread with axonml.Histogram(...)"
    return ""
