"""XGBoost: `xgboost.train(..., callbacks=[AxonmlCallback()])`, and its scikit-learn classes."""

from typing import Any, Final

from xgboost.callback import TrainingCallback

from axonml.client.run import Run
from axonml.integrations.target import run_for


class AxonmlCallback(TrainingCallback):
    """Logs what is evaluated in each round, as `validation/logloss`.

    Stop on the run's page ends training after the round. `run` is the run to log to; without one
    it is the script's, or begun with `options`.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:  # init's
        super().__init__()
        self._run = run
        self._options: Final = options

    def before_training(self, model: Any) -> Any:  # a Booster
        """Begin the run."""
        self._run = run_for(self._run, **self._options)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, Any]) -> bool:
        """Log the round; true ends training."""
        run = run_for(self._run)
        run.log(
            {
                # With cross-validation a value is (mean, spread).
                f"{data}/{metric}": values[-1][0] if isinstance(values[-1], tuple) else values[-1]
                for data, metrics in evals_log.items()
                for metric, values in metrics.items()
            },
            step=epoch,
        )
        return run.should_stop

    def after_training(self, model: Any) -> Any:  # a Booster
        """Keep the best round, where training looked for it."""
        best = getattr(model, "attributes", dict[str, str])()
        run_for(self._run).summary.update(
            {name: float(best[name]) for name in ("best_score", "best_iteration") if name in best}
        )
        return model
