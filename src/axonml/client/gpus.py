"""What the NVIDIA GPUs of a machine do, as its driver tells."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

_MIB: Final = 1 << 20
# What the driver makes on Linux, in containers too, and on WSL.
_DEVICES: Final = (Path("/dev/nvidiactl"), Path("/dev/dxg"))


class Gpus:
    """The NVIDIA GPUs that the driver shows, none where there is no driver."""

    def __init__(self, devices: tuple[Path, ...] = _DEVICES) -> None:
        self._handles: list[Any] = []
        if not any(device.exists() for device in devices):
            return  # the binding takes 60 ms to load
        import pynvml

        self._nvml: Any = pynvml
        try:
            self._nvml.nvmlInit()
            count: int = self._nvml.nvmlDeviceGetCount()
            self._handles = [self._nvml.nvmlDeviceGetHandleByIndex(i) for i in range(count)]
        except self._nvml.NVMLError:
            return

    def sample(self) -> dict[str, float]:
        """Return what each GPU tells: use and memory, watts, degrees; what one hides is left out.

        `gpu_util` is the mean over all, a fraction like each `util`; memory is in MiB.
        """
        found: dict[str, float] = {}
        utils: list[float] = []
        for i, handle in enumerate(self._handles):
            for name, ask in self._questions(handle):
                try:
                    value = ask()
                except self._nvml.NVMLError:
                    continue
                found[f"system/gpu.{i}.{name}"] = value
                if name == "util":
                    utils.append(value)
        if utils:
            found["gpu_util"] = sum(utils) / len(utils)
        return found

    def _questions(self, handle: object) -> Iterator[tuple[str, Callable[[], float]]]:
        nvml = self._nvml
        yield "util", lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100
        yield "memory_mb", lambda: nvml.nvmlDeviceGetMemoryInfo(handle).used / _MIB
        yield "power_w", lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000
        yield "temperature_c", lambda: float(nvml.nvmlDeviceGetTemperature(handle, 0))
