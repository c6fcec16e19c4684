"""STO's oddities, one test each. Answers and pushes are made after public clients; people and numbers are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.china import sto
from carriers.contract import (
    Account,
    Milestone,
    Query,
    Reason,
    Scan,
    Stamp,
    Track,
)
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("sto-1", "sto", {"app_key": "DEMOKEY", "secret_key": "demo-sto-secret"})
STAMP = Stamp(at=datetime(2025, 1, 2, 3, tzinfo=UTC), nonce="n")
QUERY, SECOND = Query("sto", "777000000000001"), Query("sto", "777000000000002")
MEMO = "【示例市某区公司】的派件员【张三】正在为您派件，如有疑问请联系派件员，联系电话【13800000000】"


def a_line(code: str = "派件", at: object = "2025-01-02 09:30:00", **fields: Any) -> dict[str, Any]:
    """A line as STO prints it."""
    line = {
        "waybillNo": "777000000000001",
        "opTime": at,
        "scanType": code,
        "opOrgName": "示例市某区公司",
        "opOrgCode": "900000",
        "opOrgProvinceName": "上海",
        "opOrgCityName": "上海市",
        "opOrgTel": "021-00000000",
        "opOrgTypeCode": "0001",
        "opEmpName": "赵六",
        "bizEmpName": "张三",
        "bizEmpPhone": "13800000000",
        "bizEmpTel": "",
        "issueName": "",
        "signoffPeople": "",
        "weight": "0.0",
        "memo": MEMO,
    }
    return line | fields


def an_answer(data: object, **fields: Any) -> dict[str, Any]:
    envelope = {"success": "true", "errorCode": "", "errorMsg": "", "needRetry": "false"}
    return envelope | {"requestId": "demo-req-1", "expInfo": "", "data": data} | fields


def answers(document: object) -> dict[Query, object]:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return dict(sto.read(httpx.Response(200, content=body), [QUERY, SECOND]))


def track_of(*lines: Any) -> Track:
    found = answers(an_answer({"777000000000001": list(lines)}))[QUERY]
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_line(*args, **fields)).scans
    return scan


# --- questions


def test_the_request_is_the_form_that_public_clients_send() -> None:
    request = sto.request([QUERY], ACCOUNT, STAMP)
    assert request.content == (
        b"content=%7B%22order%22%3A%22asc%22%2C%22waybillNoList%22%3A%5B%22777000000000001%22%5D%7D"
        b"&data_digest=CCeiVkGQ8CTPMlr3VhQvPw%3D%3D&api_name=STO_TRACE_QUERY_COMMON&from_appkey=DEMOKEY"
        b"&from_code=DEMOKEY&to_appkey=sto_trace_query&to_code=sto_trace_query"
    )
    assert str(request.url) == "https://cloudinter-linkgatewayonline.sto.cn/gateway/link.do"


def test_options_change_what_is_unverified() -> None:
    options = {"from_code": "RESOURCE", "query_to": "other_query", "numbers_as": "objects"}
    form = parse_qs(sto.request([QUERY, SECOND], replace(ACCOUNT, options=options), STAMP).content.decode())
    assert (form["from_appkey"], form["from_code"]) == (["DEMOKEY"], ["RESOURCE"])
    assert (form["to_appkey"], form["to_code"]) == (["other_query"], ["other_query"])
    assert json.loads(form["content"][0])["waybillNoList"] == [
        {"waybillNo": "777000000000001"},
        {"waybillNo": "777000000000002"},
    ]


def test_no_tail_leaves_the_house() -> None:
    request = sto.request([replace(QUERY, phone_tail="4711")], ACCOUNT, STAMP)
    assert b"4711" not in request.content


# --- answers


def test_a_line_is_read_whole() -> None:
    assert scan_of(signoffPeople="本人") == Scan(
        occurred_at=datetime(2025, 1, 2, 1, 30, tzinfo=UTC),
        local_time="2025-01-02 09:30:00",
        milestone=Milestone.OUT_FOR_DELIVERY,
        text=MEMO,
        carrier_code="派件",
        city="上海市",
        facility="示例市某区公司",
        facility_phone="021-00000000",
        courier_name="张三",
        courier_phone="13800000000",
        signed_by="本人",
    )


@pytest.mark.parametrize("success", [True, "true", "TRUE"])
def test_success_is_boolean_or_text(success: object) -> None:
    found = answers(an_answer({"777000000000001": [a_line()]}, success=success))
    assert isinstance(found[QUERY], Track)
    assert type(found[SECOND]) is NotFoundYet


@pytest.mark.parametrize(
    "data", [None, {}, {"777000000000001": None}, {"777000000000001": [], "777000000000002": None}]
)
def test_no_list_and_an_empty_list_are_nothing_yet(data: object) -> None:
    assert {type(answer) for answer in answers(an_answer(data)).values()} == {NotFoundYet}


def test_an_answer_about_other_numbers_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        answers(an_answer({"777000000000009": [a_line()]}))


@pytest.mark.parametrize("rows", ["x", {"a": 1}, [{"opTime": "soon"}], [[]], 7])
def test_a_number_out_of_shape_leaves_the_others_alone(rows: object) -> None:
    found = answers(an_answer({"777000000000001": rows, "777000000000002": [a_line()]}))
    assert type(found[QUERY]) is UnreadableResponse
    assert isinstance(found[SECOND], Track)


def test_one_bad_line_does_not_lose_the_others() -> None:
    found = track_of(a_line(), {"opTime": []}, a_line(at="soon"))
    assert len(found.scans) == 1
    assert not found.complete


@pytest.mark.parametrize(
    ("code", "retry", "error"),
    [
        ("S02", "false", AuthenticationFailed),
        ("S02", "true", AuthenticationFailed),
        ("S07", "false", SourceUnavailable),
        ("S13", "false", UnreadableResponse),
        ("S13", "true", SourceUnavailable),
        ("S13", True, SourceUnavailable),
        ("S14", False, RateLimited),
        ("B9999", "true", SourceUnavailable),
        ("B9999", "false", UnreadableResponse),
        ("", "true", SourceUnavailable),
        ("", None, UnreadableResponse),
    ],
)
@pytest.mark.parametrize("success", ["false", False])
def test_a_refusal_is_its_code_or_what_need_retry_says(
    code: str, retry: object, error: type[CarrierError], success: object
) -> None:
    with pytest.raises(error) as caught:
        answers(an_answer(None, success=success, errorCode=code, needRetry=retry))
    assert type(caught.value) is error
    assert caught.value.code == (code or None)


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ("<success>false</success><errorCode>S02</errorCode>", AuthenticationFailed),
        ("<success>false</success><errorCode>B1</errorCode><needRetry>true</needRetry>", SourceUnavailable),
        ("<success>false</success><errorCode>B1</errorCode>", UnreadableResponse),
        ("<success>true</success><data>x</data>", UnreadableResponse),
    ],
)
def test_an_old_gateway_refuses_in_xml(document: str, error: type[CarrierError]) -> None:
    with pytest.raises(error) as caught:
        answers(f"<response>{document}</response>".encode())
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>busy</body></html>",
        b"<!DOCTYPE response><response><success>false</success><errorCode>S07</errorCode></response>",
        b"<response><success>false</success>",
    ],
)
def test_other_xml_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        answers(body)


def test_a_signature_after_a_return_is_the_shipper_s() -> None:
    found = track_of(
        a_line("签收", "2025-01-03 09:00:00"),
        a_line("退回件", "2025-01-04 09:00:00"),
        a_line("派件", "2025-01-05 09:00:00"),
        a_line("客户签收", "2025-01-05 12:00:00"),
    )
    assert [scan.milestone for scan in found.scans] == [
        "delivered",
        "returning",
        "out_for_delivery",
        "returned",
    ]


@pytest.mark.parametrize(
    ("code", "memo", "milestone", "carrier_code"),
    [
        ("驿站出库", "已签收，签收人凭取货码签收。", Milestone.DELIVERED, "驿站出库/签收"),
        ("驿站出库", "凭取件码取走", Milestone.DELIVERED, "驿站出库/签收"),
        ("驿站出库", "快件已出库", Milestone.OUT_FOR_DELIVERY, "驿站出库"),
        ("快件取出", "凭取件码取走", Milestone.DELIVERED, "快件取出/签收"),
        ("快件取出", "快递员取出", Milestone.OUT_FOR_DELIVERY, "快件取出"),
        ("派件", "请凭取件码签收", Milestone.OUT_FOR_DELIVERY, "派件"),
    ],
)
def test_leaving_a_station_is_a_delivery_where_the_memo_says_so(
    code: str, memo: str, milestone: Milestone, *, carrier_code: str
) -> None:
    scan = scan_of(code, memo=memo)
    assert (scan.milestone, scan.carrier_code) == (milestone, carrier_code)


@pytest.mark.parametrize(
    ("issue", "memo", "carrier_code", "reasons", "text"),
    [
        ("40客户拒收", "一行", "问题件/40", (Reason.REFUSED,), "一行，40客户拒收"),
        ("40", "一行", "问题件/40", (Reason.REFUSED,), "一行"),
        (40, "一行", "问题件/40", (Reason.REFUSED,), "一行"),
        ("27.超区退回", "", "问题件/27", (Reason.OUT_OF_AREA, Reason.RETURN_TO_SENDER), "27.超区退回"),
        ("客户拒收", "一行", "问题件", (), "一行，客户拒收"),
        ("客户拒收", "问题件：客户拒收", "问题件", (), "问题件：客户拒收"),
        ("400电话无人接", "一行", "问题件", (), "一行，400电话无人接"),
        ("2次派送", "一行", "问题件", (), "一行，2次派送"),
        ("", "一行", "问题件", (), "一行"),
    ],
)
def test_the_number_of_a_problem_says_why_and_its_name_is_text(
    issue: object, memo: str, carrier_code: str, *, reasons: tuple[Reason, ...], text: str
) -> None:
    scan = scan_of("问题件", issueName=issue, memo=memo)
    assert (scan.milestone, scan.carrier_code) == (Milestone.EXCEPTION, carrier_code)
    assert (scan.reasons, scan.text) == (reasons, text)


def test_an_unknown_problem_is_still_one_but_reported() -> None:
    found = track_of(a_line("问题件", issueName="99未知"))
    assert found.scans[0].milestone is Milestone.EXCEPTION
    assert found.unmapped_codes == ("问题件/99",)


def test_a_problem_counts_only_on_problems() -> None:
    assert scan_of("派件", issueName="40").reasons == ()


def test_the_courier_is_taken_only_where_he_delivers() -> None:
    assert scan_of("第三方代派").courier_name == "张三"
    assert scan_of("派件", bizEmpPhone="", bizEmpTel="021-00000001").courier_phone == "021-00000001"
    for code in ("收件", "发件", "签收", "驿站代收"):
        assert (scan_of(code).courier_name, scan_of(code).courier_phone) == (None, None)


def test_the_name_of_a_tour_is_kept_as_printed() -> None:
    assert scan_of("派件", bizEmpName="海屯路片区").courier_name == "海屯路片区"


def test_type_0003_is_a_hub() -> None:
    hub = scan_of("到件", opOrgTypeCode="0003")
    assert (hub.facility, hub.station) == ("示例市某区公司", None)


def test_collected_behind_the_customs_is_no_collection() -> None:
    assert scan_of("GOT").milestone is Milestone.IN_TRANSIT


# --- tables


def test_codes_mean_what_the_public_clients_agree_on() -> None:
    milestones = {
        Milestone.PRE_TRANSIT: "SC_ORDER_PAY_SUCCESS",
        Milestone.PICKED_UP: "收件 PU_PICKUP_SUCCESS",
        Milestone.IN_TRANSIT: "发件 到件 装袋 改地址件 转邮 转同行 MOT_TRANSIT SC_INBOUND_SUCCESS SC_ORDER_WEIGHT"
        " SC_ORDER_PACKET_SUCCESS SC_ORDER_PACKET_OUT LH_DEPART LH_ARRIVE CC_START CC_IM_START CC_IM_SUCCESS GOT",
        Milestone.OUT_FOR_DELIVERY: "派件 第三方代派 快件取出 驿站出库",
        Milestone.READY_FOR_PICKUP: "柜机代收 驿站代收 派件入柜 第三方代收 代取快递",
        Milestone.DELIVERED: "签收 客户签收 驿站出库/签收 快件取出/签收",
        Milestone.RETURNING: "退回件",
        Milestone.EXCEPTION: "问题件 留仓件 CC_IM_FAILURE",
    }
    problems = [f"问题件/{number}" for number in range(14, 56) if number != 39]
    meant = {code: milestone for milestone, codes in milestones.items() for code in codes.split()}
    meant |= dict.fromkeys(problems, Milestone.EXCEPTION)
    assert {code: meaning.milestone for code, meaning in sto.MILESTONES.items()} == meant


def test_result_codes_are_the_classes_of_the_gateway_s_family() -> None:
    classes = {
        "AuthenticationFailed": "S02 S03",
        "RateLimited": "S14",
        "SourceUnavailable": "S06 S07",
        "UnreadableResponse": "S01 S04 S05 S12 S13",
    }
    meant = {code: name for name, codes in classes.items() for code in codes.split()}
    assert {code: error.__name__ for code, error in sto.RESULT_CODES.items()} == meant
