"""Hugging Face: `Trainer(callbacks=[AxonmlCallback()])`."""

from typing import Any, Final

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from axonml.client.run import Run
from axonml.integrations.target import numbers_in, run_for


class AxonmlCallback(TrainerCallback):
    """Logs what the Trainer logs, its arguments, and the model's configuration.

    Stop on the run's page ends training after the step. `run` is the run to log to; without one it
    is the script's, or begun with `options`.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:  # init's
        self._run = run
        self._options: Final = options

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **objects: Any,  # the Trainer's
    ) -> None:
        """Begin the run on the first process and keep what is trained, and how."""
        if not state.is_world_process_zero:
            return
        self._run = run_for(self._run, **self._options)
        described = getattr(objects.get("model"), "config", None)
        if described is not None:
            self._run.config.update({"model": described.to_dict()})
        self._run.config.update({"trainer": args.to_sanitized_dict()})

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Log at the global step; `eval_loss` becomes `eval/loss`."""
        if self._run is not None and logs:
            named = {name.replace("eval_", "eval/", 1): value for name, value in logs.items()}
            self._run.log(numbers_in(named), step=state.global_step)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Look whether to stop."""
        if self._run is not None and self._run.should_stop:
            control.should_training_stop = True
