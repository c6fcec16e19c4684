"""J&T's oddities, one test each. Answers are made after public clients; people and numbers are invented."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from carriers.china import jt
from carriers.contract import (
    Account,
    Answers,
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
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    ShipmentError,
    UnreadableResponse,
)

ACCOUNT = Account("jt-1", "jt", {"api_account": "demo-api-account", "private_key": "demo-jt-private-key"})
STAMP = Stamp(at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), nonce="n")
ONE, TWO = (Query("jt", f"JT000000000000{number}") for number in (1, 2))
OURS = "https://example.invalid/jt"
PUSHED = (
    '{"billCode":"JT0000000000001","details":[{"billCode":"JT0000000000001",'
    '"desc":"【上海市】【示例网点】的极兔小哥张三(13800000000)正在派件","scanNetworkArea":"青浦区",'
    '"scanNetworkCity":"上海市","scanNetworkContact":"021-00000000","scanNetworkId":1,'
    '"scanNetworkName":"示例网点","scanNetworkProvince":"上海","scanNetworkTypeName":"网点",'
    '"scanTime":"2025-01-02 03:04:05","scanType":"出仓扫描","staffName":"张三",'
    '"staffContact":"13800000000"}],"txlogisticId":"DEMO-ORDER-1"}'
)


def a_detail(kind: object = "出仓扫描", at: str = "2025-01-02 09:10:00", **fields: Any) -> dict[str, Any]:
    """A line as J&T prints it."""
    place = {"scanNetworkName": "示例网点", "scanNetworkCity": "上海市", "scanNetworkContact": "021-00000000"}
    staff = {"staffName": "张三", "staffContact": "13800000000"}
    return {"scanTime": at, "scanType": kind, "desc": "一行"} | place | staff | fields


def in_turn(*kinds: str, **fields: Any) -> list[dict[str, Any]]:
    """Lines an hour apart, newest first."""
    lines = [
        a_detail(kind, f"2025-01-02 {hour:02}:00:00", **fields) for hour, kind in enumerate(kinds, start=8)
    ]
    return lines[::-1]


def about(query: Query, *details: Any, **fields: Any) -> dict[str, Any]:
    return {"billCode": query.tracking_number, "details": list(details)} | fields


def read(*numbers: Any, queries: Sequence[Query] = (ONE,), **envelope: Any) -> Answers:
    body = {"code": "1", "msg": "success", "data": list(numbers)} | envelope
    return jt.read(httpx.Response(200, content=json.dumps(body).encode()), queries)


def track_of(*details: Any) -> Track:
    found = read(about(ONE, *details))[ONE]
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_detail(*args, **fields)).scans
    return scan


def biz_content(request: httpx.Request) -> str:
    (told,) = parse_qs(request.content.decode())["bizContent"]
    return told


def a_push(told: str = PUSHED, **headers: str) -> PushRequest:
    usual = {"apiaccount": "demo-api-account", "digest": "GBib6m0iWE84gSoniu6wWg==", "timestamp": "1"}
    return PushRequest(usual | headers, {}, urlencode({"bizContent": told}).encode())


def pushed(document: object) -> Pushed:
    (told,) = jt.read_push(a_push(json.dumps(document)), ACCOUNT)
    return told


# --- questions


def test_the_request_is_the_form_whose_plain_text_is_signed() -> None:
    request = jt.request([ONE, TWO], ACCOUNT, STAMP)
    assert request.content == b"bizContent=%7B%22billCodes%22%3A%22JT0000000000001%2CJT0000000000002%22%7D"
    assert request.headers["digest"] == "+eBM6ZlvT2LomVJapySlQA=="
    assert request.headers["apiAccount"] == "demo-api-account"
    assert request.headers["timestamp"] == "1700000000000"
    assert str(request.url) == "https://openapi.jtexpress.com.cn/webopenplatformapi/api/logistics/trace"


def test_the_account_can_change_what_is_unverified_of_a_question() -> None:
    options = {"uuid": "ab 1", "trace_path": "/other/trace", "timestamp_form": "text"}
    request = jt.request([ONE], replace(ACCOUNT, options=options), STAMP)
    assert str(request.url) == "https://openapi.jtexpress.com.cn/other/trace?uuid=ab+1"
    assert request.headers["timestamp"] == "2023-11-15 06:13:20"


# --- answers


@pytest.mark.parametrize(("code", "more"), [("1", {}), (1, {"success": True, "fail": False})])
def test_success_is_one_as_text_or_number(code: object, more: dict[str, Any]) -> None:
    assert isinstance(read(about(ONE, a_detail()), code=code, **more)[ONE], Track)


@pytest.mark.parametrize("more", [{"success": False}, {"fail": "true"}])
def test_a_success_that_is_contradicted_is_none(more: dict[str, Any]) -> None:
    with pytest.raises(UnreadableResponse):
        read(about(ONE, a_detail()), **more)


@pytest.mark.parametrize("data", [None, [], [about(ONE)], [{"billCode": ONE.tracking_number}]])
def test_nothing_known_yet_has_several_forms(data: object) -> None:
    assert type(read(data=data)[ONE]) is NotFoundYet


def test_a_number_that_is_missing_or_empty_leaves_its_neighbour_alone() -> None:
    answers = read(about(ONE, a_detail()), queries=(ONE, TWO))
    assert isinstance(answers[ONE], Track)
    assert type(answers[TWO]) is NotFoundYet
    assert type(read(about(ONE, a_detail()), about(TWO), queries=(ONE, TWO))[TWO]) is NotFoundYet


def test_an_element_that_cannot_be_placed_may_be_the_missing_number() -> None:
    answers = read(about(ONE, a_detail()), {"details": [a_detail()]}, queries=(ONE, TWO))
    assert isinstance(answers[ONE], Track)
    assert type(answers[TWO]) is UnreadableResponse


def test_an_answer_about_other_numbers_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        read(about(TWO, a_detail()))


def test_an_illegal_parameter_is_the_number_s_own_trouble_when_one_was_asked() -> None:
    assert type(read(code="145003050")[ONE]) is InvalidNumber
    with pytest.raises(InvalidNumber):
        read(code="145003050", queries=(ONE, TWO))


@pytest.mark.parametrize("message", ["请求过于频繁", "接口限流", "超过调用频率"])
def test_a_message_about_too_many_calls_is_a_limit(message: str) -> None:
    for code in ("0", "145009999"):
        with pytest.raises(RateLimited) as caught:
            read(code=code, msg=message)
        assert caught.value.code == code
        assert message not in repr(caught.value)


def test_a_failure_without_a_code_of_its_own_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse) as caught:
        read(code=0, msg="失败", data=None)
    assert caught.value.code == "0"


def test_times_are_shanghai_and_kept_as_printed() -> None:
    scan = scan_of(at="2025-01-02 09:10:00")
    assert scan.occurred_at == datetime(2025, 1, 2, 1, 10, tzinfo=UTC)
    assert scan.local_time == "2025-01-02 09:10:00"
    assert (scan.facility, scan.facility_phone, scan.city) == ("示例网点", "021-00000000", "上海市")


def test_staff_is_the_courier_only_where_the_parcel_is_out_for_delivery() -> None:
    for kind in ("出仓扫描", "快件取出扫描", "派件扫描", "5"):
        assert (scan_of(kind).courier_name, scan_of(kind).courier_phone) == ("张三", "13800000000")
    for kind in ("快件揽收", "快件签收", "入库扫描", "其他扫描"):
        assert (scan_of(kind).courier_name, scan_of(kind).courier_phone) == (None, None)


@pytest.mark.parametrize(
    ("kind", "milestone"),
    [
        ("出仓扫描", Milestone.OUT_FOR_DELIVERY),
        ("入库扫描", Milestone.READY_FOR_PICKUP),
        ("快件取出扫描", Milestone.OUT_FOR_DELIVERY),
        ("出库扫描", Milestone.DELIVERED),
    ],
)
def test_words_for_in_and_out_are_told_apart(kind: str, milestone: Milestone) -> None:
    assert scan_of(kind).milestone is milestone


def test_digits_are_nodes_and_not_the_numbers_of_scan_types() -> None:
    for printed in (10, "10"):
        assert scan_of(printed).milestone is Milestone.DELIVERED
    by_number = scan_of(None, scanTypeCode=10)
    assert (by_number.milestone, by_number.carrier_code) == (Milestone.PICKED_UP, "@10")


def test_the_number_counts_only_where_no_name_is_known() -> None:
    assert scan_of("快件揽收", scanTypeCode=300).milestone is Milestone.PICKED_UP
    assert scan_of("其他扫描", scanTypeCode=130).milestone is Milestone.UNKNOWN
    found = track_of(a_detail("新的扫描", scanTypeCode="94"))
    assert (found.scans[0].milestone, found.scans[0].carrier_code) == (Milestone.OUT_FOR_DELIVERY, "@94")
    assert found.unmapped_codes == ("新的扫描",)
    unknown = track_of(a_detail(None, scanTypeCode=173))
    assert (unknown.scans[0].milestone, unknown.unmapped_codes) == (Milestone.UNKNOWN, ("@173",))


@pytest.mark.parametrize(
    ("problem", "milestone", "reasons"),
    [
        (None, Milestone.EXCEPTION, ()),
        ("A2", Milestone.EXCEPTION, (Reason.REFUSED,)),
        ("a9", Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,)),
        ("A17", Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,)),
        ("A25", Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        ("A26", Milestone.CANCELLED, ()),
        ("A35", Milestone.EXCEPTION, (Reason.REFUSED, Reason.COD_PROBLEM)),
    ],
)
def test_a_problem_says_why_in_its_type(
    problem: object, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    for fields in ({"kind": "问题件扫描"}, {"kind": "11"}, {"kind": None, "scanTypeCode": 110}):
        scan = scan_of(**fields, problemType=problem)
        assert (scan.milestone, scan.reasons) == (milestone, reasons)


def test_an_unknown_type_of_a_problem_is_still_a_problem_but_reported() -> None:
    found = track_of(a_detail("问题件扫描", problemType="A99"))
    assert found.scans[0].milestone is Milestone.EXCEPTION
    assert found.unmapped_codes == ("问题件扫描/A99",)


def test_the_type_of_a_problem_counts_only_on_problems() -> None:
    assert scan_of("出仓扫描", problemType="A2").reasons == ()


def test_a_signature_after_the_turn_is_the_shipper_s() -> None:
    found = track_of(*in_turn("出仓扫描", "退件扫描", "到件扫描", "快件签收"))
    assert [scan.milestone for scan in found.scans][1:] == [
        Milestone.RETURNING,
        Milestone.IN_TRANSIT,
        Milestone.RETURNED,
    ]
    assert track_of(*in_turn("出仓扫描", "快件签收")).scans[-1].milestone is Milestone.DELIVERED


def test_a_return_that_was_called_off_ends_at_the_recipient_s() -> None:
    called_off = a_detail("退件撤销", "2025-01-02 08:30:00", scanTypeCode="171")
    signed, turned = in_turn("退件扫描", "快件签收")
    assert track_of(signed, called_off, turned).scans[-1].milestone is Milestone.DELIVERED


def test_the_problem_s_description_stands_in_for_a_missing_text() -> None:
    assert scan_of("问题件扫描", desc="", problemDescription="客户拒收").text == "客户拒收"
    assert scan_of("问题件扫描", desc=None, probleDescription="客户拒收").text == "客户拒收"
    assert scan_of("问题件扫描", problemDescription="客户拒收").text == "一行"


def test_the_newest_picture_of_a_signature_is_the_proof() -> None:
    signed, out = in_turn("出仓扫描", "快件签收")
    assert track_of(signed, out).proof_of_delivery is None
    both = track_of(signed | {"electronicSignaturePicUrl": "https://p/2"}, out | {"sigPicUrl": "https://p/1"})
    assert both.proof_of_delivery == "https://p/2"


def test_lines_that_cannot_be_read_are_left_out_and_said_so() -> None:
    found = track_of(a_detail(), {"scanTime": []}, a_detail(at="soon"))
    assert len(found.scans) == 1
    assert not found.complete
    assert type(read(about(ONE, a_detail(at="soon")))[ONE]) is UnreadableResponse


# --- subscriptions and pushes


def test_a_subscription_is_the_form_that_is_documented() -> None:
    request = jt.subscribe([ONE], ACCOUNT, STAMP, Subscription(OURS, "pepper"))
    assert biz_content(request) == (
        '{"id":"demo-api-account","list":[{"traceNode":"1&3&4&5&6&7&8&9&10&11&12&13&14",'
        '"waybillCode":"JT0000000000001","backUrl":"https://example.invalid/jt"}]}'
    )
    assert request.headers["digest"] == "pBpTIdrLSc5busxKbzJSXg=="
    assert str(request.url) == "https://openapi.jtexpress.com.cn/webopenplatformapi/api/trace/subscribe"


def test_the_account_can_change_what_is_unverified_of_a_subscription() -> None:
    account = replace(ACCOUNT, options={"subscribe_path": "/cn/subscribe", "subscriber_key": "Id"})
    request = jt.subscribe([ONE], account, STAMP, Subscription(OURS, "pepper"))
    assert request.url.path == "/cn/subscribe"
    assert json.loads(biz_content(request))["Id"] == "demo-api-account"


@pytest.mark.parametrize("in_an_object", [True, False])
def test_every_number_of_a_subscription_has_its_own_success(*, in_an_object: bool) -> None:
    rows = [
        {"waybillCode": ONE.tracking_number, "isSuccess": "true"},
        {"waybillCode": TWO.tracking_number, "isSuccess": False},
    ]
    three = Query("jt", "JT0000000000003")
    body = {"code": 1, "data": {"list": rows} if in_an_object else rows}
    said = jt.read_subscription(httpx.Response(200, json=body), [ONE, TWO, three])
    assert said[ONE] is None
    assert type(said[TWO]) is type(said[three]) is ShipmentError


@pytest.mark.parametrize("data", [None, [], {"list": []}, {"list": [{"waybillCode": "JT1"}]}, "x"])
def test_an_answer_about_no_number_that_was_subscribed_is_unreadable(data: object) -> None:
    with pytest.raises(UnreadableResponse):
        jt.read_subscription(httpx.Response(200, json={"code": "1", "data": data}), [ONE])


def test_a_refused_subscription_of_one_number_is_that_number_s() -> None:
    response = httpx.Response(200, json={"code": "145003050"})
    assert type(jt.read_subscription(response, [ONE])[ONE]) is InvalidNumber
    with pytest.raises(InvalidNumber):
        jt.read_subscription(response, [ONE, TWO])


def test_a_push_is_proved_by_the_digest_in_its_header_and_by_our_account() -> None:
    assert jt.verify(a_push(), ACCOUNT, "pepper")
    assert not jt.verify(a_push(apiaccount="somebody"), ACCOUNT, "pepper")
    assert not jt.verify(a_push(digest=""), ACCOUNT, "pepper")
    assert not jt.verify(a_push(digest="签"), ACCOUNT, "pepper")
    assert not jt.verify(a_push(PUSHED.replace("张三", "李四")), ACCOUNT, "pepper")


def test_a_second_text_cannot_be_smuggled_in() -> None:
    body = urlencode([("bizContent", PUSHED), ("bizContent", "{}")]).encode()
    push = replace(a_push(), body=body)
    assert not jt.verify(push, ACCOUNT, "pepper")
    with pytest.raises(UnreadableResponse):
        jt.read_push(push, ACCOUNT)


def test_a_push_tells_some_events_and_not_all() -> None:
    told = pushed(json.loads(PUSHED))
    assert isinstance(told.answer, Track)
    assert not told.answer.complete
    assert told.answer.scans[0].milestone is Milestone.OUT_FOR_DELIVERY
    assert told.answer.scans[0].courier_phone == "13800000000"


def test_a_push_says_of_an_event_the_same_as_an_answer() -> None:
    (line,) = json.loads(PUSHED)["details"]
    told = pushed(json.loads(PUSHED)).answer
    assert isinstance(told, Track)
    assert told.scans == track_of(line).scans


def test_a_push_without_events_is_a_hint_to_ask() -> None:
    assert pushed({"billCode": ONE.tracking_number, "details": []}).answer is None


@pytest.mark.parametrize("document", [{"details": []}, {"billCode": "JT1", "details": [{}]}, []])
def test_a_push_that_cannot_be_read_is_said_so(document: object) -> None:
    with pytest.raises(UnreadableResponse):
        pushed(document)


def test_a_push_that_is_not_taken_is_answered_with_another_code() -> None:
    reply = jt.acknowledge(a_push(), ACCOUNT, accepted=False)
    assert (reply.status, json.loads(reply.body)["code"]) == (500, "0")
