"""Every code of J&T's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, fits, results, the
from fact_sheets import meaning, passage

from carriers.china import jt
from carriers.china.jt_codes import NODES, PROBLEM_CODES, RETURN_CALLED_OFF
from carriers.contract import Meaning, Milestone
from carriers.errors import InvalidNumber, NotFoundYet, UnreadableResponse

CODES = {
    ("5", 0): 14,  # results
    ("6a", 0): 18,  # scanTypes
    ("6b", 0): 21,  # numbers of scan types
    ("6c", 0): 33,  # problems
}
NO_CODES = {("1", 0), ("2", 0)}  # addresses, signatures
# The sheet has no class for them in one word.
_OTHERWISE = {
    "0": UnreadableResponse,  # "permanent unknown"
    "145003050": InvalidNumber,  # "invalid request/number": the numbers are all that changes from call to call
    "145003064": NotFoundYet,  # "no-route-yet / invalid number": waiting does no harm
    "999001030": NotFoundYet,
}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("jt", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = {code: words for code, words in results("jt", "5") if code.isdigit()}
    assert said.pop("145002001") == "ignore here"
    assert len(said) == 15
    assert {code: jt.RESULT_CODES.get(code) for code in _OTHERWISE} == _OTHERWISE
    wrong = {
        code: (words, jt.RESULT_CODES.get(code))
        for code, words in said.items()
        if code not in _OTHERWISE and not fits(words, jt.RESULT_CODES.get(code))
    }
    assert wrong == {}, "sheet, ours"
    assert jt.RESULT_CODES.keys() == said.keys() - {"1"}


def test_every_word_for_too_many_calls_is_known() -> None:
    assert passage("jt", "5", r"msg containing (\S+) as quota").split("/") == list(jt._TOO_MANY)


def test_every_scan_type_of_jt_is_known_with_its_meaning() -> None:
    said = {
        name: meaning(row[3], "" if row[4].startswith(("(", "6c")) else row[4])
        for row in the("jt", "6a").rows
        for name in row[1].split(" / ")
    }
    assert len(said) == 19
    agree(said, jt.MILESTONES)


def test_every_node_of_jt_is_its_scan_type() -> None:
    said = {row[0]: row[1] for row in the("jt", "6a").rows if row[0].isdigit()}
    assert len(said) == 14
    assert said == NODES
    agree({node: jt.MILESTONES[name] for node, name in said.items()}, jt.MILESTONES)


def test_every_number_of_a_scan_type_of_jt_is_known_with_its_meaning() -> None:
    said: dict[str, Meaning] = {}
    for row in the("jt", "6b").rows:
        codes, milestones = row[0].split(" / "), row[2].split(" / ")
        for code, milestone in zip(
            codes, milestones if len(milestones) > 1 else milestones * len(codes), strict=True
        ):
            said[f"@{code}"] = meaning(milestone, reason_of(code, row[3]))
    assert len(said) == 35
    agree(said, jt.MILESTONES)
    assert said.keys() == {code for code in jt.MILESTONES if code.startswith("@") and "/" not in code}


def reason_of(code: str, cell: str) -> str:
    """`return_to_sender (not 171)` and `intercepted (190)` hold for some of the row's codes."""
    but, only = re.search(r"\(not (\d+)\)", cell), re.search(r"\((\d+)\)", cell)
    holds = code != but[1] if but else code == only[1] if only else not cell.startswith("by ")
    return cell if holds else ""


def test_the_number_that_calls_a_return_off_is_the_sheet_s() -> None:
    (row,) = (row for row in the("jt", "6b").rows if "退件撤销" in row[1])
    codes, names = row[0].split(" / "), row[1].split(" / ")
    assert f"@{codes[names.index('退件撤销')]}" == RETURN_CALLED_OFF


def test_every_problem_of_jt_is_known_with_its_meaning() -> None:
    said = {
        f"{code}/{kind}": problem(row[2])
        for row in the("jt", "6c").rows
        for kind in row[0].split(", ")
        for code in PROBLEM_CODES
    }
    assert len(said) == 35 * 3
    agree(said, jt.MILESTONES)


def problem(cell: str) -> Meaning:
    """A milestone that stands first in brackets holds always, unless it says on what it depends."""
    first = re.search(r"\((\w+)", cell)
    named = first[1] if first and first[1] in set(Milestone) else Milestone.EXCEPTION
    return meaning(named, cell)


def test_every_node_that_goes_on_is_subscribed() -> None:
    given_up = {row[0] for row in the("jt", "6a").rows if "discontinued" in row[2]}
    assert jt._SUBSCRIBED_NODES.split("&") == [node for node in NODES if node not in given_up]
