"""Third stage: who can be called, and where the parcel lies.

In comes a `Line` and the milestone it was judged to be, out goes `People`: values as printed, None where the line
does not tie them to the delivering courier or to a place. Hotlines, complaint numbers, job titles and teams are never
a courier.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from carriers.contract import Milestone
from carriers.reading.line import Line
from carriers.reading.sieve import Sieve

_WITHOUT_COURIER = frozenset({Milestone.PRE_TRANSIT, Milestone.PICKED_UP, Milestone.CANCELLED})
_WITH_STATION = frozenset({Milestone.READY_FOR_PICKUP, Milestone.DELIVERED_TO_PROXY, Milestone.DELIVERED})
_WITH_SIGNER = frozenset({Milestone.DELIVERED_TO_PROXY, Milestone.DELIVERED, Milestone.RETURNED})
_ASIDE = re.compile(r"\(([^()]*)\)$")
_WRAPPED = re.compile(
    r"[(\uff08][^()\uff08\uff09]*[)\uff09]|[【\[](?:[^【】\[\]]|[【\[][^【】\[\]]*[】\]])*[】\]]"
)
_EDGES = "。,;:!，；：！.…、~ \u3000"


class People(NamedTuple):
    """What a line names besides the state of the parcel."""

    courier_name: str | None = None
    courier_phone: str | None = None
    station: str | None = None
    station_phone: str | None = None
    pickup_code: str | None = None
    signed_by: str | None = None
    facility: str | None = None
    facility_phone: str | None = None


KINDS = (
    "couriers",
    "delivering",
    "stations",
    "station_phones",
    "pickup_codes",
    "signers",
    "facility_phones",
    "facilities",
)
"""The lists of patterns in a table, each tried in order; they carry groups named like what they find."""


@dataclass(frozen=True, slots=True)
class Finders:
    """The sieve that holds the patterns, and what is not taken though a pattern found it.

    `hotline` and `not_a_name` refuse a value, `surname` finds the name at the end of a longer run, `bare_place` is a
    word for a place that names none, `place` a word that every named place holds, `not_a_facility` what brackets hold
    instead of one.
    """

    sieve: Sieve
    hotline: re.Pattern[str]
    not_a_name: re.Pattern[str]
    surname: re.Pattern[str]
    bare_place: re.Pattern[str]
    place: re.Pattern[str]
    not_a_facility: re.Pattern[str]

    def matches(self, line: Line, kind: str) -> Iterator[re.Match[str]]:
        """Every match of the patterns of this kind, pattern by pattern."""
        for pattern in self.sieve.chosen(line.tries & self.sieve.kinds[kind]):
            yield from pattern.finditer(line.text)


NOBODY = People()


def people(line: Line, milestone: Milestone, finders: Finders) -> People:
    """Whom the line names, seen from its milestone."""
    tries, kinds = line.tries, finders.sieve.kinds
    if not tries:
        return NOBODY
    name = phone = station = station_phone = code = signer = None
    if tries & kinds["couriers"] and milestone not in _WITHOUT_COURIER:
        name, phone = _courier(line, finders)
    if phone is None and tries & kinds["delivering"] and milestone is Milestone.OUT_FOR_DELIVERY:
        phone = _first(line, "delivering", finders)
    if milestone in _WITH_STATION and tries & kinds["stations"]:
        station = _station(line, finders)
        if station and tries & kinds["station_phones"]:
            station_phone = _first(line, "station_phones", finders, but=phone)
    if milestone is Milestone.READY_FOR_PICKUP and tries & kinds["pickup_codes"]:
        code = _code(line, finders)
    if milestone in _WITH_SIGNER and tries & kinds["signers"]:
        signer = _signer(line, finders)
    facility = _facility(line, finders) if station is None and tries & kinds["facilities"] else None
    facility_phone = _first(line, "facility_phones", finders) if tries & kinds["facility_phones"] else None
    return People(name, phone, station, station_phone, code, signer, facility, facility_phone)


def signer_span(text: str, signers: Iterable[re.Pattern[str]]) -> tuple[int, int] | None:
    """Where the signer stands in a text, None where nobody is said to have signed."""
    for pattern in signers:
        match = pattern.search(text)
        if match:
            return match.span("signer")
    return None


def _printed(line: Line, match: re.Match[str], group: str) -> str | None:
    if group not in match.re.groupindex or match[group] is None:
        return None
    return line.between(*match.span(group)).strip(_EDGES) or None


def _courier(line: Line, finders: Finders) -> tuple[str | None, str | None]:
    name = phone = None
    for match in finders.matches(line, "couriers"):
        name = name or _name(line, match, finders)
        phone = phone or _phone(line, match, finders)
        if name and phone:
            break
    return name, phone


def _first(line: Line, kind: str, finders: Finders, *, but: str | None = None) -> str | None:
    """The first number of this kind other than `but`."""
    found = (_phone(line, match, finders) for match in finders.matches(line, kind))
    return next((phone for phone in found if phone and phone != but), None)


def _name(line: Line, match: re.Match[str], finders: Finders) -> str | None:
    if "name" not in match.re.groupindex or match["name"] is None or finders.not_a_name.search(match["name"]):
        return None
    found = finders.surname.search(match["name"])
    if found is None:
        return None
    start = match.start("name")
    return line.between(start + found.start("name"), start + found.end("name"))


def _phone(line: Line, match: re.Match[str], finders: Finders) -> str | None:
    phone = _printed(line, match, "phone")
    return None if phone is None or finders.hotline.match(phone) else phone


def _station(line: Line, finders: Finders) -> str | None:
    for match in finders.matches(line, "stations"):
        place = match["station"]
        if finders.place.search(place) and not finders.bare_place.fullmatch(place.strip(_EDGES + "【】")):
            return _tidy(_printed(line, match, "station"))
    return None


def _tidy(place: str | None) -> str | None:
    """Without brackets around the whole and without an aside that repeats it or tells how it was signed."""
    if place is None:
        return None
    aside = _ASIDE.search(place.replace("（", "(").replace("）", ")"))
    if aside and (aside[1] in place[: aside.start()] or "签收" in aside[1]):
        place = place[: aside.start()].strip()
    if _WRAPPED.fullmatch(place):
        return place[1:-1].strip() or None
    return place


def _code(line: Line, finders: Finders) -> str | None:
    found = (_printed(line, match, "code") for match in finders.matches(line, "pickup_codes"))
    return next(filter(None, found), None)


def _signer(line: Line, finders: Finders) -> str | None:
    sieve = finders.sieve
    span = signer_span(line.text, sieve.chosen(line.tries & sieve.kinds["signers"]))
    return _tidy(line.between(*span).strip(_EDGES) or None) if span else None


def _facility(line: Line, finders: Finders) -> str | None:
    for match in finders.matches(line, "facilities"):
        name = match["facility"]
        if name and not finders.not_a_facility.search(name):
            return _printed(line, match, "facility")
    return None
