"""What is odd about SF's pushes, one test each.

Calls are made after the vendor's documentation; people and numbers are invented.
"""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from carriers.china import sf
from carriers.contract import Account, Milestone, Pushed, PushRequest, Query, Reason, Scan, Stamp, Track
from carriers.errors import UnreadableResponse

ACCOUNT = Account("sf-1", "sf", {"partner_id": "PARTNER", "checkword": "FAKE0CHECKWORD0FOR0TESTS0ONLY0001"})
STAMP = Stamp(at=datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC), nonce="a" * 32)
ONE, TWO = "SF1000000000001", "SF1000000000002"
DOCUMENTED = """{"Body": {"WaybillRoute": [
  {"mailno": "SF1000000000001", "acceptAddress": "深圳市", "reasonName": "", "orderid": "TEST-ORDER-1",
   "acceptTime": "2026-01-10 18:20:11", "remark": "顺丰速运 已收取快件", "opCode": "54",
   "id": "176000000000001", "reasonCode": "",
   "firstStatusCode": "1", "firstStatusName": "已揽收", "secondaryStatusCode": "101", "secondaryStatusName": "已揽收"},
  {"mailno": "SF1000000000001", "acceptAddress": "上海市", "reasonName": "", "orderid": "TEST-ORDER-1",
   "acceptTime": "2026-01-11 09:02:00", "remark": "快件到达 【上海测试中转场】", "opCode": "31",
   "id": "176000000000002", "reasonCode": ""}]}}"""
XML = (
    '<Request service="RoutePushService" lang="zh-CN"><Body>'
    '<WaybillRoute mailno="SF1000000000001" acceptAddress="深圳市" reasonName="" orderid="TEST-ORDER-1" '
    'acceptTime="2026-01-10 18:20:11" remark="顺丰速运 已收取快件" opCode="54" id="1" reasonCode=""/>'
    "</Body></Request>"
)


def as_json(document: str | bytes) -> PushRequest:
    body = document.encode() if isinstance(document, str) else document
    return PushRequest({"content-type": "application/json;charset=UTF-8"}, {}, body)


def as_form(**fields: str) -> PushRequest:
    return PushRequest({"content-type": "application/x-www-form-urlencoded"}, {}, urlencode(fields).encode())


def a_line(op: str, number: str = ONE, **fields: Any) -> dict[str, Any]:
    said = {"mailno": number, "acceptTime": "2026-01-10 18:20:11", "acceptAddress": "深圳市", "opCode": op}
    return said | {"remark": "一行"} | fields


def pushed(*lines: object) -> tuple[Pushed, ...]:
    return sf.read_push(as_json(json.dumps({"Body": {"WaybillRoute": lines}})), ACCOUNT)


def track_of(*lines: object) -> Track:
    (one,) = pushed(*lines)
    assert isinstance(one.answer, Track)
    return one.answer


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_line(*args, **fields)).scans
    return scan


def test_the_documented_push_is_read_as_news() -> None:
    (one,) = sf.read_push(as_json(DOCUMENTED), ACCOUNT)
    assert (one.carrier, one.tracking_number, one.ended) == ("sf", ONE, None)
    assert isinstance(one.answer, Track)
    assert not one.answer.complete
    first, second = one.answer.scans
    assert (first.carrier_code, first.milestone, first.city) == ("54", Milestone.PICKED_UP, "深圳市")
    assert (second.carrier_code, second.milestone) == ("31", Milestone.IN_TRANSIT)
    assert first.occurred_at == datetime(2026, 1, 10, 10, 20, 11, tzinfo=UTC)
    assert first.local_time == "2026-01-10 18:20:11"


def test_a_line_is_the_same_pushed_as_asked() -> None:
    route = json.loads(DOCUMENTED)["Body"]["WaybillRoute"][0]
    told = {"routeResps": [{"mailNo": ONE, "routes": [route]}]}
    body = {
        "apiResultCode": "A1000",
        "apiResultData": {"success": True, "errorCode": "S0000", "msgData": told},
    }
    query = Query("sf", ONE)
    asked = sf.read(httpx.Response(200, content=json.dumps(body).encode()), [query])[query]
    assert isinstance(asked, Track)
    news = track_of(route)
    assert news.scans[0].identity == asked.scans[0].identity


def test_a_push_may_be_xml_in_a_form() -> None:
    (from_xml,) = sf.read_push(as_form(content=XML), ACCOUNT)
    (from_json,) = pushed(a_line("54", remark="顺丰速运 已收取快件"))
    assert from_xml == from_json


def test_one_call_tells_of_several_numbers() -> None:
    found = {
        one.tracking_number: one.answer
        for one in pushed(a_line("50"), a_line("50", TWO), a_line("36", acceptTime="2026-01-10 20:00:00"))
    }
    assert {number: len(news.scans) for number, news in found.items() if isinstance(news, Track)} == {
        ONE: 2,
        TWO: 1,
    }


def test_the_lines_are_put_in_order_of_time() -> None:
    news = track_of(a_line("36", acceptTime="2026-01-10 20:00:00"), a_line("50"))
    assert [scan.carrier_code for scan in news.scans] == ["50", "36"]


def test_a_line_that_comes_again_is_the_same_scan() -> None:
    again = track_of(a_line("50", id="1"), a_line("50", id="2"))
    assert len({scan.identity for scan in again.scans}) == 1


@pytest.mark.parametrize(
    ("fields", "milestone", "reasons"),
    [
        ({"op": "80"}, Milestone.DELIVERED, ()),
        ({"op": "125"}, Milestone.READY_FOR_PICKUP, ()),
        ({"op": "70", "reasonCode": "46"}, Milestone.CANCELLED, ()),
        ({"op": "44", "firstStatusCode": "2"}, Milestone.ARRIVED_AT_DESTINATION_CITY, ()),
        ({"op": "99", "reasonCode": 2}, Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    ],
)
def test_codes_mean_what_they_do_in_an_answer(
    fields: dict[str, Any], milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    scan = scan_of(**fields)
    assert (scan.milestone, scan.reasons) == (milestone, reasons)


def test_the_new_number_of_a_return_is_found() -> None:
    news = track_of(a_line("648", remark="快件已退回/转寄,新单号为: SF1000000000009"))
    assert news.new_tracking_number == "SF1000000000009"


def test_a_line_without_a_readable_time_is_a_hint_to_ask() -> None:
    bad, good = pushed(a_line("50", acceptTime="soon"), a_line("50", TWO))
    assert (bad.tracking_number, bad.answer) == (ONE, None)
    assert isinstance(good.answer, Track)


def test_a_line_out_of_shape_does_not_lose_its_neighbours() -> None:
    assert [one.tracking_number for one in pushed([], a_line("50"), a_line("50", None))] == [ONE]


@pytest.mark.parametrize(
    "push",
    [
        as_json("{}"),
        as_json('{"Body":{}}'),
        as_json('{"Body":{"WaybillRoute":[[]]}}'),
        as_json("[]"),
        as_form(content="<Request><Body/></Request>"),
        as_form(content="<Request"),
        as_form(content=f'<!DOCTYPE Request [<!ENTITY a "b">]>{XML}'),
        PushRequest({}, {}, b"content=%3Ca%3E&content=%3Ca%3E"),
        as_form(msgData="no"),
    ],
)
def test_what_tells_of_no_number_is_unreadable(push: PushRequest) -> None:
    with pytest.raises(UnreadableResponse):
        sf.read_push(push, ACCOUNT)


def test_a_text_that_looks_like_a_field_makes_no_form_of_json() -> None:
    push = as_json(json.dumps({"Body": {"WaybillRoute": [a_line("50", remark="&msgDigest=x&content=<a/>")]}}))
    assert sf.verify(push, ACCOUNT, "")
    (one,) = sf.read_push(push, ACCOUNT)
    assert isinstance(one.answer, Track)
    assert one.answer.scans[0].text == "&msgDigest=x&content=<a/>"


def a_signed_form(timestamp: str = "1760000000000") -> PushRequest:
    text = DOCUMENTED + timestamp + ACCOUNT.credentials["checkword"]
    digest = base64.b64encode(hashlib.md5(text.encode()).digest()).decode()
    return as_form(msgData=DOCUMENTED, timestamp=timestamp, msgDigest=digest, partnerID="PARTNER")


def with_check(check: str) -> Account:
    return replace(ACCOUNT, options={"push_digest": check})


def test_a_digest_must_be_right_where_there_is_one() -> None:
    push = a_signed_form()
    assert sf.verify(push, ACCOUNT, "")
    assert len(sf.read_push(push, ACCOUNT)) == 1
    wrong = replace(push, body=push.body.replace(b"1760000000000", b"1760000000001"))
    assert not sf.verify(wrong, ACCOUNT, "")
    assert sf.verify(wrong, with_check("ignored"), "")
    assert not sf.verify(as_form(msgDigest="x"), ACCOUNT, "")


def test_a_push_without_a_digest_is_proved_by_its_address_unless_the_account_wants_one() -> None:
    assert sf.verify(as_json(DOCUMENTED), ACCOUNT, "")
    assert not sf.verify(as_json(DOCUMENTED), with_check("required"), "")
    assert sf.verify(a_signed_form(), with_check("required"), "")


def test_a_wrong_option_shows_with_the_first_question() -> None:
    with pytest.raises(ValueError, match="push_digest"):
        sf.request([Query("sf", ONE)], with_check("perhaps"), STAMP)


def test_each_form_has_its_own_reply() -> None:
    form = as_form(content=XML)
    assert sf.acknowledge(form, ACCOUNT, accepted=True).body == (
        b'<Response service="RoutePushService"><Head>OK</Head></Response>'
    )
    refused = sf.acknowledge(form, ACCOUNT, accepted=False).body.decode()
    assert refused.startswith('<Response service="RoutePushService"><Head>ERR</Head><ERROR code="4001">')
    assert (
        json.loads(sf.acknowledge(as_json(DOCUMENTED), ACCOUNT, accepted=False).body)["return_code"] == "1000"
    )
    assert json.loads(sf.acknowledge(a_signed_form(), ACCOUNT, accepted=True).body)["return_code"] == "0000"
