"""Skeletons: lines about different parcels that say the same are the same, whatever the line."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.reading.reader import Reader
from carriers.reading.template import LONGEST, template

ALIKE = [
    ("宜晒被子， 13800000001", "宜晒被子，13900000002。"),
    ("宜晒被子（138****0001）", "宜晒被子(1380000 0002)"),
    ("【成都一部】宜晒被子", "[上海二部] 宜晒被子！"),
    ("宜晒被子，单号 SF1234567890123", "宜晒被子,单号:78400000000001".replace(":", " ")),
    ("2026-03-02 10:00:00 宜晒被子", "2026/3/4 9:05 宜晒被子"),
    ("宜晒被子 3月2日", "宜晒被子 12月31日"),
    ("ＡＢＣ　Blankets Aired １２", "abc blankets aired 7"),
    ("貨物宜曬被子12", "货物宜曬被子99"),
    ("【李四（13800000001）】宜晒被子", "【王五】宜晒被子"),
    ("快件在广州市白云区太和镇晒被子", "快件在哈尔滨市道里区晒被子"),
    ("内蒙古自治区赤峰市宜晒被子", "四川省凉山彝族自治州宜晒被子"),
    ("宜晒被子，张三13800000001", "宜晒被子，欧阳小四 13900000002"),
    ("离开广州中转场，宜晒被子", "离开杭州下沙中转场，宜晒被子"),
    ("派件员张三，电话13800000001，宜晒被子", "派件员李四，电话0755-88880001，宜晒被子"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_lines_that_differ_in_numbers_and_names_share_a_skeleton(
    reader: Reader, one: str, other: str
) -> None:
    assert reader.template(one) == reader.template(other) != ""


def test_lines_that_say_something_else_do_not(reader: Reader) -> None:
    said = (
        "宜晒被子",
        "宜晒褥子",
        "原因【宜晒被子】",
        "原因【宜晒褥子】",
        "此处晒不了超市",
        "此处晒不了小区",
        "请晒13800000001",
    )
    assert len({reader.template(text) for text in said}) == len(said)


@pytest.mark.parametrize(
    ("text", "skeleton"),
    [
        ("电话138****0001到", "电话#到"),
        ("编号【a-1】的【b【c】】", "编号【】的【】"),
        ("取件码12-3-4567,2026-03-02 10:00", "取件码#"),
        ("out-for-delivery hub7 left", "out-for-delivery # left"),
        ("(((a)b", "(((a)b".replace("(a)", "()")),
        ("13800000001", ""),
        ("。【】()", ""),
        ("", ""),
        ("\x00\ud800宜", "宜"),
    ],
)
def test_what_stands_for_what(text: str, skeleton: str) -> None:
    assert template(text) == skeleton


def test_boilerplate_is_no_part_of_a_skeleton(reader: Reader) -> None:
    assert reader.template("宜晒被子，如有疑问请致电95338") == reader.template("宜晒被子")


@given(st.text(max_size=400) | st.text("a1#*【】()， 。,.-:中文〇+3;!", max_size=400))
def test_any_text_has_a_short_skeleton_that_is_its_own(text: str) -> None:
    skeleton = template(text)
    assert len(skeleton) <= LONGEST
    assert template(skeleton) == skeleton
    assert not any(character.isdigit() and character.isascii() for character in skeleton)


@pytest.mark.parametrize(
    "piece", ["快件", "【", "(", ")", "1,", "a", "a1 ", "派件员张三", "宜晒被子1,", "()"]
)
def test_a_line_of_a_megabyte_has_one_in_no_time(reader: Reader, piece: str) -> None:
    started = time.perf_counter()
    assert len(reader.template(piece * (1_000_000 // len(piece)))) <= LONGEST
    assert time.perf_counter() - started < 2
