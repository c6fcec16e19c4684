"""Which clock hangs on the wall where a scan was printed, for carriers that print local times without a zone.

A country comes in, as a code of two letters or by its English name, and its zone goes out. The zones and names are
those of the tz database, with other names that carriers print; countries.csv is read when it is first asked.
"""

import csv
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

_FILE = Path(__file__).with_name("countries.csv")


def zone_of(country: str) -> ZoneInfo | None:
    """The zone of a country; where it has several, the one in which most of its people live, so that a time may be some
    hours wrong there. None for a country that is not known."""
    name = _zones().get(" ".join(country.split()).casefold())
    return ZoneInfo(name) if name else None


@cache
def _zones() -> dict[str, str]:
    with _FILE.open(encoding="utf-8", newline="") as rows:
        return {
            word: row["zone"]
            for row in csv.DictReader(rows)
            for word in (row["country"].casefold(), *row["names"].split("|"))
        }
