"""China Post's oddities, one test each. Answers are made after public clients; people and numbers are invented."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from ems_answers import ACCOUNT, KEY, QUERY, a_line, answer, scan_of, told, track_of

from carriers.china import ems
from carriers.china.ems_cipher import opened
from carriers.china.ems_codes import RESULT_WORDS
from carriers.contract import Milestone, Reason, Stamp
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.reading.tables import load_reader

STAMP = Stamp(at=datetime(2026, 1, 15, 2, 30, tzinfo=UTC), nonce="n")
SEALED_QUESTION = (
    "|$4|oCMMjsWs2FIVEK1WBI01YNwWu5zvBCLF/lMcLtBmvmWJAgzsuyi4SnFTEm9+XpVJMLkgryOIqrYIvt3AqpsKaX9qDnwj2eyem"
    "/04hW9RnV0="
)


def failure(words: str, **envelope: Any) -> CarrierError:
    try:
        error = answer(**({"retCode": "S00001", "retMsg": words, "retBody": None} | envelope))
    except CarrierError as raised:
        return raised
    assert isinstance(error, CarrierError)
    return error


def test_the_question_is_sealed_with_the_key_s_text_behind_it() -> None:
    request = ems.request([QUERY], ACCOUNT, STAMP)
    assert {name: value for name, (value,) in parse_qs(request.content.decode()).items()} == {
        "apiCode": "040001",
        "senderNo": "1100000000000",
        "authorization": "FAKEauthCODE0001",
        "timeStamp": "2026-01-15 10:30:00",
        "logitcsInterface": SEALED_QUESTION,
        "msgType": "0",
        "version": "V1.0.0",
    }
    assert str(request.url) == "https://api.ems.com.cn/amp-prod-api/f/amp/api/open"
    assert b"|" not in request.content
    assert opened(SEALED_QUESTION, KEY) == f'{{"waybillNo":"1000000000001","direction":"0"}}{KEY}'


def test_without_a_key_of_its_own_the_authorization_code_is_the_key() -> None:
    account = replace(ACCOUNT, credentials={"sender_no": "1", "authorization": KEY})
    form = parse_qs(ems.request([QUERY], account, STAMP).content.decode())
    assert form["logitcsInterface"] == [SEALED_QUESTION]


def test_a_mistyped_key_is_asked_with_and_is_some_other_key() -> None:
    for wrong in ("wrong", "x", KEY[:-4], "钥匙"):
        account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "sign_key": wrong})
        (interface,) = parse_qs(ems.request([QUERY], account, STAMP).content.decode())["logitcsInterface"]
        with pytest.raises(ValueError, match=r".*"):
            opened(interface, KEY)


def test_the_direction_is_an_option() -> None:
    request = ems.request([QUERY], replace(ACCOUNT, options={"direction": "1"}), STAMP)
    (interface,) = parse_qs(request.content.decode())["logitcsInterface"]
    assert opened(interface, KEY).startswith('{"waybillNo":"1000000000001","direction":"1"}')
    with pytest.raises(ValueError, match="direction"):
        ems.request([QUERY], replace(ACCOUNT, options={"direction": "2"}), STAMP)


@pytest.mark.parametrize(
    "interface", ["", "|$4|", "|$4|!", "|$4|AAAA", "|$|" + SEALED_QUESTION[4:], SEALED_QUESTION[4:]]
)
def test_what_was_not_sealed_so_cannot_be_opened(interface: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        opened(interface, KEY)


# --- the answer


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"responseItems": [a_line()]}),
        {"responseItems": [a_line()]},
        json.dumps([a_line()]),
        [a_line()],
    ],
    ids=["text", "object", "list in text", "list"],
)
def test_the_lines_stand_in_a_text_an_object_or_a_list(body: object) -> None:
    assert track_of(retBody=body).scans[0].carrier_code == "702"
    assert track_of(retBody=body, retCode=None, code="00000").complete


@pytest.mark.parametrize(
    "body", [None, "", " ", "null", [], "[]", {"responseItems": []}, {"responseItems": None}]
)
def test_success_without_lines_is_nothing_yet(body: object) -> None:
    assert type(answer(retBody=body, retMsg="未查询到")) is NotFoundYet


def test_a_number_that_is_not_linked_to_the_customer_says_so() -> None:
    for error in (
        answer(retMsg="当前邮件无客户信息！"),
        failure("当前邮件无客户信息！"),
    ):
        assert type(error) is NotFoundYet
    assert "customer number" in str(answer(retMsg="当前邮件无客户信息！"))
    assert "customer number" not in str(answer(retMsg="无邮件信息"))


@pytest.mark.parametrize("body", ["x", "{", '"x"', '"\\"x\\""', {}, {"items": []}, 7, {"responseItems": "x"}])
def test_lines_that_cannot_be_found_are_no_empty_history(body: object) -> None:
    with pytest.raises(UnreadableResponse):
        answer(retBody=body)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("授权码不正确", AuthenticationFailed),
        ("客户号不存在", AuthenticationFailed),
        ("签名错误", AuthenticationFailed),
        ("报文解密失败", AuthenticationFailed),
        ("该客户无权限", AccessDenied),
        ("接口未开通", AccessDenied),
        ("访问频率过高", RateLimited),
        ("流量超出", RateLimited),
        ("超出调用限制", RateLimited),
        ("报文格式错误", UnreadableResponse),
        ("运单号不能为空", UnreadableResponse),
        ("系统异常", SourceUnavailable),
        ("处理超时", SourceUnavailable),
        ("无查询信息", NotFoundYet),
        ("无邮件信息", NotFoundYet),
        ("未查询到", NotFoundYet),
        ("当前邮件无客户信息！", NotFoundYet),
        ("别的原因", UnreadableResponse),
    ],
)
def test_the_words_beside_a_failure_tell_what_it_is(words: str, error: type[CarrierError]) -> None:
    found = failure(words)
    assert (type(found), found.code) == (error, "S00001")
    assert words not in str(found)
    assert type(failure("", retMsg=None, codeMessage=words)) is error
    assert failure(words, retCode="张三 13800000001").code is None


def test_every_kind_of_words_was_tried() -> None:
    assert {kind for _, kind in RESULT_WORDS} == {
        AuthenticationFailed,
        AccessDenied,
        RateLimited,
        UnreadableResponse,
        SourceUnavailable,
        NotFoundYet,
    }


def test_lines_come_in_no_order() -> None:
    found = told(a_line("713", 9), a_line("203", 7), a_line("702", 10), a_line("954", 8))
    assert [code for code, _ in found] == ["203", "954", "713", "702"]


def test_a_printed_time_is_shanghai_s() -> None:
    scan = scan_of(opTime="2026-01-12 18:03:21")
    assert (scan.occurred_at, scan.local_time) == (
        datetime(2026, 1, 12, 10, 3, 21, tzinfo=UTC),
        "2026-01-12 18:03:21",
    )


def test_one_bad_line_does_not_lose_the_others() -> None:
    found = track_of(a_line(), {"opTime": []}, a_line(opTime="soon"))
    assert len(found.scans) == 1
    assert not found.complete
    with pytest.raises(UnreadableResponse):
        answer({"opTime": []})


def test_facility_and_city_stand_in_their_fields_and_a_line_without_description_has_its_name() -> None:
    scan = scan_of(opDesc=None, opName="投递下段")
    assert (scan.facility, scan.city, scan.text) == ("测试揽投部", "深圳市", "投递下段")


def test_the_operator_is_the_courier_only_on_delivery_lines() -> None:
    assert {code: scan_of(code).courier_name for code in ("702", "704", "705", "749", "O_014", "70")} == (
        dict.fromkeys(("702", "704", "705", "749", "O_014", "70"), "李四")
    )
    assert {scan_of(code).courier_name for code in ("203", "389", "713", "711", "748", "743")} == {None}


def test_the_operator_s_number_is_kept_nowhere() -> None:
    assert "00000001001" not in repr(track_of(a_line(), a_line("704", 9)))


@pytest.mark.parametrize(
    ("code", "how", "milestone"),
    [
        ("704", "", Milestone.DELIVERED),
        ("704", "10", Milestone.DELIVERED),
        ("704", 20, Milestone.DELIVERED_TO_PROXY),
        ("704", "50", Milestone.READY_FOR_PICKUP),
        ("704", "zdy", Milestone.DELIVERED),
        ("704", "180", Milestone.EXCEPTION),
        ("463", "30", Milestone.READY_FOR_PICKUP),
        ("748", "50", Milestone.DELIVERED),
        ("748", "30", Milestone.DELIVERED),
        ("748", "20", Milestone.DELIVERED_TO_PROXY),
        ("711", "20", Milestone.RETURNED),
    ],
)
def test_who_took_it_or_where_it_was_put(code: str, how: object, milestone: Milestone) -> None:
    assert scan_of(code, deliverCode=how).milestone is milestone


def test_a_claim_that_was_settled_is_a_loss_and_no_delivery() -> None:
    assert scan_of("704", deliverCode="180").reasons == (Reason.LOST,)


@pytest.mark.parametrize(
    ("why", "milestone", "reasons"),
    [
        ("", Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,)),
        ("7", Milestone.EXCEPTION, (Reason.REFUSED,)),
        (4, Milestone.EXCEPTION, (Reason.RECIPIENT_UNREACHABLE,)),
        ("6", Milestone.EXCEPTION, (Reason.RESCHEDULE_BY_RECIPIENT_OR_HOLIDAY,)),
        ("9", Milestone.READY_FOR_PICKUP, (Reason.PICKUP_ONLY,)),
        ("10", Milestone.RETURNING, (Reason.INTERCEPTED,)),
        ("11", Milestone.IN_TRANSIT, (Reason.INTERCEPTED,)),
        ("15", Milestone.RETURNING, (Reason.RETURN_TO_SENDER,)),
    ],
)
@pytest.mark.parametrize("code", ["705", "462", "542"])
def test_why_it_was_not_delivered(
    code: str, why: object, milestone: Milestone, reasons: tuple[Reason, ...]
) -> None:
    scan = scan_of(code, attemptDeliveryCode=why)
    assert (scan.milestone, scan.reasons) == (milestone, reasons)


def test_an_unknown_second_code_leaves_the_first_and_is_reported() -> None:
    found = track_of(a_line("704", deliverCode="999"), a_line("705", 9, attemptDeliveryCode="99"))
    assert [scan.milestone for scan in found.scans] == [Milestone.DELIVERED, Milestone.EXCEPTION]
    assert found.unmapped_codes == ("704/999", "705/99")


def test_a_second_code_counts_only_beside_its_operation() -> None:
    assert scan_of("702", deliverCode="10", attemptDeliveryCode="7").milestone is Milestone.OUT_FOR_DELIVERY
    assert scan_of("704", attemptDeliveryCode="7").reasons == ()


def test_codes_of_two_digits_are_the_older_feed_s() -> None:
    assert told(a_line("10", 7), a_line("20", 8), a_line("70", 9), a_line("80", 10)) == [
        ("10", "picked_up"),
        ("20", "in_transit"),
        ("70", "out_for_delivery"),
        ("80", "delivered"),
    ]
    assert track_of(a_line("30")).unmapped_codes == ("30",)


def test_the_state_code_is_the_real_one_where_it_comes() -> None:
    assert told(a_line("5", opStateCode="203")) == [("203", "picked_up")]


def test_the_reader_refines_what_the_code_leaves_open() -> None:
    reader = load_reader(Path(__file__).parents[3] / "config" / "phrases")
    texts = {
        ("704", "已签收，他人代收：物业，投递员：李四，电话：13800000000"): ("delivered_to_proxy", ""),
        ("80", "邮件投递到测试小区菜鸟驿站,投递员:李四,电话:13800000000"): ("ready_for_pickup", ""),
        ("80", "收件人已取走邮件"): ("delivered", ""),
        ("705", "未妥投，拒收"): ("exception", "failed_attempt refused"),
        ("705", "未妥投，收件人不在地址且无法联系"): ("exception", "failed_attempt recipient_unreachable"),
    }
    for (code, words), (milestone, reasons) in texts.items():
        read = reader.refine(scan_of(code, opDesc=words), carrier="ems")
        assert (str(read.milestone), " ".join(read.reasons)) == (milestone, reasons), words
    out = scan_of("702", opDesc="【测试直投中心】安排投递,投递员:李四,电话:13800000000", operatorName="")
    read = reader.refine(out, carrier="ems")
    assert (read.courier_name, read.courier_phone) == ("李四", "13800000000")
