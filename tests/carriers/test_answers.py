"""HTTP errors and loose scalars are read the same way for every source."""

from datetime import timedelta

import httpx
import msgspec
import pytest

from carriers.answers import (
    Loose,
    check_status,
    decode,
    inner_json,
    refusal,
    refusal_in_words,
    refusal_of_one,
    text,
)
from carriers.errors import RateLimited, SourceUnavailable, UnreadableResponse

ANYTHING = msgspec.json.Decoder(dict[str, int])


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"Retry-After": " 0 "}, timedelta()),
        (
            {"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"},
            timedelta(seconds=30),
        ),
        (
            {"Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"},
            timedelta(),
        ),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 40}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_against_the_server_s_own(
    headers: dict[str, str], wait: timedelta | None
) -> None:
    with pytest.raises(RateLimited) as caught:
        check_status("x", httpx.Response(429, headers=headers))
    assert caught.value.retry_after == wait


def test_an_outage_may_say_how_long_too() -> None:
    with pytest.raises(SourceUnavailable) as caught:
        check_status("x", httpx.Response(503, headers={"Retry-After": "5"}))
    assert caught.value.retry_after == timedelta(seconds=5)


def test_a_good_status_passes() -> None:
    check_status("x", httpx.Response(204))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (" 7 ", "7"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        ("快\x00件\x1b", "快件"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_scalars_are_text_however_printed(value: Loose, said: str) -> None:
    assert text(value) == said


def test_a_byte_order_mark_is_no_part_of_the_json() -> None:
    assert decode("x", b'\xef\xbb\xbf{"a":1}', ANYTHING) == {"a": 1}


def test_what_the_source_wrote_stays_out_of_the_error() -> None:
    with pytest.raises(UnreadableResponse) as caught:
        decode("x", b'{"a":"13800000001"}', ANYTHING)
    assert "138" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_a_code_that_is_none_is_not_repeated() -> None:
    assert refusal("x", "13800000001", {}).code is None
    assert refusal("x", "系统异常", {}).code is None
    assert refusal("x", "S-9", {}).code == "S-9"


def test_a_code_for_the_whole_call_beside_one_number_stays_with_that_number() -> None:
    error = refusal_of_one("x", "S0003", {"S0003": SourceUnavailable})
    assert (type(error), error.code) == (UnreadableResponse, "S0003")


@pytest.mark.parametrize(
    ("code", "words", "error", "shown"),
    [
        ("7", "系统繁忙", RateLimited, "7"),
        ("8", "系统繁忙", SourceUnavailable, "8"),
        ("", "单号 13800000047 系统繁忙", SourceUnavailable, None),
        ("13800000047", "系统繁忙", SourceUnavailable, None),
        ("8", "13800000047", UnreadableResponse, "8"),
        ("", "", UnreadableResponse, None),
    ],
)
def test_words_say_what_a_refusal_is_where_the_code_does_not_and_stay_out_of_the_error(
    code: str, words: str, error: type[Exception], shown: str | None
) -> None:
    found = refusal_in_words(
        "x",
        code,
        words,
        classes={"7": RateLimited},
        signs=(("系统", SourceUnavailable), ("繁忙", RateLimited)),
    )
    assert type(found) is error
    assert found.code == shown
    assert "13800000047" not in f"{found} {found!r}"


@pytest.mark.parametrize(
    ("printed", "inner"),
    [(b'"{\\"a\\":1}"', '{"a":1}'), (b'{"a": 1}', '{"a": 1}'), (b'""', ""), (b"null", "null")],
)
def test_json_may_be_printed_inside_a_string(printed: bytes, inner: str) -> None:
    assert inner_json("x", msgspec.Raw(printed)) == inner


def test_json_that_is_no_text_is_unreadable() -> None:
    for printed in (b'"\xff"', b'{"\xff":1}'):
        with pytest.raises(UnreadableResponse):
            inner_json("x", msgspec.Raw(printed))
