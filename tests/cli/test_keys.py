import httpx
from authenticator import MFA, now
from cli.axon import Axon
from pyotp.totp import TOTP

from axonml.clock import now_ms

ADA = {"email": "ada@example.org", "password": "correct horse battery", "client": "cli"}


def test_a_rotation_signs_nobody_out_and_seals_secrets_anew(axon: Axon) -> None:
    _ = axon.ok("start")
    url = f"{axon.server_url}/api/auth"
    _ = httpx.post(
        f"{url}/register",
        json={"email": ADA["email"], "password": ADA["password"], "name": "Ada"},
    )
    session = httpx.post(f"{url}/login", json=ADA).json()
    bearer = {"authorization": f"Bearer {session['token']}"}
    setup = httpx.post(f"{axon.server_url}{MFA}/totp/setup", headers=bearer).json()
    app = TOTP(setup["secret"])
    body = {"code": now(app)}
    enabled = httpx.post(f"{axon.server_url}{MFA}/totp/enable", headers=bearer, json=body)
    assert enabled.status_code == 200, enabled.text
    running = axon.run("keys", "rotate")
    _ = axon.ok("stop")

    said = axon.ok("keys", "rotate")
    _ = axon.ok("start")
    me = httpx.get(f"{url}/me", headers=bearer)
    refreshed = httpx.post(f"{url}/refresh", json={"refresh_token": session["refresh_token"]})
    pending = httpx.post(f"{url}/login", json=ADA).json()["mfa_token"]
    code = app.at(now_ms() // 1000 + 30)
    signed_in = httpx.post(
        f"{axon.server_url}{MFA}/totp/verify", json={"mfa_token": pending, "code": code}
    )
    _ = axon.ok("stop")
    forgot = axon.ok("keys", "rotate", "--forget")
    _ = axon.ok("start")
    after = httpx.get(f"{url}/me", headers=bearer)

    assert running.returncode == 1
    assert "is in use by" in running.stderr
    assert said == "a fresh key is in force, 1 secret is sealed with it\n"
    assert [me.status_code, refreshed.status_code, signed_in.status_code] == [200, 200, 200]
    assert "everybody must sign in again" in forgot
    assert after.status_code == 401
