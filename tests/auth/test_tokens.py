"""Forged, mixed up, expired: what an access token must not be."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any

import jwt
import pytest

from axonml import clock
from axonml.auth.keys import SecretKey, SecretKeys
from axonml.auth.tokens import AccessTokens, RefreshTokens
from axonml.errors import Unauthenticated
from axonml.ids import SessionId, UserId, new_id

KEY = SecretKey("k1", secrets.token_bytes(32))
KEYS = SecretKeys([KEY])
USER, SESSION = UserId(new_id()), SessionId(new_id())


def claims(**changed: Any) -> dict[str, Any]:
    at = clock.now_ms() // 1000
    made = {
        "iss": "axonml",
        "aud": "axonml-api",
        "sub": USER,
        "sid": SESSION,
        "jti": new_id(),
        "iat": at,
        "exp": at + 900,
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(
    told: dict[str, Any], *, secret: bytes | str = KEY.secret, alg: str = "HS256", **header: Any
) -> str:
    headers = {"typ": "at+jwt", "kid": "k1", **header}
    return jwt.encode(told, secret, algorithm=alg, headers=headers)


def unsigned(header: dict[str, Any], told: dict[str, Any]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, told))
    return ".".join(part.rstrip(b"=").decode() for part in parts) + "."


def test_a_token_of_ours_says_who_and_in_which_session() -> None:
    at = clock.now_ms() // 1000 + 900
    token = AccessTokens(KEYS).issue(USER, SESSION, at)

    read = AccessTokens(KEYS).read(token)

    assert (read.sub, read.sid, read.exp) == (USER, SESSION, at)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "k1", "typ": "at+jwt"}
    body = jwt.decode(token, options={"verify_signature": False})
    assert set(body) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp", "gen"}


FORGED = {
    "another key": lambda: signed(claims(), secret=secrets.token_bytes(32)),
    "an unknown kid": lambda: signed(claims(), kid="k2"),
    "no kid": lambda: jwt.encode(claims(), KEY.secret, "HS256", {"typ": "at+jwt"}),
    "another type": lambda: signed(claims(), typ="JWT"),
    "alg none": lambda: unsigned({"alg": "none", "typ": "at+jwt", "kid": "k1"}, claims()),
    "alg None": lambda: unsigned({"alg": "None", "typ": "at+jwt", "kid": "k1"}, claims()),
    "no alg": lambda: unsigned({"typ": "at+jwt", "kid": "k1"}, claims()),
    "another HMAC": lambda: signed(claims(), alg="HS512", secret=secrets.token_bytes(64)),
    "our key in another HMAC": lambda: signed(claims(), alg="HS384", secret=KEY.secret + bytes(16)),
    "another issuer": lambda: signed(claims(iss="somebody")),
    "another audience": lambda: signed(claims(aud="axonml-mfa")),
    "no audience": lambda: signed(claims(aud=None)),
    "no session": lambda: signed(claims(sid=None)),
    "no user": lambda: signed(claims(sub=None)),
    "no id": lambda: signed(claims(jti=None)),
    "no end": lambda: signed(claims(exp=None)),
    "an end that is no number": lambda: signed(claims(exp="never")),
    "a session that is no text": lambda: signed(claims(sid=["a"])),
    "an end in the past": lambda: signed(claims(exp=clock.now_ms() // 1000 - 1)),
    "an end right now": lambda: signed(claims(exp=clock.now_ms() // 1000)),
    "a changed body": lambda: signed(claims())[:-44].replace(".e", ".f", 1) + "x" * 44,
    "no signature": lambda: signed(claims()).rpartition(".")[0] + ".",
    "two parts": lambda: signed(claims()).rpartition(".")[0],
    "nothing": lambda: "",
    "dots": lambda: "..",
    "no base64": lambda: "é.é.é",
    "a refresh token": lambda: RefreshTokens(KEYS).first(SESSION).text,
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_or_mixed_up_token_is_refused(case: str) -> None:
    with pytest.raises(Unauthenticated):
        _ = AccessTokens(KEYS).read(FORGED[case]())


def test_a_token_of_a_former_key_is_read_until_the_key_goes() -> None:
    old, new = KEY, SecretKey("k2", secrets.token_bytes(32))
    token = AccessTokens(SecretKeys([old])).issue(USER, SESSION, clock.now_ms() // 1000 + 900)

    both = AccessTokens(SecretKeys([new, old])).read(token)

    assert both.sub == USER
    with pytest.raises(Unauthenticated):
        _ = AccessTokens(SecretKeys([new])).read(token)


def test_a_refresh_token_leads_to_one_successor() -> None:
    tokens = RefreshTokens(KEYS)
    first = tokens.first(SESSION)
    read = tokens.read(first.text)

    assert read == first
    assert tokens.successor(first) == tokens.successor(first) != first
    assert tokens.first(SESSION).text != first.text
    assert (
        RefreshTokens(SecretKeys([SecretKey("x", secrets.token_bytes(32))])).read(first.text)
        is None
    )


def test_a_refresh_token_of_another_session_is_none(tmp_path: Path) -> None:
    tokens = RefreshTokens(KEYS)
    text = tokens.first(SESSION).text

    assert tokens.read(text.replace(SESSION, new_id())) is None
