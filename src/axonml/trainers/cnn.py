"""`cnn`: two blocks of convolutions for images."""

from importlib import import_module
from typing import Any, cast

from axonml.trainers.datasets import Data
from axonml.trainers.network import Augment, fit
from axonml.trainers.networks import Module, Tensor, prepare
from axonml.trainers.params import CnnParams, Params
from axonml.trainers.progress import Progress, Trained


def train(data: Data, params: Params, progress: Progress) -> Trained | None:
    """Train a convolutional network; see `Trainer`."""
    asked = cast("CnnParams", params)
    network = prepare(asked.seed, lambda: _built(data, asked), data.info.side, data)
    return fit(network, data, asked, progress, _shifting(asked.shift) if asked.shift else None)


def _built(data: Data, params: CnnParams) -> Module:
    nn: Any = import_module("torch.nn")
    few, many = params.channels, 2 * params.channels
    left = data.info.side // 4
    return nn.Sequential(
        nn.Unflatten(1, (1, data.info.side)),
        nn.Conv2d(1, few, 3, padding=1),
        nn.BatchNorm2d(few),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(few, many, 3, padding=1),
        nn.BatchNorm2d(many),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(many * left * left, params.hidden),
        nn.ReLU(),
        nn.Dropout(params.dropout),
        nn.Linear(params.hidden, len(data.classes)),
    )


def _shifting(furthest: int) -> Augment:
    """Return what moves each image of a batch by up to `furthest` pixels, as another hand would."""
    torch: Any = import_module("torch")
    pad: Any = import_module("torch.nn.functional").pad

    def shifted(images: Tensor) -> Tensor:
        count, side = images.shape[0], images.shape[-1]
        wide = pad(images, (furthest, furthest, furthest, furthest))
        corners = torch.randint(0, 2 * furthest + 1, (2, count, 1), device=images.device)
        places = torch.arange(side, device=images.device)
        y, x = corners[0] + places, corners[1] + places
        every = torch.arange(count, device=images.device)
        return wide[every[:, None, None], y[:, :, None], x[:, None, :]]

    return shifted
