import json

import httpx
from cli.axon import Axon


def test_a_link_signs_in_once(running: Axon) -> None:
    address = running.ok("link").strip()
    page, _, token = address.partition("/login#link=")

    first = httpx.post(f"{running.server_url}/api/auth/link", json={"token": token})
    second = httpx.post(f"{running.server_url}/api/auth/link", json={"token": token})

    assert page == running.page_url
    assert first.status_code == 200
    assert first.json()["user"]["role"] == "admin"
    assert second.status_code == 401


def test_programs_get_the_link_as_json(running: Axon) -> None:
    said = json.loads(running.ok("link", "--json"))

    assert said["url"].startswith(f"{running.page_url}/login#link=")


def test_without_a_server_it_says_how_to_start_one(axon: Axon) -> None:
    done = axon.run("link")

    assert done.returncode == 1
    assert done.stderr == (
        f"axon: no server answers at {axon.server_url}; start it with `axon start`\n"
    )
