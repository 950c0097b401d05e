"""Passwords: what is taken, and Argon2id in worker threads, at most one per core at a time."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from axonml.config import AuthConfig
from axonml.errors import FieldError, Invalid, StartupError, Unavailable

MIN_CHARACTERS: Final = 8
# OWASP's parameters: 29 ms here, where the library's own take 122 ms.
_LEAST_MEMORY_KIB: Final = 19456
_LEAST_PASSES: Final = 2
_WAITING_PER_CORE: Final = 32
_COMMON: Final = "common_passwords.txt"
_PRODUCT: Final = "axonml"


class Passwords:
    """Hashes and verifies; an unknown account takes as long as a known one."""

    def __init__(self, config: AuthConfig) -> None:
        """Make the hasher.

        Raises:
            StartupError: the configured cost is below the least.
        """
        memory_kib, passes = config.argon2_memory_kib, config.argon2_passes
        if memory_kib < _LEAST_MEMORY_KIB or passes < _LEAST_PASSES:
            raise StartupError(
                f"auth.argon2_memory_kib must be at least {_LEAST_MEMORY_KIB}"
                f" and auth.argon2_passes at least {_LEAST_PASSES}"
            )
        self._hasher: Final = PasswordHasher(passes, memory_kib, parallelism=1)
        cores = os.cpu_count() or 1
        self._threads: Final = ThreadPoolExecutor(cores, "argon2")
        self._most_waiting: Final = cores * _WAITING_PER_CORE
        self._waiting: int = 0
        self._dummy: Final = self._hasher.hash("nobody's")

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await self._in_thread(self._hash, password, "")

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right; without a hash it is not, as slowly."""
        known = await self._in_thread(self._verify, password, password_hash or self._dummy)
        return known == "yes" and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Tell whether the hash was made with other parameters than now."""
        return self._hasher.check_needs_rehash(password_hash)

    def _hash(self, password: str, _: str) -> str:
        return self._hasher.hash(password)

    def _verify(self, password: str, password_hash: str) -> str:
        try:
            _ = self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return "no"
        return "yes"

    async def _in_thread(self, work: Callable[[str, str], str], password: str, known: str) -> str:
        if self._waiting >= self._most_waiting:
            raise Unavailable("too many sign-ins at once; try again", retry_after_s=2)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, password, known)
        finally:
            self._waiting -= 1


def check_password(password: str, email: str, name: str) -> None:
    """Return where the password may be chosen; else raise `Invalid` with the reason.

    Length and no common word, as NIST SP 800-63B-4 asks; no rules of composition.
    """
    word = password.lower()
    reason = ""
    if len(password) < MIN_CHARACTERS:
        reason = f"use at least {MIN_CHARACTERS} characters; 15 or more are better"
    elif word in _common():
        reason = "this password is among those that everybody tries first; choose another"
    elif word in {email.lower(), email.lower().partition("@")[0], name.lower()}:
        reason = "a password must not be the name or e-mail address"
    elif word.startswith(_PRODUCT) and len(word) < 2 * len(_PRODUCT):  # axonml12, axonml!!
        reason = "a password must not be the product's name"
    elif len(set(word)) <= 2:  # aaaaaaaa, abababab
        reason = "a password needs more than two different characters"
    if reason:
        raise Invalid(reason, code="weak_password", fields=(FieldError("$.password", reason),))


@lru_cache(1)
def _common() -> frozenset[str]:
    text = files("axonml.auth").joinpath(_COMMON).read_text(encoding="ascii")
    return frozenset(line for line in text.split("\n") if not line.startswith("# "))
