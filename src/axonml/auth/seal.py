"""Secrets that must be read again, at rest: AES-256-GCM under a key of `secret.key`."""

import base64
import binascii
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from axonml.auth.keys import SecretKey, SecretKeys
from axonml.errors import Conflict

_NONCE_BYTES: Final = 12
_VERSION: Final = "v1"  # AES-256-GCM, a nonce of 96 random bits


class Seal:
    """Seals for one purpose each: what was sealed for another user or use does not open.

    A sealed text is `v1.kid.base64url(nonce, ciphertext, tag)`: the version says how it was sealed,
    the `kid` finds a rotated key again. What was sealed before versions has none, and is as `v1`.
    """

    def __init__(self, keys: SecretKeys) -> None:
        self._keys: Final = keys

    def close(self, plain: bytes, purpose: str) -> str:
        """Return `plain`, sealed with the key in force."""
        key, nonce = self._keys.current, os.urandom(_NONCE_BYTES)
        data = nonce + _cipher(key).encrypt(nonce, plain, purpose.encode())
        return f"{_VERSION}.{key.kid}.{base64.urlsafe_b64encode(data).decode()}"

    def open(self, sealed: str, purpose: str) -> bytes:
        """Return what was sealed for `purpose`.

        Raises:
            Conflict: its key is gone, or it was sealed for something else.
        """
        kid, _, text = sealed.removeprefix(f"{_VERSION}.").partition(".")
        key = self._keys.get(kid)
        try:
            data = base64.urlsafe_b64decode(text)
            if key is not None:
                nonce, rest = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
                return _cipher(key).decrypt(nonce, rest, purpose.encode())
        except (InvalidTag, ValueError, binascii.Error):
            pass
        raise Conflict(
            "secret.key of the data folder does not open this secret; restore it from a backup,"
            " or have an admin reset this account's second factors",
            code="secret_unreadable",
        )

    def is_current(self, sealed: str) -> bool:
        """Tell whether the key in force sealed it."""
        return sealed.startswith(f"{_VERSION}.{self._keys.current.kid}.")


def _cipher(key: SecretKey) -> AESGCM:
    return AESGCM(key.derived("seal"))
