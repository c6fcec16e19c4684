"""What is odd about ZTO's pushes, one test each.

Calls are made after public clients; people and numbers are invented.
"""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from carriers.china import zto
from carriers.china.zto_push import push_signature
from carriers.contract import (
    Account,
    Milestone,
    Pushed,
    PushRequest,
    Query,
    Reason,
    Scan,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import AuthenticationFailed, InvalidNumber, OwnershipRefused, UnreadableResponse

ACCOUNT = Account("zto-1", "zto", {"app_key": "APP", "app_secret": "demo-zto-secret-0001"})
STAMP = Stamp(at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), nonce="n")
QUERY = Query("zto", "78400000000001", phone_tail="0000")
WISH = Subscription("https://example.test/push", "salt")
DISPATCHED = (
    '{"billCode":"78400000000001","facilityCode":"02100","actionTime":"2025-01-02 03:04:05","city":"上海市",'
    '"courier":"张三","courierPhone":"13800000000","action":"DISPATCH","facilityName":"示例网点",'
    '"facilityContactPhone":"021-00000000",'
    '"desc":"【上海市】【示例网点】的业务员张三(13800000000)正在派件"}'
)
DIGEST = "X7h65mbhQSWCRU7M8kcSJA=="


def a_form(data: str = DISPATCHED, digest: str = DIGEST) -> PushRequest:
    """A call as it is made by default."""
    fields = {"data": data, "data_digest": digest, "msg_type": "Traces", "company_id": "APP", "token": ""}
    return PushRequest({}, {}, urlencode(fields).encode())


def an_event(action: str, **fields: Any) -> Pushed:
    """What one event says: `an_event("PROBLEM", problemCode="A5")`."""
    said = {"billCode": "78400000000001", "action": action, "actionTime": "2025-01-02 03:04:05"}
    place = {"facilityName": "示例网点", "facilityContactPhone": "021-00000000", "courier": "张三"}
    (pushed,) = zto.read_push(
        a_form(json.dumps(said | place | {"courierPhone": "13800000001"} | fields)), ACCOUNT
    )
    return pushed


def track_of(action: str, **fields: Any) -> Track:
    found = an_event(action, **fields).answer
    assert isinstance(found, Track)
    return found


def scan_of(action: str, **fields: Any) -> Scan:
    (scan,) = track_of(action, **fields).scans
    return scan


def test_the_signature_covers_the_data_as_it_came() -> None:
    assert push_signature(DISPATCHED, "demo-zto-secret-0001") == DIGEST
    assert zto.verify(a_form(), ACCOUNT, "whatever")
    assert not zto.verify(a_form(DISPATCHED + " "), ACCOUNT, "whatever")
    assert not zto.verify(a_form(digest=DIGEST.lower()), ACCOUNT, "whatever")


def test_a_push_may_come_as_json() -> None:
    call = {"data": DISPATCHED, "data_digest": DIGEST, "msg_type": "Traces", "company_id": "APP"}
    push = PushRequest({}, {}, json.dumps(call).encode())
    assert zto.verify(push, ACCOUNT, "")
    assert zto.read_push(push, ACCOUNT) == zto.read_push(a_form(), ACCOUNT)


def test_the_modes_of_requests_do_not_touch_pushes() -> None:
    assert zto.verify(a_form(), replace(ACCOUNT, options={"digest": "sha256", "digest_encoding": "hex"}), "")


def test_a_second_field_is_not_smuggled_in() -> None:
    push = a_form()
    twice = replace(push, body=push.body + b"&data=%7B%7D")
    assert not zto.verify(twice, ACCOUNT, "")
    with pytest.raises(UnreadableResponse):
        zto.read_push(twice, ACCOUNT)


def test_an_event_is_news_and_no_history() -> None:
    found = zto.read_push(a_form(), ACCOUNT)[0].answer
    assert isinstance(found, Track)
    assert not found.complete
    (scan,) = found.scans
    assert scan.occurred_at == datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)
    assert scan.local_time == "2025-01-02 03:04:05"
    assert (scan.carrier_code, scan.city, scan.facility) == ("DISPATCH", "上海市", "示例网点")
    assert (scan.courier_name, scan.courier_phone) == ("张三", "13800000000")
    assert scan.text == "【上海市】【示例网点】的业务员张三(13800000000)正在派件"


@pytest.mark.parametrize(
    ("action", "milestone"),
    [
        ("GOT", Milestone.PICKED_UP),
        ("DEPARTURE", Milestone.IN_TRANSIT),
        ("ARRIVAL", Milestone.IN_TRANSIT),
        ("DISPATCH", Milestone.OUT_FOR_DELIVERY),
        ("INBOUND", Milestone.READY_FOR_PICKUP),
        ("HANDOVERSCAN_SIGNED", Milestone.READY_FOR_PICKUP),
        ("DEPARTURE_SIGNED", Milestone.DELIVERED),
        ("SIGNED", Milestone.DELIVERED),
        ("RETURN_SCAN", Milestone.RETURNING),
        ("RETURN_SIGNED", Milestone.RETURNED),
        ("PROBLEM", Milestone.EXCEPTION),
    ],
)
def test_actions_have_meanings_of_their_own(action: str, milestone: Milestone) -> None:
    found = track_of(action)
    assert (found.scans[0].milestone, found.unmapped_codes) == (milestone, ())


@pytest.mark.parametrize(
    ("fields", "milestone", "reasons"),
    [
        ({"returnType": 2}, Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        ({"returnUpdateType": "5"}, Milestone.RETURNING, (Reason.REFUSED, Reason.RETURN_TO_SENDER)),
        ({"returnType": "3", "returnUpdateType": "5"}, Milestone.IN_TRANSIT, (Reason.BAD_ADDRESS,)),
    ],
)
def test_the_kind_of_a_return_has_two_names(
    fields: dict[str, Any], milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    scan = scan_of("RETURN_SCAN", **fields)
    assert (scan.milestone, scan.reasons) == (milestone, reasons)


def test_a_problem_says_why_with_its_code() -> None:
    assert scan_of("PROBLEM", problemCode="a5").reasons == (Reason.REFUSED,)
    found = track_of("PROBLEM", problemCode="Z9")
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.EXCEPTION, ("PROBLEM/Z9",))


def test_an_unknown_action_is_reported() -> None:
    found = track_of("TELEPORTED", problemCode="A5")
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.UNKNOWN, ("TELEPORTED",))


def test_only_a_dispatch_names_the_deliverer_and_of_several_phones_the_first_is_kept() -> None:
    scan = scan_of("DISPATCH", courierPhone="13800000001、13800000002")
    assert (scan.courier_name, scan.courier_phone) == ("张三", "13800000001")
    assert scan_of("GOT").courier_phone is None


def test_what_happens_at_a_station_names_the_station() -> None:
    scan = scan_of("INBOUND", facilityName="示例驿站")
    assert (scan.station, scan.station_phone, scan.facility) == ("示例驿站", "021-00000000", None)
    assert scan_of("DEPARTURE_SIGNED", facilityName="", comName="兔喜").station == "兔喜"
    assert scan_of("SIGNED", facilityName="", comName="兔喜").facility is None


def test_who_signed_is_kept() -> None:
    assert scan_of("SIGNED", expressSigner="门卫").signed_by == "门卫"


@pytest.mark.parametrize("fields", [{"billCode": None}, {"actionTime": "soon"}, {"actionTime": None}])
def test_an_event_about_no_number_or_of_no_time_is_unreadable(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableResponse):
        an_event("GOT", **fields)


def test_what_is_not_taken_is_told_by_status_alone() -> None:
    refused = zto.acknowledge(a_form(), ACCOUNT, accepted=False)
    assert refused.status == 200
    assert json.loads(refused.body)["status"] is False


def test_a_subscription_is_the_signed_body_at_the_name_that_the_vendor_misspelt() -> None:
    request = zto.subscribe([QUERY], ACCOUNT, STAMP, WISH)
    assert str(request.url) == "https://japi.zto.com/zto.merchant.waybill.track.subsrcibe"
    assert request.content == b'{"billCode":"78400000000001","mobilePhone":"0000"}'
    due = base64.b64encode(hashlib.md5(request.content + b"demo-zto-secret-0001").digest()).decode()
    assert request.headers["x-dataDigest"] == due


@pytest.mark.parametrize(
    ("code", "error"), [("E413", OwnershipRefused), ("E409", OwnershipRefused), ("E416", InvalidNumber)]
)
def test_a_subscription_may_be_refused_for_its_number(code: str, error: type[Exception]) -> None:
    body = json.dumps({"status": False, "statusCode": code}).encode()
    said = zto.read_subscription(httpx.Response(200, content=body), [QUERY])
    assert type(said[QUERY]) is error


def test_a_subscription_with_a_wrong_signature_is_the_account_s_trouble() -> None:
    body = json.dumps({"status": False, "statusCode": "S211"}).encode()
    with pytest.raises(AuthenticationFailed):
        zto.read_subscription(httpx.Response(200, content=body), [QUERY])
