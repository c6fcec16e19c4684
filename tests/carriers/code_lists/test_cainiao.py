"""Every code of Cainiao's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage

from carriers import cainiao_codes
from carriers.aggregators import cainiao

CODES = {("4", 0): 21}  # statuses
# The actions of a public page without any guarantee, which is not asked.
NO_CODES = {("5", 0)}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("cainiao", CODES, NO_CODES)


def statuses() -> list[tuple[str, str, str, str]]:
    """Sub status, main status, and the two cells of the meaning."""
    found = []
    for row in the("cainiao", "4").rows:
        named = re.match(r"(\w+) \((\w+)\)", row[0])
        assert named
        found.append((named[1], named[2], row[2], row[3]))
    return found


def test_every_status_of_cainiao_is_known_with_its_meaning() -> None:
    said = {sub: meaning(milestone, reason) for sub, _, milestone, reason in statuses()}
    assert len(said) == 21
    agree(said, cainiao.MILESTONES)


def test_every_sub_status_of_cainiao_stands_under_its_main_status() -> None:
    said = {sub: main for sub, main, _, _ in statuses()}
    assert {sub: main for sub, main, _ in cainiao_codes.STATUSES} == said


def test_every_main_status_of_cainiao_is_a_sub_status_as_well() -> None:
    listed = passage("cainiao", "4", r"Main: ([A-Z_, ]+)\.").split(", ")
    assert len(listed) == 7
    assert {main for _, main, _ in cainiao_codes.STATUSES} == set(listed)
    assert set(listed) <= cainiao.MILESTONES.keys()


def test_every_carrier_s_code_that_was_seen_at_cainiao_is_known() -> None:
    seen = set(
        re.findall(r"`([A-Z]+)`", passage("cainiao", "1", r"Courier codes \(`cpCode`\): (.*?) were seen"))
    )
    assert len(seen) == 8
    assert cainiao_codes.CARRIER_OF.keys() - seen == {cainiao_codes.COMPANIES["yunda"]}
    assert seen <= cainiao_codes.CARRIER_OF.keys()
