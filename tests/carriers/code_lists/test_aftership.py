"""Every code of AfterShip's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re
from collections.abc import Iterator

from code_tables import agree, assert_every_table_is_known, spread, the
from fact_sheets import meaning, passage

from carriers.aggregators import aftership, aftership_codes
from carriers.contract import Meaning
from carriers.errors import (
    AccessDenied,
    AccountError,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

CODES = {
    ("5", 0): 23,  # results
    ("6", 0): 9,  # tags
    ("6", 1): 46,  # subtags
}
NO_CODES = {("3", 0)}  # addresses
_CUSTOMS = "the sheet calls it held, but softly: customs at work raises no alert, so it is no reason"
_SPELT = "an older list of the vendor's has yundaex; both are unverified, an option changes it"
# What the sheet's column "class" wants, by its words as they stand.
_CLASSES: dict[str, tuple[type[CarrierError], ...]] = {
    # a value of the number's own, or a call that we never make or make wrongly
    "invalid input": (InvalidNumber, UnreadableResponse),
    "invalid number": (InvalidNumber,),
    "invalid number / carrier": (InvalidNumber,),
    "not found (create first)": (NotFoundYet,),
    "extra data (phone etc.) needed": (OwnershipRefused,),
    "conflict": (UnreadableResponse,),
    "auth": (AccountError,),
    "config": (AccessDenied,),
    "retry after `X-RateLimit-Reset`": (RateLimited,),
    "retryable": (SourceUnavailable,),
}


def results() -> dict[str, str]:
    return {code: row[3].replace("**", "") for row in the("aftership", "5").rows for code in spread(row[0])}


def subtags() -> Iterator[tuple[str, Meaning]]:
    """Each with its meaning; a row may hold several, as `Pending_002 … _006` or `Exception_014, _015`."""
    for row in the("aftership", "6", 1).rows:
        says = meaning(row[2], row[3].replace("held (soft)", "held").replace("(optional)", ""))
        tag, numbers = row[0].partition("_")[0], [int(number) for number in re.findall(r"_(\d+)", row[0])]
        for number in range(numbers[0], numbers[-1] + 1):
            yield f"{tag}_{number:03}", says


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("aftership", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = results()
    good = {code for code, words in said.items() if words == "ok" or words.startswith("treat as success")}
    assert good == {*aftership._OK, aftership_codes.EXISTS}
    assert said.keys() - good == aftership.RESULT_CODES.keys()
    wrong = {
        code: (words, aftership.RESULT_CODES[code])
        for code, words in said.items()
        if code not in good and not issubclass(aftership.RESULT_CODES[code], _CLASSES[words])
    }
    assert wrong == {}, "sheet, ours"


def test_every_tag_is_known_with_its_meaning() -> None:
    said = {row[0].partition(" ")[0]: meaning(row[1], row[2]) for row in the("aftership", "6").rows}
    assert len(said) == 9
    agree(said, aftership_codes.TAGS)


def test_every_subtag_is_known_with_its_meaning() -> None:
    said = dict(subtags())
    assert said.keys() == aftership_codes.SUBTAGS.keys()
    agree(said, aftership.MILESTONES, differ_because={"InTransit_006": _CUSTOMS})


def test_every_slug_of_the_sheet_is_ours() -> None:
    listed = re.findall(r"`([\w-]+)`", passage("aftership", "1", r"Couriers are `slug` strings \((.*?);"))
    assert len(listed) == 7
    differ = {slug: _SPELT for slug in listed if slug not in aftership_codes.SLUGS.values()}
    assert differ.keys() == {"yunda"}


def test_every_event_of_a_push_is_read() -> None:
    events = passage("aftership", "4", r"(?m)^\* `event`: (.*?)\. `msg`")
    assert set(re.findall(r"`(\w+)`", events)) == aftership._EVENTS
