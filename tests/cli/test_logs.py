import json

from cli.axon import Axon


def write(axon: Axon, name: str, lines: list[str]) -> None:
    folder = axon.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    _ = (folder / name).write_text("".join(f"{line}\n" for line in lines))


ENTRY = {"event": "endpoint started", "level": "info", "timestamp": "2026-01-02T03:04:05.678901Z"}


def test_lines_are_shown_for_people(axon: Axon) -> None:
    write(axon, "server.log", [json.dumps({**ENTRY, "endpoint": "digits"}), "no json"])

    said = axon.ok("logs").splitlines()

    assert said[0].startswith("2026-01-02T03:04:05.678 info    endpoint started endpoint=digits")
    assert said[1] == "no json"


def test_the_last_lines_of_the_log_that_is_asked_for_are_shown(axon: Axon) -> None:
    write(axon, "server.log", [f"s{i}" for i in range(200)])
    write(axon, "dashboard.log", ["d"])
    write(axon, "access.log", ["a"])

    assert axon.ok("logs").splitlines() == [f"s{i}" for i in range(100, 200)]
    assert axon.ok("logs", "--backend", "-n", "2").splitlines() == ["s198", "s199"]
    assert axon.ok("logs", "--frontend") == "d\n"
    assert axon.ok("logs", "--access") == "a\n"
    assert axon.ok("logs", "-n", "1", "--json") == "s199\n"


def test_following_shows_lines_as_they_come_and_outlives_a_rotation(axon: Axon) -> None:
    write(axon, "server.log", ["first", "second, and long enough"])
    path = axon.home / "logs" / "server.log"

    with axon.begin("logs", "-f") as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(2)]
        with path.open("a") as file:
            _ = file.write("third\n")
        said.append(child.stdout.readline())
        _ = path.rename(path.with_suffix(".log.1"))
        _ = path.write_text("fourth\n")
        said.append(child.stdout.readline())
        child.terminate()

    assert said == ["first\n", "second, and long enough\n", "third\n", "fourth\n"]


def test_a_log_that_is_not_there_yet_is_said(axon: Axon) -> None:
    assert "is not there yet" in axon.ok("logs")
