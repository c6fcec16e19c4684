"""Every code of SF's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, assert_result_classes, the
from fact_sheets import meaning, passage

from carriers.china import sf, sf_routes
from carriers.contract import Meaning, Milestone, Reason

CODES = {
    ("4.1", 0): 11,  # first-level statuses, the last row is "-" for none
    ("4.5", 0): 147,  # opCodes
    ("7", 0): 13,  # the gateway's results
    ("7", 1): 15,  # the service's
}
# Addresses, fields of messages, signatures.
NO_CODES = {(section, 0) for section in ("1", "2.1", "2.2", "3.1", "4.4")}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("sf", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    assert_result_classes("sf", "7", sf.RESULT_CODES, codes=39)
    assert passage("sf", "3.2", r"\((\d+) = monthly card") in sf.RESULT_CODES


def sf_op_codes() -> dict[str, Meaning]:
    """A reason that is given "by reasonCode / remark" has its default in the note."""
    rows = the("sf", "4.5").rows
    assert {row[0].isdigit() for row in rows} == {True}
    return {
        row[0]: meaning(row[3], default_in(row[5]) if row[4].startswith("by ") else row[4]) for row in rows
    }


def default_in(note: str) -> str:
    found = re.search(r"default (\w+)", note)
    return found[1] if found else ""


def sf_statuses() -> dict[str, Meaning]:
    return {
        f"@{row[0]}": meaning(row[2], row[3].partition(" ")[0])
        for row in the("sf", "4.1").rows
        if row[0].isdigit()
    }


def sf_pairs() -> dict[str, Meaning]:
    """The rules "`70` + reasonCode 46 -> cancelled; + 83 or 85 -> ..." and "`44`: if firstStatusCode == 2 ..."."""
    rules, op = passage("sf", "4.3", r"(?s)^(.*)$"), ""
    found: dict[str, Meaning] = {}
    for before, after in re.findall(r"([^;.]+)->([^;.]+)", rules):
        if named := re.search(r"(\d+)`? \+", before):
            op = named[1]
        if "+" in before:
            codes = re.findall(r"\d+", before.rpartition("+")[2])
            milestone, _, reason = after.split()[0].partition("/")
            told = meaning(milestone, reason or unsaid_reason(milestone))
            found |= {f"{op}/{code}": told for code in codes}
    for op, status, milestone in re.findall(r"`(\d+)`: if firstStatusCode == (\d+).*?map to (\w+)", rules):
        found[f"{op}@{status}"] = meaning(milestone)
    return found


def unsaid_reason(milestone: str) -> str:
    """A parcel that goes back has a reason that the rules do not repeat."""
    return Reason.RETURN_TO_SENDER if milestone == Milestone.RETURNING else ""


def test_every_op_code_of_sf_is_known_with_its_meaning() -> None:
    said = sf_op_codes()
    assert len(said) == 147
    agree(said, sf.MILESTONES)


def test_every_first_level_status_of_sf_is_known_with_its_meaning() -> None:
    said = sf_statuses()
    assert len(said) == 10
    agree(said, sf.MILESTONES)


def test_every_pair_of_codes_of_sf_is_known_with_its_meaning() -> None:
    said = sf_pairs()
    assert sorted(said) == ["33/83", "33/85", "44@2", "70/46", "70/83", "70/85", "8000/2", "8000/6", "99/2"]
    agree(said, sf.MILESTONES)


def test_every_second_level_status_of_sf_is_read_with_its_meaning() -> None:
    listed = passage("sf", "4.2", r"(?m)^(101 .*?1301 \S+)\.")
    said = {
        code: meaning(*(words.partition("/")[::2]))
        for code, words in re.findall(r"(\d{3,4}) (?:[^\x00-\x7f]+ )?(\S+)", listed)
    }
    assert len(said) == 9
    ours = {code: sf_meaning(second=code) for code in said}
    agree(said, {code: told for code, told in ours.items() if told})


def sf_meaning(op: str = "", *, first: str = "", second: str = "") -> Meaning | None:
    route = sf_routes.Route(op_code=op, first_status_code=first, secondary_status_code=second)
    assert sf_routes.unmapped(route) == ""
    return sf_routes.code_and_meaning(route)[1]


def test_every_status_and_op_code_seen_together_at_sf_say_what_one_of_them_says() -> None:
    pairs = re.findall(r"\((\d+),(\d+)\)", passage("sf", "4.2", r"production waybills: (.*)"))
    assert len(pairs) == 18
    said = sf_op_codes() | sf_statuses() | sf_pairs()
    wrong = {}
    for first, op in pairs:
        may = [said[code] for code in (f"@{first}", op, f"{op}@{first}") if code in said]
        ours = sf_meaning(op, first=first)
        if ours not in may:
            wrong[first, op] = ours
    assert wrong == {}


def test_statuses_without_a_number_leave_it_to_the_op_code_at_sf() -> None:
    (row,) = (row for row in the("sf", "4.1").rows if not row[0].isdigit())
    codes = re.findall(r"\d+", row[3])
    assert len(codes) == 3
    assert {op: sf_meaning(op, first="-") for op in codes} == {op: sf.MILESTONES[op] for op in codes}


def test_the_codes_of_a_list_that_contradicts_sf_are_not_used() -> None:
    listed = set(passage("sf", "4.5", r"lists opcodes (\S+) with other meanings").split("/"))
    assert len(listed) == 6
    assert listed & sf.MILESTONES.keys() == listed & sf_op_codes().keys() == {"10"}
