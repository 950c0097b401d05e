"""What `JsonRequest` lets through, and how it says no."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from axonml.errors import BadRequest
from axonml.http.decode import MAX_DEPTH, decode_json

JSON = {"content-type": "application/json"}
pytestmark = pytest.mark.anyio


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


REFUSED = {
    "a fraction for an integer": (b'{"name":"a","count":1.5}', 422, "$.count"),
    "a whole fraction for an integer": (b'{"name":"a","count":1.0}', 422, "$.count"),
    "text for an integer": (b'{"name":"a","count":"1"}', 422, "$.count"),
    "text for a float": (b'{"name":"a","parts":[{"size":"1.5"}]}', 422, "$.parts[0].size"),
    "a boolean for an integer": (b'{"name":"a","count":true}', 422, "$.count"),
    "a number for text": (b'{"name":1}', 422, "$.name"),
    "null for text": (b'{"name":null}', 422, "$.name"),
    "a missing field": (b"{}", 422, "$.name"),
    "a missing nested field": (b'{"name":"a","parts":[{}]}', 422, "$.parts[0].size"),
    "an unknown field": (b'{"name":"a","nmae":1}', 422, "$.nmae"),
    "a list for an object": (b"[]", 422, "$"),
    "a float beyond range": (b'{"name":"a","parts":[{"size":1e999}]}', 422, "$.parts[0].size"),
    "nothing": (b"", 400, None),
    "half of it": (b'{"name":"a"', 400, None),
    "something behind it": (b'{"name":"a"} {}', 400, None),
    "a byte order mark": (b'\xef\xbb\xbf{"name":"a"}', 400, None),
    "NaN": (b'{"name":"a","parts":[{"size":NaN}]}', 400, None),
    "Infinity": (b'{"name":"a","free":Infinity}', 400, None),
    "bytes that are not UTF-8": (b'{"name":"\xff"}', 400, None),
    "an encoded surrogate": (b'{"name":"\xed\xa0\x80"}', 400, None),
    "a lone high surrogate": (b'{"name":"\\ud800 and more text behind it"}', 400, None),
    "a lone low surrogate": (b'{"name":"\\udc00 and more text behind it"}', 400, None),
    "a high surrogate before a letter": (b'{"name":"\\ud800\\u0041 and more"}', 400, None),
    "an integer beyond 64 bits": (b'{"name":"a","free":18446744073709551616}', 400, None),
    "a negative integer beyond 64 bits": (b'{"name":"a","free":-9223372036854775809}', 400, None),
    "an integer of 5000 digits": (b'{"name":"a","free":' + b"9" * 5000 + b"}", 400, None),
    "nesting one too deep": (b'{"name":"a","free":' + nested(MAX_DEPTH) + b"}", 400, None),
    "nesting of 100,000": (b'{"name":"a","free":' + nested(100_000) + b"}", 400, None),
    "nesting never closed": (b"[" * 100_000, 400, None),
    "a form": (b"name=a", 400, None),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_wrong_body_is_refused(client: AsyncClient, case: str) -> None:
    body, status, path = REFUSED[case]

    answer = await client.post("/api/echo", content=body, headers=JSON)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    fields = [field["path"] for field in answer.json().get("fields", [])]
    assert fields == ([path] if path else [])


ACCEPTED: dict[str, bytes] = {
    "the largest integer": b'{"name":"a","free":18446744073709551615}',
    "the smallest integer": b'{"name":"a","free":-9223372036854775808}',
    "a long fraction": b'{"name":"a","free":0.12345678901234567890123}',
    "long digits in text": b'{"name":"99999999999999999999999999"}',
    "brackets in text": json.dumps({"name": "[" * 1000}).encode(),
    "escaped quotes and brackets in text": json.dumps({"name": '\\"[{' * 500}).encode(),
    "the deepest nesting": b'{"name":"a","free":' + nested(MAX_DEPTH - 1) + b"}",
    "a pair of surrogates": b'{"name":"\\ud83d\\ude00"}',
    "an integer for a float": b'{"name":"a","parts":[{"size":3}]}',
}


@pytest.mark.parametrize("case", ACCEPTED)
async def test_an_odd_but_right_body_passes(client: AsyncClient, case: str) -> None:
    answer = await client.post("/api/echo", content=ACCEPTED[case], headers=JSON)

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"count": 0, "parts": [], "free": None, **json.loads(ACCEPTED[case])}


async def test_a_body_of_another_kind_is_refused(client: AsyncClient) -> None:
    answer = await client.post(
        "/api/echo", content=b'{"name":"a"}', headers={"content-type": "text/plain"}
    )

    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


async def test_an_optional_body_may_be_left_out(client: AsyncClient) -> None:
    without = await client.post("/api/maybe")
    with_one = await client.post("/api/maybe", json={"name": "a"})

    assert (without.json(), with_one.json()) == ({"had_body": False}, {"had_body": True})


async def endless(n_chunks: int) -> AsyncIterator[bytes]:
    for _ in range(n_chunks):
        yield b" " * 65_536


async def test_a_body_beyond_the_limit_is_refused_while_it_streams(
    client: AsyncClient,
) -> None:
    answer = await client.post("/api/echo", content=endless(100), headers=JSON)

    assert answer.status_code == 413
    assert "4194304 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_raw_body_has_a_limit_of_its_own(client: AsyncClient, *, announced: bool) -> None:
    too_large = b"x" * 1001 if announced else endless(1)

    fits = await client.post("/api/raw", content=b"x" * 1000)
    refused = await client.post("/api/raw", content=too_large)

    assert fits.json() == {"n_bytes": 1000}
    assert refused.status_code == 413


async def test_a_body_that_is_cut_off_is_a_client_error() -> None:
    from axonml.http.decode import read_stream

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(BadRequest, match="closed before"):
        await read_stream(receive, 1000)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(json_values, st.booleans())
def test_any_json_within_bounds_is_decoded_as_it_is(value: Any, ascii_only: bool) -> None:  # noqa: FBT001
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    assert decode_json(body, json.loads) == value


@given(st.binary(max_size=200))
def test_no_bytes_break_the_decoder(body: bytes) -> None:
    import msgspec

    from axonml.errors import AxonError

    try:
        _ = decode_json(body, msgspec.json.Decoder(Any).decode)
    except AxonError as error:
        assert error.status in {400, 422}  # noqa: PT017
