"""AfterShip's oddities, one test each. Answers are made after the vendor's documentation, numbers invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.aggregators import aftership
from carriers.contract import Account, Milestone, Query, Reason, Stamp, Subscription, Track
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("a-1", "aftership", {"api_key": "asat_demo_key"})
SIGNING = replace(ACCOUNT, credentials={"api_key": "asat_demo_key", "api_secret": "asak_demo_secret"})
STAMP = Stamp(at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), nonce="n")
WISH = Subscription("https://example.test/hooks/aftership", "salt")
UPS = Query("ups", "1Z0000000000000000")
SF = Query("sf", "SF0000000000000", phone_tail="0000")
YTO = Query("yto", "YT0000000000000", phone_tail="0000")


def a_checkpoint(subtag: str | None = "InTransit_001", at: str = "2025-01-02T03:04:05", **fields: Any) -> Any:
    """A checkpoint as the vendor prints it."""
    return {
        "tag": (subtag or "").partition("_")[0] or None,
        "subtag": subtag,
        "message": "Arrived",
        "checkpoint_time": at,
        "location": "Test City",
        "city": None,
        "country_region": "CHN",
        "country_region_name": "China",
    } | fields


def a_tracking(
    *checkpoints: Any, query: Query = UPS, state: str | None = None, **fields: Any
) -> dict[str, Any]:
    """All that is known of a number, oldest first."""
    return {
        "tracking_number": query.tracking_number,
        "slug": aftership.INFO.carriers[query.carrier],
        "active": True,
        "tag": (state or "").partition("_")[0] or None,
        "subtag": state,
        "checkpoints": list(checkpoints),
    } | fields


def an_answer(*trackings: Any, goes_on: bool = False) -> httpx.Response:
    data = {"pagination": {"total": 1, "has_next_page": goes_on}, "trackings": list(trackings)}
    return httpx.Response(200, json={"meta": {"code": 200}, "data": data})


def read(tracking: Any, query: Query = UPS) -> object:
    return aftership.read(an_answer(tracking), [query])[query]


def track_of(*checkpoints: Any, query: Query = UPS, **fields: Any) -> Track:
    found = read(a_tracking(*checkpoints, query=query, **fields), query)
    assert isinstance(found, Track)
    return found


def refused(code: int, status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"meta": {"code": code}, "data": {}}, headers=headers)


def test_the_question_is_a_list_of_numbers_with_the_key_in_a_header() -> None:
    request = aftership.request([replace(UPS, tracking_number="1z0000000000000000"), SF], ACCOUNT, STAMP)
    assert str(request.url) == (
        "https://api.aftership.com/tracking/2025-01/trackings?limit=100"
        "&tracking_numbers=1Z0000000000000000,SF0000000000000"
    )
    assert (request.method, request.content) == ("GET", b"")
    assert request.headers["as-api-key"] == "asat_demo_key"
    assert "as-signature-hmac-sha256" not in request.headers
    assert "date" not in request.headers


def test_what_stands_in_a_number_breaks_no_address() -> None:
    request = aftership.request([replace(UPS, tracking_number="A/1&B=2 C")], ACCOUNT, STAMP)
    assert parse_qs(request.url.query.decode())["tracking_numbers"] == ["A/1&B=2 C"]


def test_a_question_is_signed_where_the_account_can() -> None:
    request = aftership.request([UPS], SIGNING, STAMP)
    assert request.headers["date"] == "Thu, 02 Jan 2025 03:04:05 GMT"
    signed = (
        "GET\n\n\nThu, 02 Jan 2025 03:04:05 GMT\nas-api-key:asat_demo_key\n"
        "/tracking/2025-01/trackings?limit=100&tracking_numbers=1Z0000000000000000"
    )
    due = aftership.hmac_sha256_base64(signed.encode(), "asak_demo_secret")
    assert request.headers["as-signature-hmac-sha256"] == due


def test_a_creation_is_signed_as_documented() -> None:
    request = aftership.subscribe([UPS], SIGNING, STAMP, WISH)
    assert str(request.url) == "https://api.aftership.com/tracking/2025-01/trackings"
    assert request.content == b'{"tracking_number":"1Z0000000000000000","slug":"ups"}'
    assert request.headers["content-type"] == "application/json"
    assert request.headers["as-signature-hmac-sha256"] == "QHcFL/0v6LcNkNFP28jhMPk6txQDnZWjgbfIctqF8J0="


def created(query: Query, **options: str) -> dict[str, Any]:
    request = aftership.subscribe([query], replace(ACCOUNT, options=options), STAMP, WISH)
    document: dict[str, Any] = json.loads(request.content)
    return document


def test_a_tail_leaves_the_house_only_for_carriers_that_want_it_and_as_the_option_says() -> None:
    assert created(SF)["customers"] == [{"phone_number": "0000"}]
    assert created(SF, phone_tail_field="tracking_key")["tracking_key"] == "0000"
    for document in (
        created(SF, phone_tail_field="none"),
        created(YTO),
        created(replace(SF, phone_tail=None)),
    ):
        assert document.keys() == {"tracking_number", "slug"}
    with pytest.raises(ValueError, match="phone_tail_field"):
        created(SF, phone_tail_field="email")


def test_an_option_respells_a_carrier() -> None:
    assert created(YTO, slug_yto="yto-express")["slug"] == "yto-express"


def test_slugs_lead_back_to_one_carrier_each() -> None:
    assert len(set(aftership.INFO.carriers.values())) == len(aftership.INFO.carriers)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (refused(401, 401), AuthenticationFailed),
        (refused(403, 403), AccessDenied),
        (refused(404, 404), AccessDenied),
        (refused(500, 200), SourceUnavailable),
        (httpx.Response(404, content=b"<html>"), UnreadableResponse),
        (httpx.Response(503, json={"meta": {"code": 200}, "data": {"trackings": []}}), SourceUnavailable),
    ],
)
def test_the_code_in_the_body_counts_before_the_http_error(
    response: httpx.Response, error: type[CarrierError]
) -> None:
    with pytest.raises(error) as caught:
        aftership.read(response, [UPS, SF])
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        (4004, 404, NotFoundYet),
        (4005, 400, InvalidNumber),
        (4011, 400, OwnershipRefused),
        (4012, 400, InvalidNumber),
    ],
)
def test_a_code_about_a_number_is_the_answer_of_the_only_one(
    code: int, status: int, error: type[CarrierError]
) -> None:
    assert type(aftership.read(refused(code, status), [UPS])[UPS]) is error
    with pytest.raises(error):
        aftership.read(refused(code, status), [UPS, SF])


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "1735787050", "Date": "Thu, 02 Jan 2025 03:04:05 GMT"}, timedelta(seconds=5)),
        ({"X-RateLimit-Reset": "1735787000", "Date": "Thu, 02 Jan 2025 03:04:05 GMT"}, timedelta()),
        ({"X-RateLimit-Reset": "1735787050"}, None),
        ({"X-RateLimit-Reset": "3"}, timedelta(seconds=3)),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "3", "Retry-After": "12"}, timedelta(seconds=12)),
        ({}, None),
    ],
)
@pytest.mark.parametrize("body", [b"", b'{"meta":{"code":429},"data":{}}'])
def test_a_header_of_its_own_says_how_long_to_wait(
    headers: dict[str, str], wait: timedelta | None, body: bytes
) -> None:
    response = httpx.Response(429, content=body, headers=headers)
    with pytest.raises(RateLimited) as asked:
        aftership.read(response, [UPS])
    with pytest.raises(RateLimited) as wished:
        aftership.read_subscription(response, [UPS])
    assert asked.value.retry_after == wished.value.retry_after == wait


def test_a_number_that_nobody_created_is_not_found_yet() -> None:
    answers = aftership.read(an_answer(a_tracking(a_checkpoint())), [UPS, SF])
    assert isinstance(answers[UPS], Track)
    assert type(answers[SF]) is NotFoundYet
    assert type(aftership.read(an_answer(), [UPS])[UPS]) is NotFoundYet


def test_a_list_that_goes_on_leaves_what_is_missing_unread() -> None:
    answers = aftership.read(an_answer(a_tracking(a_checkpoint()), goes_on=True), [UPS, SF])
    assert isinstance(answers[UPS], Track)
    assert type(answers[SF]) is UnreadableResponse


@pytest.mark.parametrize("state", ["Pending_001", "Pending_004", "InfoReceived_001", None])
def test_a_tracking_without_checkpoints_is_not_found_yet(state: str | None) -> None:
    assert type(read(a_tracking(state=state))) is NotFoundYet
    assert type(read(a_tracking(state=state, checkpoints=None))) is NotFoundYet


def test_an_answer_about_strangers_is_no_answer() -> None:
    with pytest.raises(UnreadableResponse):
        aftership.read(an_answer(a_tracking(a_checkpoint())), [SF])


def test_the_same_number_at_two_carriers_is_told_apart_by_its_slug() -> None:
    other = replace(UPS, carrier="usps")
    told = an_answer(
        a_tracking(a_checkpoint("Delivered_001"), query=other), a_tracking(a_checkpoint("InTransit_002"))
    )
    answers = aftership.read(told, [UPS, other])
    assert {
        query.carrier: answer.scans[0].milestone
        for query, answer in answers.items()
        if isinstance(answer, Track)
    } == {"ups": Milestone.PICKED_UP, "usps": Milestone.DELIVERED}


def test_a_slug_that_an_option_respelt_is_found_all_the_same() -> None:
    assert isinstance(read(a_tracking(a_checkpoint(), query=YTO, slug="yto-express"), YTO), Track)


@pytest.mark.parametrize(
    ("query", "fields", "moment"),
    [
        (UPS, {}, datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)),
        (UPS, {"country_region_name": None}, datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)),
        (
            UPS,
            {"country_region": "DEU", "country_region_name": "Germany"},
            datetime(2025, 1, 2, 2, 4, 5, tzinfo=UTC),
        ),
        (
            UPS,
            {"country_region": None, "country_region_name": None},
            datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        ),
        (
            YTO,
            {"country_region": None, "country_region_name": None},
            datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC),
        ),
        (
            UPS,
            {"checkpoint_time": "2025-01-02T03:04:05-05:00"},
            datetime(2025, 1, 2, 8, 4, 5, tzinfo=UTC),
        ),
    ],
)
def test_a_time_without_a_zone_is_the_clock_of_the_place(
    query: Query, fields: dict[str, Any], moment: datetime
) -> None:
    (scan,) = track_of(a_checkpoint(**fields), query=query).scans
    assert scan.occurred_at == moment
    assert scan.local_time == fields.get("checkpoint_time", "2025-01-02T03:04:05")


def test_a_checkpoint_without_a_time_is_left_out_and_said() -> None:
    found = track_of(a_checkpoint(), a_checkpoint(at="soon"))
    assert (len(found.scans), found.complete) == (1, False)
    assert type(read(a_tracking(a_checkpoint(at="soon")))) is UnreadableResponse


def test_a_checkpoint_without_a_subtag_is_known_by_its_tag() -> None:
    (scan,) = track_of(a_checkpoint(None, tag="AvailableForPickup")).scans
    assert (scan.carrier_code, scan.milestone) == ("AvailableForPickup", Milestone.READY_FOR_PICKUP)


@pytest.mark.parametrize(
    ("subtag", "tag"), [("AttemptFail_099", "AttemptFail"), ("AttemptFail_099", None), ("F99", "AttemptFail")]
)
def test_an_unknown_subtag_means_what_its_tag_does_and_is_reported(subtag: str, tag: str | None) -> None:
    found = track_of(a_checkpoint(subtag, tag=tag))
    assert found.scans[0].reasons == (Reason.FAILED_ATTEMPT,)
    assert found.unmapped_codes == (subtag,)


def test_the_state_speaks_for_a_newest_checkpoint_without_a_code() -> None:
    found = track_of(a_checkpoint(None, "2025-01-01T00:00:00"), a_checkpoint(None), state="Exception_012")
    assert [scan.milestone for scan in found.scans] == [Milestone.UNKNOWN, Milestone.EXCEPTION]
    assert found.scans[-1].reasons == (Reason.DAMAGED,)
    unknown = track_of(a_checkpoint(None), state="Vanished_001")
    assert (unknown.scans[0].milestone, unknown.unmapped_codes) == (Milestone.UNKNOWN, ("Vanished_001",))


@pytest.mark.parametrize(
    ("code", "state", "milestone", "reasons"),
    [
        ("AvailableForPickup_001", "Delivered_002", Milestone.DELIVERED, ()),
        ("Exception_010", "Exception_011", Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
        ("Exception_001", "Exception_013", Milestone.EXCEPTION, (Reason.LOST,)),
        ("InTransit_001", "Exception_020", Milestone.CANCELLED, ()),
        ("Delivered_005", "Delivered_001", Milestone.DELIVERED_TO_PROXY, ()),
        ("InTransit_001", "Expired_001", Milestone.IN_TRANSIT, ()),
        ("OutForDelivery_001", "InTransit_001", Milestone.OUT_FOR_DELIVERY, ()),
        ("Pending_001", "InTransit_001", Milestone.UNKNOWN, ()),
    ],
)
def test_only_the_end_of_a_parcel_counts_before_its_newest_checkpoint(
    code: str, state: str, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    newest = track_of(a_checkpoint(code), state=state).scans[-1]
    assert (newest.milestone, newest.reasons) == (milestone, reasons)


def test_whoever_signs_after_a_return_is_the_shipper() -> None:
    found = track_of(a_checkpoint("Exception_010", "2025-01-01T00:00:00"), a_checkpoint("Delivered_001"))
    assert found.scans[-1].milestone is Milestone.RETURNED


def test_customs_at_work_is_no_trouble() -> None:
    assert track_of(a_checkpoint("InTransit_006")).scans[0].reasons == ()
    assert track_of(a_checkpoint("Exception_004")).scans[0].reasons == (Reason.HELD,)


def test_who_signed_belongs_to_the_last_checkpoint_if_that_tells_of_it() -> None:
    def signers(last: str) -> list[str | None]:
        first = a_checkpoint("OutForDelivery_001", "2025-01-01T00:00:00")
        return [scan.signed_by for scan in track_of(first, a_checkpoint(last), signed_by="测试").scans]

    assert signers("Delivered_003") == [None, "测试"]
    assert signers("InTransit_001") == [None, None]


def test_the_estimate_is_the_newest_and_ends_when_it_ends() -> None:
    def eta(**fields: Any) -> datetime | None:
        return track_of(a_checkpoint(), destination_country_region="DEU", **fields).eta

    courier = {"estimated_delivery_date": "2025-01-06T18:00:00+00:00", "estimated_delivery_date_max": None}
    latest = {"datetime": "2025-01-05T10:00:00", "datetime_min": None, "datetime_max": "2025-01-05T18:00:00"}
    both = {"latest_estimated_delivery": latest, "courier_estimated_delivery_date": courier}
    assert eta(**both) == datetime(2025, 1, 5, 17, tzinfo=UTC)
    assert eta(courier_estimated_delivery_date=courier) == datetime(2025, 1, 6, 18, tzinfo=UTC)
    assert eta(latest_estimated_delivery={"datetime": "2025-01-05"}) is None
    assert eta() is None


@pytest.mark.parametrize(
    ("number", "new"), [("9400000000000000000001", "9400000000000000000001"), (None, None)]
)
def test_the_last_carrier_s_number_is_the_new_one(number: str | None, new: str | None) -> None:
    assert track_of(a_checkpoint(), last_mile={"tracking_number": number}).new_tracking_number == new
    same = track_of(a_checkpoint(), last_mile={"tracking_number": UPS.tracking_number})
    assert same.new_tracking_number is None


def test_the_place_is_the_city_else_what_is_printed() -> None:
    assert track_of(a_checkpoint()).scans[0].city == "Test City"
    assert track_of(a_checkpoint(city="上海市")).scans[0].city == "上海市"


@pytest.mark.parametrize(
    "response", [refused(201, 201), refused(200, 200), refused(4003, 400), refused(4003, 200)]
)
def test_a_tracking_stands_also_when_it_stood_before(response: httpx.Response) -> None:
    assert aftership.read_subscription(response, [UPS]) == {UPS: None}


@pytest.mark.parametrize(("code", "says"), aftership.RESULT_CODES.items())
def test_each_code_of_a_creation_is_its_class(code: str, says: type[CarrierError]) -> None:
    response = refused(int(code), int(code) if len(code) == 3 else 400)
    if issubclass(says, InvalidNumber | OwnershipRefused | NotFoundYet):
        assert type(aftership.read_subscription(response, [UPS])[UPS]) is says
    else:
        with pytest.raises(says) as caught:
            aftership.read_subscription(response, [UPS])
        assert type(caught.value) is says
