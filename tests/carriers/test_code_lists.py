"""Every code of the fact sheets is in our tables and means what the sheet says, save what is listed with a reason.

The sheets lie beside the repository where it is developed; without them these tests are skipped.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from carriers.aggregators import kuaidi100, kuaidi100_codes
from carriers.china import sf, zto
from carriers.contract import Meaning, Milestone, Reason, in_order

SHEETS = Path(__file__).parents[3] / "shared" / "carriers"
RENAMED = {"holiday_or_reschedule_by_recipient": "reschedule_by_recipient_or_holiday"}
NO_READING = {"no_update"}  # a finding of ours, not something a carrier says
Row = list[str]

# What we say otherwise than the sheets, and why.
DIFFERENT: Mapping[str, Mapping[str, str]] = {
    "zto scanType": {
        "DEPARTURE": "the text says whether an attempt failed or nobody came for it",
        "退件": "3 and 6 are a new address, which is no return; the others are",
    },
    "kuaidi100 state": {
        "8": "customs without trouble is movement; the text says when it is held",
        "10": "as 8",
        "11": "as 8",
        "201": "a finding of ours (stalled), not a reason",
        "202": "as 201",
        "14": "stays open until a scan says that the sender has it",
    },
}


def sheet(name: str) -> list[str]:
    path = SHEETS / f"{name}.md"
    if not path.exists():
        pytest.skip(f"no fact sheet at ../shared/carriers/{path.name}")
    return path.read_text(encoding="utf-8").splitlines()


def table(name: str, heading: str, first: str) -> Iterator[Row]:
    """The rows of the table whose header starts with `first`, under the first heading that holds `heading`."""
    lines = iter(sheet(name))
    for line in lines:
        if line.startswith("#") and heading in line:
            break
    for line in lines:
        if line.lower().replace(" ", "").startswith(f"|{first}|"):
            break
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def codes_in(cell: str) -> list[str]:
    """`8003, 8004` and `S0001 / S0002` are two codes each."""
    return [code for code in re.split(r"[,/]\s*", cell.replace(" ", "")) if code]


def milestone_in(cell: str) -> Milestone | None:
    """The first milestone a cell names."""
    found = re.search("|".join(sorted(Milestone, key=len, reverse=True)), cell)
    return Milestone(found[0]) if found else None


def reasons_in(cell: str) -> set[Reason]:
    words = set(re.findall(r"[a-z_]{4,}", cell)) - NO_READING
    return {Reason(RENAMED.get(word, word)) for word in words if RENAMED.get(word, word) in set(Reason)}


def wrong(
    meanings: Mapping[str, Meaning], code: str, milestone: Milestone | None, reasons: set[Reason]
) -> str:
    """What our table says otherwise, in words; empty where it agrees."""
    if code not in meanings:
        return f"{code} is missing"
    ours = meanings[code]
    if milestone is not None and ours.milestone not in {milestone, None}:
        return f"{code} is {ours.milestone}, not {milestone}"
    if not reasons <= set(ours.reasons):
        return f"{code} lacks {', '.join(in_order(reasons - set(ours.reasons)))}"
    return ""


def faults(
    name: str, rows: list[tuple[str, Milestone | None, set[Reason]]], meanings: Mapping[str, Meaning]
) -> list[str]:
    listed = DIFFERENT.get(name, {})
    found = [
        wrong(meanings, code, milestone, reasons) for code, milestone, reasons in rows if code not in listed
    ]
    return [fault for fault in found if fault]


def test_every_op_code_of_sf_is_known_with_its_meaning() -> None:
    rows = [row for row in table("sf", "4.5", "opcode") if row[0].isdigit()]
    assert len(rows) >= 140
    checked = [(row[0], milestone_in(row[3]), reasons_in(row[4])) for row in rows]
    assert faults("sf opCode", checked, sf.MILESTONES) == []


def test_every_first_status_of_sf_is_known_with_its_meaning() -> None:
    rows = [row for row in table("sf", "4.1", "code") if row[0].isdigit()]
    assert len(rows) == 10
    checked = [(f"@{row[0]}", milestone_in(row[2]), reasons_in(row[3])) for row in rows]
    assert faults("sf status", checked, sf.MILESTONES) == []


def test_second_level_statuses_of_sf_say_what_their_first_level_says() -> None:
    text = "\n".join(sheet("sf"))
    listed = re.search(r"### 4\.2[^\n]*\n\n([^\n]*)", text)
    assert listed is not None
    pairs = re.findall(r"(\d{3,4}) (?:\S+ )?([a-z_]+)", listed[1].split(". ")[0])
    assert len(pairs) >= 8
    first = {code: sf.MILESTONES[f"@{code[:-2]}"].milestone for code, _ in pairs}
    assert first == {code: Milestone(word) for code, word in pairs}


def test_every_result_code_of_sf_has_an_error_class() -> None:
    found = [row for row in all_tables("sf", "code") if len(row) == 3 and re.match(r"[AS]?\d{4}", row[0])]
    codes = [code for row in found for code in codes_in(re.sub(r"\(.*", "", row[0]))]
    assert len(codes) >= 30
    assert sorted(set(codes) - sf.RESULT_CODES.keys() - {"A1000", "S0000"}) == []


def all_tables(name: str, first: str) -> Iterator[Row]:
    """The rows of every table whose header starts with `first`."""
    inside = False
    for line in sheet(name):
        if line.lower().replace(" ", "").startswith(f"|{first}|"):
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside:
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_every_scan_type_of_zto_is_known_with_its_meaning() -> None:
    rows = [row for row in table("zto", "6a", "value") if not row[0].startswith("-")]
    assert len(rows) == 17
    checked = [
        (
            row[0],
            None if "keep previous" in row[2] else milestone_in(row[2]),
            reasons_in(row[3]) if "by text" not in row[3] else set(),
        )
        for row in rows
    ]
    assert faults("zto scanType", checked, zto.MILESTONES) == []


def test_the_numbers_of_zto_after_a_change_of_carrier_are_known() -> None:
    text = "\n".join(sheet("zto"))
    listed = re.search(r"### 6b[^\n]*\n([^\n]*)", text)
    assert listed is not None
    pairs = [
        (part.split()[0], milestone_in(part)) for part in re.split(r" · ", listed[1]) if part[0].isdigit()
    ]
    assert len(pairs) == 10
    assert faults("zto number", [(code, milestone, set()) for code, milestone in pairs], zto.MILESTONES) == []


def test_every_kind_of_return_of_zto_is_known() -> None:
    text = "\n".join(sheet("zto"))
    listed = re.search(r"`returnType` \(only with 退件\): ([^\n]*)", text)
    assert listed is not None
    kinds = re.findall(r"(?:^|· )(\d+) ", listed[1])
    assert len(kinds) == 7
    assert [kind for kind in kinds if f"退件/{kind}" not in zto.MILESTONES] == []


def test_every_result_code_of_zto_has_an_error_class() -> None:
    codes = [row[0] for row in all_tables("zto", "code") if re.fullmatch(r"[SE]\d{3}", row[0])]
    assert len(codes) == 16
    assert sorted(set(codes) - zto.RESULT_CODES.keys()) == []


def test_every_problem_code_of_zto_is_known_with_its_reasons() -> None:
    rows = [row for row in table("zto", "6d", "code") if re.fullmatch(r"[A-C]\d+", row[0])]
    assert len(rows) == 34
    checked = [
        (f"问题件/{row[0]}", Milestone.EXCEPTION, reasons_in(re.sub(r"\(.*", "", row[2]))) for row in rows
    ]
    assert faults("zto problem", checked, zto.MILESTONES) == []


def test_the_actions_of_zto_pushes_are_counted_because_the_adapter_takes_no_pushes_yet() -> None:
    assert len([row for row in table("zto", "6c", "action") if not row[0].startswith("-")]) == 11


def test_every_state_of_kuaidi100_is_known_with_its_meaning() -> None:
    rows = [row for row in table("kuaidi100", "7.", "code") if row[0].isdigit()]
    assert len(rows) == 36
    checked = [
        (row[0], milestone_in(row[3]), reasons_in(row[4]) if row[4][:1] != "(" else set()) for row in rows
    ]
    assert faults("kuaidi100 state", checked, kuaidi100.MILESTONES) == []


def test_every_name_of_a_state_of_kuaidi100_leads_to_its_code() -> None:
    rows = [row for row in table("kuaidi100", "7.", "code") if row[0].isdigit()]
    ours = kuaidi100_codes.CODE_OF_NAME
    assert {row[1]: row[0] for row in rows if ours.get(row[1]) != row[0]} == {}


@pytest.mark.parametrize(
    ("heading", "first", "codes", "fine"),
    [
        ("5.", "code", kuaidi100.RESULT_CODES, {"200"}),
        ("4.2", "returncode", kuaidi100.SUBSCRIPTION_CODES, {"200", "501"}),
    ],
    ids=["query", "subscription"],
)
def test_every_result_code_of_kuaidi100_has_an_error_class(
    heading: str, first: str, codes: Mapping[str, object], fine: set[str]
) -> None:
    listed = {row[0] for row in table("kuaidi100", heading, first) if row[0].isdigit()}
    assert len(listed) >= 8
    assert sorted(listed - codes.keys() - fine) == []


def test_what_is_listed_as_different_still_is() -> None:
    """A reason that holds no longer is taken out of the list."""
    known = {"zto scanType": zto.MILESTONES, "kuaidi100 state": kuaidi100.MILESTONES}
    assert [
        (name, code) for name, codes in DIFFERENT.items() for code in codes if code not in known[name]
    ] == []
