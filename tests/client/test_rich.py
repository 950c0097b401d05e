"""What a user may log wrongly: one warning that says what to do, and training goes on."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import axonml
from axonml.client.run import Run
from axonml.client.session import init
from axonml.client.spool import read_meta

Slip = Callable[[Any], object]  # what is wrong on purpose has no type


class Shy:
    """Has no text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.fixture
def run(home: Path) -> Iterator[Run]:
    begun = init(mode="offline", system=False)
    yield begun
    _ = begun.finish()


def kept(run: Run) -> int:
    return len(list(run._spool.folder.glob("media/*.json")))


SLIPS: list[tuple[str, Slip]] = [
    ('log takes names and numbers, as in log({"loss": 0.3}), not str', lambda r: r.log("x")),
    ("'a' is no number but str 'x'; left out: log words", lambda r: r.log({"a": "x"})),
    ("list [1, 2]; left out: log its mean, or how it is spread", lambda r: r.log({"a": [1, 2]})),
    ("ndarray of shape (4,); left out: log its mean", lambda r: r.log({"a": np.zeros(4)})),
    ("'a' is no number but None; left out", lambda r: r.log({"a": None})),
    ("a step is a whole number, not float 1.5; 1 is used", lambda r: r.log({"a": 1}, step=1.5)),
    ("a step is an integer, not str 'x'; counting on", lambda r: r.log({"a": 1}, step="x")),
    ("log_text did not succeed: RuntimeError: no text", lambda r: r.log_text(Shy())),
    ("is info, warning or error, not 'loud'; info is used", lambda r: r.alert("a", level="loud")),
    ("an image is an array, a tensor, a Pillow image", lambda r: r.log_image("a", 3)),
    ("an image is (h, w), (h, w, c) or (c, h, w)", lambda r: r.log_image("a", np.zeros(3))),
    (
        "a batch of shape (2, 8, 8, 3): log one of them, or all with log_images",
        lambda r: r.log_image("a", np.zeros((2, 8, 8, 3))),
    ),
    ("(0, 4) is empty or too large", lambda r: r.log_image("a", np.zeros((0, 4)))),
    ("real numbers are needed, not an array of <U1", lambda r: r.log_image("a", np.array([["a"]]))),
    (
        "real numbers are needed, not an array of complex128",
        lambda r: r.log_image("a", np.ones((2, 2), complex)),
    ),
    ("the rows of a nested list differ in length", lambda r: r.log_image("a", [[1, 2], [3]])),
    ("No such file or directory: 'no.png'", lambda r: r.log_image("a", "no.png")),
    ("test_rich.py is no PNG, JPEG, GIF or WebP", lambda r: r.log_image("a", __file__)),
    ("what these 3 bytes hold is no PNG", lambda r: r.log_image("a", b"abc")),
    ("the log of '' did not succeed: it needs a name", lambda r: r.log_image("", np.eye(2))),
    ("it takes a list of images, not int", lambda r: r.log_images("a", 3)),
    ("real numbers are needed, not an array of <U1", lambda r: r.log_histogram("a", ["x"])),
    ("a histogram needs at least one finite value", lambda r: r.log_histogram("a", [math.nan])),
    ("a histogram needs at least one finite value", lambda r: r.log_histogram("a", None)),
    ("the values are too far apart", lambda r: r.log_histogram("a", [1.7e308, -1.7e308])),
    (
        "one rising edge more, not shapes (2,) and (2,)",
        lambda r: r.log({"a": axonml.Histogram(np_histogram=([1, 2], [1, 2]))}),
    ),
    (
        "np_histogram is the counts of 1 to 512 bins",
        lambda r: r.log({"a": axonml.Histogram(np_histogram=3)}),  # pyright: ignore[reportArgumentType]
    ),
    ("row 0 has 2 cells for 1 columns", lambda r: r.log_table("a", ["x"], [[1, 2]])),
    ("row 0 is a list of cells, not int", lambda r: r.log_table("a", ["x"], [1])),
    ("the data of a table is a list of rows", lambda r: r.log_table("a", ["x"], 3)),
    ("the data of a table is a list of rows", lambda r: r.log_table("a", ["x"], {"x": [1]})),
    ("the columns of a table are a list of names", lambda r: r.log_table("a", "xy", [[1, 2]])),
    ("a table has 1 to 200 columns, not 300", lambda r: r.log_table("a", ["x"] * 300, [])),
    ("No such file or directory: 'no.txt'", lambda r: r.log_file("no.txt")),
    ("a path below its folder, such as a/b.txt", lambda r: r.log_file(__file__, "../x")),
    ("there is no file no.bin", lambda r: r.log_artifact("no.bin")),
    ("an artifact's name has 1 to 128 letters", lambda r: r.log_artifact(__file__, "a name!")),
    ("there is no file for the artifact a", lambda r: r.log_artifact(axonml.Artifact("a"))),
    ("a metric needs a name", lambda r: r.define_metric("")),
    ("one of last, min, max, mean, best, none", lambda r: r.define_metric("a", summary="median")),
    ("watch takes a torch module, not int", lambda r: r.watch(3)),
    ("a value of the summary needs a name", lambda r: r.summary.__setitem__("", 1)),
    ("'a' is no number but str 'x'", lambda r: r.summary.__setitem__("a", "x")),
    ("summary.update did not succeed", lambda r: r.summary.update(3)),
    ("config.update did not succeed: RuntimeError", lambda r: r.config.update({"a": Shy()})),
    ("config['a'] did not succeed: RuntimeError", lambda r: r.config.__setitem__("a", Shy())),
    ("config.update did not succeed: it takes a dict, not list", lambda r: r.config.update([1])),
    ("tags are a list of words, not int", lambda r: setattr(r, "tags", 3)),
    ('finishes as "completed", "failed" or "stopped", not \'done\'', lambda r: r.finish("done")),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "slip"), SLIPS, ids=[said[:40] for said, _ in SLIPS])
def test_what_is_logged_wrongly_is_one_warning_that_says_why(
    run: Run, capsys: pytest.CaptureFixture[str], sentence: str, slip: Slip
) -> None:
    _ = capsys.readouterr()

    _ = slip(run)
    _ = slip(run)

    [line] = [line for line in capsys.readouterr().err.splitlines() if "warning: " in line]
    assert sentence in line
    assert kept(run) == 0


def test_a_table_that_cannot_be_is_made_without_an_error(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    table: Any = axonml.Table(columns=3, dataframe=4)  # pyright: ignore[reportArgumentType]  # a slip

    table.add_data(1)
    run.log({"t": table})

    assert "the data of a table is a list of rows, or a data frame" in capsys.readouterr().err


def test_values_with_no_room_between_them_are_one_bin(run: Run) -> None:
    run.log_histogram("a", [1e20, 1e20])

    [body] = run._spool.folder.glob("media/*.bin")
    assert msgspec.json.decode(body.read_bytes())["counts"] == [2]


def test_several_images_of_which_one_was_given_are_that_one(run: Run) -> None:
    run.log_images("one", np.zeros((8, 8, 3)), captions="noise")
    run.log_images("grey", np.zeros((5, 8, 9)))

    assert kept(run) == 1 + 5


def test_configuration_and_summary_may_be_set_as_a_whole(run: Run) -> None:
    run.config = {"lr": 0.1}
    run.summary = {"best": 0.5}

    assert (dict(run.config), dict(run.summary)) == ({"lr": 0.1}, {"best": 0.5})
    assert read_meta(run._spool.folder).run["config"] == {"lr": 0.1}


@pytest.mark.parametrize(("code", "status"), [(0, "completed"), (1, "failed")])
def test_a_run_may_finish_with_an_exit_code(home: Path, code: Any, status: str) -> None:
    begun = init(mode="offline", system=False)
    _ = begun.finish(code)

    ending = read_meta(begun._spool.folder).ending
    assert ending is not None
    assert ending.status == status


def test_before_init_every_call_says_that_it_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    axonml.alert("a")
    axonml.save("x")

    assert "nothing is logged before axonml.init(...): alert is left out" in capsys.readouterr().err
