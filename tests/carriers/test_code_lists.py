"""Every code of the fact sheets is in our tables and means what the sheet says, save what is listed with a reason.

The sheets lie beside the repository where it is developed; without them these tests are skipped.
"""

import re
from collections.abc import Iterator, Mapping

import pytest
from fact_sheets import Table, meaning, passage, tables

from carriers.aggregators import kuaidi100, kuaidi100_codes
from carriers.china import sf, zto
from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccountError,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    QuotaExhausted,
    RateLimited,
    TransientError,
    UnreadableResponse,
)
from carriers.registry import PUSHING

# What we say otherwise than the sheets, and why. An entry that is no longer different fails.
_NO_PUSH = "ZTO's pushes are not taken; some of these words mean other things in an answer"
_CUSTOMS = "the sheet calls it held, but softly: customs at work raises no alert, so it is no reason"
DIFFERENT: Mapping[str, Mapping[str, str]] = {
    "kuaidi100 state": {"8": _CUSTOMS, "10": _CUSTOMS, "11": _CUSTOMS},
    "zto action": {
        "GOT": _NO_PUSH,
        "DEPARTURE": _NO_PUSH,
        "ARRIVAL": _NO_PUSH,
        "DISPATCH": _NO_PUSH,
        "INBOUND": _NO_PUSH,
        "HANDOVERSCAN_SIGNED": _NO_PUSH,
        "DEPARTURE_SIGNED": _NO_PUSH,
        "SIGNED": _NO_PUSH,
        "RETURN_SCAN": _NO_PUSH,
        "RETURN_SIGNED": _NO_PUSH,
        "PROBLEM": _NO_PUSH,
    },
}

# Tables of codes: sheet, section, which of the section's -> rows.
CODES: Mapping[tuple[str, str, int], int] = {
    ("sf", "4.1", 0): 11,  # first-level statuses, the last row is "-" for none
    ("sf", "4.5", 0): 147,  # opCodes
    ("sf", "7", 0): 13,  # the gateway's results
    ("sf", "7", 1): 15,  # the service's
    ("zto", "5", 0): 16,  # results
    ("zto", "6a", 0): 17,  # scanTypes
    ("zto", "6c", 0): 11,  # actions of pushes
    ("zto", "6d", 0): 34,  # problems
    ("kuaidi100", "4.2", 0): 8,  # results of subscriptions
    ("kuaidi100", "5", 0): 9,  # results of queries
    ("kuaidi100", "7", 0): 36,  # states
}
# Addresses, fields of messages, signatures, and words to look for in texts: no codes.
NO_CODES = {
    *(("sf", section, 0) for section in ("1", "2.1", "2.2", "3.1", "4.4")),
    ("zto", "1", 0),
    *(("kuaidi100", section, 0) for section in ("2", "4.1", "4.3")),
}

# What the column "class" of a sheet wants, by the first word that fits.
CLASSES: tuple[tuple[str, tuple[type[CarrierError], ...]], ...] = (
    (r"phone|^permission", (OwnershipRefused,)),
    (r"or not yet|not found yet", (NotFoundYet,)),
    (r"invalid (number|input)", (InvalidNumber,)),
    (r"invalid request|^bug|^split", (UnreadableResponse,)),
    (r"^quota|^rate|^wait", (RateLimited, QuotaExhausted)),
    (r"^auth|^contact|^config$", (AccountError,)),
    (r"^config, fatal", (UnreadableResponse,)),
    (r"^retr", (TransientError,)),
)
NO_ERROR = r"^-$|^ok$|success"


def the(name: str, section: str, position: int = 0) -> Table:
    return [table for table in tables(name) if table.section == section][position]


def agree(name: str, said: Mapping[str, Meaning], ours: Mapping[str, Meaning]) -> None:
    """Fails on a code that ours lacks or that means something else there, save the listed ones."""
    listed = DIFFERENT.get(name, {})
    differ = {code: (told, ours.get(code)) for code, told in said.items() if ours.get(code) != told}
    assert {code: both for code, both in differ.items() if code not in listed} == {}, "sheet, ours"
    assert listed.keys() - differ.keys() == set(), "no longer different: take it out of the list"


def spread(cell: str) -> list[str]:
    """`8003, 8004` and `S0001 / S0002` are two codes each; what stands in brackets is said about them."""
    return re.findall(r"\w+", re.sub(r"\(.*?\)", "", cell))


def test_every_table_of_the_sheets_is_known() -> None:
    """A table that joins a sheet is read here, or said to hold no codes."""
    found: dict[tuple[str, str, int], int] = {}
    for name in ("sf", "zto", "kuaidi100"):
        for table in tables(name):
            position = sum(1 for key in found if key[:2] == (name, table.section))
            found[name, table.section, position] = len(table.rows)
    assert {key: rows for key, rows in found.items() if key not in NO_CODES} == CODES
    assert found.keys() >= NO_CODES
    assert (len(CODES), sum(CODES.values())) == (11, 317)


# --- SF


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
    agree("sf opCode", said, sf.MILESTONES)


def test_every_first_level_status_of_sf_is_known_with_its_meaning() -> None:
    said = sf_statuses()
    assert len(said) == 10
    agree("sf firstStatusCode", said, sf.MILESTONES)


def test_every_pair_of_codes_of_sf_is_known_with_its_meaning() -> None:
    said = sf_pairs()
    assert sorted(said) == ["33/83", "33/85", "44@2", "70/46", "70/83", "70/85", "8000/2", "8000/6", "99/2"]
    agree("sf pair", said, sf.MILESTONES)


def test_every_second_level_status_of_sf_is_read_with_its_meaning() -> None:
    listed = passage("sf", "4.2", r"(?m)^(101 .*?1301 \S+)\.")
    said = {
        code: meaning(*(words.partition("/")[::2]))
        for code, words in re.findall(r"(\d{3,4}) (?:[^\x00-\x7f]+ )?(\S+)", listed)
    }
    assert len(said) == 9
    ours = {code: sf_meaning(second=code) for code in said}
    agree("sf secondaryStatusCode", said, {code: told for code, told in ours.items() if told})


def sf_meaning(op: str = "", *, first: str = "", second: str = "") -> Meaning | None:
    route = sf._Route(op_code=op, first_status_code=first, secondary_status_code=second)
    assert sf._unmapped(route) == ""
    return sf._code_and_meaning(route)[1]


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


# --- ZTO


def test_every_scan_type_of_zto_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], "" if "by " in row[3] else row[3]) for row in the("zto", "6a").rows}
    assert len(said) == 17
    agree("zto scanType", said, zto.MILESTONES)


def test_every_number_of_zto_after_a_change_of_carrier_is_known_with_its_milestone() -> None:
    listed = passage("zto", "6b", r"(?m)^(1 收件.*)$")
    said = {part.split()[0]: meaning(part).milestone for part in listed.split(" · ")}
    assert len(said) == 10
    assert {code: zto.MILESTONES[code].milestone for code in said if code in zto.MILESTONES} == said


def test_every_kind_of_return_of_zto_is_known_with_its_meaning() -> None:
    listed = passage("zto", "6b", r"`returnType` \(only with 退件\): ([^\n]*?)\. ")
    kinds = [part.split()[0] for part in listed.split(" · ")]
    assert len(kinds) == 7
    onward = set(passage("zto", "6b", r"(\d+ and \d+) are re-routings").split(" and "))
    (row,) = (row for row in the("zto", "6a").rows if row[0] == "退件")
    more = {
        kind: reason
        for reason, listed in re.findall(r"([a-z_]+) for ([\d/]+)", row[3])
        for kind in listed.split("/")
    }
    assert (len(onward), len(more)) == (2, 3)
    said = {
        f"{code}/{kind}": meaning("in_transit", more[kind])
        if kind in onward
        else meaning(row[2], f"return_to_sender {more.get(kind, '')}")
        for code in ("退件", "8")
        for kind in kinds
    }
    agree("zto returnType", said, zto.MILESTONES)


def test_every_problem_of_zto_is_known_with_its_reasons() -> None:
    said = {f"问题件/{row[0]}": meaning("exception", row[2]) for row in the("zto", "6d").rows}
    assert len(said) == 34
    agree("zto problem", said, zto.MILESTONES)


def test_no_action_of_zto_is_known_while_its_pushes_are_not_taken() -> None:
    assert "zto" not in PUSHING
    said = {row[0]: meaning(row[2]) for row in the("zto", "6c").rows}
    assert len(said) == 11
    agree("zto action", said, {})


# --- Kuaidi100


def test_every_state_of_kuaidi100_is_known_with_its_meaning() -> None:
    said = {
        row[0]: meaning(row[3], row[4].replace("held (soft)", "held")) for row in the("kuaidi100", "7").rows
    }
    assert len(said) == 36
    agree("kuaidi100 state", said, kuaidi100.MILESTONES)


def test_every_name_of_a_state_of_kuaidi100_leads_to_its_code() -> None:
    said = {row[1]: row[0] for row in the("kuaidi100", "7").rows}
    assert len(said) == 36
    assert {name: kuaidi100_codes.CODE_OF_NAME.get(name) for name in said} == said


def test_every_state_that_ends_a_parcel_at_kuaidi100_is_known_as_such() -> None:
    listed = re.findall(r"\d+", passage("kuaidi100", "7", r"\* Terminal: ([\d, ]+)\."))
    assert len(listed) == 8
    assert set(listed) == kuaidi100._FINAL_STATES


def test_every_company_of_kuaidi100_is_known() -> None:
    listed = re.findall(r"`(\w+)`", passage("kuaidi100", "1", r"(?m)^(Company .*)$"))
    assert len(listed) == 15
    assert sorted(kuaidi100_codes.COMPANIES.values()) == sorted(listed)


def test_every_status_of_a_push_of_kuaidi100_is_read() -> None:
    said = dict(re.findall(r"`(\w+)` \(([^)]*)\)", passage("kuaidi100", "4.3", r"\| `status` \| ([^|]*)")))
    assert sorted(said) == ["abort", "polling", "shutdown", "updateall"]
    assert kuaidi100._ENDS.keys() == {
        word for word, means in said.items() if re.match(r"finished|given up", means)
    }


# --- result codes


def results(name: str, section: str) -> Iterator[tuple[str, str]]:
    for table in tables(name):
        if table.section == section:
            yield from ((code, row[2].strip("*").lower()) for row in table.rows for code in spread(row[0]))


@pytest.mark.parametrize(
    ("name", "section", "ours", "codes"),
    [
        ("sf", "7", sf.RESULT_CODES, 39),
        ("zto", "5", zto.RESULT_CODES, 16),
        ("kuaidi100", "5", kuaidi100.RESULT_CODES, 9),
        ("kuaidi100", "4.2", kuaidi100.SUBSCRIPTION_CODES, 8),
    ],
    ids=["sf", "zto", "kuaidi100", "kuaidi100 subscription"],
)
def test_every_result_code_has_the_class_that_the_sheet_wants(
    name: str, section: str, ours: Mapping[str, type[CarrierError]], codes: int
) -> None:
    said = dict(results(name, section))
    assert len(said) == codes
    wrong = {code: (words, ours.get(code)) for code, words in said.items() if not fits(words, ours.get(code))}
    assert wrong == {}, "sheet, ours"


def fits(words: str, ours: type[CarrierError] | None) -> bool:
    if re.search(NO_ERROR, words):
        return ours is None
    wanted = next((classes for pattern, classes in CLASSES if re.search(pattern, words)), ())
    return ours is not None and issubclass(ours, wanted)


def test_results_named_beside_the_tables_are_known() -> None:
    success = passage("zto", "5", r"Success: `status==true` \(codes ([^)]*)\)").split(" / ")
    assert sorted(success) == sorted(zto._SUCCESS_CODES)
    assert zto.RESULT_CODES[passage("zto", "3", r"A code `(\d+) 查询结果为空`")] is NotFoundYet
    assert passage("sf", "3.2", r"\((\d+) = monthly card") in sf.RESULT_CODES
