"""Files with bits flipped, bytes cut out or put in are told what they are, or refused."""

import contextlib
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import onnx_models
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kept_files import a_keras_file, a_skops_file, a_torch_archive
from safetensors.numpy import save
from tree_models import lightgbm_model, xgboost_model

from axonml.errors import Invalid, UnsupportedMedia
from axonml.formats.inspect import examine

SAMPLES: dict[str, Callable[[], bytes]] = {
    "m.onnx": lambda: onnx_models.sum_and_product().SerializeToString(),
    "m.safetensors": lambda: save(
        {"0.weight": np.ones((4, 3), np.float32), "0.bias": np.ones(4, np.float32)}
    ),
    "m.txt": lambda: str(lightgbm_model("regression").model_to_string()).encode(),
    "m.ubj": lambda: bytes(xgboost_model("binary").save_raw("ubj")),
    "m.json": lambda: bytes(xgboost_model("binary").save_raw("json")),
    "m.pkl": lambda: pickle.dumps({"w": np.arange(9.0), "call": print}),
    "m.pt": a_torch_archive,
    "m.keras": a_keras_file,
    "m.skops": a_skops_file,
}


@cache
def sample(name: str) -> bytes:
    return SAMPLES[name]()


@st.composite
def damage(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Draw up to four changes, each at some place of the file."""
    changes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["flip", "cut", "insert", "end"]),
                st.floats(0, 1, exclude_max=True),
                st.binary(min_size=1, max_size=12),
            ),
            min_size=1,
            max_size=4,
        )
    )

    def apply(content: bytes) -> bytes:
        for kind, place, drawn in changes:
            at = int(place * len(content))
            match kind:
                case "flip":
                    content = content[:at] + drawn + content[at + len(drawn) :]
                case "cut":
                    content = content[:at] + content[at + len(drawn) :]
                case "insert":
                    content = content[:at] + drawn + content[at:]
                case _:
                    content = content[:at]
        return content

    return apply


@pytest.mark.filterwarnings("ignore::UserWarning")  # of zip entries with the same name
@pytest.mark.parametrize("name", SAMPLES)
@settings(
    max_examples=100,
    derandomize=True,  # CI must not find by chance what a longer run finds
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damaged=damage())
def test_a_damaged_file_is_told_or_refused(
    tmp_path: Path, name: str, damaged: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "upload"
    _ = path.write_bytes(damaged(sample(name)))

    with contextlib.suppress(Invalid, UnsupportedMedia):
        found = examine(path, name)
        assert found.signature is not None or found.reason
