"""Every code of JD's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

import pytest
from code_tables import agree, assert_every_table_is_known, fits, spread, the
from fact_sheets import meaning, passage

from carriers.china import jd, jd_codes, jd_traces
from carriers.contract import Milestone, Reason

_WHERE_FROM = "the code alone says no more than in transit; that it is the recipient's the lines before tell"
_CLOCK = "the sheet has no class for a wrong clock; a person has to set it"
CODES = {
    ("4.1", 0): 12,  # stages
    ("4.2", 0): 63,  # codes of lines
    ("6", 0): 14,  # names of the older platform
    ("8", 0): 6,  # results of the older platform's gateway
}
NO_CODES = {("1", 0), ("2", 0), ("3", 0)}  # addresses, signatures, fields


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("jd", CODES, NO_CODES)


def test_every_stage_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[3], row[4]) for row in the("jd", "4.1").rows}
    assert len(said) == 12
    agree(said, jd.MILESTONES)
    assert said.keys() == jd_codes.CATEGORIES.keys()


def test_every_code_of_a_line_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[3], row[4]) for row in the("jd", "4.2").rows}
    agree(said, jd.MILESTONES, differ_because=dict.fromkeys(("10033", "200050", "200075"), _WHERE_FROM))
    assert said.keys() == {code for code in jd_codes.STATES if "/" not in code}


def test_the_codes_whose_meaning_the_lines_before_tell_are_the_sheet_s() -> None:
    listed = passage("jd", "4.2", r"Destination arrival: ([\d /]+) only when")
    titles = {title for row in the("jd", "6").rows if "if after" in row[1] for title in _titles(row[0])}
    assert set(listed.split(" / ")) | titles == jd_codes.ARRIVALS
    assert len(titles) == 3
    assert meaning("arrived_at_destination_city") == jd_codes.ARRIVED


def test_the_codes_that_give_a_new_number_are_the_sheet_s() -> None:
    listed = set(passage("jd", "4.2", r"After ([\d /]+) the parcel travels back").split(" / "))
    assert len(listed) == 7
    names = {row[1] for row in the("jd", "4.2").rows if row[0] in listed}
    assert listed | names & jd.TITLES.keys() == jd_codes.RENUMBERING


def test_a_new_label_is_for_another_address_where_the_words_say_so() -> None:
    (note,) = (row[5] for row in the("jd", "4.2").rows if row[0] == "200020")
    words = re.findall(r"[\u4e00-\u9fff]+", note)
    assert words == ["转寄", "改址"]
    assert all(jd_traces.flagged("200020", word) == "200020/转寄" for word in words)
    redirected = jd.MILESTONES["200020/转寄"]
    assert (redirected.milestone, redirected.reasons) == (Milestone.IN_TRANSIT, (Reason.INTERCEPTED,))
    assert "(in_transit / intercepted)" in note


def test_the_pattern_of_new_numbers_is_the_sheet_s() -> None:
    pattern = passage("jd", "4.2", r"pattern `([^`]+)`")
    assert jd_traces._NEW_NUMBER.pattern == pattern + r"(?!\d)"


def _titles(cell: str) -> list[str]:
    return re.sub(r"\(.*?\)", "", cell).replace(" ", "").split("/")


def test_every_name_of_the_older_platform_is_known_with_its_meaning() -> None:
    said = {}
    for row in the("jd", "6").rows:
        titles, reasons = _titles(row[0]), row[2].split(" / ")
        for title, reason in zip(titles, reasons * (len(titles) // len(reasons)), strict=True):
            said[title] = meaning(row[1], reason)
    assert len(said) == 35
    differ = dict.fromkeys(("站点收货", "站点验货", "订单入站"), _WHERE_FROM)
    agree(said, jd.TITLES, differ_because=differ)
    assert jd.TITLES.keys() - said.keys() == {"换单打印/转寄"}


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = {
        code: row[2].lower() for row in the("jd", "8").rows for code in spread(row[0]) if code.isdecimal()
    }
    assert said.keys() == jd.RESULT_CODES.keys()
    wrong = {code for code, words in said.items() if not fits(words, jd.RESULT_CODES[code])}
    assert wrong == {"7", "8"}, _CLOCK


# words that the sheet counts as a permission of one number, which we count as the account's
_ACCOUNT_WIDE = {"权限", "customerCode"}


def test_every_word_of_a_refusal_has_the_class_that_the_sheet_wants() -> None:
    listed = passage("jd", "8", r"Classify by text: (.*)")
    said = {
        word: wanted.strip()
        for words, wanted in re.findall(r"([^;:]+?) -> ([^;]+)", listed)
        for word in re.split(r" / ", words.strip())
    }
    assert len(said) == 18
    differ = set()
    for word, wanted in said.items():
        ours = next(
            error for sign, error in jd_codes.REFUSALS if re.search(sign, word.replace("5xx", "503 "))
        )
        # "invalid or not yet": nobody is condemned by words
        if not fits(wanted.removesuffix(" (refresh)"), ours):
            differ.add(word)
    assert differ == _ACCOUNT_WIDE


@pytest.mark.parametrize(
    ("ours", "named"),
    [(jd.INFO.number_patterns[0], "Standard"), (jd.INFO.number_patterns[1], "Generic acceptance")],
)
def test_the_forms_of_numbers_are_the_sheet_s(ours: str, named: str) -> None:
    assert f"^{ours}$" == passage("jd", "10", rf"{named}: `([^`]+)`")


def test_the_legacy_form_of_numbers_is_the_sheet_s() -> None:
    assert f"^{jd.INFO.number_patterns[2]}$" == passage("jd", "10", r"Legacy: `([^`]+)`")
