"""Every code of TrackingMore's fact sheet is in our tables and means what the sheet says, save what is listed."""

from code_tables import agree, assert_every_table_is_known, fits, results, the
from fact_sheets import meaning

from carriers.aggregators import trackingmore, trackingmore_codes
from carriers.errors import NotFoundYet, UnreadableResponse

CODES = {
    ("6", 0): 20,  # codes of failures
    ("7", 0): 9,  # statuses
    ("7", 1): 35,  # substatuses
}
NO_CODES = {("3", 0)}  # addresses
_OURS = "the sheet blames what was sent: that is the question, never the number, so a person must look"
DIFFER = dict.fromkeys(
    ("400", "4103", "4111", "4112", "4113", "4160", "4161"), (UnreadableResponse, _OURS)
) | {
    "4102": (
        NotFoundYet,
        "create first: numbers are created before they are asked about, so it is a matter of time",
    )
}


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("trackingmore", CODES, NO_CODES)


def test_every_result_code_has_the_class_that_the_sheet_wants() -> None:
    said = dict(results("trackingmore", "6"))
    ours = trackingmore.RESULT_CODES
    assert said.keys() == {*ours, "200", trackingmore_codes.EXISTS_ALREADY}
    wrong = {code for code, words in said.items() if not fits(words, ours.get(code))}
    assert wrong == DIFFER.keys()
    assert {code: ours[code] for code in wrong} == {code: error for code, (error, _) in DIFFER.items()}


def test_every_status_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[1], row[2]) for row in the("trackingmore", "7").rows}
    assert len(said) == 9
    agree(said, trackingmore_codes.STATUSES)


def test_every_substatus_is_known_with_its_meaning() -> None:
    said = {row[0]: meaning(row[2], row[3]) for row in the("trackingmore", "7", 1).rows}
    assert said.keys() == trackingmore_codes.SUBSTATUSES.keys()
    agree(said, trackingmore_codes.SUBSTATUSES)


def test_substatuses_that_end_the_asking_are_those_of_the_sheet() -> None:
    said = {row[0]: row[3] for row in the("trackingmore", "7", 1).rows}
    assert {code for code, words in said.items() if "raise" in words} == trackingmore_codes.NO_SUCH_NUMBER
