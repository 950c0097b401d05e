import os
import re
import socket

import httpx
import psutil
from cli.axon import Axon

from axonml.cli.processes import Part


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def behind_a_proxy(axon: Axon) -> None:
    """Configure a server that others reach: it may be called by any name."""
    axon.home.mkdir()
    _ = (axon.home / "config.toml").write_text('[server]\ntrusted_proxies = ["127.0.0.1"]\n')


def test_start_returns_when_the_api_and_the_page_answer(axon: Axon) -> None:
    said = axon.ok("start")

    assert httpx.get(f"{axon.server_url}/health/ready").is_success
    assert httpx.get(f"{axon.page_url}/axonml.json").json() == {"api": axon.server_url}
    assert axon.page_url in said.splitlines()
    assert "axon link" in said


def test_the_page_finds_the_api_by_whatever_name_the_machine_is_called(axon: Axon) -> None:
    behind_a_proxy(axon)
    _ = axon.ok("start")
    page, api = f"http://127.0.0.1:{axon.page_port}", f"http://127.0.0.1:{axon.server_port}"
    origin = f"http://gpu-box:{axon.page_port}"

    answer = httpx.get(f"{page}/axonml.json", headers={"host": f"gpu-box:{axon.page_port}"})
    call = httpx.get(
        f"{api}/api/auth/state", headers={"host": f"gpu-box:{axon.server_port}", "origin": origin}
    )
    odd = httpx.get(f"{page}/axonml.json", headers={"host": "gpu-box; script-src *"})

    assert answer.json() == {"api": f"http://gpu-box:{axon.server_port}"}
    policy = answer.headers["content-security-policy"]
    assert f"connect-src 'self' http://gpu-box:{axon.server_port} ws://gpu-box:" in policy
    assert call.headers["access-control-allow-origin"] == origin
    assert odd.json() == {"api": axon.server_url}


def test_who_starts_a_server_that_others_reach_is_told_the_set_up_token(axon: Axon) -> None:
    behind_a_proxy(axon)

    said = axon.ok("start")

    (line,) = (line for line in said.splitlines() if "set-up token" in line)
    token = re.search(r"set-up token (\S+) at", line)
    assert token is not None
    account = {"email": "ada@example.com", "name": "Ada", "password": "a long enough passphrase"}
    answer = httpx.post(f"{axon.server_url}/api/auth/register", json=account)
    assert (answer.status_code, answer.json()["code"]) == (403, "setup_token_required")
    account["setup_token"] = token[1]
    answer = httpx.post(f"{axon.server_url}/api/auth/register", json=account)
    assert (answer.status_code, answer.json()["user"]["role"]) == (201, "admin")


def test_a_second_start_says_what_runs_and_changes_nothing(axon: Axon) -> None:
    _ = axon.ok("start")
    before = [axon.pid(part) for part in Part]

    said = axon.ok("start")

    assert f"backend runs already (pid {before[0]}, {axon.server_url})" in said
    assert [axon.pid(part) for part in Part] == before


def test_one_part_can_be_started_and_stopped_alone(axon: Axon) -> None:
    _ = axon.ok("start", "--backend")
    alone = axon.pid(Part.BACKEND), axon.pid(Part.FRONTEND)
    _ = axon.ok("start", "--frontend")
    both = axon.pid(Part.FRONTEND)
    said = axon.ok("stop", "--frontend")

    assert alone[0] is not None
    assert alone[1] is None
    assert both is not None
    assert said == "frontend stopped\n"
    assert (axon.pid(Part.BACKEND), axon.pid(Part.FRONTEND)) == (alone[0], None)


def test_stop_ends_both_and_a_repeat_says_so(axon: Axon) -> None:
    _ = axon.ok("start")
    pids = [axon.pid(part) for part in Part]

    first, second = axon.ok("stop"), axon.ok("stop")

    assert first.splitlines() == ["frontend stopped", "backend stopped"]
    assert second.splitlines() == ["frontend was not running", "backend was not running"]
    assert [pid for pid in pids if pid and is_alive(pid)] == []


def test_a_taken_port_is_one_line_that_names_who_has_it_and_nothing_is_left_running(
    axon: Axon,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", axon.server_port))
        taken.listen()
        done = axon.run("start")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert f"port {axon.server_port}" in line
    assert f"(pid {os.getpid()})" in line
    assert "AXONML_SERVER_PORT" in line
    assert [axon.pid(part) for part in Part] == [None, None]


def test_a_folder_that_cannot_be_used_is_one_line(axon: Axon) -> None:
    _ = axon.home.write_text("a file")

    done = axon.run("start")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert str(axon.home) in line


def test_a_configuration_that_cannot_be_read_is_one_line(axon: Axon) -> None:
    axon.home.mkdir()
    _ = (axon.home / "config.toml").write_text("[server]\nprt = 3000\n")

    done = axon.run("start")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "config.toml" in line
    assert "prt" in line


def test_after_a_crash_status_tells_the_truth_and_start_works(axon: Axon) -> None:
    _ = axon.ok("start", "--backend")
    first = axon.pid(Part.BACKEND)

    axon.kill(Part.BACKEND)
    status = axon.run("status")
    _ = axon.ok("start", "--backend")

    assert status.returncode == 3
    assert status.stdout.count("stopped") == 2
    assert axon.pid(Part.BACKEND) not in {None, first}


def test_the_data_folder_is_for_its_owner_alone(axon: Axon) -> None:
    _ = axon.ok("start", "--backend")

    assert axon.home.stat().st_mode & 0o077 == 0
    assert (axon.home / "operator.key").stat().st_mode & 0o077 == 0
