"""Every code of 17TRACK's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re
from collections.abc import Iterator

from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage

from carriers.aggregators import seventeentrack, seventeentrack_codes
from carriers.errors import (
    AccessDenied,
    AccountError,
    CarrierError,
    InvalidNumber,
    NotFoundYet,
    OwnershipRefused,
    QuotaExhausted,
    SourceUnavailable,
    UnreadableResponse,
)

CODES = {
    ("6", 0): 35,  # results
    ("7", 0): 9,  # statuses
    ("7", 1): 30,  # sub statuses
}
NO_CODES = {("3", 0)}  # methods
_CUSTOMS = "the sheet calls it held, but softly: customs at work raises no alert, so it is no reason"
# What the sheet's column "class" wants, by its words as they stand.
_CLASSES: dict[str, tuple[type[CarrierError], ...]] = {
    "auth": (AccountError,),
    "retryable": (SourceUnavailable,),
    # a value of the number's own, or a call that we never make or make wrongly
    "invalid input": (InvalidNumber, UnreadableResponse),
    "invalid number": (InvalidNumber,),
    "invalid number / ask carrier": (InvalidNumber,),
    "extra data needed": (OwnershipRefused,),
    "phone required": (OwnershipRefused,),
    "config": (AccessDenied,),
    "register first": (NotFoundYet,),
    "conflict": (UnreadableResponse,),
    "quota, next day": (QuotaExhausted,),
    "quota": (QuotaExhausted,),
    "not found yet": (NotFoundYet,),
    "carrier unsupported": (InvalidNumber,),
}


def results() -> Iterator[tuple[str, str]]:
    """Each code with the words of its class; a row may hold a range."""
    for codes, _, words in the("seventeentrack", "6").rows:
        first, _, last = codes.partition(" .. ")
        for number in range(int(first), int(last or first) - 1, -1):
            yield str(number), words.strip("*")


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("seventeentrack", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = dict(results())
    assert len(said) == 50
    good = {code for code, words in said.items() if words in {"ok", "treat as success"}}
    assert good == {"0", seventeentrack_codes.REGISTERED}
    assert said.keys() - good == seventeentrack.RESULT_CODES.keys()
    wrong = {
        code: (words, seventeentrack.RESULT_CODES[code])
        for code, words in said.items()
        if code not in good and not issubclass(seventeentrack.RESULT_CODES[code], _CLASSES[words])
    }
    assert wrong == {}, "sheet, ours"


def test_every_status_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], row[3]) for row in the("seventeentrack", "7").rows}
    assert len(said) == 9
    agree(said, seventeentrack_codes.STATUSES)


def test_every_sub_status_is_known_with_its_meaning() -> None:
    said = {
        row[0]: meaning(row[2], row[3].replace("held (soft)", "held"))
        for row in the("seventeentrack", "7", 1).rows
    }
    assert len(said) == 30
    agree(said, seventeentrack.MILESTONES, differ_because={"InTransit_CustomsProcessing": _CUSTOMS})


def test_every_sub_status_that_was_seen_once_is_known() -> None:
    listed = passage("seventeentrack", "7", r"Seen once in a repository, undocumented: (.*?) \(UNVERIFIED")
    assert set(listed.split(", ")) <= seventeentrack.MILESTONES.keys()


def test_every_stage_is_known() -> None:
    listed = passage("seventeentrack", "7", r"Milestone `key_stage` values: ([\w, ]+)\.").split(", ")
    assert set(listed) == seventeentrack_codes.STAGES.keys()
    for stage in set(listed) & seventeentrack_codes.STATUSES.keys():
        assert seventeentrack_codes.STAGES[stage] == seventeentrack_codes.STATUSES[stage]


def test_every_event_of_a_push_is_read() -> None:
    listed = re.findall(r"`([A-Z_]+)`", passage("seventeentrack", "4", r"(?m)^\* `event`: (.*)$"))
    assert listed[:2] == [seventeentrack._UPDATED, seventeentrack._STOPPED]


def test_the_carrier_number_of_the_sheet_is_ours() -> None:
    number = passage("seventeentrack", "1", r"\((\d+) = China Post")
    assert seventeentrack_codes.CARRIERS["china_post"] == number
