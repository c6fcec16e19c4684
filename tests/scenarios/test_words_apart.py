"""The demo is no circle: its couriers' words were not made from the reader's tables, nor the tables from them."""

import re
import tomllib
from difflib import SequenceMatcher
from pathlib import Path

import pytest

import carriers.sandbox
from carriers.reading.tables import default_folder

WORDINGS = Path(carriers.sandbox.__file__).parent / "wordings.toml"
SLOT = re.compile(r"\{\w+\}")
MARKS = re.compile(r"[\s\d,，.。;；:：!！?？、()（）【】\[\]《》〈〉“”\"'·-]+")
LONG, LONG_IN_LETTERS = 8, 24


def bare(text):
    return MARKS.sub("", SLOT.sub("", text))


def is_long(text):
    """The shortest are the language itself: 客户拒收, Picked up."""
    return len(text) >= (LONG_IN_LETTERS if text.isascii() else LONG)


def wordings():
    table = tomllib.loads(WORDINGS.read_text(encoding="utf-8"))
    return sorted(
        bare(line if isinstance(line, str) else line["text"])
        for kinds in table.values()
        for lines in kinds.values()
        for line in lines
    )


def phrases():
    tables = (
        tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(default_folder().glob("*.toml"))
    )
    return [phrase for table in tables for phrase in table.get("phrase", [])]


def test_no_line_of_the_demo_is_a_case_of_the_tables():
    cases = {bare(case) for phrase in phrases() for case in (*phrase.get("yes", ()), *phrase.get("no", ()))}
    same = [line for line in wordings() if is_long(line) and line in cases]
    assert same == []


def test_no_case_of_the_tables_is_nearly_a_line_of_the_demo():
    cases = sorted(
        {bare(case) for phrase in phrases() for case in phrase.get("yes", ()) if is_long(bare(case))}
    )
    close = [
        (case, line)
        for case in cases
        for line in wordings()
        if is_long(line) and SequenceMatcher(None, case, line, autojunk=False).ratio() > 0.85
    ]
    assert close == []


def test_no_pattern_is_written_for_one_line_of_the_demo():
    texts = wordings()
    patterns = [pattern for phrase in phrases() for pattern in phrase.get("match", ())]
    long_literals = {literal for pattern in patterns for literal in re.findall(r"[一-鿿]{9,}", pattern)}
    assert [literal for literal in long_literals if any(literal in text for text in texts)] == []


@pytest.mark.parametrize("table", ["wordings", "phrases"])
def test_both_sides_have_something_to_compare(table):
    assert len({"wordings": wordings, "phrases": phrases}[table]()) > 30
