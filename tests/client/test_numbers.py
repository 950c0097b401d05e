import numpy as np
import pytest

from axonml.client.numbers import Later, numbers_of, step_of


class Device:
    """A scalar on an accelerator: nothing is computed until it is asked for."""

    is_cuda = True
    ndim = 0
    device = "cuda:0"

    def __init__(self, value: float) -> None:
        self.value = value
        self.n_read = 0

    def detach(self) -> "Device":
        return self

    def clone(self) -> "Device":
        return Device(self.value)

    def numel(self) -> int:
        return 1

    def item(self) -> float:
        self.n_read += 1
        return self.value


def test_a_scalar_on_a_gpu_is_copied_at_once_and_read_later() -> None:
    tensor = Device(0.5)

    later = numbers_of({"loss": tensor})["loss"]
    tensor.value = 9.0  # the script uses its buffer again

    assert isinstance(later, Later)
    assert tensor.n_read == 0
    assert later.read() == 0.5


def test_names_are_made_fit(capsys: pytest.CaptureFixture[str]) -> None:
    found = numbers_of({"a\nb": 1, "x" * 300: 2, "": 3, 7: 4})

    assert found == {"a_b": 1.0, "x" * 256: 2.0, "_": 3.0, "7": 4.0}
    assert capsys.readouterr().err.count("printable characters") == 3


@pytest.mark.parametrize("value", ["1", b"1", None, [1], (1,), {1}, object(), np.zeros(2), 1j])
def test_what_is_no_number_is_left_out(value: object) -> None:
    assert numbers_of({"x": value, "loss": 1.0}) == {"loss": 1.0}


@pytest.mark.parametrize(
    ("step", "expected"),
    [(3, 3), (3.0, 3), (np.int64(3), 3), ("3", 3), ("x", None), (None, None), (1 << 60, None)],
)
def test_a_step_is_an_integer_that_the_server_takes(step: object, expected: int | None) -> None:
    assert step_of(step) == expected
