from pathlib import Path
from typing import Any

import pytest
from integrations.conftest import Logged

from axonml.client.run import Run

torch: Any = pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")

from axonml.integrations.huggingface import AxonmlCallback  # noqa: E402

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("default")]


def train(tmp_path: Path) -> Any:
    config = transformers.BertConfig(
        vocab_size=32, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, num_labels=2,
    )  # fmt: skip
    rows = [
        {"input_ids": [i % 30 + 1, 2, 3], "attention_mask": [1, 1, 1], "labels": i % 2}
        for i in range(32)
    ]
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path), max_steps=10, logging_steps=2, eval_strategy="steps",
        eval_steps=5, per_device_train_batch_size=4, report_to=[], use_cpu=True,
        save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    trainer = transformers.Trainer(
        transformers.BertForSequenceClassification(config), arguments, train_dataset=rows,
        eval_dataset=rows, callbacks=[AxonmlCallback()],
    )  # fmt: skip
    _ = trainer.train()
    return trainer


def test_the_trainer_logs_losses_evaluations_arguments_and_the_model(
    run: Run, tmp_path: Path
) -> None:
    _ = train(tmp_path)

    logged = Logged(run)
    assert [step for step, _ in logged.points("loss")] == [2, 4, 6, 8, 10]
    assert [step for step, _ in logged.points("eval/loss")] == [5, 10]
    assert {"learning_rate", "grad_norm", "epoch", "train_loss"} <= logged.names
    assert run.config["trainer"]["max_steps"] == 10
    assert run.config["model"]["hidden_size"] == 16


def test_stop_on_the_page_ends_the_trainers_training(stopping: Run, tmp_path: Path) -> None:
    assert train(tmp_path).state.global_step == 1
