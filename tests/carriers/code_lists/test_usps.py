"""Every code of USPS's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re
from collections.abc import Mapping

from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage, tables

from carriers.contract import Meaning, Milestone, in_order
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)
from carriers.worldwide import usps
from carriers.worldwide.usps_codes import CODES_OF_ONE

CODES = {
    ("3", 0): 11,  # errors
    ("6", 0): 9,  # categories
    ("6", 1): 35,  # events, grouped
}
NO_CODES = {
    ("1", 0),  # addresses
    ("2", 0),  # calls
    ("7", 0),  # numbers
}
# What a row of the table of errors wants, by the words of its second column.
CLASSES: Mapping[str, tuple[type[CarrierError], ...]] = {
    "not found yet": (NotFoundYet,),
    "retry by plan": (NotFoundYet,),
    "will not show": (OwnershipRefused,),
    "invalid": (InvalidNumber,),
    "stop, show text": (OwnershipRefused,),
    "path version wrong": (UnreadableResponse,),
    "auth": (AuthenticationFailed,),
    "product not granted": (AccessDenied,),
    "quota / busy": (RateLimited, SourceUnavailable),
    "retryable": (
        SourceUnavailable,
        UnreadableResponse,
    ),  # "500", and "405, 501 programming error" in its cell
}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("usps", CODES, NO_CODES)


def test_every_error_has_the_class_that_the_sheet_wants() -> None:
    rows = [(re.findall(r"\b(?:150\d{3}|[45]\d\d)\b", " ".join(row)), row) for row in the("usps", "3").rows]
    said = {code: row[1] for codes, row in rows for code in codes}
    assert len(said) == len(usps.RESULT_CODES) == 22
    wrong = {}
    for code, words in said.items():
        wanted = next((classes for key, classes in CLASSES.items() if key in words.lower()), ())
        if usps.RESULT_CODES.get(code) not in wanted:
            wrong[code] = words
    assert wrong == {}, "sheet"
    assert "other mailer's data" in said["403"]
    assert CODES_OF_ONE["403"] is OwnershipRefused


def test_every_category_is_known_with_its_meaning() -> None:
    said = {
        f"statusCategory/{row[3]}": meaning(row[0].removesuffix(" T"), row[1])
        for row in the("usps", "6").rows
    }
    assert len(said) == 9
    agree(said, usps.MILESTONES)


def test_every_event_is_known_with_its_meaning() -> None:
    said: dict[str, Meaning] = {}
    for row in the("usps", "6", 1).rows:
        kept = row[0] == "(keep)"
        told = meaning(row[0].removesuffix(" T"), row[1])
        says = Meaning(None) if kept else told
        said |= {f"event/{code}": says for code in row[3].split()}
    events = {key for key in usps.MILESTONES if key.startswith("event/")}
    assert said.keys() == events
    agree(said, usps.MILESTONES)
    assert usps.MILESTONES["event/58"].milestone is Milestone.EXCEPTION
    assert all(one.reasons == in_order(one.reasons) for one in usps.MILESTONES.values())


def test_the_times_limits_and_addresses_are_those_of_the_sheet() -> None:
    assert usps.INFO.base_url == passage("usps", "1", r"Production \| `([^`]+)`")
    assert usps.INFO.batch_size == int(passage("usps", "2", r"JSON array of up to \*\*(\d+)\*\*"))
    hourly = int(passage("usps", "4", r"About \*\*(\d+) requests an hour per app\*\*"))
    assert usps.INFO.rate_per_second * 3600 <= hourly
    assert passage("usps", "5", r"`(POST /subscriptions-tracking[^`]+)`").endswith(
        "/subscriptions-tracking/v3/subscriptions"
    )
    assert len(tables("usps")) == len(CODES) + len(NO_CODES)
