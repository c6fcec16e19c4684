"""What is odd about DHL's pushes: no signature but a header of our own, and nothing before we said that we are there.

Calls are made after the vendor's documentation; people, numbers and keys are invented.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.contract import Account, Milestone, PushRequest, Query, Stamp, Subscription, Track
from carriers.errors import AuthenticationFailed, CarrierError, InvalidNumber, UnreadableResponse
from carriers.worldwide import dhl

ACCOUNT = Account("dhl-1", "dhl", {"api_key": "demo-key-0001"})
STAMP = Stamp(at=datetime(2026, 1, 12, 3, 4, 5, tzinfo=UTC), nonce="n")
QUERIES = [Query("dhl", "3318810025"), Query("dhl", "8487135506")]
WISH = Subscription("https://hooks.example.test/dhl/4f1c", "my-long-random")
SELF = "https://api-eu.dhl.com/tracking/push/v1/subscription/0a5a-11db"
WITH_KEY = {"x-my-hook-key": "my-long-random"}
HEADED = replace(ACCOUNT, options={"push_header": "X-My-Hook-Key"})


def a_call(
    scope: str = "subscription.push", *, headers: dict[str, str] | None = None, **said: Any
) -> PushRequest:
    body = json.dumps({"scope": scope, "self": SELF} | said).encode()
    return PushRequest(WITH_KEY if headers is None else headers, {}, body)


def a_shipment(number: str = "3318810025", *codes: str) -> dict[str, Any]:
    events = [
        {"timestamp": f"2026-02-03T0{hour}:00:00Z", "statusCode": "transit", "status": code}
        for hour, code in enumerate(codes)
    ]
    return {"id": number, "service": "express", "status": {"statusCode": "transit"}, "events": events}


def test_a_subscription_names_the_hook_its_header_and_up_to_ten_numbers() -> None:
    account = replace(ACCOUNT, options={"push_header": "X-My-Hook-Key", "service": "express"})
    request = dhl.subscribe(QUERIES, account, STAMP, WISH)
    assert str(request.url) == "https://api-eu.dhl.com/tracking/push/v1/subscription"
    assert request.headers["DHL-API-Key"] == "demo-key-0001"
    assert json.loads(request.content) == {
        "hook": {
            "uri": "https://hooks.example.test/dhl/4f1c",
            "authentication": {
                "type": "ApiKeyAuthentication",
                "header": "X-My-Hook-Key",
                "token": "my-long-random",
            },
        },
        "format": "Default",
        "type": "Shipment",
        "service": "express",
        "events": ["Pre-Transit", "Transit", "Delivered", "Failure", "Unknown"],
        "shipmentIDs": ["3318810025", "8487135506"],
    }
    with pytest.raises(ValueError, match="1 to 10 numbers"):
        dhl.subscribe([Query("dhl", str(number)) for number in range(11)], ACCOUNT, STAMP, WISH)


def test_without_the_option_no_service_is_named() -> None:
    assert "service" not in json.loads(dhl.subscribe(QUERIES, ACCOUNT, STAMP, WISH).content)


@pytest.mark.parametrize("status", [201, 202])
def test_what_was_taken_in_is_subscribed(status: int) -> None:
    response = httpx.Response(status, json={"id": "0a5a-11db", "self": SELF})
    assert dhl.read_subscription(response, QUERIES) == dict.fromkeys(QUERIES)


def test_one_wrong_number_refuses_all_of_them_until_they_are_asked_for_one_by_one() -> None:
    response = httpx.Response(400, json={"status": 400, "title": "Invalid"})
    with pytest.raises(InvalidNumber):
        dhl.read_subscription(response, QUERIES)
    said = dhl.read_subscription(response, QUERIES[:1])
    assert [type(error) for error in said.values()] == [InvalidNumber]


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(401, json={"status": 401}), AuthenticationFailed),
        (httpx.Response(404, json={"status": 404}), UnreadableResponse),
        (httpx.Response(400, content=b"<html>"), UnreadableResponse),
    ],
)
def test_another_refusal_is_of_the_whole_call(response: httpx.Response, error: type[CarrierError]) -> None:
    with pytest.raises(error):
        dhl.read_subscription(response, QUERIES)


@pytest.mark.parametrize(
    ("call", "proved"),
    [
        (a_call(), True),
        (a_call(headers={"x-my-hook-key": "x"}), False),
        (a_call(headers={"x-my-hook-key": ""}), False),
        (a_call(headers={"x-my-hook-key": "schlüssel"}), False),
        (a_call(headers={}), False),
        (a_call("subscription.ready", headers={}), False),
        (a_call("subscription.validate", headers={}), True),
        (a_call("subscription.validate", headers={"x-my-hook-key": "x"}), False),
        (PushRequest({}, {}, b"\xff"), False),
    ],
)
def test_our_header_proves_a_call_and_only_the_first_may_lack_it(call: PushRequest, *, proved: bool) -> None:
    assert dhl.verify(call, HEADED, "my-long-random") is proved


def test_the_header_has_a_name_of_ours_where_the_option_gives_none() -> None:
    assert dhl.verify(a_call(headers={"x-parcel-watcher-key": "my-long-random"}), ACCOUNT, "my-long-random")


def test_who_asks_whether_we_are_there_gets_its_secret_back() -> None:
    call = a_call("subscription.validate", secret="once-0001")
    request = dhl.confirmation(call, ACCOUNT)
    assert request is not None
    assert (request.method, str(request.url)) == ("POST", SELF)
    assert request.headers["DHL-API-Hook-Secret"] == "once-0001"
    assert request.headers["DHL-API-Key"] == "demo-key-0001"
    assert dhl.read_push(call, ACCOUNT) == ()
    dhl.read_confirmation(httpx.Response(204))


def test_the_secret_never_goes_to_an_address_that_stands_in_the_call() -> None:
    call = a_call(
        "subscription.validate", secret="once-0001", self="https://evil.test/subscription/0a5a-11db/"
    )
    request = dhl.confirmation(call, ACCOUNT)
    assert request is not None
    assert str(request.url) == SELF


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"secret": ""},
        {"secret": "a\r\nX-Other: b"},
        {"secret": "once", "self": ""},
        {"secret": "once", "self": "https://x.test/?a=..%2F"},
    ],
)
def test_what_cannot_be_confirmed_is_unreadable(said: dict[str, str]) -> None:
    with pytest.raises(UnreadableResponse):
        dhl.confirmation(a_call("subscription.validate", **said), ACCOUNT)


@pytest.mark.parametrize("scope", ["subscription.ready", "subscription.push", "else"])
def test_nothing_else_is_confirmed(scope: str) -> None:
    assert dhl.confirmation(a_call(scope, secret="once-0001"), ACCOUNT) is None


def test_a_confirmation_that_failed_is_typed() -> None:
    with pytest.raises(AuthenticationFailed):
        dhl.read_confirmation(httpx.Response(401))


def test_a_push_tells_of_every_shipment_and_is_taken_for_news_alone() -> None:
    shipments = [a_shipment("3318810025", "PU", "WC"), a_shipment("8487135506", "OK")]
    first, second = dhl.read_push(a_call(shipments=shipments), ACCOUNT)
    assert isinstance(first.answer, Track)
    assert isinstance(second.answer, Track)
    assert [scan.milestone for scan in first.answer.scans] == [
        Milestone.PICKED_UP,
        Milestone.OUT_FOR_DELIVERY,
    ]
    assert not first.answer.complete
    assert (second.tracking_number, second.answer.scans[0].milestone) == ("8487135506", Milestone.DELIVERED)


def test_of_one_number_told_twice_the_newest_line_counts() -> None:
    shipments = [a_shipment("3318810025", "PU", "OK"), a_shipment("3318810025", "PU")]
    (pushed,) = dhl.read_push(a_call(shipments=shipments), ACCOUNT)
    assert isinstance(pushed.answer, Track)
    assert pushed.answer.scans[-1].milestone is Milestone.DELIVERED


def test_a_shipment_without_a_readable_line_is_a_hint_to_ask() -> None:
    (pushed,) = dhl.read_push(a_call(shipments=[a_shipment()]), ACCOUNT)
    assert (pushed.tracking_number, pushed.answer, pushed.ended) == ("3318810025", None, None)


def test_a_subscription_that_is_ready_tells_nothing() -> None:
    assert dhl.read_push(a_call("subscription.ready"), ACCOUNT) == ()


@pytest.mark.parametrize(
    "call",
    [a_call(), a_call("subscription.gone"), a_call(shipments=[]), a_call(shipments=[{"service": "express"}])],
)
def test_a_call_of_another_kind_or_about_nothing_is_unreadable(call: PushRequest) -> None:
    with pytest.raises(UnreadableResponse):
        dhl.read_push(call, ACCOUNT)
