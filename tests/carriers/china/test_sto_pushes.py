"""STO's subscriptions and pushes: how they are asked for, proved, read and acknowledged. All of them are made."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from carriers.china import sto
from carriers.contract import (
    Account,
    Pushed,
    PushRequest,
    Query,
    Scan,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import AuthenticationFailed, ShipmentError, UnreadableResponse

ACCOUNT = Account("sto-1", "sto", {"app_key": "DEMOKEY", "secret_key": "demo-sto-secret"})
STAMP = Stamp(at=datetime(2025, 1, 2, 3, tzinfo=UTC), nonce="n")
QUERY, SECOND = Query("sto", "777000000000001"), Query("sto", "777000000000002")
WISH = Subscription("https://example.test/push/sto", "not used")
THE_PUSH = (
    '{"waybillNo":"777000000000001","linkCode":"DEMO-ORDER-1","trace":{"outBizCode":"demo-biz-1",'
    '"opOrgName":"示例网点","opOrgCode":"900000","opOrgType":"1","opOrgCityName":"上海市",'
    '"opOrgProvinceName":"上海","opOrgTel":"021-00000000","opTime":"2025-01-02 03:04:05","scanType":"派件",'
    '"memo":"【示例网点】的派件员【张三】正在为您派件，联系电话【13800000000】","bizEmpName":"张三",'
    '"bizEmpCode":"9000000001","bizEmpPhone":"13800000000"}}'
)
DIGEST = "S7XKbOjh/z/bMkAvY7/p/A=="


def a_line(code: str = "派件", at: object = "2025-01-02 09:30:00", **fields: Any) -> dict[str, Any]:
    """What a push says of one event."""
    line = {
        "opTime": at,
        "scanType": code,
        "opOrgName": "示例市某区公司",
        "opOrgCityName": "上海市",
        "opOrgTel": "021-00000000",
        "opOrgType": "1",
        "memo": "一行",
    }
    return line | fields


def an_answer(data: object, **fields: Any) -> dict[str, Any]:
    return {"success": "true", "errorCode": "", "errorMsg": "", "needRetry": "false", "data": data} | fields


def queried(*args: Any, **fields: Any) -> Scan:
    """The same line as an answer has it."""
    line = a_line(*args, **fields) | {"opOrgType": None, "opOrgTypeCode": "0001"}
    response = httpx.Response(200, json=an_answer({"777000000000001": [line]}))
    found = sto.read(response, [QUERY])[QUERY]
    assert isinstance(found, Track)
    return found.scans[0]


def a_push(trace: object, **fields: Any) -> PushRequest:
    content = json.dumps({"waybillNo": "777000000000001", "trace": trace} | fields)
    return PushRequest({}, {}, urlencode({"content": content, "data_digest": "x"}).encode())


def pushed(code: str = "派件", at: object = "2025-01-02 09:30:00", **fields: Any) -> Pushed:
    (told,) = sto.read_push(a_push(a_line(code, at, **fields)), ACCOUNT)
    return told


def pushed_scan(*args: Any, **fields: Any) -> Scan:
    told = pushed(*args, **fields)
    assert isinstance(told.answer, Track)
    assert not told.answer.complete
    (scan,) = told.answer.scans
    return scan


# --- subscriptions


def test_a_subscription_is_the_form_that_is_signed() -> None:
    request = sto.subscribe([QUERY], ACCOUNT, STAMP, WISH)
    form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    assert form["content"] == '{"subscribeInfoList":[{"waybillNo":"777000000000001"}]}'
    assert form["data_digest"] == "RNnbJVgIhvl0SWmoNV6r5Q=="
    assert form["api_name"] == "STO_TRACE_PLATFORM_SUBSCRIBE"
    assert form["to_appkey"] == form["to_code"] == "sto_trace_platform"
    other = sto.subscribe([QUERY], replace(ACCOUNT, options={"subscribe_to": "x"}), STAMP, WISH)
    assert b"to_appkey=x&to_code=x" in other.content


@pytest.mark.parametrize("yes", [True, "true"])
@pytest.mark.parametrize("no", [False, "false", None, "?"])
def test_each_number_of_a_subscription_has_its_own_status(yes: object, no: object) -> None:
    data = [
        {"waybillNo": "777000000000001", "status": yes, "message": ""},
        {"waybillNo": "777000000000002", "status": no, "message": "x"},
    ]
    said = sto.read_subscription(httpx.Response(200, json=an_answer(data)), [QUERY, SECOND])
    assert said[QUERY] is None
    assert type(said[SECOND]) is ShipmentError


@pytest.mark.parametrize("data", [None, [], [{"waybillNo": "777000000000009", "status": "true"}], [[]]])
def test_a_number_that_is_not_named_is_not_subscribed(data: object) -> None:
    said = sto.read_subscription(httpx.Response(200, json=an_answer(data)), [QUERY])
    assert isinstance(said[QUERY], ShipmentError)


def test_a_subscription_that_fails_as_a_whole_is_raised() -> None:
    refused = an_answer(None, success="false", errorCode="S02")
    with pytest.raises(AuthenticationFailed):
        sto.read_subscription(httpx.Response(200, json=refused), [QUERY])
    with pytest.raises(UnreadableResponse):
        sto.read_subscription(httpx.Response(200, json=an_answer({"a": 1})), [QUERY])


# --- pushes


def the_push(**where: Any) -> PushRequest:
    return replace(PushRequest({}, {}, THE_PUSH.encode()), **where)


def test_a_push_is_proved_as_a_form_and_as_json_alone() -> None:
    form = urlencode({"content": THE_PUSH, "data_digest": DIGEST}).encode()
    for push in (
        the_push(body=form),
        the_push(query={"data_digest": DIGEST}),
        the_push(headers={"data_digest": DIGEST}),
    ):
        assert sto.verify(push, ACCOUNT, "not used")
        (told,) = sto.read_push(push, ACCOUNT)
        assert isinstance(told.answer, Track)
        assert told.answer.scans[0].occurred_at == datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)


def test_a_push_that_bears_no_digest_or_a_wrong_one_is_refused() -> None:
    assert not sto.verify(the_push(), ACCOUNT, "")
    assert not sto.verify(the_push(query={"data_digest": DIGEST.lower()}), ACCOUNT, "")
    assert not sto.verify(the_push(query={"data_digest": DIGEST}, body=b'{"\xff"'), ACCOUNT, "")
    other = replace(ACCOUNT, credentials=ACCOUNT.credentials | {"secret_key": "other"})
    assert not sto.verify(the_push(query={"data_digest": DIGEST}), other, "")


def test_a_second_content_cannot_be_smuggled_in() -> None:
    fields = [("content", THE_PUSH), ("content", "{}"), ("data_digest", DIGEST)]
    push = the_push(body=urlencode(fields).encode())
    assert not sto.verify(push, ACCOUNT, "")
    with pytest.raises(UnreadableResponse):
        sto.read_push(push, ACCOUNT)


@pytest.mark.parametrize(
    ("code", "memo"), [("签收", ""), ("客户签收", ""), ("驿站出库", "凭取货码签收"), ("快件取出", "已签收")]
)
def test_a_pushed_signature_is_a_hint_for_who_signed_is_not_said(code: str, memo: str) -> None:
    assert pushed(code, memo=memo) == Pushed("sto", "777000000000001", None)


@pytest.mark.parametrize(
    ("zone", "hour"), [("", 1), ("8", 1), ("+8", 1), ("GMT+08:00", 1), ("UTC+0700", 2), ("-5", 14), ("0", 9)]
)
def test_a_push_may_name_another_zone(zone: str, hour: int) -> None:
    assert pushed_scan(tz=zone).occurred_at == datetime(2025, 1, 2, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars", "+99", "GMT"])
def test_a_zone_that_cannot_be_read_makes_a_hint(zone: str) -> None:
    assert pushed(tz=zone).answer is None


def test_a_push_without_a_line_is_a_hint() -> None:
    (told,) = sto.read_push(a_push(None), ACCOUNT)
    assert told == Pushed("sto", "777000000000001", None)
    assert pushed(at="soon").answer is None


def test_a_push_about_no_number_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        sto.read_push(a_push(a_line(), waybillNo=""), ACCOUNT)


def test_a_line_has_the_same_identity_in_a_push_and_in_an_answer() -> None:
    fields = {"issueName": "40客户拒收", "memo": "一行"}
    assert pushed_scan("问题件", **fields).identity == queried("问题件", **fields).identity


def test_type_3_is_a_station() -> None:
    station = pushed_scan("驿站代收", opOrgType="3", opOrgName="示例驿站", opOrgTel="13800000001")
    assert (station.station, station.station_phone) == ("示例驿站", "13800000001")
    assert (station.facility, station.facility_phone) == (None, None)
    assert pushed_scan("到件", opOrgType="2").facility == "示例市某区公司"


def test_what_was_not_taken_is_asked_for_again() -> None:
    reply = sto.acknowledge(the_push(), ACCOUNT, accepted=False)
    assert (reply.status, json.loads(reply.body)["success"]) == (500, False)
