"""Users, invitations, sessions, the audit log and the limits, as an admin sees and changes them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from authenticator import with_app_over_http
from dirty_equals import IsInt, IsNow, IsPartialDict, IsStr

Office = Any
USERS, INVITES = "/api/admin/users", "/api/admin/invites"
PASSWORD = "correct horse battery"


# ---------------------------------------------------------------- users
def test_users_are_listed_a_page_at_a_time_and_found_by_their_text(office: Office) -> None:
    first = office.admin.get(USERS, params={"limit": 1}).json()
    second = office.admin.get(USERS, params={"limit": 1, "cursor": first["next_cursor"]}).json()
    found = office.admin.get(USERS, params={"q": "BOB"}).json()
    percent = office.admin.get(USERS, params={"q": "%"}).json()

    assert first["items"] == [
        IsPartialDict(
            name="Ada", role="admin", disabled=False, last_seen_at=IsNow(iso_string=True, tz="UTC")
        )
    ]
    assert [user["name"] for user in second["items"]] == ["Bob"]
    assert second["next_cursor"] is None
    assert [user["email"] for user in found["items"]] == ["bob@example.org"]
    assert percent["items"] == []


def test_a_made_account_signs_in_by_its_link_or_password(office: Office) -> None:
    body = {"email": "Eve@example.org", "name": "Eve", "role": "viewer"}
    made = office.admin.post(USERS, json=body).json()
    with_password = office.admin.post(
        USERS, json={"email": "kim@example.org", "name": "Kim", "password": PASSWORD}
    )
    twice = office.admin.post(USERS, json=body)

    link = {"token": made["link_token"]}
    by_link = httpx.post(f"{office.server.url}/api/auth/link", json=link).json()

    assert by_link["user"] == IsPartialDict(email="eve@example.org", role="viewer")
    assert with_password.json()["user"]["role"] == "member"
    assert (twice.status_code, twice.json()["code"]) == (409, "email_taken")
    office.signed_in("kim@example.org").close()


def test_a_change_of_role_acts_on_the_next_request(office: Office) -> None:
    run = {"name": "r", "model_type": "m"}
    before = office.bob.post("/api/training/runs", json=run)
    changed = office.admin.put(f"{USERS}/{office.user('bob')}", json={"role": "viewer"})
    after = office.bob.post("/api/training/runs", json=run)

    assert before.status_code == 201
    assert changed.json()["role"] == "viewer"
    assert (after.status_code, after.json()["code"]) == (403, "viewer_cannot_write")


def test_a_disabled_account_is_out_at_once_and_back_when_enabled(office: Office) -> None:
    one = f"{USERS}/{office.user('bob')}"
    token = office.bob.post("/api/auth/tokens", json={"name": "t", "scopes": ["read"]}).json()
    script = office.server.client(token["token"])
    assert script.get("/api/auth/me").status_code == 200

    office.admin.put(one, json={"disabled": True})
    out = [office.bob.get("/api/auth/me"), script.get("/api/auth/me")]
    office.admin.put(one, json={"disabled": False})
    back = script.get("/api/auth/me")
    script.close()

    assert [answer.status_code for answer in out] == [401, 401]
    assert back.status_code == 200


def test_the_last_administrator_stays(office: Office) -> None:
    one = f"{USERS}/{office.user('ada')}"

    answers = [
        office.admin.put(one, json={"role": "member"}),
        office.admin.put(one, json={"disabled": True}),
        office.admin.delete(one),
    ]
    renamed = office.admin.put(one, json={"name": "Ada L."})

    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert renamed.json()["name"] == "Ada L."


def test_of_two_admins_who_demote_each_other_one_stays(office: Office) -> None:
    ada, bob = office.user("ada"), office.user("bob")
    key = (office.server.home / "operator.key").read_text()
    for _ in range(5):
        operator = office.server.client(key)
        operator.put(f"{USERS}/{bob}", json={"role": "admin"})
        operator.put(f"{USERS}/{ada}", json={"role": "admin"})
        with ThreadPoolExecutor(2) as threads:
            demoting = [
                threads.submit(operator.put, f"{USERS}/{user}", json={"role": "member"})
                for user in (ada, bob)
            ]
            codes = sorted(each.result().status_code for each in demoting)
        admins = [user for user in operator.get(USERS).json()["items"] if user["role"] == "admin"]
        operator.close()
        assert codes == [200, 409]
        assert len(admins) == 1


def test_a_deleted_account_is_gone_and_what_it_made_stays_for_admins(office: Office) -> None:
    run = office.bob.post("/api/training/runs", json={"name": "r", "model_type": "m"}).json()
    bob = office.user("bob")

    deleted = office.admin.delete(f"{USERS}/{bob}")
    again = office.admin.delete(f"{USERS}/{bob}")
    his = office.bob.get("/api/auth/me")
    left = office.admin.get(f"/api/training/runs/{run['id']}")
    noted = office.admin.get("/api/admin/audit", params={"action": "user_deleted"}).json()

    assert (deleted.status_code, again.status_code, his.status_code) == (204, 404, 401)
    assert left.status_code == 200
    assert noted["items"] == [
        IsPartialDict(user_id=bob, email=None, detail=IsPartialDict(email="bob@example.org"))
    ]


def test_lost_second_factors_are_reset_and_passwords_bridged_by_a_link(office: Office) -> None:
    with_app_over_http(office.bob)
    one = f"{USERS}/{office.user('bob')}"

    link = office.admin.post(f"{one}/link").json()["link_token"]
    asked = httpx.post(f"{office.server.url}/api/auth/link", json={"token": link}).json()
    reset = office.admin.post(f"{one}/reset-mfa")
    signed_out = office.bob.get("/api/auth/me")

    assert asked["requires_mfa"] is True
    assert reset.status_code == 204
    assert signed_out.status_code == 401
    office.signed_in("bob@example.org").close()


def test_changes_ask_for_a_proof_of_the_last_ten_minutes_but_not_of_the_operator(
    office: Office,
) -> None:
    one = f"{USERS}/{office.user('bob')}"
    key = (office.server.home / "operator.key").read_text()
    operator = office.server.client(key)

    changed = operator.put(one, json={"role": "viewer"})
    own = operator.get("/api/auth/sessions")
    operator.close()

    assert changed.json()["role"] == "viewer"
    assert (own.status_code, own.json()["code"]) == (403, "session_required")


NO_CHANGES: list[Any] = [
    {"role": "king"},
    {"email": "nobody"},
    {"name": ""},
    {"name": "a\nb"},
    {"id": "x"},
    {"disabled": 1},
    {"password_hash": "x"},
    [],
]


def test_changes_that_make_no_sense_are_refused(office: Office) -> None:
    one = f"{USERS}/{office.user('bob')}"

    answers = [office.admin.put(one, json=body) for body in NO_CHANGES]

    assert [answer.status_code for answer in answers] == [422] * len(NO_CHANGES)


# ---------------------------------------------------------------- invitations
def test_an_invitation_makes_one_account_with_its_role(office: Office) -> None:
    made = office.admin.post(INVITES, json={"email": "Eve@example.org", "role": "viewer"}).json()
    url, token = office.server.url, made["token"]
    guest = {"name": "Eve", "password": PASSWORD, "invite": token}

    told = httpx.post(f"{url}/api/auth/invite", json={"token": token}).json()
    other = httpx.post(f"{url}/api/auth/register", json={**guest, "email": "kim@example.org"})
    weak = httpx.post(
        f"{url}/api/auth/register", json={**guest, "email": "eve@example.org", "password": "abc"}
    )
    joined = httpx.post(f"{url}/api/auth/register", json={**guest, "email": "eve@example.org"})
    twice = httpx.post(f"{url}/api/auth/register", json={**guest, "email": "eve2@example.org"})

    assert told == {"email": "eve@example.org", "role": "viewer", "expires_at": IsStr()}
    assert (other.status_code, other.json()["code"]) == (403, "invitation_of_other")
    assert weak.status_code == 422
    assert joined.json()["user"]["role"] == "viewer"
    assert (twice.status_code, twice.json()["code"]) == (403, "invitation_void")
    assert office.admin.get(INVITES).json()["items"] == []


def test_of_many_guests_with_one_link_one_joins(office: Office) -> None:
    token = office.admin.post(INVITES, json={}).json()["token"]
    url = f"{office.server.url}/api/auth/register"

    def join(n: int) -> int:
        body = {"email": f"g{n}@example.org", "name": "G", "password": PASSWORD, "invite": token}
        return httpx.post(url, json=body).status_code

    with ThreadPoolExecutor(5) as threads:
        codes = sorted(threads.map(join, range(5)))

    assert codes == [201, 403, 403, 403, 403]


def test_a_withdrawn_invitation_opens_nothing(office: Office) -> None:
    made = office.admin.post(INVITES, json={}).json()
    one = f"{INVITES}/{made['invite']['id']}"

    withdrawn = [office.admin.delete(one).status_code, office.admin.delete(one).status_code]
    told = httpx.post(f"{office.server.url}/api/auth/invite", json={"token": made["token"]})

    assert withdrawn == [204, 404]
    assert (told.status_code, told.json()["code"]) == (403, "invitation_void")


# ---------------------------------------------------------------- what admins look at
def test_admins_end_anybodys_session(office: Office) -> None:
    sessions = office.admin.get("/api/admin/sessions").json()["items"]
    his = next(each for each in sessions if each["email"] == "bob@example.org")

    ended = office.admin.delete(f"/api/admin/sessions/{his['id']}")

    assert his == IsPartialDict(user_agent=IsStr(regex="python-httpx.*"), address=IsStr())
    assert ended.status_code == 204
    assert office.bob.get("/api/auth/me").status_code == 401


def test_the_audit_log_tells_admins_all_and_others_their_own(office: Office) -> None:
    wrong = {"email": "bob@example.org", "password": "not this"}
    httpx.post(f"{office.server.url}/api/auth/login", json=wrong)

    every = office.admin.get("/api/admin/audit").json()["items"]
    failed = office.admin.get("/api/admin/audit", params={"action": "sign_in_failed"}).json()
    own = office.bob.get("/api/auth/audit").json()["items"]
    paged = office.admin.get("/api/admin/audit", params={"limit": 2}).json()
    rest = office.admin.get("/api/admin/audit", params={"cursor": paged["next_cursor"]}).json()

    assert failed["items"] == [
        {
            "id": IsStr(),
            "at": IsNow(iso_string=True, tz="UTC", delta=60),
            "user_id": IsStr(),
            "email": "bob@example.org",
            "action": "sign_in_failed",
            "address": "127.0.0.1",
            "detail": {"method": "password"},
        }
    ]
    assert {entry["email"] for entry in own} == {"bob@example.org"}
    assert [entry["action"] for entry in own] == ["sign_in_failed", "signed_in", "registered"]
    assert [*paged["items"], *rest["items"]] == every


def test_deletes_and_deploys_are_in_the_log_once_they_have_succeeded(office: Office) -> None:
    run = office.bob.post("/api/training/runs", json={"name": "r", "model_type": "m"}).json()
    token = office.bob.post("/api/auth/tokens", json={"name": "t", "scopes": ["read"]}).json()
    one = f"/api/training/runs/{run['id']}"

    deleted = [office.bob.delete(one), office.bob.delete("/api/training/runs/nosuch")]
    office.bob.delete(f"/api/auth/tokens/{token['api_token']['id']}")
    own = office.bob.get("/api/auth/audit").json()["items"]

    assert [answer.status_code for answer in deleted] == [204, 404]
    assert [(entry["action"], entry["detail"]) for entry in own[:3]] == [
        ("token_revoked", {"token_id": token["api_token"]["id"]}),
        ("run_deleted", {"run_id": run["id"]}),
        ("token_created", {}),
    ]


def test_the_limits_in_force_are_told(office: Office) -> None:
    limits = office.admin.get("/api/admin/limits").json()["items"]

    by_name = {limit["name"]: limit for limit in limits}
    assert by_name["login"] == {
        "name": "login",
        "per": "account and address",
        "n": 10,
        "window_s": 300.0,
        "n_keys": IsInt(ge=0),
    }
    assert {"mfa", "mfa-hour", "mfa-day", "address", "user"} <= by_name.keys()
