"""HTTP of second factors: /api/auth/mfa/*, /api/auth/reauth."""

from typing import Any, Final

from litestar import Request, Response, delete, get, patch, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from axonml.auth.answers import SignInAnswers, bearer_of
from axonml.auth.callers import Callers
from axonml.auth.mfa import SecondFactors, shown
from axonml.auth.mfa_types import (
    Ceremony,
    MfaState,
    NewPasskey,
    Passkey,
    PasskeyChange,
    PasskeyPage,
    PasskeyProof,
    PasskeyRegistration,
    PasskeyStart,
    Proved,
    Reauth,
    RecoveryCode,
    RecoveryCodes,
    TotpChecked,
    TotpCode,
    TotpEnable,
    TotpSetup,
)
from axonml.auth.sessions import Sessions
from axonml.auth.types import SignedIn
from axonml.auth.users import Users
from axonml.clock import as_datetime
from axonml.errors import Invalid, Unauthenticated
from axonml.http.caller import BEFORE_MFA, PUBLIC, SESSION, Caller, caller_of
from axonml.http.limits import address_of
from axonml.http.origins import Origins

Call = Request[Any, Any, Any]


class MfaSignInRoutes:
    """What finishes a sign-in, or is one; public, so each checks for itself."""

    def __init__(
        self,
        factors: SecondFactors,
        users: Users,
        callers: Callers,
        answers: SignInAnswers,
        origins: Origins,
    ) -> None:
        self._factors: Final = factors
        self._users: Final = users
        self._callers: Final = callers
        self._answers: Final = answers
        self._origins: Final = origins

    async def verify_totp(
        self, request: Call, data: JSONBody[TotpCode]
    ) -> Response[SignedIn | TotpChecked]:
        """Finish a sign-in with a code; without `mfa_token`, check the app being set up."""
        self._origins.check(request.headers)
        address = address_of(request.scope)
        if data.mfa_token is None:
            caller = await self._caller(request)
            await self._factors.totp.check_set_up(caller.user_id, data.code)
            return Response(TotpChecked())
        pending = await self._factors.pending(data.mfa_token)
        account = await self._factors.check_code(pending.user_id, data.code, address)
        await self._factors.spend(data.mfa_token)
        signed_in: Response[Any] = await self._answers.start(
            request, account, "totp", in_body=pending.in_body, by_link=pending.by_link
        )
        return signed_in

    async def use_recovery_code(
        self, request: Call, data: JSONBody[RecoveryCode]
    ) -> Response[SignedIn]:
        """Finish a sign-in with a recovery code, which is then spent."""
        self._origins.check(request.headers)
        pending = await self._factors.pending(data.mfa_token)
        account = await self._factors.check_recovery_code(
            pending.user_id, data.code, address_of(request.scope)
        )
        await self._factors.spend(data.mfa_token)
        return await self._answers.start(
            request, account, "recovery", in_body=pending.in_body, by_link=pending.by_link
        )

    async def start_passkey(
        self, request: Call, data: JSONBody[PasskeyStart | None] = None
    ) -> Ceremony:
        """Ask for a passkey: to finish a sign-in, as one, or (with a session) to prove oneself."""
        self._origins.check(request.headers)
        origin, passkeys = request.headers.get("origin"), self._factors.passkeys
        if data is not None and data.mfa_token is not None:
            pending = await self._factors.pending(data.mfa_token)
            account = await self._users.get(pending.user_id)
            return await passkeys.start_proof("mfa", account, origin)
        if "authorization" in request.headers:
            account = await self._users.get((await self._caller(request)).user_id)
            return await passkeys.start_proof("reauth", account, origin)
        return await passkeys.start_proof("sign_in", None, origin)

    async def finish_passkey(
        self, request: Call, data: JSONBody[PasskeyProof]
    ) -> Response[SignedIn]:
        """Sign in with a passkey: as second factor, or alone."""
        self._origins.check(request.headers)
        address, passkeys = address_of(request.scope), self._factors.passkeys
        if data.mfa_token is None:
            account = await passkeys.finish_proof("sign_in", None, data, address)
            return await self._answers.start(request, account, "passkey")
        pending = await self._factors.pending(data.mfa_token)
        account = await passkeys.finish_proof("mfa", pending.user_id, data, address)
        await self._factors.spend(data.mfa_token)
        return await self._answers.start(
            request, account, "webauthn", in_body=pending.in_body, by_link=pending.by_link
        )

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["auth"], "opt": PUBLIC, "status_code": 200}
        mfa = "/api/auth/mfa"
        return [
            post(f"{mfa}/totp/verify", **kind)(self.verify_totp),
            post(f"{mfa}/recovery", **kind)(self.use_recovery_code),
            post(f"{mfa}/webauthn/authenticate/start", **kind)(self.start_passkey),
            post(f"{mfa}/webauthn/authenticate/finish", **kind)(self.finish_passkey),
        ]

    async def _caller(self, request: Call) -> Caller:
        caller = await self._callers.authenticate(bearer_of(request))
        if caller.session_id is None:
            raise Unauthenticated("an API token cannot do this; sign in", code="session_required")
        return caller


class MfaRoutes:
    """The signed-in user's own second factors; changes ask for a proof of the last 10 minutes."""

    def __init__(
        self, factors: SecondFactors, users: Users, sessions: Sessions, origins: Origins
    ) -> None:
        self._factors: Final = factors
        self._users: Final = users
        self._sessions: Final = sessions
        self._origins: Final = origins

    async def get_mfa(self, request: Call) -> MfaState:
        """Return the caller's second factors."""
        return await self._factors.state(caller_of(request))

    async def turn_off_mfa(self, request: Call) -> None:
        """Remove every second factor."""
        caller = await self._proved(request)
        await self._factors.turn_off(caller, address_of(request.scope))

    async def reauthenticate(self, request: Call, data: JSONBody[Reauth]) -> Proved:
        """Prove that it is still the same person; good for 10 minutes of changes.

        The session's access tokens before this answer's are void.
        """
        caller, address = caller_of(request), address_of(request.scope)
        match data:
            case Reauth(password=str() as password, code=None, passkey=None):
                await self._users.prove_by_password(caller, password, address)
            case Reauth(password=None, code=str() as code, passkey=None):
                await self._factors.prove_by_code(caller.user_id, code, address)
            case Reauth(password=None, code=None, passkey=PasskeyProof() as proof):
                passkeys = self._factors.passkeys
                _ = await passkeys.finish_proof("reauth", caller.user_id, proof, address)
            case _:
                raise Invalid("give exactly one of password, code and passkey")
        token, expires_ms = await self._sessions.renew(caller)
        return Proved(
            token=token,
            expires_at=as_datetime(expires_ms),
            proved_until=await self._sessions.proved_until(caller),
        )

    async def show_totp_setup(self, request: Call) -> TotpSetup:
        """Return the secret that is being set up; a new one where none is."""
        caller = await self._proved(request)
        account = await self._users.get(caller.user_id)
        return await self._factors.totp.set_up(account, fresh=False)

    async def set_up_totp(self, request: Call) -> TotpSetup:
        """Return a new secret for an authenticator app; nothing changes until it is enabled."""
        caller = await self._proved(request)
        account = await self._users.get(caller.user_id)
        return await self._factors.totp.set_up(account, fresh=True)

    async def enable_totp(
        self, request: Call, data: JSONBody[TotpEnable | None] = None
    ) -> RecoveryCodes:
        """Ask for codes of the app from now on; returns recovery codes, this once."""
        caller = await self._proved(request)
        if data is not None and data.code is not None:
            await self._factors.totp.check_set_up(caller.user_id, data.code)
        return await self._factors.enable_totp(caller, address_of(request.scope))

    async def remove_totp(self, request: Call) -> None:
        """Ask for no codes of the app any more."""
        caller = await self._proved(request)
        await self._factors.remove_totp(caller, address_of(request.scope))

    async def make_recovery_codes(self, request: Call) -> RecoveryCodes:
        """Return new recovery codes, this once; those before are void."""
        self._origins.check(request.headers)  # a GET that changes something
        caller = await self._proved(request)
        return await self._factors.new_recovery_codes(caller, address_of(request.scope))

    async def regenerate_recovery_codes(self, request: Call) -> RecoveryCodes:
        """Return new recovery codes, this once; those before are void."""
        return await self.make_recovery_codes(request)

    async def start_passkey_registration(self, request: Call) -> Ceremony:
        """Ask the browser for a new passkey."""
        caller = await self._proved(request)
        account = await self._users.get(caller.user_id)
        origin = request.headers.get("origin")
        return await self._factors.passkeys.start_registration(account, origin)

    async def finish_passkey_registration(
        self, request: Call, data: JSONBody[PasskeyRegistration]
    ) -> NewPasskey:
        """Store the new passkey; the first second factor brings recovery codes, shown this once."""
        caller = await self._proved(request)
        return await self._factors.add_passkey(caller, data, address_of(request.scope))

    async def list_passkeys(self, request: Call) -> PasskeyPage:
        """List the caller's passkeys."""
        return PasskeyPage((await self._factors.state(caller_of(request))).passkeys)

    async def rename_passkey(
        self, request: Call, passkey_id: FromPath[str], data: JSONBody[PasskeyChange]
    ) -> Passkey:
        """Change what its owner calls a passkey."""
        user = caller_of(request).user_id
        return shown(await self._factors.passkeys.rename(user, passkey_id, data.name))

    async def remove_passkey(self, request: Call, passkey_id: FromPath[str]) -> None:
        """Forget a passkey."""
        caller = await self._proved(request)
        await self._factors.remove_passkey(caller, passkey_id, address_of(request.scope))

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["auth"], "opt": {**SESSION, **BEFORE_MFA}}
        ok: dict[str, Any] = {"status_code": 200, **kind}
        mfa, webauthn = "/api/auth/mfa", "/api/auth/mfa/webauthn"
        one = f"{webauthn}/credentials/{{passkey_id:str}}"
        return [
            get(mfa, **kind)(self.get_mfa),
            delete(mfa, **kind)(self.turn_off_mfa),
            post("/api/auth/reauth", **ok)(self.reauthenticate),
            get(f"{mfa}/totp/setup", **kind)(self.show_totp_setup),
            post(f"{mfa}/totp/setup", **ok)(self.set_up_totp),
            post(f"{mfa}/totp/enable", **ok)(self.enable_totp),
            delete(f"{mfa}/totp", **kind)(self.remove_totp),
            # The original's verb, though it changes state; the page takes the next one.
            get(f"{mfa}/recovery", **kind)(self.make_recovery_codes),
            post(f"{mfa}/recovery/regenerate", **ok)(self.regenerate_recovery_codes),
            post(f"{webauthn}/register/start", **ok)(self.start_passkey_registration),
            post(f"{webauthn}/register/finish", **kind)(self.finish_passkey_registration),
            get(f"{webauthn}/credentials", **kind)(self.list_passkeys),
            patch(one, **kind)(self.rename_passkey),
            delete(one, **kind)(self.remove_passkey),
        ]

    async def _proved(self, request: Call) -> Caller:
        caller = caller_of(request)
        await self._sessions.check_proved(caller)
        return caller
