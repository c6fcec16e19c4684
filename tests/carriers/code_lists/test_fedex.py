"""Every code of FedEx's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re
from collections.abc import Mapping

from code_tables import agree, assert_every_table_is_known, fits, the
from fact_sheets import meaning, passage

from carriers.check_digits import fedex as check_digit
from carriers.code_tables import CodeTable
from carriers.contract import Meaning
from carriers.errors import CarrierError, NotFoundYet, SourceUnavailable, UnreadableResponse
from carriers.worldwide import fedex, fedex_codes, fedex_results

NAMESPACES = {
    ("6", 0): ("status", 24),
    ("6", 1): ("possession", 4),
    ("6", 2): ("delay_type", 3),
    ("6", 3): ("commit_message", 9),
    ("7", 0): ("exception_sample", 10),
    ("7", 1): ("dex", 14),
    ("7", 2): ("stat", 23),
    ("7", 3): ("pux", 1),
}
CODES = {("4", 0): 10, **{place: rows for place, (_, rows) in NAMESPACES.items()}, ("8", 0): 7, ("9", 0): 10}
NO_CODES = {("1", 0), ("3", 0)}  # addresses, limits
_WHOLE = dict.fromkeys(
    ("CA", "BR", "CU", "TP", "SP", "RC", "SH"), "where an answer says who holds the parcel is not known"
)
_PIECES = "about one of several pieces, which need not be the one asked about"
_SURER = "the list of codes that were seen says it too, or something else"
NOT_READ = {
    **{f"possession/{code}": why for code, why in _WHOLE.items()},
    "commit_message/DELIVERY_IN_MULTIPLE_PIECE_SHIPMENT": _PIECES,
    "commit_message/EXCEPTION_IN_MULTIPLE_PIECE_SHIPMENT": _PIECES,
    "commit_message/ESTIMATED_DELIVERY_DATE_UNAVAILABLE": "says nothing of the parcel",
    **{f"dex/{code}": _SURER for code in ("03", "08", "15", "84")},
    **{f"stat/{code}": _SURER for code in ("15", "84")},
}
CLASSES = {
    "request error": UnreadableResponse,
    "duplicate: send ship date or unique id": UnreadableResponse,
    "proof not ready": NotFoundYet,
    'wrong path; **not** "unknown number"': UnreadableResponse,
    "retryable": SourceUnavailable,
}


def said_by(section: str, position: int, namespace: str) -> Mapping[str, Meaning]:
    return {
        f"{namespace}/{code}": meaning("keep previous" if row[0] == "(keep)" else row[0], row[1])
        for row in the("fedex", section, position).rows
        for code in row[3].split()
    }


def result_rows() -> Mapping[str, str]:
    """Every code of the errors with its class; `...EMPTY` goes on where the code before it ends."""
    return {
        code.replace("...", "TRACKING.TRACKINGNUMBER."): row[1]
        for row in the("fedex", "4").rows
        for code in re.findall(r"`([A-Z.]+)`", row[0])
        if not code.endswith("...")
    }


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("fedex", CODES, NO_CODES)


def test_every_code_of_the_sheet_is_known_with_its_meaning() -> None:
    said: dict[str, Meaning] = {}
    for (section, position), (namespace, _) in NAMESPACES.items():
        said |= said_by(section, position, namespace)
    assert len(said) == 208
    agree(said, CodeTable("fedex"))
    agree(said, fedex.MILESTONES, differ_because=NOT_READ)
    assert set(said) - set(NOT_READ) == set(fedex.MILESTONES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = result_rows()
    assert len(said) == 19
    assert said.keys() == fedex.RESULT_CODES.keys()
    wrong = {code: words for code, words in said.items() if not _fits(words, fedex.RESULT_CODES[code])}
    assert wrong == {}


def _fits(words: str, ours: type[CarrierError]) -> bool:
    return ours is CLASSES[words] if words in CLASSES else fits(words.lower(), ours)


def test_what_decides_a_scan_is_what_the_sheet_says() -> None:
    order = passage("fedex", "7", r"Decision order for a scan: (.*)")
    assert {*re.findall(r"\b[A-Z]{2}\b", order)} == fedex_codes.DECIDED_BY_THE_EVENT
    assert {"IN", "HP"} == fedex_codes.OTHERWISE_IN_PUSHES
    assert fedex.INFO.id == fedex_results._SOURCE


def test_the_numbers_of_the_sheet_have_our_forms() -> None:
    numbers = [
        number
        for row in the("fedex", "8").rows
        for number in re.findall(r"\b\d{12,34}\b", re.sub(r"\(bad [^)]*\)", "", row[3]))
    ]
    mocks = [
        number for row in the("fedex", "9").rows for number in re.findall(r"\b\d{12,20}\b", " ".join(row))
    ]
    assert (len(numbers), len(mocks)) == (15, 25)
    for number in (*numbers, *mocks):
        assert any(re.fullmatch(pattern, number) for pattern in fedex.INFO.number_patterns), number
        assert check_digit(number) is not False, number
