"""Every code of China Post's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re

from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage

from carriers.china import ems
from carriers.china.ems_codes import DETAILED, RESULT_WORDS, UNDOES
from carriers.contract import Meaning, Milestone, Reason
from carriers.errors import (
    AccountError,
    CarrierError,
    NotFoundYet,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

CODES = {
    ("4.1", 0): 197,  # operations
    ("4.2", 0): 24,  # who took it
    ("4.3", 0): 16,  # why it was not delivered
}
NO_CODES = {("1", 0), ("2", 0)}  # addresses; fields of the question
_FETCHED = "748 says that it was fetched, so it no longer lies where the second code says that it was put"


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("ems", CODES, NO_CODES)


def test_every_operation_is_known_with_its_meaning() -> None:
    rows = {row[0]: row for row in the("ems", "4.1").rows}
    assert len(rows) == 197
    said = {code: meaning(row[2], row[3]) for code, row in rows.items() if row[2] != "(void)"}
    # the reason of 705 stands in the second code, and in a note what it is without one
    assert rows["705"][3:] == ("by attemptDeliveryCode", "refine with 4.3, default failed_attempt")
    said["705"] = Meaning(Milestone.EXCEPTION, (Reason.FAILED_ATTEMPT,))
    agree(said, ems.MILESTONES)
    alone = {code for code in ems.MILESTONES if "/" not in code and not re.fullmatch(r"\d\d", code)}
    assert alone == rows.keys()


def test_everything_that_undoes_is_known_with_what_it_undoes() -> None:
    voids = {row[0]: row[4] for row in the("ems", "4.1").rows if row[2] == "(void)"}
    assert len(voids) == 19
    said = {}
    for code, note in voids.items():
        found = re.fullmatch(r"cancels the latest (.*) event; drop both and recompute", note)
        assert found
        # of 492 the sheet names no code
        said[code] = () if code == "492" else tuple(found[1].split("/"))
    assert dict(UNDOES) == said
    agree(dict.fromkeys(voids, Meaning(None)), ems.MILESTONES)


def test_everyone_who_takes_it_is_known_with_the_milestone() -> None:
    rows = the("ems", "4.2").rows
    said = {f"{code}/{row[0]}": meaning(row[2], row[3]) for code in ("704", "463", "748") for row in rows}
    assert len(said) == 72
    agree(
        said,
        ems.MILESTONES,
        differ_because={
            code: _FETCHED
            for code, told in said.items()
            if code.startswith("748/") and told.milestone is Milestone.READY_FOR_PICKUP
        },
    )


def test_every_reason_why_it_was_not_delivered_is_known() -> None:
    rows = the("ems", "4.3").rows
    said = {f"{code}/{row[0]}": meaning(row[2], row[3]) for code in ("705", "462", "542") for row in rows}
    assert len(said) == 48
    agree(said, ems.MILESTONES)


def test_no_second_code_is_known_that_the_sheet_does_not_have() -> None:
    second = {row[0] for table in ("4.2", "4.3") for row in the("ems", table).rows}
    pairs = [code.split("/") for code in ems.MILESTONES if "/" in code]
    assert {first for first, _ in pairs} == DETAILED.keys()
    assert {detail for _, detail in pairs} == second


def test_every_code_of_the_older_feed_is_known() -> None:
    listed = passage("ems", "4.4", r"\(2021\): opCode ([^\n]*?) 30/40/50/60 not seen")
    said = {
        code: Meaning(Milestone(milestone))
        for code, milestone in re.findall(r"(?:^|; )(\d\d) [^;]*?-> (\w+)", listed)
    }
    assert len(said) == 4
    agree(said, ems.MILESTONES)
    assert {code for code in ems.MILESTONES if re.fullmatch(r"\d\d", code)} == said.keys()


def test_every_word_beside_a_failure_has_the_class_that_the_sheet_wants() -> None:
    listed = passage("ems", "7", r"Classify by retMsg: ([^\n]*)\.")
    classes: dict[str, type[CarrierError]] = {
        "auth": AccountError,
        "auth/config": AccountError,
        "quota": RateLimited,
        "bug": UnreadableResponse,
        "retry": SourceUnavailable,
        "permission or not yet": NotFoundYet,
        "no route yet": NotFoundYet,
    }
    said = {}
    for part in listed.split("; "):
        words, wanted = part.split(" -> ")
        said |= {word: classes[wanted] for word in words.split(" / ") if not word.startswith("HTTP")}
    assert len(said) == 16
    for words, wanted in said.items():
        kind = next(kind for pattern, kind in RESULT_WORDS if pattern.search(words.replace("...", "邮件")))
        assert issubclass(kind, wanted), words


def test_what_is_said_of_success_and_failure() -> None:
    assert passage("ems", "7", r"`(\d+)` success") == ems._SUCCESS
    assert passage("ems", "7", r"`(S\d+)` used by receivers for push failure") == ems._FAILURE
    assert ems._FAILURE in ems.RESULT_CODES
