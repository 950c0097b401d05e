"""A real classifier on real images, for `axon demo`: scikit-learn's handwritten digits.

1,797 images of 8x8 pixels (E. Alpaydin and C. Kaynak, UCI "Optical Recognition of Handwritten
Digits"); they ship inside scikit-learn.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.errors import StartupError

SIDE: Final = 8
BATCH: Final = 32
HIDDEN: Final = (256, 128)
LEARNING_RATE: Final = 0.2
DECAY: Final = 0.25
MOMENTUM: Final = 0.9
_HELD_OUT: Final = 500
_CLASSES: Final = np.arange(10)
_SEED: Final = 7

Images = NDArray[np.float32]
Labels = NDArray[np.int64]


class Step(msgspec.Struct, frozen=True):
    """One step of training: `loss` is of its minibatch, `accuracy` of all held-out images."""

    number: int
    epoch: int
    loss: float
    accuracy: float
    lr: float


class Digits(msgspec.Struct, frozen=True, eq=False):
    """Images of shape (n, 64), pixels 0..1, with their labels; the held-out ones train nothing."""

    images: Images
    labels: Labels
    held_out_images: Images
    held_out_labels: Labels


def load_digits() -> Digits:
    """Return the data, shuffled the same way each time.

    Raises:
        StartupError: scikit-learn is not installed.
    """
    try:
        datasets: Any = import_module("sklearn.datasets")
    except ImportError:
        raise StartupError(
            "the demo trains with scikit-learn: pip install 'axonml-dashboard[sklearn]'"
        ) from None
    bunch = datasets.load_digits()
    order = np.random.default_rng(_SEED).permutation(len(bunch.target))
    images = (bunch.data[order] / 16).astype(np.float32)
    labels = bunch.target[order].astype(np.int64)
    return Digits(images[_HELD_OUT:], labels[_HELD_OUT:], images[:_HELD_OUT], labels[:_HELD_OUT])


class Classifier:
    """A multi-layer perceptron trained by stochastic gradient descent, one minibatch a step."""

    def __init__(self) -> None:
        networks: Any = import_module("sklearn.neural_network")
        self._model: Final = networks.MLPClassifier(
            HIDDEN,
            solver="sgd",
            batch_size=BATCH,
            learning_rate="invscaling",
            learning_rate_init=LEARNING_RATE,
            power_t=DECAY,
            momentum=MOMENTUM,
            random_state=_SEED,
        )
        self._n_seen = 0

    def train(self, digits: Digits) -> Iterator[Step]:
        """Train for as long as steps are asked for; each epoch shifts the images anew."""
        random = np.random.default_rng(_SEED)
        number = epoch = 0
        while True:
            images = _shifted(digits.images, random)
            order = random.permutation(len(images))
            for start in range(0, len(order) - BATCH + 1, BATCH):
                chosen = order[start : start + BATCH]
                lr = LEARNING_RATE / (self._n_seen + 1) ** DECAY
                self._model.partial_fit(images[chosen], digits.labels[chosen], classes=_CLASSES)
                self._n_seen += BATCH
                accuracy = self.accuracy(digits.held_out_images, digits.held_out_labels)
                yield Step(number, epoch, float(self._model.loss_), accuracy, lr)
                number += 1
            epoch += 1

    def accuracy(self, images: Images, labels: Labels) -> float:
        """Return the fraction of images whose label is predicted."""
        predicted: Labels = self._model.predict(images)
        return int(np.count_nonzero(predicted == labels)) / len(labels)

    def to_onnx(self) -> bytes:
        """Return the model as ONNX: float32 `images` (n, 64) to `label` and `probabilities`."""
        skl2onnx: Any = import_module("skl2onnx")
        types: Any = import_module("skl2onnx.common.data_types")
        exported = skl2onnx.to_onnx(
            self._model,
            initial_types=[("images", types.FloatTensorType([None, SIDE * SIDE]))],
            options={"zipmap": False},
        )
        return exported.SerializeToString()


def n_steps_per_epoch(digits: Digits) -> int:
    """Return the number of minibatches that one pass over the training images has."""
    return len(digits.labels) // BATCH


def _shifted(images: Images, random: np.random.Generator) -> Images:
    """Return each image moved by at most one pixel: what a slightly other hand would draw."""
    squares = images.reshape(-1, SIDE, SIDE)
    padded = np.pad(squares, ((0, 0), (1, 1), (1, 1)))
    moved = np.empty_like(squares)
    dx, dy = random.integers(0, 3, (2, len(squares)))
    for x in range(3):
        for y in range(3):
            some = (dx == x) & (dy == y)
            moved[some] = padded[some, y : y + SIDE, x : x + SIDE]
    return moved.reshape(-1, SIDE * SIDE)
