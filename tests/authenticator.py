"""Second factors in software: an authenticator app, and a security key as a browser drives it."""

import base64
import hashlib
import json
import os
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import AsyncClient, Client
from pyotp.totp import TOTP

from axonml import clock

PAGE = "http://localhost:8080"
MFA = "/api/auth/mfa"
ADA = {"email": "ada@example.org", "password": "correct horse battery"}
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """Holds one passkey; `count` is its signature counter, `verifies` asks for PIN or finger."""

    def __init__(self, *, verifies: bool = True, count: int = 0, origin: str = PAGE) -> None:
        self.id = os.urandom(32)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.verifies, self.count, self.origin = verifies, count, origin
        self.user_handle = ""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        self.user_handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        data = self._data(options["rp"]["id"], _ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(
            clientDataJSON=b64(client), attestationObject=b64(attestation), transports=["usb"]
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        self.count += 1 if self.count else 0
        data = self._data(options["rpId"], 0)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=b64(client),
            authenticatorData=b64(data),
            signature=b64(signature),
            userHandle=self.user_handle,
        )

    def _data(self, rp_id: str, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _answer(self, **response: Any) -> dict[str, Any]:
        name = b64(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


async def with_app(client: AsyncClient) -> tuple[TOTP, list[str]]:
    """Set up an app as the page does; return it and the recovery codes."""
    setup = (await client.post(f"{MFA}/totp/setup")).json()
    app = TOTP(setup["secret"])
    checked = await client.post(f"{MFA}/totp/verify", json={"code": now(app)})
    assert checked.json() == {"valid": True}, checked.text
    enabled = await client.post(f"{MFA}/totp/enable")
    assert enabled.status_code == 200, enabled.text
    return app, enabled.json()["recovery_codes"]


def now(app: TOTP) -> str:
    return app.at(clock.now_ms() // 1000)


async def asked(world: Any, address: str = "192.0.2.7") -> tuple[AsyncClient, str]:
    """Sign in with a password; return the client and what goes on with it."""
    client = world.client(address)
    answer = await client.post("/api/auth/login", json=ADA)
    assert answer.json()["requires_mfa"] is True, answer.text
    return client, answer.json()["mfa_token"]


def with_app_over_http(client: Client) -> TOTP:
    """Set up an app on a running server."""
    app = TOTP(client.post(f"{MFA}/totp/setup").json()["secret"])
    enabled = client.post(f"{MFA}/totp/enable", json={"code": now(app)})
    assert enabled.status_code == 200, enabled.text
    return app
