"""Deppon's oddities, one test each. Answers and pushes are made after public clients; people, numbers are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from carriers.china import deppon
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
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

KEY = "fakeappkeyfakeappkeyfakeappkey01"
ACCOUNT = Account(
    "deppon-1", "deppon", {"company_code": "EWBTEST", "app_key": KEY, "customer_code": "000001"}
)
STAMP = Stamp(at=datetime.fromtimestamp(1_760_000_000, UTC), nonce="n")
QUERY = Query("deppon", "DPK000000000001")
WISH = Subscription("https://us.test/push", "salt")
# what base64 begins with when it holds a hexadecimal digit
HEX_IN_BASE64 = set("MNOYZ")


def a_trace(status: object = "SENT_SCAN", description: object = "一行", **fields: Any) -> dict[str, Any]:
    """A line as Deppon prints it."""
    told = {"city": "上海市", "site": "【上海测试营业部】", "status": status, "time": "2026-01-10 11:58:37"}
    return told | {"description": description} | fields


def answer(*traces: Any, **envelope: Any) -> object:
    number = {"tracking_number": "DPK000000000001", "trace_list": list(traces)}
    body = {"result": "true", "reason": "", "resultCode": "1000", "responseParam": number} | envelope
    return deppon.read(httpx.Response(200, json=body), [QUERY])[QUERY]


def track_of(*traces: Any, **envelope: Any) -> Track:
    found = answer(*traces, **envelope)
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_trace(*args, **fields)).scans
    return scan


def said(status: str, description: str) -> tuple[Milestone, tuple[Reason, ...]]:
    scan = scan_of(status, description)
    return scan.milestone, scan.reasons


def form_of(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def a_push(params: str, **fields: str) -> PushRequest:
    return PushRequest({}, {}, urlencode({"params": params} | fields).encode())


def pushed(document: object) -> tuple[Pushed, ...]:
    return deppon.read_push(a_push(json.dumps(document)), ACCOUNT)


def test_the_request_is_a_form_whose_digest_is_base64_of_hexadecimal_text() -> None:
    request = deppon.request([QUERY], ACCOUNT, STAMP)
    assert form_of(request) == {
        "companyCode": "EWBTEST",
        "timestamp": "1760000000000",
        "params": '{"mailNo":"DPK000000000001","customerCode":"000001"}',
        "digest": "YjgzOGE4NDJlYzE0NzA3NDZlNWE4MmZlMTc5YzgwYTY=",
    }
    assert form_of(request)["digest"][0] in HEX_IN_BASE64
    assert str(request.url) == (
        "https://dpapi.deppon.com/dop-interface-sync/standard-query/newTraceQuery.action"
    )


def test_the_vendor_s_test_environment_is_reached_by_address_and_path() -> None:
    account = replace(
        ACCOUNT,
        base_url="http://dpsanbox.deppon.com/sandbox-web",
        options={
            "query_path": "/standard-order/newTraceQuery.action",
            "subscription_path": "/standard-order/standTraceSubscribe.action",
        },
    )
    there = "http://dpsanbox.deppon.com/sandbox-web/standard-order/"
    assert str(deppon.request([QUERY], account, STAMP).url) == there + "newTraceQuery.action"
    assert str(deppon.subscribe([QUERY], account, STAMP, WISH).url) == there + "standTraceSubscribe.action"


def test_lines_in_no_order_are_put_in_order_and_read_with_city_and_site() -> None:
    found = track_of(
        a_trace("SENT_SCAN", time="2026-01-12 08:58:37"),
        a_trace("GOT", time="2026-01-10 11:58:37", site="【深圳测试营业部】", city="深圳市"),
        a_trace("ARRIVAL", time="2026-01-12 06:58:37"),
        a_trace("DEPARTURE", time="2026-01-10 20:58:37", site="深圳测试转运中心", city="深圳市"),
    )
    assert [(scan.carrier_code, scan.facility, scan.city) for scan in found.scans] == [
        ("GOT", "深圳测试营业部", "深圳市"),
        ("DEPARTURE", "深圳测试转运中心", "深圳市"),
        ("ARRIVAL", "上海测试营业部", "上海市"),
        ("SENT_SCAN", "上海测试营业部", "上海市"),
    ]
    assert found.scans[0].occurred_at == datetime(2026, 1, 10, 3, 58, 37, tzinfo=UTC)
    assert found.scans[0].local_time == "2026-01-10 11:58:37"


def test_a_site_may_be_missing_and_is_a_station_where_the_parcel_lies_in_a_locker() -> None:
    assert scan_of(site=None).facility is None
    for status in ("STA_INBOUND", "STA_SIGN"):
        scan = scan_of(status, site="测试自提柜")
        assert (scan.station, scan.facility) == ("测试自提柜", None)


@pytest.mark.parametrize("result", [True, "true", "TRUE", None])
def test_success_is_a_boolean_or_a_word(result: object) -> None:
    assert isinstance(answer(a_trace(), result=result), Track)


@pytest.mark.parametrize("name", ["trace_list", "traceList"])
@pytest.mark.parametrize("as_text", [False, True])
def test_the_list_has_two_names_and_may_lie_in_a_string(name: str, *, as_text: bool) -> None:
    number = {"tracking_number": "DPK000000000001", name: [a_trace()]}
    found = track_of(responseParam=json.dumps(number, ensure_ascii=False) if as_text else number)
    assert [scan.text for scan in found.scans] == ["一行"]


@pytest.mark.parametrize("nothing", [None, "", " ", {}, {"trace_list": []}, '{"trace_list":null}'])
def test_success_without_lines_is_nothing_yet(nothing: object) -> None:
    assert type(answer(responseParam=nothing, reason="暂无查询记录")) is NotFoundYet


@pytest.mark.parametrize(
    ("code", "reason", "error"),
    [
        ("2006", "参数校验失败", UnreadableResponse),
        ("3002", "没有权限", AccessDenied),
        ("", "摘要不匹配", AuthenticationFailed),
        ("9", "digest error", AuthenticationFailed),
        ("9", "签名错误", AuthenticationFailed),
        ("", "companyCode 不存在", AuthenticationFailed),
        ("", "运单不存在", NotFoundYet),
        ("9", "该订单不存在", NotFoundYet),
        ("", "调用频率过高", RateLimited),
        ("", "次数超限", RateLimited),
        ("", "系统异常", SourceUnavailable),
        ("9", "请求超时", SourceUnavailable),
        ("", "", SourceUnavailable),
        ("", "不知道", SourceUnavailable),
        ("9", "不知道", UnreadableResponse),
    ],
)
def test_a_refusal_is_told_by_its_code_and_else_by_its_words(
    code: str, reason: str, error: type[Exception]
) -> None:
    try:
        found = answer(result="false", resultCode=code, reason=reason, responseParam=None)
    except Exception as raised:  # noqa: BLE001 - looked at below
        found = raised
    assert type(found) is error
    assert not reason or reason not in repr(found)


def test_success_with_the_code_of_a_refusal_is_none() -> None:
    with pytest.raises(AccessDenied):
        answer(a_trace(), resultCode="3002")


@pytest.mark.parametrize(
    ("status", "description", "milestone", "reasons"),
    [
        ("FAILED", "拒绝签收:外包装破损", Milestone.EXCEPTION, (Reason.REFUSED,)),
        ("FAILED", "运单已作废", Milestone.CANCELLED, ()),
        ("INBOUND", "货物暂存营业部", Milestone.EXCEPTION, (Reason.HELD,)),
        ("INBOUND", "暂存,等待客户自提", Milestone.READY_FOR_PICKUP, ()),
        ("ERROR", "运单已作废", Milestone.EXCEPTION, (Reason.DELAYED_TRANSIT,)),
        ("SIGNED", "正常签收,签收人类型:同事", Milestone.DELIVERED, ()),
        ("OPERATETRACK", "退回", Milestone.IN_TRANSIT, (Reason.INTERCEPTED,)),
    ],
)
def test_two_statuses_have_two_meanings_and_a_word_tells_which(
    status: str, description: str, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    assert said(status, description) == (milestone, reasons)


def test_other_keeps_the_milestone() -> None:
    found = track_of(a_trace("SENT_SCAN"), a_trace("OTHER", time="2026-01-10 12:00:00"))
    assert found.scans[-1].milestone is Milestone.OUT_FOR_DELIVERY
    assert found.unmapped_codes == ()


@pytest.mark.parametrize(
    ("status", "description", "number"),
    [
        ("OPERATETRACK", "应客户要求转寄，新运单号:DPK000000000009", "DPK000000000009"),
        ("OPERATETRACK", "已转寄,新单号为：600000009", "600000009"),
        ("FAILED", "退回,新运单号DPK000000000009,请留意", "DPK000000000009"),
        ("OPERATETRACK", "应客户要求转寄，新运单号:DPK000000000001", None),
        ("OPERATETRACK", "应客户要求转寄", None),
        ("SENT_SCAN", "新运单号:DPK000000000009", None),
    ],
)
def test_a_new_number_stands_in_the_text_of_a_redirection(
    status: str, description: str, number: str | None
) -> None:
    assert track_of(a_trace(status, description)).new_tracking_number == number


def test_the_unknown_status_of_the_test_environment_is_reported() -> None:
    found = track_of(a_trace("20"), a_trace("GOT"))
    assert found.unmapped_codes == ("20",)
    assert {scan.milestone for scan in found.scans} == {Milestone.UNKNOWN, Milestone.PICKED_UP}


def test_one_bad_line_does_not_lose_the_others_and_only_bad_ones_are_no_history() -> None:
    found = track_of(a_trace(), {"time": []}, a_trace(time="soon"))
    assert (len(found.scans), found.complete) == (1, False)
    with pytest.raises(UnreadableResponse):
        answer(a_trace(time="soon"))


def test_a_subscription_names_the_number_alone() -> None:
    request = deppon.subscribe([QUERY], ACCOUNT, STAMP, WISH)
    form = form_of(request)
    assert form["params"] == '{"tracking_number":"DPK000000000001"}'
    assert form["digest"] == deppon.signature(form["params"], "1760000000000", app_key=KEY)
    assert str(request.url) == (
        "https://dpapi.deppon.com/dop-interface-sync/dop-nonstandard-extension/standTraceSubscribe.action"
    )


def subscribed(**fields: Any) -> object:
    response = httpx.Response(200, json=fields)
    return deppon.read_subscription(response, [QUERY])[QUERY]


def test_a_refused_subscription_is_the_number_s_own_trouble_or_the_account_s() -> None:
    assert subscribed(result=True, error_code="1000", success=True) is None
    assert subscribed(success="true", error_code="") is None
    assert type(subscribed(result=False, error_code="2006", error_message="重复")) is InvalidNumber
    assert type(subscribed(result=False, error_code="", error_message="运单不存在")) is NotFoundYet
    with pytest.raises(AccessDenied):
        subscribed(result=False, error_code="3002")


def test_a_push_without_digest_is_known_by_its_address_unless_one_is_demanded() -> None:
    strict = replace(ACCOUNT, options={"push_digest": "required"})
    assert deppon.verify(a_push("{}"), ACCOUNT, "salt")
    assert not deppon.verify(a_push("{}"), strict, "salt")


@pytest.mark.parametrize("account", [ACCOUNT, replace(ACCOUNT, options={"push_digest": "required"})])
def test_a_digest_that_is_there_has_to_be_right(account: Account) -> None:
    right = deppon.signature("{}", "1", app_key=KEY)
    assert deppon.verify(a_push("{}", timestamp="1", digest=right), account, "salt")
    assert not deppon.verify(a_push("{}", timestamp="2", digest=right), account, "salt")
    assert not deppon.verify(a_push("{ }", timestamp="1", digest=right), account, "salt")
    assert not deppon.verify(a_push("{}", timestamp="1", digest=""), strictly(account), "salt")
    twice = PushRequest({}, {}, a_push("{}", timestamp="1", digest=right).body + b"&digest=x")
    assert not deppon.verify(twice, account, "salt")
    body = {"params": "{}", "timestamp": 1, "digest": right}
    assert deppon.verify(PushRequest({}, {}, json.dumps(body).encode()), account, "salt")
    assert not deppon.verify(
        PushRequest({}, {}, json.dumps(body | {"digest": "x"}).encode()), account, "salt"
    )
    assert not deppon.verify(PushRequest({}, {}, b'{"digest":"x"}'), account, "salt")


def strictly(account: Account) -> Account:
    return replace(account, options={"push_digest": "required"})


ONE = {"tracking_number": "DPK000000000001", "trace_list": [a_trace("GOT")]}
TWO = {"tracking_number": "DPK000000000002", "traceList": [a_trace("SIGNED")]}


def test_a_push_tells_news_about_several_numbers() -> None:
    told = pushed({"track_list": [ONE, TWO]})
    assert [one.tracking_number for one in told] == ["DPK000000000001", "DPK000000000002"]
    for one, milestone in zip(told, (Milestone.PICKED_UP, Milestone.DELIVERED), strict=True):
        assert isinstance(one.answer, Track)
        assert not one.answer.complete
        assert one.answer.scans[0].milestone is milestone
        assert one.ended is None


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(ONE),
        json.dumps({"track_list": [ONE]}),
        json.dumps({"params": ONE}),
        json.dumps({"params": json.dumps({"track_list": [ONE]}), "digest": "x"}),
        urlencode({"params": json.dumps(ONE)}),
    ],
)
def test_a_push_may_be_json_and_may_be_about_one_number(body: str) -> None:
    (one,) = deppon.read_push(PushRequest({}, {}, body.encode()), ACCOUNT)
    assert one.tracking_number == "DPK000000000001"
    assert isinstance(one.answer, Track)


def test_a_part_of_a_push_that_says_nothing_we_can_read_is_a_hint_to_ask() -> None:
    for lines in ([], [a_trace(time="soon")], None):
        (one, other) = pushed({"track_list": [ONE | {"trace_list": lines}, TWO]})
        assert (one.answer, one.ended) == (None, None)
        assert isinstance(other.answer, Track)


@pytest.mark.parametrize("document", [{}, {"track_list": []}, {"track_list": [{"trace_list": []}, 7]}])
def test_a_push_about_no_number_is_unreadable(document: object) -> None:
    with pytest.raises(UnreadableResponse):
        pushed(document)


def test_a_push_that_was_not_taken_is_answered_with_an_error() -> None:
    reply = deppon.acknowledge(a_push("{}"), ACCOUNT, accepted=False)
    assert reply.status == 500
    assert json.loads(reply.body)["success"] is False
