"""Every code of Yunda's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, fits, the
from fact_sheets import meaning, passage

from carriers.china import yunda
from carriers.china.yunda_codes import ACTIONS, STATUSES
from carriers.errors import NotFoundYet

CODES = {
    ("5", 0): 7,  # words of messages
    ("6", 0): 5,  # coarse statuses
    ("6", 1): 18,  # actions
}
# Addresses, signatures; and words that the reader's phrases turn into reasons, not the adapter.
NO_CODES = {("1", 0), ("2", 0), ("2", 1), ("6", 2)}
# The sheet has no class for "subscribe, then retry": nothing is told until it is, and waiting helps.
_OTHERWISE = {"未订阅": NotFoundYet, "订阅": NotFoundYet}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("yunda", CODES, NO_CODES)


def test_every_word_of_a_message_has_the_class_that_the_sheet_wants() -> None:
    said = {
        word: row[1]
        for row in the("yunda", "5").rows
        for cell in re.split(r" / |, ", row[0])
        for word in words_in(cell)
    }
    assert said.keys() == yunda.RESULT_CODES.keys()
    wrong = {
        word: (words, yunda.RESULT_CODES[word])
        for word, words in said.items()
        if word not in _OTHERWISE
        and not fits(words.replace("no-route-yet", "not found yet"), yunda.RESULT_CODES[word])
    }
    assert wrong == {}, "sheet, ours"
    assert {word: yunda.RESULT_CODES[word] for word in _OTHERWISE} == _OTHERWISE


def words_in(cell: str) -> list[str]:
    """A word of a message, but no HTTP status and no condition."""
    told_otherwise = re.search(r"HTTP|network|body|or result|anything", cell)
    return [] if told_otherwise else [cell.strip()]


def test_every_action_of_yunda_is_known_with_its_meaning() -> None:
    said = {
        action: meaning(row[2], row[3] if re.fullmatch(r"[a-z_]*( \(.*\))?", row[3]) else "")
        for row in the("yunda", "6", 1).rows
        for action in row[0].split(" / ")
    }
    assert len(said) == int(passage("yunda", "6", r"Exactly (\d+) names")) == 21
    agree(said, yunda.MILESTONES)
    assert said.keys() == ACTIONS.keys()


def test_every_status_of_yunda_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], reason_in(row[2])) for row in the("yunda", "6").rows}
    said[passage("yunda", "6", r'"(\w+)" was not seen').upper()] = meaning(
        passage("yunda", "6", r"map to (\w+) if met")
    )
    assert len(said) == 6
    agree(said, yunda.MILESTONES)
    assert said.keys() == STATUSES.keys()


def reason_in(cell: str) -> str:
    """`exception (failed_attempt)` holds always."""
    found = re.search(r"\((\w+)\)", cell)
    return found[1] if found else ""


def test_every_call_number_of_the_vendor_is_known_as_none_of_a_courier() -> None:
    listed = passage("yunda", "8", r"(\d[\d, ]+ and \d+) are Yunda's outbound call numbers")
    assert set(re.findall(r"\d+", listed)) == yunda._OUTBOUND_CALL_NUMBERS
