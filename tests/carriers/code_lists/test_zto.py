"""Every code of ZTO's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, assert_result_classes, the
from fact_sheets import meaning, passage

from carriers.china import zto
from carriers.errors import NotFoundYet

CODES = {
    ("5", 0): 16,  # results
    ("6a", 0): 17,  # scanTypes
    ("6c", 0): 11,  # actions of pushes
    ("6d", 0): 34,  # problems
}
NO_CODES = {("1", 0)}  # addresses
# a parcel that goes back has a reason that the table of pushes does not repeat
_UNSAID = {"RETURN_SCAN": "return_to_sender"}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("zto", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    assert_result_classes("zto", "5", zto.RESULT_CODES, codes=16)
    success = passage("zto", "5", r"Success: `status==true` \(codes ([^)]*)\)").split(" / ")
    assert sorted(success) == sorted(zto._SUCCESS_CODES)
    assert zto.RESULT_CODES[passage("zto", "3", r"A code `(\d+) 查询结果为空`")] is NotFoundYet


def test_every_scan_type_of_zto_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], "" if "by " in row[3] else row[3]) for row in the("zto", "6a").rows}
    assert len(said) == 17
    agree(said, zto.MILESTONES)


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
    agree(said, zto.MILESTONES)


def test_every_problem_of_zto_is_known_with_its_reasons() -> None:
    said = {f"问题件/{row[0]}": meaning("exception", row[2]) for row in the("zto", "6d").rows}
    assert len(said) == 34
    agree(said, zto.MILESTONES)
    agree({f"PROBLEM/{row[0]}": meaning("exception", row[2]) for row in the("zto", "6d").rows}, zto.ACTIONS)


def test_every_action_of_zto_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], _UNSAID.get(row[0], "")) for row in the("zto", "6c").rows}
    assert len(said) == 11
    agree(said, zto.ACTIONS)


def test_the_words_that_mean_other_things_in_a_push_are_kept_apart() -> None:
    listed = passage("zto", "6", r"query (ARRIVAL) = put into a locker; push ARRIVAL")
    assert zto.MILESTONES[listed] != zto.ACTIONS[listed]
    kinds = {code.partition("/")[2] for code in zto.ACTIONS if code.startswith("RETURN_SCAN/")}
    assert {f"退件/{kind}": zto.ACTIONS[f"RETURN_SCAN/{kind}"] for kind in kinds} == {
        code: told for code, told in zto.MILESTONES.items() if code.startswith("退件/")
    }
