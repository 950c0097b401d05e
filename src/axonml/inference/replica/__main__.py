"""One replica: load a model, warm it up, answer batches until the server goes away.

`python -m axonml.inference.replica FD PARENT`: FD is a connected socket, PARENT the server's pid.
"""

import os
import resource
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from axonml.formats import confinement
from axonml.formats.format import Device, ModelError, Predictor, Signature, Tensors
from axonml.formats.known import format_named
from axonml.inference.replica import frames, warmup

_MIB: Final = 1 << 20
_MAX_REASON: Final = 2000


class Load(msgspec.Struct, frozen=True):
    """The text of a `load` frame: which file, and what this process may use for it."""

    path: str
    format: str
    signature: Signature
    threads: int
    memory_mb: int | None = None
    device: Device = "cpu"


class Ready(msgspec.Struct, frozen=True):
    """The text of a `ready` frame. `is_batchable`: rows do not influence each other."""

    load_ms: float
    is_batchable: bool


def answer(sock: socket.socket) -> None:
    """Load what the first frame says, then answer `run` frames until the other side closes."""
    buffer = frames.FrameBuffer(reuse=True)
    first = frames.read(sock, buffer)
    if first is None:
        return
    predict = _load(sock, msgspec.json.decode(first.text, type=Load))
    while predict is not None:
        frame = frames.read(sock, buffer)
        if frame is None:
            return
        frames.write(sock, _run(predict, frame.tensors))


def _load(sock: socket.socket, wanted: Load) -> Predictor | None:
    if wanted.memory_mb is not None:
        confinement.limit(resource.RLIMIT_DATA, wanted.memory_mb * _MIB)
    began = time.monotonic()
    try:
        predict = format_named(wanted.format).load(Path(wanted.path), wanted.threads, wanted.device)
        is_batchable = warmup.prove(predict, wanted.signature)
    except Exception as error:
        traceback.print_exc()
        frames.write(sock, frames.encode("failed", text=_reason(error, wanted)))
        return None
    ready = Ready((time.monotonic() - began) * 1000, is_batchable)
    frames.write(sock, frames.encode("ready", text=msgspec.json.encode(ready).decode()))
    return predict


def _run(predict: Predictor, inputs: Tensors) -> list[bytes | memoryview]:
    try:
        outputs = predict(inputs)
    except Exception as error:
        _ = sys.stderr.write(f"a batch failed: {_first_line(error)}\n")
        return frames.encode("error", text=_first_line(error))
    return frames.encode(
        "result", {name: [np.asarray(array, order="C")] for name, array in outputs.items()}
    )


def _reason(error: Exception, wanted: Load) -> str:
    if wanted.memory_mb is not None and (
        isinstance(error, MemoryError) or "alloc" in str(error).lower()
    ):
        return f"the model needs more than memory_mb = {wanted.memory_mb} MiB; raise it"
    return f"the model cannot be loaded: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    line = str(error).strip().partition("\n")[0][:_MAX_REASON]
    return line if isinstance(error, ModelError) else f"{type(error).__name__}: {line}"


def _main(descriptor: int, parent: int) -> None:
    confinement.die_with_parent(parent)
    confinement.be_killed_first()
    confinement.limit(resource.RLIMIT_CORE, 0)
    os.set_inheritable(descriptor, False)
    with socket.socket(fileno=descriptor) as sock:
        answer(sock)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
