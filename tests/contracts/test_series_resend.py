"""Whatever is resent, overlaps or is packed meanwhile: each record is stored once."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from factories import a_batch, append
from fakes import MemorySeries
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from axonml.columns import MetricBatch, encode_batch
from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.storage.protocols import Series

writers = st.sampled_from(["rank0", "rank1"])


class Sending(RuleBasedStateMachine):
    """Two scripts send to one run: forward, again, overlapping, from an earlier step."""

    def __init__(self) -> None:
        super().__init__()
        self.runner: Final = asyncio.Runner()
        self.series: Series = MemorySeries()
        self.stored: Final[list[MetricBatch]] = []
        self.cursors: Final[list[int]] = []
        self.packed = 0

    def teardown(self) -> None:
        self.runner.close()

    def last_seq(self, writer: str) -> int:
        return max((b.last_seq for b in self.stored if b.writer == writer), default=0)

    @rule(writer=writers, n=st.integers(1, 40), back=st.integers(0, 60), gap=st.integers(0, 2))
    def send(self, writer: str, n: int, back: int, gap: int) -> None:
        first = self.last_seq(writer) + 1 + gap
        batch = a_batch(
            first,
            n,
            writer=writer,
            steps=first + np.arange(n) - back,
            values=np.arange(n, dtype=np.float64) + 1000 * len(self.stored),
        )
        appended = self.runner.run(append(self.series, "r", batch))
        self.stored.append(batch)
        self.cursors.append(appended.cursor)

        assert appended.is_new
        assert appended.last_seq == batch.last_seq
        assert self.cursors == sorted(set(self.cursors))

    @rule(writer=writers, n=st.integers(1, 40), before=st.integers(0, 30))
    def send_again(self, writer: str, n: int, before: int) -> None:
        last_seq = self.last_seq(writer)
        if not last_seq:
            return
        again = a_batch(max(1, last_seq - before), n, writer=writer)

        appended = self.runner.run(append(self.series, "r", again))

        assert not appended.is_new
        assert appended.last_seq == last_seq
        assert appended.cursor == self.cursors[-1]

    @rule()
    def finish(self) -> None:
        self.runner.run(self.series.finish("r"))
        self.packed = self.cursors[-1] if self.cursors else 0

    @rule(place=st.integers(0, 100))
    def go_on_after(self, place: int) -> None:
        cursors = [0, *self.cursors]
        cursor = cursors[place % len(cursors)]

        since = self.runner.run(self.series.since("r", cursor))

        if cursor < self.packed:
            assert since is None
        else:
            assert since == [
                (at, encode_batch(batch))
                for at, batch in zip(self.cursors, self.stored, strict=True)
                if at > cursor
            ]

    @invariant()
    def every_record_is_there_once(self) -> None:
        slices = self.runner.run(self.series.read("r", ["loss"]))
        infos = self.runner.run(self.series.info(["r"]))

        if not self.stored:
            assert slices == []
            return
        (loss,) = slices
        step = np.concatenate([batch.blocks[0].step for batch in self.stored])
        value = np.concatenate([batch.blocks[0].values[0] for batch in self.stored])
        order = np.argsort(step, kind="stable")
        assert loss.step.tolist() == step[order].tolist()
        assert loss.value.tolist() == value[order].tolist()
        (info,) = infos["r"]
        assert (info.n_points, info.last_step) == (len(step), step.max())
        assert info.last_value == value[order][-1]
        assert (info.lowest, info.highest) == (value.min(), value.max())


class SendingEmbedded(Sending):
    """The same to SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.folder: Final = tempfile.TemporaryDirectory()
        self.storage: Final = self.runner.run(open_storage(Config(Path(self.folder.name))))
        self.series = self.storage.series

    def teardown(self) -> None:
        self.runner.run(self._close())
        super().teardown()
        self.folder.cleanup()

    async def _close(self) -> None:
        await self.storage.close()


TestSendingToMemory = Sending.TestCase
TestSendingToMemory.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestSendingToEmbedded = SendingEmbedded.TestCase
TestSendingToEmbedded.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
