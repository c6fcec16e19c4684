"""TrackingMore's oddities, one test each. Answers and pushes are made after the vendor's published clients."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers.aggregators import trackingmore, trackingmore_codes
from carriers.contract import (
    Account,
    Milestone,
    Query,
    Reason,
    Stamp,
    Track,
)
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    Expired,
    InvalidNumber,
    NotFoundYet,
    QuotaExhausted,
    RateLimited,
    ShipmentError,
    SourceUnavailable,
    UnreadableResponse,
)

KEY = "demo-trackingmore-key-0001"
ACCOUNT = Account("trackingmore-1", "trackingmore", {"api_key": KEY})
STAMP = Stamp(at=datetime(2026, 1, 10, tzinfo=UTC), nonce="n")
UPS = Query("ups", "1Z0000000000000000")
SF = Query("sf", "SF0000000000000", phone_tail="0000")


def a_line(substatus: str = "transit001", at: str = "2025-01-02 03:04:05", **fields: Any) -> dict[str, Any]:
    return {
        "checkpoint_date": at,
        "checkpoint_delivery_status": substatus.rstrip("0123456789"),
        "checkpoint_delivery_substatus": substatus,
        "tracking_detail": "Arrived at Facility",
        "location": "Test City, US",
        "country_iso2": "US",
        "city": "Test City",
    } | fields


def a_parcel(*lines: Any, query: Query = UPS, **fields: Any) -> dict[str, Any]:
    return {
        "tracking_number": query.tracking_number,
        "courier_code": trackingmore.INFO.carriers[query.carrier],
        "delivery_status": "transit",
        "substatus": "transit001",
        "origin_country": "CN",
        "destination_country": "US",
        "origin_info": {"trackinfo": list(lines)},
        "destination_info": {"courier_code": None, "trackinfo": []},
    } | fields


def an_answer(*parcels: Any, code: object = 200, status: int = 200, **headers: str) -> httpx.Response:
    body = {"meta": {"code": code, "message": "", "type": ""}, "data": list(parcels)}
    return httpx.Response(status, content=json.dumps(body).encode(), headers=headers)


def read(*parcels: Any, query: Query = UPS) -> Any:
    return trackingmore.read(an_answer(*parcels), [query])[query]


def the_track(*lines: Any, **fields: Any) -> Track:
    answer = read(a_parcel(*lines, **fields))
    assert isinstance(answer, Track), answer
    return answer


def test_one_question_names_all_numbers() -> None:
    request = trackingmore.request([UPS, SF], ACCOUNT, STAMP)
    assert (request.method, request.url.host, request.url.path) == (
        "GET",
        "api.trackingmore.com",
        "/v4/trackings/get",
    )
    assert request.url.params["tracking_numbers"] == "1Z0000000000000000,SF0000000000000"
    assert request.url.params["items_amount"] == "100", "room for numbers of several couriers"
    assert request.headers["Tracking-Api-Key"] == KEY
    assert request.headers["Accept"] == "application/json"


def test_the_published_sample_is_read() -> None:
    parcel = json.loads(
        """{"id":"00000000000000000000000000000000","tracking_number":"1Z0000000000000000","courier_code":"ups",
        "order_date":null,"created_at":"2025-01-01T00:00:00+00:00","update_at":"2025-01-02T03:10:00+00:00",
        "delivery_status":"transit","archived":"tracking","updating":false,"substatus":"transit001","transit_time":2,
        "origin_country":"CN","destination_country":"US","signed_by":null,"scheduled_delivery_date":null,
        "exchange_number":null,"destination_track_number":null,
        "origin_info":{"courier_code":"ups","milestone_date":{"pickup_date":null},
        "trackinfo":[{"checkpoint_date":"2025-01-02 03:04:05","checkpoint_delivery_status":"transit",
        "checkpoint_delivery_substatus":"transit001","tracking_detail":"Arrived at Facility","location":"Test City",
        "country_iso2":"US","city":"Test City","raw_status":null}]},
        "destination_info":{"courier_code":null,"trackinfo":[]}}"""
    )
    found = read(parcel)
    (scan,) = found.scans
    assert (scan.milestone, scan.reasons, scan.text) == (Milestone.IN_TRANSIT, (), "Arrived at Facility")
    assert (scan.local_time, scan.city, scan.carrier_code) == (
        "2025-01-02 03:04:05",
        "Test City",
        "transit001",
    )
    assert (found.eta, found.new_tracking_number, found.complete) == (None, None, True)


@pytest.mark.parametrize(
    ("printed", "country", "moment"),
    [
        ("2025-01-02 03:04:05", "US", datetime(2025, 1, 2, 8, 4, 5, tzinfo=UTC)),
        ("2025-01-02 03:04", "US", datetime(2025, 1, 2, 8, 4, tzinfo=UTC)),
        ("2025-01-02T03:04:05+08:00", "US", datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)),
        ("2025-01-02T03:04:05Z", "US", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2025-01-02 03:04:05", None, datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)),  # of the leg: China
    ],
)
def test_a_time_without_a_zone_is_that_of_the_country(
    printed: str, country: str | None, moment: datetime
) -> None:
    (scan,) = the_track(a_line(at=printed, country_iso2=country)).scans
    assert (scan.occurred_at, scan.local_time) == (moment, printed)


def test_where_no_country_is_named_a_chinese_carrier_prints_the_time_of_china() -> None:
    nowhere = {"origin_country": None, "destination_country": None}
    line = a_line(at="2025-01-02 08:00:00", country_iso2=None)
    assert the_track(line, **nowhere).scans[0].occurred_at == datetime(2025, 1, 2, 8, tzinfo=UTC)
    (scan,) = read(a_parcel(line, query=SF, **nowhere), query=SF).scans
    assert scan.occurred_at == datetime(2025, 1, 2, 0, tzinfo=UTC)


def test_the_last_leg_s_lines_without_a_country_are_of_the_destination() -> None:
    line = a_line(at="2025-01-02 08:00:00", country_iso2=None)
    found = the_track(destination_info={"trackinfo": [line]})
    assert found.scans[0].occurred_at == datetime(2025, 1, 2, 13, tzinfo=UTC)


def test_both_legs_are_put_in_one_order_and_what_both_tell_counts_once() -> None:
    older, newer = a_line(at="2025-01-01 08:00:00"), a_line("transit004", "2025-01-03 08:00:00")
    newest = a_line("pickup001", "2025-01-04 08:00:00")
    found = the_track(newer, older, destination_info={"trackinfo": [newest, newer]})
    assert [scan.carrier_code for scan in found.scans] == ["transit001", "transit004", "pickup001"]


def test_lines_of_the_same_second_stay_in_their_order() -> None:
    lines = [a_line("transit001", tracking_detail="second"), a_line("transit006", tracking_detail="first")]
    older = a_line("inforeceived001", "2025-01-01 08:00:00")
    found = the_track(*lines, older)
    assert [scan.text for scan in found.scans[1:]] == ["first", "second"]


@pytest.mark.parametrize(
    ("substatus", "milestone"),
    [
        ("pickup001", Milestone.OUT_FOR_DELIVERY),
        ("pickup002", Milestone.READY_FOR_PICKUP),
        ("pickup003", Milestone.OUT_FOR_DELIVERY),
        ("", Milestone.OUT_FOR_DELIVERY),
    ],
)
def test_pickup_is_the_door_or_the_shelf(substatus: str, milestone: Milestone) -> None:
    line = a_line(checkpoint_delivery_status="pickup", checkpoint_delivery_substatus=substatus)
    found = the_track(line)
    assert found.scans[0].milestone is milestone
    assert found.unmapped_codes == ()


def test_an_unknown_substatus_means_what_its_status_does_and_is_reported() -> None:
    found = the_track(a_line("exception003"))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.EXCEPTION, ("exception003",))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("The package is damaged", Reason.DAMAGED),
        ("Your package is LOST", Reason.LOST),
        ("Blostrup", Reason.DAMAGED),
    ],
)
def test_damaged_or_lost_is_told_by_the_words_alone(words: str, reason: Reason) -> None:
    (scan,) = the_track(a_line("exception007", tracking_detail=words)).scans
    assert (scan.milestone, scan.reasons, scan.carrier_code) == (
        Milestone.EXCEPTION,
        (reason,),
        "exception007",
    )


def test_the_line_at_the_minute_of_the_collection_is_the_collection() -> None:
    lines = [
        a_line("transit002", "2025-01-02 09:30:00"),
        a_line("transit001", "2025-01-02 08:00:59"),
        a_line("transit001", "2025-01-02 08:00:03"),
        a_line("inforeceived001", "2025-01-02 08:00:01"),
    ]
    leg = {"trackinfo": lines, "milestone_date": {"pickup_date": "2025-01-02T08:00"}}
    found = the_track(origin_info=leg)
    assert [scan.milestone for scan in found.scans] == [
        Milestone.PRE_TRANSIT,
        Milestone.PICKED_UP,
        Milestone.IN_TRANSIT,
        Milestone.IN_TRANSIT,
    ]
    assert found.scans[1].carrier_code == "transit001", "the line stays the same when the date comes later"


def test_a_line_of_an_older_version_is_read() -> None:
    line = {
        "Date": "2025-01-02 03:04:05",
        "StatusDescription": "Delivered",
        "Details": "Test City",
        "checkpoint_status": "delivered",
    }
    (scan,) = the_track(line).scans
    assert (scan.text, scan.city, scan.milestone) == ("Delivered", "Test City", Milestone.DELIVERED)


def test_the_newest_line_without_a_status_bears_the_parcel_s() -> None:
    bare = {"checkpoint_delivery_status": None, "checkpoint_delivery_substatus": None}
    lines = [a_line(at="2025-01-03 08:00:00", **bare), a_line(at="2025-01-02 08:00:00", **bare)]
    found = the_track(*lines, delivery_status="undelivered", substatus="undelivered002")
    older, newest = found.scans
    assert older.milestone is Milestone.UNKNOWN
    assert (newest.milestone, newest.reasons) == (Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,))
    unknown = the_track(*lines, delivery_status="odd", substatus="odd001")
    assert (unknown.scans[-1].milestone, unknown.unmapped_codes) == (Milestone.UNKNOWN, ("odd001",))


def test_a_line_without_a_readable_time_is_left_out_and_the_track_not_whole() -> None:
    found = the_track(a_line(), a_line(at="soon"), "odd")
    assert (len(found.scans), found.complete) == (1, False)
    assert isinstance(read(a_parcel(a_line(at="soon"))), UnreadableResponse)


def test_signer_promise_and_next_number_are_kept() -> None:
    found = the_track(
        a_line("delivered003", "2025-01-04 08:00:00"),
        a_line(at="2025-01-02 08:00:00"),
        signed_by="J. Demo",
        scheduled_delivery_date="2025-01-04",
        exchange_number="EX1",
        destination_track_number="LT1",
    )
    assert [scan.signed_by for scan in found.scans] == [None, "J. Demo"]
    assert found.eta == datetime(2025, 1, 5, 4, 59, 59, tzinfo=UTC), "the end of the day in the United States"
    assert found.new_tracking_number == "LT1"
    hourly = the_track(
        a_line(),
        signed_by="J. Demo",
        scheduled_delivery_date="2025-01-04T12:00:00Z",
        exchange_number=UPS.tracking_number,
    )
    assert hourly.scans[0].signed_by is None, "it is on its way yet"
    assert hourly.eta == datetime(2025, 1, 4, 12, tzinfo=UTC)
    assert hourly.new_tracking_number is None


@pytest.mark.parametrize(
    ("status", "substatus", "error", "code"),
    [
        ("pending", "pending001", NotFoundYet, None),
        ("pending", "pending002", InvalidNumber, "pending002"),
        ("pending", "pending003", InvalidNumber, "pending003"),
        ("pending", "pending005", NotFoundYet, None),
        ("notfound", "notfound002", NotFoundYet, None),
        ("inforeceived", "inforeceived001", NotFoundYet, None),
        ("expired", "expired001", Expired, None),
        ("expired", None, Expired, None),
    ],
)
def test_the_status_says_why_there_are_no_lines(
    status: str, substatus: str | None, error: type[ShipmentError], code: str | None
) -> None:
    answer = read(a_parcel(delivery_status=status, substatus=substatus))
    assert (type(answer), answer.code) == (error, code)
    found = the_track(a_line(), delivery_status=status, substatus=substatus)
    assert found.scans, "lines are lines whatever the parcel's status is"


def test_of_several_couriers_of_one_number_ours_is_read() -> None:
    other = a_parcel(a_line("delivered001"), courier_code="usps")
    assert read(other, a_parcel(a_line())).scans[0].milestone is Milestone.IN_TRANSIT
    assert type(read(other)) is NotFoundYet
    named_by_an_option = a_parcel(a_line("delivered001"), courier_code="ups-mi")
    assert read(named_by_an_option).scans[0].milestone is Milestone.DELIVERED


def test_a_part_that_names_no_number_may_be_about_any_that_is_missing() -> None:
    assert type(read()) is NotFoundYet
    assert type(read({"courier_code": "ups"})) is UnreadableResponse
    assert isinstance(read(7, a_parcel(a_line())), Track)


def test_one_parcel_out_of_shape_leaves_the_others_alone() -> None:
    broken = a_parcel(query=SF, origin_info=[])
    answers = trackingmore.read(an_answer(broken, a_parcel(a_line())), [SF, UPS])
    assert type(answers[SF]) is UnreadableResponse
    assert isinstance(answers[UPS], Track)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (200, 401, AuthenticationFailed),
        (401, 401, AuthenticationFailed),
        (400, 4190, QuotaExhausted),
        (404, 404, AccessDenied),
        (500, 512, SourceUnavailable),
        (500, 200, SourceUnavailable),
        (502, 9999, SourceUnavailable),
        (200, 9999, UnreadableResponse),
    ],
)
def test_the_code_in_the_body_counts_whatever_the_http_status_is(
    status: int, code: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        trackingmore.read(an_answer(code=code, status=status), [UPS])


def test_a_number_that_was_not_created_is_not_found_yet() -> None:
    response = an_answer(code=4102, status=400)
    assert type(trackingmore.read(response, [UPS])[UPS]) is NotFoundYet
    with pytest.raises(NotFoundYet):
        trackingmore.read(response, [UPS, SF])


@pytest.mark.parametrize(
    ("response", "seconds"),
    [
        (an_answer(code=429), 120),
        (an_answer(code=429, status=429), 120),
        (httpx.Response(429, content=b"<html>"), 120),
        (an_answer(code=429, status=429, **{"Retry-After": "7"}), 7),
    ],
)
def test_too_many_calls_want_two_minutes_of_rest(response: httpx.Response, seconds: int) -> None:
    with pytest.raises(RateLimited) as caught:
        trackingmore.read(response, [UPS])
    assert caught.value.retry_after == timedelta(seconds=seconds)


def test_every_carrier_leads_to_the_vendor_s_code_and_back() -> None:
    for carrier, company in trackingmore_codes.COMPANIES.items():
        assert trackingmore_codes.CARRIER_OF[company] == carrier
    assert {*trackingmore_codes.CARRIER_OF.values()} == trackingmore_codes.COMPANIES.keys()
