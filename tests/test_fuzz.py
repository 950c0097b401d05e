"""Whatever the API document allows, and more, gets an answer below 500: schemathesis asks."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from product import running

pytestmark = pytest.mark.timeout(400)

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
N_EXAMPLES = 6
# `logout` would end the session that asks; sockets speak no HTTP.
LEFT_OUT = "logout|stream$"


def test_no_request_makes_the_server_fail(tmp_path: Path) -> None:
    budgets = {
        "AXONML_LIMITS_REQUESTS_PER_MINUTE": "10000000",
        "AXONML_LIMITS_ANONYMOUS_PER_MINUTE": "10000000",
    }
    with running(tmp_path, **budgets) as server:
        _ = httpx.post(f"{server.url}/api/auth/register", json={**ADA, "name": "Ada"})
        token = httpx.post(f"{server.url}/api/auth/login", json=ADA).json()["token"]
        fuzzed = subprocess.run(
            [
                sys.executable,
                "-m",
                "schemathesis.cli",
                "run",
                f"{server.url}/api/openapi.json",
                *("--header", f"Authorization: Bearer {token}"),
                *("--checks", "not_a_server_error"),
                *("--phases", "examples,coverage,fuzzing"),
                *("--max-examples", str(N_EXAMPLES)),
                *("--exclude-path-regex", LEFT_OUT),
                *("--request-timeout", "30"),
                *("--seed", "1"),
                "--continue-on-failure",
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        broken = [line for line in server.log_lines() if line["event"] == "unhandled error"]

    assert fuzzed.returncode == 0, fuzzed.stdout[-6000:] + fuzzed.stderr[-1000:]
    assert broken == []
