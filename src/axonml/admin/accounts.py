"""HTTP of administration: users, invitations, everybody's sessions, the audit log, the limits."""

from typing import Annotated, Any, Final

from litestar import Request, delete, get, post, put
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from axonml.auth.admin_types import (
    AuditPage,
    LimitInForce,
    LimitPage,
    MadeUser,
    NewUser,
    UserChange,
    UserDetail,
    UserLink,
    UserPage,
    UserSession,
    UserSessionPage,
)
from axonml.auth.build import Auth
from axonml.auth.invite_types import InvitePage, MadeInvite, NewInvite
from axonml.http.caller import ADMIN, Caller, caller_of
from axonml.http.limits import Budgets, address_of
from axonml.http.paging import decode_cursor, encode_cursor
from axonml.ids import SessionId, UserId

Call = Request[Any, Any, Any]
Words = Annotated[str, QueryParameter(max_length=254)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Cursor = Annotated[str, QueryParameter(max_length=2048)]
_LAST: Final = "~"  # sorts after every id


class AccountAdminRoutes:
    """/api/admin/users and /api/admin/invites; what changes an account asks for a fresh proof."""

    def __init__(self, auth: Auth) -> None:
        self._auth: Final = auth

    async def list_users(self, q: Words = "", limit: Limit = 100, cursor: Cursor = "") -> UserPage:
        """List the accounts whose name or e-mail address has the text `q`."""
        after = decode_cursor(cursor)[1] if cursor else ""
        found = await self._auth.store.page_of_accounts(q, after, limit + 1)
        shown, more = found[:limit], len(found) > limit
        seen = await self._auth.store.last_seen([account.id for account in shown])
        items = [account.detail(seen.get(account.id)) for account in shown]
        return UserPage(items, encode_cursor("", shown[-1].id) if more else None)

    async def create_user(self, request: Call, data: JSONBody[NewUser]) -> MadeUser:
        """Make an account; the link in the answer signs it in once, within 15 minutes."""
        admin, address = await self._proved(request)
        account = await self._auth.administration.create(data, admin.user_id, address)
        link = await self._auth.links.make(account.id)
        return MadeUser(user=account.detail(None), link_token=link)

    async def get_user(self, user_id: FromPath[str]) -> UserDetail:
        """Return an account."""
        account = await self._auth.store.accounts.require(user_id)
        seen = await self._auth.store.last_seen([account.id])
        return account.detail(seen.get(account.id))

    async def update_user(
        self, request: Call, user_id: FromPath[str], data: JSONBody[UserChange]
    ) -> UserDetail:
        """Change name, e-mail address, role or standing; one administrator always stays."""
        admin, address = await self._proved(request)
        user = UserId(user_id)
        account = await self._auth.administration.change(user, data, admin.user_id, address)
        return account.detail((await self._auth.store.last_seen([user])).get(user))

    async def delete_user(self, request: Call, user_id: FromPath[str]) -> None:
        """Delete an account, its sessions and API tokens; what it made stays, for admins."""
        admin, address = await self._proved(request)
        await self._auth.administration.delete(UserId(user_id), admin.user_id, address)

    async def reset_user_mfa(self, request: Call, user_id: FromPath[str]) -> None:
        """Remove the second factors of who has lost them, and end their sessions."""
        admin, address = await self._proved(request)
        await self._auth.factors.reset(UserId(user_id), admin.user_id, address)

    async def sign_user_out(self, request: Call, user_id: FromPath[str]) -> None:
        """End every session of an account."""
        admin, address = await self._proved(request)
        account = await self._auth.store.accounts.require(user_id)
        await self._auth.sessions.end_all(account.id)
        await self._auth.audit.record("signed_out", account.id, address, by=admin.user_id)

    async def make_user_link(self, request: Call, user_id: FromPath[str]) -> UserLink:
        """Make a one-time sign-in link for who has lost the password; a second factor is asked."""
        admin, address = await self._proved(request)
        account = await self._auth.store.accounts.require(user_id)
        link = await self._auth.links.make(account.id)
        await self._auth.audit.record("link_made", account.id, address, by=admin.user_id)
        return UserLink(link)

    async def list_invites(self) -> InvitePage:
        """List the invitations that can still be used."""
        return InvitePage(await self._auth.users.invites.open())

    async def create_invite(self, request: Call, data: JSONBody[NewInvite]) -> MadeInvite:
        """Invite somebody: the link in the answer makes one account."""
        admin, address = await self._proved(request)
        made = await self._auth.users.invites.create(data, admin.user_id)
        await self._auth.audit.record(
            "invited", admin.user_id, address, email=data.email, role=data.role
        )
        return made

    async def withdraw_invite(self, request: Call, invite_id: FromPath[str]) -> None:
        """Void an invitation that nobody has used."""
        await self._auth.users.invites.withdraw(invite_id)
        admin = caller_of(request)
        await self._auth.audit.record(
            "invitation_withdrawn", admin.user_id, address_of(request.scope)
        )

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["admin"], "opt": ADMIN}
        users, one = "/api/admin/users", "/api/admin/users/{user_id:str}"
        return [
            get(users, **kind)(self.list_users),
            post(users, **kind)(self.create_user),
            get(one, **kind)(self.get_user),
            put(one, **kind)(self.update_user),
            delete(one, **kind)(self.delete_user),
            post(f"{one}/reset-mfa", status_code=204, **kind)(self.reset_user_mfa),
            post(f"{one}/sign-out", status_code=204, **kind)(self.sign_user_out),
            post(f"{one}/link", **kind)(self.make_user_link),
            get("/api/admin/invites", **kind)(self.list_invites),
            post("/api/admin/invites", **kind)(self.create_invite),
            delete("/api/admin/invites/{invite_id:str}", **kind)(self.withdraw_invite),
        ]

    async def _proved(self, request: Call) -> tuple[Caller, str]:
        caller = caller_of(request)
        await self._auth.sessions.check_proved(caller)
        return caller, address_of(request.scope)


class WatchRoutes:
    """What admins look at: sessions, the audit log, the limits in force."""

    def __init__(self, auth: Auth, budgets: Budgets) -> None:
        self._auth: Final = auth
        self._budgets: Final = budgets

    async def list_all_sessions(self, limit: Limit = 100, cursor: Cursor = "") -> UserSessionPage:
        """List everybody's sessions."""
        before = decode_cursor(cursor)[1] if cursor else _LAST
        found = await self._auth.sessions.page(before, limit + 1)
        shown, more = found[:limit], len(found) > limit
        emails = await self._auth.store.emails_of(session.user_id for session in shown)
        items = [
            UserSession(
                id=session.id,
                user_id=session.user_id,
                email=emails.get(session.user_id, ""),
                created_at=session.created_at,
                last_used_at=session.last_used_at,
                expires_at=session.expires_at,
                user_agent=session.user_agent,
                address=session.address,
            )
            for session in shown
        ]
        return UserSessionPage(items, encode_cursor("", shown[-1].id) if more else None)

    async def end_any_session(self, request: Call, session_id: FromPath[str]) -> None:
        """End somebody's session."""
        session = await self._auth.store.sessions.require(session_id)
        await self._auth.sessions.end(SessionId(session_id))
        admin = caller_of(request)
        await self._auth.audit.record(
            "signed_out", session.user_id, address_of(request.scope), by=admin.user_id
        )

    async def list_audit(
        self,
        user: Annotated[str, QueryParameter(max_length=64)] = "",
        action: Annotated[str, QueryParameter(max_length=64)] = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> AuditPage:
        """List what happened to accounts, the newest first; of one user or one kind."""
        return await self._auth.audit.page(user, action, limit, cursor)

    async def list_limits(self) -> LimitPage:
        """List every limit that is counted, and how many keys are remembered for it."""
        counted = [*self._auth.throttle.in_force(), *self._budgets.in_force()]
        return LimitPage(
            [
                LimitInForce(
                    name=each.limit.name,
                    per=per,
                    n=each.limit.n,
                    window_s=each.limit.window_s,
                    n_keys=len(each),
                )
                for per, each in counted
            ]
        )

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["admin"], "opt": ADMIN}
        return [
            get("/api/admin/sessions", **kind)(self.list_all_sessions),
            delete("/api/admin/sessions/{session_id:str}", **kind)(self.end_any_session),
            get("/api/admin/audit", **kind)(self.list_audit),
            get("/api/admin/limits", **kind)(self.list_limits),
        ]
