"""Every error that people or programs see.

AxonError
├── BadRequest 400            the request cannot be read
├── Unauthenticated 401       no valid credential
├── Forbidden 403             a valid credential without the right
├── NotFound 404              no such object, or none that the caller may know of
├── MethodNotAllowed 405      the address takes other methods (`allow` says which)
├── Conflict 409              the object's state does not allow it
├── Gone 410                  it was deleted, and may be restored
├── TooLarge 413              the body exceeds a limit
├── UnsupportedMedia 415      a body of a kind that this route does not take
├── Invalid 422               readable, but a field is wrong (`fields` says which)
├── TooMany 429               a limit is reached; try again after `retry_after_s`
├── Unavailable 503           not now; try again after `retry_after_s`
├── StorageFull 507           the disk cannot take it; nothing was acknowledged
└── StartupError              the process cannot start: one line for the terminal, exit code 1
"""

from typing import ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One wrong field: `path` as in `$.inputs[3]`, and a sentence."""

    path: str
    message: str


class AxonError(Exception):
    """An error with a code for programs and a sentence for people that names the way out."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong here"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        retry_after_s: int | None = None,
        fields: tuple[FieldError, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problem_code = code or self.code
        self.retry_after_s = retry_after_s
        self.fields = fields
        # What a problem document says beside its own members.
        self.members: dict[str, int] = {}


class BadRequest(AxonError):
    """The request cannot be read at all."""

    code = "bad_request"
    status = 400
    title = "The request cannot be read"


class Unauthenticated(AxonError):
    """No credential, or none that is valid."""

    code = "unauthenticated"
    status = 401
    title = "Sign in first"


class Forbidden(AxonError):
    """The caller is known but may not do this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class NotFound(AxonError):
    """Nothing of that name that the caller may know of."""

    code = "not_found"
    status = 404
    title = "Not found"


class MethodNotAllowed(AxonError):
    """The address takes other methods; the header `Allow` of the answer names them."""

    code = "method_not_allowed"
    status = 405
    title = "This address takes other methods"

    def __init__(self, detail: str, allow: str) -> None:
        super().__init__(detail)
        self.allow = allow


class Conflict(AxonError):
    """The object exists in a state that does not allow this."""

    code = "conflict"
    status = 409
    title = "Not possible in this state"


class Gone(AxonError):
    """The object was deleted; while it is in the trash it can be restored."""

    code = "gone"
    status = 410
    title = "Deleted"


class TooLarge(AxonError):
    """The body exceeds the route's limit."""

    code = "too_large"
    status = 413
    title = "Too large"


class UnsupportedMedia(AxonError):
    """The body is of a kind that this route does not take."""

    code = "unsupported_media_type"
    status = 415
    title = "Unsupported kind of file or body"


class Invalid(AxonError):
    """The request can be read but a field is wrong; `fields` names each."""

    code = "invalid"
    status = 422
    title = "A field is wrong"


class TooMany(AxonError):
    """A limit is reached; `retry_after_s` says when to come again."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"


class Unavailable(AxonError):
    """Not possible right now; `retry_after_s` says when to come again."""

    code = "unavailable"
    status = 503
    title = "Not available right now"


class StorageFull(AxonError):
    """The disk cannot take the data; nothing of this request was acknowledged."""

    code = "storage_full"
    status = 507
    title = "The disk is full"


class StartupError(AxonError):
    """The process cannot start; the sentence says what to do."""

    code = "startup"
