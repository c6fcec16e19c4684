"""One spelling for patterns, and the way back to what was printed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.reading.line import LONGEST, Line, Spelling, alphabet
from carriers.reading.sieve import a_sieve
from carriers.reading.words import Patterns

LETTERS = alphabet("簽收遞", "签收递")
NOISE = re.compile(r"(?<=签)\(1\d{10}\)(?=收)")


def spelled(printed: str) -> Line:
    return Spelling(LETTERS, NOISE).read(printed, a_sieve({}, Patterns()))


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("［昆明市］ 派件（１３８）", "【昆明市】派件(138)"),
        ("快遞已簽收", "快递已签收"),
        ("签收人 : 门卫 已签收", "签收人:门卫已签收"),
        ("NOT  Delivered / Moved", "not delivered / moved"),
        ("已签\u200b收\n感谢", "已签收感谢"),
        ("已签(13800000001)收", "已签收"),
        ("OutForDelivery_Other", "out for delivery other"),
        ("RTOInitiated2", "rto initiated 2"),
        ("arrived_at_hub", "arrived at hub"),
        ("", ""),
    ],
)
def test_a_line_gets_one_spelling(printed: str, text: str) -> None:
    assert spelled(printed).text == text


def test_a_stretch_comes_back_as_it_was_printed() -> None:
    line = spelled("已 存放在 ［ 示范苑 Ａ座（北门） ］，请取")
    start, end = line.text.index("示范"), line.text.index("】")
    assert line.between(start, end) == "示范苑 Ａ座（北门）"


@given(st.text(max_size=40))
def test_every_character_of_the_spelling_comes_from_its_place_in_print(printed: str) -> None:
    line = spelled(printed)
    for index, character in enumerate(line.text):
        assert LETTERS.get(ord(line.between(index, index + 1)), line.between(index, index + 1)) == character


def test_of_a_text_longer_than_any_courier_writes_the_beginning_is_read() -> None:
    assert spelled("件" * (LONGEST + 9)).text == "件" * LONGEST
