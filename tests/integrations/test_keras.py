from typing import Any

import numpy as np
import pytest
from integrations.conftest import Logged

from axonml.client.run import Run

pytest.importorskip("torch")


@pytest.fixture
def keras(home: object) -> Any:
    """Keras on torch: it reads its backend from the environment when it is loaded."""
    return pytest.importorskip("keras")


pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("default")]


def fit(keras: Any, epochs: int, every: int = 0) -> Any:
    from axonml.integrations.keras import AxonmlCallback

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(64, 4)).astype("float32")
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", metrics=["mae"])
    return model.fit(
        rows, rows.sum(1), batch_size=8, epochs=epochs, validation_split=0.25, verbose=0,
        callbacks=[AxonmlCallback(every=every)],
    )  # fmt: skip


def test_keras_logs_epochs_batches_and_how_it_is_trained(run: Run, keras: Any) -> None:
    history = fit(keras, 3, every=2).history

    logged = Logged(run)
    assert logged.points("loss") == list(zip((6, 12, 18), history["loss"], strict=True))
    assert logged.points("val/mae") == list(zip((6, 12, 18), history["val_mae"], strict=True))
    assert [step for step, _ in logged.points("batch/loss")] == list(range(2, 19, 2))
    assert logged.points("epoch") == [(6, 0), (12, 1), (18, 2)]
    assert run.config["fit"]["epochs"] == 3
    assert run.config["optimizer"]["learning_rate"] == pytest.approx(0.05)


def test_stop_on_the_page_ends_keras_training(stopping: Run, keras: Any) -> None:
    assert len(fit(keras, 50).history["loss"]) == 1
