import sys

import pytest

from axonml.client.console import Console, LineSplitter


def test_a_progress_bar_becomes_its_last_state() -> None:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)

    for text in ("10%\r", "20%\r50", "%\r100%\nne", "xt\r\nlast"):
        splitter.feed(text)
    splitter.flush()
    splitter.flush()

    assert lines == ["100%", "next", "last"]


def test_an_endless_line_does_not_fill_the_memory() -> None:
    splitter = LineSplitter(list[str]().append)

    for _ in range(100):
        splitter.feed("x" * 10_000)

    assert len(splitter._rest) <= (1 << 16) + 10_000


def test_what_is_printed_goes_on_to_the_terminal_and_the_streams_come_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    got: list[tuple[str, str]] = []
    before = sys.stdout, sys.stderr
    console = Console(lambda line, level: got.append((line, level)))

    console.start()
    _ = sys.stdout.write("out\n")
    _ = sys.stderr.write("err\n")
    sys.stdout.writelines(["a\n", "b\n"])
    console.stop()
    console.stop()

    assert got == [("out", "info"), ("err", "warning"), ("a", "info"), ("b", "info")]
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr() == ("out\na\nb\n", "err\n")
