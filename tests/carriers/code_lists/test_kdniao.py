"""Every code of Kdniao's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, fits, the
from fact_sheets import meaning, passage

from carriers.aggregators import kdniao, kdniao_codes

_CUSTOMS = "the sheet calls it held, but softly: customs at work raises no alert, so it is no reason"
_ONCE_MORE = "the sheet calls the reason optional: why it is delivered once more, the code does not say"
_QUESTION = (
    "what is wrong with the question as a whole says nothing about the number: no parcel is given up for it"
)
CODES = {
    ("5", 0): 11,  # results
    ("7", 0): 41,  # states
}
NO_CODES = {("2", 0), ("4.1", 0)}  # addresses, and what can be asked for


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("kdniao", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = {row[0]: row[2] for row in the("kdniao", "5").rows}
    assert len(said) == 11
    wrong = {code for code, words in said.items() if not fits(words, kdniao.RESULT_CODES.get(code))}
    assert wrong == {"101", "103", "401", "402"}, _QUESTION
    assert {said[code] for code in wrong} == {"invalid input"}


def test_beside_a_subscription_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = {row[0]: row[2] for row in the("kdniao", "5").rows}
    assert [
        code for code, words in said.items() if not fits(words, kdniao.SUBSCRIPTION_CODES.get(code))
    ] == []


def test_every_word_of_a_refusal_has_the_class_that_the_sheet_wants() -> None:
    rules = passage("kdniao", "5", r"Reason text rules \([^)]*\): (.*?)\. Only").split("; ")
    assert len(rules) == 6
    said = {
        word: wanted
        for rule in rules
        for words, _, wanted in [rule.partition(" → ")]
        for word in _texts(re.sub(r"`单号`\+\(|\)$", "单号", words) if "+(" in words else words)
    }
    assert len(said) == 17
    for word, wanted in said.items():
        ours = next(error for sign, error in kdniao_codes.REFUSALS if re.search(sign, word))
        assert fits(wanted.replace("rate/quota", "quota"), ours), (word, wanted, ours)


def _texts(words: str) -> list[str]:
    """Each word of a rule as a refusal would say it; of a rule with two words, both."""
    together = "单号" if words.startswith("单号") else ""
    return [together + word for word in re.findall(r"`([^`]+)`", words)]


def test_every_state_is_known_with_its_meaning() -> None:
    said = {row[1]: meaning(row[4], row[5].replace("held (soft)", "held")) for row in the("kdniao", "7").rows}
    assert len(said) == 41
    differ = dict.fromkeys(("6", "601", "602"), _CUSTOMS) | {"419": _ONCE_MORE}
    agree(said, kdniao.MILESTONES, differ_because=differ)
    assert kdniao.MILESTONES.keys() == said.keys()


def test_every_state_of_the_whole_parcel_is_among_them() -> None:
    assert {row[0] for row in the("kdniao", "7").rows} <= kdniao.MILESTONES.keys()


def test_every_state_that_ends_a_parcel_is_known_as_such() -> None:
    listed = passage("kdniao", "7", r"Terminal \(proposed\): ([\d, ]+)\.")
    assert set(listed.split(", ")) == kdniao_codes.FINAL_STATES


def test_every_company_is_known() -> None:
    listed = re.findall(r"`(\w+)`", passage("kdniao", "1", r"are short uppercase: (.*)\."))
    assert len(listed) == 15
    assert sorted(kdniao_codes.COMPANIES.values()) == sorted(listed)


def test_the_types_of_questions_are_those_of_the_sheet() -> None:
    types = {row[0]: row[1] for row in the("kdniao", "4.1").rows}
    assert types["8001"].startswith("query, paid")
    assert types["1002"].startswith("query, free")
    assert types["8008"].startswith("subscribe, paid")
    assert types["1008"].startswith("subscribe, free")
    (pushes,) = (words for kind, words in types.items() if kind.startswith("101"))
    assert re.search(r"COD or money", pushes)
