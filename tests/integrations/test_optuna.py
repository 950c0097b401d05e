from typing import Any

import pytest
from integrations.conftest import Logged

from axonml.client.run import Run

optuna: Any = pytest.importorskip("optuna")

from axonml.integrations.optuna import AxonmlCallback  # noqa: E402

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("default")]


def objective(trial: Any) -> float:
    x = trial.suggest_float("x", -10, 10)
    if trial.number == 3:
        raise optuna.TrialPruned
    return float((x - 2) ** 2 + len(trial.suggest_categorical("kind", ["a", "b"])))


def study(trials: int) -> Any:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    made = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    made.optimize(objective, n_trials=trials, callbacks=[AxonmlCallback()])
    return made


def test_optuna_logs_each_trial_its_parameters_and_the_best(run: Run) -> None:
    made = study(10)

    logged = Logged(run)
    done = [trial for trial in made.trials if trial.value is not None]
    assert logged.points("value") == [(trial.number, trial.value) for trial in done]
    assert logged.points("params/x") == [(t.number, t.params["x"]) for t in made.trials]
    assert logged.points("best_value")[-1][1] == made.best_value
    assert run.config["best_params"] == made.best_params
    assert run.config["best_trial"] == made.best_trial.number
    assert logged.lines[3].startswith("trial 3 pruned")


def test_stop_on_the_page_ends_optunas_study(stopping: Run) -> None:
    assert len(study(10).trials) == 1
