"""Third stage: who can be called, and where the parcel lies.

In comes a `Line` and the milestone it was judged to be, out goes `People`: values as printed, None where the line
does not tie them to the delivering courier or to a place. Hotlines, complaint numbers, job titles and teams are never
a courier.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from carriers.contract import Milestone
from carriers.reading.anchors import Sieve
from carriers.reading.line import Line

_WITHOUT_COURIER = frozenset({Milestone.PRE_TRANSIT, Milestone.PICKED_UP, Milestone.CANCELLED})
_WITH_STATION = frozenset({Milestone.READY_FOR_PICKUP, Milestone.DELIVERED_TO_PROXY, Milestone.DELIVERED})
_WITH_SIGNER = frozenset({Milestone.DELIVERED_TO_PROXY, Milestone.DELIVERED, Milestone.RETURNED})
_ASIDE = re.compile(r"\(([^()]*)\)$")
_WRAPPED = re.compile(
    r"[(\uff08][^()\uff08\uff09]*[)\uff09]|[【\[](?:[^【】\[\]]|[【\[][^【】\[\]]*[】\]])*[】\]]"
)
_EDGES = "。,;:!，；：！.…、~ \u3000"


@dataclass(frozen=True, slots=True)
class People:
    """What a line names besides the state of the parcel."""

    courier_name: str | None = None
    courier_phone: str | None = None
    station: str | None = None
    station_phone: str | None = None
    pickup_code: str | None = None
    signed_by: str | None = None
    facility: str | None = None
    facility_phone: str | None = None


@dataclass(frozen=True, slots=True)
class Finders:
    """The patterns of one table, tried in order; each carries groups named like what it finds.

    `hotline` and `not_a_name` refuse a value, `surname` finds the name at the end of a longer run, `bare_place` is a
    word for a place that names none, `place` a word that every named place holds, `not_a_facility` what brackets hold
    instead of one.
    """

    couriers: Sieve
    delivering: Sieve
    stations: Sieve
    station_phones: Sieve
    pickup_codes: Sieve
    signers: Sieve
    facility_phones: Sieve
    facilities: Sieve
    hotline: re.Pattern[str]
    not_a_name: re.Pattern[str]
    surname: re.Pattern[str]
    bare_place: re.Pattern[str]
    place: re.Pattern[str]
    not_a_facility: re.Pattern[str]


def people(line: Line, milestone: Milestone, finders: Finders) -> People:
    """Whom the line names, seen from its milestone."""
    name, phone = (None, None) if milestone in _WITHOUT_COURIER else _courier(line, milestone, finders)
    placed = milestone in _WITH_STATION
    station = _station(line, finders) if placed else None
    ready = milestone is Milestone.READY_FOR_PICKUP
    return People(
        courier_name=name,
        courier_phone=phone,
        station=station,
        station_phone=_station_phone(line, phone, finders) if station else None,
        pickup_code=_first(line, finders.pickup_codes, "code") if ready else None,
        signed_by=_signer(line, finders) if milestone in _WITH_SIGNER else None,
        facility=None if placed else _facility(line, finders),
        facility_phone=None if placed else _facility_phone(line, finders),
    )


def signer_span(text: str, finders: Finders, characters: frozenset[str]) -> tuple[int, int] | None:
    """Where the signer stands in a text, None where nobody is said to have signed."""
    if "签" not in text and "sign" not in text:
        return None
    for number in finders.signers.candidates(text, characters):
        match = finders.signers.patterns[number].search(text)
        if match:
            return match.span("signer")
    return None


def _matches(line: Line, patterns: Sieve) -> Iterator[re.Match[str]]:
    for number in patterns.candidates(line.text, line.characters):
        yield from patterns.patterns[number].finditer(line.text)


def _printed(line: Line, match: re.Match[str], group: str) -> str | None:
    if group not in match.re.groupindex or match[group] is None:
        return None
    return line.between(*match.span(group)).strip(_EDGES) or None


def _first(line: Line, patterns: Sieve, group: str) -> str | None:
    return next(
        (value for match in _matches(line, patterns) if (value := _printed(line, match, group))), None
    )


def _courier(line: Line, milestone: Milestone, finders: Finders) -> tuple[str | None, str | None]:
    name = phone = None
    for match in _matches(line, finders.couriers):
        name = name or _name(line, match, finders)
        phone = phone or _phone(line, match, finders)
        if name and phone:
            return name, phone
    if phone is None and milestone is Milestone.OUT_FOR_DELIVERY:
        found = (_phone(line, match, finders) for match in _matches(line, finders.delivering))
        phone = next(filter(None, found), None)
    return name, phone


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
    for match in _matches(line, finders.stations):
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


def _station_phone(line: Line, courier_phone: str | None, finders: Finders) -> str | None:
    for match in _matches(line, finders.station_phones):
        phone = _phone(line, match, finders)
        if phone and phone != courier_phone:
            return phone
    return None


def _signer(line: Line, finders: Finders) -> str | None:
    span = signer_span(line.text, finders, line.characters)
    return _tidy(line.between(*span).strip(_EDGES) or None) if span else None


def _facility_phone(line: Line, finders: Finders) -> str | None:
    found = (_phone(line, match, finders) for match in _matches(line, finders.facility_phones))
    return next(filter(None, found), None)


def _facility(line: Line, finders: Finders) -> str | None:
    for match in _matches(line, finders.facilities):
        name = match["facility"]
        if name and not finders.not_a_facility.search(name):
            return _printed(line, match, "facility")
    return None
