"""What a user may get wrong in `init`: each slip is said at once, in a sentence that names it."""

import argparse
import dataclasses
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import axonml
from axonml.client.arguments import config_said
from axonml.client.session import current, init
from axonml.ids import new_id

RUN = new_id()


class Shy:
    """Has no text."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")


OF_ANOTHER_TYPE: list[tuple[dict[str, Any], str]] = [
    ({"tags": "abc"}, "tags is a list of words: tags=['abc'], not tags='abc'"),
    ({"tags": 3}, 'tags is a list such as ["first", "team=vision"], not int 3'),
    ({"tags": {"team": "vision"}}, "tags is a list such as"),
    ({"tags": ["a", None]}, "tags[1] is a word, not None"),
    ({"config": [1]}, "config is a dict, a dataclass or an argparse namespace, not list [1]"),
    ({"config": "lr=1"}, "config is a dict, a dataclass or an argparse namespace, not 'lr=1'"),
    ({"config": Shy}, "config is a dict, a dataclass or an argparse namespace, not type"),
    ({"config": {"a": {"b": Shy()}}}, "config['a'] can be kept neither as JSON nor as text"),
    ({"name": 3}, "name is a text, not int 3"),
    ({"project": Shy()}, "project is a text, not Shy <Shy instance"),
    ({"notes": ["a"]}, "notes is a text, not list ['a']"),
    ({"id": 5}, "id is a text, not int 5"),
    ({"mode": 3}, "mode is a text, not int 3"),
    ({"server": 8080}, "server is a text, not int 8080"),
    ({"fork_from": 3}, "fork_from is a text, not int 3"),
    ({"rank": 1.0}, "rank is a whole number, not float 1.0"),
    ({"home": 3}, "home is the path of a folder, not int 3"),
    ({"system": "no"}, "system is True or False, not 'no'"),
    ({"capture_console": 1}, "capture_console is True or False, not int 1"),
]
IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"tags": ["a", "t" * 65]}, "tags[1] has 65 characters, and a tag has at most 64"),
    ({"tags": map(str, range(65))}, "a run has at most 64 tags, not 65"),
    ({"name": "n" * 257}, "name has 257 characters, and at most 256 are kept"),
    ({"project": "p" * 257}, "project has 257 characters, and at most 256 are kept"),
    ({"notes": "n" * 65_537}, "notes has 65537 characters, and at most 65536 are kept"),
    (
        {"config": {"lr": 1, "names": ["x" * 60_000] * 50}},
        "config has 2 MiB as JSON, and the server takes 2 MiB; the largest value is 'names'",
    ),
    ({"mode": "ofline"}, 'mode is "online", "offline" or "disabled", not \'ofline\''),
    ({"id": RUN, "run_id": new_id()}, "id and run_id are two names of one argument: give one"),
    ({"resume": "yes"}, 'resume is "must", "allow" or "never", not \'yes\''),
    ({"resume": "must", "id": "my-run"}, "resume is must, and 'my-run' is no run's id"),
    ({"fork_from": "x"}, 'fork_from is "RUN?step=N" or "RUN", where RUN is a run\'s id, not \'x\''),
    ({"fork_from": f"{RUN}?step=x"}, "fork_from is"),
    ({"fork_from": RUN, "resume": "allow"}, "a run is resumed or forked, not both"),
    ({"rank": -1}, "rank is the number of a process, from 0, not -1"),
    ({"server": "not a url"}, "server is an address such as http://localhost:3000"),
    ({"server": "ftp://host"}, "server is an address such as http://localhost:3000"),
    ({"server": "http://host:99999"}, "not 'http://host:99999'"),
    ({"token": "a\nb"}, "token has characters that no token has"),
]


def offline(said: dict[str, Any]) -> dict[str, Any]:
    return {"mode": "offline", **said}


def named(slips: list[tuple[dict[str, Any], str]]) -> list[str]:
    return [" and ".join(said) for said, _ in slips]


@pytest.mark.parametrize(("said", "sentence"), OF_ANOTHER_TYPE, ids=named(OF_ANOTHER_TYPE))
def test_an_argument_of_another_type_is_said_at_once(
    home: Path, said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(sentence)):
        _ = init(**offline(said))

    assert not home.exists()


@pytest.mark.parametrize(("said", "sentence"), IMPOSSIBLE, ids=named(IMPOSSIBLE))
def test_an_argument_that_cannot_be_is_said_at_once(
    home: Path, said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(axonml.AxonmlError, match=re.escape(sentence)) as caught:
        _ = init(**offline(said))

    assert isinstance(caught.value, ValueError)
    assert caught.value.code.startswith("bad_")
    assert not home.exists()


def test_a_wrong_variable_of_the_environment_is_said_like_an_argument(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXON_SERVER", "http://host:port")

    with pytest.raises(ValueError, match="not 'http://host:port'"):
        _ = init(mode="offline")


def test_a_slip_in_the_next_init_leaves_the_run_before_it_going(home: Path) -> None:
    run = init(mode="offline", system=False)

    with pytest.raises(TypeError):
        _ = init(tags="abc", mode="offline")

    assert not run.is_over
    assert current() is run


@dataclasses.dataclass
class Settings:
    lr: float = 0.1


class Dumped:
    """Tells what it holds as pydantic's models do."""

    def model_dump(self) -> dict[str, float]:
        return {"lr": 0.1}


@pytest.mark.parametrize(
    "config",
    [
        {"lr": 0.1}, Settings(), argparse.Namespace(lr=0.1), SimpleNamespace(lr=0.1), Dumped(),
    ],
)  # fmt: skip
def test_whatever_has_names_and_values_is_a_configuration(config: object) -> None:
    assert config_said(config) == {"lr": 0.1}


def test_what_json_has_no_word_for_is_kept_as_text() -> None:
    found = config_said({"clip": float("inf"), "bad": float("nan"), "path": Path("/x"), 3: None})

    assert found == {"clip": "inf", "bad": "nan", "path": "/x", "3": None}


def test_a_token_read_from_a_file_with_its_line_end_is_taken(home: Path) -> None:
    run = init(token="secret\n", mode="offline", system=False)

    assert run._settings.token == "secret"
