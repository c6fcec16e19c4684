"""UPS's oddities, one test each. Answers are made after the vendor's published specification; people are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers import check_digits
from carriers.contract import Account, Milestone, Query, Scan, Stamp, Token, Track
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.worldwide import ups

ACCOUNT = Account("ups-1", "ups", {"client_id": "demo", "client_secret": "demo-secret"})
STAMP = Stamp(at=datetime(2026, 2, 3, 12, tzinfo=UTC), nonce="0123456789abcdef0123456789abcdef-and-more")
QUERY = Query("ups", "1Z5R89390357567127")
SPRINGFIELD = {"city": "Springfield", "stateProvince": "IL", "country": "US", "countryCode": "US"}
MISSING = object()


def a_line(levels: str = "I/OT/021", **fields: Any) -> dict[str, Any]:
    """A line as UPS prints it; `levels` are type, code and statusCode."""
    kind, code, status = levels.split("/")
    line = {
        "date": "20260203",
        "time": "064200",
        "gmtDate": "20260203",
        "gmtTime": "11:42:00",
        "gmtOffset": "-05:00",
        "location": {"slic": "1234", "address": SPRINGFIELD},
        "status": {"type": kind, "code": code, "statusCode": status, "description": "One line "},
        "logicalScan": False,
    }
    return {name: value for name, value in (line | fields).items() if value is not MISSING}


def a_package(*lines: Any, **fields: Any) -> dict[str, Any]:
    return {"trackingNumber": QUERY.tracking_number, "activity": list(lines)} | fields


def answer(*packages: Any, query: Query = QUERY, **shipment: Any) -> object:
    told = {"inquiryNumber": query.tracking_number} | ({"package": list(packages)} if packages else {})
    body = {"trackResponse": {"shipment": [told | shipment]}}
    return ups.read(httpx.Response(200, content=json.dumps(body).encode()), [query])[query]


def track_of(*lines: Any, **fields: Any) -> Track:
    found = answer(a_package(*lines, **fields))
    assert isinstance(found, Track)
    return found


def scan_of(levels: str = "I/OT/021", **fields: Any) -> Scan:
    (scan,) = track_of(a_line(levels, **fields)).scans
    return scan


def said(levels: str) -> tuple[str, ...]:
    """Milestone and reasons."""
    scan = scan_of(levels)
    return (scan.milestone, *scan.reasons)


def error_of(status: int, body: object, **headers: str) -> CarrierError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = httpx.Response(status, content=content, headers=headers)
    try:
        found = ups.read(response, [QUERY])[QUERY]
    except CarrierError as error:
        return error
    assert isinstance(found, CarrierError)
    return found


def refused(code: str) -> dict[str, Any]:
    return {"response": {"errors": [{"code": code, "message": "words"}]}}


def test_the_question_names_itself_and_leaves_the_token_to_the_sender() -> None:
    request = ups.request([QUERY], ACCOUNT, STAMP)
    assert str(request.url) == (
        "https://onlinetools.ups.com/api/track/v1/details/1Z5R89390357567127"
        "?locale=en_US&returnSignature=false&returnMilestones=false&returnPOD=false"
    )
    assert request.method == "GET"
    assert request.headers["transId"] == "0123456789abcdef0123456789abcdef"
    assert request.headers["transactionSrc"] == "parcel-watcher"
    assert "Authorization" not in request.headers


def test_options_change_the_language_and_what_is_sent_along() -> None:
    options = {
        "locale": "de_DE",
        "return_signature": "true",
        "return_pod": "true",
        "transaction_source": "us",
    }
    request = ups.request([QUERY], replace(ACCOUNT, options=options), STAMP)
    assert dict(request.url.params) == {
        "locale": "de_DE",
        "returnSignature": "true",
        "returnMilestones": "false",
        "returnPOD": "true",
    }
    assert request.headers["transactionSrc"] == "us"


def test_a_number_cannot_leave_its_place_in_the_path() -> None:
    request = ups.request([replace(QUERY, tracking_number="../x?y")], ACCOUNT, STAMP)
    assert request.url.raw_path.startswith(b"/api/track/v1/details/..%2Fx%3Fy?locale")


def test_the_token_is_asked_for_outside_the_path_of_the_services() -> None:
    account = replace(ACCOUNT, base_url="https://wwwcie.ups.com/", options={"merchant_id": "A1B2C3"})
    request = ups.token_request(account)
    assert str(request.url) == "https://wwwcie.ups.com/security/v1/oauth/token"
    assert request.headers["Authorization"] == "Basic ZGVtbzpkZW1vLXNlY3JldA=="
    assert request.headers["x-merchant-id"] == "A1B2C3"
    assert "x-merchant-id" not in ups.token_request(ACCOUNT).headers


@pytest.mark.parametrize("lasts", ["14399", 14399])
def test_the_seconds_of_a_token_come_as_text(lasts: object) -> None:
    body = {"token_type": "Bearer", "access_token": "eyJ", "expires_in": lasts, "status": "approved"}
    response = httpx.Response(200, json=body)
    assert ups.read_token(response) == Token("eyJ", timedelta(seconds=14399))


@pytest.mark.parametrize("lasts", ["", "soon", "-5", None])
def test_a_token_that_does_not_say_how_long_it_lasts_is_unreadable(lasts: object) -> None:
    with pytest.raises(UnreadableResponse):
        ups.read_token(httpx.Response(200, json={"access_token": "eyJ", "expires_in": lasts}))


def test_not_found_is_a_success_with_a_warning() -> None:
    warning = {"code": "TW0001", "message": "Tracking Information Not Found"}
    assert type(answer(warnings=[warning])) is NotFoundYet


def test_another_warning_without_a_package_is_not_guessed_at() -> None:
    found = answer(warnings=[{"code": "TW0099", "message": "words"}])
    assert type(found) is UnreadableResponse
    assert found.code == "TW0099"


def test_a_warning_beside_a_package_says_nothing() -> None:
    found = answer(a_package(a_line()), warnings=[{"code": "TW0001"}])
    assert isinstance(found, Track)


def test_a_package_without_lines_is_not_found_yet() -> None:
    assert type(answer(a_package())) is NotFoundYet


@pytest.mark.parametrize("shipment", [{}, {"package": []}, {"warnings": []}])
def test_neither_package_nor_warning_is_no_answer(shipment: dict[str, Any]) -> None:
    with pytest.raises(UnreadableResponse):
        answer(**shipment)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "TV1002", InvalidNumber),
        (400, "TV0005", UnreadableResponse),
        (401, "250002", AuthenticationFailed),
        (401, "250003", AuthenticationFailed),
        (401, "251004", AuthenticationFailed),
        (401, "UJ0001", AuthenticationFailed),
        (403, "some", AccessDenied),
        (404, "TW0001", NotFoundYet),
        (404, "404", NotFoundYet),
        (429, "10429", RateLimited),
        (429, "some", RateLimited),
        (500, "10004", SourceUnavailable),
        (503, "some", SourceUnavailable),
    ],
)
def test_a_refusal_is_told_by_its_code_and_by_the_status(
    status: int, code: str, error: type[CarrierError]
) -> None:
    assert type(error_of(status, refused(code))) is error


def test_the_code_of_a_request_that_is_wrong_is_kept() -> None:
    assert error_of(400, refused("TV0005")).code == "TV0005"


def test_errors_may_stand_by_themselves() -> None:
    assert type(error_of(401, {"errors": [{"code": "UJ0001"}]})) is AuthenticationFailed


def test_not_found_by_something_in_between_is_no_answer() -> None:
    assert type(error_of(404, b"<html>")) is UnreadableResponse


def test_how_long_to_wait_is_kept_beside_a_code() -> None:
    error = error_of(429, refused("10429"), **{"Retry-After": "9"})
    assert error.retry_after == timedelta(seconds=9)


@pytest.mark.parametrize("status", ["21", 21, "021", 21.0])
def test_a_status_may_have_lost_its_zeros(status: object) -> None:
    line = a_line()
    line["status"] = line["status"] | {"statusCode": status}
    (scan,) = track_of(line).scans
    assert (scan.milestone, scan.carrier_code) == (Milestone.OUT_FOR_DELIVERY, "I/OT/021")


def test_a_code_is_found_with_and_without_its_zeros() -> None:
    assert said("X/1/") == said("X/01/") == ("exception", "delayed_transit")


def test_mail_innovations_has_a_table_of_its_own() -> None:
    package = a_package(a_line("I/DL/"), trackingNumber="92419900000033499522966220")
    found = answer(package)
    assert isinstance(found, Track)
    assert found.scans[0].milestone is Milestone.DELIVERED
    assert said("I/DL/") == ("out_for_delivery",)


@pytest.mark.parametrize("printed", ["11:42:00", "114200", 114200])
def test_the_time_in_greenwich_counts(printed: object) -> None:
    scan = scan_of(gmtTime=printed, gmtOffset=MISSING)
    assert scan.occurred_at == datetime(2026, 2, 3, 11, 42, tzinfo=UTC)
    assert scan.local_time == "2026-02-03 06:42:00"


def test_a_time_that_has_lost_its_zero_is_read() -> None:
    assert scan_of(gmtTime="74700").occurred_at == datetime(2026, 2, 3, 7, 47, tzinfo=UTC)
    assert scan_of(time=64200).local_time == "2026-02-03 06:42:00"


@pytest.mark.parametrize(
    ("printed", "hour"),
    [("-05:00", 11), ("-05.00", 11), ("-0500", 11), ("+05:30", 1), ("-5", 11)],
)
def test_the_distance_from_greenwich_counts_where_its_time_is_missing(printed: str, hour: int) -> None:
    scan = scan_of(gmtDate=MISSING, gmtTime=MISSING, gmtOffset=printed)
    assert scan.occurred_at == datetime(2026, 2, 3, hour, 12 if hour == 1 else 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "hour"), [("CN", 22), ("DE", 5), ("US", 6), ("", 6)], ids=["China", "Germany", "many", "none"]
)
def test_without_either_the_clock_of_the_country_counts(country: str, hour: int) -> None:
    address = {"city": "Somewhere", "country": country}
    line = {"gmtDate": MISSING, "gmtTime": "", "gmtOffset": "", "location": {"address": address}}
    scan = scan_of(**line)
    assert scan.occurred_at == datetime(2026, 2, 2 if hour == 22 else 3, hour, 42, tzinfo=UTC)
    assert scan.local_time == "2026-02-03 06:42:00"


def test_the_local_time_is_made_where_only_greenwich_s_is_told() -> None:
    assert scan_of(date=MISSING, time="").local_time == "2026-02-03 06:42:00"


def test_a_line_without_a_time_is_left_out_and_the_others_stay() -> None:
    found = track_of(a_line(), a_line(date="", gmtDate=""), {"date": []}, a_line(time="", gmtTime=""))
    assert len(found.scans) == 1
    assert not found.complete
    with pytest.raises(UnreadableResponse):
        answer(a_package({"date": []}))


def test_the_words_are_the_line_s_own_or_the_simple_ones() -> None:
    assert scan_of().text == "One line"
    simple = {"type": "I", "code": "OT", "statusCode": "021", "simplifiedTextDescription": "Out"}
    assert scan_of(status=simple).text == "Out"


def test_the_city_is_told_and_the_number_of_the_facility_is_none() -> None:
    scan = scan_of()
    assert (scan.city, scan.facility, scan.station) == ("Springfield", None, None)
    assert scan_of(location=None).city is None


def test_of_several_packages_the_one_asked_about_counts() -> None:
    first = a_package(a_line("X/48/022"), trackingNumber="1Z879E930346834440")
    assert isinstance(found := answer(first, a_package(a_line())), Track)
    assert found.scans[0].milestone is Milestone.OUT_FOR_DELIVERY
    other = a_package(a_line(), trackingNumber="1Z410E7W0392751591")
    renamed = other | {"alternateTrackingNumber": [{"number": QUERY.tracking_number}]}
    assert isinstance(found := answer(first, renamed), Track)
    assert found.scans[0].milestone is Milestone.OUT_FOR_DELIVERY
    with pytest.raises(UnreadableResponse):
        answer(first, other)
    assert isinstance(answer(first), Track)


def test_another_number_is_followed_and_the_same_one_is_not() -> None:
    numbers = [{"type": "1Z", "number": QUERY.tracking_number}, {"type": "USPS_PIC", "number": "9241990000"}]
    assert track_of(a_line(), alternateTrackingNumber=numbers).new_tracking_number == "9241990000"
    assert track_of(a_line(), alternateTrackingNumber=numbers[:1]).new_tracking_number is None
    assert track_of(a_line()).new_tracking_number is None


def test_who_took_it_and_where_it_lies_is_told_of_a_delivery_alone() -> None:
    told = {"deliveryInformation": {"location": "FRONT DOOR", "receivedBy": "张三"}}
    found = track_of(a_line("D/FS/011"), a_line(gmtTime="10:00:00"), **told)
    assert [scan.signed_by for scan in found.scans] == [None, "张三"]
    assert found.proof_of_delivery == "FRONT DOOR"
    found = track_of(a_line(), **told)
    assert (found.scans[0].signed_by, found.proof_of_delivery) == (None, None)


TO_GERMANY = [{"type": "DESTINATION", "address": {"countryCode": "DE"}}]
TO_AMERICA = [
    {"type": "ORIGIN", "address": {"countryCode": "DE"}},
    {"type": "DESTINATION", "address": SPRINGFIELD},
]
EVENING = {"type": "EDW", "startTime": "141500", "endTime": "181500"}


@pytest.mark.parametrize(
    ("days", "hours", "ends", "eta"),
    [
        ("SDD 20260204", EVENING, TO_GERMANY, datetime(2026, 2, 4, 17, 15, tzinfo=UTC)),
        ("SDD 20260204", None, TO_GERMANY, datetime(2026, 2, 4, 22, 59, 59, tzinfo=UTC)),
        ("SDD 20260204 RDD 20260205", EVENING, TO_GERMANY, datetime(2026, 2, 5, 17, 15, tzinfo=UTC)),
        ("SDD 20260204", EVENING, TO_AMERICA, datetime(2026, 2, 4, 23, 15, tzinfo=UTC)),
        ("SDD 20260204 DEL 20260204", EVENING, TO_GERMANY, None),
        ("SDD 20260204", EVENING, [], None),
        ("SDD soon", EVENING, TO_GERMANY, None),
        ("", EVENING, TO_GERMANY, None),
    ],
)
def test_the_day_of_delivery_is_read_on_the_clock_where_it_goes(
    days: str, hours: Any, ends: list[Any], *, eta: datetime | None
) -> None:
    words = days.split()
    dates = [{"type": kind, "date": day} for kind, day in zip(words[::2], words[1::2], strict=True)]
    fields = {"deliveryDate": dates, "deliveryTime": hours, "packageAddress": ends}
    assert track_of(a_line(gmtOffset=MISSING), **fields).eta == eta


def test_a_delivered_parcel_has_no_eta() -> None:
    fields = {"deliveryDate": [{"type": "SDD", "date": "20260204"}], "packageAddress": TO_GERMANY}
    assert track_of(a_line("D/FS/011"), **fields).eta is None


def test_the_newest_line_elsewhere_says_nothing_of_the_clock_there() -> None:
    fields = {"deliveryDate": [{"type": "SDD", "date": "20260204"}], "packageAddress": TO_AMERICA}
    elsewhere = a_line(location={"address": {"countryCode": "CA"}})
    assert track_of(elsewhere, **fields).eta is None


@pytest.mark.parametrize("number", ["1Z12345E0205271688", "1Z12345E1305277940"])
def test_a_number_with_a_wrong_check_digit_is_asked_about(number: str) -> None:
    assert check_digits.ups(number) is False
    assert ups.request([replace(QUERY, tracking_number=number)], ACCOUNT, STAMP).url.path.endswith(number)


def test_the_vendor_s_sample_is_read() -> None:
    printed = a_line(
        "M/MP/003",
        date="20260201",
        time="173000",
        location={"address": {"countryCode": "US"}},
        gmtDate=MISSING,
        gmtTime=MISSING,
        gmtOffset=MISSING,
    )
    found = track_of(
        a_line(),
        printed,
        deliveryDate=[{"type": "SDD", "date": "20260203"}],
        deliveryTime=EVENING,
        packageAddress=TO_AMERICA,
        alternateTrackingNumber=[{"type": "1Z", "number": "1Z879E930346834440"}],
    )
    assert [scan.milestone for scan in found.scans] == [Milestone.PRE_TRANSIT, Milestone.OUT_FOR_DELIVERY]
    assert [scan.carrier_code for scan in found.scans] == ["M/MP/003", "I/OT/021"]
    assert found.eta == datetime(2026, 2, 3, 23, 15, tzinfo=UTC)
    assert found.new_tracking_number == "1Z879E930346834440"
    assert found.complete
