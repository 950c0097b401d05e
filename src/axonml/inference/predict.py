"""The hot route: a body in, a prediction out; one dict look-up and nothing of storage."""

import asyncio
from typing import Any, Final

from litestar.types import Receive, Scope, Send

from axonml.clock import monotonic
from axonml.errors import MethodNotAllowed
from axonml.http.caller import Caller
from axonml.http.decode import read_stream, too_large
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.outputs import encode, encode_large
from axonml.inference.payload import Inputs
from axonml.inference.rollout import Serving

# Below, the work of one request takes the event loop less than about two milliseconds.
_LARGE_BYTES: Final = 512 << 10
_LARGE_VALUES: Final = 8192
_JSON: Final = (b"content-type", b"application/json")


# A mount, with the name read from what is left of the path: Litestar 2.25 finds no handler for an
# ASGI route with a path parameter (`parse_path_to_route` looks its parameters up by the method).
PREDICT_MOUNT: Final = "/api/inference/predict"


class Predict:
    """Answers `POST /api/inference/predict/{name}` as a plain ASGI handler."""

    def __init__(self, endpoints: Endpoints, limit_bytes: int) -> None:
        self._endpoints: Final = endpoints
        self._limit_bytes: Final = limit_bytes

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer predictions for rows of inputs.

        Requests that wait for the same replica are answered together. Too many waiting are
        refused with 429, a stopped endpoint with 409, one that starts or ends with 503.
        """
        began = monotonic()
        found: Any = scope
        if found["method"] != "POST":
            raise MethodNotAllowed("predict takes POST", "POST")
        caller: Caller = found["caller"]
        found["path_template"] = f"{PREDICT_MOUNT}/{{name}}"
        live = self._endpoints.callable_by(caller, scope["path"].strip("/"))
        try:
            body = await self._predicted(live, scope, receive, began)
        except BaseException:
            live.latency.fail()
            raise
        live.latency.succeed(monotonic() - began)
        headers = [_JSON, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _predicted(
        self, live: LiveEndpoint, scope: Scope, receive: Receive, began: float
    ) -> bytes:
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self._limit_bytes:
                raise too_large(self._limit_bytes)
        body = await read_stream(receive, self._limit_bytes)
        serving = live.require_serving()
        if len(body) <= _LARGE_BYTES:
            # From here to the queue nothing waits, so a swap cannot come between.
            inputs = serving.payload.decode(body)
        else:
            serving, inputs = await _decoded_apart(live, body)
        answer, version = await live.ask(serving, inputs)
        elapsed_ms = (monotonic() - began) * 1000
        if answer.n_values <= _LARGE_VALUES:
            return encode(answer, version, elapsed_ms)
        return await asyncio.to_thread(encode_large, answer, version, elapsed_ms)


async def _decoded_apart(live: LiveEndpoint, body: bytes) -> tuple[Serving, Inputs]:
    """Decode a large body in a thread, for the version that serves when that is done."""
    while True:
        serving = live.require_serving()
        inputs = await asyncio.to_thread(serving.payload.decode_apart, body)
        if live.require_serving() is serving:
            return serving, inputs
