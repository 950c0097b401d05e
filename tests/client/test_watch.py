from collections.abc import Mapping
from typing import Any

import pytest

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


def logged(log: Any, every: int, passes: int) -> tuple[list[dict[str, float]], list[float]]:
    found: list[dict[str, float]] = []

    def keep(values: Mapping[str, Any]) -> None:
        found.append({name: float(value) for name, value in values.items()})

    model = torch.nn.Linear(3, 1)
    watch = watched(model, log, every, keep)
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
        _ = watched(3, "all", 1, print)
    with pytest.raises(ValueError, match="log is gradients, parameters or all"):
        _ = watched(torch.nn.Linear(1, 1), "some", 1, print)  # pyright: ignore[reportArgumentType]  # wrong on purpose
