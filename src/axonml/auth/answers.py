"""The answer to every sign-in: a session's tokens, the refresh token in a cookie."""

from typing import Any, Final

import msgspec
from litestar import Request, Response

from axonml.auth.audit import Audit
from axonml.auth.cookies import RefreshCookie
from axonml.auth.sessions import Device, Issued, Sessions
from axonml.auth.store import Account
from axonml.auth.tokens import not_valid
from axonml.auth.types import SignedIn
from axonml.clock import as_datetime
from axonml.http.limits import address_of

Call = Request[Any, Any, Any]


class SignInAnswers:
    """Starts sessions and tells the browser or script of them."""

    def __init__(self, sessions: Sessions, cookie: RefreshCookie, audit: Audit) -> None:
        self._sessions: Final = sessions
        self.cookie: Final = cookie
        self.audit: Final = audit

    async def start(
        self,
        request: Call,
        account: Account,
        method: str,
        *,
        in_body: bool = False,
        by_link: bool = False,
    ) -> Response[SignedIn]:
        """Start a session of `account`, who has shown all that was asked for.

        That of the browser's cookie, which it replaces, ends.
        """
        if account.disabled:
            raise not_valid("this account cannot sign in; ask an admin")
        cookie = None if in_body else self.cookie.read(request)
        before = await self._sessions.session_of(cookie) if cookie else None
        issued = await self._sessions.start(account, device_of(request), by_link=by_link)
        if before is not None:
            await self._sessions.end(before.id)
        address = address_of(request.scope)
        await self.audit.record("signed_in", account.id, address, method=method)
        return self.of(request, issued, in_body=in_body)

    def of(self, request: Call, issued: Issued, *, in_body: bool) -> Response[SignedIn]:
        """Return the tokens; the refresh token in the body for who asked so, else as a cookie."""
        answer = SignedIn(
            token=issued.token,
            expires_at=as_datetime(issued.expires_ms),
            user=issued.account.shown(),
        )
        if in_body:
            return Response(msgspec.structs.replace(answer, refresh_token=issued.refresh_token))
        return Response(answer, cookies=[self.cookie.set(request, issued.refresh_token)])


def device_of(request: Call) -> Device:
    """Return where a request comes from, in what is fit to be shown."""
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
    return Device(address_of(request.scope), agent[:256])


def bearer_of(request: Call) -> str:
    """Return the token of the `Authorization` header, "" where there is none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
