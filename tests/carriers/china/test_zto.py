"""ZTO's oddities, one test each. Answers are made after public clients; people and numbers are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.china import zto
from carriers.contract import Account, Milestone, Query, Reason, Scan, Stamp, Track
from carriers.errors import NotFoundYet, OwnershipRefused, UnreadableResponse

ACCOUNT = Account("zto-1", "zto", {"app_key": "APP", "app_secret": "demo-zto-secret-0001"})
STAMP = Stamp(at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), nonce="n")
QUERY = Query("zto", "78400000000001", phone_tail="0000")
SITE = {"name": "示例网点", "phone": "021-00000000", "city": "上海市"}


def a_trace(kind: str = "派件", at: object = 1_735_786_800_000, **fields: Any) -> dict[str, Any]:
    """A line as ZTO prints it."""
    people = {"operateUser": "张三", "operateUserPhone": "13800000001"}
    return {"scanType": kind, "scanDate": at, "scanSite": SITE, "desc": "一行"} | people | fields


def track_of(*traces: Any, **envelope: Any) -> Track:
    found = answer(*traces, **envelope)
    assert isinstance(found, Track)
    return found


def answer(*traces: Any, **envelope: Any) -> object:
    body = {"status": True, "statusCode": "SYS000", "result": list(traces)} | envelope
    return zto.read(httpx.Response(200, content=json.dumps(body).encode()), [QUERY])[QUERY]


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_trace(*args, **fields)).scans
    return scan


def test_the_request_is_the_body_that_is_signed_in_the_header() -> None:
    request = zto.request([QUERY], ACCOUNT, STAMP)
    assert request.content == b'{"billCode":"78400000000001","mobilePhone":"0000"}'
    assert request.headers["x-dataDigest"] == "9xlnThFB1bHgcTI2huwr4Q=="
    assert request.headers["x-appKey"] == request.headers["x-companyid"] == "APP"
    assert "x-timestamp" not in request.headers
    assert str(request.url) == "https://japi.zto.com/zto.merchant.waybill.track.query"


def test_a_time_stamp_is_signed_and_sent_only_on_wish() -> None:
    request = zto.request([QUERY], replace(ACCOUNT, options={"send_timestamp": "true"}), STAMP)
    assert request.headers["x-timestamp"] == "1700000000000"
    assert request.headers["x-dataDigest"] == "kGlZV8MTra+5a57XBBhavQ=="


def test_a_number_without_a_tail_is_asked_without_one() -> None:
    request = zto.request([replace(QUERY, phone_tail=None)], ACCOUNT, STAMP)
    assert json.loads(request.content) == {"billCode": "78400000000001"}


@pytest.mark.parametrize("printed", [1_735_786_800_000, "1735786800000", 1.7357868e12, "2025-01-02 11:00:00"])
def test_the_time_is_read_as_number_and_as_text(printed: object) -> None:
    scan = scan_of(at=printed)
    assert scan.occurred_at == datetime(2025, 1, 2, 3, tzinfo=UTC)
    assert scan.local_time == "2025-01-02 11:00:00"


def test_the_operator_is_the_deliverer_only_on_delivery_lines() -> None:
    assert (scan_of("派件").courier_name, scan_of("派件").courier_phone) == ("张三", "13800000001")
    assert scan_of("4").courier_phone == "13800000001"
    for kind in ("收件", "发件", "签收", "ARRIVAL"):
        assert (scan_of(kind).courier_name, scan_of(kind).courier_phone) == (None, None)


def test_the_site_is_a_facility_or_the_station() -> None:
    hub, station = scan_of("到件"), scan_of("ARRIVAL")
    assert (hub.facility, hub.facility_phone, hub.station) == ("示例网点", "021-00000000", None)
    assert (station.station, station.station_phone, station.facility) == ("示例网点", "021-00000000", None)
    assert hub.city == "上海市"


@pytest.mark.parametrize(
    ("kind", "milestone", "reasons"),
    [
        (None, Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        (2, Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
        (3, Milestone.IN_TRANSIT, (Reason.BAD_ADDRESS,)),
        ("5", Milestone.RETURNING, (Reason.REFUSED, Reason.RETURN_TO_SENDER)),
        ("6", Milestone.IN_TRANSIT, (Reason.BAD_ADDRESS,)),
    ],
)
def test_the_return_type_tells_a_return_from_another_address(
    kind: object, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    scan = scan_of("退件", returnType=kind)
    assert (scan.milestone, scan.reasons) == (milestone, reasons)


def test_an_unknown_return_type_is_still_a_return_but_reported() -> None:
    found = track_of(a_trace("退件", returnType=77))
    assert found.scans[0].milestone is Milestone.RETURNING
    assert found.unmapped_codes == ("退件/77",)


def test_the_return_type_counts_only_on_returns() -> None:
    assert scan_of("签收", returnType=5).milestone is Milestone.DELIVERED


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        (None, ()),
        ("A5", (Reason.REFUSED,)),
        ("a1", (Reason.RECIPIENT_UNREACHABLE,)),
        ("A3", (Reason.BAD_ADDRESS, Reason.BAD_PHONE)),
        ("B16", ()),
        ("B17", (Reason.LOST,)),
        ("C3", (Reason.DELAYED_TRANSIT,)),
    ],
)
def test_a_problem_code_says_why_where_one_comes(code: object, reasons: tuple[Reason, ...]) -> None:
    scan = scan_of("问题件", problemCode=code)
    assert (scan.milestone, scan.reasons) == (Milestone.EXCEPTION, reasons)


def test_an_unknown_problem_code_is_still_a_problem_but_reported() -> None:
    found = track_of(a_trace("问题件", problemCode="Z9"))
    assert found.scans[0].milestone is Milestone.EXCEPTION
    assert found.unmapped_codes == ("问题件/Z9",)


def test_the_problem_code_counts_only_on_problems() -> None:
    assert scan_of("派件", problemCode="A5").reasons == ()
    assert scan_of("退件", problemCode="A5", returnType=2).reasons == (Reason.RETURN_TO_SENDER,)


def test_an_event_keeps_the_milestone() -> None:
    found = track_of(a_trace("派件"), a_trace("事件", 1_735_790_400_000))
    assert found.scans[-1].milestone is Milestone.OUT_FOR_DELIVERY
    assert found.unmapped_codes == ()


@pytest.mark.parametrize(("status", "code"), [(True, "0000"), ("true", "200"), (None, "SYS000"), (True, "")])
def test_success_has_several_spellings(status: object, code: str) -> None:
    assert isinstance(answer(a_trace(), status=status, statusCode=code), Track)


def test_success_without_a_list_is_nothing_yet() -> None:
    assert type(answer(result=None)) is NotFoundYet


def test_a_missing_tail_is_the_number_s_own_trouble() -> None:
    assert type(answer(status=False, statusCode="E413")) is OwnershipRefused


def test_one_bad_line_does_not_lose_the_others() -> None:
    found = track_of(a_trace(), {"scanDate": []}, a_trace(at="soon"))
    assert len(found.scans) == 1
    assert not found.complete


def test_lines_that_are_all_bad_are_no_empty_history() -> None:
    with pytest.raises(UnreadableResponse):
        answer({"scanDate": []})


def test_codes_mean_what_the_public_clients_agree_on() -> None:
    milestones = {
        Milestone.PICKED_UP: "收件 1",
        Milestone.IN_TRANSIT: "发件 到件 转单 安检 2 3 9 退件/3 退件/6 8/3 8/6",
        Milestone.OUT_FOR_DELIVERY: "派件 DELIVERY 4",
        Milestone.READY_FOR_PICKUP: "ARRIVAL 44",
        Milestone.DELIVERED: "签收 SIGNED 5 45",
        Milestone.DELIVERED_TO_PROXY: "第三方签收 7",
        Milestone.RETURNING: "退件 8 退件/1 退件/2 退件/4 退件/5 退件/10 8/1 8/2 8/4 8/5 8/10",
        Milestone.RETURNED: "退件签收 退件完成",
        Milestone.EXCEPTION: "问题件 DEPARTURE",
        None: "事件",
    }
    problems = [*range_of("A", 1, 16), *range_of("B", 3, 17), *range_of("C", 1, 3)]
    meant = {code: milestone for milestone, codes in milestones.items() for code in codes.split()}
    meant |= {f"问题件/{code}": Milestone.EXCEPTION for code in problems}
    assert {code: meaning.milestone for code, meaning in zto.MILESTONES.items()} == meant


def range_of(letter: str, first: int, last: int) -> list[str]:
    return [f"{letter}{number}" for number in range(first, last + 1)]


def test_result_codes_are_the_classes_that_the_vendor_s_table_suggests() -> None:
    classes = {
        "AuthenticationFailed": "S211 S214",
        "AccessDenied": "S210 S212 E404 E418",
        "RateLimited": "S206 S221",
        "SourceUnavailable": "S200 S202 S203",
        "UnreadableResponse": "S207 S208",
        "NotFoundYet": "1001",
        "InvalidNumber": "E416",
        "OwnershipRefused": "E409 E413",
    }
    meant = {code: name for name, codes in classes.items() for code in codes.split()}
    assert {code: error.__name__ for code, error in zto.RESULT_CODES.items()} == meant


def test_who_signed_is_kept() -> None:
    assert scan_of("签收", signMan="门卫").signed_by == "门卫"
    assert scan_of("派件", signMan="").signed_by is None
