"""Rotation of the keys in `secret.key`: what is sealed follows, and nobody is signed out."""

from pathlib import Path

from axonml.auth.keys import add_key, drop_old_keys
from axonml.auth.seal import Seal
from axonml.auth.store import AuthStore
from axonml.auth.totp import reseal
from axonml.storage.protocols import Documents


async def rotate_keys(home: Path, documents: Documents, *, forget: bool) -> int:
    """Sign and seal with a fresh key from now on; return how many secrets were sealed anew.

    The former keys still verify what they signed, unless `forget`: then everybody signs in again.
    Broken off at any point, a repeat completes it.

    Raises:
        StartupError: `secret.key` cannot be used.
    """
    n_sealed = await reseal(AuthStore(documents), Seal(add_key(home)))
    if forget:
        _ = drop_old_keys(home)
    return n_sealed
