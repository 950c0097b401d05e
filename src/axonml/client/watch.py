"""Gradients and parameters of a torch module, now and then: how large they are and how spread."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, Protocol, cast

Log = Literal["gradients", "parameters", "all"]
LogNumbers = Callable[[Mapping[str, object]], None]
LogSpread = Callable[[str, object], None]
# A tensor above this is looked at in even strides: a histogram of millions looks the same.
_MOST_VALUES: Final = 50_000


class Watch(Protocol):
    """Something watched."""

    def stop(self) -> None:
        """Watch no longer."""
        ...


class _Handle(Protocol):
    """Takes a hook off."""

    def remove(self) -> None:
        """Take it off."""
        ...


class _Tensor(Protocol):
    """As much of a torch tensor as is used here."""

    def detach(self) -> "_Tensor":
        """Return it outside of the gradient's graph."""
        ...

    def norm(self) -> object:
        """Return its length, a tensor of one number."""
        ...

    def numel(self) -> int:
        """Return the number of elements."""
        ...

    def flatten(self) -> "_Tensor":
        """Return it with one dimension."""
        ...

    def clone(self) -> "_Tensor":
        """Return a copy."""
        ...

    def __getitem__(self, which: slice) -> "_Tensor":
        """Return some of its elements."""
        ...


class _Parameter(_Tensor, Protocol):
    """As much of a torch parameter as is used here."""

    requires_grad: bool
    grad: _Tensor

    def register_post_accumulate_grad_hook(self, hook: "Callable[[_Parameter], None]") -> _Handle:
        """Call `hook` once the gradient is whole."""
        ...


class _Module(Protocol):
    """As much of a torch module as is used here."""

    def named_parameters(self) -> Iterable[tuple[str, _Parameter]]:
        """Return each parameter under its name."""
        ...

    def register_forward_pre_hook(self, hook: Callable[[object, object], None]) -> _Handle:
        """Call `hook` before each forward pass."""
        ...


def watched(
    model: object, log: Log, every: int, log_numbers: LogNumbers, log_spread: LogSpread
) -> Watch:
    """Watch a torch module: norm and spread of each gradient or parameter at every `every`th pass.

    Raises:
        TypeError: it is no torch module.
        ValueError: `log` or `every` is not one of what is known.
    """
    if not hasattr(model, "named_parameters") or not hasattr(model, "register_forward_hook"):
        raise TypeError(f"watch takes a torch module, not {type(model).__name__}")
    if log not in {"gradients", "parameters", "all"} or every < 1:
        raise ValueError("log is gradients, parameters or all, and log_freq at least 1")
    return _TorchWatch(cast("_Module", model), log, every, log_numbers, log_spread)


class _TorchWatch:
    """Notes each gradient as it becomes whole, and logs them when the next pass begins.

    Between the passes that are logged each hook costs a look at a counter. Norms are read later,
    but on a GPU the passes that are logged wait for their histograms.
    """

    def __init__(
        self,
        model: _Module,
        log: Log,
        every: int,
        log_numbers: LogNumbers,
        log_spread: LogSpread,
    ) -> None:
        self._log_spread: Final = log_spread
        self._every: Final = every
        self._log_numbers: Final = log_numbers
        self._with_gradients: Final = log != "parameters"
        self._with_parameters: Final = log != "gradients"
        self._norms: dict[str, object] = {}
        self._spread: dict[str, object] = {}
        self._n_passes = 0
        self._is_backward_done = False
        named = model.named_parameters()
        self._parameters: Final = [(name, each) for name, each in named if each.requires_grad]
        self._hooks: Final[list[_Handle]] = [
            each.register_post_accumulate_grad_hook(self._hook_of(f"gradients/{name}"))
            for name, each in self._parameters
        ]
        self._hooks.append(model.register_forward_pre_hook(self._begun))

    def stop(self) -> None:
        """Log what is there and take the hooks off."""
        self._tell()
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()

    def _hook_of(self, name: str) -> Callable[[_Parameter], None]:
        def hook(parameter: _Parameter) -> None:
            self._is_backward_done = True
            if self._with_gradients and self._n_passes % self._every == 0:
                self._note(name, parameter.grad)

        return hook

    def _begun(self, _: object, __: object) -> None:
        self._tell()

    def _tell(self) -> None:
        if not self._is_backward_done:
            return
        if self._with_parameters and self._n_passes % self._every == 0:
            for name, parameter in self._parameters:
                self._note(f"parameters/{name}", parameter)
        norms, self._norms = self._norms, {}
        spread, self._spread = self._spread, {}
        self._is_backward_done = False
        self._n_passes += 1
        if norms:
            self._log_numbers(norms)
        for name, values in spread.items():
            self._log_spread(name, values)

    def _note(self, name: str, tensor: _Tensor) -> None:
        values = tensor.detach()
        self._norms[name] = values.norm()
        stride = -(-values.numel() // _MOST_VALUES)
        # A copy: the script sets the gradients to zero before they are logged.
        self._spread[name] = values.flatten()[:: max(stride, 1)].clone()
