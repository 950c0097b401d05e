"""Which parameters matter for a metric: gathers the runs, and lets a process do the sums."""

import asyncio
import math
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Annotated, Any, ClassVar, Final

import msgspec
from litestar import Request, post
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

from axonml.errors import AxonError, Invalid
from axonml.http.caller import READ, Caller, caller_of
from axonml.http.openapi import described
from axonml.training.compare import Compare, cell_of_value
from axonml.training.filter import parse_key
from axonml.training.forest import Column, Samples, Weight
from axonml.training.listing import Cell, Entry, cell_of
from axonml.training.searchable import flat
from axonml.training.weigher import Weigher

MIN_RUNS: Final = 4
MAX_RUNS: Final = 1000
MAX_KEYS: Final = 100

Call = Request[Any, Any, Any]


class ExtraMissing(AxonError):
    """A part of the product that is installed apart is not there."""

    code: ClassVar[str] = "extra_missing"
    status: ClassVar[int] = 501
    title: ClassVar[str] = "A part is not installed"


class ImportanceQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/importance: which runs, and the metric to explain.

    `target` is a metric as filters name it: `metrics.loss`, `metrics.loss.min`.
    """

    target: Annotated[str, Meta(min_length=1, max_length=512)]
    runs: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=MAX_RUNS)] = []
    filter: Annotated[str, Meta(max_length=4096)] = ""


class Importance(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and over how many runs.

    Of the runs asked for, `n_unfinished` still run, and `n_without_target` never logged the target
    or ended at a value that is not finite; neither are among the `n_runs`. `n_keys` parameters
    differ, of which the most frequent `MAX_KEYS` were weighed.
    """

    target: str
    n_runs: int
    n_unfinished: int
    n_without_target: int
    n_keys: int
    r2: float
    n_trees: int
    items: list[Weight]


class Importances:
    """Weighs parameters, one question at a time: a second one waits for the first."""

    def __init__(self, compare: Compare, weigher: Weigher) -> None:
        self._compare: Final = compare
        self._weigher: Final = weigher
        self._turn: Final = asyncio.Lock()

    async def importance(self, caller: Caller, asked: ImportanceQuery) -> Importance:
        """Return how much each parameter tells of the target.

        Raises:
            ExtraMissing: scikit-learn is not installed.
            Invalid: too few runs, or nothing that differs among them.
            Unavailable: it takes too long.
        """
        if find_spec("sklearn") is None:
            raise ExtraMissing(
                "parameter importance needs scikit-learn on the server:"
                ' pip install "axonml-dashboard[sklearn]", then restart it'
            )
        ids = list(dict.fromkeys(asked.runs))
        if not ids:
            ids, _ = await self._compare.matching(caller, asked.filter, MAX_RUNS)
        entries = await self._compare.entries(caller, ids)
        finished = [entry for entry in entries if entry.run.status.is_final]
        used, target = _with_target(finished, asked.target)
        _check_samples(asked.target, target, len(entries))
        columns = await asyncio.to_thread(_columns, used)
        if not columns:
            raise Invalid(
                f"the {len(used)} runs were given the same configuration; there is nothing to weigh"
            )
        async with self._turn:
            weights = await self._weigher.weigh(Samples(columns[:MAX_KEYS], target))
        return Importance(
            target=asked.target,
            n_runs=len(used),
            n_unfinished=len(entries) - len(finished),
            n_without_target=len(finished) - len(used),
            n_keys=len(columns),
            r2=weights.r2,
            n_trees=weights.n_trees,
            items=weights.items,
        )


class ImportanceRoutes:
    """Parameter importance."""

    def __init__(self, importances: Importances) -> None:
        self._importances: Final = importances

    async def weigh_parameters(self, request: Call, data: ImportanceQuery) -> Importance:
        """Weigh the parameters of runs: which of them tell most of the target's value.

        A random forest learns the target from the configurations; `importance` is what it loses
        of runs that it has not seen when one parameter is shuffled. Needs 4 finished runs.
        """
        return await self._importances.importance(caller_of(request), data)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        path = "/api/training/runs/importance"
        opt = {**READ, **described(problems=(501, 503))}
        return [post(path, opt=opt, status_code=200, tags=["training"])(self.weigh_parameters)]


def _with_target(entries: Sequence[Entry], target: str) -> tuple[list[Entry], list[float]]:
    key = parse_key(target)
    if key.space != "metrics":
        raise Invalid("the target is a metric: `metrics.loss`, or `metrics.loss.min`")
    used: list[Entry] = []
    values: list[float] = []
    for entry in entries:
        value = cell_of(entry, key)
        if isinstance(value, float | int) and math.isfinite(value):
            used.append(entry)
            values.append(float(value))
    return used, values


def _check_samples(name: str, target: Sequence[float], n_asked: int) -> None:
    if len(target) < MIN_RUNS:
        raise Invalid(
            f"{len(target)} of {n_asked} runs have ended with a finite {name};"
            f" it takes at least {MIN_RUNS} to weigh parameters",
            code="too_few_runs",
        )
    if len(set(target)) == 1:
        raise Invalid(f"{name} is {target[0]:g} in every run; there is nothing to explain")


def _columns(entries: Sequence[Entry]) -> list[Column]:
    """Return the parameters that differ, those that most runs have first."""
    table: dict[str, list[Cell]] = {}
    for at, entry in enumerate(entries):
        for key, value in flat(entry.run.config):
            row = table.setdefault(key, [None] * len(entries))
            row[at] = cell_of_value(value)
    columns = [_column(key, row) for key, row in table.items()]
    columns = [column for column in columns if len(set(column.values)) > 1]
    columns.sort(key=lambda column: column.values.count(None))
    return columns


def _column(key: str, row: Sequence[Cell]) -> Column:
    if all(value is None or _is_number(value) for value in row):
        return Column(key, True, [None if v is None else float(v) for v in row])
    return Column(key, False, [_word(value) for value in row])


def _is_number(value: Cell) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


def _word(value: Cell) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
