"""Kuaidi100's oddities, one test each. Answers and pushes are made after the vendor's documentation."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from carriers.aggregators import kuaidi100
from carriers.contract import (
    Account,
    Milestone,
    Pushed,
    PushEnd,
    PushRequest,
    Query,
    Reason,
    Stamp,
    Subscription,
    Track,
)
from carriers.errors import (
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

ACCOUNT = Account("k-1", "kuaidi100", {"key": "demoKEY12345", "customer": "0123456789ABCDEF0123456789ABCDEF"})
STAMP = Stamp(at=datetime(2026, 1, 1, tzinfo=UTC), nonce="n")
SF = Query("sf", "SF0000000000000", phone_tail="0000")
YTO = Query("yto", "YT0000000000000", phone_tail="0000")
SALT = "s3cr3tsalt0123456789abcdefABCDEF"


def a_row(code: object = "0", at: str = "2025-01-02 03:04:05", **fields: Any) -> dict[str, Any]:
    """A row as the vendor prints it."""
    return {"time": at, "ftime": at, "context": "一行", "statusCode": code} | fields


def a_result(*rows: Any, **fields: Any) -> dict[str, Any]:
    """A whole answer, rows newest first."""
    return {
        "message": "ok",
        "status": "200",
        "com": "yuantong",
        "nu": YTO.tracking_number,
        "data": list(rows),
    } | fields


def read(document: object, *, status: int = 200) -> object:
    response = httpx.Response(status, content=json.dumps(document).encode())
    return kuaidi100.read(response, [YTO])[YTO]


def track_of(*rows: Any, **fields: Any) -> Track:
    found = read(a_result(*rows, **fields))
    assert isinstance(found, Track)
    return found


def sent(query: Query, account: Account = ACCOUNT) -> dict[str, Any]:
    form = parse_qs(kuaidi100.request([query], account, STAMP).content.decode())
    document: dict[str, Any] = json.loads(form["param"][0])
    return document


def a_push(**fields: Any) -> dict[str, Any]:
    return {"status": "polling", "comOld": "", "comNew": "", "lastResult": a_result(a_row())} | fields


def pushed(document: object) -> Pushed:
    body = urlencode({"sign": "X", "param": json.dumps(document)}).encode()
    (told,) = kuaidi100.read_push(PushRequest({}, {}, body), ACCOUNT)
    return told


def test_the_request_is_the_form_that_is_documented() -> None:
    request = kuaidi100.request([SF], ACCOUNT, STAMP)
    assert request.content == (
        b"customer=0123456789ABCDEF0123456789ABCDEF&sign=152D9C7910C47D679F4E87394CC1AB48&param=%7B%22com%22%3A"
        b"%22shunfeng%22%2C%22num%22%3A%22SF0000000000000%22%2C%22phone%22%3A%220000%22%2C%22resultv2%22%3A%224"
        b"%22%2C%22show%22%3A%220%22%2C%22order%22%3A%22desc%22%7D"
    )
    assert str(request.url) == "https://poll.kuaidi100.com/poll/query.do"


def test_a_tail_leaves_the_house_only_for_carriers_that_want_it() -> None:
    assert sent(SF)["phone"] == "0000"
    assert "phone" not in sent(YTO)
    assert "phone" not in sent(replace(SF, phone_tail=None))


def test_options_ask_for_the_courier_and_respell_a_company() -> None:
    account = replace(ACCOUNT, options={"courier_info": "true", "company_sf_freight": "sfky"})
    assert sent(Query("sf_freight", "SF0000000000000"), account)["com"] == "sfky"
    assert sent(YTO, account)["needCourierInfo"] is True
    assert "needCourierInfo" not in sent(YTO)


def test_company_codes_lead_back_to_one_carrier_each() -> None:
    companies = kuaidi100.INFO.carriers
    assert len(set(companies.values())) == len(companies)


def test_the_body_counts_whatever_the_http_status_is() -> None:
    assert type(read({"result": False, "returnCode": "500"}, status=500)) is NotFoundYet
    with pytest.raises(SourceUnavailable) as caught:
        read(a_result(a_row()), status=503)
    assert caught.value.code == "HTTP 503"


def test_a_status_that_says_how_long_to_wait_counts_before_the_body() -> None:
    told = {"result": False, "returnCode": "504", "message": "x"}
    response = httpx.Response(429, json=told, headers={"Retry-After": "12"})
    with pytest.raises(RateLimited) as asked:
        kuaidi100.read(response, [YTO])
    with pytest.raises(RateLimited) as subscribed:
        kuaidi100.read_subscription(response, [YTO])
    assert asked.value.retry_after == subscribed.value.retry_after == timedelta(seconds=12)


def test_the_failure_code_may_stand_in_status() -> None:
    with pytest.raises(RateLimited):
        read({"message": "x", "status": 504})


def test_numbers_are_read_like_text() -> None:
    found = track_of(a_row(501), status=200, state=5)
    assert found.scans[0].milestone is Milestone.READY_FOR_PICKUP


def test_rows_come_oldest_first_though_printed_newest_first() -> None:
    found = track_of(a_row("5"), a_row("1001"), a_row("0", "2025-01-01 00:00:00"))
    assert [scan.carrier_code for scan in found.scans] == ["0", "1001", "5"]


def test_rows_of_one_second_are_turned_round_too() -> None:
    assert [scan.carrier_code for scan in track_of(a_row("5"), a_row("1001")).scans] == ["1001", "5"]


def test_a_row_without_a_code_is_known_by_its_name() -> None:
    found = track_of(a_row(None, status="本人签收"), a_row(None, "2025-01-01 00:00:00", status="干线"))
    assert [scan.carrier_code for scan in found.scans] == ["1002", "301"]


def test_a_row_that_says_nothing_is_unknown_and_no_unmapped_code() -> None:
    found = track_of(a_row("5"), a_row(None, "2025-01-01 00:00:00"))
    assert found.scans[0].milestone is Milestone.UNKNOWN
    assert found.unmapped_codes == ()


def test_a_final_state_wins_over_the_newest_row() -> None:
    before, after = track_of(a_row("501"), state="5"), track_of(a_row("501"), state="3")
    assert before.scans[-1].milestone is Milestone.READY_FOR_PICKUP
    assert after.scans[-1].milestone is Milestone.DELIVERED
    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("code", "state", "milestone"),
    [
        ("204", "210", Milestone.CANCELLED),
        ("0", "210", Milestone.CANCELLED),
        ("4", "401", Milestone.CANCELLED),
        ("210", "210", Milestone.CANCELLED),
    ],
)
def test_a_cancelled_parcel_is_over_whatever_its_newest_row_says(
    code: str, state: str, milestone: Milestone
) -> None:
    assert track_of(a_row(code), state=state).scans[-1].milestone is milestone


def test_a_row_that_bears_the_state_keeps_its_reasons() -> None:
    scan = track_of(a_row("203"), state="4").scans[-1]
    assert (scan.milestone, scan.carrier_code) == (Milestone.RETURNED, "4")
    assert scan.reasons == (Reason.REFUSED, Reason.RETURN_TO_SENDER)


@pytest.mark.parametrize(("state", "code"), [("3", "303"), ("0", "5"), ("5", "501"), ("2", "206"), ("", "5")])
def test_otherwise_the_newest_row_says_more_than_the_state(state: str, code: str) -> None:
    assert track_of(a_row(code), state=state).scans[-1].carrier_code == code


def test_the_state_speaks_for_a_newest_row_without_a_code() -> None:
    assert track_of(a_row(None), state="206").scans[-1].reasons == (Reason.RECIPIENT_UNREACHABLE,)


def test_an_unknown_fine_code_belongs_to_its_family_and_is_reported() -> None:
    found = track_of(a_row("599"))
    assert found.scans[0].milestone is Milestone.OUT_FOR_DELIVERY
    assert found.unmapped_codes == ("599",)


def test_customs_at_work_is_no_trouble() -> None:
    assert track_of(a_row("11")).scans[0].reasons == ()
    assert track_of(a_row("13")).scans[0].reasons == (Reason.HELD,)


def test_the_courier_stands_on_the_newest_delivery_line() -> None:
    courier = {"deliveryManName": "张三", "deliveryManPhone": "13800000001"}
    found = track_of(a_row("204"), a_row("5", "2025-01-01 00:00:00"), courierInfo=courier)
    assert [scan.courier_phone for scan in found.scans] == ["13800000001", None]


def test_the_arrival_time_is_the_eta() -> None:
    assert track_of(a_row(), arrivalTime="2025-01-04 18:00:00").eta == datetime(2025, 1, 4, 10, tzinfo=UTC)
    assert track_of(a_row(), arrivalTime="").eta is None


def test_the_city_is_the_second_part_of_the_area() -> None:
    assert track_of(a_row(areaName="广东,深圳市,南山区")).scans[0].city == "深圳市"
    assert track_of(a_row(areaName="上海")).scans[0].city == "上海"
    assert track_of(a_row(location="东莞")).scans[0].city == "东莞"


def test_a_success_without_rows_is_not_taken_for_nothing_yet() -> None:
    assert type(read(a_result())) is NotFoundYet
    with pytest.raises(UnreadableResponse):
        read(a_result(data=None))


def test_a_subscription_carries_salt_tail_and_key() -> None:
    wish = Subscription("https://example.test/hooks/kuaidi100?ref=1", SALT)
    request = kuaidi100.subscribe([SF], ACCOUNT, STAMP, wish)
    form = parse_qs(request.content.decode())
    assert str(request.url) == "https://poll.kuaidi100.com/poll"
    assert form["schema"] == ["json"]
    param = json.loads(form["param"][0])
    assert (param["company"], param["number"], param["key"]) == (
        "shunfeng",
        SF.tracking_number,
        "demoKEY12345",
    )
    assert param["parameters"]["salt"] == SALT
    assert param["parameters"]["callbackurl"] == wish.callback_url
    assert (param["parameters"]["phone"], param["parameters"]["resultv2"]) == ("0000", "4")


def test_codes_mean_what_the_documentation_says() -> None:
    milestones = {
        Milestone.PRE_TRANSIT: "101 102",
        Milestone.PICKED_UP: "1 103",
        Milestone.IN_TRANSIT: "0 1002 1003 7 8 10 11 12",
        Milestone.ARRIVED_AT_DESTINATION_CITY: "1001",
        Milestone.OUT_FOR_DELIVERY: "5",
        Milestone.READY_FOR_PICKUP: "501",
        Milestone.DELIVERED: "3 301 302",
        Milestone.DELIVERED_TO_PROXY: "303 304",
        Milestone.RETURNING: "6 14",
        Milestone.RETURNED: "4",
        Milestone.EXCEPTION: "2 201 202 203 204 205 206 207 208 209 13",
        Milestone.CANCELLED: "210 401",
    }
    meant = {code: milestone for milestone, codes in milestones.items() for code in codes.split()}
    assert {code: meaning.milestone for code, meaning in kuaidi100.MILESTONES.items()} == meant
    classes = {code: error.__name__ for code, error in kuaidi100.RESULT_CODES.items()}
    assert classes == {
        "400": "InvalidNumber",
        "408": "OwnershipRefused",
        "500": "NotFoundYet",
        "501": "SourceUnavailable",
        "502": "SourceUnavailable",
        "503": "AuthenticationFailed",
        "504": "RateLimited",
        "601": "QuotaExhausted",
    }


@pytest.mark.parametrize("code", ["200", "501", 501])
def test_a_subscription_stands_also_when_it_stood_before(code: object) -> None:
    response = httpx.Response(200, json={"result": True, "returnCode": code})
    assert kuaidi100.read_subscription(response, [SF]) == {SF: None}


@pytest.mark.parametrize(("code", "says"), kuaidi100.SUBSCRIPTION_CODES.items())
def test_each_subscription_code_is_its_class(code: str, says: type[CarrierError]) -> None:
    response = httpx.Response(200, json={"result": False, "returnCode": code})
    if says is InvalidNumber:
        assert type(kuaidi100.read_subscription(response, [SF])[SF]) is InvalidNumber
    else:
        with pytest.raises(says) as caught:
            kuaidi100.read_subscription(response, [SF])
        assert type(caught.value) is says


def test_a_push_is_proved_by_its_form_decoded_param() -> None:
    param = (
        '{"status":"polling","billstatus":"got","message":"","autoCheck":"0","comOld":"","comNew":"","lastResult":'
        '{"message":"ok","state":"0","status":"200","condition":"F00","ischeck":"0","com":"yuantong",'
        '"nu":"YT0000000000000","data":[{"context":"快件已到达深圳转运中心","time":"2025-01-02 03:04:05",'
        '"ftime":"2025-01-02 03:04:05"}]}}'
    )
    sign = "282510A840A35624F34ECFA82C062490"
    push = PushRequest({}, {}, urlencode({"sign": sign, "param": param}).encode())
    assert kuaidi100.verify(push, ACCOUNT, SALT)
    assert not kuaidi100.verify(PushRequest({}, {}, urlencode({"param": param}).encode()), ACCOUNT, SALT)
    empty_salt = {"sign": "75CE1AAF7E9F802E4C7DAD5B8174EA42", "param": param}
    assert kuaidi100.verify(PushRequest({}, {}, urlencode(empty_salt).encode()), ACCOUNT, "")


def test_a_second_param_cannot_be_smuggled_in() -> None:
    fields = [("sign", kuaidi100.signature("{}", SALT)), ("param", "{}"), ("param", '{"a":1}')]
    push = PushRequest({}, {}, urlencode(fields).encode())
    assert not kuaidi100.verify(push, ACCOUNT, SALT)
    with pytest.raises(UnreadableResponse):
        kuaidi100.read_push(push, ACCOUNT)


@pytest.mark.parametrize(
    ("status", "ended"),
    [("polling", None), ("updateall", None), ("shutdown", PushEnd.FINISHED), ("abort", PushEnd.ABANDONED)],
)
def test_a_push_says_whether_it_is_the_last(status: str, ended: PushEnd | None) -> None:
    told = pushed(a_push(status=status))
    assert told.ended is ended
    assert isinstance(told.answer, Track)
    assert told.answer.complete


def test_an_abort_without_rows_is_nothing_yet() -> None:
    last = {"com": "yuantong", "nu": "YT0000000000000", "status": "201", "data": []}
    told = pushed(a_push(status="abort", lastResult=last))
    assert (type(told.answer), told.ended) == (NotFoundYet, PushEnd.ABANDONED)


def test_a_corrected_company_is_told_beside_the_one_that_was_asked() -> None:
    told = pushed(a_push(autoCheck="1", comOld="shentong", comNew="yuantong"))
    assert (told.carrier, told.new_carrier) == ("sto", "yto")
    assert pushed(a_push(comNew="yuantong")).new_carrier is None


def test_a_company_we_have_no_name_for_keeps_the_vendor_s() -> None:
    assert pushed(a_push(lastResult=a_result(a_row(), com="gexpress"))).carrier == "gexpress"


def test_a_push_about_no_number_is_unreadable() -> None:
    with pytest.raises(UnreadableResponse):
        pushed(a_push(lastResult=None))
