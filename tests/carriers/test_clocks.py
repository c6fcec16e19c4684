"""The clock of a country is found by its code and by the names that carriers print."""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import carriers.clocks
from carriers.clocks import zone_of

FILE = Path(carriers.clocks.__file__).with_name("countries.csv")


@pytest.mark.parametrize(
    ("country", "hours"),
    [
        ("CN", 8),
        ("cn", 8),
        ("IRELAND", 0),
        ("Germany", 1),
        ("KOREA, REPUBLIC OF (SOUTH K.)", 9),
        ("HONG KONG SAR,  CHINA", 8),
        ("United States of America", -5),
        ("IN", 5.5),
    ],
)
def test_a_country_has_a_clock(country: str, hours: float) -> None:
    zone = zone_of(country)
    assert zone is not None
    assert datetime(2026, 1, 10, tzinfo=zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("country", ["", "XX", "ATLANTIS", "KOREA", "CONGO, EITHER"])
def test_a_country_that_nobody_knows_or_two_share_has_none(country: str) -> None:
    assert zone_of(country) is None


def test_every_line_is_a_country_with_a_zone_and_names_of_its_own() -> None:
    with FILE.open(encoding="utf-8", newline="") as rows:
        lines = list(csv.DictReader(rows))
    words = [
        word
        for line in lines
        for word in (line["country"].casefold(), *filter(None, line["names"].split("|")))
    ]
    assert len(lines) == 245
    assert len(words) == len(set(words))
    assert all(word == word.casefold() for word in words)
    for line in lines:
        assert ZoneInfo(line["zone"])
        assert line["names"]
