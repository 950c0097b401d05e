"""What crosses a process in training: runs, their requests, their logs."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from axonml.ids import RunId, UserId

Name = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]
Tag = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
# No system passes a NUL to a program.
Argument = Annotated[str, Meta(max_length=4096, pattern=r"^[^\x00]*$")]
RunIdText = Annotated[str, Meta(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
# Exact in a page's numbers, and within what every store can hold.
StepNumber = Annotated[int, Meta(ge=-(2**53), le=2**53)]
# JSON has no NaN: a value that is not finite travels as one of these words.
Number = float | Literal["NaN", "Infinity", "-Infinity"]


class RunStatus(StrEnum):
    """Where a run stands; the last four are final."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"
    LOST = "lost"

    @property
    def is_final(self) -> bool:
        """Tell whether the run has ended."""
        return self in _FINAL


_FINAL = {RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.STOPPED, RunStatus.LOST}
FinalStatus = Literal["completed", "failed", "stopped"]
Visibility = Literal["private", "team"]


class MetricDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a metric is read: over which metric it is drawn, and what of it the summary shows.

    `best` is the lowest or highest value, as `goal` says; without a `summary` it is the last.
    """

    step_metric: Annotated[str, Meta(max_length=256)] = ""
    summary: Literal["", "last", "min", "max", "mean", "best", "none"] = ""
    goal: Literal["", "minimize", "maximize"] = ""


# By metric name; one with a `*` at its end speaks for every name that begins so.
Definitions = Annotated[dict[str, MetricDefinition], Meta(max_length=1000)]


class TrainerLaunch(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="trainer",
):
    """Train a built-in trainer on a data set; `params` left out have the trainer's defaults."""

    trainer: Annotated[str, Meta(max_length=64)]
    dataset: Annotated[str, Meta(max_length=64)]
    params: dict[str, Any] = {}


class EntrypointLaunch(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="entrypoint",
):
    """Start a command that `[launch] entrypoints` names, with `args` behind it.

    `config` is stronger than what its script says, as with `axon train --set`.
    """

    entrypoint: Annotated[str, Meta(max_length=64)]
    args: Annotated[tuple[Argument, ...], Meta(max_length=256)] = ()
    config: dict[str, Any] = {}


Launch = TrainerLaunch | EntrypointLaunch


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One training run.

    `summary` is one value of each metric, the last where `definitions` ask for no other, and what
    the script set itself. `reason` says why it ended. A run that was resumed has `attempt` above 1;
    one that was forked has its parent's history up to `fork_step`; `launch` is what this server
    started for it. One with `deleted_at` is in the
    trash; one with `thinned_at` has lost what no chart needs of its points.
    """

    id: RunId
    user_id: UserId
    project: str
    name: str
    model_type: str
    status: RunStatus
    reason: str = ""
    config: dict[str, Any] = {}
    tags: tuple[str, ...] = ()
    notes: str = ""
    group: str = ""
    visibility: Visibility = "private"
    stop_requested: bool = False
    summary: dict[str, Number] = {}
    parent_id: RunId | None = None
    fork_step: int | None = None
    attempt: int = 1
    attempt_key: str = ""
    definitions: dict[str, MetricDefinition] = {}
    launch: Launch | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None
    thinned_at: datetime | None = None


class NewRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs. A repeat with the same `id` gives the same run.

    With `launch` the server starts a training. Where it is left out, a `model_type` that is a
    built-in trainer's starts that with `config` as parameters and data set; null never does.
    """

    name: Name
    id: RunIdText | None = None
    model_type: Annotated[str, Meta(max_length=128)] = ""
    project: Name = "default"
    config: dict[str, Any] = {}
    tags: Annotated[tuple[Tag, ...], Meta(max_length=64)] = ()
    notes: Annotated[str, Meta(max_length=65536)] = ""
    group: Annotated[str, Meta(max_length=256)] = ""
    summary: dict[str, Number] = {}
    definitions: Definitions = {}
    visibility: Visibility = "private"
    launch: Launch | UnsetType | None = UNSET


class RunChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PATCH /api/training/runs/:id; what is left out stays."""

    name: Name | UnsetType = UNSET
    project: Name | UnsetType = UNSET
    notes: Annotated[str, Meta(max_length=65536)] | UnsetType = UNSET
    tags: Annotated[tuple[Tag, ...], Meta(max_length=64)] | UnsetType = UNSET
    group: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    summary: dict[str, Number] | UnsetType = UNSET
    definitions: Definitions | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET


class ResumeRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/:id/resume. A repeat with the same `key` counts no other attempt."""

    key: Annotated[str, Meta(max_length=64)] = ""


class Resumed(msgspec.Struct, frozen=True):
    """The run that goes on, and the highest step that it has; None where it has no point."""

    run: Run
    last_step: int | None


class ForkRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/:id/fork. A repeat with the same `id` gives the same run."""

    step: StepNumber
    id: RunIdText | None = None
    name: Name | None = None


class FinishRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/:id/finish."""

    status: FinalStatus = "completed"
    reason: Annotated[str, Meta(max_length=4096)] = ""


class NewMetrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/training/runs/:id/metrics: rows with `step` and a key for each metric.

    A row may carry `epoch` and `timestamp` (RFC 3339, or seconds since 1970). Without `writer`
    every body is new; with `writer` and `first_seq` a repeat is stored once.
    """

    metrics: list[dict[str, Any]]
    writer: str | None = None
    first_seq: int = 1


class MetricsAccepted(msgspec.Struct, frozen=True):
    """The answer to a batch: what was stored, where the writer stands, when to send again."""

    accepted: int
    last_seq: int
    flush_after_ms: int
    stop_requested: bool


class Alert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a script asks people to look at; whoever watches the run is told at once."""

    title: Annotated[str, Meta(max_length=256)]
    text: Annotated[str, Meta(max_length=65536)] = ""


class NewLogLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line to append; without `timestamp` it gets the server's time.

    `seq` numbers the lines of a `writer`, rising from 1; gaps are fine.
    """

    message: Annotated[str, Meta(max_length=65536)]
    level: Annotated[str, Meta(max_length=16)] = "info"
    timestamp: datetime | None = None
    seq: Annotated[int, Meta(ge=0, le=2**53)] = 0
    alert: Alert | None = None


class NewLog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/:id/log: one `message`, or `lines`.

    Lines of a `writer` that come again, by their `seq`, are stored once.
    """

    message: Annotated[str, Meta(max_length=65536)] | None = None
    level: Annotated[str, Meta(max_length=16)] = "info"
    lines: Annotated[list[NewLogLine], Meta(max_length=10000)] = []
    writer: Annotated[str, Meta(max_length=64)] = ""


class LogAppended(msgspec.Struct, frozen=True):
    """The answer to log lines: the seq of the last."""

    last_seq: int


class LogEntry(msgspec.Struct, frozen=True):
    """One line of a run's log."""

    seq: int
    timestamp: datetime
    level: str
    message: str


class SeriesSummary(msgspec.Struct, frozen=True):
    """One series of a run: its size, last point and extremes over finite values."""

    name: str
    n_points: int
    last_step: int
    last_value: Number
    lowest: float | None
    highest: float | None


class Smoothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exponential moving average of the raw points; `weight` is what stays of the one before."""

    kind: Literal["ema"] = "ema"
    weight: Annotated[float, Meta(ge=0, le=0.9999)]


class MetricX(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another metric as x: each point has what that metric had at the same step."""

    metric: Annotated[str, Meta(min_length=1, max_length=256)]


class SeriesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/metrics/query: many runs and names at once; `width` in device pixels.

    With `smoothing` each series has a column more, its average; at most 8 points a pixel then.
    `x` is what the points are thinned along; with a metric there is a column of it, and points of
    steps where it has no finite value are left out. With `starts_ms`, one for each run, a window
    of wall times is counted from there: the same stretch of runs that began at different times.
    """

    runs: Annotated[list[RunIdText], Meta(min_length=1, max_length=100)]
    names: Annotated[list[str], Meta(max_length=1000)] = []
    first_step: StepNumber | None = None
    last_step: StepNumber | None = None
    first_wall_ms: StepNumber | None = None
    last_wall_ms: StepNumber | None = None
    starts_ms: Annotated[list[StepNumber], Meta(max_length=100)] = []
    x: Literal["step", "wall"] | MetricX = "step"
    width: Annotated[int, Meta(ge=1, le=16384)] | None = None
    smoothing: Smoothing | None = None


class SeriesColumns(msgspec.Struct, frozen=True):
    """The points of one series of one run, as columns of n points in rising step order.

    `smoothed` is there where smoothing was asked for and the series is not too long for it, `x`
    where a metric was asked for as x: it need not rise with the steps.
    """

    run: RunId
    name: str
    is_exact: bool
    step: list[int]
    value: list[Number]
    wall_ms: list[int]
    smoothed: list[Number] | UnsetType = UNSET
    x: list[float] | UnsetType = UNSET


class SeriesAnswer(msgspec.Struct, frozen=True):
    """What a series query found; runs and names without points are left out.

    `cursors` holds, by run, where a stream goes on (`since`) so that no point is missed.
    """

    series: list[SeriesColumns]
    cursors: dict[str, int]


class RunPage(msgspec.Struct, frozen=True):
    """One page of runs; `next_cursor` is None on the last, `total` counts those of all pages."""

    items: list[Run]
    next_cursor: str | None
    total: int = 0


class LogPage(msgspec.Struct, frozen=True):
    """Log lines in order; `next_cursor` is the `after` of the next call, None at the end."""

    items: list[LogEntry]
    next_cursor: str | None


class SeriesList(msgspec.Struct, frozen=True):
    """The summaries of every series of a run."""

    items: list[SeriesSummary]


class MetricRows(msgspec.Struct, frozen=True):
    """Metric history in rows: `step`, `timestamp` and one key per metric logged with them."""

    items: list[dict[str, Any]]
    next_cursor: str | None
