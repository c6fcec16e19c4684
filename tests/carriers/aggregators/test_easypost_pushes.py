"""What EasyPost is asked to follow, and its pushes, one test for each oddity. All is made after its documentation."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from easypost_answers import UPS, USPS, a_line, a_tracker, an_answer, refused

from carriers.aggregators import easypost
from carriers.contract import (
    Account,
    PushEnd,
    PushRequest,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import (
    AccessDenied,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    QuotaExhausted,
    ShipmentError,
    UnreadableResponse,
)

KEY = "EZTKdemo00000000000001"
ACCOUNT = Account("easypost-1", "easypost", {"api_key": KEY})
STAMP = Stamp(at=datetime(2026, 1, 10, tzinfo=UTC), nonce="n")
WISH = Subscription("https://us.test/push", "salt")
ACUTE, COMBINING = "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\N{COMBINING ACUTE ACCENT}"


def test_trackers_are_created_one_by_one() -> None:
    request = easypost.subscribe([USPS], ACCOUNT, STAMP, WISH)
    assert (request.method, str(request.url)) == ("POST", "https://api.easypost.com/v2/trackers")
    assert request.headers["Authorization"] == "Basic RVpUS2RlbW8wMDAwMDAwMDAwMDAwMTo="
    assert json.loads(request.content) == {"tracker": {"tracking_code": "EZ4000000004", "carrier": "USPS"}}
    with pytest.raises(ValueError, match="unpack"):
        easypost.subscribe([USPS, UPS], ACCOUNT, STAMP, WISH)


def test_the_name_of_a_carrier_is_an_option() -> None:
    account = replace(ACCOUNT, options={"company_ups": "UPSDAP"})
    said = json.loads(easypost.subscribe([UPS], account, STAMP, WISH).content)
    assert said["tracker"]["carrier"] == "UPSDAP"


@pytest.mark.parametrize("status", [200, 201])
def test_a_tracker_that_was_there_before_is_a_success(status: int) -> None:
    response = an_answer(a_tracker(a_line()), status)
    assert easypost.read_subscription(response, [USPS]) == {USPS: None}


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("TRACKER.CREATE.ERROR", 422, InvalidNumber),
        ("TRACKER.CARRIER_CODE_MISMATCH", 422, InvalidNumber),
        ("ANY.CODE", 422, InvalidNumber),
        ("ANY.CODE", 400, InvalidNumber),
    ],
)
def test_a_number_that_is_not_taken_is_refused(code: str, status: int, error: type[ShipmentError]) -> None:
    assert type(easypost.read_subscription(refused(code, status), [USPS])[USPS]) is error


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("TRACKER.CREATE.ERROR", 409, UnreadableResponse),  # the same question is being answered
        ("ANY.CODE", 402, QuotaExhausted),
        ("TRACKER.NO_CARRIER_ACCOUNT", 422, AccessDenied),
        ("ANY.CODE", 404, UnreadableResponse),
        ("ANY.CODE", 200, UnreadableResponse),
    ],
)
def test_a_creation_that_fails_for_another_cause_condemns_no_number(
    code: str, status: int, error: type[CarrierError]
) -> None:
    with pytest.raises(error):
        easypost.read_subscription(refused(code, status), [USPS])


def a_push(tracker: Any, secret: str = "demo-secret", **fields: Any) -> PushRequest:
    event = {
        "object": "Event",
        "description": "tracker.updated",
        "id": "evt_demo",
        "result": tracker,
    } | fields
    body = json.dumps(event).encode()
    return PushRequest({"x-hmac-signature": easypost.signature(body, secret)}, {}, body)


def test_the_secret_is_normalised_before_it_signs() -> None:
    push = a_push(a_tracker(a_line()), secret=f"s{ACUTE}cret")
    assert easypost.verify(push, ACCOUNT, f"s{COMBINING}cret")
    assert easypost.verify(push, ACCOUNT, f"s{ACUTE}cret")
    assert not easypost.verify(push, ACCOUNT, "secret")


def test_the_account_s_own_secret_comes_before_ours() -> None:
    account = replace(ACCOUNT, credentials={"api_key": KEY, "webhook_secret": "theirs"})
    assert easypost.verify(a_push(None, secret="theirs"), account, "ours")
    assert not easypost.verify(a_push(None, secret="ours"), account, "ours")
    assert easypost.verify(a_push(None, secret="ours"), ACCOUNT, "ours")


def test_a_push_without_a_signature_is_refused() -> None:
    push = a_push(a_tracker(a_line()))
    assert not easypost.verify(replace(push, headers={}), ACCOUNT, "demo-secret")
    second_scheme = {
        "x-hmac-signature-v2": "9efe580fe6336b5880a503035e3fe6e1df029c018aeb214556b96ef9a580c368"
    }
    assert not easypost.verify(replace(push, headers=second_scheme), ACCOUNT, "demo-secret")


def test_a_push_says_everything_and_that_nothing_more_will_come() -> None:
    delivered = a_line("arrived_at_destination", "delivered")
    (pushed,) = easypost.read_push(a_push(a_tracker(a_line(), delivered, finalized=True)), ACCOUNT)
    assert (pushed.carrier, pushed.tracking_number, pushed.ended) == (
        "usps",
        "EZ4000000004",
        PushEnd.FINISHED,
    )
    assert isinstance(pushed.answer, Track)
    assert (len(pushed.answer.scans), pushed.answer.complete) == (2, True)
    (pushed,) = easypost.read_push(a_push(a_tracker(), description="tracker.created"), ACCOUNT)
    assert (type(pushed.answer), pushed.ended) == (NotFoundYet, None)


def test_a_push_about_something_else_is_passed_over() -> None:
    assert easypost.read_push(a_push({"object": "Batch"}, description="batch.updated"), ACCOUNT) == ()
    with pytest.raises(UnreadableResponse):
        easypost.read_push(a_push({"object": "Tracker"}), ACCOUNT)
    with pytest.raises(UnreadableResponse):
        easypost.read_push(a_push(None), ACCOUNT)


@pytest.mark.parametrize(
    ("name", "carrier"),
    [
        ("UPS", "ups"),
        ("UPSDAP", "ups"),
        ("UPSMailInnovations", "ups"),
        ("DhlEcs", "dhl"),
        ("Yanwen", "Yanwen"),
    ],
)
def test_a_push_names_the_carrier_as_the_options_do(name: str, carrier: str) -> None:
    account = replace(ACCOUNT, options={"company_ups": "UPSDAP"})
    (pushed,) = easypost.read_push(a_push(a_tracker(a_line(), carrier=name)), account)
    assert pushed.carrier == carrier
