"""LightGBM: `lightgbm.train(..., callbacks=[AxonmlCallback()])`, and its scikit-learn classes."""

from typing import Any, Final

from lightgbm.callback import CallbackEnv, EarlyStopException

from axonml.client.run import Run
from axonml.integrations.target import run_for


class AxonmlCallback:
    """Logs what is evaluated in each round, as `valid_0/l2`, and the parameters.

    Stop on the run's page ends training after the round. `run` is the run to log to; without one
    it is the script's, or begun with `options`.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:  # init's
        self._run = run
        self._options: Final = options

    def __call__(self, env: CallbackEnv) -> None:
        """Log the round of `env`; LightGBM's own exception ends training."""
        if self._run is None or env.iteration == env.begin_iteration:
            self._run = run_for(self._run, **self._options)
            self._run.config.update({"lightgbm": env.params})
        results = env.evaluation_result_list or []
        self._run.log({f"{each[0]}/{each[1]}": each[2] for each in results}, step=env.iteration)
        if self._run.should_stop:
            raise EarlyStopException(env.iteration, results)
