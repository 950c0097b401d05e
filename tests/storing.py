"""A process that stores until it is killed, and prints what was acknowledged to it.

    python storing.py HOME [WRITER=LAST_SEQ ...]

Each line it prints was durable before: `metric WRITER LAST_SEQ`, `log LAST_LINE`, `document N`.
"""

import asyncio
import sys
from pathlib import Path

import numpy as np

from axonml.columns import Block, MetricBatch, encode_batch
from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.storage.protocols import Statement, Storage

RUN = "survivor"
ROWS = 40
NAMES = ("loss", "accuracy")


def tell(*words: object) -> None:
    """Print a line at once: after the kill it is all that is left of the process."""
    _ = sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def a_batch(writer: str, first: int) -> MetricBatch:
    """Return records `first` and on, one a step; the value is the step."""
    step = np.arange(first, first + ROWS)
    block = Block(NAMES, step, step, np.tile(step.astype(np.float64), (len(NAMES), 1)))
    return MetricBatch(writer, first, first + ROWS - 1, (block,))


async def log_metrics(storage: Storage, writer: str, last_seq: int) -> None:
    """Send from `last_seq` on, as a script does that lost the last answer."""
    while True:
        batch = a_batch(writer, last_seq + 1)
        appended = await storage.series.append(RUN, batch, encode_batch(batch))
        last_seq = appended.last_seq
        tell("metric", writer, last_seq)


async def log_lines(storage: Storage) -> None:
    """Write numbered lines, one after the other."""
    while True:
        (last,) = await storage.series.read_log(RUN, after=-1, limit=1) or [None]
        number = int(last.message) + 1 if last else 1
        lines = [(i, "info", str(i)) for i in range(number, number + 3)]
        tell("log", (await storage.series.append_log(RUN, lines)).last_seq)


async def write_documents(storage: Storage) -> None:
    """Count up in documents of their own."""
    rows = await storage.documents.read(Statement("SELECT count(*) FROM axonml_runs"))
    number = int(rows[0][0])
    while True:
        number += 1
        insert = Statement("INSERT INTO axonml_runs VALUES ($1, '{}', 1, 0, 0)", (str(number),))
        _ = await storage.documents.write(insert)
        tell("document", number)


async def pack(storage: Storage) -> None:
    """Pack as often as can be, so that many kills hit a packing."""
    while True:
        await storage.series.finish(RUN)
        await asyncio.sleep(0.01)


async def main(home: Path, known: dict[str, int]) -> None:
    """Do all of it at once until the kill."""
    storage = await open_storage(Config(home))
    tell("open")
    async with asyncio.TaskGroup() as group:
        for writer in ("rank0", "rank1"):
            _ = group.create_task(log_metrics(storage, writer, known.get(writer, 0)))
        _ = group.create_task(log_lines(storage))
        _ = group.create_task(write_documents(storage))
        _ = group.create_task(pack(storage))


if __name__ == "__main__":
    pairs = [argument.split("=") for argument in sys.argv[2:]]
    asyncio.run(main(Path(sys.argv[1]), {writer: int(seq) for writer, seq in pairs}))
