"""The keys in the data folder: `secret.key` signs, `operator.key` opens for who can read it."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec

from axonml.errors import StartupError

ENVIRONMENT: Final = "AXONML_SECRET_KEY"
_MIN_BYTES: Final = 32
_OTHERS: Final = 0o077


class SecretKey(msgspec.Struct, frozen=True):
    """One key of `secret.key`; `kid` names it in what it signed."""

    kid: str
    secret: bytes

    def derived(self, purpose: str) -> bytes:
        """Return a key for one purpose alone, 32 bytes."""
        return hmac.digest(self.secret, purpose.encode(), hashlib.sha256)


class SecretKeys:
    """The keys of `secret.key`: the first signs, any of them still verifies."""

    def __init__(self, keys: list[SecretKey]) -> None:
        self.all: Final = tuple(keys)
        self.current: Final = keys[0]
        self._by_kid: Final = {key.kid: key for key in keys}

    def get(self, kid: str) -> SecretKey | None:
        """Return the key of that name."""
        return self._by_kid.get(kid)


def load_secret_keys(home: Path) -> SecretKeys:
    """Return the keys of `home/secret.key`, made where there is none.

    The file holds a line a key, `kid base64url`, the newest first; `AXONML_SECRET_KEY` may hold the
    same instead, from a vault.

    Raises:
        StartupError: the file cannot be read, others can read it, or a key is too short.
    """
    if given := os.environ.get(ENVIRONMENT):
        return _given(given)
    path = home / "secret.key"
    try:
        if not path.exists():
            _create(path)
        if path.stat().st_mode & _OTHERS:
            raise StartupError(f"others can read {path}; run: chmod 600 {path}")
        lines = path.read_text(encoding="ascii").split("\n")
        keys = [_parsed(line) for line in lines if line.strip()]
    except OSError as error:
        raise StartupError(f"cannot use {path}: {error.strerror}") from None
    except (ValueError, binascii.Error):
        keys = []
    if not keys:
        raise StartupError(
            f"{path} does not hold keys of at least {_MIN_BYTES} bytes; restore it from a backup,"
            " or remove it (everybody must then sign in again)"
        )
    return SecretKeys(keys)


def _given(text: str) -> SecretKeys:
    try:
        keys = [_parsed(line) for line in text.splitlines() if line.strip()]
    except (ValueError, binascii.Error):
        keys = []
    if not keys:
        raise StartupError(
            f"{ENVIRONMENT} holds no keys of at least {_MIN_BYTES} bytes: a line a key, a name and"
            " base64url, the newest first"
        )
    return SecretKeys(keys)


def _parsed(line: str) -> SecretKey:
    kid, text = line.split()
    secret = base64.urlsafe_b64decode(text)
    if len(secret) < _MIN_BYTES:
        raise ValueError(kid)
    return SecretKey(kid, secret)


def add_key(home: Path) -> SecretKeys:
    """Put a fresh key in front of those of `home/secret.key`, and return them all.

    Raises:
        StartupError: the file cannot be used.
    """
    return _kept(home, (_fresh(), *load_secret_keys(home).all))


def drop_old_keys(home: Path) -> SecretKeys:
    """Keep the newest key of `home/secret.key` alone: what others signed or sealed is void.

    Raises:
        StartupError: the file cannot be used.
    """
    return _kept(home, load_secret_keys(home).all[:1])


def _kept(home: Path, keys: tuple[SecretKey, ...]) -> SecretKeys:
    if os.environ.get(ENVIRONMENT):
        raise StartupError(
            f"the keys come from {ENVIRONMENT}: put the fresh one in front of them there"
        )
    path = home / "secret.key"
    try:
        _ = _written(path, "".join(map(_line, keys))).replace(path)
    except OSError as error:
        raise StartupError(f"cannot write {path}: {error.strerror}") from None
    return load_secret_keys(home)


def _fresh() -> SecretKey:
    return SecretKey(secrets.token_hex(4), secrets.token_bytes(_MIN_BYTES))


def _line(key: SecretKey) -> str:
    return f"{key.kid} {base64.urlsafe_b64encode(key.secret).decode()}\n"


def _create(path: Path) -> None:
    made = _written(path, _line(_fresh()))
    # A link fails where the name is taken: two processes at once end up with one key.
    with contextlib.suppress(FileExistsError):
        os.link(made, path)
    made.unlink()


def write_operator_key(home: Path) -> str:
    """Write a fresh `home/operator.key` and return it: the former is void.

    Raises:
        StartupError: it cannot be written.
    """
    key = secrets.token_urlsafe(32)
    path = home / "operator.key"
    try:
        _ = _written(path, key).replace(path)
    except OSError as error:
        raise StartupError(f"cannot write {path}: {error.strerror}") from None
    return key


def _written(path: Path, text: str) -> Path:
    """Write `text` to a fresh file beside `path` that only its owner can read."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        _ = file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return made
