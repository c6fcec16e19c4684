"""Kdniao's oddities, one test each. Answers and pushes are made after the vendor's documentation."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from carriers.aggregators import kdniao, kdniao_answers
from carriers.contract import (
    Account,
    Milestone,
    Pushed,
    PushEnd,
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
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

KEY = "00000000-1111-2222-3333-444444444444"
ACCOUNT = Account("kdniao-1", "kdniao", {"business_id": "1000000", "api_key": KEY})
STAMP = Stamp(at=datetime(2026, 1, 10, tzinfo=UTC), nonce="n")
WISH = Subscription("https://us.test/push", "salt")
SF = Query("sf", "SF0000000000000", phone_tail="0000")
YTO = Query("yto", "YT0000000000000", phone_tail="0000")
JD = Query("jd", "JD0000000000000", phone_tail="0000")
PUSHED = (
    '{"PushTime":"2025-01-02 03:04:05","EBusinessID":"1000000","Data":[{"StateEx":"202","LogisticCode":'
    '"YT0000000000000","ShipperCode":"YTO","Traces":[{"Action":"202","AcceptStation":"派件中","AcceptTime":'
    '"2025-01-02 03:00:00","Location":"深圳市"}],"State":"2","EBusinessID":"1000000","Success":true,"Location":'
    '"深圳市"}],"Count":"1"}'
)
SIGN = "ZGY5Mzc3MzM2MmI3NmFlY2ZkZDMyOTc4NjhmY2Y1NzE="


def a_line(action: object = "202", at: str = "2025-01-02 03:04:05", **fields: Any) -> dict[str, Any]:
    return {"AcceptTime": at, "AcceptStation": "一行", "Location": "深圳市", "Action": action} | fields


def a_result(*lines: Any, **fields: Any) -> dict[str, Any]:
    told = {"EBusinessID": "1000000", "ShipperCode": "YTO", "LogisticCode": "YT0000000000000"}
    return told | {"Success": True, "Reason": "", "State": "2", "Traces": list(lines)} | fields


def read(document: object) -> object:
    return kdniao.read(httpx.Response(200, json=document), [YTO])[YTO]


def track_of(*lines: Any, **fields: Any) -> Track:
    found = read(a_result(*lines, **fields))
    assert isinstance(found, Track)
    return found


def newest_of(*lines: Any, **fields: Any) -> Scan:
    return track_of(*lines, **fields).scans[-1]


def sent(request: httpx.Request) -> tuple[str, dict[str, Any]]:
    """The type of a request, and what it asks for."""
    form = parse_qs(request.content.decode())
    document: dict[str, Any] = json.loads(form["RequestData"][0])
    return form["RequestType"][0], document


def asked(query: Query, **options: str) -> dict[str, Any]:
    return sent(kdniao.request([query], replace(ACCOUNT, options=options), STAMP))[1]


def wished(query: Query, **options: str) -> dict[str, Any]:
    return sent(kdniao.subscribe([query], replace(ACCOUNT, options=options), STAMP, WISH))[1]


def a_push(request_data: str, **fields: str) -> PushRequest:
    return PushRequest({}, {}, urlencode({"RequestData": request_data} | fields).encode())


def pushed(*parts: object, request_type: str = "102", **options: str) -> tuple[Pushed, ...]:
    document = {"PushTime": "2025-01-02 03:04:05", "Count": str(len(parts)), "Data": list(parts)}
    push = a_push(json.dumps(document), RequestType=request_type)
    return kdniao.read_push(push, replace(ACCOUNT, options=options))


def test_the_request_is_the_form_that_is_documented() -> None:
    request = kdniao.request([SF], ACCOUNT, STAMP)
    assert request.content == (
        b"EBusinessID=1000000&RequestType=8001&RequestData=%7B%22OrderCode%22%3A%22%22%2C%22ShipperCode%22%3A%22SF"
        b"%22%2C%22LogisticCode%22%3A%22SF0000000000000%22%2C%22CustomerName%22%3A%220000%22%7D&DataSign="
        b"NzMxYWJjNWVhNjhkN2RkNmMzMjA3NThiNmVhYTYzNTE%3D&DataType=2"
    )
    assert str(request.url) == "https://api.kdniao.com/Ebusiness/EbusinessOrderHandle.aspx"


def test_a_tail_leaves_the_house_only_for_carriers_that_want_it() -> None:
    assert asked(SF)["CustomerName"] == "0000"
    assert asked(replace(SF, carrier="zto"))["CustomerName"] == "0000"
    assert asked(replace(SF, carrier="kuayue"))["CustomerName"] == "0000"
    assert "CustomerName" not in asked(YTO)
    assert "CustomerName" not in asked(replace(SF, phone_tail=None))
    assert "CustomerName" not in asked(replace(SF, carrier="zto"), tails_of="sf")
    assert asked(SF, tails_of="sf")["CustomerName"] == "0000"


def test_the_free_plan_and_other_addresses_are_options() -> None:
    options = {
        "request_type": "1002",
        "subscription_type": "1008",
        "query_path": "/api/dist",
        "subscription_path": "/x",
    }
    account = replace(ACCOUNT, options=options)
    request, subscription = (
        kdniao.request([YTO], account, STAMP),
        kdniao.subscribe([YTO], account, STAMP, WISH),
    )
    assert (sent(request)[0], str(request.url)) == ("1002", "https://api.kdniao.com/api/dist")
    assert (sent(subscription)[0], str(subscription.url)) == ("1008", "https://api.kdniao.com/x")
    with pytest.raises(ValueError, match="request_type"):
        asked(YTO, request_type="8003")


@pytest.mark.parametrize("state", ["0", 0, "", None, "4"])
@pytest.mark.parametrize("lines", [[], None])
def test_success_without_lines_is_not_found_yet_whatever_the_state(state: object, lines: object) -> None:
    assert type(read(a_result(State=state, StateEx="401", Traces=lines))) is NotFoundYet


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("没有可用套餐", QuotaExhausted),
        ("套餐已用完", QuotaExhausted),
        ("今日查询次数已达上限", QuotaExhausted),
        ("请求过于频繁", RateLimited),
        ("数据签名验证失败", AuthenticationFailed),
        ("非法用户", AuthenticationFailed),
        ("单号格式非法", InvalidNumber),
        ("物流单号长度错误", InvalidNumber),
        ("错误的单号", InvalidNumber),
        ("手机号验证失败", OwnershipRefused),
        ("请输入尾号", OwnershipRefused),
        ("CustomerName不能为空", OwnershipRefused),
        ("系统异常", SourceUnavailable),
        ("请求超时", SourceUnavailable),
        ("服务繁忙", SourceUnavailable),
        ("暂无轨迹信息", NotFoundYet),
        ("不知道", UnreadableResponse),
        ("", UnreadableResponse),
    ],
)
def test_a_refusal_without_a_code_is_told_by_its_words(reason: str, error: type[Exception]) -> None:
    try:
        found = read({"EBusinessID": "1000000", "Success": False, "Reason": reason})
    except Exception as raised:  # noqa: BLE001 - looked at below
        found = raised
    assert type(found) is error
    assert not reason or reason not in repr(found)


def test_a_code_says_more_than_words() -> None:
    with pytest.raises(AccessDenied):
        read({"Success": False, "Code": 104, "Reason": "系统异常"})
    with pytest.raises(QuotaExhausted):
        read({"Success": True, "Code": "405", "Traces": [a_line()]})
    assert isinstance(read(a_result(a_line(), Code="100")), Track)


def test_lines_in_either_order_come_with_city_text_and_printed_time() -> None:
    found = track_of(
        a_line("202", "2025-01-03 10:00:00"),
        a_line("1", "2025-01-02 03:04:05", AcceptStation="", Remark="已揽收"),
        EstimatedDeliveryTime="2025-01-03 18:00:00",
    )
    assert [scan.milestone for scan in found.scans] == [Milestone.PICKED_UP, Milestone.OUT_FOR_DELIVERY]
    first = found.scans[0]
    assert (first.city, first.text, first.local_time) == ("深圳市", "已揽收", "2025-01-02 03:04:05")
    assert first.occurred_at == datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)
    assert found.eta == datetime(2025, 1, 3, 10, tzinfo=UTC)


def test_a_parcel_to_be_collected_is_not_collected_though_its_state_is_the_same() -> None:
    assert newest_of(a_line(None), State="1", StateEx="10").milestone is Milestone.PRE_TRANSIT
    assert newest_of(a_line("10"), State="1").milestone is Milestone.PRE_TRANSIT
    assert newest_of(a_line(None), State=1).milestone is Milestone.PICKED_UP


def test_on_the_free_plan_the_newest_line_bears_the_state() -> None:
    plain = {"AcceptTime": "2025-01-02 03:04:05", "AcceptStation": "已揽收"}
    newer = {"AcceptTime": "2025-01-03 03:04:05", "AcceptStation": "已签收"}
    found = track_of(plain, newer, State="3")
    assert [scan.milestone for scan in found.scans] == [Milestone.UNKNOWN, Milestone.DELIVERED]
    assert [scan.carrier_code for scan in found.scans] == ["", "3"]
    assert found.unmapped_codes == ()


@pytest.mark.parametrize(
    ("action", "state", "state_ex", "milestone", "reasons"),
    [
        # ahead: signed, returned or cancelled, or not fetched in time
        ("211", "3", "301", Milestone.DELIVERED, ()),
        ("405", "3", "302", Milestone.DELIVERED, (Reason.FAILED_ATTEMPT,)),
        ("3", "3", "304", Milestone.DELIVERED_TO_PROXY, ()),
        ("407", "4", "406", Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
        ("404", "4", "406", Milestone.RETURNED, (Reason.REFUSED, Reason.RETURN_TO_SENDER)),
        ("1", "4", "415", Milestone.CANCELLED, ()),
        ("211", "4", "412", Milestone.EXCEPTION, (Reason.PICKUP_OVERDUE,)),
        # not ahead: the line says as much, or more
        ("412", "4", "412", Milestone.EXCEPTION, (Reason.PICKUP_OVERDUE,)),
        ("311", "3", "3", Milestone.DELIVERED_TO_PROXY, ()),
        ("311", "3", None, Milestone.DELIVERED_TO_PROXY, ()),
        ("202", "4", "402", Milestone.OUT_FOR_DELIVERY, ()),
        ("202", "2", "201", Milestone.OUT_FOR_DELIVERY, ()),
        ("406", "4", "415", Milestone.CANCELLED, (Reason.RETURN_TO_SENDER,)),
    ],
)
def test_the_newest_line_bears_a_state_that_is_ahead_of_it(
    action: str, state: str, state_ex: str | None, *, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    scan = newest_of(a_line("1", "2025-01-01 03:04:05"), a_line(action), State=state, StateEx=state_ex)
    assert (scan.milestone, scan.reasons) == (milestone, reasons)


def test_a_finer_state_that_we_do_not_know_is_reported_and_the_plain_one_stands() -> None:
    found = track_of(a_line("318"), State="3", StateEx="318")
    assert found.scans[0].milestone is Milestone.DELIVERED
    assert found.unmapped_codes == ("318",)
    lost = track_of(a_line("77"), State="9", StateEx="99")
    assert lost.scans[0].milestone is Milestone.UNKNOWN
    assert lost.unmapped_codes == ("77", "99")


def test_the_deliverer_belongs_to_the_line_out_for_delivery() -> None:
    who = {"DeliveryMan": "测试", "DeliveryManTel": "13800000000"}
    lines = [a_line("202", "2025-01-02 03:04:05"), a_line("304", "2025-01-03 03:04:05")]
    found = track_of(*lines, **who)
    assert [scan.courier_phone for scan in found.scans] == ["13800000000", None]
    assert [scan.courier_name for scan in found.scans] == ["测试", None]
    assert newest_of(a_line("1"), **who).courier_name == "测试"


def test_the_station_belongs_to_the_line_that_leaves_the_parcel_there() -> None:
    where = {"Station": "测试驿站", "StationTel": "13800000000", "StationAdd": "测试路1号"}
    lines = [a_line("211", "2025-01-02 03:04:05"), a_line("417", "2025-01-03 03:04:05")]
    found = track_of(*lines, **where)
    assert [(scan.station, scan.station_phone) for scan in found.scans] == [
        ("测试驿站", "13800000000"),
        (None, None),
    ]
    assert newest_of(a_line("304"), **(where | {"Station": ""})).station == "测试路1号"
    assert newest_of(a_line("202"), **where).station is None


def test_one_bad_line_does_not_lose_the_others_and_only_bad_ones_are_no_history() -> None:
    found = track_of(a_line(), {"AcceptTime": []}, a_line(at="soon"))
    assert (len(found.scans), found.complete) == (1, False)
    with pytest.raises(UnreadableResponse):
        read(a_result(a_line(at="soon")))


def test_a_subscription_has_the_tail_or_the_merchant_s_code_at_jd() -> None:
    assert wished(SF) == {
        "ShipperCode": "SF",
        "LogisticCode": "SF0000000000000",
        "CustomerName": "0000",
    }
    assert "CustomerName" not in wished(YTO)
    assert "CustomerName" not in wished(JD)
    assert wished(JD, jd_merchant_code="M1")["CustomerName"] == "M1"
    assert "CustomerName" not in wished(YTO, jd_merchant_code="M1")
    assert "CustomerName" not in asked(JD, jd_merchant_code="M1")
    request = kdniao.subscribe([YTO], ACCOUNT, STAMP, WISH)
    assert (sent(request)[0], str(request.url)) == ("8008", "https://api.kdniao.com/api/dist")


def subscribed(**fields: Any) -> object:
    return kdniao.read_subscription(httpx.Response(200, json=fields), [SF])[SF]


def test_a_refused_subscription_is_the_number_s_own_trouble_or_the_account_s() -> None:
    assert subscribed(Success=True, Reason="") is None
    assert type(subscribed(Success=False, Code="101")) is InvalidNumber
    assert type(subscribed(Success=False, Reason="手机尾号错误")) is OwnershipRefused
    with pytest.raises(QuotaExhausted):
        subscribed(Success=False, Reason="没有可用套餐")


def test_a_push_is_proved_by_its_decoded_request_data() -> None:
    assert kdniao.verify(a_push(PUSHED, DataSign=SIGN), ACCOUNT, "salt")
    assert not kdniao.verify(a_push(PUSHED + " ", DataSign=SIGN), ACCOUNT, "salt")
    assert not kdniao.verify(a_push(PUSHED), ACCOUNT, "salt")
    twice = PushRequest({}, {}, a_push(PUSHED, DataSign=SIGN).body + b"&RequestData=%7B%7D")
    assert not kdniao.verify(twice, ACCOUNT, "salt")
    with pytest.raises(UnreadableResponse):
        kdniao.read_push(twice, ACCOUNT)


def test_a_push_may_come_as_json() -> None:
    body = {"RequestData": PUSHED, "RequestType": 102, "DataSign": SIGN}
    push = PushRequest({}, {}, json.dumps(body).encode())
    assert kdniao.verify(push, ACCOUNT, "salt")
    (one,) = kdniao.read_push(push, ACCOUNT)
    assert (one.carrier, one.tracking_number, one.ended) == ("yto", "YT0000000000000", None)
    for odd in (b'{"DataSign":"x"}', b'{"RequestData":', b"{}"):
        assert not kdniao.verify(PushRequest({}, {}, odd), ACCOUNT, "salt")


def test_a_push_tells_of_several_parcels_each_with_all_its_lines() -> None:
    told = pushed(
        a_result(a_line("1", "2025-01-01 03:04:05"), a_line("202"), State="2", StateEx="202"),
        a_result(a_line("405"), ShipperCode="ZZZ", LogisticCode="Z1"),
        a_result(LogisticCode="YT2", State="0"),
    )
    assert [(one.carrier, one.tracking_number) for one in told] == [
        ("yto", "YT0000000000000"),
        ("ZZZ", "Z1"),
        ("yto", "YT2"),
    ]
    first, second, third = (one.answer for one in told)
    assert isinstance(first, Track)
    assert (first.complete, len(first.scans)) == (True, 2)
    assert isinstance(second, Track)
    assert type(third) is NotFoundYet


def test_a_part_of_a_push_that_says_nothing_we_can_read_is_a_hint_to_ask() -> None:
    for part in (
        a_result(a_line(at="soon")),
        a_result(Traces="x"),
        a_result(Success=False, Reason="系统异常"),
        a_result(Success=[]),
    ):
        hint, other = pushed(part, a_result(a_line(), LogisticCode="YT2"))
        assert (hint.tracking_number, hint.answer, hint.ended) == ("YT0000000000000", None, None)
        assert isinstance(other.answer, Track)
    (refused, _) = pushed(a_result(Success=False, Code="403"), a_result(a_line()))
    assert type(refused.answer) is InvalidNumber


def test_a_part_without_a_number_leaves_the_others_and_alone_is_unreadable() -> None:
    assert len(pushed(7, {"LogisticCode": "YT1"}, a_result(a_line()))) == 1
    with pytest.raises(UnreadableResponse):
        pushed(7)
    assert pushed() == ()


def test_a_push_about_money_says_nothing_about_the_way() -> None:
    assert pushed(a_result(a_line()), request_type="107") == ()


@pytest.mark.parametrize(
    ("state_ex", "ended"), [("304", PushEnd.FINISHED), ("406", PushEnd.FINISHED), ("211", None)]
)
def test_after_a_last_state_no_push_comes(state_ex: str, ended: PushEnd | None) -> None:
    (one,) = pushed(a_result(a_line(state_ex), State=state_ex[0], StateEx=state_ex))
    assert one.ended is ended


def test_an_option_says_after_which_states_pushes_end() -> None:
    part = a_result(a_line("304"), State="3", StateEx="304")
    (one,) = pushed(part, last_states="3,301,406")
    assert one.ended is None
    (plain,) = pushed(part | {"StateEx": None}, last_states="3,301,406")
    assert plain.ended is PushEnd.FINISHED


def test_the_reply_names_our_account_and_bears_the_push_s_time() -> None:
    reply = kdniao.acknowledge(a_push(PUSHED), ACCOUNT, accepted=True)
    assert json.loads(reply.body) == {
        "EBusinessID": "1000000",
        "UpdateTime": "2025-01-02 03:04:05",
        "Success": True,
        "Reason": "",
    }
    refused = kdniao.acknowledge(a_push("{"), ACCOUNT, accepted=False)
    assert refused.status == 500
    assert json.loads(refused.body) == {
        "EBusinessID": "1000000",
        "UpdateTime": "",
        "Success": False,
        "Reason": "失败",
    }


def test_both_files_of_the_adapter_speak_of_one_source() -> None:
    assert kdniao.INFO.id == kdniao_answers.SOURCE
