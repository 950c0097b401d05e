import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from axonml.client.gpus import Gpus


class NVMLError(Exception):
    """As the driver's binding raises it."""


class FakeNvml:
    """Two GPUs; the second hides its power and its use."""

    NVMLError = NVMLError

    def __init__(self, *, has_driver: bool = True) -> None:
        self._has_driver = has_driver

    def nvmlInit(self) -> None:  # noqa: N802  # NVML's names
        if not self._has_driver:
            raise NVMLError("Driver Not Loaded")

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:  # noqa: N802
        if handle == 1:
            raise NVMLError("Not Supported")
        return SimpleNamespace(gpu=50)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(used=(handle + 1) << 30)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:  # noqa: N802
        if handle == 1:
            raise NVMLError("Not Supported")
        return 250_500

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> int:  # noqa: N802
        assert sensor == 0
        return 60 + handle


@pytest.fixture
def device(tmp_path: Path) -> tuple[Path, ...]:
    (tmp_path / "nvidiactl").touch()
    return (tmp_path / "nvidiactl",)


def test_each_gpu_tells_what_it_does_and_one_that_hides_a_figure_tells_the_others(
    device: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())

    assert Gpus(device).sample() == {
        "system/gpu.0.util": 0.5,
        "system/gpu.0.memory_mb": 1024.0,
        "system/gpu.0.power_w": 250.5,
        "system/gpu.0.temperature_c": 60.0,
        "system/gpu.1.memory_mb": 2048.0,
        "system/gpu.1.temperature_c": 61.0,
        "gpu_util": 0.5,
    }


def test_without_a_driver_there_are_no_gpus(
    device: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml(has_driver=False))

    assert Gpus(device).sample() == {}
    assert Gpus(()).sample() == {}
