"""The literals that a pattern cannot match without."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.reading.anchors import anchors
from carriers.reading.phrases import Phrase, a_book
from carriers.reading.sieve import a_sieve
from carriers.reading.words import Patterns


@pytest.mark.parametrize(
    ("source", "literals", "needs"),
    [
        ("拒收", {"拒收"}, []),
        ("电话.{0,4}关机", {"电话"}, [{"关机"}]),
        ("拒(?:收|签)快件", {"拒收快件", "拒签快件"}, []),
        ("(?:拒收|拒签)", {"拒收", "拒签"}, []),
        ("退回|退件", {"退回", "退件"}, []),
        ("未?签收", {"签收"}, []),
        ("(?<!未)妥投(?!退回)", {"妥投"}, []),
        (r"第\d+次派件", {"次派件"}, [{"第"}]),
        ("(?:已)?收(?:件)?", {"收"}, []),
        (".{2,9}?(?=已发短信)", {"已发短信"}, []),
        ("[派配]送.+(?:失败)", {"派送", "配送"}, [{"失败"}]),
    ],
)
def test_a_pattern_names_the_words_it_cannot_do_without(
    source: str, literals: set[str], needs: list[set[str]]
) -> None:
    found = anchors(source)
    assert found is not None
    assert (found.literals, list(found.needs)) == (literals, needs)


@pytest.mark.parametrize("source", [".{2,9}?(?=代收|$)", r"\d+", r"签收|\d", "(?:派件)?"])
def test_a_pattern_that_can_do_without_any_word_names_none(source: str) -> None:
    assert anchors(source) is None


@pytest.mark.parametrize(
    ("source", "opening", "whole"),
    [
        ("拒收", True, True),
        ("(?<!未)签收", True, False),
        (r"\d天未取", False, False),
        ("派.{0,2}送失败", False, False),
    ],
)
def test_a_pattern_tells_whether_it_starts_with_its_word_or_is_it(
    source: str, *, opening: bool, whole: bool
) -> None:
    found = anchors(source)
    assert found is not None
    assert (found.opening, found.whole) == (opening, whole)


PIECES = st.sampled_from(
    [
        "拒收",
        "收",
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
    sieve = a_sieve({"kind": [source]}, Patterns())
    if re.search(source, text):
        assert sieve.tries(text) == sieve.kinds["kind"] == 1


@given(st.lists(PATTERNS, min_size=1, max_size=3).map("|".join), PATTERNS, TEXTS)
def test_a_book_finds_exactly_what_its_patterns_match(source: str, but: str, text: str) -> None:
    phrase = Phrase("one", None, frozenset(), patterns=(source,), unless=(but,))
    stands = re.search(source, text) is not None and re.search(but, text) is None
    assert a_book([phrase], Patterns()).find(text) == int(stands)


def test_a_pattern_is_searched_for_once_however_often_its_word_stands() -> None:
    book = a_book([Phrase("one", None, frozenset(), patterns=("由[^,]*代收x",))], Patterns())
    searches: list[int] = []

    def counted(text: str, start: int) -> object:
        searches.append(start)
        return None

    tried = tuple(
        there and there._replace(entries=tuple(entry._replace(test=counted) for entry in there.entries))
        for there in book.tried
    )
    replace(book, tried=tried).find("由代收x" * 50)
    assert searches == [0]


def test_the_sieve_holds_back_what_cannot_match() -> None:
    sieve = a_sieve({"refusals": ["拒收"], "deliveries": ["派件.*已经"]}, Patterns())
    assert sieve.tries("正在派件") == 0
    assert sieve.tries("派件已经") == sieve.kinds["deliveries"]
