"""A replica is a process of its own: what it may do, how it ends, what is told about it."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import onnx
import onnx_models
import psutil
import pytest
from serving import until

from axonml.formats.onnx import OnnxFormat
from axonml.inference.engines.embedded import EmbeddedEngine, ReplicaProcess
from axonml.inference.engines.engine import ModelRefused, ReplicaGone, StartFailed, Work

pytestmark = pytest.mark.anyio


def work(proto: onnx.ModelProto, folder: Path, memory_mb: int | None = None) -> Work:
    path = onnx_models.saved(proto, folder / "m.onnx")
    signature = OnnxFormat().inspect(path).signature
    assert signature is not None
    return Work(path, "onnx", signature, 1, memory_mb, 30.0)


async def started(
    proto: onnx.ModelProto, folder: Path, memory_mb: int | None = None
) -> ReplicaProcess:
    lines: list[str] = []
    replica = await EmbeddedEngine().start(
        0, work(proto, folder, memory_mb), lambda _, line: lines.append(line)
    )
    replica.lines = lines  # pyright: ignore[reportAttributeAccessIssue]  # for the tests to read
    return replica


def oom_score_of(pid: int) -> str:
    return Path(f"/proc/{pid}/oom_score_adj").read_text()


def a_batch(*values: float, features: int = 3) -> dict[str, list[np.ndarray]]:
    return {"x": [np.full((1, features), value, np.float32) for value in values]}


async def test_a_replica_answers_the_joined_rows_of_a_batch(tmp_path: Path) -> None:
    replica = await started(onnx_models.doubling(), tmp_path)

    outputs = await replica.run(a_batch(1, 2, 3))
    await replica.close()

    np.testing.assert_array_equal(outputs["y"], [[2] * 3, [4] * 3, [6] * 3])
    assert replica.load_ms > 0
    assert replica.is_batchable


async def test_a_batch_larger_than_the_sockets_buffer_goes_through(tmp_path: Path) -> None:
    replica = await started(onnx_models.doubling(features=100_000), tmp_path)

    outputs = await replica.run(a_batch(*range(40), features=100_000))
    await replica.close()

    np.testing.assert_array_equal(outputs["y"][:, -1], [2 * n for n in range(40)])


async def test_what_the_model_refuses_leaves_the_replica_well(tmp_path: Path) -> None:
    replica = await started(onnx_models.looking_up(), tmp_path)

    with pytest.raises(ModelRefused, match="out of data bounds"):
        _ = await replica.run({"x": [np.array([[99]])]})
    outputs = await replica.run({"x": [np.array([[3]])]})
    await replica.close()

    np.testing.assert_array_equal(outputs["y"], [[30]])


async def test_a_killed_replica_says_how_it_ended_and_calls_back(tmp_path: Path) -> None:
    replica = await started(onnx_models.looping(), tmp_path)
    gone = asyncio.Event()
    replica.on_gone(gone.set)
    running = asyncio.create_task(replica.run({"x": [np.array([[1e8]], np.float32)]}))
    await asyncio.sleep(0)

    os.kill(replica.pid, signal.SIGKILL)

    with pytest.raises(ReplicaGone, match="SIGKILL"):
        _ = await running
    await asyncio.wait_for(gone.wait(), 10)
    with pytest.raises(ReplicaGone):
        _ = await replica.run({"x": [np.array([[1]], np.float32)]})
    await replica.close()
    assert not psutil.pid_exists(replica.pid)


async def test_closing_ends_the_process_and_leaves_no_descriptor(tmp_path: Path) -> None:
    before = psutil.Process().num_fds()

    for _ in range(3):
        replica = await started(onnx_models.doubling(), tmp_path)
        await replica.close()
        await replica.close()
        assert not psutil.pid_exists(replica.pid)

    assert psutil.Process().num_fds() <= before + 1


async def test_what_cannot_be_loaded_leaves_no_process(tmp_path: Path) -> None:
    wanted = work(onnx_models.doubling(), tmp_path)
    _ = wanted.path.write_bytes(b"\x08\x07 nothing")

    with pytest.raises(StartFailed, match="the model cannot be loaded"):
        _ = await EmbeddedEngine().start(0, wanted, lambda _, __: None)

    assert psutil.Process().children() == []


async def test_a_replica_sees_neither_the_servers_secrets_nor_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXON_TOKEN", "axon_pat_secret")
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)

    replica = await started(onnx_models.doubling(), tmp_path)
    environment = psutil.Process(replica.pid).environ()
    files = [each.path for each in psutil.Process(replica.pid).open_files()]
    await replica.close()
    secret.close()

    assert "AXON_TOKEN" not in environment
    assert str(tmp_path / "secret") not in files


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has an oom_score_adj")
async def test_the_kernel_ends_a_replica_before_the_server(tmp_path: Path) -> None:
    replica = await started(onnx_models.doubling(), tmp_path)

    score = int(oom_score_of(replica.pid))
    await replica.close()

    assert score == 500


@pytest.mark.skipif(sys.platform != "linux", reason="PDEATHSIG is Linux's")
async def test_a_replica_dies_with_the_server_even_while_it_computes(tmp_path: Path) -> None:
    path = onnx_models.saved(onnx_models.looping(), tmp_path / "m.onnx")
    script = f"""
        import asyncio, os, signal
        import numpy as np
        from pathlib import Path
        from axonml.formats.onnx import OnnxFormat
        from axonml.inference.engines.embedded import EmbeddedEngine
        from axonml.inference.engines.engine import Work

        async def main():
            path = Path({str(path)!r})
            signature = OnnxFormat().inspect(path).signature
            work = Work(path, "onnx", signature, 1, None, 30.0)
            replica = await EmbeddedEngine().start(0, work, lambda *_: None)
            busy = asyncio.create_task(replica.run({{"x": [np.array([[1e12]], np.float32)]}}))
            await asyncio.sleep(0.05)
            print(replica.pid, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """
    done = subprocess.run(  # noqa: ASYNC221  # nothing else runs meanwhile
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout)
    await until(
        lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    )


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's account of memory")
async def test_another_replica_costs_at_most_40_mib(tmp_path: Path) -> None:
    first = await started(onnx_models.doubling(), tmp_path)
    second = await started(onnx_models.doubling(), tmp_path)

    memory = psutil.Process(second.pid).memory_full_info()
    await first.close()
    await second.close()

    assert memory.uss <= 40 << 20


async def test_a_memory_limit_that_is_too_small_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r"more than memory_mb = 128 MiB"):
        _ = await started(onnx_models.doubling(features=30_000_000), tmp_path, memory_mb=128)
