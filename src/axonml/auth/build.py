"""The parts of auth, put together."""

import msgspec
from litestar.handlers import BaseRouteHandler

from axonml.auth.administration import Administration
from axonml.auth.answers import SignInAnswers
from axonml.auth.api_tokens import ApiTokens
from axonml.auth.audit import Audit
from axonml.auth.callers import Callers
from axonml.auth.cookies import RefreshCookie
from axonml.auth.invites import Invites
from axonml.auth.job_tokens import JobTokens
from axonml.auth.keys import load_secret_keys, write_operator_key
from axonml.auth.links import SetupToken, SignInLinks
from axonml.auth.mfa import SecondFactors
from axonml.auth.mfa_routes import MfaRoutes, MfaSignInRoutes
from axonml.auth.operator import Operator
from axonml.auth.passkeys import Passkeys
from axonml.auth.passwords import Passwords
from axonml.auth.routes import AccountRoutes, SignInRoutes
from axonml.auth.seal import Seal
from axonml.auth.sessions import Sessions
from axonml.auth.store import AuthStore
from axonml.auth.throttle import Throttle
from axonml.auth.tokens import AccessTokens, RefreshTokens
from axonml.auth.totp import Totp
from axonml.auth.users import RegistrationRules, Users
from axonml.config import Config
from axonml.http.origins import Origins
from axonml.http.sockets import Sockets
from axonml.storage.protocols import Storage


class Auth(msgspec.Struct, frozen=True, eq=False):
    """What the server needs of auth: `callers` for the guard, `handlers` for the app.

    `close` ends the hashing threads.
    """

    callers: Callers
    users: Users
    administration: Administration
    factors: SecondFactors
    sessions: Sessions
    api_tokens: ApiTokens
    job_tokens: JobTokens
    setup: SetupToken
    links: SignInLinks
    passwords: Passwords
    throttle: Throttle
    audit: Audit
    store: AuthStore
    handlers: list[BaseRouteHandler]

    def close(self) -> None:
        """End the threads."""
        self.passwords.close()

    async def setup_token(self) -> str | None:
        """Return a fresh set-up token to print, where the first account will need one."""
        if self.users.rules.is_exposed and not await self.users.has_any():
            return await self.setup.make()
        return None


def build_auth(config: Config, storage: Storage, origins: Origins, sockets: Sockets) -> Auth:
    """Return auth on `storage`, with the keys of the data folder.

    Sockets close when the session, API token or account ends by which they were opened.

    Raises:
        StartupError: a key file cannot be used, or the password settings are too weak.
    """
    keys = load_secret_keys(config.home)
    store = AuthStore(storage.documents)
    audit, setup, links = Audit(store), SetupToken(storage.keys), SignInLinks(storage.keys)
    sessions = Sessions(store, AccessTokens(keys), RefreshTokens(keys), audit, config.auth)
    api_tokens = ApiTokens(store)
    operator_key = write_operator_key(config.home)
    callers = Callers(sessions, api_tokens, store, operator_key)
    passwords = Passwords(config.auth)
    throttle = Throttle()
    invites, rules = Invites(store), RegistrationRules.of(config)
    users = Users(store, passwords, sessions, throttle, setup, invites, audit, rules)
    sessions.on_end(sockets.end_session)
    api_tokens.on_revoke(sockets.end_token)
    administration = Administration(store, passwords, sessions, api_tokens, audit)
    administration.on_change(callers.forget_user)
    administration.on_change(sockets.end_user)
    required = config.auth.require_mfa
    totp, passkeys = Totp(store, storage.keys, Seal(keys)), Passkeys(store, storage.keys, audit)
    factors = SecondFactors(
        store, storage.keys, totp, passkeys, sessions, throttle, audit, required=required
    )
    factors.on_change(callers.forget_user)
    operator = Operator(operator_key, users, api_tokens, links, audit)
    cookie = RefreshCookie(config.server.port, config.auth.session_days)
    answers = SignInAnswers(sessions, cookie, audit)
    routes = [
        SignInRoutes(users, sessions, callers, links, operator, origins, answers, factors),
        MfaSignInRoutes(factors, users, callers, answers, origins),
        AccountRoutes(users, sessions, api_tokens, audit),
        MfaRoutes(factors, users, sessions, origins),
    ]
    handlers = [handler for each in routes for handler in each.handlers()]
    return Auth(
        callers=callers,
        users=users,
        administration=administration,
        factors=factors,
        sessions=sessions,
        api_tokens=api_tokens,
        job_tokens=JobTokens(store, api_tokens),
        setup=setup,
        links=links,
        passwords=passwords,
        throttle=throttle,
        audit=audit,
        store=store,
        handlers=handlers,
    )
