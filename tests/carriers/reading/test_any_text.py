"""What holds for every text whatever."""

import re
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.contract import in_order
from carriers.reading.reader import Reader

WORDS = [
    *(
        "快件",
        "包裹",
        "已",
        "未",
        "签收",
        "签收人",
        "是",
        "派件员",
        "张三",
        "13800000001",
        "正在",
        "派送",
        "不成功",
    ),
    *(
        "拒收",
        "退回",
        "破损",
        "如",
        "请",
        "取件码",
        "3-2-1",
        "驿站",
        "丰巢柜",
        "被",
        "由",
        "代收",
        "离开",
        "到达",
    ),
    *("示范网点", "电话", "无人接听", "空号", "超区", "拦截", "逾期", "将", "放假", "门卫"),
    *("：", ":", "【", "】", "(", ")", "（", "）", "[", "]", "，", "。", "\u3000", "\n", " "),
    *("Delivered", "not", "refused", "hold"),
]
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=14).map("".join))
CARRIERS = st.sampled_from([None, "sf", "zto", "yto", "nobody"])


@given(TEXTS, CARRIERS)
def test_any_text_is_read_without_an_error_and_always_alike(
    reader: Reader, text: str, carrier: str | None
) -> None:
    reading = reader.read(text, carrier=carrier)
    assert reading == reader.read(text, carrier=carrier)
    assert reading.reasons == in_order(reading.reasons)
    assert reading.phrases or (reading.milestone == "unknown" and not reading.reasons)


@given(TEXTS)
def test_what_is_quoted_stands_in_the_text(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    quoted = (reading.courier_name, reading.courier_phone, reading.station, reading.pickup_code)
    assert all(value is None or value in text for value in quoted)


CHINESE = st.lists(
    st.sampled_from([word for word in WORDS if re.fullmatch(r"[\u4e00-\u9fff]+", word)]), max_size=10
)


@given(CHINESE, st.data())
def test_spaces_between_chinese_characters_change_nothing(
    reader: Reader, words: list[str], data: st.DataObject
) -> None:
    text = "，".join(words)
    at = data.draw(st.integers(0, len(text)))
    spaced = text[:at] + data.draw(st.sampled_from([" ", "  ", "\u3000", "\t", "\u200b"])) + text[at:]
    assert _said(reader, spaced) == _said(reader, text)


@given(
    st.lists(
        st.sampled_from(
            ["【示范网点】", "快件", "已签收", "签收人是【门卫】", "离开【退水部】", "原因【客户拒收】"]
        )
    )
)
def test_any_pair_of_square_brackets_reads_alike(reader: Reader, words: list[str]) -> None:
    text = "".join(words)
    for opening, closing in ("[]", "［］", "「」", "〔〕"):
        assert _said(reader, text.replace("【", opening).replace("】", closing)) == _said(reader, text)


@given(st.lists(st.sampled_from(["派送不成功(拒收)", "已签收,签收人:门卫", "电话:13800000001", "(李四)"])))
def test_full_and_half_width_read_alike(reader: Reader, words: list[str]) -> None:
    text = "".join(words)
    wide = text.translate({code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
    assert _said(reader, wide) == _said(reader, text)


def _said(reader: Reader, text: str) -> tuple[object, ...]:
    reading = reader.read(text)
    return reading.milestone, reading.reasons, reading.phrases


@pytest.mark.parametrize(
    "text", ["\ud800客户拒收", "\x00\x1b[31m客户拒收", "\ufdd0\U0010ffff客户拒收", "客户拒收\udfff" * 9]
)
def test_halves_of_characters_and_control_characters_are_read_too(reader: Reader, text: str) -> None:
    assert reader.read(text).reasons == ("refused",)


def test_reading_keeps_nothing_of_what_was_read(reader: Reader) -> None:
    def read(numbers: range) -> None:
        for number in numbers:
            reader.read(
                f"快件交给李{chr(0x4E00 + number % 9000)}，正在派送途中（联系电话：138{number:08}），单号{number}"
            )

    read(range(3000))
    tracemalloc.start()
    read(range(3000, 6000))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000


def test_a_line_as_long_as_a_page_is_read_in_no_time(reader: Reader) -> None:
    for text in (
        "快件" * 4000,
        "【" * 4000,
        "签收人是" * 2000,
        "如果" * 2000,
        "到达" * 3000 + "代收",
        "拒收a" * 250_000,
        "☎ (" * 300_000,
    ):
        started = time.perf_counter()
        reader.read(text)
        assert time.perf_counter() - started < 5, text[:4]
