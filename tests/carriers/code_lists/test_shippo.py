"""Every code of Shippo's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import assert_every_table_is_known, the
from fact_sheets import meaning, passage

from carriers.aggregators import shippo, shippo_codes
from carriers.contract import Meaning
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    TransientError,
)

CODES = {
    ("3", 0): 21,  # statuses
    ("5", 0): 6,  # HTTP statuses
}
NO_CODES = {("2", 0)}  # addresses
# What the sheet's column "class" wants, by its first words.
_CLASSES: dict[str, type[CarrierError]] = {
    "invalid carrier": InvalidNumber,
    "auth": AuthenticationFailed,
    "unknown carrier token or never registered": NotFoundYet,
    "already being handled": TransientError,
    "quota": RateLimited,
}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("shippo", CODES, NO_CODES)


def statuses() -> dict[str, Meaning]:
    """Our key to the sheet's meaning; `-` is the status alone, what follows brackets or `other` says no more."""
    said: dict[str, Meaning] = {}
    for status, details, milestone, reason in the("shippo", "3").rows:
        if status == "any":
            continue
        for detail in re.sub(r"\(.*?\)|/ other", "", details).split(","):
            name = detail.strip()
            said[status if name == "-" else f"{status}/{name}"] = meaning(milestone, reason)
    return said


def test_every_status_of_shippo_is_known_with_its_meaning() -> None:
    said = statuses()
    assert len(said) == 28
    assert {code: shippo.MILESTONES.get(code) for code in said} == said


def test_what_else_our_table_holds_is_a_status_alone_or_with_other() -> None:
    more = shippo.MILESTONES.keys() - statuses().keys()
    assert {code.removesuffix("/other") for code in more} <= {
        "UNKNOWN",
        "PRE_TRANSIT",
        "TRANSIT",
        "DELIVERED",
        "RETURNED",
        "FAILURE",
    }
    assert all(shippo.MILESTONES[code] == shippo.MILESTONES[code.removesuffix("/other")] for code in more)


def test_every_http_status_has_the_class_that_the_sheet_wants() -> None:
    said = {status: words for statuses, words in the("shippo", "5").rows for status in statuses.split(", ")}
    assert said.pop("5xx") == "retryable"
    assert len(said) == 6
    for status, words in said.items():
        wanted = next(error for start, error in _CLASSES.items() if words.startswith(start))
        assert issubclass(shippo.RESULT_CODES[f"HTTP {status}"], wanted), status
    assert {code.removeprefix("HTTP ") for code in shippo.RESULT_CODES} == said.keys()
    assert shippo.RESULT_CODES["HTTP 409"] is SourceUnavailable


def test_every_carrier_s_token_is_one_that_the_sheet_names() -> None:
    listed = passage("shippo", "2", r"lower-case tokens such as `([^`]*)`").split()
    assert len(listed) == 16
    assert set(shippo_codes.CARRIER_OF) <= set(listed)
