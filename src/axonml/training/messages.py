"""What streams say, encoded once for everyone who watches.

A frame's body is one JSON message a line.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from axonml.clock import as_datetime
from axonml.columns import Block, MetricBatch
from axonml.ids import RunId
from axonml.training.history import numbers_of
from axonml.training.types import Alert, LogEntry, Run


def metrics_topic(run: RunId) -> str:
    """Return the topic of the run's batches as columns."""
    return f"columns:{run}"


def steps_topic(run: RunId) -> str:
    """Return the topic of the run's batches as one message a step."""
    return f"steps:{run}"


def status_topic(run: RunId) -> str:
    """Return the topic of the run's changes of state."""
    return f"status:{run}"


def log_topic(run: RunId) -> str:
    """Return the topic of the run's log lines."""
    return f"log:{run}"


def columns_messages(run: RunId, seq: int, batch: MetricBatch) -> bytes:
    """Return the batch as messages of the many-run stream, one a line, one for each block."""
    return b"\n".join(
        msgspec.json.encode(
            {
                "type": "columns",
                "run": run,
                "seq": seq,
                "names": block.names,
                "step": block.step.tolist(),
                "wall_ms": block.wall_ms.tolist(),
                "values": [numbers_of(column) for column in block.values],
            }
        )
        for block in batch.blocks
    )


def step_messages(seq: int, batch: MetricBatch) -> bytes:
    """Return the batch as messages of the one-run stream, one a line, one for each row."""
    return b"\n".join(
        msgspec.json.encode({"type": "metrics", "seq": seq, "data": row})
        for block in batch.blocks
        for row in _rows_of(block)
    )


def _rows_of(block: Block) -> Iterable[dict[str, Any]]:
    columns = [numbers_of(column) for column in block.values]
    for i, (step, wall_ms) in enumerate(
        zip(block.step.tolist(), block.wall_ms.tolist(), strict=True)
    ):
        named = {name: column[i] for name, column in zip(block.names, columns, strict=True)}
        yield {
            "epoch": named.pop("epoch", None),
            "step": step,
            "timestamp": as_datetime(wall_ms),
            **named,
        }


def status_message(run: Run) -> bytes:
    """Return the message that tells a run's state."""
    data = {
        "status": run.status,
        "completed_at": run.completed_at,
        "reason": run.reason,
        "stop_requested": run.stop_requested,
    }
    return msgspec.json.encode({"type": "status", "run": run.id, "data": data})


def log_message(run: RunId, entries: Sequence[LogEntry]) -> bytes:
    """Return the message that carries new log lines."""
    return msgspec.json.encode({"type": "log", "run": run, "data": {"lines": entries}})


def alert_message(run: RunId, alert: Alert, level: str) -> bytes:
    """Return the message that a script asks people to look; its line is in the log as well."""
    data = {"title": alert.title, "text": alert.text, "level": level}
    return msgspec.json.encode({"type": "alert", "run": run, "data": data})


def media_message(run: RunId, kind: str, key: str, step: int) -> bytes:
    """Return the message that a rich value or a file has arrived: read it from its list."""
    data = {"kind": kind, "key": key, "step": step}
    return msgspec.json.encode({"type": "media", "run": run, "data": data})


def gap_message(n_dropped: int) -> bytes:
    """Return the message that says: frames were dropped here, read the history."""
    return msgspec.json.encode({"type": "gap", "data": {"dropped": n_dropped}})
