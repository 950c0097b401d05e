"""Files that can run code are kept, read as bytes, and never loaded."""

import collections
import io
import json
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from axonml.errors import UnsupportedMedia
from axonml.formats.inspect import examine


class Bomb:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


class Shell:
    """Unpickled, it runs a command."""

    def __reduce__(self) -> tuple[Any, ...]:
        return subprocess.check_output, (["touch", "it-ran"],)


def saved(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "upload"
    _ = path.write_bytes(content)
    return path


def named(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps({}))
        archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_pickle_says_what_it_would_import(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "it-ran"
    content = pickle.dumps({"a": Bomb(trace), "b": Shell()}, protocol)

    found = examine(saved(tmp_path, content), "model.pkl")

    assert (found.format, found.suffix, found.servable) == ("pickle", ".pkl", False)
    assert found.scan is not None
    assert found.scan.can_run_code
    # Protocols before 3 have Python 2's names for some modules.
    assert any(finding.endswith(".check_output") for finding in found.scan.findings)
    assert any("pathlib." in finding for finding in found.scan.findings)
    assert "skl2onnx" in found.reason
    assert not trace.exists()


def test_data_alone_raises_no_finding(tmp_path: Path) -> None:
    content = pickle.dumps(
        {"w": np.arange(3.0), "order": collections.OrderedDict(a=1), "s": {1, 2}}, 4
    )

    found = examine(saved(tmp_path, content), "weights.joblib")

    assert found.scan is not None
    assert (found.scan.can_run_code, found.scan.findings) == (True, ())


def test_names_that_a_pickle_builds_from_its_memo_are_seen(tmp_path: Path) -> None:
    # "posix" and "system" are stored first, and taken from the memo later.
    hidden = (
        b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94"
        + b"0" * 2
        + b"h\x00h\x01\x93\x8c\x02id\x85R."
    )

    found = examine(saved(tmp_path, hidden), "m.pkl")

    assert found.scan is not None
    assert "loading it imports posix.system" in found.scan.findings


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\x05" + b"(" * 100_000,
        b"\x80\x04cposix\nsystem\n" + bytes(range(256)),
    ],
)
def test_a_damaged_pickle_says_so(tmp_path: Path, content: bytes) -> None:
    found = examine(saved(tmp_path, content), "m.pkl")

    assert found.scan is not None
    assert found.scan.can_run_code
    assert any("cannot be read to its end" in finding for finding in found.scan.findings)


def test_a_torch_archive_is_scanned_within(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps(Shell()))
        archive.writestr("m/data/0", b"\0" * 64)

    found = examine(saved(tmp_path, packed.getvalue()), "model.pth")

    assert (found.format, found.suffix) == ("pytorch", ".pth")
    assert found.scan is not None
    assert found.scan.findings == ("loading it imports subprocess.check_output",)
    assert "torch.onnx.export" in found.reason


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/cron.d/x", "may overwrite other files"),
        ("/etc/passwd", "may overwrite other files"),
        ("..\\x", "may overwrite other files"),
        ("m/model.so", "it carries the program m/model.so"),
        ("m/setup.py", "it carries the program"),
    ],
)
def test_names_in_an_archive_that_lead_elsewhere_are_told(
    tmp_path: Path, name: str, said: str
) -> None:
    before = set(tmp_path.parent.rglob("*"))

    found = examine(saved(tmp_path, named(name, b"x")), "m.pt")

    assert found.scan is not None
    assert any(said in finding for finding in found.scan.findings)
    assert set(tmp_path.parent.rglob("*")) - before == {tmp_path / "upload"}


def test_an_archive_that_unpacks_to_very_much_is_told(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/data.pkl", pickle.dumps({}))
        with archive.open("m/data/0", "w", force_zip64=True) as entry:
            for _ in range(1100):
                _ = entry.write(bytes(1 << 20))

    found = examine(saved(tmp_path, packed.getvalue()), "m.pt")

    assert found.scan is not None
    assert any("unpacks to 1 GiB" in finding for finding in found.scan.findings)


def test_keras_files_tell_of_their_lambda_layers(tmp_path: Path) -> None:
    config = json.dumps({"layers": [{"class_name": "Lambda", "config": {}}]}).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", b"")

    for content, name, kind in (
        (packed.getvalue(), "m.keras", "keras"),
        (b"\x89HDF\r\n\x1a\n" + config, "m.h5", "hdf5"),
    ):
        found = examine(saved(tmp_path, content), name)
        assert found.format == kind
        assert found.scan is not None
        assert any("Lambda" in finding for finding in found.scan.findings)


def test_a_skops_file_tells_the_classes_that_are_not_of_the_usual_libraries(
    tmp_path: Path,
) -> None:
    schema = {
        "__module__": "sklearn.linear_model",
        "__class__": "LogisticRegression",
        "content": [{"__module__": "os", "__class__": "system"}],
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))

    found = examine(saved(tmp_path, packed.getvalue()), "m.skops")

    assert found.format == "skops"
    assert found.scan is not None
    assert found.scan.findings == ("loading it imports os.system",)


def test_weights_for_llama_are_kept_and_carry_no_code(tmp_path: Path) -> None:
    found = examine(saved(tmp_path, b"GGUF" + bytes(64)), "m.gguf")

    assert (found.format, found.servable, found.scan) == ("gguf", False, None)
    assert "ONNX" in found.reason


def test_what_pretends_to_be_served_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMedia, match="is a Python pickle, not onnx"):
        _ = examine(saved(tmp_path, pickle.dumps(Shell())), "model.onnx")


def test_nothing_of_pickle_is_loaded_to_read_one() -> None:
    code = (
        "import sys; import axonml.formats.kept;"
        " sys.exit('torch' in sys.modules or 'joblib' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
