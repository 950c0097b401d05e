"""Nobody passes without the access that the route states: the caller is found here, and judged."""

from typing import Any, Final, Protocol, cast, get_args

from litestar import Litestar
from litestar.datastructures import Headers
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from axonml.errors import AxonError, Forbidden, StartupError, Unauthenticated
from axonml.http.caller import Access, Caller, Role
from axonml.http.limits import Budgets, address_of
from axonml.http.origins import Origins
from axonml.http.own_run import check_job
from axonml.ids import UserId

SUBPROTOCOL: Final = "axon.v1"
CLOSE_UNAUTHENTICATED: Final = 4401
CLOSE_FORBIDDEN: Final = 4403
_BEARER: Final = "bearer."
_ACCESSES: Final = frozenset(get_args(Access))
_MAX_TOKEN: Final = 4096
_ERRORS: Final = 400


class Authenticator(Protocol):
    """Knows whose credential a token is."""

    async def authenticate(self, token: str) -> Caller:
        """Return the caller, as the account stands now; raises `Unauthenticated`.

        A session that has ended and an account that was disabled are refused at once.
        """
        ...


class Auditor(Protocol):
    """Keeps what happened."""

    async def record(
        self, action: str, user: UserId | None, address: str = "", **detail: object
    ) -> None:
        """Append one entry."""
        ...


class Guard:
    """Middleware of every route: finds the caller, charges the budget and checks the access.

    It serves plain handlers, ASGI handlers and WebSockets alike: give it to `Litestar(middleware)`.
    """

    def __init__(
        self, authenticator: Authenticator, budgets: Budgets, origins: Origins, auditor: Auditor
    ) -> None:
        self._authenticator: Final = authenticator
        self._budgets: Final = budgets
        self._origins: Final = origins
        self._auditor: Final = auditor

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """Return `app` behind the guard."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket":
                try:
                    await self._admit(scope)
                except AxonError as error:
                    await _refuse_socket(scope, receive, send, error)
                    return
            else:
                await self._admit(scope)
            action = scope["route_handler"].opt.get("audited")
            await app(scope, receive, self._audited(action, scope, send) if action else send)

        return guarded

    def _audited(self, action: str, scope: Scope, send: Send) -> Send:
        """Return `send` that notes a success before anybody hears of it."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < _ERRORS:
                user = cast("dict[str, Any]", cast("object", scope))["caller"].user_id
                await self._auditor.record(action, user, address_of(scope), **scope["path_params"])
            await send(message)

        return noting

    async def _admit(self, scope: Scope) -> None:
        opt = scope["route_handler"].opt
        # Litestar's own answers to OPTIONS state no access; what they tell is public.
        access: Access = opt.get(
            "access", "public" if scope.get("method") == "OPTIONS" else "admin"
        )
        # Predictions wait in queues that have a limit of their own.
        unmetered = access == "predict" or opt.get("unmetered", False)
        if access == "public":
            if not unmetered:
                self._budgets.charge_address(address_of(scope))
            return
        try:
            caller = await self._authenticator.authenticate(self._token_of(scope))
        except Unauthenticated:
            self._budgets.charge_address(address_of(scope))
            raise
        if not unmetered:
            self._budgets.charge_user(caller.user_id)
        if caller.lacks_mfa and not opt.get("before_mfa", False):
            raise Forbidden(
                "this server asks everybody for a second factor; set one up in Settings, Security",
                code="mfa_required",
            )
        check_access(caller, access)
        check_job(caller, access, opt, scope["path_params"])
        cast("dict[str, Any]", cast("object", scope))["caller"] = caller

    def _token_of(self, scope: Scope) -> str:
        token = None
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7].lower() == b"bearer ":
                token = value[7:].decode("latin-1").strip()
        if scope["type"] == "websocket":
            self._origins.check(Headers.from_scope(scope))
            # A browser cannot set headers here; and a token in the URL would be in every log.
            offers = cast("list[str]", scope["subprotocols"])
            for offered in offers:
                if token is None and offered.startswith(_BEARER):
                    token = offered.removeprefix(_BEARER)
        if not token or len(token) > _MAX_TOKEN:
            raise Unauthenticated("this needs a token; send `Authorization: Bearer ...`")
        return token


def check_access(caller: Caller, access: Access) -> None:
    """Return where `caller` has `access`; else raise `Forbidden`."""
    match access:
        case "public":
            return
        case "session" | "admin":
            if caller.scopes is not None:
                raise Forbidden(
                    "an API token cannot do this; sign in with a password or link",
                    code="session_required",
                )
            if access == "session" and caller.session_id is None:
                raise Forbidden(
                    "the operator's key administers and has no account of its own; sign in",
                    code="session_required",
                )
            if access == "admin" and caller.role is not Role.ADMIN:
                raise Forbidden("only an admin may do this", code="admin_required")
        case "read" | "runs:write" | "models:write" | "predict":
            if caller.scopes is not None and access not in caller.scopes:
                raise Forbidden(f"this API token lacks the scope {access}", code="scope_missing")
            if access in {"runs:write", "models:write"} and caller.role is Role.VIEWER:
                raise Forbidden(
                    "a viewer changes nothing; ask an admin for the role member",
                    code="viewer_cannot_write",
                )


def check_access_declared(app: Litestar) -> None:
    """Return where every route of `app` states its access.

    Raises:
        StartupError: a route does not; the sentence names it.
    """
    silent = [
        f"{path} ({handler.handler_name})"
        for path, handler in _handlers_of(app)
        if handler.opt.get("access") not in _ACCESSES
    ]
    if silent:
        raise StartupError(f"no access is stated for {', '.join(sorted(silent))}")


def _handlers_of(app: Litestar) -> list[tuple[str, BaseRouteHandler]]:
    found: list[tuple[str, BaseRouteHandler]] = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS":
                    found.append((route.path, handler))
        else:
            found.append((route.path, route.route_handler))
    return found


async def _refuse_socket(scope: Scope, receive: Receive, send: Send, error: AxonError) -> None:
    # Accepted, then closed: a page sees the code of a close, but nothing of a refused handshake.
    _ = await receive()
    offered = scope.get("subprotocols") or []
    spoken = SUBPROTOCOL if SUBPROTOCOL in offered else None
    code = CLOSE_UNAUTHENTICATED if error.status == Unauthenticated.status else CLOSE_FORBIDDEN
    await send({"type": "websocket.accept", "subprotocol": spoken, "headers": []})
    await send({"type": "websocket.close", "code": code, "reason": error.detail[:100]})
