import subprocess
import sys
import threading
from collections.abc import Mapping

import pytest

from axonml.client import system
from axonml.client.system import SystemSampler


def sampled(monkeypatch: pytest.MonkeyPatch, n: int) -> list[dict[str, float]]:
    monkeypatch.setattr(system, "PERIOD_S", 0.05)
    samples: list[dict[str, float]] = []
    came = threading.Event()

    def log(sample: Mapping[str, object]) -> None:
        samples.append({name: float(str(value)) for name, value in sample.items()})
        if len(samples) >= n:
            came.set()

    sampler = SystemSampler(log)
    sampler.start()
    assert came.wait(20)
    sampler.stop()
    assert not sampler._thread.is_alive()
    return samples


def test_samples_say_what_the_machine_and_the_process_do(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = sampled(monkeypatch, 2)

    sample = samples[0]
    assert 0 <= sample["system/cpu"] <= 1
    assert 1 < sample["memory_mb"] < sample["system/memory_mb"]
    assert 0 < sample["system/disk_used"] <= 1
    assert 0 <= samples[1]["system/process.cpu"] <= 1
    rates = {name: value for name, value in samples[1].items() if name.endswith("_mb_s")}
    assert {"system/net_sent_mb_s", "system/net_recv_mb_s"} <= set(rates)
    assert all(rate >= 0 for rate in rates.values())


def test_what_the_process_has_started_counts_as_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = sampled(monkeypatch, 1)[0]
    code = "b = bytearray(200 << 20); b[:] = b'x' * len(b); print('up', flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    _ = child.stdout.readline()

    together = sampled(monkeypatch, 1)[0]
    _ = child.communicate(b"\n")

    assert together["system/process.count"] == alone["system/process.count"] + 1
    assert together["memory_mb"] > alone["memory_mb"] + 150
