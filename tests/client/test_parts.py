"""Large model files reach the real server over kills and interruptions, and arrive whole."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from product import Server, running
from safetensors.numpy import save

from axonml.client.api import Client
from axonml.client.models import Upload, upload
from axonml.client.problems import AxonmlError

_MIB = 1 << 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "home") as server:
        yield server


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 MiB of weights: three parts."""
    path = tmp_path_factory.mktemp("files") / "large.safetensors"
    weights = np.random.default_rng(7).random((10, _MIB), np.float32)
    _ = path.write_bytes(save({"w": weights}))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_large_file_goes_in_parts_and_says_how_far_it_is(server: Server, large: Path) -> None:
    told: list[tuple[int, int]] = []
    what = Upload(model=large, name="m", metrics={"accuracy": 0.9})

    def moved(offset: int, size: int) -> None:
        told.append((offset, size))

    version = upload(what, server.url, None, server.home, moved)

    size = large.stat().st_size
    assert (version.sha256, version.file_size) == (sha256(large), size)
    assert version.metrics == {"accuracy": 0.9}
    assert told == [(16 * _MIB, size), (32 * _MIB, size), (size, size)]


def test_a_server_that_is_killed_in_the_middle_costs_one_part(server: Server, large: Path) -> None:
    restarting: list[threading.Thread] = []

    def restart() -> None:
        server.kill()
        server.start()

    def moved(offset: int, _: int) -> None:
        if offset == 16 * _MIB and not restarting:
            restarting.append(threading.Thread(target=restart))
            restarting[0].start()

    version = upload(Upload(model=large, name="m"), server.url, None, server.home, moved)

    restarting[0].join(30)
    assert version.sha256 == sha256(large)


def test_an_interrupted_upload_is_taken_up_by_the_next(server: Server, large: Path) -> None:
    def interrupted(offset: int, _: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _ = upload(Upload(model=large, name="m"), server.url, None, server.home, interrupted)
    told: list[int] = []

    version = upload(
        Upload(model=large, name="m"),
        server.url,
        None,
        server.home,
        lambda offset, _: told.append(offset),
    )

    assert version.sha256 == sha256(large)
    assert told[0] == 32 * _MIB  # the first 16 MiB were there


def test_a_large_file_that_is_no_model_is_an_error_with_the_way_out(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "large.onnx"
    _ = path.write_bytes(b"\x80\x04" + bytes(9 * _MIB))

    with pytest.raises(AxonmlError, match=r"is a Python pickle, not onnx.*to_onnx"):
        _ = upload(Upload(model=path, name="m"), server.url, None, server.home)


def test_a_download_goes_on_where_it_broke_off(server: Server, large: Path, tmp_path: Path) -> None:
    version = upload(Upload(model=large, name="m"), server.url, None, server.home)
    target = tmp_path / "pulled.safetensors"
    part = target.with_name(f"{target.name}.{version.sha256[:16]}.part")
    _ = part.write_bytes(large.read_bytes()[: 30 * _MIB])
    told: list[int] = []

    with Client(server.url, home=server.home) as client:
        found = client.download_version(
            version.model_id, "latest", target, lambda there, _: told.append(there)
        )

    assert found == sha256(target) == sha256(large)
    assert told[0] > 30 * _MIB
    assert not part.exists()


def test_a_download_that_goes_on_from_other_bytes_is_not_kept(
    server: Server, large: Path, tmp_path: Path
) -> None:
    version = upload(Upload(model=large, name="m"), server.url, None, server.home)
    target = tmp_path / "pulled.safetensors"
    part = target.with_name(f"{target.name}.{version.sha256[:16]}.part")
    _ = part.write_bytes(b"other bytes")

    with Client(server.url, home=server.home) as client:
        with pytest.raises(AxonmlError, match="arrived damaged"):
            _ = client.download_version(version.model_id, 1, target)
        assert not target.exists()
        assert client.download_version(version.model_id, 1, target) == version.sha256
