"""Every code of EasyPost's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

import httpx
from code_tables import agree, assert_every_table_is_known, fits, spread, the
from fact_sheets import meaning

from carriers.aggregators import easypost, easypost_codes
from carriers.contract import Query
from carriers.errors import CarrierError, QuotaExhausted, UnreadableResponse

CODES = {
    ("3", 0): 10,  # statuses
    ("3", 1): 21,  # details
    ("5", 0): 6,  # HTTP statuses
}
NO_CODES = {("2", 0)}  # calls
_KEPT = "the status is kept: the table of details does not hold it"
_TOWN = "under the status delivered it is a delivery, whose own status says so; the detail alone is the town"
DIFFER = {"status_update": _KEPT, "unknown": _KEPT, "arrived_at_destination": _TOWN}
BY_OUR_JUDGEMENT: dict[str, type[CarrierError]] = {
    "402": QuotaExhausted,  # a bill to be paid
    "404": UnreadableResponse,  # we ask for no tracker by its id
}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("easypost", CODES, NO_CODES)


def test_every_status_is_known_with_its_meaning() -> None:
    said = {}
    for status, words in the("easypost", "3").rows:
        milestone, _, reason = re.sub(r"\(.*\)", "", words).partition("/")
        said[status] = meaning(milestone, reason)
    assert said.keys() == easypost_codes.STATUSES.keys()
    agree(said, easypost_codes.STATUSES)


def test_every_detail_is_known_with_its_meaning() -> None:
    said = {code: meaning(row[1], row[2]) for row in the("easypost", "3", 1).rows for code in spread(row[0])}
    assert len(said) == 28
    assert said.keys() == easypost_codes.DETAILS.keys() | {"status_update", "unknown"}
    agree(said, easypost_codes.DETAILS, differ_because=DIFFER)
    assert easypost_codes.SAYS_NOTHING - {""} == {code for code, reason in DIFFER.items() if reason == _KEPT}


def test_every_http_status_has_the_class_that_the_sheet_wants() -> None:
    said = {code: words for cell, words in the("easypost", "5").rows for code in spread(cell)}
    assert len(said) == 12
    for code, words in said.items():
        ours = the_error(int(code))
        assert BY_OUR_JUDGEMENT[code] is ours if code in BY_OUR_JUDGEMENT else fits(words, ours), code


def the_error(status: int) -> type[CarrierError] | None:
    """What an answer with nothing but this HTTP status comes to."""
    try:
        easypost.read(httpx.Response(status, content=b""), [Query("usps", "EZ4000000004")])
    except CarrierError as error:
        return type(error)
    return None
