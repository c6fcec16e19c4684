"""What is odd about DHL's answers, one test each.

Answers are made after the vendor's documentation; people and numbers are invented.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.contract import Account, Meaning, Milestone, Query, Reason, Stamp, Track
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.worldwide import dhl
from carriers.worldwide.dhl_codes import NAMESPACES

ACCOUNT = Account("dhl-1", "dhl", {"api_key": "demo-key-0001"})
STAMP = Stamp(at=datetime(2026, 1, 12, 3, 4, 5, tzinfo=UTC), nonce="n")
QUERY = Query("dhl", "3318810025")
NO_RESULT = {
    "status": 404,
    "title": "No result found",
    "detail": "No shipment with given tracking number found.",
}


def address(**account: Any) -> httpx.URL:
    return dhl.request([QUERY], replace(ACCOUNT, **account), STAMP).url


def an_event(status: str = "WC", timestamp: str = "2026-02-03T09:41:00Z", **fields: Any) -> dict[str, Any]:
    return {"timestamp": timestamp, "statusCode": "transit", "status": status} | fields


def a_shipment(*events: dict[str, Any], service: str = "express", **fields: Any) -> dict[str, Any]:
    told = {"id": "3318810025", "service": service, "events": list(events)}
    return told | {"status": events[0] if events else {"statusCode": "transit"}} | fields


def read(*shipments: dict[str, Any], status: int = 200, **answer: Any) -> Track | CarrierError:
    body = json.dumps({"shipments": list(shipments)} | answer).encode()
    return dhl.read(httpx.Response(status, content=body), [QUERY])[QUERY]


def track(*events: dict[str, Any], **shipment: Any) -> Track:
    found = read(a_shipment(*events, **shipment))
    assert isinstance(found, Track)
    return found


def place(locality: str, country: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"address": {"addressLocality": locality} | ({"countryCode": country} if country else {}) | fields}


def test_the_key_is_a_header_and_nothing_is_signed() -> None:
    request = dhl.request([QUERY], ACCOUNT, STAMP)
    assert request.method == "GET"
    assert str(request.url) == "https://api-eu.dhl.com/track/shipments?trackingNumber=3318810025&language=en"
    assert request.headers["DHL-API-Key"] == "demo-key-0001"
    assert "Authorization" not in request.headers
    assert not hasattr(dhl, "signature")


def test_options_narrow_the_question() -> None:
    options = {"service": "parcel-de", "language": "DE", "requester_country": "cn", "origin_country": "CN"}
    assert dict(address(options=options).params) == {
        "trackingNumber": "3318810025",
        "service": "parcel-de",
        "requesterCountryCode": "CN",
        "originCountryCode": "CN",
        "language": "de",
    }


@pytest.mark.parametrize(
    ("option", "value"), [("service", "pigeons"), ("language", "english"), ("origin_country", "C&")]
)
def test_an_option_that_the_vendor_does_not_know_is_ours_to_refuse(option: str, value: str) -> None:
    with pytest.raises(ValueError, match=option):
        address(options={option: value})


def test_a_number_with_blanks_and_slashes_stays_one_number() -> None:
    odd = replace(QUERY, tracking_number="12 3/4&x=5")
    request = dhl.request([odd], ACCOUNT, STAMP)
    assert request.url.params["trackingNumber"] == "12 3/4&x=5"
    assert "x" not in request.url.params


@pytest.mark.parametrize(("status", "error"), [(400, InvalidNumber), (404, NotFoundYet)])
def test_a_problem_about_the_number_is_its_answer(status: int, error: type[CarrierError]) -> None:
    body = json.dumps(NO_RESULT | {"status": status}).encode()
    answer = dhl.read(httpx.Response(status, content=body), [QUERY])[QUERY]
    assert type(answer) is error
    assert isinstance(answer, CarrierError)
    assert answer.code == str(status)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"fault":{}}', b'{"status":400}', b"[]"])
def test_a_404_that_the_vendor_did_not_write_says_nothing_about_the_number(body: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        dhl.read(httpx.Response(404, content=body), [QUERY])


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthenticationFailed), (429, RateLimited), (500, SourceUnavailable)]
)
def test_errors_come_without_a_body_too(status: int, error: type[CarrierError]) -> None:
    for body in (b"", json.dumps({"status": status, "title": "x"}).encode()):
        with pytest.raises(error):
            dhl.read(httpx.Response(status, content=body), [QUERY])


def test_no_shipment_is_nothing_yet() -> None:
    assert type(read()) is NotFoundYet


def test_a_shipment_that_is_only_announced_is_nothing_yet() -> None:
    assert type(read(a_shipment(status={"statusCode": "pre-transit"}))) is NotFoundYet
    with pytest.raises(UnreadableResponse):
        read(a_shipment(status={"statusCode": "delivered"}))


@pytest.mark.parametrize(("word", "says"), dhl.STATUS_CODES.items())
def test_the_coarse_word_counts_where_there_is_no_code(word: str, says: Meaning) -> None:
    found = track(an_event("", statusCode=word))
    assert (found.scans[0].milestone, found.scans[0].carrier_code) == (says.milestone, word)
    assert found.unmapped_codes == ()


def test_a_coarse_word_that_nobody_knows_stays_unknown_and_is_reported() -> None:
    found = track(an_event("", statusCode="teleported"))
    assert found.scans[0].milestone is Milestone.UNKNOWN
    assert found.unmapped_codes == ("teleported",)


def test_of_an_unknown_code_the_coarse_word_counts_and_the_code_is_reported() -> None:
    found = track(an_event("QQ", statusCode="failure"))
    assert (found.scans[0].milestone, found.scans[0].carrier_code) == (Milestone.EXCEPTION, "express/QQ")
    assert found.unmapped_codes == ("express/QQ",)


@pytest.mark.parametrize(
    ("service", "code", "milestone"),
    [
        ("express", "BA", Milestone.EXCEPTION),
        ("ecommerce-europe", "101", Milestone.RETURNING),
        ("express", "101", Milestone.DELIVERED),
        ("ecommerce", "101", Milestone.CANCELLED),
        ("ecommerce-apac", "101", Milestone.CANCELLED),
        ("parcel-nl", "DELIVERED", Milestone.DELIVERED),
    ],
)
def test_the_service_says_which_table_a_code_is_of(service: str, code: str, milestone: Milestone) -> None:
    assert track(an_event(code), service=service).scans[0].milestone is milestone


def test_a_service_without_a_table_has_its_codes_reported() -> None:
    assert [service for service, tables in NAMESPACES.items() if not tables] == [
        "dsc", "ecommerce-iberia", "parcel-uk", "post-de", "post-international", "sameday",
    ]  # fmt: skip
    found = track(an_event("OK", statusCode="delivered"), service="parcel-uk")
    assert found.scans[0].milestone is Milestone.DELIVERED
    assert found.unmapped_codes == ("parcel-uk/OK",)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "ZN", "statusDetailed": "NTDEL:RFUSD"},
        {"status": "ZN", "statusDetailed": "NTDEL:RFUSD:ZN"},
        {"status": "NTDEL:RFUSD:ZN"},
    ],
)
def test_of_parcel_germany_event_and_reason_say_more_than_the_summary(fields: dict[str, str]) -> None:
    (scan,) = track(an_event(**fields), service="parcel-de").scans
    assert (scan.carrier_code, scan.reasons) == ("parcel-de-ice/NTDEL:RFUSD:ZN", (Reason.REFUSED,))


def test_without_the_pair_the_summary_counts() -> None:
    (scan,) = track(an_event("ZN"), service="parcel-de").scans
    assert (scan.carrier_code, scan.reasons) == ("parcel-de/ZN", (Reason.FAILED_ATTEMPT,))


def test_the_code_may_stand_in_the_detailed_status() -> None:
    (scan,) = track(an_event("The courier has it", statusDetailed="WC")).scans
    assert (scan.milestone, scan.carrier_code) == (Milestone.OUT_FOR_DELIVERY, "express/WC")


def test_a_sentence_in_the_status_is_text_and_no_code() -> None:
    found = track(an_event("Delivered - Signed for by N. Invented", statusCode="delivered"))
    (scan,) = found.scans
    assert (scan.text, scan.carrier_code) == ("Delivered - Signed for by N. Invented", "delivered")
    assert found.unmapped_codes == ()


def test_the_remark_stands_behind_the_description() -> None:
    event = an_event(description="Delivery attempted", remark="Gate locked")
    assert track(event).scans[0].text == "Delivery attempted. Gate locked"
    assert track(an_event(description="Sorted", remark="Sorted")).scans[0].text == "Sorted"


@pytest.mark.parametrize("code", ["43", "44", "45", "46", "47"])
def test_delivered_may_be_a_shop(code: str) -> None:
    event = an_event(
        code, statusCode="delivered", location=place("Lyon") | {"servicePoint": {"label": "Tabac"}}
    )
    (scan,) = track(event, service="ecommerce-europe").scans
    assert (scan.milestone, scan.reasons) == (Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,))
    assert (scan.station, scan.facility) == ("Tabac", None)


def test_delivered_may_be_the_shipper() -> None:
    (scan,) = track(an_event("RETURNED_TO_SENDER", statusCode="delivered"), service="svb").scans
    assert scan.milestone is Milestone.RETURNED


@pytest.mark.parametrize("flag", [True, "true"])
def test_on_a_return_whoever_takes_it_is_the_shipper(flag: object) -> None:
    later, earlier = an_event("OK", "2026-02-03T09:00:00Z"), an_event("WC", "2026-02-03T08:00:00Z")
    found = track(later, earlier, returnFlag=flag)
    assert [scan.milestone for scan in found.scans] == [Milestone.OUT_FOR_DELIVERY, Milestone.RETURNED]
    assert found.scans[-1].reasons == (Reason.RETURN_TO_SENDER,)


def test_after_it_turned_back_whoever_takes_it_is_the_shipper() -> None:
    events = [
        an_event(code, f"2026-02-03T0{9 - hour}:00:00Z") for hour, code in enumerate(("OK", "RT", "RD"))
    ]
    assert [scan.milestone for scan in track(*events, returnFlag=False).scans] == [
        Milestone.EXCEPTION,
        Milestone.RETURNING,
        Milestone.RETURNED,
    ]


@pytest.mark.parametrize(
    ("printed", "location", "moment"),
    [
        ("2026-02-03T09:41:00+01:00", place("X", "CN"), datetime(2026, 2, 3, 8, 41, tzinfo=UTC)),
        ("2026-02-03T09:41:00Z", place("X", "CN"), datetime(2026, 2, 3, 9, 41, tzinfo=UTC)),
        ("2026-02-03T09:41:00", place("X", "CN"), datetime(2026, 2, 3, 1, 41, tzinfo=UTC)),
        ("2026-02-03T09:41:00", place("MILANO - ITALY"), datetime(2026, 2, 3, 8, 41, tzinfo=UTC)),
        ("2026-07-03T09:41:00", place("DUBLIN - IRELAND"), datetime(2026, 7, 3, 8, 41, tzinfo=UTC)),
        ("2026-02-03T09:41:00", place("Nowhere"), datetime(2026, 2, 3, 9, 41, tzinfo=UTC)),
        ("2026-02-03T09:41:00", None, datetime(2026, 2, 3, 9, 41, tzinfo=UTC)),
        (
            "2023-11-02T15:27:20.331986369+01:00",
            None,
            datetime(2023, 11, 2, 14, 27, 20, 331986, tzinfo=UTC),
        ),
    ],
)
def test_a_time_has_its_own_zone_or_the_clock_of_the_place(
    printed: str, location: dict[str, Any] | None, moment: datetime
) -> None:
    (scan,) = track(an_event(timestamp=printed, location=location)).scans
    assert (scan.occurred_at, scan.local_time) == (moment, printed)


def test_local_times_of_two_places_come_in_the_order_of_the_truth() -> None:
    found = track(
        an_event("AR", "2026-02-03T20:00:00", location=place("LOS ANGELES - CA - USA")),
        an_event("DF", "2026-02-03T23:00:00", location=place("SHENZHEN - CHINA MAINLAND")),
    )
    assert [scan.carrier_code for scan in found.scans] == ["express/DF", "express/AR"]


def test_the_country_stands_behind_the_city() -> None:
    servicing = place("MILANO - ITALY", addressLocalityServicing="MILANO LINATE")
    (scan,) = track(an_event(location=servicing)).scans
    assert (scan.city, scan.facility) == ("MILANO", "MILANO LINATE")
    (scan,) = track(an_event(location=place("Halle - Nord"))).scans
    assert scan.city == "Halle - Nord"


def test_without_events_the_state_of_the_shipment_is_the_only_line() -> None:
    for events in ([], None):
        found = read(a_shipment(status=an_event("OK", description="Delivered"), events=events))
        assert isinstance(found, Track)
        assert [(scan.milestone, scan.text) for scan in found.scans] == [(Milestone.DELIVERED, "Delivered")]


def test_events_of_the_same_second_stay_in_the_order_they_happened() -> None:
    found = track(an_event("WC"), an_event("AR"), an_event("PU", "2026-02-01T09:00:00Z"))
    assert [scan.carrier_code for scan in found.scans] == ["express/PU", "express/AR", "express/WC"]


def test_an_event_without_a_readable_time_is_left_out_and_said() -> None:
    found = track(an_event("WC"), an_event("PU", "last Monday"))
    assert not found.complete
    assert len(found.scans) == 1
    with pytest.raises(UnreadableResponse):
        read(a_shipment(an_event(timestamp="last Monday")))


def test_of_several_shipments_the_one_with_the_newest_line_counts() -> None:
    old = a_shipment(an_event("OK", "2024-02-03T09:00:00Z"))
    new = a_shipment(an_event("PU", "2026-02-03T09:00:00Z"), service="freight")
    for shipments in ((old, new), (new, old), ({"id": []}, new)):
        found = read(*shipments)
        assert isinstance(found, Track)
        assert found.scans[-1].occurred_at.year == 2026


def test_shapes_of_other_years_are_read() -> None:
    found = track(an_event("OK"), id=3318810025, details={"references": {"number": "ORDER-0001"}})
    assert found.scans[0].milestone is Milestone.DELIVERED


@pytest.mark.parametrize(
    ("fields", "eta"),
    [
        ({"estimatedTimeOfDelivery": "2026-02-03T18:00:00Z"}, datetime(2026, 2, 3, 18, tzinfo=UTC)),
        (
            {"estimatedTimeOfDelivery": "2026-02-03T18:00:00", "destination": place("x", "DE")},
            datetime(2026, 2, 3, 17, tzinfo=UTC),
        ),
        (
            {"estimatedDeliveryTimeFrame": {"estimatedThrough": "2026-02-04T12:00:00Z"}},
            datetime(2026, 2, 4, 12, tzinfo=UTC),
        ),
        ({}, None),
    ],
)
def test_the_estimated_time_or_the_end_of_its_frame_is_the_eta(
    fields: dict[str, Any], eta: datetime | None
) -> None:
    assert track(an_event(), **fields).eta == eta


@pytest.mark.parametrize(
    ("somebody", "name"),
    [
        ({"name": "N. Invented"}, "N. Invented"),
        ({"givenName": "Nora", "familyName": "Invented"}, "Nora Invented"),
        ({"organizationName": "Invented Ltd"}, "Invented Ltd"),
        ({"name": ""}, None),
    ],
)
def test_whoever_signed_stands_at_the_delivery(somebody: dict[str, str], name: str | None) -> None:
    proof = {"documentUrl": "https://dhl.test/pod.pdf", "signatureUrl": "x", "signed": somebody}
    later, earlier = an_event("OK"), an_event("WC", "2026-02-03T08:00:00Z")
    found = track(later, earlier, details={"proofOfDelivery": proof})
    assert [scan.signed_by for scan in found.scans] == [None, name]
    assert found.proof_of_delivery == "https://dhl.test/pod.pdf"


def test_nobody_has_signed_for_what_is_under_way() -> None:
    found = track(an_event("WC"), details={"proofOfDelivery": {"signed": {"name": "N. Invented"}}})
    assert found.scans[0].signed_by is None
    assert found.proof_of_delivery is None
