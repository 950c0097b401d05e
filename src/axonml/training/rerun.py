"""A launched run once more, as a new one: the same, or with changes."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from axonml.errors import FieldError, Invalid
from axonml.training.types import Argument, Launch, Name, NewRun, Run, TrainerLaunch


class Rerun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/:id/rerun; `{}` launches the same again.

    Of a trainer `dataset` and some `params` may be replaced, of an entry point `args` and some of
    `config`.
    """

    name: Name | UnsetType = UNSET
    dataset: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    params: dict[str, Any] = {}
    args: Annotated[tuple[Argument, ...], Meta(max_length=256)] | UnsetType = UNSET
    config: dict[str, Any] = {}


def again(run: Run, launch: Launch, changes: Rerun) -> NewRun:
    """Return the request that launches what `run` was launched with, changed.

    Raises:
        Invalid: a change is not for what was launched.
    """
    new = NewRun(
        name=run.name if changes.name is UNSET else changes.name,
        project=run.project,
        model_type=run.model_type,
        tags=run.tags,
        group=run.group,
        visibility=run.visibility,
        launch=launch,
    )
    if isinstance(launch, TrainerLaunch):
        if changes.args is not UNSET:
            raise _misplaced("args", f"the trainer {launch.trainer} takes params, no arguments")
        if changes.config:
            raise _misplaced("config", f"the trainer {launch.trainer} is changed by its params")
        launch = msgspec.structs.replace(
            launch,
            dataset=launch.dataset if changes.dataset is UNSET else changes.dataset,
            params={**launch.params, **changes.params},
        )
        return msgspec.structs.replace(new, launch=launch)
    for field, value in (("dataset", changes.dataset), ("params", changes.params)):
        if value:
            raise _misplaced(field, f"the script {launch.entrypoint} takes args and config")
    launch = msgspec.structs.replace(
        launch,
        args=launch.args if changes.args is UNSET else changes.args,
        config={**launch.config, **changes.config},
    )
    return msgspec.structs.replace(new, launch=launch)


def _misplaced(field: str, sentence: str) -> Invalid:
    return Invalid(f"{field}: {sentence}", fields=(FieldError(f"$.{field}", sentence),))
