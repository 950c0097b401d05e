"""AxonML: track training runs, keep models and serve them from one machine.

import axonml

run = axonml.init(project="digits", config={"lr": 1e-3})
run.log({"loss": 0.3, "accuracy": 0.9})
run.log_model("model.onnx", name="digits")
run.finish()
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from axonml.client.api import Client
    from axonml.client.problems import AxonmlError
    from axonml.client.run import Run
    from axonml.client.session import finish, init, log, log_model

__all__ = ["AxonmlError", "Client", "Run", "finish", "init", "log", "log_model"]

# Loaded on first use: a script that imports this package pays for what it uses.
_HOMES: Final = {
    "AxonmlError": "axonml.client.problems",
    "Client": "axonml.client.api",
    "Run": "axonml.client.run",
    "finish": "axonml.client.session",
    "init": "axonml.client.session",
    "log": "axonml.client.session",
    "log_model": "axonml.client.session",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'axonml' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
