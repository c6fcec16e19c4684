"""Every code of Kuaidi100's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, assert_result_classes, the
from fact_sheets import meaning, passage

from carriers.aggregators import kuaidi100, kuaidi100_codes

_CUSTOMS = "the sheet calls it held, but softly: customs at work raises no alert, so it is no reason"
CODES = {
    ("4.2", 0): 8,  # results of subscriptions
    ("5", 0): 9,  # results of queries
    ("7", 0): 36,  # states
}
NO_CODES = {(section, 0) for section in ("2", "4.1", "4.3")}  # addresses and fields


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("kuaidi100", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    assert_result_classes("kuaidi100", "5", kuaidi100.RESULT_CODES, codes=9)
    assert_result_classes("kuaidi100", "4.2", kuaidi100.SUBSCRIPTION_CODES, codes=8)


def test_every_state_of_kuaidi100_is_known_with_its_meaning() -> None:
    said = {
        row[0]: meaning(row[3], row[4].replace("held (soft)", "held")) for row in the("kuaidi100", "7").rows
    }
    assert len(said) == 36
    agree(said, kuaidi100.MILESTONES, differ_because=dict.fromkeys(("8", "10", "11"), _CUSTOMS))


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
