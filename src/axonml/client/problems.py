"""What a call to the server may raise; the sentence is the server's own."""

import msgspec


class AxonmlError(Exception):
    """The server refused; `status` and `code` are for programs, the text is for people."""

    def __init__(
        self,
        sentence: str,
        *,
        status: int = 0,
        code: str = "",
        retry_after_s: float | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class Unreachable(AxonmlError):
    """No server answered: it is not there, or the connection broke."""


class BadArgument(AxonmlError, ValueError):  # pyright: ignore[reportUnsafeMultipleInheritance]  # ValueError's is BaseException's
    """A script said something that cannot be; no server was asked."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence, code=code)


class _Problem(msgspec.Struct, frozen=True):
    title: str = ""
    detail: str = ""
    code: str = ""
    request_id: str = ""


def problem_of(status: int, body: bytes, retry_after: str | None) -> AxonmlError:
    """Return the error that an answer of 400 or above is; an unknown body is quoted."""
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.MsgspecError:
        problem = _Problem(detail=body[:200].decode("utf-8", "replace").strip())
    # `$` is the body as a whole, a thing of the protocol.
    detail = problem.detail.removeprefix("$.").removeprefix("$: ")
    sentence = detail or problem.title or f"the server answered {status}"
    return AxonmlError(
        sentence,
        status=status,
        code=problem.code,
        retry_after_s=float(retry_after) if retry_after and retry_after.isdecimal() else None,
        request_id=problem.request_id,
    )
