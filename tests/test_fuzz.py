"""Whatever the API document allows, and more, gets an answer below 500: schemathesis asks."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from product import Server, running

pytestmark = pytest.mark.timeout(400)

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
N_EXAMPLES = 6
# Sockets speak no HTTP; what ends the session that asks would leave nothing to ask with.
LEFT_OUT = "stream$|logout|auth/sessions"


def test_no_request_makes_the_server_fail(tmp_path: Path) -> None:
    budgets = {
        "AXONML_LIMITS_REQUESTS_PER_MINUTE": "10000000",
        "AXONML_LIMITS_ANONYMOUS_PER_MINUTE": "10000000",
    }
    with running(tmp_path, **budgets) as server:
        _ = httpx.post(f"{server.url}/api/auth/register", json={**ADA, "name": "Ada"})
        session = httpx.post(f"{server.url}/api/auth/login", json=ADA).json()["token"]
        operator = (tmp_path / "operator.key").read_text()
        own = fuzzed(server, session, "--include-path-regex", "/api/auth")
        rest = fuzzed(server, operator, "--exclude-path-regex", f"/api/auth|{LEFT_OUT}")
        broken = [line for line in server.log_lines() if line["event"] == "unhandled error"]

    for run in (own, rest):
        assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-1000:]
        assert "returned only 401/403" not in run.stdout, run.stdout[-6000:]
    assert broken == []


def fuzzed(server: Server, token: str, *which: str) -> subprocess.CompletedProcess[str]:
    """Ask the routes in `which` as the bearer of `token`."""
    return subprocess.run(
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
            *which,
        ],
        cwd=server.home,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "fuzz_hooks",
            "PYTHONPATH": str(Path(__file__).parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )
