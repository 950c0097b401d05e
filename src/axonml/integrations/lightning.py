"""Lightning: `Trainer(logger=AxonmlLogger(), callbacks=[StopFromPage()])`."""

from argparse import Namespace
from collections.abc import Mapping
from typing import Any, Final

try:
    from lightning.pytorch import Callback, LightningModule, Trainer
    from lightning.pytorch.loggers.logger import Logger, rank_zero_experiment
    from lightning.pytorch.utilities import rank_zero_only
except ImportError:  # the package had another name before
    from pytorch_lightning import Callback, LightningModule, Trainer
    from pytorch_lightning.loggers.logger import Logger, rank_zero_experiment
    from pytorch_lightning.utilities import rank_zero_only

from axonml.client.config import plain_mapping
from axonml.client.run import Run
from axonml.client.session import current
from axonml.integrations.target import run_for


class AxonmlLogger(Logger):
    """Logs what the modules log, and their hyperparameters.

    `run` is the run to log to; without one it is the script's, or begun with `options` at the
    first log of rank 0.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:  # init's
        super().__init__()
        self._run = run
        self._is_own = False
        self._options: Final = options

    @property
    @rank_zero_experiment
    def experiment(self) -> Run:
        """The run, for what only it can do."""
        if self._run is None:
            self._is_own = current() is None
            self._run = run_for(None, **self._options)
        return self._run

    @property
    def name(self) -> str | None:
        """The project."""
        return self._run.project if self._run else self._options.get("project")

    @property
    def version(self) -> str | None:
        """The run's id."""
        return self._run.id if self._run else None

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log numbers at the global step."""
        self.experiment.log(metrics, step)

    @rank_zero_only
    def log_hyperparams(self, params: dict[str, Any] | Namespace, *_: object) -> None:
        """Add the hyperparameters to the configuration."""
        self.experiment.config.update(plain_mapping(params))

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """End the run where it was begun here and training failed; else the script's end does."""
        if self._run is not None and self._is_own and status == "failed":
            _ = self._run.finish("failed")


class StopFromPage(Callback):
    """Ends training after the batch in which somebody pressed Stop on the run's page."""

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: object) -> None:
        """Look whether to stop."""
        for logger in trainer.loggers:
            if isinstance(logger, AxonmlLogger) and logger.experiment.should_stop:
                trainer.should_stop = True
