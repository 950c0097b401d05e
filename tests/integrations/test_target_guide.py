"""The guide's example of each framework runs as it stands, and logs what it says."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from axonml.client.spool import SpoolReader

GUIDE: Final = Path(__file__).parents[2] / "docs" / "guide" / "frameworks.md"
LOGGED: Final = {
    "PyTorch, by hand": {"loss", "gradients/weight", "parameters/bias"},
    "Lightning": {"train/loss"},
    "Hugging Face Trainer": {"loss", "learning_rate", "train_loss"},
    "Keras": {"loss", "val/mae", "batch/loss"},
    "XGBoost": {"train/logloss"},
    "LightGBM": {"training/l2"},
    "Optuna": {"value", "best_value", "params/x"},
    "scikit-learn": {"train/score", "test/accuracy"},
    "A script for another tracker": {"loss"},
}
_NEEDED: Final = r"^(?:import|from) (torch|lightning|transformers|keras|xgboost|lightgbm|optuna)\b"


def snippets() -> dict[str, str]:
    parts = re.split(r"^## ", GUIDE.read_text(), flags=re.MULTILINE)[1:]
    found = {
        part.partition("\n")[0]: re.findall(r"```python\n(.*?)```", part, re.DOTALL)
        for part in parts
    }
    return {heading: script for heading, [script] in found.items()}


def test_every_example_of_the_guide_is_run_here() -> None:
    assert list(snippets()) == list(LOGGED)


@pytest.mark.frameworks
@pytest.mark.parametrize("heading", LOGGED)
def test_the_guides_example_runs_as_it_stands(heading: str, tmp_path: Path, home: Path) -> None:
    script = snippets()[heading]
    for module in re.findall(_NEEDED, script, re.MULTILINE):
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed")

    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "AXONML_HOME": str(home), "AXON_MODE": "offline"},
        cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    [folder] = (home / "spool").glob("*/*/")
    records = SpoolReader(folder).read(1 << 24)
    names = {name for record in records if not record.is_text for name in record.values}
    assert LOGGED[heading] <= names
