"""YTO's oddities, one test each. Answers and pushes are made after the vendor's console; people are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from carriers.china import yto
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
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    SourceUnavailable,
    UnreadableResponse,
)

ADDRESS = "https://openuat.yto56test.com:6443/open/track_query_adapter/v1/demo/K00000001"
ACCOUNT = Account("yto-1", "yto", {"secret": "demo-yto-secret"}, base_url=ADDRESS)
STAMP = Stamp(at=datetime(2025, 1, 2, 3, tzinfo=UTC), nonce="n")
QUERY = Query("yto", "YT0000000000001")
WISH = Subscription("https://example.test/push/yto", "not used")
THE_PUSH = (
    "<UpdateInfo><logisticProviderID>YTO</logisticProviderID><clientID>K00000001</clientID>"
    "<mailNo>YT0000000000001</mailNo><txLogisticID>DEMO-ORDER-1</txLogisticID><infoType>STATUS</infoType>"
    "<infoContent>SIGNED</infoContent><acceptTime>2025-01-02 03:04:05.0 CST</acceptTime>"
    "<remark>已签收</remark></UpdateInfo>"
)


def a_line(code: str = "SENT_SCAN", at: object = "2025-01-03 13:50:14", **fields: Any) -> dict[str, Any]:
    """A line as YTO prints it."""
    line = {"waybill_No": "YT0000000000001", "upload_Time": at, "infoContent": code, "processInfo": "一行"}
    return line | {"city": "示例市", "district": "某区"} | fields


def answer(document: object) -> object:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return yto.read(httpx.Response(200, content=body), [QUERY])[QUERY]


def track_of(*lines: Any) -> Track:
    found = answer(list(lines))
    assert isinstance(found, Track)
    return found


def a_form(document: str, digest: str = "x", **fields: str) -> PushRequest:
    body = {"logistics_interface": document, "data_digest": digest, "clientId": "K00000001"} | fields
    return PushRequest({}, {}, urlencode(body).encode())


def a_push(root: str = "UpdateInfo", **children: str) -> PushRequest:
    said = {"mailNo": "YT0000000000001", "infoContent": "GOT", "acceptTime": "2025-01-02 08:00:00"}
    inner = "".join(f"<{name}>{words}</{name}>" for name, words in (said | children).items())
    return a_form(f"<{root}>{inner}</{root}>")


def pushed(**children: str) -> Pushed:
    (told,) = yto.read_push(a_push(**children), ACCOUNT)
    return told


def pushed_scan(**children: str) -> Scan:
    told = pushed(**children)
    assert isinstance(told.answer, Track)
    assert not told.answer.complete
    (scan,) = told.answer.scans
    return scan


# --- questions


def test_the_request_is_the_body_that_the_platform_sends_itself() -> None:
    request = yto.request([QUERY], ACCOUNT, STAMP)
    assert request.content == (
        b'{"timestamp":"1735786800000","param":"{\\"NUMBER\\":\\"YT0000000000001\\"}",'
        b'"sign":"DUUjN0236g8wsRohbuorCQ==","format":"JSON"}'
    )
    assert str(request.url) == ADDRESS
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"


def test_options_change_what_the_console_may_say_otherwise() -> None:
    options = {
        "method": "yto.Marketing.WaybillTrace",
        "version": "1.01",
        "number_key": "NUMBER",
        "body": "form",
    }
    request = yto.request([QUERY], replace(ACCOUNT, options=options), STAMP)
    form = parse_qs(request.content.decode())
    assert form["sign"] == ["zDXPWLQrbVScTqLq7P06bw=="]
    assert form["param"] == ['{"NUMBER":"YT0000000000001"}']
    assert request.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    spelt = yto.request([QUERY], replace(ACCOUNT, options={"number_key": "Number"}), STAMP)
    assert json.loads(json.loads(spelt.content)["param"]) == {"Number": "YT0000000000001"}


def test_no_tail_leaves_the_house() -> None:
    request = yto.request([replace(QUERY, phone_tail="4711")], ACCOUNT, STAMP)
    assert b"4711" not in request.content


# --- answers


def test_found_is_a_list() -> None:
    found = track_of(a_line("GOT", "2025-01-02 08:00:00"), a_line())
    assert [scan.milestone for scan in found.scans] == ["picked_up", "out_for_delivery"]
    assert found.scans[0].occurred_at == datetime(2025, 1, 2, 0, tzinfo=UTC)
    assert (found.scans[0].local_time, found.scans[0].city) == ("2025-01-02 08:00:00", "示例市")
    assert found.complete


def test_nothing_found_is_an_object_that_succeeded() -> None:
    said = {"map": {"YT0000000000001": []}, "code": "1001", "success": "true", "message": "查询结果为空。"}
    assert type(answer(said)) is NotFoundYet
    assert type(answer(said | {"code": 1001})) is NotFoundYet
    assert type(answer({"map": {"YT0000000000001": []}, "success": "true"})) is NotFoundYet


def test_a_list_may_stand_inside_map() -> None:
    found = answer({"map": {"YT0000000000001": [a_line()]}, "success": "true"})
    assert isinstance(found, Track)
    assert found.scans[0].milestone is Milestone.OUT_FOR_DELIVERY


def test_an_empty_list_is_no_answer() -> None:
    with pytest.raises(UnreadableResponse):
        answer([])


@pytest.mark.parametrize(
    "document",
    [
        {"map": {"YT9999999999999": [a_line()]}, "success": "true"},
        {"map": None, "success": "true"},
        {"success": "true", "code": "200"},
    ],
)
def test_success_that_says_nothing_about_the_number_is_unreadable(document: object) -> None:
    with pytest.raises(UnreadableResponse):
        answer(document)


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"code": 401, "reason": "请求加密校验失败"}, AuthenticationFailed),
        ({"success": False, "code": 200010003, "reason": "x"}, UnreadableResponse),
        ({"success": "false", "code": "200010002"}, SourceUnavailable),
        (b"<Response><success>false</success><reason>S02</reason></Response>", AuthenticationFailed),
        (b"<Response><success>false</success><reason>S07:x</reason></Response>", SourceUnavailable),
        (b"<Response><success>false</success><reason>x</reason></Response>", UnreadableResponse),
        (b"<other><reason>S02</reason></other>", UnreadableResponse),
        (b"<!DOCTYPE Response><Response><reason>S02</reason></Response>", UnreadableResponse),
    ],
)
def test_a_refusal_has_a_number_a_text_or_an_old_code_in_xml(
    document: object, error: type[CarrierError]
) -> None:
    with pytest.raises(error) as caught:
        answer(document)
    assert type(caught.value) is error


def test_a_signature_after_a_return_is_the_shipper_s() -> None:
    found = track_of(
        a_line("SIGNED", "2025-01-03 09:00:00"),
        a_line("TMS_RETURN", "2025-01-04 09:00:00"),
        a_line("SENT_SCAN", "2025-01-05 09:00:00"),
        a_line("SIGNED", "2025-01-05 12:00:00"),
    )
    assert [scan.milestone for scan in found.scans] == [
        "delivered",
        "returning",
        "out_for_delivery",
        "returned",
    ]
    assert found.scans[1].reasons == (Reason.RETURN_TO_SENDER,)


@pytest.mark.parametrize("text", ["", "客户签收失败，原因：客户拒收", "包裹破损"])
def test_failed_says_that_something_went_wrong_and_the_text_what(text: str) -> None:
    (scan,) = track_of(a_line("FAILED", processInfo=text)).scans
    assert (scan.milestone, scan.reasons, scan.text) == (Milestone.EXCEPTION, (), text)


@pytest.mark.parametrize("code", ["RETURN", "REJECT", "RETENTION"])
def test_codes_of_other_carriers_are_none_of_yto_s(code: str) -> None:
    assert track_of(a_line(code)).unmapped_codes == (code,)


@pytest.mark.parametrize(
    "printed",
    ["2025-01-02 03:04:05", "2025-01-02 03:04:05.0 CST", "2025-01-2 3:04:05.0 CST", "2025-1-02T03:04:05"],
)
def test_a_time_is_read_however_it_is_padded(printed: str) -> None:
    (scan,) = track_of(a_line(at=printed)).scans
    assert scan.occurred_at == datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)
    assert scan.local_time == printed


@pytest.mark.parametrize("printed", ["2025-13-02 03:04:05", "2025-01-02", "2025-01-02 03:04:05 EST", ""])
def test_one_bad_line_does_not_lose_the_others(printed: str) -> None:
    found = track_of(a_line(), a_line(at=printed))
    assert len(found.scans) == 1
    assert not found.complete


# --- subscriptions


def test_a_subscription_is_signed_for_the_interface_beside_the_query_s() -> None:
    request = yto.subscribe([QUERY], ACCOUNT, STAMP, WISH)
    said = json.loads(request.content)
    assert said["param"] == (
        '{"client_id":"K00000001","logistics_interface":"{\\"clientId\\":\\"K00000001\\",'
        '\\"waybillNo\\":\\"YT0000000000001\\"}","msg_type":"online"}'
    )
    assert said["sign"] == "HBLB62ZEUdu4w4boRyxP5A=="
    assert str(request.url) == ADDRESS.replace("track_query", "subscribe")


def test_options_and_secrets_of_the_subscription_are_its_own() -> None:
    options = {
        "subscribe_url": "https://example.test/subscribe",
        "subscribe_method": "m",
        "subscribe_version": "v2",
        "client_id": "K1",
        "message_type": "offline",
    }
    account = replace(ACCOUNT, options=options, credentials={"secret": "a", "subscribe_secret": "b"})
    request = yto.subscribe([QUERY], account, STAMP, WISH)
    said = json.loads(request.content)
    param = json.loads(said["param"])
    assert (param["client_id"], param["msg_type"]) == ("K1", "offline")
    assert said["sign"] == yto.signature(said["param"], "b", method="m", version="v2")
    assert str(request.url) == "https://example.test/subscribe"


@pytest.mark.parametrize("success", [True, "true"])
def test_a_subscription_stands_when_it_succeeded(success: object) -> None:
    response = httpx.Response(200, json={"success": success})
    assert yto.read_subscription(response, [QUERY]) == {QUERY: None}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"success":false,"code":401}', AuthenticationFailed),
        (b'{"success":"false","code":"200010002"}', SourceUnavailable),
        (b"<Response><success>false</success><reason>S02</reason></Response>", AuthenticationFailed),
        (b"{}", UnreadableResponse),
        (b"[]", UnreadableResponse),
    ],
)
def test_a_subscription_that_failed_is_typed(body: bytes, error: type[CarrierError]) -> None:
    with pytest.raises(error):
        yto.read_subscription(httpx.Response(200, content=body), [QUERY])


def test_a_code_about_the_number_refuses_its_subscription_alone() -> None:
    response = httpx.Response(200, json={"success": False, "code": "1001"})
    assert type(yto.read_subscription(response, [QUERY])[QUERY]) is NotFoundYet


# --- pushes


def test_the_published_push_is_proved() -> None:
    account = replace(ACCOUNT, credentials={"secret": "x", "push_secret": "123456"})
    assert yto.verify(a_form("<order></order>", "LghTkEmsD2tbQ3fsIBRcBg=="), account, "not used")
    assert yto.verify(a_form(THE_PUSH, "FJiW27krLf30gJ/Q2rfbDQ=="), ACCOUNT, "not used")
    assert not yto.verify(a_form(THE_PUSH, "FJiW27krLf30gJ/Q2rfbDQ=="), account, "not used")


def test_a_second_document_cannot_be_smuggled_in() -> None:
    fields = [("logistics_interface", THE_PUSH), ("logistics_interface", "<UpdateInfo/>")]
    fields.append(("data_digest", "FJiW27krLf30gJ/Q2rfbDQ=="))
    push = PushRequest({}, {}, urlencode(fields).encode())
    assert not yto.verify(push, ACCOUNT, "")
    with pytest.raises(UnreadableResponse):
        yto.read_push(push, ACCOUNT)


def test_a_push_tells_of_one_event_and_who_and_where() -> None:
    scan = pushed_scan(
        infoContent="SENT_SCAN",
        acceptTime="2025-01-2 08:00:00.0 CST",
        remark="正在派件",
        orgName="示例公司",
        orgPhone="0000-00000000",
        empName="李四",
        deliveryName="张三",
        contactInfo="13800000000",
        city="示例市",
    )
    assert scan == Scan(
        occurred_at=datetime(2025, 1, 2, tzinfo=UTC),
        local_time="2025-01-2 08:00:00.0 CST",
        milestone=Milestone.OUT_FOR_DELIVERY,
        text="正在派件",
        carrier_code="SENT_SCAN",
        city="示例市",
        facility="示例公司",
        facility_phone="0000-00000000",
        courier_name="张三",
        courier_phone="13800000000",
    )


def test_the_courier_stands_only_on_delivery_lines_and_a_phone_is_a_number() -> None:
    people = {"empName": "李四", "contactInfo": "13800000000"}
    assert pushed_scan(infoContent="SENT_SCAN", **people).courier_name == "李四"
    assert pushed_scan(infoContent="GOT", **people).courier_name is None
    assert pushed_scan(infoContent="GOT", **people).courier_phone is None
    assert pushed_scan(infoContent="SENT_SCAN", contactInfo="张三").courier_phone is None


@pytest.mark.parametrize(
    ("remark", "cause", "text"),
    [
        ("签收失败", "客户拒收", "签收失败，客户拒收"),
        ("签收失败：客户拒收", "客户拒收", "签收失败：客户拒收"),
        ("", "客户拒收", "客户拒收"),
        ("签收失败", "", "签收失败"),
    ],
)
def test_the_cause_of_a_problem_is_part_of_the_text(remark: str, cause: str, text: str) -> None:
    assert pushed_scan(infoContent="FAILED", remark=remark, questionCause=cause).text == text


@pytest.mark.parametrize("code", ["SIGNED", "签收", "P769"])
def test_a_pushed_signature_is_a_hint_for_who_signed_is_not_said(code: str) -> None:
    assert pushed(infoContent=code) == Pushed("yto", "YT0000000000001", None)


def test_a_push_without_a_readable_time_is_a_hint() -> None:
    assert pushed(acceptTime="昨天").answer is None


def test_a_return_is_pushed_as_one() -> None:
    assert pushed_scan(infoContent="TMS_RETURN").milestone is Milestone.RETURNING


@pytest.mark.parametrize(
    "document",
    [
        "<UpdateInfo><infoContent>GOT</infoContent></UpdateInfo>",
        "<RequestOrder><mailNo>YT0000000000001</mailNo></RequestOrder>",
        '<!DOCTYPE x [<!ENTITY a "b">]><UpdateInfo><mailNo>&a;</mailNo></UpdateInfo>',
        "<!DOCTYPE UpdateInfo><UpdateInfo><mailNo>YT0000000000001</mailNo></UpdateInfo>",
        '<!ENTITY a "b"><UpdateInfo><mailNo>YT0000000000001</mailNo></UpdateInfo>',
        "<UpdateInfo>",
    ],
)
def test_a_push_that_is_not_the_document_we_know_is_unreadable(document: str) -> None:
    with pytest.raises(UnreadableResponse):
        yto.read_push(a_form(document), ACCOUNT)


def test_the_reply_repeats_the_order_and_escapes_it() -> None:
    reply = yto.acknowledge(a_push(txLogisticID="A&lt;B"), ACCOUNT, accepted=True)
    assert b"<txLogisticID>A&lt;B</txLogisticID><success>true</success>" in reply.body
    refused = yto.acknowledge(a_push(txLogisticID="A"), ACCOUNT, accepted=False)
    assert refused.status == 500
    assert b"<success>false</success><reason>S07</reason>" in refused.body


def test_an_older_receiver_answers_in_json() -> None:
    account = replace(ACCOUNT, options={"push_reply": "json"})
    reply = yto.acknowledge(a_push(txLogisticID="A"), account, accepted=True)
    assert json.loads(reply.body) == {"logisticProviderID": "YTO", "txLogisticID": "A", "success": True}
    assert reply.content_type == "application/json;charset=UTF-8"


# --- tables


def test_codes_mean_what_the_vendor_s_list_suggests() -> None:
    milestones = {
        Milestone.PRE_TRANSIT: "ACCEPT ORDER_BOOKING NOT_SEND",
        Milestone.PICKED_UP: "GOT 收件",
        Milestone.IN_TRANSIT: "ARRIVAL DEPARTURE PACKAGE UNPACK FORWARDING AIRSEND AIRPICK 发件 到件 转件 转投"
        " P760 P762 P764 P765 P771 P773 P774",
        Milestone.OUT_FOR_DELIVERY: "SENT_SCAN 派件 P767",
        Milestone.READY_FOR_PICKUP: "INBOUND",
        Milestone.DELIVERED: "SIGNED 签收 P769",
        Milestone.RETURNING: "TMS_RETURN 退件",
        Milestone.RETURNED: "退件完成",
        Milestone.EXCEPTION: "FAILED 拒签 问题件",
        Milestone.CANCELLED: "UNACCEPT",
    }
    meant = {code: milestone for milestone, codes in milestones.items() for code in codes.split()}
    assert {code: meaning.milestone for code, meaning in yto.MILESTONES.items()} == meant
    reasoned = {code: meaning.reasons for code, meaning in yto.MILESTONES.items() if meaning.reasons}
    assert reasoned == {
        "TMS_RETURN": (Reason.RETURN_TO_SENDER,),
        "退件": (Reason.RETURN_TO_SENDER,),
        "拒签": (Reason.REFUSED,),
    }


def test_result_codes_are_the_classes_that_the_vendor_s_tables_suggest() -> None:
    classes = {
        "NotFoundYet": "1001",
        "AuthenticationFailed": "401 S02 S03",
        "AccessDenied": "200017005 S08",
        "SourceUnavailable": "200010002 200010005 S07",
        "UnreadableResponse": "200010003 200010013 200017004 S01 S04 S05",
    }
    meant = {code: name for name, codes in classes.items() for code in codes.split()}
    assert {code: error.__name__ for code, error in yto.RESULT_CODES.items()} == meant
