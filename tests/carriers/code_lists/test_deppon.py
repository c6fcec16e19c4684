"""Every code of Deppon's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, fits, the
from fact_sheets import meaning, passage

from carriers.china import deppon, deppon_codes

_OTHERS = "others"
CODES = {
    ("4.1", 0): 15,  # statuses of lines
    ("4.2", 0): 11,  # statuses of orders
    ("7", 0): 4,  # results
}
NO_CODES = {("1", 0), ("2", 0)}  # addresses and fields


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("deppon", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = {row[0]: row[2] for row in the("deppon", "7").rows if row[0] != _OTHERS}
    assert len(said) == 3
    wrong = [code for code, words in said.items() if not fits(words.lower(), deppon.RESULT_CODES.get(code))]
    assert wrong == []


def test_every_word_of_a_refusal_has_the_class_that_the_sheet_wants() -> None:
    (row,) = (row for row in the("deppon", "7").rows if row[0] == _OTHERS)
    said = {
        word: wanted.strip()
        for words, wanted in re.findall(r"([^;:]+?) -> ([^;]+)", row[2].partition(": ")[2])
        for word in re.split(r" / ", words.strip())
        if "HTTP" not in word
    }
    assert len(said) == 10
    for word, wanted in said.items():
        ours = next(error for sign, error in deppon_codes.REFUSALS if re.search(sign, word))
        assert fits(wanted, ours), (word, wanted, ours)


def test_every_status_of_a_line_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], row[3]) for row in the("deppon", "4.1").rows}
    assert len(said) == 15
    agree(said, deppon.MILESTONES)


def test_a_word_tells_the_second_meaning_where_the_sheet_has_one() -> None:
    said = {
        f"{row[0]}/{word}": meaning(milestone)
        for row in the("deppon", "4.1").rows
        for word, milestone in re.findall(r"text (作废|自提) -> ([a-z_]+)", row[4])
    }
    assert len(said) == 2
    agree(said, deppon.MILESTONES)
    assert said.keys() == {f"{status}/{word}" for status, word in deppon_codes.FLAGS.items()}


def test_every_status_of_an_order_is_known_with_its_meaning() -> None:
    said = {row[0].split()[0]: meaning(row[2], row[3]) for row in the("deppon", "4.2").rows}
    assert len(said) == 11
    agree(said, deppon.MILESTONES)


def test_the_form_of_a_number_is_the_sheet_s() -> None:
    assert f"^{deppon.INFO.number_patterns[0]}$" == passage("deppon", "8", r"Express: `([^`]*)`")
