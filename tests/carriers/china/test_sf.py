"""SF's oddities, one test each. Answers are made after the vendor's documentation; people and numbers are invented."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from carriers.china import sf
from carriers.contract import Account, Answers, Milestone, Query, Reason, Stamp, Track
from carriers.errors import InvalidNumber, NotFoundYet, OwnershipRefused, UnreadableResponse

ACCOUNT = Account("sf-1", "sf", {"partner_id": "PARTNER", "checkword": "FAKE0CHECKWORD0FOR0TESTS0ONLY0001"})
STAMP = Stamp(at=datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC), nonce="a" * 32)
ONE, TWO, THREE = (Query("sf", f"SF100000000000{n}") for n in (1, 2, 3))


def a_route(op: str = "50", at: str = "2026-01-10 18:20:11", **fields: Any) -> dict[str, Any]:
    """A line as SF prints it: `a_route("70", reasonCode="46")`."""
    return {"acceptTime": at, "acceptAddress": "深圳市", "remark": "一行", "opCode": op} | fields


def answer(*numbers: dict[str, Any], **inner: Any) -> bytes:
    """An answer with these elements; `inner` changes the service's part."""
    told = {"success": True, "errorCode": "S0000", "msgData": {"routeResps": list(numbers)}} | inner
    return json.dumps({"apiResultCode": "A1000", "apiResultData": json.dumps(told)}).encode()


def about(query: Query, *routes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The element about one number."""
    return {"mailNo": query.tracking_number, "routes": list(routes)} | fields


def read(body: bytes, *queries: Query) -> Answers:
    return sf.read(httpx.Response(200, content=body), queries or [ONE])


def track_of(*routes: dict[str, Any]) -> Track:
    found = read(answer(about(ONE, *routes)))[ONE]
    assert isinstance(found, Track)
    return found


def sent(queries: Sequence[Query], account: Account = ACCOUNT) -> dict[str, str]:
    form = parse_qs(sf.request(queries, account, STAMP).content.decode())
    return {name: value for name, (value,) in form.items()}


def with_options(**options: str) -> Account:
    return replace(ACCOUNT, options=options)


def test_the_request_is_the_form_that_the_documentation_prints() -> None:
    queries = [replace(ONE, phone_tail="0000"), replace(TWO, phone_tail="0001")]
    form = sent(queries)
    assert form["msgData"] == (
        '{"language":"zh-CN","trackingType":"1","trackingNumber":["SF1000000000001","SF1000000000002"],'
        '"methodType":"1","checkPhoneNo":"0000,0001"}'
    )
    assert form["timestamp"] == "1760000000000"
    assert form["msgDigest"] == "5ldVTFNdS4i62+YuHsnqzA=="
    assert form["requestID"] == STAMP.nonce
    assert form["serviceCode"] == "EXP_RECE_SEARCH_ROUTES"
    assert (
        sf.request(queries, ACCOUNT, STAMP)
        .headers["Content-Type"]
        .startswith("application/x-www-form-urlencoded")
    )


def test_the_account_can_switch_the_urlencoding_off() -> None:
    queries = [replace(ONE, phone_tail="0000"), replace(TWO, phone_tail="0001")]
    assert sent(queries, with_options(sign_urlencode="false"))["msgDigest"] == "SLvbciapNQpAsd1/Zd53ow=="


def test_the_account_can_have_its_time_in_seconds() -> None:
    assert sent([ONE], with_options(timestamp_unit="s"))["timestamp"] == "1760000000"


def test_a_wrong_option_is_named() -> None:
    with pytest.raises(ValueError, match="sign_urlencode is one of true, false"):
        sent([ONE], with_options(sign_urlencode="maybe"))


def test_a_tail_keeps_its_place_when_others_have_none() -> None:
    msg_data = json.loads(sent([ONE, replace(TWO, phone_tail="4711"), THREE])["msgData"])
    assert msg_data["checkPhoneNo"] == ",4711,"
    assert "checkPhoneNo" not in json.loads(sent([ONE, TWO])["msgData"])


@pytest.mark.parametrize("success", [True, "true", None])
def test_success_is_true_in_any_spelling(success: object) -> None:
    assert isinstance(read(answer(about(ONE, a_route()), success=success))[ONE], Track)


def test_the_inner_answer_may_be_an_object() -> None:
    inner = {"success": True, "errorCode": "S0000", "msgData": {"routeResps": [about(ONE, a_route())]}}
    body = json.dumps({"apiResultCode": "A1000", "apiResultData": inner}).encode()
    assert isinstance(read(body)[ONE], Track)


def test_the_numbers_may_stand_beside_msg_data() -> None:
    body = answer(msgData=None, routeResps=[about(ONE, a_route())])
    assert isinstance(read(body)[ONE], Track)


def test_a1000_alone_is_no_answer() -> None:
    with pytest.raises(UnreadableResponse):
        read(b'{"apiResultCode":"A1000","apiResultData":"{}"}')


def test_an_empty_list_is_nothing_yet_and_a_reason_code_is_a_refusal() -> None:
    body = answer(about(ONE), about(TWO, reasonCode="20028"), about(THREE, reasonCode=20999))
    answers = read(body, ONE, TWO, THREE)
    assert type(answers[ONE]) is NotFoundYet
    assert type(answers[TWO]) is OwnershipRefused
    assert type(answers[THREE]) is UnreadableResponse


def test_routes_that_came_with_a_reason_code_are_kept() -> None:
    assert isinstance(read(answer(about(ONE, a_route(), reasonCode="20028")))[ONE], Track)


def test_a_malformed_number_leaves_its_neighbours_alone() -> None:
    answers = read(answer(about(ONE, a_route()), about(TWO, routes="?")), ONE, TWO)
    assert isinstance(answers[ONE], Track)
    assert type(answers[TWO]) is UnreadableResponse


def test_an_element_without_its_number_is_not_taken_for_nothing_yet() -> None:
    answers = read(answer(about(ONE, a_route()), {"routes": [a_route()]}), ONE, TWO)
    assert isinstance(answers[ONE], Track)
    assert type(answers[TWO]) is UnreadableResponse


def test_an_answer_about_another_number_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        read(answer(about(TWO, a_route())), ONE)


def test_a_code_about_the_number_is_the_answer_when_one_was_asked() -> None:
    body = answer(success=False, errorCode="8191", msgData=None)
    assert type(read(body, ONE)[ONE]) is InvalidNumber
    with pytest.raises(InvalidNumber):
        read(body, ONE, TWO)


def test_one_number_asked_with_two_tails_is_answered_twice() -> None:
    again = replace(ONE, phone_tail="4711")
    assert set(read(answer(about(ONE, a_route())), ONE, again)) == {ONE, again}


def test_times_are_shanghai_and_kept_as_printed() -> None:
    (scan,) = track_of(a_route(at="2026-01-10 18:20:11")).scans
    assert scan.occurred_at == datetime(2026, 1, 10, 10, 20, 11, tzinfo=UTC)
    assert scan.local_time == "2026-01-10 18:20:11"
    assert scan.city == "深圳市"


def test_a_line_without_a_readable_time_is_left_out_and_said_so() -> None:
    found = track_of(a_route(), a_route("36", at=""))
    assert len(found.scans) == 1
    assert not found.complete
    assert found.unmapped_codes == ("(row without a readable time)",)


@pytest.mark.parametrize(
    ("op", "status", "milestone"),
    [
        ("50", "1", Milestone.PICKED_UP),
        ("31", "2", Milestone.IN_TRANSIT),
        ("44", "2", Milestone.ARRIVED_AT_DESTINATION_CITY),
        ("44", "3", Milestone.OUT_FOR_DELIVERY),
        ("44", "", Milestone.OUT_FOR_DELIVERY),
        ("204", "3", Milestone.OUT_FOR_DELIVERY),
        ("80", "4", Milestone.DELIVERED),
        ("80", "11", Milestone.READY_FOR_PICKUP),
        ("33", "5", Milestone.CANCELLED),
        ("70", "11", Milestone.READY_FOR_PICKUP),
        ("125", "11", Milestone.READY_FOR_PICKUP),
        ("607", "1", Milestone.PICKED_UP),
        ("607", "-", Milestone.DELIVERED_TO_PROXY),
        ("99999", "3", Milestone.OUT_FOR_DELIVERY),
    ],
)
def test_the_first_level_status_is_asked_first(op: str, status: str, milestone: Milestone) -> None:
    (scan,) = track_of(a_route(op, firstStatusCode=status)).scans
    assert scan.milestone is milestone
    assert scan.carrier_code == op


@pytest.mark.parametrize(
    ("op", "milestone", "reason"),
    [
        ("648", Milestone.RETURNING, Reason.RETURN_TO_SENDER),
        ("77", Milestone.EXCEPTION, Reason.DELAYED_TRANSIT),
        ("18", Milestone.EXCEPTION, Reason.HELD),
        ("70", Milestone.EXCEPTION, Reason.FAILED_ATTEMPT),
        ("99", Milestone.IN_TRANSIT, Reason.INTERCEPTED),
    ],
)
def test_in_transit_hides_no_trouble(op: str, milestone: Milestone, reason: Reason) -> None:
    (scan,) = track_of(a_route(op, firstStatusCode="2")).scans
    assert (scan.milestone, scan.reasons) == (milestone, (reason,))


def test_an_unknown_reason_code_leaves_the_code_its_meaning_and_is_reported() -> None:
    found = track_of(a_route("70", reasonCode="12"), a_route("50", reasonCode="12"))
    assert [(scan.carrier_code, scan.reasons) for scan in found.scans] == [
        ("70", (Reason.FAILED_ATTEMPT,)),
        ("50", ()),
    ]
    assert found.unmapped_codes == ("70/12",)


@pytest.mark.parametrize(
    ("op", "status", "unmapped"),
    [("999", "3", ("999",)), ("204", "12", ("@12",)), ("", "12", ("@12",)), ("204", "-", ()), ("", "", ())],
)
def test_a_code_that_its_neighbour_explains_is_reported_all_the_same(
    op: str, status: str, unmapped: tuple[str, ...]
) -> None:
    assert track_of(a_route(op, firstStatusCode=status)).unmapped_codes == unmapped


def test_the_second_level_stands_in_for_the_first() -> None:
    (scan,) = track_of(a_route("", firstStatusCode="-", secondaryStatusCode=1301)).scans
    assert (scan.milestone, scan.carrier_code) == (Milestone.EXCEPTION, "@13")


def test_result_codes_are_the_classes_that_the_documentation_suggests() -> None:
    classes = {
        "AuthenticationFailed": "A1002 A1006 A1008 A1011 8014 8022",
        "AccessDenied": "A1003 A1004 A1010 8001 8002",
        "QuotaExhausted": "8005",
        "RateLimited": "A1005 A1007",
        "SourceUnavailable": "A1009 A1099 S0003",
        "UnreadableResponse": "A1001 S0001 S0002 6132 6133 6137 8000 8003 8004 8013 8015",
        "NotFoundYet": "6150 8018 8024",
        "InvalidNumber": "8191 8247",
        "OwnershipRefused": "8011 8012 20028 20052",
    }
    meant = {code: name for name, codes in classes.items() for code in codes.split()}
    assert {code: error.__name__ for code, error in sf.RESULT_CODES.items()} == meant


def test_every_published_code_has_its_row_once() -> None:
    codes = [code for code in sf.MILESTONES if code.isdigit()]
    assert len(codes) == 140 + 7


@pytest.mark.parametrize(
    ("milestone", "codes"),
    [
        (Milestone.PRE_TRANSIT, "127 131 201 647"),
        (Milestone.PICKED_UP, "43 50 54 129 202 656"),
        (Milestone.IN_TRANSIT, "10 15 30 31 36 99 105 136 310 517 605 626 3036"),
        (Milestone.OUT_FOR_DELIVERY, "34 44 123 204 634 677"),
        (Milestone.READY_FOR_PICKUP, "125 130 218 642 678 70/83 33/85"),
        (Milestone.DELIVERED, "80 97 128 658 679 935"),
        (Milestone.EXCEPTION, "18 33 66 70 72 77 126 613 833 870 8000/6"),
        (Milestone.RETURNING, "631 648 99/2"),
        (Milestone.RETURNED, "215 660"),
        (Milestone.CANCELLED, "70/46 33@5"),
        (None, "135 140 8000"),
    ],
)
def test_codes_mean_what_their_names_say(milestone: Milestone | None, codes: str) -> None:
    assert {sf.MILESTONES[code].milestone for code in codes.split()} == {milestone}


def test_the_closing_record_changes_nothing() -> None:
    out = a_route("204", at="2026-01-12 07:00:00")
    closing = a_route("8000", at="2026-01-12 11:00:00", firstStatusCode="4")
    assert track_of(out, closing).scans[-1].milestone is Milestone.OUT_FOR_DELIVERY
    lost = closing | {"reasonCode": "6"}
    assert track_of(out, lost).scans[-1].reasons == (Reason.LOST,)


def test_the_new_number_of_a_return_is_found() -> None:
    plain = a_route("36", remark="新单号为: SF9999999999999")
    back = a_route("648", at="2026-01-11 08:00:00", remark="快件已退回/转寄,新单号为: SF1000000000009")
    assert track_of(plain, back).new_tracking_number == "SF1000000000009"
    assert track_of(plain).new_tracking_number is None
    assert track_of(a_route("648", remark=f"新单号为:{ONE.tracking_number}")).new_tracking_number is None


def test_lines_of_one_second_stay_in_the_order_they_happened() -> None:
    same = "2026-01-10 18:20:11"
    first, second, later = (
        a_route("50", at=same),
        a_route("30", at=same),
        a_route("36", at="2026-01-10 20:00:00"),
    )
    for routes in ([first, second, later], [later, second, first]):
        assert [scan.carrier_code for scan in track_of(*routes).scans] == ["50", "30", "36"]
