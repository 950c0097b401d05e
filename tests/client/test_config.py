import argparse
import dataclasses
import json
from enum import Enum
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonml.client.config import RunConfig, plain_mapping


@dataclasses.dataclass
class Settings:
    lr: float
    path: Path


class Colour(Enum):
    RED = "red"


def test_what_scripts_configure_themselves_with_becomes_json() -> None:
    looped: dict[str, object] = {}
    looped["self"] = looped

    found = plain_mapping(
        {
            "f32": np.float32(0.5), "i": np.int64(3), "tuple": (1, 2), "path": Path("/x"),
            "enum": Colour.RED, "nan": float("nan"), "huge": 1 << 80, "nul": "a\0b",
            "surrogate": "a\udc00b", "inner": {1: Settings(0.1, Path("y"))},
            "type": int, "looped": looped,
        }
    )  # fmt: skip

    looping = found.pop("looped")
    assert msgspec.json.encode(looping)
    assert found == {
        "f32": 0.5, "i": 3, "tuple": [1, 2], "path": "/x", "enum": "red", "nan": "nan",
        "huge": str(1 << 80), "nul": "ab", "surrogate": "a?b",
        "inner": {"1": {"lr": 0.1, "path": "y"}}, "type": "<class 'int'>",
    }  # fmt: skip


def test_namespaces_and_dataclasses_are_mappings_and_nothing_is_empty() -> None:
    assert plain_mapping(argparse.Namespace(lr=1)) == {"lr": 1}
    assert plain_mapping(Settings(0.1, Path("y"))) == {"lr": 0.1, "path": "y"}
    assert plain_mapping(None) == {}
    assert plain_mapping("text") == {}


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), anything))
def test_any_configuration_travels_as_strict_json(values: dict[str, object]) -> None:
    encoded = msgspec.json.encode(plain_mapping(values))

    assert json.loads(encoded, parse_constant=pytest.fail) is not None


def test_every_change_is_told() -> None:
    n_changes = 0

    def changed() -> None:
        nonlocal n_changes
        n_changes += 1

    config = RunConfig({"a": 1}, changed)
    config["b"] = np.int64(2)
    config.update({"c": 3}, d=4)
    del config["a"]

    assert (config.setdefault("b", 9), config.setdefault("e", 5)) == (2, 5)
    assert config == {"b": 2, "c": 3, "d": 4, "e": 5}
    assert n_changes == 4
