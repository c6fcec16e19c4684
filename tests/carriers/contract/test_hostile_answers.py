"""What every adapter promises when something else comes than the answer: it ends in the error tree."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

if TYPE_CHECKING:
    from tests.carriers.contract.conftest import Case

NO_ANSWERS = {
    "empty": b"",
    "html": b"<html><body>busy</body></html>",
    "list": b"[]",
    "list of lists": b"[[]]",
    "null": b"null",
    "object": b"{}",
    "text": b'"x"',
    "number": b"7",
    "not utf-8": b'{"a":"\xff"}',
    "deep": b'{"x":' + b"[" * 100_000,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>busy</body></html>", b"{}"], ids=["empty", "html", "object"]
)
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, UnreadableResponse),
        (401, AuthenticationFailed),
        (403, AccessDenied),
        (404, UnreadableResponse),
        (429, RateLimited),
        (500, SourceUnavailable),
        (502, SourceUnavailable),
        (503, SourceUnavailable),
    ],
)
def test_an_http_error_is_typed(case: "Case", status: int, error: type[CarrierError], body: bytes) -> None:
    with pytest.raises(error) as caught:
        case.read(body, status=status)
    assert type(caught.value) is error


def test_retry_after_is_kept(case: "Case") -> None:
    response = httpx.Response(429, headers={"Retry-After": "7"}, content=b"")
    with pytest.raises(RateLimited) as caught:
        case.adapter.read(response, [case.query])
    assert caught.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("body", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_unreadable(case: "Case", body: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        case.read(body)


def test_a_truncated_answer_is_unreadable(case: "Case") -> None:
    body = case.fixtures.encode(case.fixtures.history({case.query: [case.plain_code]}))
    for length in range(1, len(body), 7):
        with pytest.raises(UnreadableResponse):
            case.read(body[:length])


def test_no_damaged_byte_raises_outside_the_tree(case: "Case") -> None:
    body = case.fixtures.encode(case.fixtures.history({case.query: [case.plain_code]}))
    for place in range(len(body)):
        case.hold(body[:place] + b"\xff" + body[place + 1 :], f"byte {place}", [case.query])


def test_no_key_removed_or_changed_raises_outside_the_tree(case: "Case") -> None:
    queries, codes = case.queries[:2], [case.plain_code, case.fixtures.UNKNOWN_CODE]
    told = case.fixtures.history(dict.fromkeys(queries, codes))
    refused = case.fixtures.refused(next(iter(case.adapter.RESULT_CODES)))
    for document in (told, refused, case.fixtures.empty(queries)):
        for label, changed in case.mutations(document):
            case.hold(case.fixtures.encode(changed), label, queries)


@settings(max_examples=50, deadline=None, database=None)
@given(body=st.binary(max_size=200))
def test_no_bytes_raise_outside_the_tree(case: "Case", body: bytes) -> None:
    case.hold(body, repr(body), case.queries)


@settings(max_examples=100, deadline=None, database=None)
@given(value=JSON, pick=st.randoms())
def test_no_value_anywhere_raises_outside_the_tree(case: "Case", value: object, pick: Random) -> None:
    document = case.fixtures.history({case.query: [case.plain_code]})
    label = _put_somewhere(document, value, pick)
    case.hold(case.fixtures.encode(document), label, [case.query])


def test_no_error_holds_a_secret_a_name_or_a_phone(case: "Case") -> None:
    fixtures = case.fixtures
    codes = (*case.adapter.RESULT_CODES, "X-9", fixtures.PHONE, fixtures.NAME)
    documents = [fixtures.refused(code) for code in codes]
    documents += [changed for _, changed in case.mutations(fixtures.history({case.query: [case.plain_code]}))]
    errors = [
        error for document in documents for error in case.hold(fixtures.encode(document), "", [case.query])
    ]
    assert len(errors) > len(codes), (
        "a mutation of history() has to end in an error, or nothing was looked at"
    )
    private = (fixtures.NAME, fixtures.PHONE, case.query.phone_tail, *fixtures.ACCOUNT.credentials.values())
    for error in errors:
        said = f"{error} {error!r} {error.args} {error.code} {error.detail} {error.__cause__!r}"
        assert not [word for word in private if word and word in said], said


def _put_somewhere(document: Any, value: object, pick: Random) -> str:
    """Put the value at a place of the document that chance picks; gives the place."""
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    key = pick.choice(keys)
    inner = document[key]
    if isinstance(inner, dict | list) and inner and pick.random() < 0.9:
        return f"{key}.{_put_somewhere(inner, value, pick)}"
    document[key] = value
    return f"{key} = {value!r}"
