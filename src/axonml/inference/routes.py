"""HTTP of inference: /api/inference/* and the deploy of a version."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final

from litestar import Request, delete, get, post, put
from litestar.handlers import BaseRouteHandler, asgi
from litestar.params import Parameter

from axonml.clock import as_ms, now_ms
from axonml.errors import Invalid
from axonml.http.caller import MODELS_WRITE, PREDICT, READ, audited, caller_of
from axonml.http.openapi import described
from axonml.http.paging import decode_cursor, encode_cursor
from axonml.inference.endpoints import Endpoints
from axonml.inference.metrics import Metrics
from axonml.inference.predict import PREDICT_MOUNT, Predict
from axonml.inference.store import SORTS, EndpointStore, sort_value
from axonml.inference.supervisor import Supervisor
from axonml.inference.types import (
    Deploy,
    Endpoint,
    EndpointChange,
    EndpointPage,
    EndpointStatus,
    MetricsPage,
    NewEndpoint,
    Prediction,
    PredictRequest,
    ReplicaLogPage,
    ReplicaPage,
)

Call = Request[Any, Any, Any]
Moment = Annotated[datetime | None, Parameter(description="RFC 3339")]
_ENDPOINT: Final = "/api/inference/endpoints/{endpoint_id:str}"
_HOUR_MS: Final = 3_600_000


class EndpointRoutes:
    """Endpoints, their metrics and logs, deploy and predict."""

    def __init__(
        self,
        supervisor: Supervisor,
        endpoints: Endpoints,
        store: EndpointStore,
        metrics: Metrics,
        predict: Predict,
    ) -> None:
        self._supervisor: Final = supervisor
        self._endpoints: Final = endpoints
        self._store: Final = store
        self._metrics: Final = metrics
        self._predict: Final = predict

    async def list_endpoints(  # one argument for each query parameter
        self,
        request: Call,
        model_id: str = "",
        status: list[EndpointStatus] | None = None,
        sort: str = "-created_at",
        limit: Annotated[int, Parameter(ge=1, le=1000)] = 50,
        cursor: str | None = None,
    ) -> EndpointPage:
        """List the endpoints that the caller may see, with the figures of the last ten seconds."""
        if sort not in SORTS:
            raise Invalid(f"sort is one of {', '.join(SORTS)}, not {sort[:64]!r}")
        caller = caller_of(request)
        after = decode_cursor(cursor) if cursor else None
        found = await self._store.page(caller, model_id, status or (), sort, after, limit + 1)
        shown, more = found[:limit], len(found) > limit
        live = {each.record.id: each for each in self._endpoints.every()}
        items = [live[each.id].shown() if each.id in live else each for each in shown]
        return EndpointPage(items, encode_cursor(*sort_value(shown[-1], sort)) if more else None)

    async def create_endpoint(self, request: Call, data: NewEndpoint) -> Endpoint:
        """Create a stopped endpoint."""
        return await self._supervisor.create(caller_of(request), data)

    async def get_endpoint(self, request: Call, endpoint_id: str) -> Endpoint:
        """Return an endpoint with the figures of the last ten seconds."""
        return self._endpoints.readable(caller_of(request), endpoint_id).shown()

    async def change_endpoint(
        self, request: Call, endpoint_id: str, data: EndpointChange
    ) -> Endpoint:
        """Change an endpoint; a running one answers all the while."""
        return await self._supervisor.change(caller_of(request), endpoint_id, data)

    async def delete_endpoint(self, request: Call, endpoint_id: str) -> None:
        """Stop an endpoint, answering what is queued, and delete it with its metrics."""
        await self._metrics.forget(await self._supervisor.delete(caller_of(request), endpoint_id))

    async def start_endpoint(self, request: Call, endpoint_id: str) -> Endpoint:
        """Start an endpoint; answers when it is running."""
        return await self._supervisor.start(caller_of(request), endpoint_id)

    async def stop_endpoint(self, request: Call, endpoint_id: str) -> Endpoint:
        """Stop an endpoint once what is queued is answered."""
        return await self._supervisor.stop(caller_of(request), endpoint_id)

    async def get_endpoint_metrics(
        self,
        request: Call,
        endpoint_id: str,
        first: Annotated[datetime | None, Parameter(query="from")] = None,
        last: Annotated[datetime | None, Parameter(query="to")] = None,
        width: Annotated[int | None, Parameter(ge=1, le=16384)] = None,
    ) -> MetricsPage:
        """Return one row a second, the last hour by default; at most `width` rows, where given."""
        live = self._endpoints.readable(caller_of(request), endpoint_id)
        last_ms = now_ms() if last is None else as_ms(last)
        first_ms = last_ms - _HOUR_MS if first is None else as_ms(first)
        return MetricsPage(await self._metrics.read(live.record.id, first_ms, last_ms, width))

    async def get_endpoint_logs(
        self,
        request: Call,
        endpoint_id: str,
        version: Annotated[int | None, Parameter(ge=1)] = None,
        replica: Annotated[int | None, Parameter(ge=0)] = None,
    ) -> ReplicaLogPage:
        """Return the last lines that the endpoint's replicas, or one of them, wrote."""
        live = self._endpoints.readable(caller_of(request), endpoint_id)
        return ReplicaLogPage(live.log_lines(version, replica))

    async def get_endpoint_replicas(self, request: Call, endpoint_id: str) -> ReplicaPage:
        """Return the processes that run for the endpoint."""
        live = self._endpoints.readable(caller_of(request), endpoint_id)
        return ReplicaPage(await asyncio.to_thread(live.replicas))

    async def deploy_version(
        self,
        request: Call,
        model_id: str,
        version: str,
        data: Deploy | None = None,
        wait: Annotated[int, Parameter(ge=0, le=1)] = 1,
    ) -> Endpoint:
        """Make a version answer predictions; `wait=0` answers before it does."""
        return await self._supervisor.deploy(
            caller_of(request), model_id, version, data or Deploy(), wait=bool(wait)
        )

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["inference"]}
        listed = "/api/inference/endpoints"
        return [
            get(listed, opt=READ, **kind)(self.list_endpoints),
            post(listed, opt={**MODELS_WRITE, **audited("endpoint_created")}, **kind)(
                self.create_endpoint
            ),
            get(_ENDPOINT, opt=READ, **kind)(self.get_endpoint),
            put(_ENDPOINT, opt={**MODELS_WRITE, **audited("endpoint_changed")}, **kind)(
                self.change_endpoint
            ),
            delete(_ENDPOINT, opt={**MODELS_WRITE, **audited("endpoint_deleted")}, **kind)(
                self.delete_endpoint
            ),
            post(f"{_ENDPOINT}/start", opt=MODELS_WRITE, status_code=200, **kind)(
                self.start_endpoint
            ),
            post(f"{_ENDPOINT}/stop", opt=MODELS_WRITE, status_code=200, **kind)(
                self.stop_endpoint
            ),
            get(f"{_ENDPOINT}/metrics", opt=READ, **kind)(self.get_endpoint_metrics),
            get(f"{_ENDPOINT}/logs", opt=READ, **kind)(self.get_endpoint_logs),
            get(f"{_ENDPOINT}/replicas", opt=READ, **kind)(self.get_endpoint_replicas),
            post(
                "/api/models/{model_id:str}/versions/{version:str}/deploy",
                opt={**MODELS_WRITE, **audited("version_deployed")},
                **kind,
            )(self.deploy_version),
            # Its queue is its budget: a limit per minute would refuse what replicas can answer.
            asgi(
                PREDICT_MOUNT,
                is_mount=True,
                opt={
                    **PREDICT,
                    "unmetered": True,
                    **described(
                        body={"application/json": PredictRequest},
                        answers={"application/json": Prediction},
                        methods=("post",),
                        name="predict",
                        below="name",
                        problems=(504,),
                    ),
                },
                copy_scope=False,
            )(self._predict.answer),
        ]
