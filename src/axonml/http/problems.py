"""Errors become `application/problem+json` (RFC 9457) here, and nowhere else."""

from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, UnsetType

from axonml.errors import (
    AxonError,
    BadRequest,
    FieldError,
    Invalid,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthenticated,
)
from axonml.http.limits import LimitReached

MEDIA_TYPE: Final = "application/problem+json"
_log: Final = structlog.stdlib.get_logger("axonml.http")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: `code` is for programs and stays, `detail` is for people.

    `request_id` finds the request in the server's log. `position` and `length` say which characters
    of a text that was sent are wrong.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    fields: tuple[FieldError, ...] | UnsetType = UNSET
    position: int | UnsetType = UNSET
    length: int | UnsetType = UNSET


def problem_of(error: AxonError, request_id: str) -> tuple[Problem, dict[str, str]]:
    """Return the document of `error`, and the headers that go with it."""
    problem = Problem(
        type=f"urn:axonml:problem:{error.problem_code}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.problem_code,
        request_id=request_id,
        fields=error.fields or UNSET,
        position=error.members.get("position", UNSET),
        length=error.members.get("length", UNSET),
    )
    headers: dict[str, str] = {}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(error.retry_after_s)
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = 'Bearer realm="axonml"'
    if isinstance(error, LimitReached):
        headers |= error.headers
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = error.allow
    return problem, headers


def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer any error of a handler or of middleware; what we did not foresee is logged, as 500."""
    scope: Any = request.scope
    request_id: str = scope.get("request_id", "")
    known = _known(request, error)
    if known is None:
        _log.error(
            "unhandled error",
            method=request.method,
            path=request.url.path,
            request_id=request_id,
            exc_info=error,
        )
        known = AxonError("the server made a mistake; its log tells more under this request_id")
    problem, headers = problem_of(known, request_id)
    return Response(problem, status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def _known(request: Request[Any, Any, Any], error: Exception) -> AxonError | None:
    if isinstance(error, AxonError):
        return error
    if isinstance(error, ValidationException):
        return _wrong_parameters(error)
    if not isinstance(error, HTTPException):
        return None
    path = request.url.path[:256]
    known = {
        400: BadRequest(error.detail),
        404: NotFound(f"there is nothing at {path}", code="no_such_address"),
        405: MethodNotAllowed(
            f"{path} does not take {request.method}", (error.headers or {}).get("allow", "")
        ),
        413: TooLarge("the body is larger than this address takes"),
    }
    return known.get(error.status_code)


class _Wrong(msgspec.Struct):
    """What Litestar tells of one wrong parameter."""

    message: str
    key: str = ""
    source: str = "query"


def _wrong_parameters(error: ValidationException) -> AxonError:
    try:
        found = msgspec.convert(msgspec.to_builtins(error.extra), list[_Wrong])
    except msgspec.ValidationError:
        found = []
    fields = tuple(FieldError(f"{wrong.source}.{wrong.key}", wrong.message) for wrong in found)
    if not fields:
        return BadRequest(error.detail)
    return Invalid(f"{fields[0].path}: {fields[0].message}", fields=fields)
