"""Aliyun Market's oddities: one gateway, several products, each with its own names, shape and codes.

Answers are made after the sellers' pages; numbers and people are invented.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from carriers.aggregators import aliyun_market, aliyun_market_codes
from carriers.contract import Account, Milestone, Query, Reason, Stamp, Track
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    QuotaExhausted,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("aliyun-test", "aliyun_market", {"app_code": "demo0appcode"})
YTO = Query("yto", "YT0000000000000", phone_tail="0000")
ZTO = Query("zto", "75000000000000", phone_tail="0000")
SF = Query("sf", "SF0000000000000", phone_tail="0000")
STAMP = Stamp(at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), nonce="00000000-0000-4000-8000-000000000000")


def product(name: str, **options: str) -> Account:
    return replace(ACCOUNT, options={"profile": name} | options)


def asked(query: Query, account: Account) -> tuple[str, str, dict[str, str]]:
    """Host, path and parameters."""
    url = aliyun_market.request([query], account, STAMP).url
    return url.host, url.path, dict(url.params)


def an_answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body).encode(), headers=headers)


def read(body: Any, query: Query = YTO) -> Any:
    return aliyun_market.read(an_answer(body), [query])[query]


def the_track(body: Any, query: Query = YTO) -> Track:
    answer = read(body, query)
    assert isinstance(answer, Track), answer
    return answer


def wuliu(*lines: tuple[str, str], **fields: Any) -> dict[str, Any]:
    result = {
        "number": YTO.tracking_number,
        "type": "yto",
        "list": [{"time": time, "status": words} for time, words in lines],
        "deliverystatus": "1",
        "issign": "1",
    }
    return {"status": "0", "msg": "ok", "result": result | fields}


def express3(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    info = {"cpCode": "ZTO", "mailNo": ZTO.tracking_number, "logisticsTraceDetailList": list(lines)}
    return {"msg": "成功", "success": True, "code": 200, "data": {"orderNo": "0", "info": [info | fields]}}


def a_line(main: str, sub: str = "", time: Any = 1735787045000, **fields: Any) -> dict[str, Any]:
    return {
        "time": time,
        "logisticsStatus": main,
        "subLogisticsStatus": sub,
        "desc": "一行",
        "areaName": "",
    } | fields


@pytest.mark.parametrize(
    ("account", "query", "host", "path", "params"),
    [
        (ACCOUNT, ZTO, "express3.market", "/express3", {"number": "75000000000000", "type": "ZTO", "mobile": "0000"}),
        (product("express3"), SF, "express3.market", "/express3", {"number": "SF0000000000000", "mobile": "0000"}),
        (product("wuliu"), YTO, "wuliu.market", "/kdi", {"no": "YT0000000000000", "type": "yto"}),
        (product("wuliu"), SF, "wuliu.market", "/kdi", {"no": "SF0000000000000:0000"}),
        (product("kdwlcxf"), SF, "kdwlcxf.market", "/kdwlcx", {"no": "SF0000000000000:0000"}),
        (product("wdexpress"), YTO, "wdexpress.market", "/gxali", {"n": "YT0000000000000"}),
        (
            product("qyexpress"),
            SF,
            "qyexpress.market",
            "/composite/queryexpress",
            {"number": "SF0000000000000", "type": "auto", "mobile": "0000"},
        ),
        (product("jisukdcx"), SF, "jisukdcx.market", "/express/query", {"number": "SF0000000000000", "type": "auto"}),
    ],
)  # fmt: skip
def test_each_product_has_its_own_address_and_names(
    account: Account, query: Query, *, host: str, path: str, params: dict[str, str]
) -> None:
    assert asked(query, account) == (f"{host}.alicloudapi.com", path, params)


def test_showapi_stands_at_its_own_host() -> None:
    assert asked(SF, product("showapi")) == (
        "ali-deliver.showapi.com",
        "/showapi_expInfo",
        {"nu": "SF0000000000000", "com": "auto", "phone": "0000"},
    )
    assert asked(YTO, product("showapi"))[2]["com"] == "yuantong"


def test_the_account_changes_what_a_product_is_asked() -> None:
    account = product(
        "wuliu",
        path="/kdj",
        number_parameter="n",
        carrier_parameter="t",
        phone_parameter="tel",
        company_sf="sfexpress",
    )
    assert asked(SF, account)[1:] == ("/kdj", {"n": "SF0000000000000", "t": "sfexpress", "tel": "0000"})
    assert asked(SF, product("wuliu", phone_parameter="none"))[2] == {"no": "SF0000000000000"}
    with pytest.raises(ValueError, match="profile is one of express3"):
        asked(SF, product("pigeon"))


def test_a_tail_is_sent_only_for_carriers_that_want_it() -> None:
    assert "mobile" not in asked(YTO, ACCOUNT)[2]
    assert "mobile" not in asked(replace(SF, phone_tail=None), ACCOUNT)[2]


def test_the_code_of_the_application_lets_a_question_in() -> None:
    request = aliyun_market.request([YTO], ACCOUNT, STAMP)
    assert (request.method, request.content) == ("GET", b"")
    assert request.headers["Authorization"] == "APPCODE demo0appcode"
    assert "x-ca-signature" not in request.headers


def test_with_key_and_secret_the_question_is_signed_in_place_of_the_code() -> None:
    credentials = {"app_code": "demo0appcode", "app_key": "24000000", "app_secret": "demoAppSecret"}
    request = aliyun_market.request([YTO], replace(product("wuliu"), credentials=credentials), STAMP)
    assert "Authorization" not in request.headers
    assert request.headers["Accept"] == "application/json"
    assert request.headers["X-Ca-Timestamp"] == "1735787045000"
    assert request.headers["X-Ca-Signature-Headers"] == "x-ca-key,x-ca-nonce,x-ca-timestamp"
    assert request.headers["X-Ca-Signature"] == "pL7mq/x2YF9X6dEcTvbLsJBydCXjh27cCbJClN2xCY8="


def test_the_documented_answer_of_wuliu_is_read() -> None:
    found = the_track(
        json.loads(
            """{"status":"0","msg":"ok","result":{"number":"YT0000000000000","type":"yto",
            "list":[{"time":"2025-01-03 10:00:00","status":"已签收，签收人：测试"},
            {"time":"2025-01-02 03:04:05","status":"【深圳市】已揽收"}],
            "deliverystatus":"3","issign":"1","expName":"圆通速递","expSite":"www.example.test","expPhone":"13800000000",
            "logo":"https://example.test/a.png","courier":"","courierPhone":"13800000000",
            "updateTime":"2025-01-03 10:00:00","takeTime":"1天6小时0分"}}"""
        )
    )
    collected, signed = found.scans
    assert (collected.milestone, collected.text, collected.carrier_code) == (
        Milestone.UNKNOWN,
        "【深圳市】已揽收",
        "",
    )
    assert (collected.occurred_at, collected.local_time) == (
        datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC),
        "2025-01-02 03:04:05",
    )
    assert (signed.milestone, signed.carrier_code) == (Milestone.DELIVERED, "3")
    assert (signed.courier_name, signed.courier_phone) == (None, "13800000000")
    assert (found.complete, found.unmapped_codes) == (True, ())


@pytest.mark.parametrize(
    ("status", "milestone", "reasons"),
    [
        ("2", Milestone.OUT_FOR_DELIVERY, ()),
        (4, Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
        ("5", Milestone.EXCEPTION, ()),
        (6, Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
    ],
)
def test_the_newest_line_of_wuliu_bears_the_state_whatever_issign_says(
    status: Any, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    lines = [("2025-01-02 03:04:05", "一"), ("2025-01-03 10:00:00", "二")]
    for told in (lines, lines[::-1]):
        old, new = the_track(wuliu(*told, deliverystatus=status)).scans
        assert (old.text, old.milestone) == ("一", Milestone.UNKNOWN)
        assert (new.milestone, new.reasons) == (milestone, reasons)


def test_a_state_that_no_table_holds_is_reported() -> None:
    found = the_track(wuliu(("2025-01-02 03:04:05", "一"), deliverystatus="9"))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.UNKNOWN, ("9",))
    without = the_track(wuliu(("2025-01-02 03:04:05", "一"), deliverystatus=None))
    assert (without.scans[0].milestone, without.unmapped_codes) == (Milestone.UNKNOWN, ())


def test_a_number_with_its_tail_is_the_number() -> None:
    body = wuliu(("2025-01-02 03:04:05", "一"), number="SF0000000000000:0000", type="sfexpress")
    assert the_track(body, SF).tracking_number == "SF0000000000000"


def test_the_documented_answer_of_express3_is_read() -> None:
    found = the_track(
        json.loads(
            """{"msg":"成功","success":true,"code":200,"data":{"orderNo":"000000000000000000","info":[
            {"cpCode":"ZTO","mailNo":"75000000000000","logisticsCompanyName":"中通快递","cpMobile":"95311",
            "cpUrl":"https://example.test","theLastTime":"2025-01-03 10:00:00","theLastMessage":"已签收",
            "takeTime":"1天6小时","logisticsStatus":"SIGN","logisticsStatusDesc":"已签收",
            "logisticsTraceDetailList":[{"areaCode":"CN110000000000","areaName":"北京市","time":1735787045000,
            "logisticsStatus":"ACCEPT","subLogisticsStatus":"ACCEPT","desc":"已揽收，电话13800000000"}]}]}}"""
        ),
        ZTO,
    )
    (scan,) = found.scans
    assert (scan.milestone, scan.carrier_code, scan.city) == (Milestone.PICKED_UP, "ACCEPT", "北京市")
    assert (scan.occurred_at, scan.local_time) == (
        datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        "2025-01-02 11:04:05",
    )


def test_lines_of_express3_come_in_any_order_and_the_sub_status_is_read_first() -> None:
    lines = [
        a_line("SIGN", "RETURN_SIGN", "1735787065000"),
        a_line("ACCEPT", "ACCEPT", 1735787045000),
        a_line("FAILED", "RETURN", 1735787055000),
    ]
    found = the_track(express3(*lines, logisticsStatus="SIGN"), ZTO)
    assert [scan.milestone for scan in found.scans] == [
        Milestone.PICKED_UP,
        Milestone.RETURNING,
        Milestone.RETURNED,
    ]


def test_a_sub_status_that_no_table_holds_means_its_main_status_and_is_reported() -> None:
    found = the_track(express3(a_line("TRANSPORT", "BY_PIGEON")), ZTO)
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.IN_TRANSIT, ("BY_PIGEON",))


def test_a_line_without_a_status_bears_the_parcel_s() -> None:
    found = the_track(express3(a_line("", time="2025-01-02 03:04:05"), logisticsStatus="AGENT_SIGN"), ZTO)
    assert found.scans[0].milestone is Milestone.DELIVERED_TO_PROXY
    assert found.scans[0].occurred_at == datetime(2025, 1, 1, 19, 4, 5, tzinfo=UTC)


def test_only_the_first_parcel_of_the_list_counts() -> None:
    body = express3(a_line("ACCEPT"))
    body["data"]["info"].append({"mailNo": "another"})
    assert len(the_track(body, ZTO).scans) == 1


def test_an_answer_of_qyexpress_is_read() -> None:
    lines = [{"time": "2025-01-02 03:04:05", "status": "一"}]
    body = {"code": "200", "data": {"typename": "圆通", "list": lines, "logisticsStatus": "DELIVERING"}}
    (scan,) = the_track(body).scans
    assert (scan.text, scan.milestone) == ("一", Milestone.OUT_FOR_DELIVERY)


def showapi(**fields: Any) -> dict[str, Any]:
    body = {
        "mailNo": YTO.tracking_number,
        "ret_code": 0,
        "status": 4,
        "expSpellName": "yuantong",
        "data": [{"time": "2025-01-02 03:04:05", "context": "一"}],
    }
    return {"showapi_res_code": 0, "showapi_res_error": "", "showapi_res_body": body | fields}


def test_an_answer_of_showapi_is_read_and_its_numbers_are_its_own() -> None:
    (scan,) = the_track(showapi()).scans
    assert (scan.text, scan.milestone, scan.carrier_code) == ("一", Milestone.DELIVERED, "showapi/4")
    found = the_track(showapi(status=3))
    assert (found.scans[0].milestone, found.unmapped_codes) == (Milestone.UNKNOWN, ("showapi/3",))
    assert the_track(showapi(status=None)).unmapped_codes == ()


@pytest.mark.parametrize(
    "body",
    [
        wuliu(),
        express3(),
        express3() | {"data": {"info": []}},
        {"data": {"list": []}},
        showapi(data=[]),
        {"status": "205", "msg": "没有信息", "result": ""},
        {"status": 205, "msg": "没有信息"},
    ],
)
def test_an_empty_list_is_nothing_yet(body: Any) -> None:
    assert type(read(body, ZTO if "info" in str(body) else YTO)) is NotFoundYet


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"success": False, "code": 205, "msg": "13800000000"}, "205"),
        ({"success": "false", "code": "40001", "data": None}, "40001"),
        ({"showapi_res_code": "201", "showapi_res_body": {}}, "201"),
        (showapi(ret_code=-1), "-1"),
        ({"status": "999", "msg": ""}, "999"),
    ],
)
def test_a_refusal_that_no_list_holds_is_shown_and_not_guessed_at(body: Any, code: str) -> None:
    with pytest.raises(UnreadableResponse) as caught:
        read(body)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "body",
    [
        {"status": "0", "result": {"number": YTO.tracking_number}},
        {"success": True, "data": {}},
        {"success": True, "data": {"info": [{"mailNo": "1"}]}},
        {"success": True},
        {"showapi_res_body": {}},
        wuliu(("soon", "一")),
        wuliu(("2025-01-02 03:04:05", "一"), number="YT0000000000009"),
    ],
)
def test_an_answer_without_lines_or_about_another_number_is_unreadable(body: Any) -> None:
    with pytest.raises(UnreadableResponse):
        read(body)


@pytest.mark.parametrize("company", ["ZTO", "SF"])
def test_a_number_that_is_taken_for_another_carrier_s_is_none_of_this_one(company: str) -> None:
    answer = read(wuliu(("2025-01-02 03:04:05", "一"), type=company))
    assert type(answer) is InvalidNumber


def test_a_code_of_a_carrier_that_we_have_not_seen_is_let_pass() -> None:
    assert the_track(wuliu(("2025-01-02 03:04:05", "一"), type="ytokd"))


@pytest.mark.parametrize(
    ("status", "words", "error"),
    [
        (400, "Invalid AppCode", AuthenticationFailed),
        (400, "invalid appcode `not exists`", AuthenticationFailed),
        (400, "AppCode Not Exists", AuthenticationFailed),
        (400, "Invalid Url", AccessDenied),
        (400, "Invalid Param Location", AccessDenied),
        (400, "13800000000", UnreadableResponse),
        (401, "", AuthenticationFailed),
        (403, "Unauthorized", AccessDenied),
        (403, "Quota Exhausted", QuotaExhausted),
        (403, "Api Market Subscription quota exhausted", QuotaExhausted),
        (403, "13800000000", AccessDenied),
        (429, "Throttled", RateLimited),
        (500, "Internal Error", SourceUnavailable),
        (503, "Quota Exhausted", SourceUnavailable),
    ],
)
def test_the_gateway_s_words_say_whose_fault_it_is(
    status: int, words: str, error: type[CarrierError]
) -> None:
    headers = {"X-Ca-Error-Message": words, "Retry-After": "9"}
    with pytest.raises(error) as caught:
        aliyun_market.read(an_answer({"status": "0"}, status, **headers), [YTO])
    assert type(caught.value) is error
    assert caught.value.code == f"HTTP {status}"
    assert "13800000000" not in f"{caught.value} {caught.value!r}"
    if error is RateLimited:
        assert caught.value.retry_after == timedelta(seconds=9)


def test_words_beside_a_success_are_not_looked_at() -> None:
    response = an_answer(wuliu(), **{"X-Ca-Error-Message": "Quota Exhausted"})
    assert type(aliyun_market.read(response, [YTO])[YTO]) is NotFoundYet


def test_every_code_of_a_carrier_that_is_sent_leads_back_to_it() -> None:
    for one in aliyun_market_codes.PRODUCTS.values():
        assert one.base_url.startswith("https://")
        for carrier, company in one.companies.items():
            assert aliyun_market_codes.CARRIER_OF[company] == carrier
            assert carrier in aliyun_market.INFO.carriers
