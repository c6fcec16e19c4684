"""What TrackingMore tells of one parcel, for `trackingmore`: the lines of both its legs in one order.

A parcel as the vendor prints it comes in; a track goes out, or why there is none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import msgspec

from carriers.aggregators.trackingmore_codes import (
    FOLLOWED_NO_MORE,
    LOST,
    MILESTONES,
    NO_SUCH_NUMBER,
    PICKED_UP,
)
from carriers.answers import Loose, decode_rows, text
from carriers.clocks import zone_of
from carriers.contract import SHANGHAI, Meaning, Milestone, Query, Scan, Track
from carriers.errors import Expired, InvalidNumber, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.timeline import Row, from_local, track

__all__ = ["SOURCE", "Tracking", "answer_of"]

SOURCE = "trackingmore"

_ABROAD = frozenset({"dhl", "fedex", "ups", "usps"})
_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_UP_TO_THE_MINUTE = len("2026-01-10 18:20")
_UP_TO_THE_DAY = len("2026-01-10")
_END_OF_DAY = "T23:59:59"
_SAYS_LOST = re.compile(r"\blost\b", re.IGNORECASE)


class _Dates(msgspec.Struct):
    pickup_date: Loose = None


class _Leg(msgspec.Struct):
    trackinfo: list[msgspec.Raw] | None = None
    milestone_date: _Dates | None = None


class Tracking(msgspec.Struct):
    """One parcel, with its lines out of shape yet."""

    delivery_status: Loose = None
    substatus: Loose = None
    origin_country: Loose = None
    destination_country: Loose = None
    signed_by: Loose = None
    scheduled_delivery_date: Loose = None
    exchange_number: Loose = None
    destination_track_number: Loose = None
    origin_info: _Leg | None = None
    destination_info: _Leg | None = None


class _Line(msgspec.Struct):
    """One line; the fields with names of their own are those of older versions."""

    checkpoint_date: Loose = None
    checkpoint_delivery_status: Loose = None
    checkpoint_delivery_substatus: Loose = None
    tracking_detail: Loose = None
    location: Loose = None
    country_iso2: Loose = None
    city: Loose = None
    older_date: Loose = msgspec.field(default=None, name="Date")
    older_status: Loose = msgspec.field(default=None, name="checkpoint_status")
    older_words: Loose = msgspec.field(default=None, name="StatusDescription")
    older_place: Loose = msgspec.field(default=None, name="Details")


_LINE = msgspec.json.Decoder(_Line)


def answer_of(tracking: Tracking, query: Query) -> Track | ShipmentError:
    """The track, or why there is none yet; raises `UnreadableResponse` where no line can be read."""
    rows = list(_without_repeats(_rows(tracking, query)))
    if not rows:
        return _why_none(tracking)
    found = track(query, rows)
    if not found.scans:
        raise UnreadableResponse(SOURCE, detail="no line of the answer can be read")
    return replace(
        _signed(_with_state(found, tracking), text(tracking.signed_by)),
        eta=_eta(tracking, query),
        new_tracking_number=_new_number(tracking, query),
    )


def _why_none(tracking: Tracking) -> ShipmentError:
    substatus = text(tracking.substatus)
    if substatus in NO_SUCH_NUMBER:
        return InvalidNumber(SOURCE, code=substatus)
    if {substatus, text(tracking.delivery_status)} & FOLLOWED_NO_MORE:
        return Expired(SOURCE, detail="the source follows this number no more")
    return NotFoundYet(SOURCE)


def _rows(tracking: Tracking, query: Query) -> Iterator[Row | None]:
    """The lines of the last leg first, as each leg prints its own: newest first."""
    for leg, country in (
        (tracking.destination_info, tracking.destination_country),
        (tracking.origin_info, tracking.origin_country),
    ):
        if leg is not None:
            clock = zone_of(text(country)) or _home_clock(query)
            lines = decode_rows(SOURCE, leg.trackinfo or [], _LINE)
            rows = [None if line is None else _row(line, clock) for line in lines]
            yield from _with_collection(rows, text((leg.milestone_date or _Dates()).pickup_date))


def _home_clock(query: Query) -> tzinfo:
    """Where no country is named, a Chinese carrier prints the time of China; of others nothing is known."""
    return UTC if query.carrier in _ABROAD else SHANGHAI


def _row(line: _Line, clock: tzinfo) -> Row | None:
    printed = text(line.checkpoint_date) or text(line.older_date)
    occurred_at = from_local(printed, zone_of(text(line.country_iso2)) or clock)
    if occurred_at is None:
        return None
    words = text(line.tracking_detail) or text(line.older_words)
    status = text(line.checkpoint_delivery_status) or text(line.older_status)
    code, meaning, unmapped = _code_and_meaning(status, text(line.checkpoint_delivery_substatus))
    if code == LOST.partition("/")[0] and _SAYS_LOST.search(words):
        meaning = MILESTONES[LOST]
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=words,
        carrier_code=code,
        city=text(line.city) or text(line.location) or text(line.older_place) or None,
    )
    return Row(scan, meaning, unmapped)


def _code_and_meaning(status: str, substatus: str) -> tuple[str, Meaning | None, str]:
    """The finer code, what it says (else what the status says), and the code that our table lacks."""
    code = substatus or status
    return code, MILESTONES.get(substatus) or MILESTONES.get(status), "" if code in MILESTONES else code


def _with_collection(rows: Sequence[Row | None], printed: str) -> Iterator[Row | None]:
    """The rows, of which the oldest "on its way" at the minute of the collection is the collection."""
    minute = _minute(printed)
    there = [
        row
        for row in rows
        if row and row.meaning == MILESTONES["transit"] and _minute(row.scan.local_time) == minute
    ]
    for row in rows:
        yield replace(row, meaning=MILESTONES[PICKED_UP]) if row and row in there[-1:] else row


def _minute(printed: str) -> str:
    return printed.replace("T", " ")[:_UP_TO_THE_MINUTE]


def _without_repeats(rows: Iterator[Row | None]) -> Iterator[Row | None]:
    """Both legs often print the same line."""
    told = set()
    for row in rows:
        line = (row.scan.occurred_at, row.scan.text) if row else None
        if line is None or line not in told:
            told.add(line)
            yield row


def _with_state(found: Track, tracking: Tracking) -> Track:
    """The newest scan means what the parcel's status says where it has none of its own; it stays the same line."""
    newest = found.scans[-1]
    code, meaning, unmapped = _code_and_meaning(text(tracking.delivery_status), text(tracking.substatus))
    if newest.carrier_code or not code:
        return found
    meaning = meaning or Meaning(Milestone.UNKNOWN)
    newest = replace(newest, milestone=meaning.milestone or Milestone.UNKNOWN, reasons=meaning.reasons)
    codes = (*found.unmapped_codes, unmapped) if unmapped else found.unmapped_codes
    return replace(found, scans=(*found.scans[:-1], newest), unmapped_codes=codes)


def _signed(found: Track, signer: str) -> Track:
    newest = found.scans[-1]
    if not signer or newest.milestone not in _SIGNED:
        return found
    return replace(found, scans=(*found.scans[:-1], replace(newest, signed_by=signer)))


def _eta(tracking: Tracking, query: Query) -> datetime | None:
    """A day without an hour lasts until its end."""
    printed = text(tracking.scheduled_delivery_date)
    if len(printed) == _UP_TO_THE_DAY:
        printed += _END_OF_DAY
    return from_local(printed, zone_of(text(tracking.destination_country)) or _home_clock(query))


def _new_number(tracking: Tracking, query: Query) -> str | None:
    """The number under which another carrier goes on."""
    numbers = (text(tracking.destination_track_number), text(tracking.exchange_number))
    return next((number for number in numbers if number and number != query.tracking_number), None)
