"""Every code of DHL's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re
from collections.abc import Iterator

import pytest
from code_tables import assert_every_table_is_known, fits, the
from fact_sheets import lines_of, meaning, passage

from carriers import check_digits
from carriers.contract import Meaning
from carriers.errors import InvalidNumber
from carriers.worldwide import dhl
from carriers.worldwide.dhl_codes import NAMESPACES

CODES = {
    ("3", 0): 7,  # parameters
    ("3.2", 0): 5,  # the coarse words
    ("5", 0): 6,  # results
    # the codes, one table for each namespace
    ("7", 0): 26,
    ("7", 1): 12,
    ("7", 2): 88,
    ("7", 3): 26,
    ("7", 4): 29,
    ("7", 5): 43,
    ("7", 6): 22,
    ("7", 7): 11,
    ("7", 8): 20,
    ("7", 9): 12,
    ("7", 10): 8,
    ("8", 0): 6,  # numbers
}
NO_CODES = {("1", 0), ("2", 0), ("4", 0)}  # APIs, addresses, limits
NAMESPACE = re.compile(r"### .*\(`([a-z-]+)`, (\d+)\)")


def namespaces() -> dict[str, int]:
    """Each with the number of codes that its heading promises, in the order of the sheet."""
    found = [NAMESPACE.fullmatch(line) for line in lines_of("dhl")]
    return {heading[1]: int(heading[2]) for heading in found if heading}


def said(position: int) -> Iterator[tuple[str, Meaning]]:
    for milestone, reason, _, codes in the("dhl", "7", position).rows:
        told = (
            Meaning(None, meaning("", reason).reasons)
            if milestone.startswith("(keep)")
            else meaning(milestone, reason)
        )
        yield from ((code, told) for code in codes.split())


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("dhl", CODES, NO_CODES)
    assert len(namespaces()) == 11


def test_every_service_is_known() -> None:
    (row,) = (row for row in the("dhl", "3").rows if row[0] == "`service`")
    listed = re.search(r"`([a-z -]+)`", row[2])
    assert listed
    assert set(listed[1].split()) == set(NAMESPACES)
    used = {namespace for tables in NAMESPACES.values() for namespace in tables}
    assert used == set(namespaces())


def test_every_coarse_word_is_known_with_its_milestone() -> None:
    told = {row[0].strip("`"): Meaning(meaning(row[1]).milestone) for row in the("dhl", "3.2").rows}
    assert told == dict(dhl.STATUS_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    rows = {row[0]: row[1].strip("*") for row in the("dhl", "5").rows}
    assert rows.pop("400") == "request"
    assert dhl.RESULT_CODES["400"] is InvalidNumber
    assert rows.pop("5xx / timeout") == "retryable"
    assert all(fits("retryable", error) for code, error in dhl.RESULT_CODES.items() if code[0] == "5")
    assert {code: words for code, words in rows.items() if not fits(words, dhl.RESULT_CODES.get(code))} == {}


@pytest.mark.parametrize("position", range(11))
def test_every_code_is_known_with_its_meaning(position: int) -> None:
    namespace, promised = list(namespaces().items())[position]
    told = dict(said(position))
    assert len(told) == promised
    differ = {
        code: (says, dhl.MILESTONES.get(f"{namespace}/{code}"))
        for code, says in told.items()
        if dhl.MILESTONES.get(f"{namespace}/{code}") != says
    }
    assert differ == {}, "sheet, ours"


def test_the_tables_of_the_sheet_hold_all_that_ours_hold() -> None:
    assert sum(namespaces().values()) == len(dhl.MILESTONES)


def test_the_push_is_of_the_version_that_the_docstring_names() -> None:
    assert passage("dhl", "6", r'`type:"Shipment"` takes up to (\d+)') == str(dhl.PUSH.batch_size)
    assert "1.2.5" in (dhl.__doc__ or "")


def test_every_published_number_has_a_form_that_we_know() -> None:
    published = {row[0]: re.findall(r"[0-9A-Z]{10,}", row[-1]) for row in the("dhl", "8").rows}
    numbers = [number for listed in published.values() for number in listed]
    assert len(numbers) == 14
    for number in numbers:
        assert any(re.fullmatch(form, number) for form in dhl.INFO.number_patterns), number
    *right, wrong = published["Express waybill"]
    assert [check_digits.dhl(number) for number in right] == [True] * 3
    assert check_digits.dhl(wrong) is False
