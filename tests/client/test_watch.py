from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

import axonml
from axonml.client.watch import watched

torch: Any = pytest.importorskip("torch")

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("default")]


def train(model: Any, passes: int) -> list[float]:
    """Return the norm of the weight's gradient in each pass."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    norms: list[float] = []
    for _ in range(passes):
        optimizer.zero_grad()
        (model(torch.ones(2, 3)) ** 2).sum().backward()
        norms.append(float(model.weight.grad.norm()))
        optimizer.step()
    return norms


def nothing(_name: str, _values: object) -> None:
    return


def logged(log: Any, every: int, passes: int) -> tuple[list[dict[str, float]], list[float]]:
    found: list[dict[str, float]] = []

    def keep(values: Mapping[str, Any]) -> None:
        found.append({name: float(value) for name, value in values.items()})

    model = torch.nn.Linear(3, 1)
    watch = watched(model, log, every, keep, nothing)
    with torch.no_grad():
        _ = model(torch.ones(1, 3))  # an evaluation is no pass
    norms = train(model, passes)
    watch.stop()
    _ = train(model, 1)
    return found, norms


def test_the_gradients_of_each_nth_pass_are_logged_as_the_optimizer_sees_them() -> None:
    found, norms = logged("gradients", 2, 5)

    assert [values["gradients/weight"] for values in found] == pytest.approx(norms[::2])
    assert set(found[0]) == {"gradients/weight", "gradients/bias"}


def test_parameters_are_logged_alone_or_with_the_gradients() -> None:
    parameters, _ = logged("parameters", 1, 3)
    both, _ = logged("all", 3, 3)

    assert [set(values) for values in parameters] == [{"parameters/weight", "parameters/bias"}] * 3
    assert len(both) == 1
    assert set(both[0]) == {
        f"{a}/{b}" for a in ("gradients", "parameters") for b in ("weight", "bias")
    }


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(TypeError, match="takes a torch module, not int"):
        _ = watched(3, "all", 1, print, print)
    with pytest.raises(ValueError, match="log is gradients, parameters or all"):
        _ = watched(torch.nn.Linear(1, 1), "some", 1, print, print)  # pyright: ignore[reportArgumentType]  # wrong on purpose


def test_how_gradients_and_parameters_are_spread_is_on_the_page_of_the_run(home: Path) -> None:
    run = axonml.init(mode="offline", system=False)
    model = torch.nn.Sequential(torch.nn.Linear(400, 300), torch.nn.Linear(300, 1))
    run.watch(model, log="all", log_freq=2)

    for step in range(4):
        model(torch.ones(2, 400)).sum().backward()
        run.log({"loss": 1.0}, step=step)
    _ = run.finish()

    notes = map(
        msgspec.json.decode, (f.read_bytes() for f in run._spool.folder.glob("media/*.json"))
    )
    found = sorted((note["kind"], note["key"], note["step"]) for note in notes)
    names = [f"{place}.{part}" for place in (0, 1) for part in ("bias", "weight")]
    assert found == [
        ("histogram", f"{kind}/{name}", step)
        for kind in ("gradients", "parameters")
        for name in names
        for step in (0, 2)
    ]
    [counts] = {
        sum(msgspec.json.decode(file.with_suffix(".bin").read_bytes())["counts"])
        for file in run._spool.folder.glob("media/*.json")
        if "parameters/0.weight" in file.read_text()
    }
    assert counts == 40_000  # of 120,000: every third


def test_values_that_are_no_numbers_any_more_end_no_training(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = axonml.init(mode="offline", system=False)
    model = torch.nn.Linear(2, 1)
    run.watch(model, log_freq=1)

    for _ in range(2):
        (model(torch.ones(1, 2)) * float("nan")).sum().backward()
    _ = run.finish()

    assert "a histogram needs at least one finite value" in capsys.readouterr().err
