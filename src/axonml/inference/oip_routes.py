"""HTTP of the Open Inference Protocol v2, under /v2: a model is an endpoint."""

import asyncio
from importlib.metadata import version
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler

from axonml.clock import monotonic
from axonml.errors import AxonError, NotFound, Unavailable, UnsupportedMedia
from axonml.formats.format import TensorSpec
from axonml.http.caller import PREDICT, PUBLIC, caller_of
from axonml.http.decode import read_stream
from axonml.http.openapi import described
from axonml.http.problems import on_error
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.oip import DATATYPES, InferAnswer, InferRequest, asked_in, encoded, fitted
from axonml.inference.outputs import Answer
from axonml.inference.payload import Inputs
from axonml.inference.rollout import Serving

Call = Request[Any, Any, Any]
_MODEL: Final = "/v2/models/{name:str}"
_VERSION: Final = f"{_MODEL}/versions/{{version:str}}"
_HEADER: Final = "inference-header-content-length"
# Below, the work of one request takes the event loop less than about two milliseconds.
_LARGE_BYTES: Final = 256 << 10
_LARGE_VALUES: Final = 8192


class OipServer(msgspec.Struct, frozen=True):
    """What answers, and which extensions it knows."""

    name: str
    version: str
    extensions: tuple[str, ...] = ("binary_tensor_data",)


class OipTensor(msgspec.Struct, frozen=True):
    """An input or output of a model; -1 in `shape` is any size."""

    name: str
    datatype: str
    shape: tuple[int, ...]


class OipModel(msgspec.Struct, frozen=True):
    """What an endpoint takes and gives."""

    name: str
    versions: tuple[str, ...]
    platform: str
    inputs: tuple[OipTensor, ...]
    outputs: tuple[OipTensor, ...]


class OipReady(msgspec.Struct, frozen=True):
    """The model answers."""

    name: str
    ready: bool = True


class OipLive(msgspec.Struct, frozen=True):
    """The server answers."""

    live: bool = True


class OipServerReady(msgspec.Struct, frozen=True):
    """The server takes requests."""

    ready: bool = True


class OipError(msgspec.Struct, frozen=True):
    """What clients of the protocol look for in an answer that is no success."""

    error: str
    code: str


class OipRoutes:
    """Metadata, health and inference as clients of Triton and KServe ask for them."""

    def __init__(self, endpoints: Endpoints, limit_bytes: int) -> None:
        self._endpoints: Final = endpoints
        self._limit_bytes: Final = limit_bytes

    async def get_oip_server(self) -> OipServer:
        """Say what answers here."""
        return OipServer("axonml", version("axonml-dashboard"))

    async def get_oip_live(self) -> OipLive:
        """Say that the server is there."""
        return OipLive()

    async def get_oip_ready(self) -> OipServerReady:
        """Say that the server takes requests."""
        return OipServerReady()

    async def get_oip_model(self, request: Call, name: str) -> OipModel:
        """Return what an endpoint takes and gives."""
        return _described(self._live(request, name, ""))

    async def get_oip_version(self, request: Call, name: str, version: str) -> OipModel:
        """Return the same, where the endpoint serves that version."""
        return _described(self._live(request, name, version))

    async def get_oip_model_ready(self, request: Call, name: str) -> OipReady:
        """Say that an endpoint answers; 503 where it does not."""
        return _ready(self._live(request, name, ""))

    async def get_oip_version_ready(self, request: Call, name: str, version: str) -> OipReady:
        """Say the same, where the endpoint serves that version."""
        return _ready(self._live(request, name, version))

    async def infer(self, request: Call, name: str) -> Response[bytes]:
        """Answer one inference; tensors as JSON or as raw bytes, both ways."""
        return await self._infer(request, name, "")

    async def infer_version(self, request: Call, name: str, version: str) -> Response[bytes]:
        """Answer one inference, where the endpoint serves that version."""
        return await self._infer(request, name, version)

    async def _infer(self, request: Call, name: str, wanted: str) -> Response[bytes]:
        began = monotonic()
        live = self._live(request, name, wanted)
        try:
            body, length = await self._answered(request, live, wanted)
        except BaseException:
            live.latency.fail()
            raise
        live.latency.succeed(monotonic() - began)
        kind = "application/octet-stream" if length else "application/json"
        headers = {_HEADER: str(length)} if length else {}
        return Response(body, media_type=kind, headers=headers)

    async def _answered(self, request: Call, live: LiveEndpoint, wanted: str) -> tuple[bytes, int]:
        if request.headers.get("content-encoding", "identity") != "identity":
            raise UnsupportedMedia("send the request without Content-Encoding")
        body = await read_stream(request.receive, self._limit_bytes)
        header = request.headers.get(_HEADER, "")
        if len(body) <= _LARGE_BYTES:
            asked = asked_in(body, header)
        else:
            asked = await asyncio.to_thread(asked_in, body, header)
        # From here to the queue nothing waits, so a swap cannot come between.
        serving = live.require_serving()
        _check_version(live, wanted)
        answer, version = await _asked(live, serving, fitted(asked, serving.payload), wanted)
        facts = (answer, asked.request, live.record.name, version)
        if answer.n_values <= _LARGE_VALUES:
            return encoded(*facts)
        return await asyncio.to_thread(encoded, *facts)

    def _live(self, request: Call, name: str, wanted: str) -> LiveEndpoint:
        live = self._endpoints.callable_by(caller_of(request), name)
        _check_version(live, wanted)
        return live

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {
            "tags": ["open inference protocol"],
            "exception_handlers": {AxonError: _refused},
        }
        asking: dict[str, Any] = {"opt": {**PREDICT, "unmetered": True}, **kind}
        inferring: dict[str, Any] = {
            **asking,
            "status_code": 200,
            "request_max_body_size": None,
            "opt": {
                **asking["opt"],
                **described(
                    body={"application/json": InferRequest},
                    answers={"application/json": InferAnswer, "application/octet-stream": bytes},
                    problems=(504,),
                ),
            },
        }
        return [
            get("/v2", opt=PUBLIC, **kind)(self.get_oip_server),
            get("/v2/health/live", opt=PUBLIC, **kind)(self.get_oip_live),
            get("/v2/health/ready", opt=PUBLIC, **kind)(self.get_oip_ready),
            get(_MODEL, **asking)(self.get_oip_model),
            get(f"{_MODEL}/ready", **asking)(self.get_oip_model_ready),
            post(f"{_MODEL}/infer", **inferring)(self.infer),
            get(_VERSION, **asking)(self.get_oip_version),
            get(f"{_VERSION}/ready", **asking)(self.get_oip_version_ready),
            post(f"{_VERSION}/infer", **inferring)(self.infer_version),
        ]


def _refused(request: Call, error: AxonError) -> Response[OipError]:
    problem = on_error(request, error)
    headers = {name: value for name, value in problem.headers.items() if name != "content-type"}
    said = OipError(error.detail, error.problem_code)
    return Response(said, status_code=error.status, headers=headers)


async def _asked(
    live: LiveEndpoint, serving: Serving, inputs: Inputs, wanted: str
) -> tuple[Answer, str]:
    """Ask the version that was named; without a name, the one that chance draws."""
    if not wanted or live.rollout is None:
        return await live.ask(serving, inputs)
    side = live.rollout.named(f"v{wanted.removeprefix('v')}") or live.rollout.main
    return await side.ask(inputs), side.serving.version


def _versions(live: LiveEndpoint) -> tuple[str, ...]:
    """Return the versions that answer callers: the endpoint's own, and a canary."""
    tried = live.record.rollout
    canary = () if tried is None or tried.canary is None else (str(tried.canary.version),)
    return (str(live.record.version), *canary)


def _check_version(live: LiveEndpoint, wanted: str) -> None:
    serves = _versions(live)
    if wanted and wanted.removeprefix("v") not in serves:
        raise NotFound(
            f"endpoint {live.record.name} serves version {' and '.join(serves)},"
            f" not {wanted[:32]!r}",
            code="model_version_not_found",
        )


def _described(live: LiveEndpoint) -> OipModel:
    record = live.record
    signature = record.signature
    return OipModel(
        record.name,
        _versions(live),
        "axonml",
        tuple(map(_tensor, signature.inputs)),
        tuple(map(_tensor, signature.outputs)),
    )


def _tensor(spec: TensorSpec) -> OipTensor:
    return OipTensor(spec.name, DATATYPES[spec.dtype], spec.shape)


def _ready(live: LiveEndpoint) -> OipReady:
    if live.serving is None:
        raise Unavailable(f"endpoint {live.record.name} is {live.record.status}", code="not_ready")
    return OipReady(live.record.name)
