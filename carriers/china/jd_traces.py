"""From the lines that JD (京东) prints to a track: what a line says, and what only the lines before it tell.

Lines of an answer and of a push have one shape, those of the older platform another (`jd_jos`); both become `Told`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from carriers.answers import Loose, text
from carriers.china.jd_codes import (
    ARRIVALS,
    ARRIVED,
    CATEGORIES,
    FLAGS,
    REDIRECTION,
    RENUMBERING,
    STATES,
)
from carriers.contract import Meaning, Milestone, Query, Scan, Track
from carriers.errors import UnreadableResponse
from carriers.timeline import Row, from_shanghai, signed_by_the_shipper, track

SOURCE = "jd"

_BETWEEN_CITIES = "430"
_DELIVERER_CODES = frozenset({"11000", "10034", "10042", "440", "510"})
_NEW_NUMBER = re.compile(r"新运单号[:：]?\s*(JD[A-Z]{1,2}\d{10,13})(?!\d)", re.ASCII)
_PACKAGE = re.compile(r"-\d+-\d+-?\w*\Z", re.ASCII)


class Trace(msgspec.Struct, rename="camel"):
    """One line; the names of site and city are in pushes only, those of the operator in answers only."""

    waybill_code: Loose = None
    state: Loose = None
    category: Loose = None
    operation_title: Loose = None
    operation_remark: Loose = None
    operation_time: Loose = None
    operator_name: Loose = None
    operator_phone: Loose = None
    operate_site_id: Loose = None
    operate_site: Loose = None
    route_city_name: Loose = None


@dataclass(frozen=True, slots=True)
class Told:
    """A line that was read, and the number it is about, empty where it says none. `site` tells the places apart,
    `passing` lines tell of a parcel between two cities, `renumbering` ones of one that gets a new number."""

    row: Row
    number: str
    site: str
    passing: bool
    renumbering: bool

    @property
    def turns_back(self) -> bool:
        """Whether the parcel goes to its shipper from here on."""
        return self.renumbering and not self.row.scan.carrier_code.endswith(REDIRECTION)


def waybill(number: str) -> str:
    """The number of the waybill, also where that of one of its packages is given (`JDVC00000000001-1-1-`)."""
    return _PACKAGE.sub("", number.strip().upper())


def told(trace: Trace) -> Told | None:
    """What the line says; None where its time cannot be read."""
    printed = text(trace.operation_time)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    state, category = text(trace.state), text(trace.category)
    remark, title = text(trace.operation_remark), text(trace.operation_title)
    code, meaning, unmapped = _code_and_meaning(state, category, remark)
    delivers = (category if unmapped else code) in _DELIVERER_CODES
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=worded(remark, title, meaning),
        carrier_code=code,
        city=text(trace.route_city_name) or None,
        facility=text(trace.operate_site) or None,
        courier_name=(text(trace.operator_name) or None) if delivers else None,
        courier_phone=(text(trace.operator_phone) or None) if delivers else None,
    )
    on_its_way = meaning is not None and meaning.milestone is Milestone.IN_TRANSIT
    return Told(
        Row(scan, meaning, unmapped),
        number=waybill(text(trace.waybill_code)),
        site=text(trace.operate_site_id),
        passing=category == _BETWEEN_CITIES if category else on_its_way,
        renumbering=not RENUMBERING.isdisjoint((state, category)),
    )


def worded(remark: str, title: str, meaning: Meaning | None) -> str:
    """The text of a line. Its title stands there too where no code says what the line means: then the words have to."""
    if meaning is not None or title in remark:
        return remark or title
    return "。".join(filter(None, (remark.rstrip("。"), title)))


def _code_and_meaning(state: str, category: str, remark: str) -> tuple[str, Meaning | None, str]:
    """The line's code, what it says, or else what its stage says, and the code that our tables lack."""
    code = flagged(state, remark)
    if code in STATES:
        return code, STATES[code], ""
    code = state or category
    meaning = CATEGORIES.get(category)
    return code, meaning, "" if meaning and not state else code


def flagged(code: str, words: str) -> str:
    """The code, with the word that tells which of its two meanings it has."""
    flag = FLAGS.get(code)
    return f"{code}/{REDIRECTION}" if flag and re.search(flag, words) else code


def history(query: Query, lines: Sequence[Told | None]) -> Track:
    """The track that the lines about this number make; `UnreadableResponse` where there is none, or none to be read."""
    own = waybill(query.tracking_number)
    about_it = [line for line in lines if line is None or line.number in ("", own)]
    seen = [line for line in about_it if line]
    found = signed_by_the_shipper(track(query, (_placed(line, seen) if line else None for line in about_it)))
    if not found.scans:
        raise UnreadableResponse(SOURCE, detail="no line is about this number, or none can be read")
    return replace(found, new_tracking_number=_new_number(found, seen))


def _placed(line: Told, seen: Sequence[Told]) -> Row:
    """A station that the parcel reaches from another place, not yet on its way back, is that of the recipient."""
    if line.row.scan.carrier_code not in ARRIVALS:
        return line.row
    moment = line.row.scan.occurred_at
    if any(one.turns_back and one.row.scan.occurred_at <= moment for one in seen):
        return line.row
    came_from = {one.site for one in seen if one.passing and one.site and one.row.scan.occurred_at < moment}
    return replace(line.row, meaning=ARRIVED) if line.site and came_from - {line.site} else line.row


def _new_number(found: Track, seen: Sequence[Told]) -> str | None:
    """The number under which the parcel goes on or back, from the newest line of a new number that names it."""
    telling = {line.row.scan.identity for line in seen if line.renumbering}
    texts = [scan.text for scan in found.scans if scan.identity in telling]
    numbers = [match[1] for said in texts for match in _NEW_NUMBER.finditer(said)]
    own = waybill(found.tracking_number)
    return next((number for number in reversed(numbers) if number != own), None)
