"""Cursors that only this server makes sense of."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonml.errors import BadRequest
from axonml.http.paging import decode_cursor, encode_cursor

text = st.text(max_size=100)


@given(text, text)
def test_a_cursor_leads_back_to_where_a_page_ended(value: str, doc_id: str) -> None:
    cursor = encode_cursor(value, doc_id)

    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?#%")
    assert decode_cursor(cursor) == (value, doc_id)


def packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!!!",
        "é",
        "abcde",
        packed(b"[]"),
        packed(b'["a"]'),
        packed(b'["a",1]'),
        packed(b'["a","b","c"]'),
        packed(b'{"a":"b"}'),
        packed(b"\xff\xff"),
        packed(b'["\xff","b"]'),
        packed(b'["' + b"a" * 5000 + b'","b"]'),
        "A" * 100_000,
    ],
)
def test_a_cursor_that_we_did_not_make_is_a_bad_request(cursor: str) -> None:
    with pytest.raises(BadRequest) as refused:
        _ = decode_cursor(cursor)

    assert refused.value.problem_code == "bad_cursor"


@given(st.text(max_size=300))
def test_no_text_breaks_the_decoder(cursor: str) -> None:
    try:
        _ = decode_cursor(cursor)
    except BadRequest as refused:
        assert refused.problem_code == "bad_cursor"  # noqa: PT017
