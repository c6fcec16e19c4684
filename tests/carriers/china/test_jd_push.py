"""What JD pushes: one line each, proved by nothing but the address. All are made; people and numbers are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.china import jd
from carriers.contract import Account, Milestone, Pushed, PushReply, PushRequest, Query, Scan, Track
from carriers.errors import UnreadableResponse

ACCOUNT = Account("jd-1", "jd", {"app_key": "k", "app_secret": "s", "customer_code": "c"})
QUERY = Query("jd", "JDVE00000000001")
OUT = "您的快件正在派送中，请您准备签收（快递员：李四，联系电话：13800000000）。"


def a_push(state: object = "11000", **fields: Any) -> PushRequest:
    """A call as JD makes it."""
    said = {
        "waybillCode": "JDVE00000000001",
        "orderId": "TEST-ORDER-1",
        "state": state,
        "category": 440,
        "categoryName": "派送中",
        "operationTitle": "派件",
        "operationRemark": OUT,
        "operationTime": "2026-01-12 08:00:00",
        "scanType": "110",
        "operateSiteId": "22222222",
        "operateSite": "测试营业部",
        "routeProvinceName": "北京",
        "routeCityName": "北京市",
        "routeDistrictName": "测试区",
        "routeAddress": "北京市测试区1号",
    }
    return PushRequest({}, {}, json.dumps(said | fields).encode())


def pushed(*args: Any, **fields: Any) -> Pushed:
    (told,) = jd.read_push(a_push(*args, **fields), ACCOUNT)
    assert (told.carrier, told.ended) == ("jd", None)
    return told


def test_a_push_tells_one_line_with_site_and_city() -> None:
    told = pushed()
    assert told.tracking_number == "JDVE00000000001"
    assert told.answer == Track(
        carrier="jd",
        tracking_number="JDVE00000000001",
        complete=False,
        scans=(
            Scan(
                occurred_at=datetime(2026, 1, 12, tzinfo=UTC),
                local_time="2026-01-12 08:00:00",
                milestone=Milestone.OUT_FOR_DELIVERY,
                text=OUT,
                carrier_code="11000",
                city="北京市",
                facility="测试营业部",
            ),
        ),
    )


@pytest.mark.parametrize(("code", "reason"), [("11000", None), ("200052", "不想寄了")])
def test_the_same_line_is_the_same_scan_in_push_and_answer(code: str, reason: str | None) -> None:
    told = pushed(code, cancelReason=reason).answer
    line = {
        "state": int(code),
        "category": 440,
        "operationTime": "2026-01-12 08:00:00",
        "operationRemark": OUT,
        "operatorName": "李四",
    }
    document = {"code": 0, "success": True, "data": {"traceDetails": [line]}}
    answered = jd.read(httpx.Response(200, json=document), [QUERY])[QUERY]
    assert isinstance(told, Track)
    assert isinstance(answered, Track)
    assert told.scans[0].identity == answered.scans[0].identity


@pytest.mark.parametrize("code", ["10034", "10042", "10033", "200050", "200075", "299999"])
def test_what_only_the_lines_before_could_say_is_a_hint_to_ask(code: str) -> None:
    assert pushed(code, category=510).answer is None


def test_a_line_without_a_readable_time_is_a_hint_to_ask() -> None:
    assert pushed(operationTime="soon").answer is None


def test_a_push_tells_the_new_number_of_a_return() -> None:
    told = pushed("200020", operationRemark="收件人拒收，新运单号JDVC00000000009").answer
    assert isinstance(told, Track)
    assert told.new_tracking_number == "JDVC00000000009"


def test_a_push_of_another_line_tells_no_new_number() -> None:
    told = pushed("10032", category=430, operationRemark="新运单号JDVC00000000009").answer
    assert isinstance(told, Track)
    assert told.new_tracking_number is None


def test_a_package_is_told_of_under_its_waybill() -> None:
    assert pushed(waybillCode="JDVE00000000001-1-2-").tracking_number == "JDVE00000000001"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"waybillCode":" "}', b"waybillCode=JDVE00000000001"])
def test_a_push_about_no_number_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableResponse):
        jd.read_push(PushRequest({}, {}, body), ACCOUNT)


def test_nothing_in_a_push_could_speak_against_it() -> None:
    assert jd.verify(a_push(), ACCOUNT, "salt")
    assert jd.PUSH.proof == "secret_path"


def test_the_reply_is_an_option() -> None:
    account = replace(ACCOUNT, options={"push_reply": '{"code":0}'})
    assert jd.acknowledge(a_push(), account, accepted=True).body == b'{"code":0}'
    assert jd.acknowledge(a_push(), account, accepted=False) == PushReply(
        500, "application/json;charset=UTF-8", b'{"code":"500","msg":"failed","success":false}'
    )
