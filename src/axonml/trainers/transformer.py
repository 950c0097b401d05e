"""`transformer`: a small encoder that reads an image row by row, each row a token."""

from importlib import import_module
from typing import Any, cast

from axonml.trainers.datasets import Data
from axonml.trainers.network import fit
from axonml.trainers.networks import Module, Tensor, prepare
from axonml.trainers.params import Params, TransformerParams
from axonml.trainers.progress import Progress, Trained


def train(data: Data, params: Params, progress: Progress) -> Trained | None:
    """Train a transformer encoder; see `Trainer`."""
    asked = cast("TransformerParams", params)
    network = prepare(asked.seed, lambda: _built(data, asked), data.info.side, data)
    return fit(network, data, asked, progress)


def _built(data: Data, params: TransformerParams) -> Module:
    torch: Any = import_module("torch")
    nn = torch.nn

    class Encoder(nn.Module):
        """Rows to tokens, their places added, layers of attention, the mean to classes."""

        def __init__(self) -> None:
            super().__init__()
            side, width = data.info.side, params.width
            self.token = nn.Linear(side, width)
            self.place = nn.Parameter(0.02 * torch.randn(side, width))
            layer = nn.TransformerEncoderLayer(
                width,
                params.heads,
                4 * width,
                params.dropout,
                activation="gelu",
                batch_first=True,
                norm_first=True,
            )
            self.layers = nn.TransformerEncoder(layer, params.layers, enable_nested_tensor=False)
            self.norm = nn.LayerNorm(width)
            self.classes = nn.Linear(width, len(data.classes))

        def forward(self, images: Tensor) -> Tensor:
            tokens = self.layers(self.token(images) + self.place)
            return self.classes(self.norm(tokens.mean(1)))

    return Encoder()
