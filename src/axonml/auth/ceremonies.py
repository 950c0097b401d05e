"""WebAuthn's two ceremonies (W3C WebAuthn Level 3), by py_webauthn: options out, answers checked.

Importing the library takes a third of a second: `passkeys` imports this module in a thread, when
the first passkey is used.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from axonml import clock
from axonml.auth.mfa_types import Asked, Credential
from axonml.auth.store import Account, StoredPasskey
from axonml.errors import Invalid, Unauthenticated

_TRANSPORTS: Final = {each.value for each in AuthenticatorTransport}
_BAD: Final = (WebAuthnException, ValueError, TypeError, KeyError, IndexError)


class Proved(msgspec.Struct, frozen=True):
    """What an answered challenge tells of the credential."""

    sign_count: int
    backed_up: bool


class Ceremonies:
    """The options that a page gives to `navigator.credentials`, and the check of the answers."""

    def __init__(self, name: str) -> None:
        """Show `name` as that of the site."""
        self._name: Final = name

    def registration(self, account: Account, rp_id: str) -> tuple[bytes, bytes]:
        """Return a challenge, and the options of a new passkey for `account` as JSON."""
        options = generate_registration_options(
            rp_id=rp_id,
            rp_name=self._name,
            user_id=account.id.encode(),
            user_name=account.email,
            user_display_name=account.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(account.webauthn_credentials),
        )
        return options.challenge, options_to_json(options).encode()

    def registered(self, answer: Credential, asked: Asked) -> StoredPasskey:
        """Return the new credential, without a name; raises `Invalid` for a bad answer."""
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=asked.challenge,
                expected_rp_id=asked.rp_id,
                expected_origin=asked.origin,
            )
            transports = sorted(_TRANSPORTS & set(answer["response"].get("transports", ())))
        except _BAD as error:
            raise Invalid(
                f"this passkey cannot be registered: {error}", code="bad_passkey"
            ) from None
        return StoredPasskey(
            id=bytes_to_base64url(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=tuple(transports),
            synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=made.credential_backed_up,
            aaguid=made.aaguid,
            created_at=clock.now(),
        )

    def authentication(
        self, known: Sequence[StoredPasskey], rp_id: str, *, alone: bool
    ) -> tuple[bytes, bytes]:
        """Return a challenge, and the options to prove one of `known` (any, where none is) as JSON.

        `alone`: no password comes beside it, so the device must verify its user.
        """
        options = generate_authentication_options(
            rp_id=rp_id,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.REQUIRED
            if alone
            else UserVerificationRequirement.PREFERRED,
        )
        return options.challenge, options_to_json(options).encode()

    def proved(
        self, answer: Credential, asked: Asked, known: StoredPasskey, *, alone: bool
    ) -> Proved:
        """Return what the answer tells; raises `Unauthenticated` where `known` did not make it."""
        try:
            found = verify_authentication_response(
                credential=answer,
                expected_challenge=asked.challenge,
                expected_rp_id=asked.rp_id,
                expected_origin=asked.origin,
                credential_public_key=known.public_key,
                # Compared by who stores it, in the transaction that does.
                credential_current_sign_count=0,
                require_user_verification=alone,
            )
        except _BAD as error:
            raise Unauthenticated(
                f"this passkey was not accepted: {error}", code="passkey_refused"
            ) from None
        return Proved(found.new_sign_count, found.credential_backed_up)


def _descriptors(known: Sequence[StoredPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.id),
            transports=[AuthenticatorTransport(name) for name in passkey.transports],
        )
        for passkey in known
    ]
