"""17TRACK's oddities, one test each. Answers are made after the vendor's documentation, numbers and people invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers.aggregators import seventeentrack
from carriers.contract import Account, Milestone, Query, Reason, Stamp, Subscription, Track
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("t-1", "seventeentrack", {"key": "DEMO17TOKEN0000000000000000000000"})
STAMP = Stamp(at=datetime(2026, 1, 1, tzinfo=UTC), nonce="n")
WISH = Subscription("https://example.test/hooks/17", "salt")
POST = Query("china_post", "RR123456789CN")
SF = Query("sf", "SF0000000000000", phone_tail="0000")
AMERICAN = Query("usps", "9400000000000000000001")


def an_event(
    sub_status: str | None = "InTransit_Other", at: str = "2025-01-02T03:04:05+08:00", **fields: Any
) -> Any:
    """A line as the vendor prints it."""
    moment = datetime.fromisoformat(at)
    return {
        "time_iso": at,
        "time_utc": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "time_raw": {"date": at[:10], "time": at[11:19], "timezone": None},
        "description": "Arrived",
        "location": "Test City",
        "stage": None,
        "sub_status": sub_status,
        "address": {"country": "CN", "city": None},
    } | fields


def an_info(*events: Any, state: str | None = None, **fields: Any) -> dict[str, Any]:
    """All that is known of a number, told by one carrier, newest first."""
    return {
        "latest_status": {"status": (state or "InTransit").partition("_")[0], "sub_status": state},
        "tracking": {"providers": [told_by("CN", *events)]},
    } | fields


def told_by(country: str, *events: Any) -> dict[str, Any]:
    return {"provider": {"key": 3011, "country": country}, "events": list(events)}


def accepted(info: Any, query: Query = POST, **fields: Any) -> dict[str, Any]:
    return {"number": query.tracking_number, "carrier": 3011, "tag": None, "track_info": info} | fields


def rejected(code: int, query: Query = POST) -> dict[str, Any]:
    return {"number": query.tracking_number, "error": {"code": code, "message": "x"}}


def an_answer(*told: dict[str, Any]) -> httpx.Response:
    data = {
        "accepted": [one for one in told if "error" not in one],
        "rejected": [one for one in told if "error" in one],
    }
    return httpx.Response(200, json={"code": 0, "data": data})


def read(info: Any) -> object:
    return seventeentrack.read(an_answer(accepted(info)), [POST])[POST]


def track_of(*events: Any, **fields: Any) -> Track:
    found = read(an_info(*events, **fields))
    assert isinstance(found, Track)
    return found


def asked(request: httpx.Request) -> list[dict[str, Any]]:
    document: list[dict[str, Any]] = json.loads(request.content)
    return document


def test_the_question_is_a_list_with_the_key_in_a_header() -> None:
    request = seventeentrack.request([POST, SF], ACCOUNT, STAMP)
    assert str(request.url) == "https://api.17track.net/track/v2.4/gettrackinfo"
    assert request.content == b'[{"number":"RR123456789CN","carrier":3011},{"number":"SF0000000000000"}]'
    assert request.headers["17token"] == ACCOUNT.credentials["key"]
    assert request.headers["content-type"].startswith("application/json")


def test_options_name_a_carrier_and_leave_the_tail_out() -> None:
    account = replace(ACCOUNT, options={"carrier_sf": "900001", "param": "none"})
    (said,) = asked(seventeentrack.subscribe([SF], account, STAMP, WISH))
    assert said == {"number": "SF0000000000000", "carrier": 900001, "tag": "sf"}


@pytest.mark.parametrize("options", [{"carrier_sf": "SF"}, {"param": "postcode"}])
def test_an_option_out_of_range_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        seventeentrack.request([SF], replace(ACCOUNT, options=options), STAMP)


def test_the_vendor_s_numbers_lead_back_to_one_carrier_each() -> None:
    known = [number for number in seventeentrack.INFO.carriers.values() if number]
    assert len(set(known)) == len(known) == 6


def test_each_number_stands_accepted_or_rejected_under_code_0() -> None:
    answers = seventeentrack.read(
        an_answer(accepted(an_info(an_event())), rejected(-18010012, AMERICAN), rejected(-18010020, SF)),
        [POST, AMERICAN, SF],
    )
    assert isinstance(answers[POST], Track)
    assert type(answers[AMERICAN]) is InvalidNumber
    assert type(answers[SF]) is OwnershipRefused
    assert getattr(answers[SF], "code", "") == "-18010020"


@pytest.mark.parametrize("code", [-18019902, -18019909])
def test_a_number_of_which_nothing_is_known_is_not_found_yet(code: int) -> None:
    assert type(seventeentrack.read(an_answer(rejected(code)), [POST])[POST]) is NotFoundYet


@pytest.mark.parametrize(
    "info", [None, {}, an_info(), {"tracking": {"providers": None}, "latest_event": None}]
)
def test_a_number_without_lines_is_not_found_yet(info: Any) -> None:
    assert type(read(info)) is NotFoundYet


def test_a_number_that_its_carrier_cannot_have_is_invalid() -> None:
    assert type(read(an_info(state="NotFound_InvalidCode"))) is InvalidNumber


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        (401, {"code": -18010002, "data": {}}, AuthenticationFailed),
        (401, {"code": 0, "data": {"errors": [{"code": -18010001, "message": "x"}]}}, AccessDenied),
        (200, {"code": -1, "data": {"errors": [{"code": -18010003, "message": "x"}]}}, SourceUnavailable),
        (200, {"code": -18019908}, QuotaExhausted),
        (401, {"code": 0, "data": {"accepted": []}}, AuthenticationFailed),
        (429, {"code": -99}, RateLimited),
    ],
)
def test_a_call_that_failed_has_its_code_outside_or_inside(
    status: int, document: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        seventeentrack.read(httpx.Response(status, json=document), [POST, SF])
    assert type(caught.value) is error


def test_a_status_that_says_how_long_to_wait_counts_before_the_body() -> None:
    response = httpx.Response(429, json={"code": -18010003}, headers={"Retry-After": "12"})
    with pytest.raises(RateLimited) as caught:
        seventeentrack.read(response, [POST])
    assert caught.value.retry_after == timedelta(seconds=12)


def test_the_same_number_of_two_carriers_is_told_apart() -> None:
    number = POST.tracking_number
    ems = Query("ems", number)
    told = an_answer(
        accepted(an_info(an_event("OutForDelivery_Other")), carrier=3013),
        accepted(an_info(an_event("Delivered_Other")), carrier=3011),
    )
    answers = seventeentrack.read(told, [POST, ems])
    assert {
        query.carrier: answer.scans[-1].milestone
        for query, answer in answers.items()
        if isinstance(answer, Track)
    } == {"china_post": Milestone.DELIVERED, "ems": Milestone.OUT_FOR_DELIVERY}


def test_an_answer_about_strangers_is_no_answer() -> None:
    with pytest.raises(UnreadableResponse):
        seventeentrack.read(an_answer(accepted(an_info(an_event()))), [SF])


def test_the_lines_of_all_carriers_stand_in_one_order_and_none_twice() -> None:
    handed_over = an_event("InTransit_Arrival", "2025-01-03T00:00:00+00:00")
    info = an_info(
        tracking={
            "providers": [
                told_by("CN", handed_over, an_event("InTransit_PickedUp", "2025-01-01T08:00:00+08:00")),
                told_by("US", an_event("Delivered_Other", "2025-01-05T12:00:00-05:00"), handed_over),
            ]
        }
    )
    found = read(info)
    assert isinstance(found, Track)
    assert [scan.carrier_code for scan in found.scans] == [
        "InTransit_PickedUp",
        "InTransit_Arrival",
        "Delivered_Other",
    ]
    assert found.scans[-1].occurred_at == datetime(2025, 1, 5, 17, tzinfo=UTC)


def test_lines_of_one_moment_are_turned_round_too() -> None:
    found = track_of(an_event("OutForDelivery_Other"), an_event("InTransit_Arrival"))
    assert [scan.carrier_code for scan in found.scans] == ["InTransit_Arrival", "OutForDelivery_Other"]


@pytest.mark.parametrize(
    ("fields", "moment", "printed"),
    [
        ({}, datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC), "2025-01-02 03:04:05"),
        ({"time_utc": None}, datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC), "2025-01-02 03:04:05"),
        ({"time_raw": None}, datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC), "2025-01-02T03:04:05+08:00"),
        (
            {"time_raw": None, "time_iso": None},
            datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC),
            "2025-01-01T19:04:05Z",
        ),
        (
            {"time_utc": None, "time_iso": None},
            datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC),
            "2025-01-02 03:04:05",
        ),
        (
            {"time_utc": None, "time_iso": None, "address": {"country": "DE"}},
            datetime(2025, 1, 2, 2, 4, 5, tzinfo=UTC),
            "2025-01-02 03:04:05",
        ),
        (
            {
                "time_utc": None,
                "time_iso": None,
                "time_raw": {"date": "2025-01-02", "time": "03:04:05", "timezone": "-05:00"},
            },
            datetime(2025, 1, 2, 8, 4, 5, tzinfo=UTC),
            "2025-01-02 03:04:05",
        ),
    ],
)
def test_a_time_is_read_however_it_is_printed(fields: Any, moment: datetime, printed: str) -> None:
    (scan,) = track_of(an_event(**fields)).scans
    assert (scan.occurred_at, scan.local_time) == (moment, printed)


def test_a_time_of_no_country_is_its_carrier_s_and_else_utc() -> None:
    nowhere = an_event(time_utc=None, time_iso=None, address=None)
    (at_home,) = track_of(nowhere).scans
    assert at_home.occurred_at == datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)
    adrift = read(an_info(tracking={"providers": [{"provider": None, "events": [nowhere]}]}))
    assert isinstance(adrift, Track)
    assert adrift.scans[0].occurred_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_line_without_any_time_is_left_out_and_said() -> None:
    found = track_of(an_event(), an_event(time_utc="x", time_iso=None, time_raw=None))
    assert (len(found.scans), found.complete) == (1, False)
    only = an_info(an_event(time_utc=None, time_iso=None, time_raw=None))
    assert type(read(only)) is UnreadableResponse


def test_the_latest_line_stands_for_a_list_that_is_not_there() -> None:
    found = read({"latest_status": {"status": "InTransit"}, "latest_event": an_event("InTransit_PickedUp")})
    assert isinstance(found, Track)
    assert found.scans[0].milestone is Milestone.PICKED_UP


def test_a_line_without_a_sub_status_is_known_by_its_stage() -> None:
    (scan,) = track_of(an_event(None, stage="Returning")).scans
    assert (scan.carrier_code, scan.milestone) == ("Returning", Milestone.RETURNING)


def test_an_unknown_sub_status_means_what_its_status_does_and_is_reported() -> None:
    found = track_of(an_event("DeliveryFailure_Flood"))
    assert found.scans[0].reasons == (Reason.FAILED_ATTEMPT,)
    assert found.unmapped_codes == ("DeliveryFailure_Flood",)


def test_the_state_speaks_for_a_newest_line_without_a_code() -> None:
    found = track_of(an_event(None), an_event(None, "2025-01-01T00:00:00+08:00"), state="Exception_Damage")
    assert [scan.milestone for scan in found.scans] == [Milestone.UNKNOWN, Milestone.EXCEPTION]
    assert found.scans[-1].reasons == (Reason.DAMAGED,)
    unknown = track_of(an_event(None), state="Vanished_Quite")
    assert (unknown.scans[0].milestone, unknown.unmapped_codes) == (Milestone.UNKNOWN, ("Vanished_Quite",))


@pytest.mark.parametrize(
    ("code", "state", "milestone"),
    [
        ("AvailableForPickup_Other", "Delivered_Other", Milestone.DELIVERED),
        ("Exception_Returning", "Exception_Returned", Milestone.RETURNED),
        ("InTransit_Other", "Exception_Cancel", Milestone.CANCELLED),
        ("Delivered_Other", "Delivered", Milestone.DELIVERED),
        ("InTransit_Other", "Expired_Other", Milestone.IN_TRANSIT),
        ("OutForDelivery_Other", "InTransit_Other", Milestone.OUT_FOR_DELIVERY),
    ],
)
def test_only_the_end_of_a_parcel_counts_before_its_newest_line(
    code: str, state: str, milestone: Milestone
) -> None:
    assert track_of(an_event(code), state=state).scans[-1].milestone is milestone


def test_a_parcel_that_is_lost_is_lost_whatever_trouble_its_newest_line_tells() -> None:
    assert track_of(an_event("Exception_Other"), state="Exception_Lost").scans[-1].reasons == (Reason.LOST,)


def test_whoever_signs_after_a_return_is_the_shipper() -> None:
    found = track_of(
        an_event("Delivered_Other"), an_event("Exception_Returning", "2025-01-01T00:00:00+08:00")
    )
    assert found.scans[-1].milestone is Milestone.RETURNED


def test_customs_at_work_is_no_trouble() -> None:
    assert track_of(an_event("InTransit_CustomsProcessing")).scans[0].reasons == ()
    assert track_of(an_event("InTransit_CustomsRequiringInformation")).scans[0].reasons == (Reason.HELD,)


def test_the_estimate_ends_when_it_ends_on_the_recipient_s_clock() -> None:
    def eta(start: str | None, end: str | None) -> datetime | None:
        estimate = {"estimated_delivery_date": {"source": "Official", "from": start, "to": end}}
        home = {"recipient_address": {"country": "DE"}}
        return track_of(an_event(), time_metrics=estimate, shipping_info=home).eta

    assert eta("2025-01-04T00:00:00+08:00", "2025-01-05T18:00:00+08:00") == datetime(
        2025, 1, 5, 10, tzinfo=UTC
    )
    assert eta("2025-01-04T18:00:00", None) == datetime(2025, 1, 4, 17, tzinfo=UTC)
    assert eta(None, None) is None


@pytest.mark.parametrize(
    ("number", "new"),
    [("9400000000000000000001", "9400000000000000000001"), ("rr123456789cn", None), (None, None)],
)
def test_the_last_carrier_s_number_is_the_new_one(number: str | None, new: str | None) -> None:
    assert track_of(an_event(), misc_info={"local_number": number}).new_tracking_number == new


def test_the_place_is_the_city_else_what_is_printed() -> None:
    assert track_of(an_event()).scans[0].city == "Test City"
    assert track_of(an_event(address={"country": "CN", "city": "上海市"})).scans[0].city == "上海市"


def test_a_translation_stands_for_a_missing_description() -> None:
    (scan,) = track_of(an_event(description=None, description_translation="Ankunft")).scans
    assert scan.text == "Ankunft"
