"""`python -m axonml.trainers NAME --dataset D --params FILE.json`: train one built-in trainer.

The run is the one of `AXON_RUN_ID`, or a new one. `AXON_CHECKPOINT_DIR` is where checkpoints go
and where training goes on from.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from axonml import AxonmlError, Run, init
from axonml.errors import AxonError, StartupError
from axonml.trainers.catalogue import check
from axonml.trainers.datasets import Data, load_data
from axonml.trainers.exported import confusion_text
from axonml.trainers.params import Params
from axonml.trainers.progress import Progress, Trained, Trainer

# Loaded by name: one trainer's framework is never the price of another.
_MODULES: Final = {
    "sklearn": "sklearn",
    "gradient_boosting": "boosting",
    "mlp": "mlp",
    "cnn": "cnn",
    "transformer": "transformer",
}


def main(arguments: list[str] | None = None) -> int:
    """Train, register and return the exit code: 0 also where a stop was asked for."""
    asked = _arguments(arguments)
    try:
        params = check(asked.trainer, asked.dataset, _params(asked.params))
        data = load_data(
            asked.dataset, held_out=params.held_out, seed=params.seed, limit=asked.dataset_limit
        )
        _train(asked, params, data)
    except (AxonError, AxonmlError) as error:
        _ = sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _arguments(arguments: list[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m axonml.trainers")
    _ = parser.add_argument("trainer", choices=list(_MODULES))
    _ = parser.add_argument("--dataset", required=True)
    _ = parser.add_argument("--params", type=Path, help="a JSON file with parameters")
    _ = parser.add_argument("--dataset-limit", type=int, help="train on so many rows at most")
    _ = parser.add_argument("--project", default="default")
    _ = parser.add_argument("--name")
    return parser.parse_args(arguments)


def _params(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise StartupError(f"cannot read the parameters: {error}") from None


def _train(asked: Namespace, params: Params, data: Data) -> None:
    train = cast("Trainer", import_module(f"axonml.trainers.{_MODULES[asked.trainer]}").train)
    config = {"dataset": asked.dataset, **msgspec.to_builtins(params)}
    name = asked.name or f"{asked.trainer} on {asked.dataset}"
    run = init(asked.project, name, config, model_type=asked.trainer)
    folder = os.environ.get("AXON_CHECKPOINT_DIR")
    progress = Progress(run, Path(folder) if folder else None)
    progress.heed_signals()
    with run:
        progress.say(
            f"{asked.trainer} on {data.info.title}: {len(data.rows)} rows to train on,"
            f" {len(data.held_rows)} held out"
        )
        trained = train(data, params, progress)
        if trained is None:
            progress.say("stopped; nothing is registered")
            _ = run.finish("stopped", reason="stopped by the user")
            return
        _register(run, asked.trainer, params, data, trained)


def _register(run: Run, trainer: str, params: Params, data: Data, trained: Trained) -> None:
    run.log({f"final/{name}": value for name, value in trained.metrics.items()}, run.step)
    if data.is_classification:
        run.log_text(
            "confusion of the held-out rows: a line a true class, a column a predicted one"
        )
        run.log_text(confusion_text(data, trained.predicted))
    name = params.model_name or f"{data.info.name}-{trainer}".replace("_", "-")
    config = {
        "trainer": trainer,
        "dataset": data.info.name,
        "classes": list(data.classes),
        **msgspec.to_builtins(params),
    }
    files = {name: trained.onnx}
    if trained.weights is not None:
        # A model of their own: the newest version of `name` is always one that can be served.
        files[f"{name}-weights"] = trained.weights
    for model, file in files.items():
        version = run.log_model(
            file,
            model,
            metrics=trained.metrics,
            config=config,
            description=f"{trainer} on {data.info.title}",
        )
        if version is not None:
            run.log_text(f"registered {model} v{version.version} ({version.format})")


if __name__ == "__main__":
    sys.exit(main())
