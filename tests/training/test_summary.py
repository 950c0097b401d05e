from typing import Any

import pytest

from axonml.clock import now
from axonml.ids import RunId, UserId, new_id
from axonml.storage.protocols import SeriesInfo
from axonml.training.summary import summary_of
from axonml.training.types import MetricDefinition, Run, RunStatus


def a_run(**fields: Any) -> Run:
    return Run(
        id=RunId(new_id()), user_id=UserId(new_id()), project="p", name="n", model_type="",
        status=RunStatus.RUNNING, created_at=now(), updated_at=now(), **fields,
    )  # fmt: skip


LOSS = SeriesInfo("val/loss", 4, 3, 0, 0.5, 0.25, 2.0, 0.875)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({}, 0.5),
        ({"summary": "last"}, 0.5),
        ({"summary": "min"}, 0.25),
        ({"summary": "max"}, 2.0),
        ({"summary": "mean"}, 0.875),
        ({"summary": "best"}, 0.25),
        ({"summary": "best", "goal": "maximize"}, 2.0),
        ({"goal": "minimize"}, 0.25),
    ],
)
def test_the_summary_shows_what_was_defined_for_the_metric(
    definition: dict[str, Any], expected: float
) -> None:
    run = a_run(definitions={"val/loss": MetricDefinition(**definition)})

    assert summary_of(run, [LOSS]) == {"val/loss": expected}


def test_the_longest_beginning_speaks_for_a_name_and_the_name_itself_before_it() -> None:
    definitions = {
        "*": MetricDefinition(summary="max"),
        "val/*": MetricDefinition(summary="min"),
    }
    exact = {**definitions, "val/loss": MetricDefinition(summary="none")}

    assert summary_of(a_run(definitions=definitions), [LOSS]) == {"val/loss": 0.25}
    assert summary_of(a_run(definitions=exact), [LOSS]) == {}


def test_a_series_without_a_finite_value_shows_its_last_and_what_was_set_wins() -> None:
    never = SeriesInfo("loss", 2, 1, 0, float("nan"), None, None, None)
    run = a_run(
        definitions={"loss": MetricDefinition(summary="mean")}, summary={"val/loss": 7.0, "own": 1}
    )

    assert summary_of(run, [never, LOSS]) == {"loss": "NaN", "val/loss": 7.0, "own": 1}
