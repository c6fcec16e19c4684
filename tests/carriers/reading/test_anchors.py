"""The literals that a pattern cannot match without."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.reading.anchors import a_sieve, anchors


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("拒收", {"拒收"}),
        ("电话.{0,4}关机", {"电话"}),
        ("拒(?:收|签)快件", {"快件"}),
        ("(?:拒收|拒签)", {"拒收", "拒签"}),
        ("退回|退件", {"退回", "退件"}),
        ("未?签收", {"签收"}),
        ("(?<!未)妥投(?!退回)", {"妥投"}),
        (r"第\d+次派件", {"次派件"}),
        ("(?:已)?收(?:件)?", {"收"}),
        (".{2,9}?(?=已发短信)", {"已发短信"}),
        (".{2,9}?(?=代收|$)", None),
        ("[派送]{2}", None),
        (r"\d+", None),
        ("签收|[门卫]", None),
    ],
)
def test_a_pattern_names_the_words_it_cannot_do_without(source: str, expected: set[str] | None) -> None:
    found = anchors(source)
    assert found == (None if expected is None else frozenset(expected))


PIECES = st.sampled_from(
    [
        "拒收",
        "签",
        "[已未]",
        "(?:派件|送)",
        "(?:中)?",
        r"\d{1,3}",
        "(?<!未)",
        "(?=签|拒收)",
        "投?",
        "(?:甲|乙.)+",
        ".",
    ]
)
PATTERNS = st.lists(PIECES, min_size=1, max_size=5).map("".join)
TEXTS = st.text(alphabet="拒收签已未派件送中投甲乙12", max_size=14)


@given(st.lists(PATTERNS, min_size=1, max_size=3).map("|".join), TEXTS)
def test_the_sieve_never_holds_back_a_pattern_that_matches(source: str, text: str) -> None:
    sieve = a_sieve([source], frequent="签收")
    if re.search(source, text):
        assert sieve.candidates(text, frozenset(text)) == [0]


def test_the_sieve_holds_back_what_cannot_match() -> None:
    sieve = a_sieve(["拒收", "派件"])
    assert sieve.candidates("正在派件", frozenset("正在派件")) == [1]
