"""JD's older platform: how it is asked, and what it answers. All is made; people, numbers and keys are invented."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.china import jd
from carriers.contract import Account, Milestone, Query, Reason, Scan, Stamp, Track
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    OwnershipRefused,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.sandbox.accounts import ACCOUNTS
from carriers.sandbox.life import EventKind, Life, LifeEvent
from carriers.sandbox.server import create_app
from carriers.sandbox.world import World

ACCOUNT = Account(
    "jd-1",
    "jd",
    {
        "app_key": "fakeappkey0000000000000000000001",
        "app_secret": "fakesecret0000000000000000000001",
        "access_token": "faketoken00000000000000000000001",
        "customer_code": "010K000001",
    },
    options={"api": "jos"},
)
STAMP = Stamp(at=datetime(2026, 1, 15, 2, 30, tzinfo=UTC), nonce="n")
QUERY = Query("jd", "JDVA00000000001")


def a_line(title: object = "派件", day: int = 12, **fields: Any) -> dict[str, Any]:
    """A line as the older platform prints it."""
    line = {
        "waybillCode": "JDVA00000000001",
        "opeTitle": title,
        "opeTime": f"2026/01/{day} 10:00:00",
        "opeRemark": "一行",
        "opeName": "京东快递",
        "courier": "张三",
        "courierTel": "13800000000",
    }
    return line | fields


def a_result(*lines: Any, **fields: Any) -> dict[str, Any]:
    return {"code": 100, "messsage": "成功", "data": list(lines)} | fields


def answer(result: object, *, ending: str = "responce") -> object:
    document = {f"jingdong_ldop_receive_trace_get_{ending}": {"code": "0", "querytrace_result": result}}
    return jd.read(httpx.Response(200, json=document), [QUERY])[QUERY]


def track_of(*lines: Any) -> Track:
    found = answer(a_result(*lines))
    assert isinstance(found, Track)
    return found


def said(title: str, *before: str) -> Milestone:
    lines = [a_line(one, day) for day, one in enumerate((*before, title), 10)]
    return track_of(*lines).scans[-1].milestone


def test_the_request_is_a_form_signed_in_the_order_of_its_names() -> None:
    request = jd.request([QUERY], ACCOUNT, STAMP)
    assert str(request.url) == "https://api.jd.com/routerjson"
    assert {name: values[0] for name, values in parse_qs(request.content.decode()).items()} == {
        "360buy_param_json": '{"customerCode":"010K000001","waybillCode":"JDVA00000000001"}',
        "access_token": "faketoken00000000000000000000001",
        "app_key": "fakeappkey0000000000000000000001",
        "method": "jingdong.ldop.receive.trace.get",
        "timestamp": "2026-01-15 10:30:00",
        "v": "2.0",
        "sign": "FDED73091D25B9F3380CF542D11E2F40",
    }


def test_the_account_says_where_to_ask() -> None:
    request = jd.request([QUERY], replace(ACCOUNT, base_url="http://127.0.0.1:9/"), STAMP)
    assert str(request.url) == "http://127.0.0.1:9/routerjson"


def test_a_line_is_read_whole_and_its_date_has_slashes() -> None:
    assert track_of(a_line()).scans == (
        Scan(
            occurred_at=datetime(2026, 1, 12, 2, tzinfo=UTC),
            local_time="2026-01-12 10:00:00",
            milestone=Milestone.OUT_FOR_DELIVERY,
            text="一行",
            carrier_code="派件",
            courier_name="张三",
            courier_phone="13800000000",
        ),
    )
    assert track_of(a_line(opeRemark=None)).scans[0].text == "派件"


@pytest.mark.parametrize("ending", ["responce", "response"])
@pytest.mark.parametrize("as_text", [False, True])
def test_the_answer_is_misspelt_or_not_and_an_object_or_text(ending: str, *, as_text: bool) -> None:
    result = a_result(a_line())
    assert isinstance(answer(json.dumps(result) if as_text else result, ending=ending), Track)


@pytest.mark.parametrize("data", [None, []])
def test_no_lines_are_nothing_yet(data: object) -> None:
    assert type(answer(a_result(data=data))) is NotFoundYet


def test_only_bad_lines_are_no_history() -> None:
    with pytest.raises(UnreadableResponse):
        answer(a_result(a_line(opeTime="soon"), 7))


def test_lines_about_another_number_are_left_out_and_refused_alone() -> None:
    other = a_line("妥投", 13, waybillCode="JDVA00000000002")
    assert [scan.carrier_code for scan in track_of(a_line(), other).scans] == ["派件"]
    assert (
        len(track_of(a_line(waybillCode="JDVA00000000001-1-1-"), a_line("妥投", waybillCode=None)).scans) == 2
    )
    with pytest.raises(UnreadableResponse):
        answer(a_result(other))


def test_an_unknown_name_stands_in_the_text() -> None:
    assert track_of(a_line("从未见过")).scans[0].text == "一行。从未见过"


def test_an_unknown_name_stays_unknown_and_is_reported() -> None:
    found = track_of(a_line("从未见过"))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.UNKNOWN, ("从未见过",))


def test_a_signature_of_jd_is_no_delivery() -> None:
    assert said("快递签收") is Milestone.PICKED_UP


@pytest.mark.parametrize("title", ["站点收货", "站点验货", "订单入站"])
def test_a_station_is_the_recipient_s_only_after_a_sorting_centre(title: str) -> None:
    assert said(title, "揽收", "站点发货", "封车") is Milestone.IN_TRANSIT
    assert said(title, "揽收", "分拣中心发货") is Milestone.ARRIVED_AT_DESTINATION_CITY


@pytest.mark.parametrize("turned", ["拒收", "再投后退回", "换单打印"])
def test_a_station_is_not_the_recipient_s_once_the_parcel_turned_back(turned: str) -> None:
    assert said("站点收货", "分拣中心发货", turned) is Milestone.IN_TRANSIT
    assert said("站点收货", "分拣中心发货", "待再投") is Milestone.ARRIVED_AT_DESTINATION_CITY


@pytest.mark.parametrize(
    ("title", "tells"),
    [("拒收", True), ("再投后退回", True), ("换单打印", True), ("分拣中心验货", False), ("妥投", False)],
)
def test_a_new_number_is_told_only_by_lines_that_give_one(title: str, *, tells: bool) -> None:
    found = track_of(a_line(title, opeRemark="新运单号JDVC00000000009"))
    assert found.new_tracking_number == ("JDVC00000000009" if tells else None)


def test_a_new_label_and_a_signature_after_it_are_read_as_today_s() -> None:
    found = track_of(
        a_line("换单打印", 11, opeRemark="新运单号JDVC00000000009"),
        a_line("妥投", 12),
    )
    assert [scan.milestone for scan in found.scans] == [Milestone.RETURNING, Milestone.RETURNED]
    assert found.new_tracking_number == "JDVC00000000009"
    (redirected,) = track_of(a_line("换单打印", opeRemark="客户改址")).scans
    assert (redirected.carrier_code, redirected.reasons) == ("换单打印/转寄", (Reason.INTERCEPTED,))


def test_the_courier_is_taken_only_where_he_delivers() -> None:
    for title in ("派件", "配送员收货", "妥投"):
        assert track_of(a_line(title)).scans[0].courier_phone == "13800000000"
    for title in ("配送员完成揽收", "分拣中心验货"):
        assert track_of(a_line(title)).scans[0].courier_phone is None


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("运单不存在", NotFoundYet),
        ("青龙业主号与运单不匹配", OwnershipRefused),
        ("系统异常", SourceUnavailable),
        ("其他", UnreadableResponse),
    ],
)
@pytest.mark.parametrize("field", ["messsage", "message"])
def test_a_refusal_inside_an_answer_is_told_by_its_words(
    words: str, error: type[CarrierError], field: str
) -> None:
    try:
        found = answer({"code": 105, field: words, "data": None})
    except CarrierError as raised:
        found = raised
    assert type(found) is error
    assert isinstance(found, CarrierError)
    assert found.code == "105"


def test_a_refusal_of_the_gateway_may_stand_without_a_result() -> None:
    document = {"jingdong_ldop_receive_trace_get_responce": {"code": "12"}}
    with pytest.raises(AuthenticationFailed):
        jd.read(httpx.Response(200, json=document), [QUERY])


def of_etms(**fields: Any) -> object:
    document = {"jingdong_etms_trace_get_responce": {"code": "0"} | fields}
    return jd.read(httpx.Response(200, json=document), [QUERY])[QUERY]


def test_the_oldest_function_is_asked_without_a_merchant() -> None:
    request = jd.request([QUERY], replace(ACCOUNT, options={"api": "etms"}), STAMP)
    fields = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    assert fields["method"] == "jingdong.etms.trace.get"
    assert fields["360buy_param_json"] == '{"waybillCode":"JDVA00000000001"}'


def test_the_oldest_function_spells_its_fields_either_way() -> None:
    snakes = {
        "waybill_code": "JDVA00000000001",
        "ope_title": "派件",
        "ope_time": "2026/01/12 10:00:00",
        "ope_remark": "一行",
    }
    for fields in ({"trace_api_dtos": [snakes]}, {"traceApiDtos": [a_line()]}, {"traceApiDtos": [snakes]}):
        found = of_etms(**fields)
        assert isinstance(found, Track)
        (scan,) = found.scans
        assert (scan.milestone, scan.text) == (Milestone.OUT_FOR_DELIVERY, "一行")


def test_the_oldest_function_refuses_and_finds_nothing_as_the_other() -> None:
    assert type(of_etms(trace_api_dtos=[])) is NotFoundYet
    with pytest.raises(AuthenticationFailed):
        of_etms(code="12", trace_api_dtos=[])
    with pytest.raises(UnreadableResponse):
        of_etms(trace_api_dtos=[{"waybill_code": "JDVA00000000002", "ope_time": "2026/01/12 10:00:00"}])


def test_names_mean_what_public_clients_agree_on() -> None:
    milestones = {
        Milestone.PRE_TRANSIT: "下单 已接单 揽收任务分配 揽件再取",
        Milestone.PICKED_UP: "揽收 揽收完成 配送员完成揽收 快递签收",
        Milestone.IN_TRANSIT: "分拣中心验货 分拣中心发货 分拣中心收货 站点发货 站点装箱 封车 站点收货 站点验货 订单入站"
        " 换单打印/转寄",
        Milestone.OUT_FOR_DELIVERY: "配送员收货 派件",
        Milestone.READY_FOR_PICKUP: "自提上架 便民点收货",
        Milestone.DELIVERED: "妥投",
        Milestone.RETURNING: "再投后退回 换单打印",
        Milestone.EXCEPTION: "站点再投 待再投 协商再投 协商再投结果 拒收 弃货 再投后报废",
        Milestone.CANCELLED: "终止揽收 客户取消 取消 已取消",
    }
    for milestone, titles in milestones.items():
        for title in titles.split():
            name, _, flag = title.partition("/")
            (scan,) = track_of(a_line(name, opeRemark=flag)).scans
            assert (scan.milestone, scan.carrier_code) == (milestone, title)
    assert sum(len(titles.split()) for titles in milestones.values()) == len(jd.TITLES)


@pytest.fixture
async def sandbox() -> AsyncIterator[httpx.AsyncClient]:
    now = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
    world = World(now=lambda: now)
    events = (LifeEvent(timedelta(hours=2), EventKind.COLLECTED, "一行"),)
    world.add(Life("jd", QUERY.tracking_number, now - timedelta(days=1), events))
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(404))) as nobody:
        app = create_app(world, client=nobody)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as opened:
            yield opened


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("app_key", AuthenticationFailed),
        ("app_secret", AuthenticationFailed),
        ("access_token", AuthenticationFailed),
        ("customer_code", AccessDenied),
        ("", None),
    ],
)
async def test_the_sandbox_understands_the_question_and_we_its_answer(
    sandbox: httpx.AsyncClient, wrong: str, error: type[CarrierError] | None
) -> None:
    played = next(account for account in ACCOUNTS if account.source == "jd")
    credentials = {name: "wrong" if name == wrong else value for name, value in played.credentials.items()}
    account = replace(ACCOUNT, credentials=credentials, base_url=played.base_url("http://sandbox"))
    response = await sandbox.send(jd.request([QUERY], account, STAMP))
    if error:
        with pytest.raises(error):
            jd.read(response, [QUERY])
        return
    found = jd.read(response, [QUERY])[QUERY]
    assert isinstance(found, Track)
    assert [(scan.milestone, scan.local_time) for scan in found.scans] == [
        ("picked_up", "2026-01-14 12:30:00")
    ]
