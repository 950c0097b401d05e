"""What the machine does while a run trains: one small sample every two seconds."""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Final

import psutil

from axonml.client.gpus import Gpus
from axonml.clock import monotonic

PERIOD_S: Final = 2.0
_MIB: Final = 1 << 20
# The children of a process are found by looking at every process of the machine.
_SAMPLES_PER_FAMILY: Final = 5
Sample = dict[str, float]


class SystemSampler:
    """Owns the sampling thread; hands each sample to `log` until it is stopped.

    Fractions are of all cores and 0 to 1, memory is in MiB, rates in MiB a second. `system/...` is
    XX
    """

    def __init__(self, log: Callable[[Mapping[str, object]], None]) -> None:
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
        gpus = Gpus()
        try:
            parts = (_Machine(), _Rates(), _Family(os.getpid()))
        except (psutil.Error, OSError, NotImplementedError):
            parts = ()  # a system that hides these figures: train without them
        while not self._stop.wait(PERIOD_S):
            sample: Sample = {}
            for part in parts:
                try:
                    sample.update(part.sample())
                except (psutil.Error, OSError, NotImplementedError):
                    continue
            sample.update(gpus.sample())
            if sample and not self._stop.is_set():
                self._log(sample)


class _Machine:
    """Processor, memory and the disk that the script is on."""

    def __init__(self) -> None:
        _ = psutil.cpu_percent()  # its first answer means nothing

    def sample(self) -> Sample:
        return {
            "system/cpu": psutil.cpu_percent() / 100,
            "system/memory_mb": psutil.virtual_memory().used / _MIB,
            "system/disk_used": psutil.disk_usage(".").percent / 100,
        }


class _Rates:
    """What went over disks and network a second, since the sample before."""

    def __init__(self) -> None:
        self._at = monotonic()
        self._counts = _counted()

    def sample(self) -> Sample:
        at, counts = monotonic(), _counted()
        seconds = max(at - self._at, 1e-3)
        rates = {
            name: max(count - self._counts.get(name, count), 0) / _MIB / seconds
            for name, count in counts.items()
        }
        self._at, self._counts = at, counts
        return rates


def _counted() -> dict[str, int]:
    disk, net = psutil.disk_io_counters(), psutil.net_io_counters()
    counts: dict[str, int] = {}
    if disk is not None:  # a container may hide its disks
        counts["system/disk_read_mb_s"] = disk.read_bytes
        counts["system/disk_write_mb_s"] = disk.write_bytes
    counts["system/net_sent_mb_s"] = net.bytes_sent
    counts["system/net_recv_mb_s"] = net.bytes_recv
    return counts


class _Family:
    """This process and all that it has started, such as the workers that load its data."""

    def __init__(self, pid: int) -> None:
        self._own: Final = psutil.Process(pid)
        self._known: dict[int, psutil.Process] = {pid: self._own}
        self._n_samples = 0
        _ = self._own.cpu_percent()

    def sample(self) -> Sample:
        if self._n_samples % _SAMPLES_PER_FAMILY == 0:
            # Those known stay the same objects: they remember what they had used before.
            children = {child.pid: child for child in self._own.children(recursive=True)}
            known = {self._own.pid: self._own, **children}
            self._known = {pid: self._known.get(pid, found) for pid, found in known.items()}
        self._n_samples += 1
        memory = cpu = 0.0
        n_alive = 0
        for process in tuple(self._known.values()):
            try:
                memory += process.memory_info().rss / _MIB
                cpu += process.cpu_percent() / 100
                n_alive += 1
            except psutil.NoSuchProcess:
                _ = self._known.pop(process.pid, None)
        return {
            "memory_mb": memory,
            "system/process.cpu": cpu / (psutil.cpu_count() or 1),
            "system/process.count": n_alive,
        }
