"""Administration as the server runs it, on a real server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from product import Server, running

PASSWORD = "correct horse battery"
ADA, BOB = "ada@example.org", "bob@example.org"


class Office:
    """A server with an admin, Ada, and a member, Bob."""

    def __init__(self, server: Server) -> None:
        self.server = server
        for email, name in ((ADA, "Ada"), (BOB, "Bob")):
            body = {"email": email, "name": name, "password": PASSWORD}
            answer = httpx.post(f"{server.url}/api/auth/register", json=body)
            assert answer.status_code == 201, answer.text
        self.admin, self.bob = self.signed_in(ADA), self.signed_in(BOB)

    def signed_in(self, email: str) -> httpx.Client:
        body = {"email": email, "password": PASSWORD}
        answer = httpx.post(f"{self.server.url}/api/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        return self.server.client(answer.json()["token"])

    def user(self, email: str) -> str:
        found = self.admin.get("/api/admin/users", params={"q": email}).json()["items"]
        return str(found[0]["id"])


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with running(tmp_path) as server:
        office = Office(server)
        yield office
        office.admin.close()
        office.bob.close()
