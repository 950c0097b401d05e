"""Builds the slice: what the server opens, closes and mounts of inference."""

from collections.abc import Sequence

import msgspec
from litestar.handlers import BaseRouteHandler

from axonml.config import Config
from axonml.inference.endpoints import Endpoints
from axonml.inference.engines.engine import Engine
from axonml.inference.metrics import Metrics
from axonml.inference.oip_routes import OipRoutes
from axonml.inference.predict import Predict
from axonml.inference.prometheus import EndpointMetrics
from axonml.inference.rollout_routes import RolloutRoutes
from axonml.inference.rollouts import Rollouts
from axonml.inference.routes import EndpointRoutes
from axonml.inference.starter import Starter
from axonml.inference.store import EndpointStore
from axonml.inference.supervisor import Supervisor
from axonml.inference.versions import Versions
from axonml.live import Live
from axonml.storage.protocols import Series


class Inference(msgspec.Struct, frozen=True, eq=False):
    """The built slice."""

    supervisor: Supervisor
    metrics: Metrics
    prometheus: EndpointMetrics
    handlers: Sequence[BaseRouteHandler]


def build_inference(  # one argument for each part it stands on
    config: Config,
    endpoints: Endpoints,
    store: EndpointStore,
    versions: Versions,
    engine: Engine,
    series: Series,
    live: Live,
) -> Inference:
    """Return inference on the versions of the registry and an engine that runs them."""
    starter = Starter(versions, engine, config.inference.load_timeout_s)
    supervisor = Supervisor(
        store, versions, endpoints, starter, live, max_endpoints=config.inference.max_endpoints
    )
    metrics = Metrics(endpoints, series)
    predict = Predict(endpoints, config.limits.predict_bytes)
    handlers = [
        *EndpointRoutes(supervisor, endpoints, store, metrics, predict).handlers(),
        *RolloutRoutes(Rollouts(supervisor, endpoints, versions, starter)).handlers(),
        *OipRoutes(endpoints, config.limits.predict_bytes).handlers(),
    ]
    return Inference(supervisor, metrics, EndpointMetrics(endpoints), handlers)
