"""Shippo's oddities: a status of two levels, failures that have no codes, pushes that a secret address proves.

Answers are made after the vendor's documentation; numbers and people are invented.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers.aggregators import shippo, shippo_codes
from carriers.contract import Account, Milestone, PushRequest, Query, Reason, Stamp, Subscription, Track
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("shippo-test", "shippo", {"token": "shippo_test_demo"})
USPS = Query("usps", "9400111206206406260787")
DHL = Query("dhl", "1234567890")
STAMP = Stamp(at=datetime(2026, 2, 3, tzinfo=UTC), nonce="0" * 32)
PUSHED = (
    b'{"event":"track_updated","test":true,"data":{"carrier":"shippo","tracking_number":"SHIPPO_DELIVERED",'
    b'"tracking_status":{"status":"DELIVERED"}}}'
)
SIGNED = "t=1770127509,v1=5cf2c28f581e6aba10e61aa215b4c7bc6b198fa2d2c7adeef12d25388f445643"


def a_line(status: str, detail: str | None = None, words: str = "", **fields: Any) -> dict[str, Any]:
    hour = fields.pop("hour", 8)
    return {
        "object_id": f"aa{hour}{status}{detail}",
        "status": status,
        "status_details": words,
        "status_date": f"2026-02-01T{hour:02}:00:00Z",
        "substatus": {"code": detail, "text": ""} if detail else None,
        "location": {"city": "", "state": "", "zip": "", "country": ""},
    } | fields


def a_track(*lines: dict[str, Any], query: Query = USPS, **fields: Any) -> dict[str, Any]:
    return {
        "carrier": query.carrier,
        "tracking_number": query.tracking_number,
        "eta": None,
        "messages": [],
        "tracking_status": lines[-1] if lines else None,
        "tracking_history": list(lines),
    } | fields


def an_answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body).encode(), headers=headers)


def read(body: Any) -> Any:
    return shippo.read(an_answer(body), [USPS])[USPS]


def the_track(*lines: dict[str, Any], **fields: Any) -> Track:
    answer = read(a_track(*lines, **fields))
    assert isinstance(answer, Track), answer
    return answer


def test_a_question_names_carrier_and_number_in_its_address() -> None:
    request = shippo.request([USPS], ACCOUNT, STAMP)
    assert (request.method, str(request.url)) == (
        "GET",
        "https://api.goshippo.com/tracks/usps/9400111206206406260787",
    )
    assert request.headers["Authorization"] == "ShippoToken shippo_test_demo"
    assert request.headers["Shippo-API-Version"] == "2018-02-08"
    assert request.content == b""


def test_what_stands_in_the_address_cannot_leave_its_place() -> None:
    request = shippo.request([replace(USPS, tracking_number="../webhooks?x=1")], ACCOUNT, STAMP)
    assert request.url.raw_path == b"/tracks/usps/..%2Fwebhooks%3Fx%3D1"


def test_the_account_may_name_another_token_of_a_carrier_and_another_version() -> None:
    account = replace(ACCOUNT, options={"company_dhl": "dhl_ecommerce", "api_version": ""})
    request = shippo.request([DHL], account, STAMP)
    assert request.url.path == "/tracks/dhl_ecommerce/1234567890"
    assert "Shippo-API-Version" not in request.headers
    assert shippo.request([DHL], ACCOUNT, STAMP).url.path == "/tracks/dhl_express/1234567890"


def test_the_documented_track_is_read_and_its_newest_status_joins_the_lines() -> None:
    found = read(
        json.loads(
            """{"carrier": "usps", "tracking_number": "9400111206206406260787",
            "address_from": {"city": "Peoria", "state": "IL", "zip": "61602", "country": "US"},
            "address_to": {"city": "Austin", "state": "TX", "zip": "78701", "country": "US"},
            "eta": "2026-02-03T21:00:00Z", "original_eta": "2026-02-02T21:00:00Z",
            "metadata": "order 0001", "messages": [], "transaction": null, "test": false,
            "tracking_status": {"object_id": "aa11", "object_created": "2026-02-03T14:12:00Z", "status": "TRANSIT",
            "status_details": "Your item is out for delivery.", "status_date": "2026-02-03T14:10:00Z",
            "substatus": {"code": "out_for_delivery", "text": "Package is out for delivery.", "action_required": false},
            "location": {"city": "Austin", "state": "TX", "zip": "78701", "country": "US"}},
            "tracking_history": [{"object_id": "aa00", "object_created": "2026-02-01T08:01:00Z",
            "status": "PRE_TRANSIT", "status_details": "Label created", "status_date": "2026-02-01T08:00:00Z",
            "substatus": {"code": "information_received", "text": "", "action_required": false},
            "location": {"city": "", "state": "", "zip": "", "country": ""}}]}"""
        )
    )
    label, out = found.scans
    assert (label.milestone, label.text, label.city) == (Milestone.PRE_TRANSIT, "Label created", None)
    assert (label.occurred_at, label.local_time) == (
        datetime(2026, 2, 1, 8, tzinfo=UTC),
        "2026-02-01T08:00:00Z",
    )
    assert (out.milestone, out.text, out.city) == (
        Milestone.OUT_FOR_DELIVERY,
        "Your item is out for delivery.",
        "Austin",
    )
    assert out.carrier_code == "TRANSIT/out_for_delivery"
    assert found.eta == datetime(2026, 2, 3, 21, tzinfo=UTC)
    assert found.complete


def test_the_newest_status_is_told_once_also_where_its_id_is_another() -> None:
    line = a_line("TRANSIT", "package_accepted", "Accepted")
    assert len(the_track(line).scans) == 1
    assert len(the_track(line, tracking_status=line | {"object_id": "bb"}).scans) == 1
    other = line | {"object_id": "bb", "status_date": "2026-02-01T09:00:00Z"}
    assert len(the_track(line, tracking_status=other).scans) == 2


def test_lines_are_sorted_whatever_their_order() -> None:
    lines = [a_line("DELIVERED", hour=12), a_line("PRE_TRANSIT", hour=8), a_line("TRANSIT", hour=10)]
    assert [scan.occurred_at.hour for scan in the_track(*lines).scans] == [8, 10, 12]


@pytest.mark.parametrize(
    "body",
    [
        a_track(),
        a_track(tracking_history=None),
        a_track(tracking_status=a_line("UNKNOWN")),
        a_track(a_line("UNKNOWN", "other")),
    ],
)
def test_no_status_or_an_unknown_one_is_not_found_yet(body: dict[str, Any]) -> None:
    assert type(read(body)) is NotFoundYet


def test_an_unknown_status_after_others_is_a_line() -> None:
    found = the_track(a_line("TRANSIT"), a_line("UNKNOWN", hour=9))
    assert [scan.milestone for scan in found.scans] == [Milestone.IN_TRANSIT, Milestone.UNKNOWN]


def test_a_substatus_that_no_table_holds_means_its_status_and_is_reported() -> None:
    found = the_track(a_line("FAILURE", "eaten_by_a_dog"))
    assert (found.scans[0].milestone, found.scans[0].reasons) == (Milestone.EXCEPTION, ())
    assert found.unmapped_codes == ("FAILURE/eaten_by_a_dog",)
    assert the_track(a_line("FAILURE", "other")).unmapped_codes == ()


@pytest.mark.parametrize(
    ("words", "milestone"),
    [
        ("Delivered, To Original Sender", Milestone.RETURNED),
        ("The package was returned to the sender.", Milestone.RETURNED),
        ("Return was completed", Milestone.RETURNED),
        ("Sender has received the package", Milestone.RETURNED),
        ("Return to Sender Processed", Milestone.RETURNING),
        ("Package is being returned to the sender", Milestone.RETURNING),
        ("The package will be returned to the shipper.", Milestone.RETURNING),
        ("", Milestone.RETURNING),
    ],
)
def test_the_words_tell_a_parcel_that_is_back_from_one_on_its_way(words: str, milestone: Milestone) -> None:
    for line in (
        a_line("RETURNED", "return_to_sender", words),
        a_line("RETURNED", "return_to_sender", "-", substatus={"code": "return_to_sender", "text": words}),
    ):
        (scan,) = the_track(line).scans
        assert (scan.milestone, scan.reasons) == (milestone, (Reason.RETURN_TO_SENDER,))


def test_a_delivery_after_a_return_is_the_sender_s() -> None:
    found = the_track(a_line("RETURNED", "package_unclaimed"), a_line("DELIVERED", "delivered", hour=20))
    assert [scan.milestone for scan in found.scans] == [Milestone.RETURNING, Milestone.RETURNED]


def test_a_line_without_words_has_those_of_its_substatus() -> None:
    line = a_line("TRANSIT", "delayed", "", substatus={"code": "delayed", "text": "Package is delayed."})
    assert the_track(line).scans[0].text == "Package is delayed."


def test_a_line_out_of_shape_leaves_the_others_and_is_reported() -> None:
    found = the_track(a_line("TRANSIT"), a_line("DELIVERED", status_date="soon"))
    assert (len(found.scans), found.complete) == (1, False)
    lone = a_track(a_line("DELIVERED", status_date="soon"))
    with pytest.raises(UnreadableResponse, match="no line"):
        read(lone)


def test_an_answer_about_another_number_is_none() -> None:
    with pytest.raises(UnreadableResponse, match="not about the number"):
        read(a_track(a_line("TRANSIT"), query=DHL))
    assert read(a_track(a_line("TRANSIT"), tracking_number=int(USPS.tracking_number)))


def test_a_time_without_a_zone_is_utc() -> None:
    (scan,) = the_track(a_line("TRANSIT", status_date="2026-02-01T08:00:00")).scans
    assert scan.occurred_at == datetime(2026, 2, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"tracking_number": ["NAME 13800000047"]}, InvalidNumber),
        (400, {"carrier": ["unknown"]}, InvalidNumber),
        (422, {"detail": "13800000047"}, InvalidNumber),
        (404, {"detail": "Not found."}, NotFoundYet),
    ],
)
def test_a_failure_with_the_vendor_s_body_is_about_the_number(
    status: int, body: Any, error: type[CarrierError]
) -> None:
    answer = shippo.read(an_answer(body, status), [USPS])[USPS]
    assert type(answer) is error
    assert answer.code == f"HTTP {status}"
    assert "13800000047" not in repr(answer)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, [], UnreadableResponse),
        (404, {"message": "no route"}, UnreadableResponse),
        (401, {"detail": "no"}, AuthenticationFailed),
        (409, {"detail": "no"}, SourceUnavailable),
        (409, {}, UnreadableResponse),
        (429, {"detail": "no"}, RateLimited),
        (503, {"detail": "no"}, SourceUnavailable),
    ],
)
def test_any_other_failure_is_the_call_s(status: int, body: Any, error: type[CarrierError]) -> None:
    with pytest.raises(error) as caught:
        shippo.read(an_answer(body, status, **{"Retry-After": "9"}), [USPS])
    assert type(caught.value) is error
    if error is RateLimited:
        assert caught.value.retry_after == timedelta(seconds=9)


def test_a_number_is_registered_at_an_address_that_ends_in_a_slash() -> None:
    wish = Subscription("https://example.test/hooks/1", "salt")
    request = shippo.subscribe([DHL], ACCOUNT, STAMP, wish)
    assert (request.method, str(request.url)) == ("POST", "https://api.goshippo.com/tracks/")
    assert json.loads(request.content) == {"carrier": "dhl_express", "tracking_number": "1234567890"}
    assert request.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (201, a_track(), None),
        (200, a_track(), None),
        (409, {"detail": "being handled"}, None),
        (400, {"tracking_number": ["no"]}, InvalidNumber),
        (404, {"detail": "no such carrier"}, InvalidNumber),
    ],
)
def test_a_registration_ends_with_the_number(
    status: int, body: Any, error: type[CarrierError] | None
) -> None:
    said = shippo.read_subscription(an_answer(body, status), [USPS])[USPS]
    assert (type(said) if said else None) is error


def test_a_registration_without_a_track_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse, match="no track"):
        shippo.read_subscription(an_answer({}), [USPS])


def a_push(body: bytes = PUSHED, header: str = SIGNED) -> PushRequest:
    return PushRequest({"shippo-auth-signature": header} if header else {}, {}, body)


@pytest.mark.parametrize(
    ("push", "proved"),
    [
        (a_push(), True),
        (a_push(header=SIGNED.replace(",", ", ")), True),
        (a_push(PUSHED + b" "), False),
        (a_push(header=SIGNED.replace("t=1770127509", "t=1770127510")), False),
        (a_push(header=SIGNED[:-1]), False),
        (a_push(header="t"), False),
        (a_push(header="ü"), False),
    ],
)
def test_a_signature_that_is_there_has_to_be_right(push: PushRequest, *, proved: bool) -> None:
    assert shippo.verify(push, ACCOUNT, "demo-secret") is proved
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "webhook_secret": "demo-secret"})
    assert shippo.verify(push, account, "another") is proved
    assert not shippo.verify(push, ACCOUNT, "another")


def test_without_a_signature_the_address_alone_proves_a_push_unless_one_is_required() -> None:
    assert shippo.verify(a_push(header=""), ACCOUNT, "demo-secret")
    strict = replace(ACCOUNT, options={"push_signature": "required"})
    assert not shippo.verify(a_push(header=""), strict, "demo-secret")
    assert shippo.verify(a_push(), strict, "demo-secret")
    with pytest.raises(ValueError, match="push_signature"):
        shippo.request([USPS], replace(ACCOUNT, options={"push_signature": "never"}), STAMP)


def pushed(event: Any, account: Account = ACCOUNT) -> Any:
    return shippo.read_push(a_push(json.dumps(event).encode()), account)


def test_a_push_tells_everything() -> None:
    told = a_track(a_line("TRANSIT"), a_line("DELIVERED", "delivered", hour=9))
    (one,) = pushed({"event": "track_updated", "test": False, "data": told})
    assert (one.carrier, one.tracking_number, one.ended) == ("usps", USPS.tracking_number, None)
    assert one.answer.complete
    assert [scan.milestone for scan in one.answer.scans] == [Milestone.IN_TRANSIT, Milestone.DELIVERED]


@pytest.mark.parametrize("kind", ["transaction_created", "transaction_updated", "batch_created", "all"])
def test_a_push_about_something_else_is_passed_over(kind: str) -> None:
    assert pushed({"event": kind, "data": {"object_id": "1"}}) == ()


def test_a_push_of_a_carrier_we_do_not_know_keeps_the_vendor_s_token() -> None:
    told = a_track(a_line("TRANSIT"), carrier="canada_post")
    assert pushed({"event": "track_updated", "data": told})[0].carrier == "canada_post"
    dhl = a_track(a_line("TRANSIT"), carrier="dhl_ecommerce")
    assert pushed({"event": "track_updated", "data": dhl})[0].carrier == "dhl"
    named = replace(ACCOUNT, options={"company_dhl": "canada_post"})
    assert pushed({"event": "track_updated", "data": told}, named)[0].carrier == "dhl"


def test_a_push_that_names_no_number_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse, match="which number"):
        pushed({"event": "track_updated", "data": {"carrier": "usps"}})


def test_anything_from_200_to_299_is_taken_and_503_comes_again() -> None:
    assert shippo.acknowledge(a_push(), ACCOUNT, accepted=True).status == 200
    assert shippo.acknowledge(a_push(), ACCOUNT, accepted=False).status == 503


def test_every_carrier_leads_to_a_token_and_back() -> None:
    assert {shippo_codes.CARRIER_OF[token] for token in shippo_codes.COMPANIES.values()} == {
        "usps",
        "ups",
        "fedex",
        "dhl",
    }
    for carrier, token in shippo_codes.COMPANIES.items():
        assert shippo_codes.CARRIER_OF[token] == carrier
