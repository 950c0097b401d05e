import pytest

from axonml.client.notices import Quietly, forget, say, warn_once


def test_a_warning_is_said_once_until_what_it_warned_of_has_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(3):
        warn_once("k", "the server is away")
    forget("k")
    warn_once("k", "the server is away again")

    assert capsys.readouterr().err.splitlines() == [
        "axonml: warning: the server is away",
        "axonml: warning: the server is away again",
    ]


def test_a_closed_terminal_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)

    say("nobody hears this")


def test_an_error_becomes_a_warning_and_an_interrupt_passes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Quietly("log"):
        raise ValueError("bad")
    with pytest.raises(KeyboardInterrupt), Quietly("log"):
        raise KeyboardInterrupt

    assert capsys.readouterr().err == "axonml: warning: log did not succeed: bad\n"
