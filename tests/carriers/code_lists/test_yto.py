"""Every code of YTO's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage

from carriers.china import yto
from carriers.contract import Milestone, Reason
from carriers.errors import (
    AccessDenied,
    AuthenticationFailed,
    CarrierError,
    NotFoundYet,
    SourceUnavailable,
    UnreadableResponse,
)

_TEXT_SAYS = (
    "the code covers every problem, so its default reason would stand beside the true one of the text"
)
_SHIPPER = "on the shipper's side: no trouble with a delivery"
CODES = {
    ("5", 0): 9,  # results
    ("6", 0): 17,  # infoContent
}
NO_CODES = {("1", 0)}  # addresses


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("yto", CODES, NO_CODES)


def test_every_status_of_yto_is_known_with_its_meaning() -> None:
    said = {
        row[0].split()[0]: meaning(row[2].split(";")[0], reasons_in(row[3])) for row in the("yto", "6").rows
    }
    assert len(said) == 17
    differ = {"FAILED": _TEXT_SAYS, "ORDER_BOOKING": _SHIPPER, "NOT_SEND": _SHIPPER}
    agree(said, yto.MILESTONES, differ_because=differ)
    assert yto.MILESTONES["FAILED"].milestone is said["FAILED"].milestone
    assert yto.MILESTONES["NOT_SEND"].milestone is Milestone.PRE_TRANSIT


def reasons_in(cell: str) -> str:
    """Of a reason that is given "by remark", its default."""
    return re.sub(r"^by .*default (\w+).*$", r"\1", cell)


def test_every_milestone_that_the_sheet_makes_of_other_lines_is_made() -> None:
    rows = {row[0].split()[0]: row for row in the("yto", "6").rows}
    assert "returned when followed by SIGNED" in rows["TMS_RETURN"][2]
    assert "delivered_to_proxy by text" in rows["SIGNED"][2]


def test_no_code_is_assumed_that_yto_has_not() -> None:
    absent = passage("yto", "6", r"(?m)^([A-Z, ]+) do not exist at YTO").split(", ")
    assert sorted(absent) == ["REJECT", "RETENTION", "RETURN"]
    assert yto.MILESTONES.keys().isdisjoint(absent)


def test_every_chinese_word_of_before_is_known() -> None:
    words = passage("yto", "6", r"Old Chinese values also seen: ([^.]+)\.").split("/")
    assert len(words) == 11
    assert {word for word in words if word not in yto.MILESTONES} == set()


def test_every_number_of_parcels_abroad_is_known() -> None:
    listed = dict(re.findall(r"(P\d{3}) ([a-z -]+)", passage("yto", "6", r"numeric: ([^\n]+)\.")))
    assert len(listed) == 9
    assert {code for code in listed if code not in yto.MILESTONES} == set()
    for code, words in listed.items():
        if "out for delivery" in words:
            assert yto.MILESTONES[code].milestone is Milestone.OUT_FOR_DELIVERY
        elif "signed" in words:
            assert yto.MILESTONES[code].milestone is Milestone.DELIVERED
        else:
            assert yto.MILESTONES[code].milestone is Milestone.IN_TRANSIT


def test_every_reason_of_the_sheet_s_text_rules_is_one_of_ours() -> None:
    rules = passage("yto", "6", r"Text → reason for FAILED: ([^\n]+)\.")
    named = {word.replace("holiday_or_reschedule_by_recipient", "reschedule_by_recipient_or_holiday")
             for word in re.findall(r"→([a-z_]+)", rules)}  # fmt: skip
    assert len(named) == 13
    assert named <= {str(reason) for reason in Reason}


_CLASSES: dict[str, type[CarrierError]] = {
    "1001": NotFoundYet,
    "401": AuthenticationFailed,
    "200010002": SourceUnavailable,
    "200010003": UnreadableResponse,
    "200010005": SourceUnavailable,
    # the sheet: no, no, and only support can help
    "200010013": UnreadableResponse,
    "200017004": UnreadableResponse,
    "200017005": AccessDenied,
    # the sheet calls them fatal and says what each is about
    "S01": UnreadableResponse,
    "S02": AuthenticationFailed,
    "S03": AuthenticationFailed,
    "S04": UnreadableResponse,
    "S05": UnreadableResponse,
    "S07": SourceUnavailable,
    "S08": AccessDenied,
}


def test_every_result_code_of_yto_is_known_with_its_class() -> None:
    said: dict[str, str] = {}
    for row in the("yto", "5").rows:
        said |= dict.fromkeys(re.findall(r"\b(?:\d{3,9}|S\d\d)\b", row[0]), row[2])
    assert said.keys() == _CLASSES.keys()
    assert _CLASSES == yto.RESULT_CODES
    retried = {code for code, words in said.items() if words.startswith("retryable")}
    assert retried == {code for code, error in _CLASSES.items() if error is SourceUnavailable}
    assert {code for code, words in said.items() if words == "auth"} == {"401"}
