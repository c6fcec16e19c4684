"""Every code of UPS's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

import pytest
from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage, tables

from carriers.contract import Meaning
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.worldwide import ups, ups_codes, ups_push

CODES = {
    ("3", 0): 9,  # refusals
    ("6.1", 0): 11,  # types
    ("6.2", 0): 40,  # statusCodes
    ("6.3", 0): 10,  # movements
    ("6.3", 1): 2,  # manifests
    ("6.3", 2): 1,  # updates
    ("6.4", 0): 123,  # exceptions
    ("6.5", 0): 41,  # what couriers enter at the door
    ("6.6", 0): 29,  # Mail Innovations
}
NO_CODES = {("1", 0), ("2", 0), ("7", 0)}  # addresses, calls, numbers
GROUPED = {
    ("6.1", 0): ("type", 13),
    ("6.2", 0): ("status", 160),
    ("6.3", 0): ("movement", 38),
    ("6.3", 1): ("manifest", 4),
    ("6.3", 2): ("updates", 3),
    ("6.4", 0): ("exception", 687),
    ("6.5", 0): ("dials", 151),
    ("6.6", 0): ("mail_innovations", 213),
}
CLASSES: dict[str, type[CarrierError]] = {
    "TW0001": NotFoundYet,
    "TV1002": InvalidNumber,
    "250002": AuthenticationFailed,
    "250003": AuthenticationFailed,
    "251004": AuthenticationFailed,
    "UJ0001": AuthenticationFailed,
    "10429": RateLimited,
    "10004": SourceUnavailable,
    "151044": NotFoundYet,
    "150022": InvalidNumber,
}
# the sheet calls it retryable, unverified; the vendor's document of Track Alert says that the content's type is wrong
DIFFER = {"10007": UnreadableResponse}


def grouped(section: str, position: int) -> dict[str, Meaning]:
    """`table/code` to what its row says."""
    table, _ = GROUPED[section, position]
    return {
        f"{table}/{code}": meaning(row[0], row[1])
        for row in the("ups", section, position).rows
        for code in row[3].split()
    }


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("ups", CODES, NO_CODES)


@pytest.mark.parametrize("place", GROUPED, ids=lambda place: GROUPED[place][0])
def test_every_code_of_ups_is_known_with_its_meaning(place: tuple[str, int]) -> None:
    said = grouped(*place)
    assert len(said) == GROUPED[place][1]
    agree(said, ups.MILESTONES)


def test_we_know_no_table_that_the_sheet_does_not_group_but_one() -> None:
    if not tables("ups"):
        pytest.skip("no fact sheet")
    ours = {key.partition("/")[0] for key in ups.MILESTONES}
    assert ours - {table for table, _ in GROUPED.values()} == {"other"}
    listed = re.findall(r"`(\w\w)`", passage("ups", "6.6", r"Codes outside every table occur \(([^)]*)\)"))
    assert sorted(f"other/{code}" for code in listed) == sorted(
        key for key in ups.MILESTONES if key.startswith("other/")
    )


def test_every_refusal_of_ups_has_the_class_that_the_sheet_wants() -> None:
    rows = the("ups", "3").rows
    listed = {code for row in rows for code in re.findall(r"`((?:T[WV]|UJ)?\d{4,6})`", row[0])}
    listed |= set(re.findall(r"`(\d{5,6})`", " ".join(row[0] for row in rows)))
    assert listed == CLASSES.keys() | DIFFER.keys()
    assert ups.RESULT_CODES == CLASSES | DIFFER


def test_every_refusal_of_a_subscription_that_the_sheet_names_is_known() -> None:
    said = passage("ups", "5", r"(?m)^\* Error codes (.*)$")
    listed = set(re.findall(r"`(VSS\d{3})`", said))
    assert listed == {"VSS000", "VSS800", "VSS100", "VSS215", "VSS220"}
    assert listed <= ups_codes.SUBSCRIPTION_CODES.keys()
    assert "`VSS100` transient" in said
    assert ups_codes.SUBSCRIPTION_CODES["VSS100"] is SourceUnavailable


def test_the_type_says_in_which_table_to_look_first() -> None:
    said = passage("ups", "6.6", r"Key = \(table by type, code\): ([^.]*)")
    first = {
        kind: table
        for kinds, table in re.findall(r"type ([A-Z/]+) -> (\w+) first", said)
        for kind in kinds.split("/")
    }
    assert first == {"X": "exception", "D": "dials", "I": "movement", "M": "movement", "P": "movement"}
    # the sheet has a table of manifests beside that of movements, with other meanings for the same letters
    first["M"] = "manifest"
    assert {kind: ups_codes.TABLES[kind][0] for kind in first} == first


def test_as_many_numbers_are_subscribed_at_once_as_the_sheet_allows() -> None:
    assert passage("ups", "5", r"\(1-(\d+) numbers") == str(ups_push.PUSH.batch_size)
