from cli.axon import Axon

from axonml.cli.processes import Part


def test_migrate_makes_the_data_folder_and_a_repeat_changes_nothing(axon: Axon) -> None:
    first = axon.ok("db", "migrate")
    second = axon.ok("db", "migrate")

    assert first == second == f"{axon.home} is ready\n"
    assert {"axon.db", "metrics.db", "models", "logs"} <= {p.name for p in axon.home.iterdir()}
    assert axon.home.stat().st_mode & 0o077 == 0


def test_migrate_of_a_folder_in_use_names_the_process(running: Axon) -> None:
    done = running.run("db", "migrate")

    assert done.returncode == 1
    assert f"is in use by pid {running.pid(Part.BACKEND)}" in done.stderr
