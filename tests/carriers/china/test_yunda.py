"""Yunda's oddities, one test each. Answers are made after public clients; people and numbers are invented."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.china import yunda
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
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    ShipmentError,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("yunda-1", "yunda", {"app_key": "demo-app-key", "app_secret": "demo-yunda-secret"})
STAMP = Stamp(at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), nonce="n")
QUERY = Query("yunda", "310000000000001")
WISH = Subscription("https://example.invalid/yunda", "pepper")
SIGNED = replace(ACCOUNT, options={"push_signed": "true"})


def a_step(action: object = "SENT", at: str = "2025-01-02 09:30:00", **fields: Any) -> dict[str, Any]:
    """A step as Yunda prints it."""
    place = {"station": 900001, "station_name": "示例市某区公司", "city": "示例市"}
    return {"time": at, "action": action, "description": "一行", "phone": "", "signer": ""} | place | fields


def a_body(*steps: Any, **data: Any) -> dict[str, Any]:
    told = {"mailno": QUERY.tracking_number, "result": "true", "remark": "", "steps": list(steps)} | data
    return {"result": True, "code": "0000", "message": "请求成功", "data": told}


def read(body: object) -> object:
    response = httpx.Response(200, content=json.dumps(body).encode())
    return yunda.read(response, [QUERY])[QUERY]


def track_of(*steps: Any, **data: Any) -> Track:
    found = read(a_body(*steps, **data))
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_step(*args, **fields)).scans
    return scan


def failed(message: str, code: str = "1") -> CarrierError:
    """The error, whether it is the number's answer or raised."""
    try:
        answer = read({"result": False, "code": code, "message": message})
    except CarrierError as error:
        return error
    assert isinstance(answer, CarrierError)
    return answer


def an_event(**fields: Any) -> dict[str, Any]:
    """What a push tells."""
    return {"partner_id": "demo", "orderid": "DEMO-1", "mailno": 310000000000001} | a_step() | fields


def a_push(data: object, **fields: Any) -> PushRequest:
    body = {"appKey": "demo-app-key", "sign": "?", "data": data} | fields
    return PushRequest({}, {}, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def pushed(data: object) -> Pushed:
    (told,) = yunda.read_push(a_push(data), ACCOUNT)
    return told


# --- questions


def test_the_request_is_the_body_that_is_signed_in_the_header() -> None:
    request = yunda.request([QUERY], ACCOUNT, STAMP)
    assert request.content == b'{"mailno":"310000000000001"}'
    assert request.headers["sign"] == "99b78d174d2f91291a9c20e27ea52a89"
    assert request.headers["app-key"] == "demo-app-key"
    assert request.headers["req-time"] == "1700000000000"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert str(request.url) == "https://openapi.yundaex.com/openapi/outer/logictis/query"


def test_the_account_can_change_how_the_path_begins() -> None:
    account = replace(ACCOUNT, options={"base_path": "/openapi-api"})
    assert yunda.request([QUERY], account, STAMP).url.path == "/openapi-api/outer/logictis/query"
    assert yunda.subscribe([QUERY], account, STAMP, WISH).url.path == "/openapi-api/outer/logictis/subscribe"


# --- answers


@pytest.mark.parametrize("result", [True, "true", "TRUE"])
def test_success_is_true_in_any_spelling_whatever_the_code(result: object) -> None:
    assert isinstance(read(a_body(a_step()) | {"result": result, "code": "?"}), Track)


@pytest.mark.parametrize(
    "body",
    [
        {"result": True, "data": None},
        {"result": True},
        a_body(),
        a_body(steps=None),
        a_body(result=False),
        a_body(result="false", remark="暂无轨迹"),
        a_body(result="false", remark="没有"),
    ],
)
def test_nothing_known_yet_has_several_forms(body: object) -> None:
    assert type(read(body)) is NotFoundYet


def test_a_remark_beside_the_number_says_what_is_wrong_with_it() -> None:
    assert type(read(a_body(result=False, remark="单号格式错误"))) is InvalidNumber
    with pytest.raises(SourceUnavailable):
        read(a_body(result=False, remark="系统繁忙"))


def test_steps_are_kept_whatever_stands_beside_them() -> None:
    assert isinstance(read(a_body(a_step(), result=False, remark="单号格式错误")), Track)


@pytest.mark.parametrize(
    ("message", "error", "word"),
    [
        ("签名错误", AuthenticationFailed, "签名"),
        ("Invalid SIGN", AuthenticationFailed, "sign"),
        ("App-Key不存在", AuthenticationFailed, "app-key"),
        ("接口无权限", AccessDenied, "无权限"),
        ("请求次数超限", RateLimited, "次数"),
        ("Too many requests", RateLimited, "too many"),
        ("系统异常", SourceUnavailable, "系统"),
        ("read timeout", SourceUnavailable, "timeout"),
        ("单号未订阅", NotFoundYet, "未订阅"),
        ("单号不存在", NotFoundYet, "不存在"),
        ("mailno为空", InvalidNumber, "mailno"),
    ],
)
def test_the_words_of_a_message_are_its_code(message: str, error: type[CarrierError], word: str) -> None:
    told = failed(message)
    assert (type(told), told.code) == (error, word)


def test_a_failure_without_a_known_word_is_unreadable_and_keeps_its_code() -> None:
    told = failed("张三13800000000", "E-77")
    assert (type(told), told.code) == (UnreadableResponse, "E-77")
    assert "张三" not in repr(told)


def test_an_answer_about_another_number_is_refused() -> None:
    with pytest.raises(UnreadableResponse):
        read(a_body(a_step(), mailno="310000000000002"))
    for number in (310000000000001, None):
        assert isinstance(read(a_body(a_step(), mailno=number)), Track)


def test_times_are_shanghai_and_kept_as_printed() -> None:
    scan = scan_of()
    assert scan.occurred_at == datetime(2025, 1, 2, 1, 30, tzinfo=UTC)
    assert scan.local_time == "2025-01-02 09:30:00"
    assert (scan.city, scan.facility) == ("示例市", "示例市某区公司")


def test_the_coarse_status_counts_only_where_no_action_is_printed() -> None:
    assert scan_of("SENT", status="TRANSIT").milestone is Milestone.OUT_FOR_DELIVERY
    for action in (None, ""):
        scan = scan_of(action, status="TRANSIT")
        assert (scan.milestone, scan.carrier_code) == (Milestone.IN_TRANSIT, "TRANSIT")
    found = track_of(a_step("TELEPORTED", status="SIGNED"))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.UNKNOWN, ("TELEPORTED",))


def test_codes_are_read_in_any_case() -> None:
    scan = scan_of("signed")
    assert (scan.milestone, scan.carrier_code) == (Milestone.DELIVERED, "SIGNED")
    assert scan_of(None, status="signfail").reasons == (Reason.FAILED_ATTEMPT,)
    assert scan_of(None, status="delivering").milestone is Milestone.OUT_FOR_DELIVERY


def test_what_was_taken_out_of_a_station_is_on_its_way_until_the_text_says_more() -> None:
    for text in ("快递员重新派送", "客户已取件签收"):
        assert scan_of("OUTBOUND", description=text).milestone is Milestone.OUT_FOR_DELIVERY


def test_a_signature_after_the_turn_is_the_shipper_s() -> None:
    steps = [
        a_step(action, f"2025-01-02 {hour:02}:00:00")
        for hour, action in enumerate(("SENT", "REJECTION", "RETURN", "ARRIVAL", "SIGNED"), start=8)
    ]
    for told in (steps, steps[::-1]):
        found = track_of(*told)
        assert [scan.milestone for scan in found.scans][2:] == [
            Milestone.RETURNING,
            Milestone.IN_TRANSIT,
            Milestone.RETURNED,
        ]
    assert track_of(steps[0], steps[4]).scans[-1].milestone is Milestone.DELIVERED


def test_a_phone_is_the_courier_s_only_on_delivery_and_if_it_is_none_of_the_vendor_s_own() -> None:
    assert scan_of("SENT", phone="13800000000").courier_phone == "13800000000"
    for number in ("95114", "95121", "95126", 9501395546, ""):
        assert scan_of("SENT", phone=number).courier_phone is None
    for action in ("GOT", "ARRIVAL", "OUTBOUND", "SIGNED"):
        assert scan_of(action, phone="13800000000").courier_phone is None


def test_who_signed_is_kept() -> None:
    assert scan_of("SIGNED", signer="保安室").signed_by == "保安室"
    assert scan_of("SIGNED").signed_by is None


def test_steps_that_cannot_be_read_are_left_out_and_said_so() -> None:
    found = track_of(a_step(), {"time": []}, a_step(at="soon"))
    assert len(found.scans) == 1
    assert not found.complete
    with pytest.raises(UnreadableResponse):
        read(a_body(a_step(at="soon")))


# --- subscriptions and pushes


def test_a_subscription_names_the_number_twice_for_its_answer_tells_only_the_order() -> None:
    request = yunda.subscribe([QUERY], ACCOUNT, STAMP, WISH)
    body = '{"orders":[{"orderid":"310000000000001","mailno":"310000000000001"}]}'
    assert request.content == body.encode()
    assert request.headers["sign"] == hashlib.md5(f"{body}_demo-yunda-secret".encode()).hexdigest()
    assert str(request.url) == "https://openapi.yundaex.com/openapi/outer/logictis/subscribe"


@pytest.mark.parametrize(
    ("item", "refused"),
    [
        ({"orderid": "310000000000001", "result": True}, None),
        ({"orderid": 310000000000001, "result": "true"}, None),
        ({"mailno": 310000000000001, "result": "true"}, None),
        ({"orderid": "310000000000001", "result": False, "remark": "单号格式错误"}, InvalidNumber),
        ({"orderid": "310000000000001", "result": "false"}, ShipmentError),
        ({"orderid": "310000000000001"}, ShipmentError),
    ],
)
def test_the_item_s_own_result_tells(item: dict[str, Any], refused: type[ShipmentError] | None) -> None:
    response = httpx.Response(200, json={"result": True, "data": [item]})
    said = yunda.read_subscription(response, [QUERY])[QUERY]
    assert said is None if refused is None else type(said) is refused


@pytest.mark.parametrize("data", [None, [], [{"orderid": "1", "result": True}], "x"])
def test_an_answer_about_another_order_is_unreadable(data: object) -> None:
    with pytest.raises(UnreadableResponse):
        yunda.read_subscription(httpx.Response(200, json={"result": True, "data": data}), [QUERY])


def test_a_refused_subscription_is_the_number_s_or_the_account_s() -> None:
    wrong = httpx.Response(200, json={"result": False, "message": "单号错误"})
    assert type(yunda.read_subscription(wrong, [QUERY])[QUERY]) is InvalidNumber
    with pytest.raises(AuthenticationFailed):
        yunda.read_subscription(httpx.Response(200, json={"result": False, "message": "签名错误"}), [QUERY])


@pytest.mark.parametrize("as_text", [True, False])
def test_a_push_tells_one_event_as_text_or_as_an_object(*, as_text: bool) -> None:
    event = an_event(phone="13800000000")
    told = pushed(json.dumps(event) if as_text else event)
    assert (told.carrier, told.tracking_number) == ("yunda", "310000000000001")
    assert isinstance(told.answer, Track)
    assert not told.answer.complete
    assert told.answer.scans == track_of(a_step(phone="13800000000")).scans


def test_a_signature_in_a_push_is_a_delivery_for_it_tells_nothing_of_a_return() -> None:
    told = pushed(an_event(action="SIGNED")).answer
    assert isinstance(told, Track)
    assert told.scans[0].milestone is Milestone.DELIVERED


@pytest.mark.parametrize(
    "data", [None, "x", "{}", [an_event()], an_event(mailno=None), an_event(time=""), an_event(time=[])]
)
def test_a_push_that_cannot_be_read_is_said_so(data: object) -> None:
    with pytest.raises(UnreadableResponse):
        pushed(data)


def test_a_push_with_a_broken_letter_raises_nothing_else() -> None:
    push = PushRequest({}, {}, b'{"appKey":"demo-app-key","sign":"x","data":{"mailno":"1\xff"}}')
    assert not yunda.verify(push, SIGNED, "pepper")
    with pytest.raises(UnreadableResponse):
        yunda.read_push(push, ACCOUNT)


def test_only_a_foreign_key_speaks_against_a_push_for_its_address_is_the_proof() -> None:
    event = json.dumps(an_event())
    assert yunda.verify(a_push(event), ACCOUNT, "pepper")
    assert yunda.verify(a_push(event, appKey=""), ACCOUNT, "pepper")
    assert not yunda.verify(a_push(event, appKey="somebody"), ACCOUNT, "pepper")


def test_the_account_can_say_that_pushes_are_signed() -> None:
    event = json.dumps(an_event(), ensure_ascii=False, separators=(",", ":"))
    sign = hashlib.md5(f"{event}_demo-yunda-secret".encode()).hexdigest()
    assert yunda.verify(a_push(event, sign=sign), SIGNED, "pepper")
    assert yunda.verify(a_push(an_event(), sign=sign), SIGNED, "pepper"), "an object is signed as it stands"
    for wrong in (a_push(event), a_push(event, sign=None), a_push(event.replace("一行", "二行"), sign=sign)):
        assert not yunda.verify(wrong, SIGNED, "pepper")
    assert not yunda.verify(PushRequest({}, {}, b"x"), SIGNED, "pepper")


def test_the_account_can_change_the_reply() -> None:
    account = replace(ACCOUNT, options={"push_reply": '{"result":"ok"}'})
    assert yunda.acknowledge(a_push("{}"), account, accepted=True).body == b'{"result":"ok"}'
    refused = yunda.acknowledge(a_push("{}"), account, accepted=False)
    assert (refused.status, json.loads(refused.body)["result"]) == (500, False)
