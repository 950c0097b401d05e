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
    from axonml.client.levels import AlertLevel
    from axonml.client.media import Artifact, File, Histogram, Image, Table, Text
    from axonml.client.problems import AxonmlError, BadArgument
    from axonml.client.run import Run
    from axonml.client.session import (
        alert,
        define_metric,
        finish,
        init,
        log,
        log_artifact,
        log_model,
        save,
        watch,
    )
    from axonml.client.summary import Summary

    run: Run | None
    summary: Summary

__all__ = [
    "AlertLevel",
    "Artifact",
    "AxonmlError",
    "BadArgument",
    "Client",
    "File",
    "Histogram",
    "Image",
    "Run",
    "Table",
    "Text",
    "alert",
    "define_metric",
    "finish",
    "init",
    "log",
    "log_artifact",
    "log_model",
    "save",
    "watch",
]

# Loaded on first use: a script that imports this package pays for what it uses.
_HOMES: Final = {
    "AlertLevel": "axonml.client.levels",
    "Artifact": "axonml.client.media",
    "AxonmlError": "axonml.client.problems",
    "BadArgument": "axonml.client.problems",
    "Client": "axonml.client.api",
    "File": "axonml.client.media",
    "Histogram": "axonml.client.media",
    "Image": "axonml.client.media",
    "Run": "axonml.client.run",
    "Table": "axonml.client.media",
    "Text": "axonml.client.media",
    "alert": "axonml.client.session",
    "define_metric": "axonml.client.session",
    "finish": "axonml.client.session",
    "init": "axonml.client.session",
    "log": "axonml.client.session",
    "log_artifact": "axonml.client.session",
    "log_model": "axonml.client.session",
    "save": "axonml.client.session",
    "watch": "axonml.client.session",
}
# Of the run that `init` began, as `import axonml as wandb` has it; looked up anew each time.
_OF_RUN: Final = ("run", "config", "summary")


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _OF_RUN:
        run = import_module("axonml.client.session").current()
        if name == "run" or run is not None:
            return run if name == "run" else getattr(run, name)
        message = f"axonml.{name} is there once axonml.init(...) was called"
        raise AttributeError(message)
    home = _HOMES.get(name)
    if home is None:
        message = f"module 'axonml' has no attribute {name!r}"
        raise AttributeError(message)
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
