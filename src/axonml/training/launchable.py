"""What this server may launch: checked when it is asked for, made a job when it starts."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET

from axonml.config import Entrypoint
from axonml.errors import Conflict, FieldError, Invalid
from axonml.trainers.catalogue import catalogue, check
from axonml.training.jobs import Job
from axonml.training.types import EntrypointLaunch, NewRun, Run, TrainerLaunch


class Place(msgspec.Struct, frozen=True):
    """Where jobs find their server and data folder, and what bounds them."""

    home: Path
    server: str
    grace_s: float
    log_bytes: int
    entrypoints: Mapping[str, Entrypoint]


class Launchable:
    """Knows the built-in trainers and the commands of the configuration."""

    def __init__(self, place: Place) -> None:
        self._place: Final = place

    def names(self) -> list[str]:
        """Return the names of the commands that may be started."""
        return sorted(self._place.entrypoints)

    def checked(self, new: NewRun) -> NewRun:
        """Return the run with its `launch` completed, None where nothing is to be started.

        Raises:
            Invalid: `fields` names what cannot be launched.
        """
        launch = new.launch
        if launch is UNSET:
            launch = _by_model_type(new)
        match launch:
            case None:
                return msgspec.structs.replace(new, launch=None)
            case TrainerLaunch():
                params = msgspec.to_builtins(check(launch.trainer, launch.dataset, launch.params))
                return msgspec.structs.replace(
                    new,
                    launch=msgspec.structs.replace(launch, params=params),
                    config={**new.config, "dataset": launch.dataset, **params},
                    model_type=new.model_type or launch.trainer,
                )
            case EntrypointLaunch():
                if launch.entrypoint not in self._place.entrypoints:
                    known = ", ".join(self.names()) or "nothing yet"
                    sentence = f"[launch] entrypoints in config.toml has {known}"
                    path = "$.launch.entrypoint"
                    raise Invalid(f"{path}: {sentence}", fields=(FieldError(path, sentence),))
                shown = {"entrypoint": launch.entrypoint, "args": list(launch.args)}
                said = {**new.config, **launch.config}
                config = {key: value for key, value in said.items() if key not in shown}
                return msgspec.structs.replace(
                    new,
                    launch=msgspec.structs.replace(launch, config=config),
                    config={**config, **shown},
                )

    def entrypoint(self, launch: EntrypointLaunch) -> Entrypoint:
        """Return the configured command; `Conflict` where it has gone since the launch."""
        found = self._place.entrypoints.get(launch.entrypoint)
        if found is None:
            name = launch.entrypoint
            raise Conflict(f"[launch] entrypoints in config.toml has no {name} any more")
        return found

    def job(self, run: Run) -> Job:
        """Return what runs for a launched run; a trainer's parameters are written to its folder.

        Raises:
            Conflict: its command has gone.
            OSError: the folder cannot be written to.
        """
        folder = self._place.home / "runs" / run.id
        cwd, max_seconds, config = str(folder), None, dict[str, Any]()
        match run.launch:
            case TrainerLaunch(trainer=trainer, dataset=dataset, params=params):
                path = folder / "params.json"
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                _ = path.write_bytes(msgspec.json.encode(params))
                module = (sys.executable, "-u", "-m", "axonml.trainers")
                command = (*module, trainer, "--dataset", dataset, "--params", str(path))
            case EntrypointLaunch() as launch:
                known, config = self.entrypoint(launch), launch.config
                command, max_seconds = (*known.command, *launch.args), known.max_seconds
                cwd = known.cwd or cwd
            case None:
                raise AssertionError(f"{run.id} was not launched")
        return Job(
            command=command,
            cwd=cwd,
            grace_s=self._place.grace_s,
            max_seconds=max_seconds,
            log_bytes=self._place.log_bytes,
            environment={**self._environment(run, folder), **_said(config)},
        )

    def _environment(self, run: Run, folder: Path) -> dict[str, str]:
        return {
            "AXONML_HOME": str(self._place.home),
            "AXON_SERVER": self._place.server,
            "AXON_RUN_ID": run.id,
            "AXON_RUN_GIVEN": "project,name,tags,notes",
            "AXON_CHECKPOINT_DIR": str(folder / "checkpoints"),
            "PYTHONUNBUFFERED": "1",
        }


def _by_model_type(new: NewRun) -> TrainerLaunch | None:
    if new.model_type not in {trainer.name for trainer in catalogue()}:
        return None
    params = dict(new.config)
    dataset = str(params.pop("dataset", ""))
    return TrainerLaunch(trainer=new.model_type, dataset=dataset, params=params)


def _said(config: Mapping[str, Any]) -> dict[str, str]:
    """Return how the script hears of the launch's configuration, which is stronger than its own."""
    return {"AXON_CONFIG": msgspec.json.encode(config).decode()} if config else {}
