"""The process that weighs parameters: ready before it is asked, and gone when nobody asks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import until

from axonml.training.forest import Column, Samples
from axonml.training.weigher import Weigher

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(os.name == "nt", reason="reads /proc")]

SAMPLES = Samples([Column("lr", True, [float(i) for i in range(12)])], [i / 2 for i in range(12)])


@pytest.fixture(autouse=True)
def _sklearn() -> None:
    pytest.importorskip("sklearn")


def waiting() -> set[int]:
    """Return the processes of ours that weigh, or wait to."""
    return set(_found())


def _found() -> Iterator[int]:
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if int(parent) == os.getpid() and b"axonml.training.forest" in words:
            yield int(place.name)


async def test_one_process_waits_however_often_it_is_warmed_and_answers_the_next_question() -> None:
    weigher = Weigher()
    await weigher.warm()
    await until(lambda: len(waiting()) == 1)
    (spare,) = waiting()
    await weigher.warm()
    assert waiting() == {spare}

    weights = await weigher.weigh(SAMPLES)

    assert weights.items[0].key == "lr"
    await until(lambda: len(waiting()) == 1)
    assert spare not in waiting()
    await weigher.close()
    assert waiting() == set()


async def test_a_process_that_nobody_asks_ends() -> None:
    weigher = Weigher(spare_s=0.2)

    await weigher.warm()

    await until(lambda: len(waiting()) == 1)
    await until(lambda: not waiting())
    await weigher.close()


async def test_a_process_that_was_killed_while_it_waited_is_replaced() -> None:
    weigher = Weigher()
    await weigher.warm()
    await until(lambda: len(waiting()) == 1)
    (spare,) = waiting()
    os.kill(spare, 9)
    await until(lambda: not waiting())

    weights = await weigher.weigh(SAMPLES)

    assert weights.items[0].key == "lr"
    await weigher.close()
