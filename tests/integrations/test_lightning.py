from typing import Any

import pytest
from integrations.conftest import Logged

from axonml.client.run import Run

torch: Any = pytest.importorskip("torch")
lightning: Any = pytest.importorskip("lightning")

from axonml.integrations.lightning import AxonmlLogger, StopFromPage  # noqa: E402

# The frameworks warn of each other; what they say is not ours to mend.
pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("default")]


class Linear(lightning.LightningModule):
    def __init__(self, rate: float) -> None:  # noqa: ARG002  # hparams has it
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch: Any, _: int) -> Any:
        (rows,) = batch
        loss = ((self.layer(rows).squeeze() - rows.sum(1)) ** 2).mean()
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: Any, _: int) -> None:
        self.log("val/loss", ((self.layer(batch[0]).squeeze() - batch[0].sum(1)) ** 2).mean())

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=self.hparams.rate)


def fit(epochs: int) -> Any:
    rows = torch.utils.data.TensorDataset(torch.randn(64, 4))
    loader = torch.utils.data.DataLoader(rows, batch_size=8)
    trainer = lightning.Trainer(
        max_epochs=epochs, logger=AxonmlLogger(), callbacks=[StopFromPage()], accelerator="cpu",
        log_every_n_steps=2, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(Linear(0.1), loader, loader)
    return trainer


def test_lightning_logs_its_modules_metrics_and_hyperparameters(run: Run) -> None:
    trainer = fit(3)

    logged = Logged(run)
    assert [step for step, _ in logged.points("train/loss")] == list(range(1, 24, 2))
    assert [step for step, _ in logged.points("val/loss")] == [7, 15, 23]
    assert run.config["rate"] == 0.1
    assert (trainer.logger.version, trainer.logger.name) == (run.id, "frameworks")


def test_stop_on_the_page_ends_lightnings_training(stopping: Run) -> None:
    assert fit(50).global_step == 1
