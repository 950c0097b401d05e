from itertools import islice
from typing import Any

import numpy as np
import onnxruntime

from axonml.cli.digits import Classifier, Step, load_digits, n_steps_per_epoch


def test_held_out_images_train_nothing_and_every_image_is_used_once() -> None:
    digits = load_digits()

    rows = {row.tobytes() for row in digits.images}
    held_out = {row.tobytes() for row in digits.held_out_images}
    assert len(digits.labels) + len(digits.held_out_labels) == 1797
    assert not rows & held_out
    assert digits.images.dtype == np.float32
    assert (digits.images.min(), digits.images.max()) == (0, 1)


def test_training_learns_and_says_how_far_it_is() -> None:
    digits = load_digits()
    n_steps = 4 * n_steps_per_epoch(digits)

    steps: list[Step] = list(islice(Classifier().train(digits), n_steps))

    assert [step.number for step in steps] == list(range(n_steps))
    assert [steps[0].epoch, steps[-1].epoch] == [0, 3]
    assert np.mean([s.loss for s in steps[-20:]]) < 0.5 * np.mean([s.loss for s in steps[:20]])
    assert steps[-1].accuracy > 0.75
    assert steps[0].lr > steps[1].lr > steps[-1].lr


def test_the_exported_model_predicts_what_the_trained_one_does() -> None:
    digits = load_digits()
    classifier = Classifier()
    for _ in islice(classifier.train(digits), 100):
        pass

    session: Any = onnxruntime.InferenceSession(classifier.to_onnx())
    outputs = session.run(None, {"images": digits.held_out_images})

    right = np.count_nonzero(np.asarray(outputs[0]) == digits.held_out_labels)
    assert right / 500 == classifier.accuracy(digits.held_out_images, digits.held_out_labels)
    assert np.asarray(outputs[1]).shape == (500, 10)
