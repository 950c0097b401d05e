"""What Prometheus reads about endpoints, and of which ones."""

from collections.abc import Callable

import onnx_models
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import OTHER, OWNER, Shelf, Slice, a_row, predict

from axonml.http.caller import Caller
from axonml.inference.prometheus import EndpointMetrics
from axonml.inference.types import Deploy

pytestmark = pytest.mark.anyio
Build = Callable[..., Slice]
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(here: Slice, caller: Caller = OWNER) -> Samples:
    text = EndpointMetrics(here.endpoints).render(caller).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_requests_batches_and_replicas_are_counted(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())
    live = here.of(await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True))
    for _ in range(3):
        _ = await predict(live, a_row(1, 2, 3))
    for seconds in (0.0004, 0.004, 3.0):
        live.latency.succeed(seconds)
    live.latency.fail()
    _ = live.latency.cut()
    live.latency.succeed(0.004)

    found = read(here)

    of, version = ("endpoint", "m"), ("version", "v1")
    assert found["axonml_inference_requests_total", (of, ("outcome", "success"))] == 4
    assert found["axonml_inference_requests_total", (of, ("outcome", "error"))] == 1
    buckets = {
        dict(labels)["le"]: value
        for (name, labels), value in found.items()
        if name == "axonml_inference_request_seconds_bucket"
    }
    assert [buckets[le] for le in ("0.0005", "0.0025", "0.005", "2.5", "10.0", "+Inf")] == [
        1, 1, 3, 3, 4, 4,
    ]  # fmt: skip
    assert found["axonml_inference_request_seconds_sum", (of,)] == pytest.approx(3.0084, rel=0.01)
    assert found["axonml_inference_batch_rows_count", (of, version)] == 3
    assert found["axonml_inference_queue_seconds_count", (of, version)] == 3
    assert found["axonml_inference_replicas", (of, version)] == 1
    assert found["axonml_inference_queued_rows", (of, version)] == 0


async def test_what_a_caller_may_not_see_is_not_counted_for_it(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())
    _ = await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True)

    assert read(here, OTHER) == {}
