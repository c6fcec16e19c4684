"""One cell at a time: what merchants write, and what it becomes or why not."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.intake import cells
from watcher.intake.faults import Fault, FaultError, Reject
from watcher.intake.words import CARRIERS
from watcher.model import OrderState

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NAIVE_TEN = datetime(2026, 3, 2, 10)  # noqa: DTZ001 - as a workbook gives it


def _fault(read: Callable[[Any], Any], cell: Any) -> Fault:
    with pytest.raises(FaultError) as caught:
        read(cell)
    return caught.value.fault


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" a ", "a"),
        ("\ufeffa\u200b", "a"),
        ("a\t", "a"),
        ("\xa0a\u3000", "a"),
        ("a\x00b", "ab"),
        ('="784"', "784"),
        ("'784", "784"),
        ('\'="784"', "784"),
        ("-", ""),
        ("无", ""),
        ("NULL", ""),
        ("#N/A", ""),
        (None, ""),
        (12.0, "12"),
        (1.5, "1.5"),
        (True, "true"),
        (NAIVE_TEN, "2026-03-02 10:00:00"),
        (date(2026, 3, 2), "2026-03-02"),
    ],
)
def test_spreadsheet_wrappers_and_blanks_are_no_content(cell: Any, text: str) -> None:
    assert cells.text(cell) == text


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("78400000000001", "78400000000001"),
        (" sf1234567890123 ", "SF1234567890123"),
        ("ＳＦ１２３４５６７８９", "SF123456789"),
        ("JDVC123456789-1-1-", None),
        ("JDVC123456789-1-1", "JDVC123456789-1-1"),
        (78400000000001.0, "78400000000001"),
        ("7840 0000 0001", "784000000001"),
    ],
)
def test_a_tracking_number_is_upper_case_without_blanks(cell: Any, number: str | None) -> None:
    if number is None:
        assert _fault(cells.tracking_number, cell) is Fault.NOT_A_NUMBER
    else:
        assert cells.tracking_number(cell) == number


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("7.84E+13", Fault.SCIENTIFIC_NOTATION),
        ("7.84e13", Fault.SCIENTIFIC_NOTATION),
        (7.84000000000000123e17, Fault.DIGITS_LOST),
        (7.84e30, Fault.DIGITS_LOST),
        ("", Fault.EMPTY),
        ("无", Fault.EMPTY),
        ("78400000000001,78400000000002", Fault.SEVERAL_NUMBERS),
        ("78400000000001 78400000000002", Fault.SEVERAL_NUMBERS),
        ("78400000000001、78400000000002", Fault.SEVERAL_NUMBERS),
        ("自提", Fault.NOT_A_NUMBER),
        ("ABCDEFG", Fault.NOT_A_NUMBER),
        ("1234", Fault.NOT_A_NUMBER),
        ("1" * 101, Fault.TOO_LONG),
    ],
)
def test_a_spoilt_tracking_number_says_how_it_was_spoilt(cell: Any, fault: Fault) -> None:
    assert _fault(cells.tracking_number, cell) is fault


@pytest.mark.parametrize(
    ("word", "carrier"),
    [
        ("顺丰", "sf"),
        ("顺丰速运", "sf"),
        ("SF", "sf"),
        ("SF Express", "sf"),
        ("shunfeng", "sf"),
        ("中通快递", "zto"),
        ("中通快递有限公司", "zto"),
        ("圆通", "yto"),
        ("申通快递", "sto"),
        ("韵达", "yunda"),
        ("J&T Express", "jt"),
        ("极兔速递", "jt"),
        ("京东物流", "jd"),
        ("EMS", "ems"),
        ("中国邮政", "ems"),
        ("德邦物流", "deppon"),
        ("DHL", "dhl"),
    ],
)
def test_a_carrier_is_known_by_many_names(word: str, carrier: str) -> None:
    assert cells.carrier(word) == carrier


@pytest.mark.parametrize("word", ["某某快递", "中通快运", "韵达快运", "快递", "顺丰/中通"])
def test_an_unknown_carrier_is_not_guessed(word: str) -> None:
    assert _fault(cells.carrier, word) is Fault.UNKNOWN_CARRIER


def test_every_carrier_id_is_a_word_for_itself() -> None:
    assert all(CARRIERS[carrier] == carrier for carrier in set(CARRIERS.values()))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("", OrderState.OPEN),
        ("open", OrderState.OPEN),
        ("已发货", OrderState.OPEN),
        ("卖家已发货，等待买家确认", OrderState.OPEN),
        ("WAIT_BUYER_CONFIRM_GOODS", OrderState.OPEN),
        ("退款中", OrderState.OPEN),
        ("取消退款", OrderState.OPEN),
        ("Cancelled", OrderState.CANCELLED),
        ("已取消", OrderState.CANCELLED),
        ("交易关闭", OrderState.CANCELLED),
        ("TRADE_CLOSED", OrderState.CANCELLED),
        ("买家申请取消", OrderState.CANCELLED),
        ("已退款", OrderState.REFUNDED),
        ("退款成功", OrderState.REFUNDED),
        ("交易关闭(退款成功)", OrderState.REFUNDED),
    ],
)
def test_the_order_state_is_read_from_the_shops_words(word: str, state: OrderState) -> None:
    assert cells.order_state(word) is state


def test_an_unknown_order_state_is_not_guessed() -> None:
    assert _fault(cells.order_state, "外星") is Fault.UNKNOWN_ORDER_STATE


@pytest.mark.parametrize(
    ("cell", "answer"), [("是", True), ("Y", True), (True, True), (1.0, True), ("预售", True)]
)
def test_yes_has_many_words(cell: Any, answer: bool) -> None:  # noqa: FBT001 - the expected value
    assert cells.yes(cell) is answer


@pytest.mark.parametrize("cell", ["否", "n", False, "", None, "0", "现货"])
def test_no_and_blank_are_no(cell: Any) -> None:
    assert cells.yes(cell) is False


def test_neither_yes_nor_no_is_a_fault() -> None:
    assert _fault(cells.yes, "也许") is Fault.NOT_YES_OR_NO


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("¥1,234.50", 123450),
        ("￥128", 12800),
        ("128.5元", 12850),
        ("RMB 12", 1200),
        ("12.", 1200),
        (".5", 50),
        ("0", 0),
        (128.5, 12850),
        (0.1 + 0.2, 30),
        ("12.345", 1235),
        ("", None),
    ],
)
def test_money_becomes_fen(cell: Any, fen: int | None) -> None:
    assert cells.fen(cell) == fen


@pytest.mark.parametrize("cell", ["-5", "1.234,50", "12,34", "很多", "1e5", "99999999999", NAIVE_TEN])
def test_what_is_no_money_is_a_fault(cell: Any) -> None:
    assert _fault(cells.fen, cell) is Fault.NOT_MONEY


@pytest.mark.parametrize(
    ("cell", "unit", "grams"),
    [
        ("1.25", "kg", 1250),
        ("800", "g", 800),
        ("800g", "kg", 800),
        ("1.2 公斤", "g", 1200),
        ("3斤", "kg", 1500),
        ("", "kg", None),
    ],
)
def test_a_weight_becomes_grams_by_its_own_unit_or_the_columns(
    cell: Any, unit: str, grams: int | None
) -> None:
    assert cells.grams(cell, unit) == grams


@pytest.mark.parametrize("cell", ["重", "-1", "1 lb"])
def test_what_is_no_weight_is_a_fault(cell: str) -> None:
    assert _fault(cells.grams, cell) is Fault.NOT_A_WEIGHT


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-02 10:00:00",
        "2026-03-02 10:00",
        "2026-03-02T10:00:00+08:00",
        "2026-03-02T02:00:00Z",
        "2026-03-02T02:00:00.000Z",
        "2026/3/2 10:00",
        "2026.3.2 10:00:00",
        "2026年3月2日 10时00分",
        "2026年3月2日10:00:00",
        "2026-03-0210:00:00",
        "2026/3/2 上午 10:00:00",
        "2026/3/2 10:00:00 AM",
        "20260302100000",
        "46083.4166666667",
        46083.4166666667,
        NAIVE_TEN,
        "1772416800",
        "1772416800000",
        "2026-03-02 10:00:00.0",
    ],
)
def test_a_time_is_shanghais_unless_it_says_otherwise(cell: Any) -> None:
    assert cells.moment(cell) == TEN


def test_the_afternoon_is_twelve_hours_later() -> None:
    assert cells.moment("2026/3/2 下午 3:05:00") == datetime(2026, 3, 2, 7, 5, tzinfo=UTC)
    assert cells.moment("2026/3/2 12:05 AM") == datetime(2026, 3, 1, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2026-03-02", "20260302", "2026年3月2日", date(2026, 3, 2), "46083", 46083.0]
)
def test_a_bare_date_begins_at_midnight_and_as_a_deadline_lasts_all_day(cell: Any) -> None:
    assert cells.moment(cell) == datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    assert cells.deadline(cell) == datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["", "-", "0000-00-00 00:00:00", "1970-01-01 08:00:00", None])
def test_no_time_is_no_time(cell: Any) -> None:
    assert cells.moment(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "很快",
        "2026-13-01",
        "2026-02-30 10:00",
        "03/02/2026",
        "1999-01-01",
        "12",
        time(10),
        timedelta(hours=3),
        True,
        "2026-03-02 25:00",
    ],
)
def test_what_is_no_time_is_a_fault(cell: Any) -> None:
    assert _fault(cells.moment, cell) is Fault.NOT_A_TIME


@pytest.mark.parametrize(
    ("cell", "tail"), [("1234", "1234"), (123.0, "0123"), ("13800000001", "0001"), ("", None)]
)
def test_the_senders_tail_is_four_digits(cell: Any, tail: str | None) -> None:
    assert cells.tail(cell) == tail


def test_a_tail_of_three_digits_in_text_is_a_fault() -> None:
    assert _fault(cells.tail, "123") is Fault.NO_PHONE_TAIL


def test_every_fault_has_a_sentence_in_both_languages_that_repeats_no_cell() -> None:
    for fault in Fault:
        english, chinese = (Reject("phone", fault, 7).sentence(language) for language in ("en", "zh"))
        assert english.isascii()
        assert not chinese.isascii()
        assert ("7" in english) == (fault is Fault.CONTRADICTS_ROW)


_ANY_CELL = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789-/.: 年月日TZ+¥,kgE", max_size=30),
    st.floats(),
    st.booleans(),
    st.none(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)
_READERS = (
    cells.plain, cells.order_number, cells.tracking_number, cells.carrier, cells.order_state, cells.yes, cells.tail,
    cells.fen, cells.grams, cells.moment, cells.deadline,
)  # fmt: skip


@settings(deadline=None)
@given(_ANY_CELL)
def test_no_cell_at_all_raises_anything_but_a_fault(cell: Any) -> None:
    for read in _READERS:
        try:
            read(cell)
        except FaultError:
            continue
