"""Counting without growing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonml import clock
from axonml.errors import StartupError
from axonml.http.limits import Buckets, Limit, LimitReached, Windows, address_of, behind_proxies


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(clock, "monotonic", held.monotonic)
    return held


def test_a_window_holds_its_number_and_opens_when_the_first_leaves_it(still: Clock) -> None:
    window = Windows(Limit("login", 2, 60.0))

    window.add("a")
    still.at += 10
    window.add("a")

    assert window.wait_s("a") == 50.0
    assert window.wait_s("b") == 0.0
    still.at += 50
    assert window.wait_s("a") == 0.0
    window.add("a")
    assert window.wait_s("a") == 10.0


def test_a_bucket_gives_its_number_at_once_and_then_evenly(still: Clock) -> None:
    bucket = Buckets(Limit("user", 6, 60.0))

    waits = [bucket.take("a") for _ in range(7)]
    still.at += 10
    later = [bucket.take("a"), bucket.take("a")]

    assert waits == [0, 0, 0, 0, 0, 0, pytest.approx(10.0)]
    assert later == [0, pytest.approx(10.0)]


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 20))
def test_a_bucket_never_gives_more_than_two_windows_in_one(gaps: list[float], n: int) -> None:
    bucket, held = Buckets(Limit("user", n, 60.0)), Clock()
    given_at: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "monotonic", held.monotonic)
        for gap in gaps:
            held.at += gap
            if bucket.take("a") == 0.0:
                given_at.append(held.at)

    assert all(
        sum(1 for at in given_at if start <= at < start + 60.0) <= 2 * n for start in given_at
    )


def test_many_tokens_are_taken_at_once_and_never_more_than_there_can_be(still: Clock) -> None:
    bucket = Buckets(Limit("points", 600, 60.0))

    at_once = [bucket.take("ada", 400), bucket.take("bob", 10_000)]
    still.at += 10
    later = [bucket.take("ada", 400), bucket.take("bob", 100)]

    assert at_once == [0, 0]
    assert later == [pytest.approx(10.0), 0]


def test_what_was_used_before_it_was_known_is_owed(still: Clock) -> None:
    bucket = Buckets(Limit("bytes", 600, 60.0))

    bucket.owe("ada", 1800)
    in_debt = bucket.take("ada", 0)
    still.at += 130
    later = bucket.take("ada", 0)

    assert in_debt == pytest.approx(120.0)
    assert later == 0


@pytest.mark.parametrize("kind", [Windows, Buckets])
def test_a_million_strangers_take_no_more_memory_than_the_bound(
    kind: type[Windows] | type[Buckets],
) -> None:
    counter = kind(Limit("address", 5, 60.0), max_keys=100)

    for i in range(10_000):
        _ = counter.add(f"{i}") if isinstance(counter, Windows) else counter.take(f"{i}")

    assert len(counter) == 100


def test_a_limit_reached_tells_programs_which_and_until_when() -> None:
    error = LimitReached("too many", Limit("login", 10, 300.0), 0.2)

    assert error.retry_after_s == 1
    assert error.headers == {
        "ratelimit-policy": '"login";q=10;w=300',
        "ratelimit": '"login";r=0;t=1',
    }


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("a-socket", "a-socket"),
    ],
)
def test_an_address_is_counted_by_what_one_household_owns(host: str, counted: str) -> None:
    assert address_of({"client": (host, 1)}) == counted


def test_a_connection_without_an_address_is_counted_too() -> None:
    assert address_of({"client": None}) == "unknown"


async def seen_by(app: Any, client: str, forwarded: str) -> str:
    scope = {
        "type": "http",
        "client": (client, 1),
        "scheme": "http",
        "headers": [(b"x-forwarded-for", forwarded.encode())],
    }
    await app(scope, None, None)
    return address_of(scope)


async def nothing(*_: Any) -> None:
    """An app that answers nothing."""


@pytest.mark.anyio
async def test_a_forwarded_address_is_believed_of_a_named_proxy_only() -> None:
    none, one = behind_proxies(nothing, ()), behind_proxies(nothing, ("10.0.0.0/24",))

    assert await seen_by(none, "10.0.0.2", "198.51.100.1") == "10.0.0.2"
    assert await seen_by(one, "192.0.2.9", "198.51.100.1") == "192.0.2.9"
    assert await seen_by(one, "10.0.0.2", "198.51.100.1") == "198.51.100.1"
    # What the client itself wrote in front is not believed: the nearest stranger counts.
    assert await seen_by(one, "10.0.0.2", "1.1.1.1, 198.51.100.1, 10.0.0.3") == "198.51.100.1"


@pytest.mark.parametrize("proxy", ["*", "localhost", "10.0.0.0/33"])
def test_a_proxy_must_be_an_address(proxy: str) -> None:
    with pytest.raises(StartupError, match="name each proxy by its address"):
        _ = behind_proxies(nothing, (proxy,))
