"""JD's oddities, one test each: questions and answers; codes. All are made after public clients; people, numbers
and keys are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from carriers.china import jd
from carriers.contract import Account, Milestone, Query, Scan, Stamp, Subscription, Track
from carriers.errors import NotFoundYet, UnreadableResponse
from carriers.reading import load_reader

ACCOUNT = Account(
    "jd-1",
    "jd",
    {
        "app_key": "fakeappkey0000000000000000000001",
        "app_secret": "fakesecret0000000000000000000001",
        "access_token": "faketoken00000000000000000000001",
        "customer_code": "010K000001",
    },
)
STAMP = Stamp(at=datetime(2026, 1, 15, 2, 30, tzinfo=UTC), nonce="n")
QUERY = Query("jd", "JDVA00000000001")
WISH = Subscription("https://us.test/push", "salt")
OUT = "您的快件正在派送中，请您准备签收（快递员：李四，联系电话：13800000000）。"


def a_line(
    state: object = 11000, category: object = None, remark: str = OUT, **fields: Any
) -> dict[str, Any]:
    """A line as JD prints it."""
    line = {
        "waybillCode": "JDVA00000000001",
        "category": category,
        "categoryName": "派送中",
        "state": state,
        "operationTitle": "派件",
        "operationRemark": remark,
        "operationTime": "2026-01-12 08:00:00",
        "operatorName": "李四",
        "operatorPhone": "13800000000",
        "operateSiteId": "22222222",
    }
    return line | fields


def an_answer(*lines: Any, **fields: Any) -> dict[str, Any]:
    data = {"collectorName": "张三", "collectorPhone": "13800000001", "traceDetails": list(lines)}
    return {"code": 0, "msg": "成功", "success": True, "mills": 120, "data": data} | fields


def answer(document: object) -> object:
    return jd.read(httpx.Response(200, json=document), [QUERY])[QUERY]


def track_of(*lines: Any) -> Track:
    found = answer(an_answer(*lines))
    assert isinstance(found, Track)
    return found


def scan_of(*args: Any, **fields: Any) -> Scan:
    (scan,) = track_of(a_line(*args, **fields)).scans
    return scan


def at(day: int, *args: Any, **fields: Any) -> dict[str, Any]:
    return a_line(*args, operationTime=f"2026-01-{day} 08:00:00", **fields)


def with_options(**options: str) -> Account:
    return replace(ACCOUNT, options=options)


# --- questions


def test_the_request_is_the_one_that_public_clients_send() -> None:
    request = jd.request([QUERY], ACCOUNT, STAMP)
    assert request.method == "POST"
    assert request.content == (
        b'[{"waybillCode":"JDVA00000000001","orderOrigin":1,"customerCode":"010K000001"}]'
    )
    assert str(request.url) == (
        "https://api.jdl.com/ecap/v1/orders/trace/query?LOP-DN=ECAP"
        "&access_token=faketoken00000000000000000000001&app_key=fakeappkey0000000000000000000001"
        "&timestamp=2026-01-15%2010%3A30%3A00&v=2.0&algorithm=md5-salt&sign=EC6172EE9970849A1569DFF8C27FC670"
    )


@pytest.mark.parametrize(
    ("algorithm", "sign"),
    [
        ("HMacMD5", "5/zJTuKRlDljdM/Q9fhRRw=="),
        ("HMacSHA1", "W4nKauYARQAhLvQq5DVPdtGO2OE="),
        ("HMacSHA256", "rMXqJBRH/1Rc43ozt0KxaE/dmVC/qmVgz0hJQqWECgw="),
        (
            "HMacSHA512",
            "z/aLucssMGYfWVJnZeW9c0LTFYFwWuHzpSkENwNbmc35wArMjQcr9T3p+xAcF5feFzoP4MPAE3eWrso5tvm2Jg==",
        ),
    ],
)
def test_the_console_may_want_another_algorithm(algorithm: str, sign: str) -> None:
    request = jd.request([QUERY], with_options(algorithm=algorithm), STAMP)
    assert (request.url.params["algorithm"], request.url.params["sign"]) == (algorithm, sign)


def test_the_scheme_is_an_option_and_not_signed() -> None:
    usual, other = (
        jd.request([QUERY], account, STAMP) for account in (ACCOUNT, with_options(domain="jdecap"))
    )
    assert other.url.params["LOP-DN"] == "jdecap"
    assert other.url.params["sign"] == usual.url.params["sign"]


def test_a_partner_signs_with_an_empty_token() -> None:
    credentials = {name: value for name, value in ACCOUNT.credentials.items() if name != "access_token"}
    request = jd.request([QUERY], replace(ACCOUNT, credentials=credentials), STAMP)
    assert request.url.params["access_token"] == ""
    # computed by hand from the vendor's rule
    assert request.url.params["sign"] == "30310946C09E81522630338D6CC2AA69"


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("0", {"orderOrigin": 0}),
        ("2", {"orderOrigin": 2, "customerCode": "010K000001"}),
        ("4", {"orderOrigin": 4, "customerCode": "010K000001"}),
    ],
)
def test_a_merchant_names_its_code_and_a_person_none(origin: str, said: dict[str, object]) -> None:
    request = jd.request([QUERY], with_options(order_origin=origin), STAMP)
    assert json.loads(request.content) == [{"waybillCode": "JDVA00000000001"} | said]


@pytest.mark.parametrize("number", ["JDVC00000000001-1-1-", "JDVC00000000001-2-3", "jdvc00000000001-1-1-A"])
def test_a_package_is_asked_about_by_its_waybill(number: str) -> None:
    request = jd.request([Query("jd", number)], ACCOUNT, STAMP)
    assert json.loads(request.content)[0]["waybillCode"] == "JDVC00000000001"


def test_no_tail_leaves_the_house_with_a_question() -> None:
    assert b"4711" not in jd.request([replace(QUERY, phone_tail="4711")], ACCOUNT, STAMP).content


# --- answers


def test_a_line_is_read_whole() -> None:
    assert scan_of() == Scan(
        occurred_at=datetime(2026, 1, 12, tzinfo=UTC),
        local_time="2026-01-12 08:00:00",
        milestone=Milestone.OUT_FOR_DELIVERY,
        text=OUT,
        carrier_code="11000",
        courier_name="李四",
        courier_phone="13800000000",
    )
    assert scan_of(remark="").text == "派件"


@pytest.mark.parametrize(("code", "success"), [(0, True), ("0", "true"), (0.0, "TRUE")])
@pytest.mark.parametrize("state", [11000, "11000"])
def test_codes_are_numbers_or_text_and_success_a_word_too(
    code: object, success: object, state: object
) -> None:
    found = answer(an_answer(a_line(state), code=code, success=success))
    assert isinstance(found, Track)
    assert found.scans[0].milestone is Milestone.OUT_FOR_DELIVERY


def test_a_code_of_success_needs_no_word_beside_it() -> None:
    for fields in ({"success": None}, {"success": ""}):
        assert isinstance(answer(an_answer(a_line(), **fields)), Track)
    without = an_answer(a_line())
    del without["success"]
    assert isinstance(answer(without), Track)


def test_success_wants_its_code_and_no_word_against_it() -> None:
    for fields in ({"success": False}, {"success": "false"}, {"code": 1}, {"code": None}):
        with pytest.raises(UnreadableResponse):
            answer(an_answer(a_line(), **fields))


@pytest.mark.parametrize("as_text", [False, True])
def test_an_answer_may_come_wrapped(*, as_text: bool) -> None:
    content = an_answer(a_line())
    wrapped = {"response": {"content": json.dumps(content) if as_text else content, "code": 0}}
    assert isinstance(answer(wrapped), Track)
    refused = {"response": {"content": {"code": 1, "msg": "运单不存在", "success": False}, "code": 0}}
    assert type(answer(refused)) is NotFoundYet
    with pytest.raises(UnreadableResponse):
        answer({"response": {"code": 0}})


@pytest.mark.parametrize("data", [None, {}, {"traceDetails": None}, {"traceDetails": []}])
def test_success_without_lines_is_nothing_yet(data: object) -> None:
    assert type(answer(an_answer(data=data))) is NotFoundYet


def test_lines_about_another_number_are_left_out() -> None:
    found = track_of(at(12, 11000), at(13, 10034, waybillCode="JDVA00000000002"))
    assert [scan.carrier_code for scan in found.scans] == ["11000"]
    assert (found.complete, found.unmapped_codes) == (True, ())
    for number in ("JDVA00000000001-1-2-", " jdva00000000001", "", None):
        assert len(track_of(a_line(waybillCode=number)).scans) == 1


def test_an_answer_about_another_number_alone_is_refused() -> None:
    with pytest.raises(UnreadableResponse) as caught:
        answer(an_answer(a_line(waybillCode="JDVA00000000002"), a_line(waybillCode="JDVA00000000001X")))
    assert "JDVA" not in repr(caught.value)


def test_the_answer_about_a_package_is_that_of_its_waybill() -> None:
    query = Query("jd", "JDVA00000000001-2-2-")
    found = jd.read(httpx.Response(200, json=an_answer(a_line())), [query])[query]
    assert isinstance(found, Track)
    assert found.tracking_number == "JDVA00000000001-2-2-"


def test_lines_in_no_order_are_put_in_order() -> None:
    found = track_of(at(12, 11000), at(10, 200001), at(13, 10034), at(11, 10054))
    assert [scan.carrier_code for scan in found.scans] == ["200001", "10054", "11000", "10034"]


def test_one_bad_line_does_not_lose_the_others_and_only_bad_ones_are_no_history() -> None:
    found = track_of(a_line(), {"operationTime": []}, a_line(operationTime="soon"))
    assert (len(found.scans), found.complete) == (1, False)
    with pytest.raises(UnreadableResponse):
        answer(an_answer(a_line(operationTime="soon")))


@pytest.mark.parametrize(
    ("state", "category", "milestone", "code", "unmapped"),
    [
        (200001, 440, Milestone.PICKED_UP, "200001", ()),
        (299999, 440, Milestone.OUT_FOR_DELIVERY, "299999", ("299999",)),
        ("", "440", Milestone.OUT_FOR_DELIVERY, "440", ()),
        (None, 480, Milestone.EXCEPTION, "480", ()),
        (299999, 999, Milestone.UNKNOWN, "299999", ("299999",)),
        (None, 999, Milestone.UNKNOWN, "999", ("999",)),
        (420, None, Milestone.UNKNOWN, "420", ("420",)),
        (None, None, Milestone.UNKNOWN, "", ()),
    ],
)
def test_the_stage_speaks_where_the_code_does_not(
    state: object, category: object, milestone: Milestone, *, code: str, unmapped: tuple[str, ...]
) -> None:
    found = track_of(a_line(state, category))
    assert (found.scans[0].milestone, found.scans[0].carrier_code) == (milestone, code)
    assert found.unmapped_codes == unmapped


def test_where_no_code_speaks_the_title_stands_in_the_text() -> None:
    def said(state: object, category: object = None, remark: str = "已处理") -> str:
        return scan_of(state, category, remark, operationTitle="妥投").text

    for state, category in ((299999, None), (None, None), (299999, 999), (None, 999)):
        assert said(state, category) == "已处理。妥投"
    assert said(299999, remark="已处理。") == "已处理。妥投"
    assert said(299999, remark="") == "妥投"
    assert said(299999, remark="快件已妥投。") == "快件已妥投。"
    assert scan_of(299999, remark="已处理。", operationTitle=None).text == "已处理。"
    for state, category in ((10034, None), (299999, 510), (200000, None)):
        assert said(state, category) == "已处理"


def test_a_reader_refines_from_the_title_what_no_code_says() -> None:
    scan = scan_of(299999, remark="已处理", operationTitle="妥投")
    assert scan.milestone is Milestone.UNKNOWN
    assert load_reader().refine(scan, carrier="jd").milestone is Milestone.DELIVERED


def test_what_says_nothing_keeps_the_milestone() -> None:
    for state in (200000, 200002, 200039):
        assert track_of(at(11, 11000), at(12, state, 420)).scans[-1].milestone is Milestone.OUT_FOR_DELIVERY


def test_the_operator_is_the_courier_only_where_the_parcel_is_delivered() -> None:
    for state, category in (
        *((11000, None), (10034, None), (10042, None)),
        *((None, 440), (None, 510), (299999, 440)),
    ):
        assert scan_of(state, category).courier_phone == "13800000000"
    for state, category in (
        (200034, 390),
        (200001, 420),
        (10054, 430),
        (200003, 440),
        (None, 390),
        (299999, 430),
    ):
        scan = scan_of(state, category)
        assert (scan.courier_name, scan.courier_phone) == (None, None)


# --- tables


def test_codes_mean_what_the_vendor_s_lists_say() -> None:
    milestones = {
        Milestone.PRE_TRANSIT: "100 390 10010 200018 200030 200034 200035 200036 200037 200038 200053 200062 200063"
        " 200064 200067 200071",
        Milestone.PICKED_UP: "420 200001 200058",
        Milestone.IN_TRANSIT: "430 10032 10033 10054 200004 200006 200007 200008 200009 200011 200012 200013 200017"
        " 200019 200020/转寄 200040 200050 200055 200056 200061 200072 200075 200076 200077",
        Milestone.OUT_FOR_DELIVERY: "440 11000",
        Milestone.READY_FOR_PICKUP: "200051 200057",
        Milestone.DELIVERED: "510 10034 10042",
        Milestone.RETURNING: "200020 200033 200060 200068",
        Milestone.RETURNED: "200054",
        Milestone.EXCEPTION: "403 480 500 530 10035 200003 200023 200031 200032 200069 200070",
        Milestone.CANCELLED: "690 700 200010 200052 200059 200065 200066",
        None: "200000 200002 200039",
    }
    meant = {code: milestone for milestone, codes in milestones.items() for code in codes.split()}
    assert {code: meaning.milestone for code, meaning in jd.MILESTONES.items()} == meant


def test_result_codes_are_the_classes_of_the_vendor_s_gateway() -> None:
    classes = {
        "QuotaExhausted": "2",
        "AuthenticationFailed": "7 8 11 12 19",
        "UnreadableResponse": "4 5 14 15",
    }
    meant = {code: name for name, codes in classes.items() for code in codes.split()}
    assert {code: error.__name__ for code, error in jd.RESULT_CODES.items()} == meant
