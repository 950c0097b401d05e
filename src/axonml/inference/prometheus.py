"""Endpoints as Prometheus sees them: requests, latencies, batches, queues and replicas."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from axonml.auth.permissions import may_read
from axonml.http.caller import Caller
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.latency import Buckets

# Seconds; a log bucket counts to the first bound that is not below its middle.
_BOUNDS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_BOUNDS_ROWS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024)


class EndpointMetrics:
    """Prometheus text about the endpoints that a caller may see."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints: Final = endpoints

    def render(self, caller: Caller) -> bytes:
        """Return the text; counts begin anew with the server, those of a version with its start."""
        registry = CollectorRegistry()
        shown = [each for each in self._endpoints.every() if may_read(caller, each.record)]
        registry.register(_Families(shown))
        return generate_latest(registry)


class _Families(Collector):
    def __init__(self, shown: Sequence[LiveEndpoint]) -> None:
        self._shown: Final = shown

    def collect(self) -> Iterator[Metric]:
        yield from _requests(self._shown)
        yield from _versions(self._shown)


def _requests(shown: Iterable[LiveEndpoint]) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "axonml_inference_requests", "Predictions asked for.", labels=("endpoint", "outcome")
    )
    seconds = HistogramMetricFamily(
        "axonml_inference_request_seconds",
        "Time from the request's head to its answer, of those that succeeded.",
        labels=("endpoint",),
    )
    for live in shown:
        total = live.latency.total()
        requests.add_metric((live.record.name, "success"), total.n_success)
        requests.add_metric((live.record.name, "error"), total.n_error)
        seconds.add_metric((live.record.name,), *_seconds(total.latencies))
    yield requests
    yield seconds


def _versions(shown: Iterable[LiveEndpoint]) -> Iterator[Metric]:
    labels = ("endpoint", "version")
    replicas = GaugeMetricFamily(
        "axonml_inference_replicas", "Replicas that can answer.", labels=labels
    )
    restarts = CounterMetricFamily(
        "axonml_inference_replica_restarts", "Replicas started again.", labels=labels
    )
    queued = GaugeMetricFamily(
        "axonml_inference_queued_rows", "Rows that wait for a replica.", labels=labels
    )
    waits = HistogramMetricFamily(
        "axonml_inference_queue_seconds",
        "Time that the oldest request of each batch had waited.",
        labels=labels,
    )
    rows = HistogramMetricFamily(
        "axonml_inference_batch_rows", "Rows of each batch.", labels=labels
    )
    for live in shown:
        for serving in live.servings:
            of = (live.record.name, serving.version)
            replicas.add_metric(of, len(serving.replicas.alive))
            restarts.add_metric(of, serving.replicas.restarts.total())
            queued.add_metric(of, serving.batcher.queued_rows)
            waits.add_metric(of, *_seconds(serving.batcher.waits))
            sizes = sorted(serving.batcher.batch_rows.items())
            rows.add_metric(of, *_histogram(sizes, _BOUNDS_ROWS))
    yield from (replicas, restarts, queued, waits, rows)


def _seconds(buckets: Buckets) -> tuple[list[tuple[str, float]], float]:
    return _histogram(buckets.middles_s(), _BOUNDS_S)


def _histogram(
    values: Sequence[tuple[float, int]], bounds: Sequence[float]
) -> tuple[list[tuple[str, float]], float]:
    """Return the cumulative buckets of (value, count) pairs, and the sum of all values."""
    cumulative: list[tuple[str, float]] = [
        (str(float(bound)), sum(count for value, count in values if value <= bound))
        for bound in bounds
    ]
    cumulative.append(("+Inf", sum(count for _, count in values)))
    return cumulative, sum(value * count for value, count in values)
