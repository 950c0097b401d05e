import math
import os
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from client.fake_server import FakeServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import axonml
from axonml.client.frames import Record
from axonml.client.offline import sync
from axonml.client.run import Run
from axonml.client.spool import SpoolReader, read_meta


def offline(home: Path) -> Run:
    return axonml.init("p", "n", mode="offline", home=home, system=False)


def records_of(run: Run) -> list[Record]:
    reader, records = SpoolReader(run._spool.folder), list[Record]()
    while some := reader.read():
        records += some
    return records


def values_of(run: Run) -> list[dict[str, float]]:
    return [record.values for record in records_of(run) if not record.is_text]


def test_what_log_was_given_is_in_the_file_when_it_returns(home: Path) -> None:
    run = offline(home)

    run.log({"loss": 0.5, "accuracy": 1})
    run.log({"loss": 0.25}, step=10)
    run.log({"loss": 0.125})

    assert [(record.step, record.values) for record in records_of(run)] == [
        (0, {"loss": 0.5, "accuracy": 1}),
        (10, {"loss": 0.25}),
        (11, {"loss": 0.125}),
    ]
    assert (run.step, run.summary["loss"], run.summary["accuracy"]) == (11, 0.125, 1)


def test_scalars_of_numpy_and_numbers_of_any_kind_are_taken(home: Path) -> None:
    run = offline(home)

    run.log(
        {
            "f32": np.float32(0.5), "i64": np.int64(3), "zero_d": np.array(2.5),
            "one": np.array([1.5]), "bool": True, "huge": 10**30, "fraction": Fraction(1, 4),
            "val": {"loss": 0.75},
        },
        step=np.int64(4),  # pyright: ignore[reportArgumentType]  # scripts do
    )  # fmt: skip

    [record] = records_of(run)
    assert record.step == 4
    assert record.values == {
        "f32": 0.5, "i64": 3, "zero_d": 2.5, "one": 1.5, "bool": 1, "huge": 1e30,
        "fraction": 0.25, "val/loss": 0.75,
    }  # fmt: skip


def test_nan_and_infinities_are_kept(home: Path) -> None:
    run = offline(home)

    run.log({"a": float("nan"), "b": float("inf"), "c": float("-inf")})

    [values] = values_of(run)
    assert math.isnan(values["a"])
    assert (values["b"], values["c"]) == (math.inf, -math.inf)


def test_a_value_that_is_no_number_is_named_once_and_the_others_are_kept(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = offline(home)

    for _ in range(3):
        run.log({"loss": 0.5, "note": "text"})

    assert values_of(run) == [{"loss": 0.5}] * 3
    assert capsys.readouterr().err.count("'note' is no number but str 'text'") == 1


class Hostile:
    """Raises whatever it is asked."""

    def __float__(self) -> float:
        raise RuntimeError("no")

    def __str__(self) -> str:
        raise KeyError("no")

    def __getattr__(self, name: str) -> object:
        raise ZeroDivisionError(name)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary()
    | st.complex_numbers() | st.builds(Hostile) | st.just(np.zeros(3)) | st.just(object()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.none(), inner),
    max_leaves=8,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(values=anything, step=anything)
def test_log_never_raises(home: Path, values: object, step: object) -> None:
    run = offline(home)

    run.log(values, step)  # pyright: ignore[reportArgumentType]  # that is the point
    run.log({"loss": 1.0})

    assert records_of(run)[-1].values == {"loss": 1.0}
    assert run.finish() is False


def test_many_threads_log_without_losing_a_point(home: Path) -> None:
    run = offline(home)

    def work(number: int) -> None:
        for step in range(200):
            run.log({f"loss{number}": float(step)}, step=step)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    records = records_of(run)
    assert [record.seq for record in records] == list(range(1, 801))
    assert len([1 for record in records if "loss3" in record.values]) == 200


def test_a_signal_handler_may_log_while_the_script_does(home: Path) -> None:
    run = offline(home)
    fired = 0

    def on_alarm(number: int, frame: object) -> None:
        nonlocal fired
        fired += 1
        run.log({"alarm": 1.0})

    before = signal.signal(signal.SIGALRM, on_alarm)
    _ = signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        for _ in range(20_000):
            run.log({"loss": 1.0})
    finally:
        _ = signal.setitimer(signal.ITIMER_REAL, 0)
        _ = signal.signal(signal.SIGALRM, before)
    _ = run.finish()

    values = values_of(run)
    assert fired
    assert values.count({"alarm": 1.0}) == fired
    assert values.count({"loss": 1.0}) == 20_000


def test_what_is_logged_after_the_end_is_said_to_be_lost(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = offline(home)
    run.log({"loss": 1.0})
    _ = run.finish()

    run.log({"loss": 2.0})
    run.log({"loss": 3.0})

    assert values_of(run) == [{"loss": 1.0}]
    assert capsys.readouterr().err.count("is finished; what is logged now is lost") == 1


def test_a_folder_that_cannot_be_written_does_not_stop_the_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ = (tmp_path / "file").write_text("not a folder")

    run = axonml.init("p", home=tmp_path / "file", system=False)
    run.log({"loss": 1.0})

    assert run.finish()
    assert "nothing is logged" in capsys.readouterr().err


FULL_DISK = """
import resource, signal
import axonml
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
run = axonml.init("full", system=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
for step in range(1000):
    run.log({"loss": 1.0})
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(run.finish())
"""


def test_an_end_says_what_a_full_disk_has_lost(server: FakeServer, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "AXON_SERVER": server.url, "AXON_TOKEN": server.token},
    )  # fmt: skip

    assert done.stdout.strip() == "False"
    assert "could not be written and are lost" in done.stderr
    assert (home / "spool").exists()


def test_a_disabled_run_touches_nothing(home: Path) -> None:
    run = axonml.init("p", mode="disabled", home=home)

    run.log({"loss": 1.0})
    run.log_text("hello")

    assert run.log_model(b"", "m") is None
    assert run.finish()
    assert not home.exists()


def test_the_summary_holds_the_last_values_and_what_is_set_in_their_place(home: Path) -> None:
    run = offline(home)
    run.log({"loss": 1.0}, step=5)

    run.summary["best"] = np.float32(0.5)
    run.summary.update({"worst": 2.0, "loss": float("nan")})
    run.log({"loss": 3.0})

    assert run.summary["best"] == 0.5
    assert str(run.summary["loss"]) == "nan"
    assert sorted(run.summary) == ["best", "loss", "worst"]
    assert values_of(run) == [{"loss": 1.0}, {"loss": 3.0}]
    assert read_meta(run._spool.folder).changes == {
        "summary": {"best": 0.5, "worst": 2.0, "loss": "NaN"}
    }


def test_what_a_metric_is_defined_as_is_kept_with_the_run(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = offline(home)

    run.define_metric("val/*", step_metric="epoch", summary="min,max")
    run.define_metric("acc", goal="maximize", summary="best")
    run.define_metric("odd", summary="middle", hidden=True)

    said = capsys.readouterr().err
    assert read_meta(run._spool.folder).changes["definitions"] == {
        "val/*": {"step_metric": "epoch", "summary": "min"},
        "acc": {"summary": "best", "goal": "maximize"},
        "odd": {},
    }
    assert "define_metric does not know hidden; ignored" in said
    assert "the summary of a metric is one of last, min, max, mean, best, none" in said


def test_name_tags_and_notes_may_be_set_later(server: FakeServer) -> None:
    run = axonml.init("p", "first", server=server.url, token=server.token, system=False)
    run.log({"loss": 1.0})

    run.name = "second"
    run.tags += ("late",)
    run.notes = "it went well"

    assert (run.name, run.tags, run.notes) == ("second", ("late",), "it went well")
    assert run.finish()
    stored = server.runs[run.id]
    assert (stored["name"], stored["tags"], stored["notes"]) == ("second", ["late"], "it went well")


def test_values_that_are_not_committed_join_the_next_call(home: Path) -> None:
    run = offline(home)

    run.log({"a": 1.0}, commit=False)
    run.log({"b": 2.0}, commit=False)
    run.log({"c": 3.0})
    run.log({"a": 4.0}, step=7, commit=False)
    run.log({"b": 5.0}, step=8)
    run.log({"c": 6.0}, commit=False)
    _ = run.finish()

    assert [(record.step, record.values) for record in records_of(run)] == [
        (0, {"a": 1.0, "b": 2.0, "c": 3.0}),
        (7, {"a": 4.0}),
        (8, {"b": 5.0}),
        (9, {"c": 6.0}),
    ]


def test_an_alert_is_a_line_of_the_log_with_its_title(server: FakeServer) -> None:
    run = axonml.init("p", "n", server=server.url, token=server.token, system=False)

    run.alert("Loss is NaN", "at step 7\nof epoch 2", level="ERROR")
    run.alert("half way")

    assert run.finish()
    assert server.lines[run.id] == ["Loss is NaN: at step 7\nof epoch 2", "half way"]
    assert server.alerts == [
        ("error", {"title": "Loss is NaN", "text": "at step 7\nof epoch 2"}),
        ("info", {"title": "half way", "text": ""}),
    ]


def test_a_clock_that_is_set_back_moves_no_point_before_another(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = offline(home)
    run.log({"loss": 1.0})

    monkeypatch.setattr(time, "time_ns", lambda: 0)
    run.log({"loss": 2.0})

    first, second = records_of(run)
    assert 0 <= second.wall_ms - first.wall_ms < 60_000


def test_a_change_of_the_configuration_is_kept_with_the_run(home: Path) -> None:
    run = axonml.init("p", config={"lr": 0.1}, mode="offline", home=home)

    run.config["lr"] = np.float32(0.5)
    run.config.update(layers=(1, 2), path=Path("x"))

    kept = read_meta(run._spool.folder).run["config"]
    assert kept == {"lr": 0.5, "layers": [1, 2], "path": "x"}
    assert run.config == kept


def test_an_error_in_the_with_block_fails_the_run_with_its_reason(server: FakeServer) -> None:
    begun: list[Run] = []

    def train() -> None:
        with axonml.init("p", server=server.url, token=server.token, system=False) as run:
            begun.append(run)
            run.log({"loss": 1.0})
            raise ValueError("the data is gone")

    with pytest.raises(ValueError, match="the data is gone"):
        train()

    ended = server.runs[begun[0].id]
    assert (ended["status"], ended["reason"]) == ("failed", "ValueError: the data is gone")
    assert server.points(begun[0].id, "loss") == [(0, 1.0)]


def test_finish_gives_up_in_time_and_says_where_the_rest_is(
    server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.stop()
    run = axonml.init("p", server=server.url, token=server.token, system=False)
    run.log({"loss": 1.0})

    assert not run.finish(timeout_s=0.3)

    said = capsys.readouterr().err
    assert f"1 records are kept in {run._spool.folder}" in said
    assert "`axon sync` sends them" in said


def test_a_script_that_finishes_without_a_server_is_told_once_where_the_rest_is(
    server: FakeServer, home: Path
) -> None:
    server.stop()

    done = run_script(server, home, "run.log({'loss': 1.0})\nrun.finish(timeout_s=0.2)")

    assert done.returncode == 0
    assert done.stderr.count("records are kept in") == 1


# ------------------------------------------------------------------ other processes
SCRIPT = """
import os, signal, sys
import axonml
run = axonml.init("p", "n", server=os.environ["URL"], token="secret", system=False)
"""


def run_script(server: FakeServer, home: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT + code],
        env={**os.environ, "URL": server.url, "AXONML_HOME": str(home)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def only_run(server: FakeServer) -> str:
    [run] = server.runs
    return run


def test_the_end_of_the_script_ends_the_run(server: FakeServer, home: Path) -> None:
    done = run_script(server, home, "run.log({'loss': 1.0})")

    assert done.returncode == 0
    assert "watching at http" in done.stderr
    assert server.runs[only_run(server)]["status"] == "completed"


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("raise ValueError('bad data')", "failed", "ValueError: bad data"),
        ("raise KeyboardInterrupt", "stopped", "interrupted from the keyboard"),
        ("axonml.finish('stopped', reason='enough')", "stopped", "enough"),
    ],
)
def test_the_run_says_how_its_script_ended(
    server: FakeServer, home: Path, code: str, status: str, reason: str
) -> None:
    _ = run_script(server, home, f"axonml.log({{'loss': 1.0}})\n{code}")

    run = only_run(server)
    assert (server.runs[run]["status"], server.runs[run]["reason"]) == (status, reason)
    assert server.points(run, "loss") == [(0, 1.0)]


KILLED = """
step = 0
while True:
    run.log({"loss": float(step)}, step=step)
    os.write(1, b"%d\\n" % step)
    step += 1
"""


@pytest.mark.parametrize("server_is", ["away", "there"])
def test_every_point_logged_before_a_kill_arrives_once(
    server: FakeServer, home: Path, server_is: str
) -> None:
    if server_is == "away":
        server.stop()
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT + KILLED],
        env={**os.environ, "URL": server.url, "AXONML_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None
    printed = b""
    while printed.count(b"\n") < 20_000:
        printed += os.read(child.stdout.fileno(), 1 << 16)
    child.kill()
    printed += child.stdout.read()
    child.stdout.close()
    _ = child.wait()
    returned = int(printed.rpartition(b"\n")[0].split(b"\n")[-1]) + 1

    if server_is == "away":
        server.start()
    [synced] = sync(home, server.url, server.token)

    run = only_run(server)
    points = server.points(run, "loss")
    assert synced.problem == ""
    assert len(points) >= returned
    assert points == [(step, float(step)) for step in range(len(points))]
    assert server.runs[run]["status"] == "failed"
    assert not list((home / "spool").iterdir())


FORKED = """
import multiprocessing
axonml.log({"parent": 1.0})
def work(number):
    axonml.log({"child": float(number)}, step=number)
    if number == 2:
        os._exit(0)
context = multiprocessing.get_context("fork")
workers = [context.Process(target=work, args=(number,)) for number in range(4)]
for worker in workers: worker.start()
for worker in workers: worker.join()
axonml.log({"parent": 2.0})
"""


def test_forked_workers_log_beside_their_parent_and_nothing_is_lost(
    server: FakeServer, home: Path
) -> None:
    done = run_script(server, home, FORKED)

    run = only_run(server)
    assert done.returncode == 0, done.stderr
    assert server.points(run, "parent") == [(0, 1.0), (1, 2.0)]
    assert sorted(server.points(run, "child")) == [(i, float(i)) for i in range(4)]
    assert len({batch.writer for batch in server.batches[run]}) == 5
    assert server.runs[run]["status"] == "completed"


def test_a_script_joins_the_run_that_it_was_started_for(
    server: FakeServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = axonml.init("p", "outer", {"a": 1}, server=server.url, token="secret", system=False)
    server.wait_for(lambda: outer.id in server.runs)
    monkeypatch.setenv("AXON_RUN_ID", outer.id)

    _ = run_script(server, home, "run.config['b'] = 2\nrun.log({'loss': 1.0})")

    ended_by_script = server.runs[outer.id]["status"]
    assert only_run(server) == outer.id
    assert ended_by_script == "running"
    assert server.points(outer.id, "loss") == [(0, 1.0)]
    assert server.runs[outer.id]["config"] == {"a": 1, "b": 2}
    assert outer.finish()


def test_what_the_script_prints_is_in_the_log_where_asked_for(
    server: FakeServer, home: Path
) -> None:
    code = """
axonml.finish()
run = axonml.init("p", "n", server=os.environ["URL"], token="secret", capture_console=True)
print("one")
sys.stdout.write("10%\\r20%\\rdone\\n")
print("no end of line", end="")
run.finish()
print("after")
"""

    done = run_script(server, home, code)

    [lines] = server.lines.values()
    assert lines == ["one", "done", "no end of line"]
    assert "after" in done.stdout
