import threading

import pytest

from axonml.client import system
from axonml.client.system import Sample, SystemSampler


def test_samples_say_what_the_machine_and_the_process_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "PERIOD_S", 0.05)
    samples: list[Sample] = []
    came = threading.Event()

    def log(sample: Sample) -> None:
        samples.append(sample)
        came.set()

    sampler = SystemSampler(log)
    sampler.start()
    assert came.wait(20)
    sampler.stop()
    n_samples = len(samples)

    sample = samples[0]
    assert 0 <= sample["system/cpu"] <= 1
    assert 1 < sample["memory_mb"] < sample["system/memory_mb"]
    assert not sampler._thread.is_alive()
    assert len(samples) == n_samples
