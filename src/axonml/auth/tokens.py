"""The tokens of a session: a signed one for 15 minutes, and one to get the next with."""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Any, Final

import jwt
import msgspec

from axonml import clock
from axonml.auth.keys import SecretKeys
from axonml.errors import Unauthenticated
from axonml.ids import SessionId, UserId, is_id, new_id

_ALGORITHM: Final = "HS256"
_TYPE: Final = "at+jwt"
_ISSUER: Final = "axonml"
_AUDIENCE: Final = "axonml-api"
_PREFIX: Final = "axon_rt_"
_SECRET_BYTES: Final = 32
_TAG_BYTES: Final = 16
_PARTS: Final = 3


def not_valid(why: str = "the token is not valid; sign in again") -> Unauthenticated:
    """Return the error of a token that opens nothing."""
    return Unauthenticated(why, code="invalid_token")


class Claims(msgspec.Struct, frozen=True):
    """What an access token says: who, in which session, until when. Never a role."""

    sub: UserId
    sid: SessionId
    exp: int
    gen: int = 0


class AccessTokens:
    """Signs and reads access tokens: JWT, HS256 only, `typ: at+jwt` (RFC 9068)."""

    def __init__(self, keys: SecretKeys) -> None:
        self._keys: Final = keys

    def issue(self, user: UserId, session: SessionId, expires_s: int, generation: int = 0) -> str:
        """Return a token that is good until `expires_s`, in seconds since the epoch."""
        claims: dict[str, Any] = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": user,
            "sid": session,
            "jti": new_id(),
            "iat": clock.now_ms() // 1000,
            "exp": expires_s,
            "gen": generation,
        }
        key = self._keys.current
        headers = {"typ": _TYPE, "kid": key.kid}
        return jwt.encode(claims, key.secret, _ALGORITHM, headers)

    def read(self, token: str) -> Claims:
        """Return what a token of ours says; raises `Unauthenticated` for any other."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(str(header.get("kid")))
            if key is None or header.get("typ") != _TYPE:
                raise not_valid()
            found = jwt.decode(
                token,
                key.secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                # `exp` is compared below, with the clock that everything here uses.
                options={
                    "require": ["iss", "aud", "sub", "sid", "jti", "iat", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            claims = msgspec.convert(found, Claims)
        except (jwt.PyJWTError, msgspec.ValidationError):
            raise not_valid() from None
        if claims.exp * 1000 <= clock.now_ms():
            raise Unauthenticated("the token has expired; refresh it", code="token_expired")
        return claims


class RefreshToken(msgspec.Struct, frozen=True):
    """A refresh token that this server made: `axon_rt_<session>.<secret>.<tag>`."""

    session: SessionId
    secret: bytes
    text: str

    @property
    def hash(self) -> str:
        """Return what the session row keeps of it."""
        return hash_of(self.text)


class RefreshTokens:
    """Makes refresh tokens and knows its own: opaque, 256 bits, each leads to the next.

    The successor is derived with a key from its predecessor, so that two tabs that refresh at once
    get the same one without anything but hashes being stored. The tag tells a spent token of ours
    (its session ends) from somebody's invention (nothing happens).
    """

    def __init__(self, keys: SecretKeys) -> None:
        # The newest makes tokens; those of the others are still known, so that a rotation of keys
        # signs nobody out.
        self._keys: Final = [key.derived("refresh-token") for key in keys.all]

    def first(self, session: SessionId) -> RefreshToken:
        """Return the first token of a session."""
        return _made(self._keys[0], session, secrets.token_bytes(_SECRET_BYTES))

    def successor(self, token: RefreshToken) -> RefreshToken:
        """Return the one token that follows `token`."""
        message = b"next" + token.session.encode() + token.secret
        secret = hmac.digest(self._keys[0], message, hashlib.sha256)
        return _made(self._keys[0], token.session, secret)

    def read(self, text: str) -> RefreshToken | None:
        """Return the token, or None where this server never made it."""
        parts = text.removeprefix(_PREFIX).split(".")
        if not text.startswith(_PREFIX) or len(parts) != _PARTS or not is_id(parts[0]):
            return None
        try:
            secret = base64.b64decode(parts[1] + "=", b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        for key in self._keys:
            made = _made(key, SessionId(parts[0]), secret)
            if hmac.compare_digest(made.text.encode(), text.encode()):
                return made
        return None


def _made(key: bytes, session: SessionId, secret: bytes) -> RefreshToken:
    tag = hmac.digest(key, b"tag" + session.encode() + secret, hashlib.sha256)
    text = f"{_PREFIX}{session}.{_plain(secret)}.{_plain(tag[:_TAG_BYTES])}"
    return RefreshToken(session, secret, text)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a random token in hex: enough for what has 256 bits itself."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
