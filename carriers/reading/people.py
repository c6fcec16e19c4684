"""Third stage: who can be called, and where the parcel lies.

In comes a `Line` and the milestone it was judged to be, out goes `People`: values as printed, None where the line
does not tie them to the delivering courier or to a place. Hotlines, complaint numbers, job titles and teams are never
a courier.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from carriers.contract import Milestone
from carriers.reading.line import Line
from carriers.reading.sieve import Sieve

_WITHOUT_COURIER = frozenset(
    {Milestone.PRE_TRANSIT, Milestone.PICKED_UP, Milestone.IN_TRANSIT, Milestone.CANCELLED, Milestone.UNKNOWN}
)
_WITH_STATION = frozenset({Milestone.READY_FOR_PICKUP, Milestone.DELIVERED_TO_PROXY, Milestone.DELIVERED})
_WITH_SIGNER = frozenset({Milestone.DELIVERED_TO_PROXY, Milestone.DELIVERED, Milestone.RETURNED})
_ASIDE = re.compile(r" ?\(([^()]*)\)$")
_WRAPPED = re.compile(r"\([^()]*\)|【(?:[^【】]|【[^【】]*】)*】")
_NAMES = ("name", "likely", "latin")
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

    `wanted` are the bits of the patterns that can tell something at a milestone. `hotline` is no number of a person.
    `not_beside_a_number` and `not_a_name` refuse a name, one beside a number and one anywhere, `surname` is what a
    likely name looks like. `bare_place` is a word for a place that names none, `person_place` a desk or a person,
    `latin_nowhere` such words in English, `place` a word that every named place holds, `not_a_facility` what brackets
    hold instead of one.
    """

    sieve: Sieve
    wanted: Mapping[Milestone, int]
    hotline: re.Pattern[str]
    not_beside_a_number: re.Pattern[str]
    not_a_name: re.Pattern[str]
    surname: re.Pattern[str]
    bare_place: re.Pattern[str]
    person_place: re.Pattern[str]
    place: re.Pattern[str]
    latin_nowhere: re.Pattern[str]
    not_a_facility: re.Pattern[str]

    def matches(self, line: Line, kind: str) -> Iterator[re.Match[str]]:
        """Every match of the patterns of this kind, pattern by pattern."""
        for pattern in self.sieve.chosen(line.tries & self.sieve.kinds[kind]):
            yield from pattern.finditer(line.text)


NOBODY = People()


def wanted_at(kinds: Mapping[str, int]) -> dict[Milestone, int]:
    """The bits of the patterns to look at, by milestone."""
    return {milestone: sum(kinds[kind] for kind in _kinds_at(milestone)) for milestone in Milestone}


def _kinds_at(milestone: Milestone) -> Iterator[str]:
    yield from ("facilities", "facility_phones")
    if milestone not in _WITHOUT_COURIER:
        yield "couriers"
    if milestone is Milestone.OUT_FOR_DELIVERY:
        yield "delivering"
    if milestone in _WITH_STATION:
        yield from ("stations", "station_phones")
    if milestone is Milestone.READY_FOR_PICKUP:
        yield "pickup_codes"
    if milestone in _WITH_SIGNER:
        yield "signers"


def people(line: Line, milestone: Milestone, finders: Finders) -> People:
    """Whom the line names, seen from its milestone."""
    tries, kinds = line.tries & finders.wanted[milestone], finders.sieve.kinds
    if not tries:
        return NOBODY
    name = phone = station = station_phone = code = signer = facility_phone = None
    if tries & kinds["couriers"]:
        name, phone = _courier(line, finders)
    if phone is None and tries & kinds["delivering"]:
        phone = _first(line, "delivering", finders)
    if tries & kinds["stations"]:
        station = _station(line, milestone, finders)
        if station and tries & kinds["station_phones"]:
            station_phone = _first(line, "station_phones", finders, but=phone)
    if tries & kinds["pickup_codes"]:
        code = _code(line, finders)
    if tries & kinds["signers"]:
        signer = _signer(line, finders)
    facility = _facility(line, finders) if tries & kinds["facilities"] else None
    if tries & kinds["facility_phones"]:
        facility_phone = _first(line, "facility_phones", finders, but=phone, landline=True)
    return People(
        courier_name=name,
        courier_phone=phone,
        station=station,
        station_phone=station_phone,
        pickup_code=code,
        signed_by=signer,
        facility=None if facility in {station, signer} else facility,
        facility_phone=facility_phone,
    )


def signer_span(text: str, signers: Iterable[re.Pattern[str]]) -> tuple[int, int] | None:
    """Where the signer stands in a text, None where nobody is said to have signed."""
    for pattern in signers:
        match = pattern.search(text)
        if match:
            return match.span("signer")
    return None


def _courier(line: Line, finders: Finders) -> tuple[str | None, str | None]:
    name = phone = None
    for match in finders.matches(line, "couriers"):
        named = _name(line, match, finders)
        if named is None and not match.re.groupindex.keys().isdisjoint(_NAMES):
            continue
        name, phone = name or named, phone or _phone(line, match, finders)
        if name and phone:
            break
    return name, phone


def _first(
    line: Line, kind: str, finders: Finders, *, but: str | None = None, landline: bool = False
) -> str | None:
    """The first number of this kind other than `but`; of a landline, if only one of those will do."""
    for match in finders.matches(line, kind):
        phone = _phone(line, match, finders)
        if phone and phone != but and (not landline or phone.lstrip("(").startswith("0")):
            return phone
    return None


def _name(line: Line, match: re.Match[str], finders: Finders) -> str | None:
    """The name in a match: as it stands, where it looks like a name, or where it is printed with capitals."""
    groups = match.re.groupindex
    for group in _NAMES:
        if group in groups and match[group]:
            printed = line.between(*match.span(group)).strip(_EDGES)
            if _is_name(group, match[group], printed, finders):
                return printed
    return None


def _is_name(group: str, spelled: str, printed: str, finders: Finders) -> bool:
    if group == "latin":
        return all(word[:1].isupper() for word in printed.split()) and not finders.not_a_name.search(spelled)
    if group == "name":
        return finders.not_beside_a_number.search(spelled) is None
    return finders.not_a_name.search(spelled) is None and finders.surname.fullmatch(spelled) is not None


def _phone(line: Line, match: re.Match[str], finders: Finders) -> str | None:
    if "phone" not in match.re.groupindex or match["phone"] is None:
        return None
    phone = line.between(*match.span("phone")).strip(_EDGES)
    return None if not phone or finders.hotline.match(phone) else phone


def _station(line: Line, milestone: Milestone, finders: Finders) -> str | None:
    for match in finders.matches(line, "stations"):
        if "latin" in match.re.groupindex:
            if milestone is Milestone.READY_FOR_PICKUP and _is_latin_place(line, match, finders):
                return line.between(*match.span("latin")).strip(_EDGES)
            continue
        start, end = _place(line.text, *match.span("station"))
        place = line.text[start:end]
        if place and not _is_no_place(place, finders):
            return line.between(start, end).strip(_EDGES) or None
    return None


def _is_latin_place(line: Line, match: re.Match[str], finders: Finders) -> bool:
    """Whether it is printed like a name, in a line that is not all capitals."""
    printed = line.between(*match.span("latin"))
    named = all(word[:1].isupper() or not word[:1].isalpha() for word in printed.split())
    return named and not line.printed.isupper() and finders.latin_nowhere.fullmatch(match["latin"]) is None


def _is_no_place(place: str, finders: Finders) -> bool:
    return (
        finders.place.search(place) is None
        or finders.bare_place.fullmatch(place) is not None
        or finders.person_place.fullmatch(place) is not None
    )


def _place(text: str, start: int, end: int) -> tuple[int, int]:
    """Without edges, brackets around it, and an aside that repeats it or tells how it was signed."""
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    place = text[start:end]
    if place.startswith("【") and "】(" in place:
        return start + 1, start + place.index("】(")
    aside = _ASIDE.search(place)
    if aside and (place.startswith("【") or aside[1] in place[: aside.start()] or "签收" in aside[1]):
        return _place(text, start, start + aside.start())
    if _WRAPPED.fullmatch(place):
        return _place(text, start + 1, end - 1)
    return start, end


def _code(line: Line, finders: Finders) -> str | None:
    for match in finders.matches(line, "pickup_codes"):
        code = line.between(*match.span("code")).strip(_EDGES)
        if code:
            return code
    return None


def _signer(line: Line, finders: Finders) -> str | None:
    sieve = finders.sieve
    span = signer_span(line.text, sieve.chosen(line.tries & sieve.kinds["signers"]))
    return line.between(*_place(line.text, *span)).strip(_EDGES) or None if span else None


def _facility(line: Line, finders: Finders) -> str | None:
    for match in finders.matches(line, "facilities"):
        name = match["facility"]
        if name and not finders.not_a_facility.search(name):
            return line.between(*match.span("facility")).strip(_EDGES) or None
    return None
