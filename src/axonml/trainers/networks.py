"""A network of torch: its input and loss, what it answers, and its files."""

import logging
import os
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray

from axonml.trainers.datasets import Data, Rows
from axonml.trainers.exported import (
    LABEL,
    PROBABILITIES,
    VALUE,
    Answers,
    answers,
    describe,
    scores,
    verify,
)
from axonml.trainers.progress import Progress, Trained

_CHUNK: Final = 512
_OPSET: Final = 18

# torch is an extra; its tensors and modules are known by what they do.
Tensor = Any
Module = Any


class Network(msgspec.Struct, frozen=True, eq=False):
    """A module of torch that maps inputs to logits of shape (b, k), or to values (b, 1).

    `side` is the height and width of an image, 0 where rows are columns of a table.
    """

    module: Module
    side: int
    is_classification: bool
    device: str

    @property
    def input_name(self) -> str:
        """Return what the input is called: `images` (b, side, side), or `features` (b, d)."""
        return "images" if self.side else "features"

    def shaped(self, rows: Rows) -> NDArray[np.float32]:
        """Return rows (n, d) in the shape that the network takes."""
        return rows.reshape(len(rows), self.side, self.side) if self.side else rows

    def tensor(self, rows: Rows) -> Tensor:
        """Return rows as a tensor of the network's shape."""
        return import_module("torch").as_tensor(self.shaped(rows))

    def loss(self, given: Tensor, wanted: Tensor) -> Tensor:
        """Return the cross entropy, or of numbers the mean square."""
        losses: Any = import_module("torch.nn.functional")
        if self.is_classification:
            return losses.cross_entropy(given, wanted)
        return losses.mse_loss(given.squeeze(1), wanted)


def prepare(seed: int, build: Callable[[], Module], side: int, data: Data) -> Network:
    """Return a fresh network whose weights are drawn from `seed`, on the GPU where there is one."""
    torch: Any = import_module("torch")
    _ = torch.manual_seed(seed)
    # Half the cores: threads that wait for a core which the server has cost more than they give.
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Network(build().to(device), side, data.is_classification, device)


def read(network: Network, rows: Rows) -> Answers:
    """Return what the network says of rows (n, d), without training."""
    torch: Any = import_module("torch")
    _ = network.module.eval()
    with torch.inference_mode():
        parts = [
            network.module(network.tensor(rows[at : at + _CHUNK]).to(network.device))
            for at in range(0, len(rows), _CHUNK)
        ]
        whole = torch.cat(parts)
        if not network.is_classification:
            return Answers(whole.squeeze(1).cpu().numpy(), None)
        return Answers(whole.argmax(1).cpu().numpy(), whole.softmax(1).cpu().numpy())


def export(network: Network, data: Data, progress: Progress) -> Trained:
    """Return the network as ONNX and safetensors, measured on the held-out rows.

    Raises:
        ExportError: the ONNX file answers otherwise than the network.
    """
    # On the CPU: a GPU rounds its products to fewer digits than the file is compared in.
    network = msgspec.structs.replace(network, module=network.module.to("cpu"), device="cpu")
    exported = describe(_onnx(network, data), data)
    given = answers(exported, network.shaped(data.held_rows))
    verify(given, read(network, data.held_rows))
    metrics = scores(data, given, data.held_targets)
    told = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
    progress.say(f"held-out rows, asked of the ONNX file: {told}")
    save: Any = import_module("safetensors.torch").save
    state = {name: tensor.contiguous() for name, tensor in network.module.state_dict().items()}
    return Trained(onnx=exported, metrics=metrics, predicted=given.predicted, weights=save(state))


def _onnx(network: Network, data: Data) -> onnx.ModelProto:
    torch: Any = import_module("torch")
    outputs = [LABEL, PROBABILITIES] if network.is_classification else [VALUE]
    module = _answering(network).eval()
    # It warns of operators of packages that are not installed, and of its own past.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            (network.tensor(data.held_rows[:2]),),
            dynamo=True,
            input_names=[network.input_name],
            output_names=outputs,
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            external_data=False,
            opset_version=_OPSET,
            verbose=False,
        )
    return program.model_proto


def _answering(network: Network) -> Module:
    """Return the network with outputs for people: the class and its probabilities."""
    torch: Any = import_module("torch")

    class Answering(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = network.module

        def forward(self, inputs: Tensor) -> Tensor:
            given = self.inner(inputs)
            if not network.is_classification:
                return given
            return given.argmax(1), given.softmax(1)

    return Answering()
