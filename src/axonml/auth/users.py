"""Accounts: who may register, who is who, and what ends when an account changes."""

from typing import Final, Literal

import msgspec

from axonml.auth.audit import Audit
from axonml.auth.invites import Invites
from axonml.auth.links import SetupToken
from axonml.auth.passwords import Passwords, check_password
from axonml.auth.sessions import Sessions
from axonml.auth.store import Account, AuthStore, new_account, normal_email
from axonml.auth.throttle import Throttle
from axonml.auth.types import Login, PasswordChange, Registration
from axonml.config import Config, is_loopback
from axonml.errors import Conflict, Forbidden, Unauthenticated
from axonml.http.caller import Caller, Role
from axonml.ids import UserId

Policy = Literal["open", "invite", "closed"]


class RegistrationRules(msgspec.Struct, frozen=True):
    """Who may register, and with what; `is_exposed` is a server that other machines can reach."""

    policy: Policy
    is_exposed: bool
    require_mfa: bool = False

    @classmethod
    def of(cls, config: Config) -> "RegistrationRules":
        """Return the rules of a configuration: a proxy in front exposes a loopback server."""
        exposed = not is_loopback(config.server.host) or bool(config.server.trusted_proxies)
        policy: Policy = config.auth.registration or ("invite" if exposed else "open")
        return cls(policy, exposed, config.auth.require_mfa)


class Users:
    """Owns the accounts."""

    def __init__(
        self,
        store: AuthStore,
        passwords: Passwords,
        sessions: Sessions,
        throttle: Throttle,
        setup: SetupToken,
        invites: Invites,
        audit: Audit,
        rules: RegistrationRules,
    ) -> None:
        self._store: Final = store
        self._passwords: Final = passwords
        self._sessions: Final = sessions
        self._throttle: Final = throttle
        self._setup: Final = setup
        self.invites: Final = invites
        self._audit: Final = audit
        self.rules: Final = rules

    async def has_any(self) -> bool:
        """Tell whether there is any account."""
        return await self._store.has_accounts()

    async def get(self, user: UserId) -> Account:
        """Return the account."""
        return await self._store.accounts.require(user)

    async def register(self, wanted: Registration, address: str) -> Account:
        """Make an account; the first is admin, and of many firsts at once exactly one."""
        is_first = not await self.has_any()
        await self._check_may_register(wanted, is_first=is_first)
        self._throttle.count_registration(address)
        check_password(wanted.password, wanted.email, wanted.name)
        hashed = await self._passwords.hash(wanted.password)
        account = new_account(wanted.email, wanted.name, Role.ADMIN, hashed)
        if is_first and await self._store.insert_first(account):
            await self._setup.spend()
        else:
            # Somebody else became the first meanwhile: then this is one of the many.
            await self._check_may_register(wanted, is_first=False)
            account = await self._insert_later(account, wanted)
        await self._audit.record("registered", account.id, address, role=account.role)
        return account

    async def _insert_later(self, account: Account, wanted: Registration) -> Account:
        """Store an account that is not the first, with the role of its invitation."""
        if wanted.invite is not None:
            return await self.invites.accept(wanted.invite, account)
        account = msgspec.structs.replace(account, role=Role.MEMBER)
        await self._store.insert_account(account)
        return account

    async def first_admin(self, name: str, email: str) -> Account:
        """Return the oldest admin; where there is no account, make one without password."""
        account = new_account(email, name, Role.ADMIN, None)
        if await self._store.insert_first(account):
            await self._setup.spend()
            await self._audit.record("registered", account.id, role=account.role)
            return account
        admin = await self._store.oldest_admin()
        if admin is None:
            raise Conflict("there is no admin who could be signed in", code="no_admin")
        return admin

    async def sign_in(self, login: Login, address: str, known_user: UserId | None) -> Account:
        """Return the account whose e-mail address and password these are.

        `known_user` is whose refresh token the device holds, if any. Unknown accounts and wrong
        passwords are refused alike and take as long.
        """
        email = normal_email(login.email)
        account = await self._store.account_of(email)
        is_known = account is not None and account.id == known_user
        self._throttle.count_sign_in(email, address, is_known_device=is_known)
        hashed = account.password_hash if account else None
        is_right = await self._passwords.verify(hashed, login.password)
        if account is None or hashed is None or not is_right:
            known = account.id if account else None
            await self._audit.record("sign_in_failed", known, address, method="password")
            raise Unauthenticated(
                "the e-mail address or the password is wrong", code="wrong_credentials"
            )
        if account.disabled:
            raise Forbidden("this account is disabled; ask an admin", code="account_disabled")
        self._throttle.forget(email, address)
        if self._passwords.needs_rehash(hashed):
            await self._set_hash(account.id, await self._passwords.hash(login.password))
        return account

    async def change_password(self, caller: Caller, change: PasswordChange, address: str) -> None:
        """Set a new password and end the caller's other sessions."""
        account = await self.get(caller.user_id)
        is_lost = change.current is None and await self._sessions.came_by_link(caller)
        if account.password_hash is None or is_lost:
            await self._sessions.check_proved(caller)
        else:
            await self.check_password(caller, change.current or "", address)
        check_password(change.new, account.email, account.name)
        await self._set_hash(account.id, await self._passwords.hash(change.new))
        await self._sessions.end_all(account.id, but=caller.session_id)
        await self._sessions.prove(caller)
        await self._audit.record("password_changed", account.id, address)

    async def check_password(self, caller: Caller, password: str, address: str) -> None:
        """Return where this is the caller's password; counted before it is hashed."""
        account = await self.get(caller.user_id)
        self._throttle.count_password(account.id, address)
        if not await self._passwords.verify(account.password_hash, password):
            await self._audit.record("proof_failed", account.id, address, method="password")
            raise Forbidden("the current password is wrong", code="wrong_password")

    async def prove_by_password(self, caller: Caller, password: str, address: str) -> None:
        """Return where the password proves who is there: of an account without second factors."""
        if (await self.get(caller.user_id)).mfa_enabled:
            raise Forbidden(
                "this account has a second factor: use a passkey, a code of the app or a recovery"
                " code",
                code="factor_required",
            )
        await self.check_password(caller, password, address)

    async def rename(self, user: UserId, name: str) -> Account:
        """Change the name that others see."""
        return await self._store.accounts.update(
            user, lambda account: msgspec.structs.replace(account, name=name)
        )

    async def _set_hash(self, user: UserId, hashed: str) -> None:
        _ = await self._store.accounts.update(
            user, lambda account: msgspec.structs.replace(account, password_hash=hashed)
        )

    async def _check_may_register(self, wanted: Registration, *, is_first: bool) -> None:
        if is_first:
            if self.rules.is_exposed and not await self._setup.is_right(wanted.setup_token or ""):
                raise Forbidden(
                    "the first account needs the set-up token that the server printed at start",
                    code="setup_token_required",
                )
            return
        if wanted.invite is not None:
            _ = await self.invites.named(wanted.invite)
            return
        match self.rules.policy:
            case "open":
                return
            case "invite":
                raise Forbidden(
                    "registration is by invitation here; ask an admin for one",
                    code="invitation_required",
                )
            case "closed":
                raise Forbidden("registration is closed here", code="registration_closed")
