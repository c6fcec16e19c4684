"""How numbers are registered with 17TRACK, one by one under one call. Answers are made after the documentation."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.aggregators import seventeentrack
from carriers.contract import Account, Query, Stamp, Subscription
from carriers.errors import InvalidNumber, QuotaExhausted, UnreadableResponse

ACCOUNT = Account("t-1", "seventeentrack", {"key": "DEMO17TOKEN0000000000000000000000"})
STAMP = Stamp(at=datetime(2026, 1, 1, tzinfo=UTC), nonce="n")
WISH = Subscription("https://example.test/hooks/17", "salt")
POST = Query("china_post", "RR123456789CN")
SF = Query("sf", "SF0000000000000", phone_tail="0000")


def asked(request: httpx.Request) -> list[dict[str, Any]]:
    document: list[dict[str, Any]] = json.loads(request.content)
    return document


def rejected(code: int, query: Query = POST) -> dict[str, Any]:
    return {"number": query.tracking_number, "error": {"code": code, "message": "x"}}


def an_answer(*told: dict[str, Any]) -> httpx.Response:
    data = {
        "accepted": [one for one in told if "error" not in one],
        "rejected": [one for one in told if "error" in one],
    }
    return httpx.Response(200, json={"code": 0, "data": data})


def test_a_registration_bears_our_word_for_the_carrier_and_the_tail_only_for_sf() -> None:
    request = seventeentrack.subscribe([replace(POST, phone_tail="0000"), SF], ACCOUNT, STAMP, WISH)
    assert str(request.url) == "https://api.17track.net/track/v2.4/register"
    assert asked(request) == [
        {"number": "RR123456789CN", "carrier": 3011, "tag": "china_post"},
        {"number": "SF0000000000000", "tag": "sf", "param": "0000"},
    ]
    (without,) = asked(seventeentrack.subscribe([replace(SF, phone_tail=None)], ACCOUNT, STAMP, WISH))
    assert "param" not in without


def registered(*told: dict[str, Any], queries: list[Query]) -> object:
    return seventeentrack.read_subscription(an_answer(*told), queries)


def test_a_number_registered_before_is_registered() -> None:
    told = {"number": SF.tracking_number, "carrier": 900001, "origin": 2}
    assert registered(told, rejected(-18019901), queries=[POST, SF]) == {POST: None, SF: None}


def test_a_number_that_cannot_be_registered_leaves_the_others() -> None:
    said = seventeentrack.read_subscription(
        an_answer(rejected(-18019903), {"number": SF.tracking_number}), [POST, SF]
    )
    assert type(said[POST]) is InvalidNumber
    assert said[SF] is None


@pytest.mark.parametrize("code", [-18019908, -18019907])
def test_a_quota_used_up_beside_one_number_fails_the_registration(code: int) -> None:
    with pytest.raises(QuotaExhausted):
        registered(rejected(code), {"number": SF.tracking_number}, queries=[POST, SF])


def test_a_registration_that_forgets_a_number_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        registered({"number": SF.tracking_number}, queries=[POST, SF])


def test_a_registration_refused_as_a_whole_is_the_one_number_s_answer_or_nobody_s() -> None:
    response = httpx.Response(200, json={"code": -18019903})
    assert type(seventeentrack.read_subscription(response, [POST])[POST]) is InvalidNumber
    with pytest.raises(InvalidNumber):
        seventeentrack.read_subscription(response, [POST, SF])
