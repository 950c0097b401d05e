"""What an upload is told: what the file is, whether it can be served, and what to do instead."""

import asyncio
import importlib
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx_models
import pytest

from axonml.errors import Invalid, UnsupportedMedia
from axonml.formats import inspect
from axonml.formats.format import Signature, TensorSpec
from axonml.formats.inspect import Inspector, examine

ONNX = onnx_models.doubling().SerializeToString()


class Bomb:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.anyio
async def test_an_onnx_file_is_servable_with_its_signature(tmp_path: Path) -> None:
    path = onnx_models.saved(onnx_models.sum_and_product(), tmp_path / "upload")

    found = await Inspector().inspect(path, "m.onnx")

    assert (found.format, found.suffix, found.servable, found.reason) == ("onnx", ".onnx", True, "")
    assert found.signature == Signature(
        (TensorSpec("a", "float32", (-1, 2)), TensorSpec("c", "float32", (-1, 2))),
        (TensorSpec("sum", "float32", (-1, 2)), TensorSpec("product", "float32", (-1, 2))),
    )


@pytest.mark.anyio
async def test_the_bytes_decide_and_not_the_name(tmp_path: Path) -> None:
    path = onnx_models.saved(onnx_models.doubling(), tmp_path / "upload")

    assert (await Inspector().inspect(path, "weights.safetensors.pt")).format == "onnx"


@pytest.mark.anyio
async def test_a_pickle_by_any_name_is_refused_and_never_loaded(tmp_path: Path) -> None:
    path, trace = tmp_path / "upload", tmp_path / "it-ran"
    _ = path.write_bytes(pickle.dumps(Bomb(trace)))

    with pytest.raises(
        UnsupportedMedia, match=r"model\.onnx is a Python pickle, not onnx"
    ) as caught:
        _ = await Inspector().inspect(path, "model.onnx")

    assert "to_onnx" in caught.value.detail
    assert caught.value.status == 415
    assert not trace.exists()


@pytest.mark.anyio
async def test_a_file_that_hangs_its_reader_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect, "_TIMEOUT_S", 0.01)
    path = onnx_models.saved(onnx_models.doubling(), tmp_path / "upload")

    with pytest.raises(Invalid, match="could not be read within"):
        _ = await Inspector().inspect(path, "m.onnx")


@pytest.mark.anyio
async def test_many_files_at_once_do_not_mix(tmp_path: Path) -> None:
    models = [onnx_models.doubling(features=n) for n in range(1, 5)]
    paths = [onnx_models.saved(m, tmp_path / f"{i}") for i, m in enumerate(models)]

    inspector = Inspector()
    found = await asyncio.gather(*(inspector.inspect(path, "m.onnx") for path in paths))

    shapes = [each.signature.inputs[0].shape for each in found if each.signature]
    assert shapes == [(-1, n) for n in range(1, 5)]


@pytest.mark.anyio
async def test_two_are_inspected_at_once_and_who_waits_is_not_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = onnx_models.saved(onnx_models.doubling(), tmp_path / "upload")
    printed = inspect._printed
    running = [0]
    most = [0]

    async def counted(path: Path, filename: str) -> bytes:
        running[0] += 1
        most[0] = max(most[0], running[0])
        try:
            return await printed(path, filename)
        finally:
            running[0] -= 1

    monkeypatch.setattr(inspect, "_printed", counted)
    inspector = Inspector()
    found = await asyncio.gather(*(inspector.inspect(path, "m.onnx") for _ in range(5)))

    assert most == [2]
    assert [each.format for each in found] == ["onnx"] * 5


@pytest.mark.anyio
async def test_the_process_that_reads_sees_nothing_of_the_servers_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXONML_SECRET", "hush")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    spawn, seen = asyncio.create_subprocess_exec, list[dict[str, str]]()

    async def watched(*args: Any, env: dict[str, str], **rest: Any) -> Any:
        seen.append(env)
        return await spawn(*args, env=env, **rest)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    path = onnx_models.saved(onnx_models.doubling(), tmp_path / "upload")
    _ = await Inspector().inspect(path, "m.onnx")

    assert "hush" not in seen[0].values()
    assert "PATH" in seen[0]


def a_zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "filename", "said"),
    [
        (a_zip("m/data.pkl", "m/version"), "m.onnx", "m.onnx is a PyTorch archive, not onnx"),
        (a_zip("archive_format"), "m.onnx", "m.onnx is a PyTorch archive, not onnx"),
        (a_zip("config.json", "model.weights.h5"), "m.onnx", "a Keras archive, not onnx"),
        (a_zip("a.npy", "b.npy"), "m.npz", "an archive of NumPy arrays"),
        (a_zip("readme.txt"), "m.zip", "a zip archive"),
        (b"PK\x03\x04 and then nothing", "m.pt", "a damaged zip archive"),
        (b"x\x9c" + bytes(50), "m.joblib", "by its name a Python pickle"),
        (b"\x7fELF" + bytes(20), "model.onnx", "a program for Linux, not onnx"),
        (b"\x89PNG\r\n\x1a\n", "cat.png", "a PNG image"),
        ("größe,gewicht\n".encode(), "d.csv", "a text file"),
        (b"\x00\x01\x02\x03\xff", "m.dat", "its first bytes are 00 01 02 03 ff"),
    ],
)
def test_other_kinds_are_named_and_refused(
    content: bytes, filename: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    _ = path.write_bytes(content)

    with pytest.raises(UnsupportedMedia) as caught:
        _ = examine(path, filename)

    assert said in caught.value.detail
    assert "ONNX" in caught.value.detail or "onnx" in caught.value.detail


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "m.onnx is empty"),
        (ONNX[: len(ONNX) // 2], "damaged"),
        (ONNX[:3], "damaged"),
        (b"\x08\x07\x12\x04made", "it has no ONNX graph"),
    ],
)
def test_a_damaged_onnx_file_is_told_as_such(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    _ = path.write_bytes(content)

    with pytest.raises(Invalid, match=said) as caught:
        _ = examine(path, "m.onnx")

    assert (caught.value.status, caught.value.problem_code) == (422, "damaged_file")


def test_every_cut_of_a_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    for size in range(len(ONNX)):
        _ = path.write_bytes(ONNX[:size])
        with pytest.raises((Invalid, UnsupportedMedia)):
            _ = examine(path, "m.onnx")


def test_names_from_strangers_are_shown_harmlessly(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    _ = path.write_bytes(b"")

    with pytest.raises(Invalid, match=r"^evil\.onnx is empty$"):
        _ = examine(path, "../../\x1b\x00evil.onnx\n")


def a_classifier(options: dict[str, Any] | None) -> bytes:
    # Neither ships types.
    to_onnx: Any = importlib.import_module("skl2onnx").to_onnx
    linear: Any = importlib.import_module("sklearn.linear_model")
    rows = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    model = linear.LogisticRegression().fit(rows, rows[:, 0] > 0)
    return bytes(to_onnx(model, rows[:1], options=options).SerializeToString())


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_classifier_with_a_zipmap_is_told_how_to_export_without(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    _ = path.write_bytes(a_classifier(None))
    with_map = examine(path, "m.onnx")
    _ = path.write_bytes(a_classifier({"zipmap": False}))
    without = examine(path, "m.onnx")

    assert not with_map.servable
    assert with_map.reason == (
        "not servable: output 'output_probability' is a sequence of maps;"
        " export with options={'zipmap': False}"
    )
    assert without.servable
    assert without.signature is not None
    assert [each.name for each in without.signature.outputs] == ["label", "probabilities"]
