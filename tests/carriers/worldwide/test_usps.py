"""USPS: innermost codes, numbers refused among others, local times with and without GMT, tokens without their scope."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers.contract import Account, Milestone, Query, Reason, Scan, Stamp, Track
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
from carriers.worldwide import usps

STAMP = Stamp(at=datetime(2026, 2, 3, tzinfo=UTC), nonce="n")
ACCOUNT = Account("usps", "usps", {"client_id": "client-1", "client_secret": "secret-1"})
FIRST, SECOND, THIRD = (Query("usps", f"94001112062064062607{digits}") for digits in (87, 88, 89))

# The shape of the vendor's documentation, with invented places and people.
PIECE: dict[str, Any] = {
    "trackingNumber": FIRST.tracking_number,
    "mailClass": "USPS_GROUND_ADVANTAGE",
    "destinationCity": "AUSTIN",
    "destinationCountryCode": "US",
    "destinationState": "TX",
    "destinationZIP": "78701",
    "emailEnabled": True,
    "endOfDay": "by 9:00pm",
    "expectedDeliveryTimeStamp": "2026-02-03T21:00:00Z",
    "expectedDeliveryType": "Expected Delivery by",
    "guaranteedDeliveryTimeStamp": "",
    "predictedDeliveryTimeStamp": "",
    "predictedDeliveryDate": "",
    "predictedDeliveryWindowEndTime": "",
    "enabledNotificationRequests": {"SMS": {"futureDelivery": True}, "email": {"futureDelivery": True}},
    "services": ["USPS Tracking"],
    "status": "Out for Delivery",
    "statusCategory": "Out for Delivery",
    "statusSummary": "Your item is out for delivery on February 3, 2026 at 8:10 am in AUSTIN, TX 78701.",
    "trackingEvents": [
        {
            "eventType": "Out for Delivery",
            "eventTimestamp": "2026-02-03T08:10:00",
            "GMTTimestamp": "2026-02-03T14:10:00",
            "GMTOffset": "-06:00",
            "eventCountry": "",
            "eventCity": "AUSTIN",
            "eventState": "TX",
            "eventZIP": "78701",
            "firm": "",
            "name": "",
            "authorizedAgent": "false",
            "eventCode": "OF",
            "actionCode": "",
            "reasonCode": "",
            "veriPoint": "",
        },
        {
            "eventType": "Arrived at USPS Regional Facility",
            "eventTimestamp": "2026-02-02T22:30:00",
            "eventCity": "AUSTIN",
            "eventState": "TX",
            "eventCode": "A1",
        },
    ],
}


def read(document: object, *queries: Query, status: int = 200) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return usps.read(httpx.Response(status, content=body), queries or (FIRST,))


def track(**changes: Any) -> Track:
    answer = read([PIECE | changes])[FIRST]
    assert isinstance(answer, Track), answer
    return answer


def scan(**changes: Any) -> Scan:
    """The scan of one event; None takes a field away."""
    event = {
        field: value for field, value in (PIECE["trackingEvents"][0] | changes).items() if value is not None
    }
    (read_scan,) = track(trackingEvents=[event], statusCategory="").scans
    return read_scan


def refusal(code: str, *inner: str) -> dict[str, Any]:
    causes = [{"status": code, "code": one, "title": "Ann Exampleton", "detail": ""} for one in inner]
    error = {"code": code, "message": "Ann Exampleton", "errors": causes}
    return {"apiVersion": "/tracking/v3", "error": error}


def test_numbers_are_asked_about_in_one_list() -> None:
    request = usps.request([FIRST, SECOND], ACCOUNT, STAMP)
    assert request.method == "POST"
    assert str(request.url) == "https://apis.usps.com/tracking/v3r2/tracking"
    assert json.loads(request.content) == [
        {"trackingNumber": FIRST.tracking_number},
        {"trackingNumber": SECOND.tracking_number},
    ]
    assert request.headers["accept"] == "application/json"


def test_a_routing_code_before_a_number_is_not_sent_and_its_answer_is_found() -> None:
    routed = Query("usps", f"42078701{FIRST.tracking_number}")
    spaced = Query("usps", f"420787011234{FIRST.tracking_number}")
    request = usps.request([routed, spaced, SECOND], ACCOUNT, STAMP)
    numbers = [one["trackingNumber"] for one in json.loads(request.content)]
    assert numbers == [FIRST.tracking_number, SECOND.tracking_number]
    answers = read([PIECE], routed, spaced)
    assert all(isinstance(answer, Track) for answer in answers.values())
    # a number of another kind keeps its first digits
    other = Query("usps", "42078701000000000001")
    assert "42078701000000000001" in usps.request([other], ACCOUNT, STAMP).content.decode()


def test_the_older_version_is_asked_for_one_number_in_detail() -> None:
    account = replace(ACCOUNT, options={"api": "v3", "batch_size": "1"})
    request = usps.request([FIRST], account, STAMP)
    assert (request.method, request.content) == ("GET", b"")
    path = f"https://apis.usps.com/tracking/v3/tracking/{FIRST.tracking_number}"
    assert str(request.url) == f"{path}?expand=DETAIL"
    assert isinstance(read(PIECE)[FIRST], Track)


@pytest.mark.parametrize("options", [{"api": "v3"}, {"api": "v3", "batch_size": "2"}])
def test_the_older_version_wants_batches_of_one(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="set option batch_size to 1"):
        usps.request([FIRST], replace(ACCOUNT, options=options), STAMP)


@pytest.mark.parametrize(
    "options",
    [{"api": "v4"}, {"batch_size": "36"}, {"batch_size": "0"}, {"batch_size": "x"}, {"push_hmac": "maybe"}],
)
def test_a_wrong_option_shows_with_the_first_question(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="option"):
        usps.request([FIRST], replace(ACCOUNT, options=options), STAMP)


def test_the_path_is_a_setting() -> None:
    account = replace(
        ACCOUNT, options={"path": "/tracking/v4/tracking"}, base_url="https://apis-tem.usps.com/"
    )
    assert str(usps.request([FIRST], account, STAMP).url) == "https://apis-tem.usps.com/tracking/v4/tracking"


def test_an_answer_is_read_whole() -> None:
    found = track()
    assert found.complete
    assert found.unmapped_codes == ()
    assert [(scan.carrier_code, scan.milestone) for scan in found.scans] == [
        ("A1", Milestone.IN_TRANSIT),
        ("OF", Milestone.OUT_FOR_DELIVERY),
    ]
    assert [scan.occurred_at for scan in found.scans] == [
        datetime(2026, 2, 3, 4, 30, tzinfo=UTC),
        datetime(2026, 2, 3, 14, 10, tzinfo=UTC),
    ]
    assert found.scans[1].local_time == "2026-02-03T08:10:00"
    assert found.scans[1].text == "Out for Delivery"
    assert found.scans[1].city == "AUSTIN"


@pytest.mark.parametrize(
    ("changes", "moment"),
    [
        # GMT counts, whatever stands beside it
        ({"GMTOffset": "+09:00"}, datetime(2026, 2, 3, 14, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "2026-02-03T14:10:00Z"}, datetime(2026, 2, 3, 14, 10, tzinfo=UTC)),
        # without it, the distance from it
        ({"GMTTimestamp": "", "GMTOffset": "-07:00"}, datetime(2026, 2, 3, 15, 10, tzinfo=UTC)),
        ({"GMTTimestamp": None, "GMTOffset": "-0700"}, datetime(2026, 2, 3, 15, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "soon", "GMTOffset": "-420"}, datetime(2026, 2, 3, 15, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "", "GMTOffset": -420}, datetime(2026, 2, 3, 15, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "", "GMTOffset": "0"}, datetime(2026, 2, 3, 8, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "", "GMTOffset": "480"}, datetime(2026, 2, 3, 0, 10, tzinfo=UTC)),
        # without either, the clock of the place; a distance that no place has counts as none
        ({"GMTTimestamp": "", "GMTOffset": ""}, datetime(2026, 2, 3, 14, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "", "GMTOffset": "-99:00"}, datetime(2026, 2, 3, 14, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "", "GMTOffset": "", "eventState": "CA"}, datetime(2026, 2, 3, 16, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "", "GMTOffset": "", "eventState": "hi"}, datetime(2026, 2, 3, 18, 10, tzinfo=UTC)),
        ({"GMTTimestamp": "", "GMTOffset": "", "eventState": ""}, datetime(2026, 2, 3, 13, 10, tzinfo=UTC)),
        (
            {"GMTTimestamp": "", "GMTOffset": "", "eventState": "", "eventCountry": "CHINA"},
            datetime(2026, 2, 3, 0, 10, tzinfo=UTC),
        ),
        (
            {"GMTTimestamp": "", "GMTOffset": "", "eventState": "", "eventCountry": "ATLANTIS"},
            datetime(2026, 2, 3, 13, 10, tzinfo=UTC),
        ),
        # in summer another one
        (
            {"eventTimestamp": "2026-07-03T08:10:00", "GMTTimestamp": "", "GMTOffset": ""},
            datetime(2026, 7, 3, 13, 10, tzinfo=UTC),
        ),
    ],
)
def test_a_local_time_is_read_by_gmt_by_its_distance_or_by_the_place(
    changes: dict[str, Any], moment: datetime
) -> None:
    assert scan(**changes).occurred_at == moment


def test_a_z_behind_a_local_time_is_not_meant() -> None:
    found = scan(eventTimestamp="2026-02-03T08:10:00Z", GMTTimestamp="", GMTOffset="")
    assert found.occurred_at == datetime(2026, 2, 3, 14, 10, tzinfo=UTC)
    assert found.local_time == "2026-02-03T08:10:00"


def test_a_line_without_a_local_time_shows_gmt() -> None:
    assert scan(eventTimestamp="").local_time == "2026-02-03T14:10:00"


def test_a_line_without_any_time_is_left_out() -> None:
    event = PIECE["trackingEvents"][0] | {"eventTimestamp": "", "GMTTimestamp": ""}
    found = track(trackingEvents=[event, PIECE["trackingEvents"][1]])
    assert not found.complete
    assert [scan.carrier_code for scan in found.scans] == ["A1"]


@pytest.mark.parametrize("said", ["true", "True", True])
def test_who_signs_as_an_agent_makes_it_a_delivery_to_a_proxy(said: object) -> None:
    found = scan(eventCode="01", authorizedAgent=said, name="A EXAMPLE", firm="EXAMPLE INC")
    assert (found.milestone, found.signed_by) == (Milestone.DELIVERED_TO_PROXY, "A EXAMPLE")
    assert scan(eventCode="01", authorizedAgent="false").milestone is Milestone.DELIVERED
    assert scan(eventCode="OF", authorizedAgent=said).milestone is Milestone.OUT_FOR_DELIVERY


def test_a_firm_signs_where_no_person_does_and_nobody_signs_for_what_is_no_delivery() -> None:
    assert scan(eventCode="01", firm="EXAMPLE INC").signed_by == "EXAMPLE INC"
    assert scan(eventCode="02", name="A EXAMPLE").signed_by is None


def test_the_foreign_pair_is_reported_and_the_event_counts() -> None:
    event = PIECE["trackingEvents"][0] | {"eventCode": "H0", "actionCode": "21", "reasonCode": "4"}
    found = track(trackingEvents=[event])
    assert found.scans[0].reasons == (Reason.FAILED_ATTEMPT,)
    assert found.scans[0].carrier_code == "H0"
    assert found.unmapped_codes == ("event/H0/21/4",)
    assert track(trackingEvents=[event | {"eventCode": "02"}]).unmapped_codes == ()


@pytest.mark.parametrize(
    ("category", "milestone", "reasons"),
    [
        ("Delivered to Agent", Milestone.DELIVERED_TO_PROXY, ()),
        ("IN-TRANSIT", Milestone.IN_TRANSIT, ()),
        ("out-for-delivery", Milestone.OUT_FOR_DELIVERY, ()),
        ("Pre Shipment", Milestone.PRE_TRANSIT, ()),
        ("Delivery Attempt", Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
    ],
)
def test_the_category_speaks_where_the_newest_code_says_nothing(
    category: str, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    newest, before = PIECE["trackingEvents"]
    for code, unmapped in (("", ()), ("Q9", ("event/Q9",))):
        found = track(statusCategory=category, trackingEvents=[newest | {"eventCode": code}, before])
        assert (found.scans[-1].milestone, found.scans[-1].reasons) == (milestone, reasons)
        assert found.unmapped_codes == unmapped
        assert found.scans[0].milestone is Milestone.IN_TRANSIT


def test_the_category_says_nothing_against_a_code_that_is_known() -> None:
    assert track(statusCategory="Delivered").scans[-1].milestone is Milestone.OUT_FOR_DELIVERY


def test_a_category_that_no_table_holds_is_reported() -> None:
    newest = PIECE["trackingEvents"][0] | {"eventCode": ""}
    found = track(statusCategory="On the Moon", trackingEvents=[newest])
    assert found.scans[0].milestone is Milestone.UNKNOWN
    assert found.unmapped_codes == ("statusCategory/On the Moon",)


_NOTHING = {"expectedDeliveryTimeStamp": "", "endOfDay": ""}


@pytest.mark.parametrize(
    ("changes", "eta"),
    [
        ({}, datetime(2026, 2, 4, 3, 0, tzinfo=UTC)),
        ({"destinationState": "CA"}, datetime(2026, 2, 4, 5, 0, tzinfo=UTC)),
        ({"expectedDeliveryTimeStamp": "2026-02-03T21:00:00-05:00"}, datetime(2026, 2, 4, 2, 0, tzinfo=UTC)),
        (_NOTHING, None),
        (
            _NOTHING | {"predictedDeliveryTimeStamp": "2026-02-05T12:00:00"},
            datetime(2026, 2, 5, 18, 0, tzinfo=UTC),
        ),
        (
            _NOTHING | {"predictedDeliveryDate": "2026-02-05", "predictedDeliveryWindowEndTime": "13:15:00"},
            datetime(2026, 2, 5, 19, 15, tzinfo=UTC),
        ),
        (
            _NOTHING | {"guaranteedDeliveryTimeStamp": "2026-02-06T18:00:00"},
            datetime(2026, 2, 7, 0, 0, tzinfo=UTC),
        ),
        # of a day alone nobody knows the hour
        (_NOTHING | {"deliveryDateExpectation": {"expectedDeliveryDate": "2026-02-05"}}, None),
        (
            _NOTHING
            | {
                "deliveryDateExpectation": {"expectedDeliveryDate": "2026-02-05", "endOfDay": "by 12:30 a.m."}
            },
            datetime(2026, 2, 5, 6, 30, tzinfo=UTC),
        ),
        (
            _NOTHING
            | {
                "deliveryDateExpectation": {
                    "expectedDeliveryDate": "2026-02-05T00:00:00Z",
                    "endOfDay": "9:00pm",
                }
            },
            datetime(2026, 2, 6, 3, 0, tzinfo=UTC),
        ),
    ],
)
def test_the_promise_is_read_on_the_clock_of_the_destination(
    changes: dict[str, Any], eta: datetime | None
) -> None:
    assert track(**changes).eta == eta


def test_the_innermost_code_counts_and_the_outer_one_where_it_says_nothing() -> None:
    error = read(refusal("404", "150006"), status=404)[FIRST]
    assert (type(error), error.code) == (InvalidNumber, "150006")
    error = read(refusal("404", "159999"), status=404)[FIRST]
    assert (type(error), error.code) == (NotFoundYet, "404")
    assert "Exampleton" not in f"{error!r}"
    with pytest.raises(UnreadableResponse) as caught:
        read(refusal("418", "159999"), status=418)
    assert caught.value.code == "159999"


def test_a_schema_that_does_not_fit_is_our_fault() -> None:
    document = {"error": {"code": "400", "message": "OASValidation of Tracking-v3 failed", "errors": []}}
    with pytest.raises(UnreadableResponse):
        read(document, status=400)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("401", AuthenticationFailed),
        ("403", AccessDenied),
        ("429", RateLimited),
        ("500", SourceUnavailable),
        ("503", SourceUnavailable),
    ],
)
def test_the_whole_call_can_be_refused_in_words(status: str, error: type[CarrierError]) -> None:
    with pytest.raises(error):
        read(refusal(status), status=int(status))


def test_how_long_to_wait_is_kept_also_beside_a_code() -> None:
    body = json.dumps(refusal("429")).encode()
    with pytest.raises(RateLimited) as caught:
        usps.read(httpx.Response(429, headers={"Retry-After": "120"}, content=body), [FIRST])
    assert caught.value.retry_after == timedelta(seconds=120)


def no(query: Query | None, code: str, *inner: str) -> dict[str, Any]:
    """A number that is refused, with or without saying which."""
    number = {"trackingNumber": query.tracking_number} if query else {}
    return number | {"statusCode": code, "error": refusal(code, *inner)["error"]}


def test_refused_numbers_stand_among_the_others() -> None:
    answers = read([no(SECOND, "404", "150003"), PIECE], FIRST, SECOND, THIRD, status=207)
    assert isinstance(answers[FIRST], Track)
    assert type(answers[SECOND]) is NotFoundYet
    assert answers[SECOND].code == "150003"
    assert type(answers[THIRD]) is NotFoundYet


def test_beside_one_number_403_is_another_mailer_s_parcel() -> None:
    answers = read([PIECE, no(SECOND, "403")], FIRST, SECOND, status=207)
    assert type(answers[SECOND]) is OwnershipRefused


def test_a_refusal_without_its_number_has_that_of_its_place() -> None:
    answers = read([PIECE, no(None, "404", "150006"), no(THIRD, "404")], FIRST, SECOND, THIRD, status=207)
    assert type(answers[SECOND]) is InvalidNumber
    assert type(answers[THIRD]) is NotFoundYet


def test_a_refusal_without_its_number_belongs_to_nobody_where_places_do_not_tell() -> None:
    for rows in (
        [no(None, "404", "150006"), PIECE],
        [PIECE, no(None, "404", "150006"), no(None, "404", "150006")],
    ):
        answers = read(rows, FIRST, SECOND, status=207)
        assert isinstance(answers[FIRST], Track)
        assert type(answers[SECOND]) is UnreadableResponse


def test_a_code_for_the_whole_call_beside_one_number_stays_there() -> None:
    answers = read([PIECE, no(SECOND, "429")], FIRST, SECOND, status=207)
    assert isinstance(answers[FIRST], Track)
    assert type(answers[SECOND]) is UnreadableResponse


@pytest.mark.parametrize("error", ["nothing found", [], {"errors": "x"}, 7])
def test_a_refusal_of_another_shape_is_not_taken_for_an_answer(error: object) -> None:
    answers = read([PIECE, PIECE | {"trackingNumber": SECOND.tracking_number, "error": error}], FIRST, SECOND)
    assert isinstance(answers[FIRST], Track)
    assert type(answers[SECOND]) is UnreadableResponse


def test_a_piece_of_another_number_may_be_that_of_any_that_is_missing() -> None:
    answers = read([PIECE, PIECE | {"trackingNumber": THIRD.tracking_number}], FIRST, SECOND)
    assert type(answers[SECOND]) is UnreadableResponse
    with pytest.raises(UnreadableResponse):
        read([PIECE], SECOND)


def test_no_events_are_nothing_yet_unless_the_category_knows_better() -> None:
    for category in ("", "Pre-Shipment", None):
        answer = read([PIECE | {"trackingEvents": [], "statusCategory": category}])[FIRST]
        assert type(answer) is NotFoundYet
    answer = read([PIECE | {"trackingEvents": None, "statusCategory": "Delivered"}])[FIRST]
    assert type(answer) is UnreadableResponse


TOKEN = {"access_token": "t-1", "token_type": "Bearer", "expires_in": "28799", "scope": "addresses tracking"}


def token(document: object, status: int = 200) -> Any:
    return usps.read_token(httpx.Response(status, content=json.dumps(document).encode()))


def test_a_token_is_asked_for_in_json_with_both_scopes() -> None:
    request = usps.token_request(ACCOUNT)
    assert str(request.url) == "https://apis.usps.com/oauth2/v3/token"
    assert json.loads(request.content) == {
        "client_id": "client-1",
        "client_secret": "secret-1",
        "grant_type": "client_credentials",
        "scope": "tracking subscriptions-tracking",
    }
    narrow = usps.token_request(replace(ACCOUNT, options={"scope": "tracking"}))
    assert json.loads(narrow.content)["scope"] == "tracking"


def test_a_token_lasts_as_long_as_it_says() -> None:
    assert token(TOKEN).lasts == timedelta(seconds=28799)
    assert token({key: value for key, value in TOKEN.items() if key != "scope"}).value == "t-1"


@pytest.mark.parametrize("scope", ["", "addresses", "subscriptions-tracking"])
def test_a_token_that_may_not_track_is_refused_at_once(scope: str) -> None:
    with pytest.raises(AccessDenied, match="scope tracking"):
        token(TOKEN | {"scope": scope})


@pytest.mark.parametrize("lasts", ["", "soon", -1, 10**9, None])
def test_a_token_without_a_believable_time_is_unreadable(lasts: object) -> None:
    with pytest.raises(UnreadableResponse):
        token(TOKEN | {"expires_in": lasts})


@pytest.mark.parametrize(
    ("word", "error"), [("invalid_client", AuthenticationFailed), ("unauthorized_client", AccessDenied)]
)
def test_refused_credentials_have_a_word(word: str, error: type[CarrierError]) -> None:
    with pytest.raises(error) as caught:
        token({"error": word, "error_description": "Ann Exampleton"}, 400)
    assert caught.value.code == word
    assert "Exampleton" not in f"{caught.value!r}"
