"""The sieve lets through every pattern that can match, whatever words it wants."""

import pytest

from carriers.reading.sieve import a_sieve
from carriers.reading.words import Patterns

PATTERNS = ("^感谢使用$", "^(?:感谢|多谢)$", "派件.{0,4}失败", r"\d+件", "查询")


@pytest.mark.parametrize("text", ["感谢使用", "多谢", "派件又失败了", "12件", "可查询", "无关的话", ""])
def test_what_matches_is_tried(text: str) -> None:
    patterns = Patterns()
    sieve = a_sieve({"idle": PATTERNS}, patterns)
    tried = {pattern.pattern for pattern in sieve.chosen(sieve.tries(text))}
    assert {source for source in PATTERNS if patterns.of(source).regex.search(text)} <= tried
