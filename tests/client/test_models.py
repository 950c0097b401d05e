import json
from pathlib import Path

import pytest
from client.fake_server import FakeServer

import axonml
from axonml.client.problems import Unreachable


def metadata_of(body: bytes) -> dict[str, object]:
    return json.loads(body[body.index(b"{") : body.rindex(b"}") + 1].partition(b"\r\n--")[0])


def test_a_model_is_uploaded_with_its_run_its_figures_and_its_configuration(
    server: FakeServer, tmp_path: Path
) -> None:
    run = axonml.init("p", config={"lr": 0.1}, server=server.url, token=server.token, system=False)
    file = tmp_path / "net.onnx"
    _ = file.write_bytes(b"the model")

    version = run.log_model(file, "digits", metrics={"accuracy": 0.9, "nan": float("nan")})
    _ = run.log_model(b"other bytes", "digits")

    assert version is not None
    assert version.version == 1
    sent = metadata_of(server.uploads[0])
    assert sent["training_run_id"] == run.id
    assert sent["metrics"] == {"accuracy": 0.9}
    assert sent["config"] == {"lr": 0.1}
    assert b'filename="net.onnx"' in server.uploads[0]
    assert b"the model" in server.uploads[0]
    assert b'filename="digits.onnx"' in server.uploads[1]
    assert list(server.models) == ["digits"]
    assert run.finish()


def test_a_model_that_cannot_be_uploaded_is_an_error(server: FakeServer, tmp_path: Path) -> None:
    run = axonml.init("p", server=server.url, token=server.token, system=False)

    with pytest.raises(FileNotFoundError):
        _ = run.log_model(tmp_path / "nowhere.onnx", "digits")
    server.stop()
    with pytest.raises(Unreachable, match="axon start"):
        _ = run.log_model(b"bytes", "digits")

    _ = run.finish(timeout_s=0)


def test_an_upload_in_the_background_holds_nobody_up_and_arrives(server: FakeServer) -> None:
    run = axonml.init("p", server=server.url, token=server.token, system=False)

    assert run.log_model(b"bytes", "digits", wait=False) is None

    server.wait_for(lambda: len(server.uploads) == 1)
    assert run.finish()
