"""YTO's subscriptions and pushes: how they are asked for, proved, read and acknowledged.

One proof is published, all else is made.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest

from carriers.china import yto
from carriers.contract import (
    Account,
    Milestone,
    Pushed,
    PushRequest,
    Query,
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


def test_a_number_is_known_in_small_letters() -> None:
    assert pushed(mailNo="yt0000000000001").tracking_number == "YT0000000000001"


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
