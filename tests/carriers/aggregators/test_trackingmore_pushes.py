"""What TrackingMore is asked to follow, and its pushes, one test for each oddity; made after its published clients."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.aggregators import trackingmore
from carriers.contract import (
    Account,
    Proof,
    Pushed,
    PushRequest,
    Query,
    Stamp,
    Subscription,
)
from carriers.errors import (
    InvalidNumber,
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    ShipmentError,
    UnreadableResponse,
)

KEY = "demo-trackingmore-key-0001"
WEBHOOK_SECRET = "00000000-1111-2222-3333-444444444444"
ACCOUNT = Account("trackingmore-1", "trackingmore", {"api_key": KEY})
STAMP = Stamp(at=datetime(2026, 1, 10, tzinfo=UTC), nonce="n")
WISH = Subscription("https://us.test/push", "salt")
UPS = Query("ups", "1Z0000000000000000")
SF = Query("sf", "SF0000000000000", phone_tail="0000")
SIGN = "d41be876ae4c2446ff70f7cd155bd57c18e2920166cc97e6c9940aedc1a9ed58"


def a_parcel(**fields: Any) -> dict[str, Any]:
    return {"tracking_number": UPS.tracking_number, "courier_code": "ups", "origin_info": None} | fields


def created(queries: list[Query], account: Account = ACCOUNT) -> Any:
    request = trackingmore.subscribe(queries, account, STAMP, WISH)
    assert (request.method, request.url.path) == ("POST", "/v4/trackings/batch")
    assert request.headers["Tracking-Api-Key"] == KEY
    return json.loads(request.content)


def test_a_creation_is_a_list_with_the_tail_where_it_is_wanted() -> None:
    assert created([UPS, SF, Query("yto", "YT1", phone_tail="0000")]) == [
        {"tracking_number": "1Z0000000000000000", "courier_code": "ups"},
        {"tracking_number": "SF0000000000000", "courier_code": "sf-express", "tracking_key": "0000"},
        {"tracking_number": "YT1", "courier_code": "yto"},
    ]


def test_what_is_unverified_of_a_creation_is_an_option() -> None:
    options = {"phone_field": "tracking_postal_code", "company_sf": "sfb2c"}
    assert created([SF], replace(ACCOUNT, options=options)) == [
        {"tracking_number": "SF0000000000000", "courier_code": "sfb2c", "tracking_postal_code": "0000"}
    ]
    assert "0000" not in created([SF], replace(ACCOUNT, options={"phone_field": ""}))[0].values()


def a_creation(success: list[Any], error: list[Any], code: int = 200, status: int = 200) -> httpx.Response:
    body = {"meta": {"code": code}, "data": {"success": success, "error": error}}
    return httpx.Response(status, content=json.dumps(body).encode())


def the_name(query: Query, code: int | None = None) -> dict[str, Any]:
    named = {
        "tracking_number": query.tracking_number,
        "courier_code": trackingmore.INFO.carriers[query.carrier],
    }
    return named | ({"errorCode": code, "errorMessage": "no"} if code else {})


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (4101, None),
        (4110, InvalidNumber),
        (4120, InvalidNumber),
        (4121, InvalidNumber),
        (4122, OwnershipRefused),
        (4130, InvalidNumber),
        (4112, ShipmentError),
        (9999, ShipmentError),
    ],
)
def test_each_number_of_a_creation_has_an_answer_of_its_own(
    code: int, error: type[ShipmentError] | None
) -> None:
    response = a_creation([the_name(UPS)], [the_name(SF, code)])
    said = trackingmore.read_subscription(response, [UPS, SF])
    assert said[UPS] is None
    assert type(said[SF]) is (error or type(None))


@pytest.mark.parametrize(("code", "error"), [(4190, QuotaExhausted), (429, RateLimited)])
def test_a_code_for_the_account_beside_one_number_fails_the_creation(
    code: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        trackingmore.read_subscription(a_creation([the_name(UPS)], [the_name(SF, code)]), [UPS, SF])


def test_a_number_that_a_creation_does_not_speak_of_is_not_followed() -> None:
    said = trackingmore.read_subscription(a_creation([the_name(UPS)], []), [UPS, SF])
    assert type(said[SF]) is ShipmentError
    with pytest.raises(UnreadableResponse):
        trackingmore.read_subscription(a_creation([], []), [UPS])


def test_a_creation_that_fails_as_a_whole_is_the_only_number_s() -> None:
    for query, code, error in ((UPS, 4101, None), (SF, 4122, OwnershipRefused)):
        response = a_creation([], [], code=code, status=400)
        assert type(trackingmore.read_subscription(response, [query])[query]) is (error or type(None))
    with pytest.raises(OwnershipRefused):
        trackingmore.read_subscription(a_creation([], [], code=4122, status=400), [UPS, SF])
    with pytest.raises(UnreadableResponse):
        trackingmore.read_subscription(a_creation([], [], code=4101, status=400), [UPS, SF])


def a_push(body: Any, **headers: str) -> PushRequest:
    return PushRequest(headers, {}, json.dumps(body).encode())


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_push_is_a_hint_to_ask_wherever_the_parcel_stands_in_it(*, wrapped: bool) -> None:
    parcel = a_parcel(delivery_status="delivered")
    pushed = trackingmore.read_push(
        a_push({"event": "x", "data": parcel} if wrapped else parcel | {"data": []}), ACCOUNT
    )
    assert pushed == (Pushed("ups", UPS.tracking_number, answer=None),)


def test_a_push_names_the_courier_as_the_options_do() -> None:
    account = replace(ACCOUNT, options={"company_sf": "sfb2c"})
    for code, carrier in (("sfb2c", "sf"), ("sf-express", "sf"), ("pigeon", "pigeon")):
        (pushed,) = trackingmore.read_push(a_push({"data": a_parcel(courier_code=code)}), account)
        assert pushed.carrier == carrier


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {"courier_code": "ups"}}, [], "x"])
def test_a_push_that_names_no_number_is_unreadable(body: Any) -> None:
    with pytest.raises(UnreadableResponse):
        trackingmore.read_push(a_push(body), ACCOUNT)


def test_only_the_timestamp_of_a_push_is_signed() -> None:
    assert trackingmore.PUSH.proof is Proof.SECRET_PATH
    account = replace(ACCOUNT, credentials={"api_key": KEY, "webhook_secret": WEBHOOK_SECRET})
    for body in ({"data": a_parcel()}, {"data": "something else"}):
        assert trackingmore.verify(a_push(body, timestamp="1735787045", signature=SIGN), account, "")
    assert trackingmore.verify(a_push({}, timestamp="1735787045", signature=SIGN.upper()), account, "")
    assert not trackingmore.verify(a_push({}, timestamp="1735787046", signature=SIGN), account, "")


@pytest.mark.parametrize(
    ("check", "signed", "unsigned", "wrong"),
    [("if_present", True, True, False), ("required", True, False, False), ("ignored", True, True, True)],
)
def test_how_strictly_a_push_is_checked_is_an_option(
    check: str, *, signed: bool, unsigned: bool, wrong: bool
) -> None:
    account = replace(
        ACCOUNT,
        credentials={"api_key": KEY, "webhook_secret": WEBHOOK_SECRET},
        options={
            "push_signature": check,
            "push_signature_header": "X-Sign",
            "push_timestamp_header": "X-Time",
        },
    )
    right = {"x-time": "1735787045", "x-sign": SIGN}
    assert trackingmore.verify(a_push({}, **right), account, "") is signed
    assert trackingmore.verify(a_push({}), account, "") is unsigned
    assert trackingmore.verify(a_push({}, **right | {"x-sign": "0" * 64}), account, "") is wrong


def test_a_push_is_checked_only_with_what_the_account_holds() -> None:
    assert trackingmore.verify(a_push({}, timestamp="1735787045", signature="0" * 64), ACCOUNT, "")
    with pytest.raises(ValueError, match="push_signature"):
        trackingmore.request([UPS], replace(ACCOUNT, options={"push_signature": "perhaps"}), STAMP)


@pytest.mark.parametrize(
    ("sign", "taken"),
    [("e4a354107350be4bb972b43c067ea20d334dad9cda80be0146142caf1109dc00", True), ("0" * 64, False)],
)
def test_an_older_push_is_signed_with_the_account_s_e_mail(sign: str, *, taken: bool) -> None:
    account = replace(ACCOUNT, credentials={"api_key": KEY, "email": "ops@example.com"})
    body = {"data": a_parcel(), "verifyInfo": {"timeStr": 1735787045, "signature": sign}}
    assert trackingmore.verify(a_push(body), account, "") is taken
