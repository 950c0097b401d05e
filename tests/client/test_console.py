import sys
import threading

import pytest

from axonml.client.console import MAX_LINE, Console, LineSplitter


def test_a_progress_bar_becomes_its_last_state() -> None:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)

    for text in ("10%\r", "20%\r50", "%\r100%\nne", "xt\r\nlast"):
        splitter.feed(text)
    splitter.flush()
    splitter.flush()

    assert lines == ["100%", "next", "last"]


def test_colours_stay() -> None:
    lines: list[str] = []

    LineSplitter(lines.append).feed("\x1b[31mred\x1b[0m\n")

    assert lines == ["\x1b[31mred\x1b[0m"]


def test_an_endless_line_does_not_fill_the_memory_and_says_what_was_cut() -> None:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)

    for _ in range(100):
        splitter.feed("x" * 10_000)
    held = len(splitter._rest)
    splitter.feed("\nnext\n" + "y" * (MAX_LINE + 1) + "\n")

    assert held <= MAX_LINE
    assert lines == [
        f"{'x' * MAX_LINE} ... ({1_000_000 - MAX_LINE} characters cut)",
        "next",
        f"{'y' * MAX_LINE} ... (1 characters cut)",
    ]


def test_lines_that_threads_print_at_once_are_all_there() -> None:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)

    def work(number: int) -> None:
        for i in range(500):
            splitter.feed(f"{number} {i}\n")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(lines) == sorted(f"{n} {i}" for n in range(4) for i in range(500))


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
