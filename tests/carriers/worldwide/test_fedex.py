"""FedEx's oddities, one test each. Answers are made after the vendor's documentation, people are invented; the numbers
are those it publishes for tests."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers.contract import Account, Milestone, Query, Reason, Scan, Stamp, Token, Track
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    UnreadableResponse,
)
from carriers.worldwide import fedex

CREDENTIALS = {"client_id": "CLIENT", "client_secret": "SECRET"}
ACCOUNT = Account("fedex-1", "fedex", CREDENTIALS)
STAMP = Stamp(at=datetime(2026, 2, 10, 22, 13, 20, tzinfo=UTC), nonce="job-77")
QUERY = Query("fedex", "568283610012000")
OTHER = Query("fedex", "986578788855")
AT = datetime(2026, 2, 3, 17, 12, tzinfo=UTC)


def an_event(
    kind: str = "DE", exception: str = "", at: str = "2026-02-03T11:12:00-06:00", **fields: Any
) -> Any:
    """A scan as FedEx prints it."""
    return {
        "date": at,
        "eventType": kind,
        "eventDescription": "What happened",
        "exceptionCode": exception,
        "derivedStatusCode": kind,
        "locationId": "787",
        "scanLocation": {"city": "AUSTIN", "stateOrProvinceCode": "TX", "countryCode": "US"},
    } | fields


PICKED_UP = an_event("PU", at="2026-02-01T16:00:00-06:00")


def a_result(*events: Any, **fields: Any) -> dict[str, Any]:
    return {"scanEvents": list(events), "error": {"code": "", "message": ""}} | fields


def a_refusal(code: str) -> dict[str, Any]:
    return {"trackingNumberInfo": {"trackingNumber": "x"}, "error": {"code": code, "message": "no"}}


def an_answer(**results: Any) -> httpx.Response:
    """The answer about the numbers, given as `n568283610012000=[...]`."""
    listed = [{"trackingNumber": number[1:], "trackResults": told} for number, told in results.items()]
    return httpx.Response(200, json={"output": {"completeTrackResults": listed}})


def answer_of(*results: Any) -> object:
    return fedex.read(an_answer(n568283610012000=list(results)), [QUERY])[QUERY]


def track_of(*events: Any, **fields: Any) -> Track:
    found = answer_of(a_result(*events, **fields))
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(an_event(*args, **fields)).scans
    return scan


def says(scan: Scan) -> tuple[Milestone, tuple[Reason, ...]]:
    return scan.milestone, scan.reasons


def test_the_request_asks_for_all_numbers_with_their_scans() -> None:
    request = fedex.request([QUERY, OTHER], ACCOUNT, STAMP)
    assert str(request.url) == "https://apis.fedex.com/track/v1/trackingnumbers"
    assert json.loads(request.content) == {
        "includeDetailedScans": True,
        "trackingInfo": [
            {"trackingNumberInfo": {"trackingNumber": "568283610012000"}},
            {"trackingNumberInfo": {"trackingNumber": "986578788855"}},
        ],
    }
    assert request.headers["x-locale"] == "en_US"
    assert request.headers["x-customer-transaction-id"] == "job-77"
    assert "authorization" not in request.headers


def test_ship_dates_narrow_the_question_on_wish() -> None:
    request = fedex.request([QUERY], replace(ACCOUNT, options={"ship_days": "21"}), STAMP)
    (asked,) = json.loads(request.content)["trackingInfo"]
    assert (asked["shipDateBegin"], asked["shipDateEnd"]) == ("2026-01-20", "2026-02-10")


def test_texts_come_in_another_language_on_wish() -> None:
    request = fedex.request([QUERY], replace(ACCOUNT, options={"locale": "zh_CN"}), STAMP)
    assert request.headers["x-locale"] == "zh_CN"


@pytest.mark.parametrize("options", [{"ship_days": "0"}, {"ship_days": "a week"}, {"locale": "English"}])
def test_an_option_that_cannot_be_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="option"):
        fedex.request([QUERY], replace(ACCOUNT, options=options), STAMP)


def test_a_token_is_asked_for_with_the_credentials_in_a_form() -> None:
    request = fedex.token_request(ACCOUNT)
    assert str(request.url) == "https://apis.fedex.com/oauth/token"
    assert request.content == b"grant_type=client_credentials&client_id=CLIENT&client_secret=SECRET"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_reseller_asks_for_a_token_of_its_child() -> None:
    child = {**CREDENTIALS, "child_key": "KEY", "child_secret": "HUSH"}
    request = fedex.token_request(replace(ACCOUNT, credentials=child))
    assert request.content == (
        b"grant_type=csp_credentials&client_id=CLIENT&client_secret=SECRET&child_key=KEY&child_secret=HUSH"
    )


def test_a_token_is_read() -> None:
    body = {"access_token": "eyJ", "token_type": "bearer", "expires_in": 3599, "scope": "CXS"}
    assert fedex.read_token(httpx.Response(200, json=body)) == Token("eyJ", timedelta(seconds=3599))


@pytest.mark.parametrize("seconds", [None, "soon", -1, 10**30])
def test_a_token_without_its_time_is_none(seconds: object) -> None:
    with pytest.raises(UnreadableResponse):
        fedex.read_token(httpx.Response(200, json={"access_token": "eyJ", "expires_in": seconds}))


def test_being_shut_out_from_tokens_passes_and_is_no_trouble_of_the_account() -> None:
    body = {"errors": [{"code": "FORBIDDEN.ERROR"}]}
    with pytest.raises(RateLimited) as caught:
        fedex.read_token(httpx.Response(403, json=body))
    assert caught.value.retry_after == timedelta(minutes=10)
    with pytest.raises(AccessDenied):
        fedex.read(httpx.Response(403, json=body), [QUERY])


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "NOT.AUTHORIZED.ERROR", AuthenticationFailed),
        (400, "USER.RELOGIN.REQUIRED", AuthenticationFailed),
        (404, "NOT.FOUND.ERROR", UnreadableResponse),
        (400, "TRACKING.TRACKINGNUMBERS.LIMITEXCEEDED", UnreadableResponse),
    ],
)
def test_the_code_in_the_body_says_more_than_the_status(
    status: int, code: str, error: type[CarrierError]
) -> None:
    with pytest.raises(error) as caught:
        fedex.read(httpx.Response(status, json={"errors": [{"code": code, "message": "x"}]}), [QUERY, OTHER])
    assert (type(caught.value), caught.value.code) == (error, code)


def test_a_quota_is_known_by_the_status_whatever_its_code_is() -> None:
    with pytest.raises(RateLimited):
        fedex.read(httpx.Response(429, json={"errors": [{"code": "TOO.MANY.REQUESTS"}]}), [QUERY])


def test_a_number_that_is_unknown_is_no_wrong_path() -> None:
    body = {"errors": [{"code": "TRACKING.TRACKINGNUMBER.NOTFOUND"}]}
    answer = fedex.read(httpx.Response(404, json=body), [QUERY])[QUERY]
    assert type(answer) is NotFoundYet


def test_an_error_of_one_number_stands_among_the_others() -> None:
    response = an_answer(
        n568283610012000=[a_refusal("TRACKING.TRACKINGNUMBER.INVALID")], n986578788855=[a_result(PICKED_UP)]
    )
    answers = fedex.read(response, [QUERY, OTHER])
    assert type(answers[QUERY]) is InvalidNumber
    assert isinstance(answers[OTHER], Track)


@pytest.mark.parametrize("code", ["TRACKING.DATA.NOTUNIQUE", "INTERNAL.SERVER.ERROR", "NEVER.SEEN"])
def test_another_error_of_one_number_leaves_the_others_alone(code: str) -> None:
    response = an_answer(n568283610012000=[a_refusal(code)], n986578788855=[a_result(PICKED_UP)])
    answers = fedex.read(response, [QUERY, OTHER])
    assert type(answers[QUERY]) is UnreadableResponse
    assert isinstance(answers[OTHER], Track)


def test_of_several_shipments_with_one_number_that_with_the_newest_scan_is_read() -> None:
    old, new = an_event("DL", at="2025-02-03T11:12:00-06:00"), PICKED_UP
    for results in ([a_result(old), a_result(new)], [a_result(new), a_refusal("X"), a_result(old)]):
        found = answer_of(*results)
        assert isinstance(found, Track)
        assert [scan.milestone for scan in found.scans] == [Milestone.PICKED_UP]


def test_a_number_without_scans_is_not_found_yet() -> None:
    assert type(answer_of(a_result())) is NotFoundYet
    assert type(answer_of()) is NotFoundYet


def test_scans_without_a_time_of_their_own_are_left_out() -> None:
    found = track_of(an_event(at="2026-02-03"), an_event(at="2026-02-03T11:12:00"), PICKED_UP)
    assert (len(found.scans), found.complete) == (1, False)
    assert type(answer_of(a_result(an_event(at="2026-02-03")))) is UnreadableResponse


def test_a_scan_has_its_time_its_place_and_what_happened() -> None:
    scan = scan_of("AR", eventDescription="At local FedEx facility")
    assert (scan.occurred_at, scan.local_time) == (AT, "2026-02-03T11:12:00-06:00")
    assert (scan.city, scan.facility, scan.text) == ("AUSTIN", "787", "At local FedEx facility")
    assert scan.carrier_code == "status/AR"


def test_why_stands_behind_what_happened_or_in_its_place() -> None:
    words = {"eventDescription": "At facility", "exceptionDescription": "Package not due for delivery"}
    assert scan_of("AR", "41", **words).text == "At facility: Package not due for delivery"
    assert scan_of("SE", "41", **words).text == "Package not due for delivery"
    assert scan_of("SE", "41", eventDescription="At facility").text == "At facility"


@pytest.mark.parametrize(
    ("kind", "derived", "milestone"),
    [
        ("RS", "DL", Milestone.RETURNING),
        ("RT", "DL", Milestone.RETURNING),
        ("OC", "IN", Milestone.PRE_TRANSIT),
    ],
)
def test_what_the_website_shows_is_never_read(kind: str, derived: str, milestone: Milestone) -> None:
    assert scan_of(kind, derivedStatusCode=derived).milestone is milestone


def test_a_return_stays_a_return_while_the_latest_status_is_an_exception() -> None:
    latest = {"code": "DE", "derivedCode": "DL", "ancillaryDetails": [{"reason": "060G"}]}
    found = track_of(an_event("RS", "060G", derivedStatusCode="DL"), PICKED_UP, latestStatusDetail=latest)
    assert says(found.scans[-1]) == (Milestone.RETURNING, (Reason.RETURN_TO_SENDER,))
    assert found.scans[-1].carrier_code == "status/RS"


@pytest.mark.parametrize(
    ("kind", "exception", "code", "milestone", "reasons"),
    [
        ("DE", "007", "exception_sample/007", Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
        ("DE", "07", "dex/07", Milestone.EXCEPTION, (Reason.REFUSED,)),
        ("DE", "08", "exception_sample/08", Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
        ("PD", "08", "pux/08", Milestone.PRE_TRANSIT, (Reason.DELAYED_TRANSIT,)),
        ("SE", "36", "stat/36", Milestone.EXCEPTION, (Reason.LOST,)),
        ("SE", "A25", "exception_sample/A25", Milestone.IN_TRANSIT, ()),
        ("IT", "84", "exception_sample/84", Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
        ("DL", "014", "status/DL", Milestone.DELIVERED, ()),
        ("HL", "15", "status/HL", Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,)),
    ],
)
def test_the_exception_says_more_than_the_event_and_its_zeros_count(
    kind: str, exception: str, code: str, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    scan = scan_of(kind, exception)
    assert (scan.carrier_code, *says(scan)) == (code, milestone, reasons)


@pytest.mark.parametrize(("kind", "exception"), [("DE", "7"), ("DE", "ZZ9"), ("PD", "07"), ("DE", "060g")])
def test_an_unknown_exception_leaves_the_event_and_is_reported(kind: str, exception: str) -> None:
    found = track_of(an_event(kind, exception))
    assert found.scans[0].carrier_code == f"status/{kind}"
    assert found.unmapped_codes == (f"exception/{exception}",)


def test_small_and_capital_letters_are_two_codes() -> None:
    assert says(scan_of("Ow")) == (Milestone.IN_TRANSIT, ())
    found = track_of(an_event("OW"))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.UNKNOWN, ("status/OW",))


def test_the_reason_beside_the_latest_status_is_the_newest_scan_s() -> None:
    latest = {"code": "DE", "ancillaryDetails": [{"reason": ""}, {"reason": "07"}]}
    found = track_of(an_event("DE"), PICKED_UP, latestStatusDetail=latest)
    assert says(found.scans[-1]) == (Milestone.EXCEPTION, (Reason.REFUSED,))
    other = track_of(an_event("IT"), PICKED_UP, latestStatusDetail=latest)
    assert says(other.scans[-1]) == (Milestone.IN_TRANSIT, ())


def delayed(kind: str, *, why: str = "WEATHER", status: str = "DELAYED", exception: str = "") -> Track:
    latest = {"code": kind, "delayDetail": {"type": why, "subType": "", "status": status}}
    return track_of(an_event(kind, exception), PICKED_UP, latestStatusDetail=latest)


@pytest.mark.parametrize(
    ("kind", "milestone", "reasons"),
    [
        ("IT", Milestone.IN_TRANSIT, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
        ("SE", Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
        ("DY", Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
        ("SP", Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
        ("ZZ", Milestone.EXCEPTION, (Reason.WEATHER_OR_FORCE_MAJEURE,)),
        ("DE", Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
        ("CD", Milestone.EXCEPTION, (Reason.HELD,)),
        ("DL", Milestone.DELIVERED, ()),
        ("RS", Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        ("CA", Milestone.CANCELLED, ()),
    ],
)
def test_a_delay_is_the_reason_where_none_is_said(
    kind: str, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    assert says(delayed(kind).scans[-1]) == (milestone, reasons)


def test_a_delay_that_is_told_later_is_news() -> None:
    before, after = delayed("IT", status="ON_TIME"), delayed("IT")
    assert says(before.scans[-1]) == (Milestone.IN_TRANSIT, ())
    assert before.digest != after.digest


def test_a_delay_adds_nothing_to_an_exception() -> None:
    assert says(delayed("DE", exception="07").scans[-1]) == (Milestone.EXCEPTION, (Reason.REFUSED,))


def test_an_unknown_delay_is_reported() -> None:
    found = delayed("IT", why="SOLAR")
    assert found.scans[-1].milestone is Milestone.IN_TRANSIT
    assert found.unmapped_codes == ("delay_type/SOLAR",)


def test_a_promise_speaks_only_where_no_code_does() -> None:
    message = {"serviceCommitMessage": {"type": "FINAL_DELIVERY_ATTEMPTED", "message": "x"}}
    assert says(track_of(an_event("OD"), **message).scans[-1]) == (Milestone.OUT_FOR_DELIVERY, ())
    silent = track_of(an_event("SP"), **message).scans[-1]
    assert says(silent) == (Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))


def test_a_promise_about_one_of_several_pieces_is_not_read() -> None:
    message = {"serviceCommitMessage": {"type": "DELIVERY_IN_MULTIPLE_PIECE_SHIPMENT"}}
    found = track_of(an_event("SP"), PICKED_UP, **message)
    assert found.scans[-1].milestone is Milestone.PICKED_UP


def test_the_shipper_signs_after_a_return() -> None:
    found = track_of(an_event("DL", at="2026-02-06T11:12:00-06:00"), an_event("RS"), PICKED_UP)
    assert [scan.milestone for scan in found.scans] == [
        Milestone.PICKED_UP,
        Milestone.RETURNING,
        Milestone.RETURNED,
    ]


def test_who_signed_stands_on_the_delivery() -> None:
    found = track_of(
        an_event("DL"), PICKED_UP, deliveryDetails={"receivedByName": "A.EXAMPLE", "signedByName": ""}
    )
    assert [scan.signed_by for scan in found.scans] == [None, "A.EXAMPLE"]
    signed = track_of(an_event("DL"), deliveryDetails={"receivedByName": "B", "signedByName": "A.EXAMPLE"})
    assert signed.scans[0].signed_by == "A.EXAMPLE"
    assert track_of(PICKED_UP, deliveryDetails={"signedByName": "A"}).scans[0].signed_by is None


def test_where_it_is_held_stands_on_the_hold() -> None:
    place = {"contact": {"companyName": "Example Shop", "phoneNumber": "13800000001"}, "address": {}}
    held = {"locationId": "X", "locationContactAndAddress": place}
    scan = track_of(PICKED_UP, an_event("HL"), holdAtLocation=held).scans[-1]
    assert (scan.station, scan.station_phone) == ("Example Shop", "13800000001")
    bare = {"locationId": "", "locationContactAndAddress": {"address": {}}}
    assert track_of(an_event("HL"), holdAtLocation=bare).scans[0].station is None


def test_the_end_of_the_window_is_expected_before_the_estimate() -> None:
    window = {"type": "ESTIMATED_DELIVERY", "window": {"begins": "x", "ends": "2026-02-03T18:00:00-06:00"}}
    times = [
        {"type": "ACTUAL_PICKUP", "dateTime": "2026-02-01T16:00:00-06:00"},
        {"type": "ESTIMATED_DELIVERY", "dateTime": "2026-02-03T20:00:00-06:00"},
    ]
    by_window = track_of(PICKED_UP, estimatedDeliveryTimeWindow=window, dateAndTimes=times)
    assert by_window.eta == datetime(2026, 2, 4, 0, tzinfo=UTC)
    assert track_of(PICKED_UP, dateAndTimes=times).eta == datetime(2026, 2, 4, 2, tzinfo=UTC)
    bare = [{"type": "ESTIMATED_DELIVERY", "dateTime": "2026-02-03"}]
    assert track_of(PICKED_UP, dateAndTimes=bare).eta is None


@pytest.mark.parametrize(
    ("identifiers", "number"),
    [
        ([{"type": "RETURNED_TO_SHIPPER_TRACKING_NUMBER", "values": ["477179081230"]}], "477179081230"),
        (
            [
                {"type": "REROUTE_TRACKING_NUMBER", "values": ["799531274483"]},
                {"type": "RETURNED_TO_SHIPPER_TRACKING_NUMBER", "values": ["", "477179081230"]},
            ],
            "477179081230",
        ),
        ([{"type": "REROUTE_TRACKING_NUMBER", "values": ["799531274483"]}], "799531274483"),
        ([{"type": "REROUTE_TRACKING_NUMBER", "values": ["568283610012000"]}], None),
        ([{"type": "CUSTOMER_REFERENCE", "values": ["477179081230"]}], None),
        ([], None),
    ],
)
def test_the_new_number_stands_among_the_identifiers(identifiers: Any, number: str | None) -> None:
    found = track_of(an_event("RS"), additionalTrackingInfo={"packageIdentifiers": identifiers})
    assert found.new_tracking_number == number


def test_the_documented_answer_is_read() -> None:
    body = {
        "transactionId": "624deea6-b709-470c-8c39-4b5511281492",
        "customerTransactionId": "job-77",
        "output": {
            "alerts": "VIRTUAL.RESPONSE",
            "completeTrackResults": [
                {
                    "trackingNumber": "568283610012000",
                    "trackResults": [
                        {
                            "trackingNumberInfo": {
                                "trackingNumber": "568283610012000",
                                "carrierCode": "FDXG",
                            },
                            "latestStatusDetail": {
                                "code": "DE",
                                "ancillaryDetails": [{"reason": "08"}],
                                "delayDetail": {"type": "OPERATIONAL", "subType": "", "status": "DELAYED"},
                            },
                            "scanEvents": [an_event("DE", "08"), PICKED_UP],
                            "availableImages": [],
                            "error": {"code": "", "message": ""},
                        }
                    ],
                }
            ],
        },
    }
    found = fedex.read(httpx.Response(200, json=body), [QUERY])[QUERY]
    assert isinstance(found, Track)
    assert [says(scan) for scan in found.scans] == [
        (Milestone.PICKED_UP, ()),
        (Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    ]
