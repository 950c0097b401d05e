"""Bytes to structs, strictly: what the type does not say is refused, always with a 4xx.

Litestar converts JSON twice, laxly ("1.5" passes as a float) and answers 500 to deep nesting and
to bad UTF-8; `JsonRequest` decodes once, with the handler's own type.
"""

import re
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import BaseRouteHandler
from litestar.types import Receive
from numpy.typing import NDArray

from axonml.errors import BadRequest, FieldError, Invalid, TooLarge, UnsupportedMedia

T = TypeVar("T")
MAX_DEPTH: Final = 64
_MOST_DIGITS: Final = len(str(1 << 64))

_QUOTE: Final = ord('"')
_STEPS: Final = np.zeros(256, np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1
_LONG: Final = re.compile(rb"\d{19}")
_LONG_INTEGER: Final = re.compile(rb"(?<![\d.eE+-])(-?)(\d{19,})(?![\d.eE])")
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`")


def decode_json(body: bytes, decode: Callable[[bytes], T]) -> T:
    """Return what `decode` (of a strict `msgspec.json.Decoder`) makes of `body`.

    Raises:
        BadRequest: not JSON, not UTF-8, deeper than 64, or an integer beyond 64 bits.
        Invalid: JSON of another type; `fields` names the first wrong one.
    """
    if not body:
        raise BadRequest("the body is empty; send JSON", code="empty_body")
    _check_shape(body)
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from None
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8", code="bad_json") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}", code="bad_json") from None


def invalid(message: str) -> Invalid:
    """Return msgspec's complaint as the error of one field."""
    text, _, place = message.rpartition(" - at `")
    path = place.removesuffix("`") if text else "$"
    text = text or message
    for pattern, sentence in ((_MISSING, "is missing"), (_UNKNOWN, "is not known here")):
        if found := pattern.fullmatch(text):
            path, text = f"{path}.{found[1][:64]}", sentence
    if " matching regex " in text:
        text = "is not of the form that is asked for"
    name = path.removeprefix("$.") if path != "$" else "the body"
    field = FieldError(path, text)
    return Invalid(f"{name}: {text}", fields=(field,))


def _check_shape(body: bytes) -> None:
    deep = body.count(b"[") + body.count(b"{") > MAX_DEPTH
    long = _LONG.search(body) is not None
    if not deep and not long:
        return
    plain, outside = _outside_strings(body)
    if deep:
        steps = np.where(outside, _STEPS[plain], 0)
        if int(np.cumsum(steps, dtype=np.int32).max(initial=0)) > MAX_DEPTH:
            raise BadRequest(f"the JSON is nested deeper than {MAX_DEPTH}", code="too_deep")
    if long:
        for sign, digits in _LONG_INTEGER.findall(plain[outside].tobytes()):
            if len(digits) > _MOST_DIGITS or not -(1 << 63) <= int(sign + digits) < 1 << 64:
                raise BadRequest("the JSON holds an integer beyond 64 bits", code="bad_integer")


def _outside_strings(body: bytes) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    # Without escaped backslashes, and then without escaped quotes, each quote left opens or ends
    # a string. (A pair is cut from the left, so `\\\"` loses `\\` first, as JSON reads it.)
    plain = np.frombuffer(body.replace(b"\\\\", b"").replace(b'\\"', b""), np.uint8)
    return plain, np.cumsum(plain == _QUOTE, dtype=np.int32) % 2 == 0


async def read_body(request: Request[Any, Any, Any], limit_bytes: int) -> bytes:
    """Return the raw body; for routes with a size limit of their own."""
    announced = request.content_length
    if announced is not None and announced > limit_bytes:
        raise too_large(limit_bytes)
    return await read_stream(request.receive, limit_bytes)


async def read_stream(receive: Receive, limit_bytes: int) -> bytes:
    """Return the body that an ASGI `receive` gives, counted while it comes.

    Raises:
        TooLarge: more than `limit_bytes`.
        BadRequest: the client went away before the end.
    """
    chunks: list[bytes] = []
    n_bytes = 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise cut_off()
        chunk = event.get("body", b"")
        n_bytes += len(chunk)
        if n_bytes > limit_bytes:
            raise too_large(limit_bytes)
        chunks.append(chunk)
        if not event.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def too_large(limit_bytes: int) -> TooLarge:
    """Return the error of a body beyond its limit."""
    return TooLarge(f"the body may have at most {limit_bytes} bytes here")


def cut_off() -> BadRequest:
    """Return the error of a body that ended before its end."""
    return BadRequest("the connection closed before the body was complete", code="cut_off")


_Decode = Callable[[bytes], Any]
_DECODERS: Final[WeakKeyDictionary[BaseRouteHandler, _Decode]] = WeakKeyDictionary()


class JsonRequest(Request[Any, Any, Any]):
    """The request class of every route: `json()` is strict, and bodies are counted."""

    async def json(self) -> object:
        """Return the body as the type of the handler's `data`."""
        kind = self.content_type[0]
        if kind and kind != "application/json" and not kind.endswith("+json"):
            raise UnsupportedMedia(f"send the body as application/json, not {kind[:64]}")
        return decode_json(await super().body(), self._decoder())

    async def body(self) -> bytes:
        """Return the raw body; a handler that must have JSON never sees an empty one."""
        body = await super().body()
        if not body:
            data = self.route_handler.parsed_data_field
            if data is not None and not data.has_default:
                raise BadRequest("the body is empty; send JSON", code="empty_body")
        return body

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes; ends with an `AxonError` where it is too large or cut."""
        try:
            async for chunk in super().stream():
                yield chunk
        except RequestEntityTooLarge:
            raise too_large(self.route_handler.resolve_request_max_body_size() or 0) from None
        except InternalServerException:
            if not self.is_connected:
                raise  # read twice: our mistake
            raise cut_off() from None

    def _decoder(self) -> _Decode:
        handler = self.route_handler
        decode = _DECODERS.get(handler)
        if decode is None:
            data = handler.parsed_data_field
            kind = Any if data is None else data.raw
            decode = _DECODERS[handler] = msgspec.json.Decoder(kind, strict=True).decode
        return decode
