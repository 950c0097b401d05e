import math

from hypothesis import given
from hypothesis import strategies as st

from axonml.client.frames import Record
from axonml.client.packing import batch_of

names = st.sampled_from(["loss", "accuracy", "epoch", "system/cpu"])
logged = st.lists(st.dictionaries(names, st.floats(), min_size=1), min_size=1, max_size=40)


def as_records(rows: list[dict[str, float]]) -> list[Record]:
    return [Record(i + 1, 1000 + i, i, row) for i, row in enumerate(rows)]


@given(logged)
def test_every_point_arrives_once_and_each_series_in_order(rows: list[dict[str, float]]) -> None:
    batch = batch_of("w", as_records(rows))

    for name in {name for row in rows for name in row}:
        sent = [
            (int(step), float(value))
            for block in batch.blocks
            if name in block.names
            for step, value in zip(block.step, block.values[block.names.index(name)], strict=True)
        ]
        expected = [(i, row[name]) for i, row in enumerate(rows) if name in row]
        assert [step for step, _ in sent] == [step for step, _ in expected]
        assert all(
            a == b or (math.isnan(a) and math.isnan(b))
            for (_, a), (_, b) in zip(sent, expected, strict=True)
        )
    assert (batch.first_seq, batch.last_seq) == (1, len(rows))


def test_metrics_and_system_figures_in_turn_make_two_blocks() -> None:
    rows = [{"loss": 1.0}, {"system/cpu": 0.5}] * 50

    batch = batch_of("w", as_records(rows))

    assert [block.names for block in batch.blocks] == [("loss",), ("system/cpu",)]


def test_lines_of_text_are_acknowledged_with_the_batch_but_not_in_it() -> None:
    text = Record(2, 5, None, {"info": "hello"})

    batch = batch_of("w", [Record(1, 5, 0, {"loss": 1.0}), text])
    only_text = batch_of("w", [text])

    assert (batch.first_seq, batch.last_seq, batch.n_points) == (1, 2, 1)
    assert (only_text.first_seq, only_text.last_seq, only_text.blocks) == (2, 2, ())
