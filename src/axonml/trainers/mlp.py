"""`mlp`: a plain network for tables and small images."""

from importlib import import_module
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from axonml.trainers.datasets import Data
from axonml.trainers.network import fit
from axonml.trainers.networks import Module, Tensor, prepare
from axonml.trainers.params import MlpParams, Params
from axonml.trainers.progress import Progress, Trained


def train(data: Data, params: Params, progress: Progress) -> Trained | None:
    """Train a multi-layer perceptron; see `Trainer`."""
    asked = cast("MlpParams", params)
    network = prepare(asked.seed, lambda: _built(data, asked), 0, data)
    return fit(network, data, asked, progress)


def _built(data: Data, params: MlpParams) -> Module:
    nn: Any = import_module("torch.nn")
    layers: list[Any] = [_scale(-data.rows.mean(axis=0), _inverse_spread(data.rows), before=True)]
    size = data.rows.shape[1]
    for _ in range(params.depth):
        layers += [nn.Linear(size, params.width), nn.ReLU(), nn.Dropout(params.dropout)]
        size = params.width
    layers.append(nn.Linear(size, len(data.classes) or 1))
    if not data.is_classification:
        # The network speaks in standard deviations; its answer is in the targets' own unit.
        spread = np.asarray([data.targets.std()], np.float32)
        layers.append(_scale(np.asarray([data.targets.mean()], np.float32), spread, before=False))
    return nn.Sequential(*layers)


def _inverse_spread(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    spread = rows.std(axis=0)
    return np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0).astype(np.float32)


def _scale(shift: NDArray[np.float32], factor: NDArray[np.float32], *, before: bool) -> Module:
    """Return a layer without weights: shifts and then scales, or the other way about."""
    torch: Any = import_module("torch")

    class Scale(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("shift", torch.as_tensor(shift))
            self.register_buffer("factor", torch.as_tensor(factor))

        def forward(self, values: Tensor) -> Tensor:
            if before:
                return (values + self.shift) * self.factor
            return values * self.factor + self.shift

    return Scale()
