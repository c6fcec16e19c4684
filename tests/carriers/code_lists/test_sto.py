"""Every code of STO's fact sheet is in our tables and means what the sheet says, save what is listed."""

import re
from collections.abc import Iterator

from code_tables import agree, assert_every_table_is_known, the
from fact_sheets import meaning, passage

from carriers.china import sto
from carriers.china.sto_codes import SIGNED_SIGNS
from carriers.contract import Meaning
from carriers.errors import (
    AuthenticationFailed,
    CarrierError,
    InvalidNumber,
    RateLimited,
    SourceUnavailable,
    UnreadableResponse,
)

_TEXT_SAYS = "the sheet calls the reason possible: only text can say it"
CODES = {
    ("6", 0): 17,  # scanTypes
    ("6", 1): 40,  # problems
}
NO_CODES = {("1", 0), ("1", 1)}  # addresses, functions


def test_every_table_of_the_sheet_is_known() -> None:
    assert_every_table_is_known("sto", CODES, NO_CODES)


def scan_types() -> Iterator[tuple[str, Meaning]]:
    """Where a row names several codes, it has a milestone for each or one for all. A condition on the memo makes a key
    of its own: alone, the code says what stands behind "else"."""
    for row in the("sto", "6").rows:
        codes = re.findall(r"[\u4e00-\u9fff]+", row[0])
        places = row[2].split(" / ") if " / " in row[2] else [row[2]] * len(codes)
        assert len(codes) == len(places), row
        for code, place in zip(codes, places, strict=True):
            milestone, _, condition = place.partition("(")
            why = condition.rstrip(")") if milestone == "exception" else row[3]
            yield code, meaning(re.split(r"[;,]| unless ", place.split(", else ")[-1])[0], why)


def test_every_scan_type_of_sto_is_known_with_its_meaning() -> None:
    said = dict(scan_types())
    assert len(said) == 21
    agree(said, sto.MILESTONES, differ_because={"转邮": _TEXT_SAYS})
    assert sto.MILESTONES["转邮"].milestone is said["转邮"].milestone


def test_every_sign_that_a_parcel_left_its_station_with_the_recipient_is_looked_for() -> None:
    rows = {row[0]: row[2] for row in the("sto", "6").rows}
    assert set(re.findall(r"[\u4e00-\u9fff]+", rows["驿站出库"])) == set(SIGNED_SIGNS["驿站出库"])
    assert set(re.findall(r"[\u4e00-\u9fff]+", rows["快件取出"])) == set(SIGNED_SIGNS["快件取出"])
    signed = {code: sto.MILESTONES[f"{code}/签收"] for code in SIGNED_SIGNS}
    assert signed == dict.fromkeys(("驿站出库", "快件取出"), meaning("delivered"))


def test_every_code_of_parcels_abroad_is_known_with_its_meaning() -> None:
    listed = passage("sto", "6", r"International action codes \(same field\): ([^\n]+)")
    said: dict[str, Meaning] = {}
    for part in listed.split(" · "):
        told = re.sub(r"\((?!\+)[^)]*\)", "", part)
        codes = re.findall(r"\b[A-Z][A-Z_]+\b", told)
        place = told.split(codes[-1])[-1]
        said |= dict.fromkeys(codes, meaning(place, place))
    assert len(said) == 14
    agree(said, sto.MILESTONES)


def test_every_problem_of_sto_is_known_with_its_reasons() -> None:
    said = {
        f"问题件/{number}": meaning("exception", row[2])
        for row in the("sto", "6", 1).rows
        for number in row[0].split(" / ")
    }
    assert len(said) == 41
    agree(said, sto.MILESTONES)


_CLASSES: dict[str, tuple[type[CarrierError], ...]] = {
    "invalid": (UnreadableResponse, InvalidNumber),
    "auth": (AuthenticationFailed,),
    "retryable": (SourceUnavailable,),
    "quota": (RateLimited,),
}


def test_every_result_code_of_sto_is_known_with_its_class() -> None:
    listed = passage("sto", "5", r"UNVERIFIED for STO\): (.*? S14 [^.]+)\.")
    said: dict[str, str] = {}
    for part in listed.split(" · "):
        words = re.search(r"invalid|auth|retryable|quota", part)
        # a bad parameter and a business error have no class there; neither says that the number is to blame
        said |= dict.fromkeys(re.findall(r"S\d\d", part), words[0] if words else "invalid")
    assert said.keys() == sto.RESULT_CODES.keys()
    wrong = {code: words for code, words in said.items() if sto.RESULT_CODES[code] not in _CLASSES[words]}
    assert wrong == {}


def test_codes_of_another_interface_are_not_used() -> None:
    others = passage("sto", "5", r"website API uses (\w+ / \w+)").split(" / ")
    assert len(others) == 2
    assert sto.RESULT_CODES.keys().isdisjoint(others)
