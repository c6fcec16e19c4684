"""UPS Track Alert: asked for by number, proved by the secret that we gave, one event in each call."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.contract import Account, Milestone, PushRequest, Query, Scan, Stamp, Subscription, Track
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    ShipmentError,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.worldwide import ups

ACCOUNT = Account("ups-1", "ups", {"client_id": "demo", "client_secret": "demo-secret"})
STAMP = Stamp(at=datetime(2026, 2, 3, 12, tzinfo=UTC), nonce="n1")
QUERY, OTHER = Query("ups", "1Z5R89390357567127"), Query("ups", "1Z879E930346834440")
WISH = Subscription("https://hooks.example.com/ups", "my-long-random")
# the body of the vendor's documents, with another place
EVENT = {
    "trackingNumber": "1Z5R89390357567127",
    "localActivityDate": "20260203",
    "localActivityTime": "064200",
    "activityLocation": {
        "city": "Springfield",
        "stateProvince": "IL",
        "postalCode": "62701",
        "country": "US",
    },
    "activityStatus": {
        "type": "I",
        "code": "OT",
        "description": "Out For Delivery Today",
        "descriptionCode": "021",
    },
    "scheduledDeliveryDate": "20260203",
    "actualDeliveryDate": "",
    "actualDeliveryTime": "",
    "gmtActivityDate": "20260203",
    "gmtActivityTime": "114200",
    "gmtOffset": "-05.00",
    "deliveryStartTime": "141500",
    "deliveryEndTime": "181500",
    "deliveryTimeDescription": "Estimated Delivery",
    "deliveryPhoto": "",
    "alternateTrackingNumber": "",
    "receivedBy": "",
}


def a_push(credential: str | None = "my-long-random", **changes: Any) -> PushRequest:
    headers = {"user-agent": "UPSPubSubTrackingService"}
    if credential is not None:
        headers["credential"] = credential
    return PushRequest(headers, {}, json.dumps(EVENT | changes).encode())


def track_of(**changes: Any) -> Track | None:
    (pushed,) = ups.read_push(a_push(**changes), ACCOUNT)
    assert (pushed.carrier, pushed.tracking_number, pushed.ended) == ("ups", "1Z5R89390357567127", None)
    assert pushed.answer is None or isinstance(pushed.answer, Track)
    return pushed.answer


def scan_of(**changes: Any) -> Scan:
    found = track_of(**changes)
    assert found
    (scan,) = found.scans
    return scan


def levels(kind: str, code: str, status: object) -> dict[str, Any]:
    return {"type": kind, "code": code, "description": "One event", "descriptionCode": status}


def answered(status: int, body: object, *queries: Query) -> dict[Query, ShipmentError | None]:
    response = httpx.Response(status, content=json.dumps(body).encode())
    return dict(ups.read_subscription(response, queries or (QUERY,)))


def refused(code: str, **more: Any) -> dict[str, Any]:
    return {"response": {"errors": [{"code": code, "message": "words"}]}} | more


def test_a_subscription_names_the_numbers_and_where_to_call_with_which_secret() -> None:
    request = ups.subscribe([QUERY, OTHER], ACCOUNT, STAMP, WISH)
    assert str(request.url) == "https://onlinetools.ups.com/api/track/v1/subscription/standard/package"
    assert json.loads(request.content) == {
        "locale": "en_US",
        "countryCode": "US",
        "trackingNumberList": ["1Z5R89390357567127", "1Z879E930346834440"],
        "destination": {
            "url": "https://hooks.example.com/ups",
            "credentialType": "Bearer",
            "credential": "my-long-random",
        },
    }
    assert (request.headers["transId"], request.headers["transactionSrc"]) == ("n1", "parcel-watcher")


def test_a_subscription_is_never_above_a_hundred_numbers_and_never_empty() -> None:
    assert ups.PUSH.batch_size == 100
    for queries in ([], [QUERY] * 101):
        with pytest.raises(ValueError, match="numbers in one call"):
            ups.subscribe(queries, ACCOUNT, STAMP, WISH)


def test_the_numbers_that_are_no_parcels_of_ups_are_refused() -> None:
    body = {"validTrackingNumbers": ["1z5R89390357567127"], "invalidTrackingNumbers": ["1Z879E930346834440"]}
    third = Query("ups", "K1506235620")
    found = answered(200, body, QUERY, OTHER, third)
    assert found[QUERY] is None
    assert type(found[OTHER]) is InvalidNumber
    assert type(found[third]) is ShipmentError


def test_when_none_is_right_all_are_refused() -> None:
    body = refused("VSS210", invalidTrackingNumbers=[QUERY.tracking_number])
    found = answered(400, body, QUERY, OTHER)
    assert {type(error) for error in found.values()} == {InvalidNumber}


def test_which_of_several_is_to_blame_is_told_by_asking_one_by_one() -> None:
    with pytest.raises(InvalidNumber):
        answered(400, refused("VSS215"), QUERY, OTHER)
    assert type(answered(400, refused("VSS215"))[QUERY]) is InvalidNumber


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (500, "VSS100", SourceUnavailable),
        (400, "VSS220", UnreadableResponse),
        (400, "VSS600", UnreadableResponse),
        (401, "251004", AuthenticationFailed),
        (404, "404", UnreadableResponse),
    ],
)
def test_a_subscription_that_fails_as_a_whole_is_typed(
    status: int, code: str, error: type[CarrierError]
) -> None:
    with pytest.raises(error) as caught:
        answered(status, refused(code))
    assert type(caught.value) is error


def test_an_answer_without_lists_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        answered(200, {})


@pytest.mark.parametrize(
    ("credential", "secret", "right"),
    [
        ("my-long-random", "my-long-random", True),
        ("my-long-randoM", "my-long-random", False),
        ("我", "my-long-random", False),
        ("", "", False),
        (None, "my-long-random", False),
        (None, "", False),
    ],
)
def test_a_push_is_proved_by_the_secret_that_we_gave(
    credential: str | None, secret: str, *, right: bool
) -> None:
    assert ups.verify(a_push(credential), ACCOUNT, secret) is right


def test_an_event_is_read_like_a_line_and_is_no_whole_history() -> None:
    found = track_of()
    assert found
    assert not found.complete
    (scan,) = found.scans
    assert scan.occurred_at == datetime(2026, 2, 3, 11, 42, tzinfo=UTC)
    assert (scan.local_time, scan.city) == ("2026-02-03 06:42:00", "Springfield")
    assert (scan.milestone, scan.text) == (Milestone.OUT_FOR_DELIVERY, "Out For Delivery Today")
    assert scan.carrier_code == "I/OT/021"


def test_the_distance_from_greenwich_has_a_dot() -> None:
    scan = scan_of(gmtActivityDate="", gmtActivityTime="")
    assert scan.occurred_at == datetime(2026, 2, 3, 11, 42, tzinfo=UTC)


@pytest.mark.parametrize("status", [21, "21", "021"])
def test_the_description_code_is_the_status_code_whatever_its_shape(status: object) -> None:
    scan = scan_of(activityStatus=levels("I", "OT", status))
    assert (scan.milestone, scan.carrier_code) == (Milestone.OUT_FOR_DELIVERY, "I/OT/021")


def test_a_number_may_have_blanks_around_it() -> None:
    assert track_of(trackingNumber=" 1z5R89390357567127")


def test_who_took_it_is_told_of_a_delivery_alone() -> None:
    assert scan_of(activityStatus=levels("D", "FS", "011"), receivedBy="张三").signed_by == "张三"
    assert scan_of(receivedBy="张三").signed_by is None


def test_another_number_is_followed() -> None:
    found = track_of(alternateTrackingNumber="1Z879E930346834440")
    assert found
    assert found.new_tracking_number == "1Z879E930346834440"


@pytest.mark.parametrize("code", ["PX", "UP", "UT"])
def test_an_update_is_a_hint_to_ask(code: str) -> None:
    assert track_of(activityStatus=levels("U", code, "021")) is None


def test_an_event_without_a_time_is_a_hint_to_ask() -> None:
    times = ("localActivityDate", "localActivityTime", "gmtActivityDate", "gmtActivityTime")
    assert track_of(**dict.fromkeys(times, "")) is None


@pytest.mark.parametrize("number", ["", None])
def test_a_push_that_names_no_number_is_unreadable(number: str | None) -> None:
    with pytest.raises(UnreadableResponse):
        track_of(trackingNumber=number)


def test_the_reply_is_its_status() -> None:
    taken = ups.acknowledge(a_push(), ACCOUNT, accepted=True)
    again = ups.acknowledge(a_push(), ACCOUNT, accepted=False)
    assert (taken.status, taken.body) == (200, b"")
    assert (again.status, again.body) == (503, b"")
