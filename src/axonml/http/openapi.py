"""The OpenAPI document, from the routes: typed bodies, and every error answer of each operation.

Our own, as Litestar's knows nothing of the errors, of ASGI handlers and of sockets.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from inspect import cleandoc
from typing import Any, Final, get_origin

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler, HTTPRouteHandler
from litestar.params import ParameterKwarg, QueryParameter
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute, WebSocketRoute
from litestar.types import Empty
from litestar.typing import FieldDefinition

from axonml.errors import StartupError
from axonml.http.caller import PUBLIC
from axonml.http.problems import MEDIA_TYPE, Problem
from axonml.http.schemas import Schema, Schemas, variants

PATH: Final = "/api/openapi.json"
_JSON: Final = "application/json"
_RESERVED: Final = {"request", "socket", "data", "scope", "headers", "state", "body"}
_WRITES: Final = {"post", "put", "patch", "delete"}
_CONSTRAINTS: Final = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
    "description": "description",
}
_PROBLEMS: Final = {
    400: "The request cannot be read",
    401: "No credential, or none that is valid",
    403: "The caller may not do this",
    404: "No such object, or none that the caller may know of",
    409: "Not possible in this state",
    410: "It was deleted; restore it first",
    412: "The client speaks another version of the protocol",
    413: "The body is too large",
    415: "The body is of a kind that is not taken here",
    422: "A field is wrong; `fields` says which",
    423: "Another request is at it; try again in a moment",
    429: "A limit is reached; try again after `Retry-After`",
    460: "The bytes arrived changed; nothing of them was kept",
    500: "The server made a mistake",
    501: "A part that this needs is not installed; the answer says how to",
    503: "Not available right now",
    504: "No answer in time",
    507: "The disk is full; nothing was stored",
}


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler's signature does not tell: bodies and answers by media type.

    `methods` is for ASGI handlers, which Litestar knows no method of; `below` names the path
    parameter that a mount reads from what is left of the path. `problems` are statuses that only
    this route answers with.
    """

    body: Mapping[str, Any] = {}
    answers: Mapping[str, Any] = {}
    methods: tuple[str, ...] = ()
    status: int = 200
    name: str = ""
    below: str = ""
    problems: tuple[int, ...] = ()


def described(  # one argument for each field
    *,
    body: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    methods: tuple[str, ...] = (),
    status: int = 200,
    name: str = "",
    below: str = "",
    problems: tuple[int, ...] = (),
) -> dict[str, Any]:
    """Return the part of a route's `opt` that describes raw bodies and answers by media type.

    A type of `bytes` is binary. An ASGI handler also gives its `methods`, its `status`, and its
    `name`, the operation id: `opt={**PREDICT, **described(methods=("post",), ...)}`.
    """
    return {
        "described": Described(
            body=body or {},
            answers=answers or {},
            methods=methods,
            status=status,
            name=name,
            below=below,
            problems=problems,
        )
    }


def document(app: Litestar) -> bytes:
    """Return the OpenAPI 3.1 document of every route of `app`, as JSON.

    Raises:
        StartupError: two operations have the same id.
    """
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    seen: dict[str, str] = {}
    for route in sorted(app.routes, key=lambda route: route.path):
        for method, handler in _operations_of(route):
            operation = _operation(schemas, route, method, handler)
            name = operation["operationId"]
            if name in seen:
                raise StartupError(f"{route.path} and {seen[name]} are both named {name}")
            seen[name] = route.path
            paths.setdefault(_path_of(route, handler), {})[method] = operation
    problem = schemas.answered(Problem)
    components: dict[str, Any] = {
        "schemas": schemas.components(),
        "responses": {str(status): _problem(text, problem) for status, text in _PROBLEMS.items()},
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "The `token` of a sign-in, or an API token (`axon_pat_...`).",
            }
        },
    }
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "AxonML Dashboard", "version": version("axonml-dashboard")},
            "servers": [{"url": "/"}],
            # Litestar keeps the methods of a path in a set: each start has its own order.
            "paths": {path: dict(sorted(paths[path].items())) for path in sorted(paths)},
            "components": components,
        }
    )


class OpenapiRoutes:
    """/api/openapi.json: the document alone; a page to read it would load scripts from afar."""

    def __init__(self) -> None:
        self._document: bytes | None = None

    async def openapi(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return this document."""
        if self._document is None:
            self._document = document(request.app)
        return Response(self._document, media_type=_JSON)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        return [get(PATH, opt=PUBLIC, include_in_schema=False)(self.openapi)]


def _operations_of(route: BaseRoute) -> list[tuple[str, BaseRouteHandler]]:
    if isinstance(route, HTTPRoute):
        return [
            (method.lower(), handler)
            for method, (handler, _) in route.route_handler_map.items()
            if handler.resolve_include_in_schema()
        ]
    if isinstance(route, ASGIRoute):
        return [(method, route.route_handler) for method in _described(route.route_handler).methods]
    return [("get", route.route_handler)] if isinstance(route, WebSocketRoute) else []


def _path_of(route: BaseRoute, handler: BaseRouteHandler) -> str:
    below = _described(handler).below
    return f"{route.path_format}/{{{below}}}" if below else route.path_format


def _described(handler: BaseRouteHandler) -> Described:
    return handler.opt.get("described") or Described()


def _operation(
    schemas: Schemas, route: BaseRoute, method: str, handler: BaseRouteHandler
) -> dict[str, Any]:
    told = _described(handler)
    summary, _, description = cleandoc(handler.fn.__doc__ or "").partition("\n")
    named = getattr(handler, "operation_id", None) or _camel(handler.handler_name)
    operation: dict[str, Any] = {"operationId": told.name or named}
    if summary:
        operation["summary"] = summary.rstrip(".")
    if description.strip():
        operation["description"] = description.strip()
    if tags := route.path.split("/")[2:3] or ["server"]:
        operation["tags"] = sorted(getattr(handler, "tags", None) or tags)
    parameters = [
        _path_parameter(name)
        for name in (*route.path_parameters, *([told.below] if told.below else []))
    ]
    if not isinstance(handler, ASGIRouteHandler):
        parameters += _parameters(schemas, route, handler)
    if parameters:
        operation["parameters"] = parameters
    if body := _body(schemas, handler, told):
        operation["requestBody"] = body
    operation["responses"] = _answers(schemas, handler, told) | _problems(
        operation, method, handler
    )
    access = handler.opt.get("access")
    operation["security"] = [] if access == "public" else [{"bearer": []}]
    operation["x-access"] = access
    return operation


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameters(
    schemas: Schemas, route: BaseRoute, handler: BaseRouteHandler
) -> list[dict[str, Any]]:
    return [
        _parameter(schemas, field)
        for name, field in handler.parsed_fn_signature.parameters.items()
        if name not in _RESERVED and name not in route.path_parameters
    ]


def _parameter(schemas: Schemas, field: FieldDefinition) -> dict[str, Any]:
    told = field.kwarg_definition
    told = told if isinstance(told, ParameterKwarg) else QueryParameter()
    schema = schemas.asked(field.annotation)
    for name, word in _CONSTRAINTS.items():
        if (limit := getattr(told, name)) is not None:
            schema[word] = limit
    if field.has_default and field.default is not None:
        schema["default"] = field.default
    return {
        "name": told.query or told.header or told.cookie or told.name or field.name,
        "in": told.param_type.value,
        "required": not field.has_default and not field.is_optional,
        "schema": schema,
    }


def _body(schemas: Schemas, handler: BaseRouteHandler, told: Described) -> dict[str, Any]:
    data = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    bodies: dict[str, Any] = dict(told.body)
    if data is not None:
        bodies[_JSON] = data.raw
    if not bodies:
        return {}
    required = data is None or not data.has_default
    content = {media: {"schema": schemas.asked(kind)} for media, kind in bodies.items()}
    return {"required": required, "content": content}


def _answers(schemas: Schemas, handler: BaseRouteHandler, told: Described) -> dict[str, Any]:
    if isinstance(handler, HTTPRouteHandler):
        status, kinds = handler.status_code, dict(told.answers) or _answer_of(handler)
    elif isinstance(handler, ASGIRouteHandler):
        status, kinds = told.status, dict(told.answers)
    else:
        return {"101": {"description": "A WebSocket; send the subprotocol `axon.v1`"}}
    answer: dict[str, Any] = {"description": "Done"}
    if kinds:
        answer["content"] = {
            media: {"schema": schemas.answered(kind)} for media, kind in kinds.items()
        }
    return {str(status): answer}


def _answer_of(handler: HTTPRouteHandler) -> dict[str, Any]:
    field = handler.parsed_return_field
    kind: Any = field.annotation
    if field.is_subclass_of(Response):
        kind = field.inner_types[0].annotation
    if kind in {None, type(None), Empty} or get_origin(kind) is Callable:  # an ASGI app
        return {}
    parts = variants(kind)
    found: dict[str, Any] = {}
    if json := [part for part in parts if part is not bytes and part is not str]:
        union = json[0]
        for part in json[1:]:
            union = union | part
        found[_JSON] = union
    return found


def _problems(operation: dict[str, Any], method: str, handler: BaseRouteHandler) -> dict[str, Any]:
    statuses = {429, 500, 503, *_described(handler).problems}
    parameters: list[Schema] = operation.get("parameters", [])
    if handler.opt.get("access") != "public":
        statuses |= {401, 403}
    if any(parameter["in"] == "path" for parameter in parameters):
        statuses.add(404)
    if any(parameter["in"] == "query" for parameter in parameters):
        statuses |= {400, 422}
    if "requestBody" in operation:
        statuses |= {400, 413, 415, 422}
    if method in _WRITES:
        statuses |= {401, 403, 409, 507}
    return {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)
    }


def _problem(description: str, schema: Schema) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}
