"""HTTP of auth: /api/auth/*."""

from importlib.metadata import version
from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, patch, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from axonml.auth.admin_types import AuditPage
from axonml.auth.answers import SignInAnswers, bearer_of, device_of
from axonml.auth.api_tokens import ApiTokens
from axonml.auth.audit import Audit
from axonml.auth.callers import Callers
from axonml.auth.invite_types import InviteStatus, InviteToken
from axonml.auth.invites import status as invite_status
from axonml.auth.links import SignInLinks
from axonml.auth.mfa import SecondFactors
from axonml.auth.mfa_types import MfaRequired
from axonml.auth.operator import Operator
from axonml.auth.sessions import Sessions
from axonml.auth.store import Account
from axonml.auth.types import (
    ApiTokenPage,
    AuthState,
    CreatedToken,
    LinkToken,
    Login,
    MeChange,
    NewApiToken,
    OperatorGrant,
    OperatorRequest,
    PasswordChange,
    Refresh,
    Registered,
    Registration,
    Session,
    SessionPage,
    SignedIn,
    User,
)
from axonml.auth.users import Users
from axonml.errors import NotFound, Unauthenticated
from axonml.http.caller import BEFORE_MFA, PUBLIC, READ, SESSION, audited, caller_of
from axonml.http.limits import address_of
from axonml.http.origins import Origins
from axonml.ids import SessionId, UserId

Call = Request[Any, Any, Any]


class SignInRoutes:
    """Everything that makes, renews and ends a session; public, so each checks for itself."""

    def __init__(
        self,
        users: Users,
        sessions: Sessions,
        callers: Callers,
        links: SignInLinks,
        operator: Operator,
        origins: Origins,
        answers: SignInAnswers,
        factors: SecondFactors,
    ) -> None:
        self._users: Final = users
        self._sessions: Final = sessions
        self._callers: Final = callers
        self._links: Final = links
        self._operator: Final = operator
        self._origins: Final = origins
        self._answers: Final = answers
        self._factors: Final = factors

    async def get_auth_state(self) -> AuthState:
        """Tell what the sign-in page needs to know before anyone is known."""
        has_users, rules = await self._users.has_any(), self._users.rules
        return AuthState(
            has_users=has_users,
            needs_setup_token=rules.is_exposed and not has_users,
            registration=rules.policy,
            require_mfa=rules.require_mfa,
            version=version("axonml-dashboard"),
        )

    async def register(self, request: Call, data: JSONBody[Registration]) -> Registered:
        """Create an account; the first is admin."""
        self._origins.check(request.headers)
        account = await self._users.register(data, address_of(request.scope))
        return Registered(account.shown())

    async def show_invite(self, request: Call, data: JSONBody[InviteToken]) -> InviteStatus:
        """Tell a guest what an invitation is for; it is spent by the registration only."""
        self._origins.check(request.headers)
        return invite_status(await self._users.invites.named(data.token))

    async def login(self, request: Call, data: JSONBody[Login]) -> Response[SignedIn | MfaRequired]:
        """Sign in with e-mail address and password; sets the refresh cookie.

        An account with second factors is asked for one of them first.
        """
        self._origins.check(request.headers)
        cookie = self._answers.cookie.read(request)
        known = await self._sessions.session_of(cookie) if cookie else None
        account = await self._users.sign_in(
            data, address_of(request.scope), known.user_id if known else None
        )
        return await self._go_on(request, account, "password", in_body=data.client == "cli")

    async def sign_in_by_link(
        self, request: Call, data: JSONBody[LinkToken]
    ) -> Response[SignedIn | MfaRequired]:
        """Sign in with the token of a one-time link; sets the refresh cookie."""
        self._origins.check(request.headers)
        linked = await self._links.take(data.token)
        if linked is None:
            address = address_of(request.scope)
            await self._answers.audit.record("sign_in_failed", None, address, method="link")
            raise Unauthenticated(
                "this link was used or is older than 15 minutes; ask for a new one",
                code="link_spent",
            )
        account = await self._users.get(linked.user_id)
        if linked.skips_mfa:
            signed_in: Response[Any] = await self._answers.start(
                request, account, "link", by_link=True
            )
            return signed_in
        return await self._go_on(request, account, "link", by_link=True)

    async def refresh(
        self, request: Call, data: JSONBody[Refresh | None] = None
    ) -> Response[SignedIn]:
        """Get a fresh access token, and the next refresh token: by cookie, or in the body."""
        self._origins.check(request.headers)
        given = data.refresh_token if data else None
        token = given or self._answers.cookie.read(request)
        if not token:
            raise Unauthenticated("there is no session to refresh; sign in", code="no_session")
        issued = await self._sessions.refresh(token, device_of(request))
        return self._answers.of(request, issued, in_body=given is not None)

    async def logout(self, request: Call) -> Response[None]:
        """End the session of the token or cookie; without one there is nothing to end."""
        self._origins.check(request.headers)
        ended: dict[SessionId, UserId] = {}
        if token := bearer_of(request):
            try:
                caller = await self._callers.authenticate(token)
            except Unauthenticated:
                caller = None  # expired: the cookie may still tell
            if caller is not None and caller.session_id is not None:
                ended[caller.session_id] = caller.user_id
        if (cookie := self._answers.cookie.read(request)) and (
            session := await self._sessions.session_of(cookie)
        ):
            ended[session.id] = session.user_id
        for session_id, user in ended.items():
            await self._sessions.end(session_id)
            await self._answers.audit.record("signed_out", user, address_of(request.scope))
        return Response(
            None,
            status_code=204,
            cookies=[self._answers.cookie.clear(request)],
            headers={"clear-site-data": '"cache"'},
        )

    async def grant_operator(
        self, request: Call, data: JSONBody[OperatorRequest | None] = None
    ) -> OperatorGrant:
        """Sign in who can read the data folder, by the content of `operator.key` as bearer."""
        self._origins.check(request.headers)
        wanted = data or OperatorRequest()
        return await self._operator.grant(bearer_of(request), wanted, address_of(request.scope))

    async def _go_on(
        self,
        request: Call,
        account: Account,
        method: str,
        *,
        in_body: bool = False,
        by_link: bool = False,
    ) -> Response[SignedIn | MfaRequired]:
        answer: Response[Any]
        if account.mfa_enabled and not account.disabled:
            ask = await self._factors.ask(account, in_body=in_body, by_link=by_link)
            answer = Response(ask)
        else:
            answer = await self._answers.start(
                request, account, method, in_body=in_body, by_link=by_link
            )
        return answer

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["auth"], "opt": PUBLIC}
        return [
            get("/api/auth/state", **kind)(self.get_auth_state),
            post("/api/auth/register", **kind)(self.register),
            post("/api/auth/invite", status_code=200, **kind)(self.show_invite),
            post("/api/auth/login", status_code=200, **kind)(self.login),
            post("/api/auth/link", status_code=200, **kind)(self.sign_in_by_link),
            post("/api/auth/refresh", status_code=200, **kind)(self.refresh),
            post("/api/auth/logout", status_code=204, **kind)(self.logout),
            post("/api/auth/operator", status_code=200, **kind)(self.grant_operator),
        ]


class AccountRoutes:
    """The signed-in user's own account, sessions and API tokens."""

    def __init__(
        self, users: Users, sessions: Sessions, api_tokens: ApiTokens, audit: Audit
    ) -> None:
        self._users: Final = users
        self._sessions: Final = sessions
        self._api_tokens: Final = api_tokens
        self._audit: Final = audit

    async def get_me(self, request: Call) -> User:
        """Return the caller's account."""
        return (await self._users.get(caller_of(request).user_id)).shown()

    async def change_me(self, request: Call, data: JSONBody[MeChange]) -> User:
        """Change the caller's name."""
        return (await self._users.rename(caller_of(request).user_id, data.name)).shown()

    async def change_password(self, request: Call, data: JSONBody[PasswordChange]) -> None:
        """Set a new password; ends the caller's other sessions."""
        await self._users.change_password(caller_of(request), data, address_of(request.scope))

    async def list_tokens(self, request: Call) -> ApiTokenPage:
        """List the caller's API tokens."""
        return ApiTokenPage(await self._api_tokens.of(caller_of(request).user_id))

    async def create_token(self, request: Call, data: JSONBody[NewApiToken]) -> CreatedToken:
        """Make an API token; its text is in this answer and never again."""
        caller = caller_of(request)
        await self._sessions.check_proved(caller)
        return await self._api_tokens.create(caller.user_id, data)

    async def revoke_token(self, request: Call, token_id: FromPath[str]) -> None:
        """Revoke an API token."""
        await self._api_tokens.revoke(caller_of(request).user_id, token_id)

    async def list_sessions(self, request: Call) -> SessionPage:
        """List the caller's sessions."""
        caller = caller_of(request)
        return SessionPage(
            [
                Session(
                    id=session.id,
                    created_at=session.created_at,
                    last_used_at=session.last_used_at,
                    expires_at=session.expires_at,
                    user_agent=session.user_agent,
                    address=session.address,
                    current=session.id == caller.session_id,
                )
                for session in await self._sessions.of(caller.user_id)
            ]
        )

    async def list_own_audit(
        self,
        request: Call,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
        cursor: Annotated[str, QueryParameter(max_length=2048)] = "",
    ) -> AuditPage:
        """List what happened to the caller's account, the newest first."""
        return await self._audit.page(caller_of(request).user_id, "", limit, cursor)

    async def end_session(self, request: Call, session_id: FromPath[str]) -> None:
        """End one of the caller's sessions; asks for a fresh proof."""
        await self._sessions.check_proved(caller_of(request))
        mine = {session.id for session in await self._sessions.of(caller_of(request).user_id)}
        if session_id not in mine:
            raise NotFound(f"there is no session {session_id[:64]}", code="session_not_found")
        await self._sessions.end(SessionId(session_id))

    async def end_other_sessions(self, request: Call) -> None:
        """End every session of the caller but this one; asks for a fresh proof."""
        caller = caller_of(request)
        await self._sessions.check_proved(caller)
        await self._sessions.end_all(caller.user_id, but=caller.session_id)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["auth"]}
        own: dict[str, Any] = {"opt": SESSION, **kind}
        revoking: dict[str, Any] = {"opt": {**SESSION, **audited("token_revoked")}, **kind}
        early: dict[str, Any] = {"opt": {**SESSION, **BEFORE_MFA}, **kind}
        return [
            get("/api/auth/me", opt={**READ, **BEFORE_MFA}, **kind)(self.get_me),
            patch("/api/auth/me", **early)(self.change_me),
            post("/api/auth/password", status_code=204, **early)(self.change_password),
            get("/api/auth/tokens", **own)(self.list_tokens),
            post("/api/auth/tokens", opt={**SESSION, **audited("token_created")}, **kind)(
                self.create_token
            ),
            delete("/api/auth/tokens/{token_id:str}", **revoking)(self.revoke_token),
            get("/api/auth/audit", **early)(self.list_own_audit),
            get("/api/auth/sessions", **early)(self.list_sessions),
            delete("/api/auth/sessions", **early)(self.end_other_sessions),
            delete("/api/auth/sessions/{session_id:str}", **early)(self.end_session),
        ]
