"""What crosses a process about second factors and passkeys."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from axonml.auth.types import Password, PersonName, Secret

Method = Literal["totp", "webauthn", "recovery"]
# People type spaces and dashes into codes; what is wrong is counted and refused, not explained.
Code = Annotated[str, Meta(min_length=1, max_length=64)]
# What `navigator.credentials` gives, as JSON (WebAuthn Level 3, `PublicKeyCredential.toJSON`).
Credential = dict[str, Any]
Purpose = Literal["register", "sign_in", "mfa", "reauth"]


class MfaRequired(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a sign-in of an account with second factors: go on with one of `methods`."""

    requires_mfa: Literal[True] = True
    mfa_token: str
    expires_at: datetime
    methods: list[Method]


class TotpSetup(msgspec.Struct, frozen=True, kw_only=True):
    """A secret for an authenticator app: base32, as a picture to scan, and as a link."""

    secret: str
    qr_code: str
    otpauth_uri: str


class TotpCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/mfa/totp/verify: with `mfa_token` a sign-in, without one a set-up."""

    code: Code
    mfa_token: Secret | None = None


class TotpChecked(msgspec.Struct, frozen=True):
    """The app shows the right codes."""

    valid: Literal[True] = True


class TotpEnable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/mfa/totp/enable: a code, where none was verified before."""

    code: Code | None = None


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Codes that are shown this once; those before are void."""

    recovery_codes: list[str]


class RecoveryCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/mfa/recovery: finishes a sign-in."""

    mfa_token: Secret
    code: Code


class Ceremony(msgspec.Struct, frozen=True):
    """What a page gives to `navigator.credentials`; `challenge_id` comes back with the answer."""

    challenge_id: str
    options: dict[str, Any]


class Asked(msgspec.Struct, frozen=True):
    """A challenge that was given out, for one answer; `user_id` is "" where nobody is known."""

    challenge: bytes
    purpose: Purpose
    user_id: str
    origin: str
    rp_id: str


class PasskeyRegistration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/mfa/webauthn/register/finish."""

    challenge_id: Secret
    name: PersonName
    credential: Credential


class PasskeyStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/mfa/webauthn/authenticate/start.

    With `mfa_token` a second factor; without one a sign-in by passkey alone, or, with a session,
    the proof that it is still the same person.
    """

    mfa_token: Secret | None = None


class PasskeyProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/mfa/webauthn/authenticate/finish; `mfa_token` as in the start."""

    challenge_id: Secret
    credential: Credential
    mfa_token: Secret | None = None


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey or security key; `synced` tells that it is kept by more than one device."""

    id: str
    name: str
    synced: bool
    transports: list[str]
    created_at: datetime
    last_used_at: datetime | None


class NewPasskey(msgspec.Struct, frozen=True):
    """A registered passkey; codes come with the account's first second factor."""

    passkey: Passkey
    recovery_codes: list[str]


class PasskeyPage(msgspec.Struct, frozen=True):
    """The caller's passkeys, oldest first."""

    items: list[Passkey]
    next_cursor: str | None = None


class PasskeyChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH /api/auth/mfa/webauthn/credentials/{id}."""

    name: PersonName


class MfaState(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's second factors.

    `required` tells that this server asks everybody for one; `proved_until` is the time until
    which changes need no further proof; `asks_password` that a new password asks for the current.
    """

    enabled: bool
    required: bool
    totp: bool
    passkeys: list[Passkey]
    recovery_codes_left: int
    proved_until: datetime | None
    asks_password: bool


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """A proof was taken, good until `proved_until`; `token` replaces the access token before it."""

    token: str
    expires_at: datetime
    proved_until: datetime | None


class Reauth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /api/auth/reauth: exactly one of password, code (or recovery code), and passkey.

    An account with a second factor shows that: a password alone is not enough.
    """

    password: Password | None = None
    code: Code | None = None
    passkey: PasskeyProof | None = None
