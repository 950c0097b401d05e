"""What the machine does while a run trains: one small sample every two seconds."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psutil

PERIOD_S: Final = 2.0
_MIB: Final = 1 << 20
# What the driver makes on Linux, in containers too, and on WSL.
_DEVICES: Final = (Path("/dev/nvidiactl"), Path("/dev/dxg"))
Sample = dict[str, float]


class SystemSampler:
    """Owns the sampling thread; hands each sample to `log` until it is stopped.

    `system/cpu` is a fraction of all cores, `system/memory_mb` what the machine has in use,
    `memory_mb` what this process has in memory (MiB). With NVIDIA GPUs:
    `system/gpu.N.util` and `gpu_util` (the mean) as fractions, `system/gpu.N.memory_mb`.
    """

    def __init__(self, log: Callable[[Sample], None]) -> None:
        self._log: Final = log
        self._stop: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._work, name="axonml-system", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; no sample comes after this returns."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(PERIOD_S)

    def _work(self) -> None:
        process = psutil.Process(os.getpid())
        gpus = _Gpus()
        _ = psutil.cpu_percent()  # its first answer means nothing
        while not self._stop.wait(PERIOD_S):
            try:
                sample = _sample(process)
                sample.update(gpus.sample())
            except (psutil.Error, OSError):
                return  # a system that hides these figures: train without them
            if not self._stop.is_set():
                self._log(sample)


def _sample(process: psutil.Process) -> Sample:
    return {
        "system/cpu": psutil.cpu_percent() / 100,
        "system/memory_mb": psutil.virtual_memory().used / _MIB,
        "memory_mb": process.memory_info().rss / _MIB,
    }


class _Gpus:
    """The NVIDIA GPUs that the driver shows, none where there is no driver."""

    def __init__(self) -> None:
        self._handles: list[Any] = []
        if not any(device.exists() for device in _DEVICES):
            return  # the binding takes 60 ms to load
        import pynvml

        self._nvml: Any = pynvml
        try:
            self._nvml.nvmlInit()
            count: int = self._nvml.nvmlDeviceGetCount()
            self._handles = [self._nvml.nvmlDeviceGetHandleByIndex(i) for i in range(count)]
        except self._nvml.NVMLError:
            return

    def sample(self) -> Sample:
        """Return use and memory of each; nothing of GPUs that do not tell."""
        found: Sample = {}
        utils: list[float] = []
        for i, handle in enumerate(self._handles):
            try:
                utils.append(self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100)
                found[f"system/gpu.{i}.util"] = utils[-1]
                used = self._nvml.nvmlDeviceGetMemoryInfo(handle).used
                found[f"system/gpu.{i}.memory_mb"] = used / _MIB
            except self._nvml.NVMLError:
                continue
        if utils:
            found["gpu_util"] = sum(utils) / len(utils)
        return found
