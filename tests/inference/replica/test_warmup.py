"""The first runs: may rows be answered together, and does the model work at all?"""

from collections.abc import Callable
from pathlib import Path

import onnx
import onnx_models
import pytest

from axonml.formats.format import ModelError, Predictor, Signature
from axonml.formats.onnx import OnnxFormat
from axonml.inference.replica import warmup


def loaded(proto: onnx.ModelProto, folder: Path) -> tuple[Predictor, Signature]:
    path = onnx_models.saved(proto, folder / "m.onnx")
    signature = OnnxFormat().inspect(path).signature
    assert signature is not None
    return OnnxFormat().load(path, 1), signature


@pytest.mark.parametrize(
    ("build", "is_batchable"),
    [
        (onnx_models.doubling, True),
        (onnx_models.sum_and_product, True),
        (onnx_models.looking_up, True),
        (onnx_models.logarithm, True),
        (onnx_models.echoing_words, True),
        (onnx_models.summing_any_length, True),
        (onnx_models.centring, False),
        (lambda: onnx_models.doubling(batch=1), False),
    ],
)
def test_rows_are_joined_only_where_they_do_not_touch_each_other(
    build: Callable[[], onnx.ModelProto],
    is_batchable: bool,  # noqa: FBT001  # what the case expects
    tmp_path: Path,
) -> None:
    predict, signature = loaded(build(), tmp_path)

    assert warmup.prove(predict, signature) is is_batchable


def test_a_model_that_fails_on_its_own_signature_is_not_ready(tmp_path: Path) -> None:
    # An empty table: whatever is looked up, there is nothing.
    predict, signature = loaded(onnx_models.looking_up(entries=0), tmp_path)

    with pytest.raises(ModelError, match="out of data bounds"):
        _ = warmup.prove(predict, signature)


def test_a_model_whose_inputs_cannot_be_made_up_starts_cold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict, signature = loaded(onnx_models.of_eleven_columns(), tmp_path)

    assert warmup.prove(predict, signature) is True
    assert "starts cold" in capsys.readouterr().err
