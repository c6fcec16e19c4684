"""Cainiao's oddities, one test each. Answers are made after public clients; people and numbers are invented."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from carriers.aggregators import cainiao
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
    AuthenticationFailed,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account(
    "cainiao-1",
    "cainiao",
    {
        "resource_code": "RESOURCE",
        "app_code": "demoapp",
        "secret_key": "demoCainiaoSecretKey000000000000",
    },
)
STAMP = Stamp(at=datetime(2026, 1, 12, 3, 4, 5, tzinfo=UTC), nonce="n")
QUERY = Query("yto", "YT0000000000000", phone_tail="0001")
WISH = Subscription("https://example.test/push", "salt")


def a_line(sub: str = "TRANSPORT", at: object = "1735786800000", **fields: Any) -> dict[str, Any]:
    """A line as Cainiao prints it: `a_line("RETURN_SIGN", logisticsStatus="SIGN")`."""
    return {
        "time": at,
        "desc": "一行",
        "subLogisticsStatus": sub,
        "areaName": "浙江省,宁波市,鄞州区",
    } | fields


def read(query: Query = QUERY, **document: Any) -> object:
    return cainiao.read(httpx.Response(200, content=json.dumps(document).encode()), [query])[query]


def track_of(*lines: Any, **document: Any) -> Track:
    found = read(**({"success": True, "fullTraceDetail": lines} | document))
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_line(*args, **fields)).scans
    return scan


def sent(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(request.content.decode()).items()}


def with_options(**options: str) -> Account:
    return replace(ACCOUNT, options=options)


def test_the_question_is_a_message_whose_text_is_signed() -> None:
    request = cainiao.request([QUERY], ACCOUNT, STAMP)
    assert str(request.url) == "https://link.cainiao.com/gateway/link.do"
    assert sent(request) == {
        "logistic_provider_id": "RESOURCE",
        "msg_type": "CNTECH_LV_LOGISTICS_DETAIL_GET",
        "to_code": "CNTECH_LV",
        "logistics_interface": '{"arg0":{"appCode":"demoapp","cpCode":"YTO","mailNo":"YT0000000000000"}}',
        "data_digest": "7UkjAx4iDkpg5LBnvY+INA==",
    }


def test_a_subscription_is_the_same_as_another_message() -> None:
    asked, wished = (
        sent(cainiao.request([QUERY], ACCOUNT, STAMP)),
        sent(cainiao.subscribe([QUERY], ACCOUNT, STAMP, WISH)),
    )
    assert wished == asked | {"msg_type": "CNTECH_LV_LOGISTICS_DETAIL_SUBSCRIBE"}


def content_sent(query: Query, account: Account) -> dict[str, str]:
    form = sent(cainiao.request([query], account, STAMP))
    content: dict[str, str] = json.loads(form["logistics_interface"])["arg0"]
    return content


def test_a_tail_goes_along_where_the_carrier_wants_one_and_the_account_lets_it() -> None:
    zto = Query("zto", "78400000000001", phone_tail="0001")
    assert content_sent(zto, ACCOUNT)["receiverPhone"] == "0001"
    assert "receiverPhone" not in content_sent(zto, with_options(receiver_phone="none"))
    assert "receiverPhone" not in content_sent(replace(zto, phone_tail=None), ACCOUNT)
    assert "receiverPhone" not in content_sent(QUERY, ACCOUNT)


def test_the_account_can_name_other_codes() -> None:
    account = with_options(company_jd="JDLEX", to_code="")
    form = sent(cainiao.request([Query("jd", "JDVA00000000001")], account, STAMP))
    assert json.loads(form["logistics_interface"])["arg0"]["cpCode"] == "JDLEX"
    assert "to_code" not in form


@pytest.mark.parametrize("option", ["receiver_phone", "push_digest"])
def test_a_wrong_option_shows_with_the_first_question(option: str) -> None:
    with pytest.raises(ValueError, match=option):
        cainiao.request([QUERY], with_options(**{option: "perhaps"}), STAMP)


@pytest.mark.parametrize("printed", ["1735786800000", 1_735_786_800_000, "2025-01-02 11:00:00"])
def test_the_time_is_read_as_text_as_number_and_as_a_clock(printed: object) -> None:
    scan = scan_of(at=printed)
    assert scan.occurred_at == datetime(2025, 1, 2, 3, tzinfo=UTC)
    assert scan.local_time == "2025-01-02 11:00:00"


@pytest.mark.parametrize(
    ("sub", "main", "milestone", "reasons"),
    [
        ("RETURN_SIGN", "SIGN", Milestone.RETURNED, (Reason.RETURN_TO_SENDER,)),
        ("STA_INBOUND", "DELIVERING", Milestone.READY_FOR_PICKUP, ()),
        ("CANCEL_ORDER", "FAILED", Milestone.CANCELLED, ()),
        ("RETURN", "FAILED", Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        ("REFUSE_SIGN", "FAILED", Milestone.EXCEPTION, (Reason.REFUSED,)),
        ("ARRIVE_CITY", "TRANSPORT", Milestone.ARRIVED_AT_DESTINATION_CITY, ()),
        ("", "SIGN", Milestone.DELIVERED, ()),
        (None, "AGENT_SIGN", Milestone.DELIVERED_TO_PROXY, ()),
    ],
)
def test_the_sub_status_is_read_before_the_main_one(
    sub: str | None, main: str, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    found = track_of(a_line(sub or "", logisticsStatus=main))
    (scan,) = found.scans
    assert (scan.milestone, scan.reasons, scan.carrier_code) == (milestone, reasons, sub or main)
    assert found.unmapped_codes == ()


def test_an_unknown_sub_status_means_what_its_main_status_does_and_is_reported() -> None:
    found = track_of(a_line("SIGN_BY_ROBOT", logisticsStatus="SIGN"))
    assert (found.scans[0].milestone, found.scans[0].carrier_code) == (Milestone.DELIVERED, "SIGN_BY_ROBOT")
    assert found.unmapped_codes == ("SIGN_BY_ROBOT",)


def test_the_newest_line_without_a_status_bears_the_parcel_s() -> None:
    older, newer = a_line("", "1735786800000"), a_line("", "1735790400000", desc="又一行")
    found = track_of(newer, older, logisticsStatus="DELIVERING")
    assert [scan.milestone for scan in found.scans] == [Milestone.UNKNOWN, Milestone.OUT_FOR_DELIVERY]
    assert [scan.carrier_code for scan in found.scans] == ["", "DELIVERING"]
    assert found.unmapped_codes == ()
    unknown = track_of(older, logisticsStatus="ODD")
    assert (unknown.scans[0].milestone, unknown.unmapped_codes) == (Milestone.UNKNOWN, ("ODD",))


def test_the_parcel_s_status_overrules_no_line() -> None:
    found = track_of(a_line("RETURN_SIGN", logisticsStatus="SIGN"), logisticsStatus="SIGN")
    assert found.scans[0].milestone is Milestone.RETURNED


DETAIL = {"detail": [{"opTime": "2025-01-02 11:00:00", "opDesc": "到达", "opMessage": "快件已到达"}]}


@pytest.mark.parametrize(
    "result",
    [
        {"data": DETAIL},
        {"data": json.dumps(DETAIL)},
        json.dumps({"data": DETAIL}),
        json.dumps({"data": json.dumps(DETAIL)}),
    ],
)
def test_the_other_shape_of_answers_is_read_also_in_strings(result: object) -> None:
    found = read(success=True, result=result)
    assert isinstance(found, Track)
    (scan,) = found.scans
    assert (scan.text, scan.milestone) == ("快件已到达", Milestone.UNKNOWN)
    assert scan.local_time == "2025-01-02 11:00:00"
    assert found.unmapped_codes == ()


def test_a_line_without_a_message_is_told_by_its_description() -> None:
    assert scan_of(desc=None, opDesc="到达").text == "到达"


def test_the_place_and_the_deliverer_stand_in_fields() -> None:
    scan = scan_of("DELIVERING", deliveryMan="李四", deliveryManTel="13800000002")
    assert (scan.city, scan.courier_name, scan.courier_phone) == ("宁波市", "李四", "13800000002")
    assert scan_of(city="上海市").city == "上海市"


@pytest.mark.parametrize(
    "document",
    [
        {"success": True},
        {"success": "true", "fullTraceDetail": None, "errorMsg": "x"},
        {"success": True, "fullTraceDetail": []},
        {"fullTraceDetail": []},
        {"success": True, "result": {}},
        {"success": True, "result": {"data": {"detail": []}}},
    ],
)
def test_success_without_a_list_is_nothing_yet(document: dict[str, Any]) -> None:
    assert type(read(**document)) is NotFoundYet


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("S02", AuthenticationFailed),
        ("S03", AuthenticationFailed),
        ("S07", SourceUnavailable),
        ("S14", RateLimited),
        ("S12", UnreadableResponse),
        ("B0001", UnreadableResponse),
    ],
)
@pytest.mark.parametrize("success", [False, "false", None])
def test_a_refusal_is_told_by_its_code(success: object, code: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(success=success, errorCode=code, errorMsg="x")


def test_result_codes_are_the_classes_that_two_public_lists_suggest() -> None:
    classes = {
        "UnreadableResponse": "S01 S04 S05 S12 S20",
        "AuthenticationFailed": "S02 S03",
        "AccessDenied": "S10 S11",
        "SourceUnavailable": "S06 S07 S08 S09 S13",
        "RateLimited": "S14",
    }
    meant = {code: name for name, codes in classes.items() for code in codes.split()}
    assert {code: error.__name__ for code, error in cainiao.RESULT_CODES.items()} == meant


def test_one_bad_line_does_not_lose_the_others() -> None:
    found = track_of(a_line(), {"time": []}, a_line(at="soon"))
    assert (len(found.scans), found.complete) == (1, False)
    with pytest.raises(UnreadableResponse):
        track_of({"time": []})


def a_push(*lines: Any, key: str = ACCOUNT.credentials["secret_key"], **changes: Any) -> PushRequest:
    told = {"mailNo": "YT0000000000000", "cpCode": "YTO", "logisticsStatus": "TRANSPORT"}
    content = json.dumps(told | {"logisticsFullTraceList": lines} | changes, ensure_ascii=False)
    digest = base64.b64encode(hashlib.md5((content + key).encode()).digest()).decode()
    fields = {"logistics_interface": content, "data_digest": digest, "msg_type": "ANY"}
    return PushRequest({}, {}, urlencode(fields).encode())


def pushed(push: PushRequest, account: Account = ACCOUNT) -> Pushed:
    (one,) = cainiao.read_push(push, account)
    return one


def test_a_push_holds_the_whole_list() -> None:
    one = pushed(a_push(a_line("ACCEPT"), a_line("DELIVERING", "1735790400000")))
    assert (one.carrier, one.tracking_number, one.ended) == ("yto", "YT0000000000000", None)
    assert isinstance(one.answer, Track)
    assert one.answer.complete
    assert [scan.milestone for scan in one.answer.scans] == [
        Milestone.PICKED_UP,
        Milestone.OUT_FOR_DELIVERY,
    ]


@pytest.mark.parametrize("changes", [{"logisticsFullTraceList": []}, {"logisticsFullTraceList": None}])
def test_a_push_without_lines_is_a_hint_to_ask(changes: dict[str, Any]) -> None:
    assert pushed(a_push(**changes)).answer is None


@pytest.mark.parametrize(
    ("code", "options", "carrier"),
    [
        ("JDVD", {}, "jd"),
        ("JDLEX", {}, "jd"),
        ("YD", {"company_yunda": "YD"}, "yunda"),
        ("PIGEON", {}, "PIGEON"),
    ],
)
def test_a_push_names_the_carrier_in_the_vendor_s_word(
    code: str, options: dict[str, str], carrier: str
) -> None:
    assert pushed(a_push(a_line(), cpCode=code), with_options(**options)).carrier == carrier


@pytest.mark.parametrize("changes", [{"mailNo": None}, {"cpCode": ""}])
def test_a_push_about_no_number_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableResponse):
        pushed(a_push(a_line(), **changes))


def test_how_strictly_a_push_is_proved_is_an_option() -> None:
    right, wrong = a_push(a_line()), a_push(a_line(), key="another")
    bare = PushRequest({}, {}, urlencode({"logistics_interface": "{}"}).encode())
    proved = {
        option: [cainiao.verify(push, with_options(push_digest=option), "") for push in (right, wrong, bare)]
        for option in ("required", "if_present", "ignored")
    }
    assert proved == {
        "required": [True, False, False],
        "if_present": [True, False, True],
        "ignored": [True, True, True],
    }
    assert [cainiao.verify(push, ACCOUNT, "") for push in (right, wrong, bare)] == proved["required"]
    lone = PushRequest({}, {}, urlencode({"data_digest": "x"}).encode())
    assert not cainiao.verify(lone, ACCOUNT, "")


def test_the_reply_to_a_push_is_an_option() -> None:
    push = a_push(a_line())
    assert cainiao.acknowledge(push, with_options(push_reply="ok"), accepted=True).body == b"ok"
    assert json.loads(cainiao.acknowledge(push, ACCOUNT, accepted=False).body)["success"] is False


def test_a_subscription_that_is_refused_is_no_number_s_trouble() -> None:
    body = json.dumps({"success": False, "errorCode": "S02"}).encode()
    with pytest.raises(AuthenticationFailed):
        cainiao.read_subscription(httpx.Response(200, content=body), [QUERY])
