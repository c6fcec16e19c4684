"""YTO's oddities, one test each. Answers and pushes are made after the vendor's console; people are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.china import yto
from carriers.contract import (
    Account,
    Milestone,
    Query,
    Reason,
    Stamp,
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


@pytest.mark.parametrize("number", ["YT0000000000001", "yt0000000000001"])
def test_a_list_may_stand_inside_map(number: str) -> None:
    found = answer({"map": {number: [a_line()]}, "success": "true"})
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
