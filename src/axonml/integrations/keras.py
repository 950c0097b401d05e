"""Keras: `model.fit(..., callbacks=[AxonmlCallback()])`."""

from collections.abc import Mapping
from typing import Any, Final

from keras.callbacks import Callback

from axonml.client.run import Run
from axonml.integrations.target import run_for


class AxonmlCallback(Callback):
    """Logs each epoch's metrics, and every `every`th batch's under `batch/`.

    Stop on the run's page ends training after the batch. `run` is the run to log to; without one
    it is the script's, or begun with `options`.
    """

    def __init__(self, run: Run | None = None, *, every: int = 0, **options: Any) -> None:  # init's
        super().__init__()
        self._run = run
        self._every: Final = every
        self._options: Final = options
        self._n_batches = 0

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Begin the run and keep how it is trained."""
        self._run = run_for(self._run, **self._options)
        self._run.config.update({"fit": self.params})
        self._run.config.update({"optimizer": self.model.optimizer.get_config()})

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the batch, where asked for, and look whether to stop."""
        run = run_for(self._run)
        self._n_batches += 1
        if self._every and self._n_batches % self._every == 0:
            named = {f"batch/{name}": value for name, value in (logs or {}).items()}
            run.log(named, step=self._n_batches)
        if run.should_stop:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the epoch at its last batch."""
        named = {name.replace("val_", "val/", 1): value for name, value in (logs or {}).items()}
        run_for(self._run).log({**named, "epoch": epoch}, step=self._n_batches)
