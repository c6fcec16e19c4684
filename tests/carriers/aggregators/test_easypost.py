"""EasyPost's oddities, one test each. Answers and pushes are made after the vendor's documentation."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from easypost_answers import UPS, USPS, a_line, a_tracker, an_answer, refused

from carriers.aggregators import easypost, easypost_codes
from carriers.code_tables import CodeTable
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
    CarrierError,
    Expired,
    InvalidNumber,
    NotFoundYet,
    QuotaExhausted,
    RateLimited,
    ShipmentError,
    SourceUnavailable,
    UnreadableResponse,
)

KEY = "EZTKdemo00000000000001"
ACCOUNT = Account("easypost-1", "easypost", {"api_key": KEY})
STAMP = Stamp(at=datetime(2026, 1, 10, tzinfo=UTC), nonce="n")


def read(*trackers: Any, query: Query = USPS, has_more: Any = False) -> Any:
    response = an_answer({"trackers": list(trackers), "has_more": has_more})
    return easypost.read(response, [query])[query]


def the_track(*lines: Any, **fields: Any) -> Track:
    answer = read(a_tracker(*lines, **fields))
    assert isinstance(answer, Track), answer
    return answer


def test_the_key_is_a_user_without_a_password() -> None:
    request = easypost.request([USPS, UPS], ACCOUNT, STAMP)
    assert (request.method, request.url.host, request.url.path) == (
        "GET",
        "api.easypost.com",
        "/v2/trackers",
    )
    assert request.url.params.get_list("tracking_codes[]") == ["EZ4000000004", "1Z0000000000000000"]
    assert request.url.params["page_size"] == "100"
    assert request.headers["Authorization"] == "Basic RVpUS2RlbW8wMDAwMDAwMDAwMDAwMTo="


def test_the_documented_tracker_is_read() -> None:
    tracker = json.loads(
        """{"id": "trk_demo0001", "object": "Tracker", "mode": "test", "tracking_code": "EZ4000000004",
        "status": "delivered", "status_detail": "arrived_at_destination", "created_at": "2026-02-01T08:00:00Z",
        "signed_by": "J. Demo", "weight": 17.6, "est_delivery_date": "2026-02-03T17:00:00Z", "carrier": "USPS",
        "tracking_details": [
        {"message": "Shipping label created", "description": null, "status": "pre_transit",
        "status_detail": "label_created", "datetime": "2026-02-01T08:00:00Z", "source": "USPS", "carrier_code": "GX",
        "tracking_location": {"city": null, "state": null, "country": null, "zip": null}},
        {"message": "Delivered, mailbox", "description": null, "status": "delivered",
        "status_detail": "arrived_at_destination", "datetime": "2026-02-03T17:00:00Z", "source": "USPS",
        "carrier_code": "01", "tracking_location": {"city": "AUSTIN", "state": "TX", "country": "US"}}],
        "carrier_detail": {"service": "First-Class Package", "alternate_identifier": null},
        "finalized": true, "is_return": false, "fees": [], "delivery_evidence": null}"""
    )
    found = read(tracker)
    created, delivered = found.scans
    assert (created.milestone, created.text, created.city) == (
        Milestone.PRE_TRANSIT,
        "Shipping label created",
        None,
    )
    assert (delivered.milestone, delivered.signed_by, delivered.city) == (
        Milestone.DELIVERED,
        "J. Demo",
        "AUSTIN",
    )
    assert delivered.occurred_at == datetime(2026, 2, 3, 17, tzinfo=UTC)
    assert (delivered.local_time, delivered.reasons) == ("2026-02-03T17:00:00Z", ())
    assert (found.eta, found.complete) == (datetime(2026, 2, 3, 17, tzinfo=UTC), True)


def test_a_time_without_a_zone_is_utc_as_well() -> None:
    for printed in ("2026-02-03T17:00:00", "2026-02-03T17:00:00Z", "2026-02-04T01:00:00+08:00"):
        (scan,) = the_track(a_line(datetime=printed)).scans
        assert scan.occurred_at == datetime(2026, 2, 3, 17, tzinfo=UTC)


def test_a_line_without_a_message_is_its_description() -> None:
    assert the_track(a_line(message=None, description="More")).scans[0].text == "More"


def test_a_line_without_a_readable_time_is_left_out_and_the_track_not_whole() -> None:
    found = the_track(a_line(), a_line(datetime="soon"), 7)
    assert (len(found.scans), found.complete) == (1, False)
    assert type(read(a_tracker(a_line(datetime=None)))) is UnreadableResponse


@pytest.mark.parametrize(
    ("status", "detail", "milestone", "reasons"),
    [
        ("delivered", "arrived_at_destination", Milestone.DELIVERED, ()),
        ("in_transit", "arrived_at_destination", Milestone.ARRIVED_AT_DESTINATION_CITY, ()),
        ("unknown", "arrived_at_destination", Milestone.ARRIVED_AT_DESTINATION_CITY, ()),
        ("delivered", "damaged", Milestone.DELIVERED, (Reason.DAMAGED,)),
        ("return_to_sender", "arrived_at_facility", Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        ("return_to_sender", "refused", Milestone.RETURNING, (Reason.REFUSED, Reason.RETURN_TO_SENDER)),
        ("cancelled", "label_created", Milestone.CANCELLED, ()),
        ("failure", "refused", Milestone.EXCEPTION, (Reason.REFUSED,)),
        ("failure", "arrived_at_facility", Milestone.EXCEPTION, ()),
        ("failure", "return", Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        ("out_for_delivery", "departed_facility", Milestone.OUT_FOR_DELIVERY, ()),
        ("out_for_delivery", "delivery_exception", Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
        (
            "available_for_pickup",
            "arrived_at_destination",
            Milestone.READY_FOR_PICKUP,
            (Reason.PICKUP_ONLY,),
        ),
        ("in_transit", "status_update", Milestone.IN_TRANSIT, ()),
        ("failure", "unknown", Milestone.EXCEPTION, ()),
        ("delivered", None, Milestone.DELIVERED, ()),
        ("unknown", "unknown", Milestone.UNKNOWN, ()),
        ("error", None, Milestone.UNKNOWN, ()),
        (None, "refused", Milestone.EXCEPTION, (Reason.REFUSED,)),
        (None, None, Milestone.UNKNOWN, ()),
    ],
)
def test_the_detail_says_more_unless_the_status_does(
    status: str | None, detail: str | None, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    found = the_track(a_line(detail, status))
    assert (found.scans[0].milestone, found.scans[0].reasons) == (milestone, reasons)
    assert found.unmapped_codes == ()


def test_an_unknown_detail_means_what_its_status_does_and_is_reported() -> None:
    found = the_track(a_line("beamed_up", "delivered"))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.DELIVERED, ("beamed_up",))
    found = the_track(a_line("unknown", "beaming"))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.UNKNOWN, ("beaming",))


@pytest.mark.parametrize(
    ("company", "code", "detail", "reasons"),
    [
        ("USPS", "04", "delivery_exception", (Reason.REFUSED,)),
        ("USPS", "57", "transit_exception", (Reason.WEATHER_OR_FORCE_MAJEURE,)),
        ("USPS", "22", "failure", (Reason.BAD_ADDRESS,)),
        ("USPS", "08", "delayed", (Reason.DELAYED_TRANSIT, Reason.MISSORTED)),
        ("USPS", "04", "status_update", (Reason.REFUSED,)),
        ("USPS", "03", "delivery_exception", (Reason.FAILED_ATTEMPT,)),
        ("USPS", "999", "delivery_exception", (Reason.FAILED_ATTEMPT,)),
        ("FedEx", "07", "delivery_exception", (Reason.REFUSED,)),
        ("FedEx", "007", "failure", (Reason.FAILED_ATTEMPT,)),
        ("DHLExpress", "RD", "delivery_exception", (Reason.REFUSED,)),
        ("UPS", "DS", "delivery_exception", (Reason.FAILED_ATTEMPT,)),  # its tables disagree about DS
        ("Yanwen", "04", "delivery_exception", (Reason.FAILED_ATTEMPT,)),
    ],
)
def test_the_carrier_s_own_code_gives_the_finer_reason(
    company: str, code: str, detail: str, reasons: tuple[Reason, ...]
) -> None:
    found = the_track(a_line(detail, source=company, carrier_code=code))
    assert found.scans[0].reasons == reasons


def test_a_line_that_names_no_source_is_of_the_tracker_s_carrier() -> None:
    line = a_line("delivery_exception", carrier_code="04")
    assert the_track(line).scans[0].reasons == (Reason.REFUSED,)
    assert the_track(line, carrier="UPSDAP").scans[0].reasons == (Reason.FAILED_ATTEMPT,)


def test_codes_of_ups_count_where_its_tables_agree() -> None:
    table = CodeTable("ups")
    assert (table["exception/DS"].reasons, table["movement/DS"].reasons) == ((Reason.BAD_ADDRESS,), ())
    code = next(
        key.partition("/")[2]
        for key, meaning in table.items()
        if key.startswith("exception/")
        and meaning.reasons == (Reason.REFUSED,)
        and f"dials/{key.partition('/')[2]}" not in table
    )
    (scan,) = the_track(a_line("delivery_exception", source="UPS", carrier_code=code)).scans
    assert scan.reasons == (Reason.REFUSED,)


def test_every_namespace_of_a_carrier_s_own_codes_is_in_its_file() -> None:
    for file, namespaces in easypost_codes.OWN_CODES.values():
        assert {*namespaces} <= {key.partition("/")[0] for key in CodeTable(file)}


def test_a_delivered_return_is_back() -> None:
    found = the_track(a_line("arrived_at_destination", "delivered"), is_return=True, signed_by="J. Demo")
    (scan,) = found.scans
    assert (scan.milestone, scan.reasons, scan.signed_by) == (
        Milestone.RETURNED,
        (Reason.RETURN_TO_SENDER,),
        "J. Demo",
    )
    assert the_track(a_line(), is_return=True).scans[0].milestone is Milestone.IN_TRANSIT


@pytest.mark.parametrize(
    ("finalized", "milestone"), [(True, Milestone.RETURNED), (False, Milestone.RETURNING)]
)
def test_a_parcel_on_its_way_back_is_back_when_nothing_more_will_come(
    milestone: Milestone, *, finalized: bool
) -> None:
    found = the_track(a_line(), a_line("return", "return_to_sender"), finalized=finalized)
    assert (found.scans[-1].milestone, found.scans[-1].reasons) == (milestone, (Reason.RETURN_TO_SENDER,))


def test_what_is_delivered_after_it_turned_back_is_back() -> None:
    older = a_line("return", "return_to_sender", datetime="2026-02-02T17:00:00Z")
    found = the_track(older, a_line("arrived_at_destination", "delivered"))
    assert [scan.milestone for scan in found.scans] == [Milestone.RETURNING, Milestone.RETURNED]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"status": "unknown", "status_detail": "unknown"}, NotFoundYet),
        ({"status": "pre_transit", "status_detail": "label_created"}, NotFoundYet),
        ({"status": "error", "status_detail": None}, NotFoundYet),
        ({"tracking_details": None}, NotFoundYet),
        ({"status": "unknown", "status_detail": "expired"}, Expired),
        ({"finalized": True}, Expired),
    ],
)
def test_a_tracker_without_lines_is_not_found_yet(fields: dict[str, Any], error: type[ShipmentError]) -> None:
    assert type(read(a_tracker(**fields))) is error


def test_of_two_trackers_of_one_number_the_younger_counts() -> None:
    old = a_tracker(a_line("arrived_at_destination", "delivered"), created_at="2025-09-01T08:00:00Z")
    young = a_tracker(a_line())
    for trackers in ((old, young), (young, old)):
        assert read(*trackers).scans[0].milestone is Milestone.IN_TRANSIT


def test_of_several_carriers_of_one_number_ours_is_read() -> None:
    other = a_tracker(a_line("arrived_at_destination", "delivered"), carrier="UPS")
    assert read(other, a_tracker(a_line())).scans[0].milestone is Milestone.IN_TRANSIT
    assert type(read(other)) is NotFoundYet
    unknown_name = a_tracker(a_line("arrived_at_destination", "delivered"), carrier="UPSDAP")
    assert read(unknown_name).scans[0].milestone is Milestone.DELIVERED


def test_a_number_that_the_page_has_no_room_for_is_not_taken_for_unknown() -> None:
    assert type(read(has_more=False)) is NotFoundYet
    assert type(read(has_more=True)) is UnreadableResponse
    assert isinstance(read(a_tracker(a_line()), has_more=True), Track)
    assert type(read({"carrier": "USPS"})) is UnreadableResponse


def test_one_tracker_out_of_shape_leaves_the_others_alone() -> None:
    page = {
        "trackers": [a_tracker(query=UPS, tracking_details=7), a_tracker(a_line())],
        "has_more": False,
    }
    answers = easypost.read(an_answer(page), [UPS, USPS])
    assert type(answers[UPS]) is UnreadableResponse
    assert isinstance(answers[USPS], Track)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("PAYMENT.REQUIRED", 402, QuotaExhausted),
        ("TRACKER.CREATE.ERROR", 402, QuotaExhausted),
        ("USER.UNAUTHORIZED", 401, AuthenticationFailed),
        ("ANY.CODE", 403, AccessDenied),
        ("TRACKER.NO_CARRIER_ACCOUNT", 422, AccessDenied),
        ("ANY.CODE", 422, UnreadableResponse),
        ("TRACKER.CREATE.ERROR", 409, UnreadableResponse),
        ("TRACKER.CREATE.ERROR", 503, SourceUnavailable),
        ("ANY.CODE", 408, SourceUnavailable),
        ("RATE_LIMIT.EXCEEDED", 429, RateLimited),
        ("RATE_LIMIT.ENDPOINT", 400, RateLimited),
        ("RATE_LIMIT.ENDPOINT", 200, RateLimited),
    ],
)
def test_the_code_in_the_body_counts_with_some_http_statuses(
    code: str, status: int, error: type[CarrierError]
) -> None:
    with pytest.raises(error) as caught:
        easypost.read(refused(code, status), [USPS])
    assert type(caught.value) is error


def test_a_refusal_of_one_number_is_its_answer() -> None:
    assert type(easypost.read(refused("TRACKER.NOT_FOUND", 404), [USPS])[USPS]) is NotFoundYet
    with pytest.raises(InvalidNumber):
        easypost.read(refused("TRACKER.CREATE.ERROR", 422), [USPS, UPS])


def test_how_long_to_wait_is_read_where_it_is_said() -> None:
    with pytest.raises(RateLimited) as caught:
        easypost.read(refused("RATE_LIMIT.EXCEEDED", 429, **{"Retry-After": "9"}), [USPS])
    assert caught.value.retry_after == timedelta(seconds=9)


def test_every_carrier_leads_to_the_vendor_s_name_and_back() -> None:
    for carrier, company in easypost_codes.COMPANIES.items():
        assert easypost_codes.CARRIER_OF[company] == carrier
    assert {*easypost_codes.CARRIER_OF.values()} == easypost_codes.COMPANIES.keys()
