"""What EasyPost tells of one parcel, for `easypost`: a tracker as it is printed in answers and in pushes.

A tracker comes in; a track goes out, or why there is none.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from types import MappingProxyType

import msgspec

from carriers.aggregators.easypost_codes import (
    DETAILS,
    GENERAL,
    MILESTONES,
    OWN_CODES,
    SAYS_NOTHING,
    STATUSES,
)
from carriers.answers import Loose, decode_rows, text
from carriers.code_tables import CodeTable
from carriers.contract import Meaning, Milestone, Query, Reason, Scan, Track, in_order
from carriers.errors import Expired, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.timeline import Row, from_local, signed_by_the_shipper, track

__all__ = ["SOURCE", "Tracker", "answer_of", "is_finished"]

SOURCE = "easypost"

_TABLES: Mapping[str, CodeTable] = MappingProxyType({file: CodeTable(file) for file, _ in OWN_CODES.values()})
_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_ENDS = frozenset({"delivered", "return_to_sender", "cancelled"})
_FAR = frozenset({"out_for_delivery", "available_for_pickup", "failure"})
_ON_THE_WAY = frozenset(
    {
        Milestone.PRE_TRANSIT,
        Milestone.PICKED_UP,
        Milestone.IN_TRANSIT,
        Milestone.ARRIVED_AT_DESTINATION_CITY,
    }
)


class Tracker(msgspec.Struct):
    """One parcel, with its lines out of shape yet."""

    carrier: Loose = None
    status: Loose = None
    status_detail: Loose = None
    signed_by: Loose = None
    est_delivery_date: Loose = None
    finalized: Loose = None
    is_return: Loose = None
    tracking_details: list[msgspec.Raw] | None = None


class _Location(msgspec.Struct):
    city: Loose = None


class _Line(msgspec.Struct):
    datetime: Loose = None
    message: Loose = None
    description: Loose = None
    status: Loose = None
    status_detail: Loose = None
    source: Loose = None
    carrier_code: Loose = None
    tracking_location: _Location | None = None


_LINE = msgspec.json.Decoder(_Line)


def is_finished(tracker: Tracker) -> bool:
    """Whether the vendor looks at the parcel no more."""
    return text(tracker.finalized).lower() == "true"


def answer_of(tracker: Tracker, query: Query) -> Track | ShipmentError:
    """The track, or why there is none yet; raises `UnreadableResponse` where no line can be read."""
    if not tracker.tracking_details:
        return _why_none(tracker)
    company = text(tracker.carrier)
    lines = decode_rows(SOURCE, tracker.tracking_details, _LINE)
    found = track(query, (None if line is None else _row(line, company) for line in lines))
    if not found.scans:
        raise UnreadableResponse(SOURCE, detail="no line of the answer can be read")
    found = _returned(signed_by_the_shipper(_signed(found, text(tracker.signed_by))), tracker)
    return replace(found, eta=from_local(text(tracker.est_delivery_date), UTC))


def _why_none(tracker: Tracker) -> ShipmentError:
    if is_finished(tracker) or text(tracker.status_detail) == "expired":
        return Expired(SOURCE, detail="the source follows this number no more")
    return NotFoundYet(SOURCE)


def _row(line: _Line, company: str) -> Row | None:
    printed = text(line.datetime)
    occurred_at = from_local(printed, UTC)
    if occurred_at is None:
        return None
    status, detail = text(line.status), text(line.status_detail)
    code = status if detail in SAYS_NOTHING else detail
    meaning = _meaning(status, detail)
    if meaning is not None:
        own = _own_reasons(text(line.source) or company, text(line.carrier_code))
        meaning = _finer(meaning, own, general=detail in GENERAL)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(line.message) or text(line.description),
        carrier_code=code,
        city=text((line.tracking_location or _Location()).city) or None,
    )
    return Row(scan, meaning, unmapped="" if code in MILESTONES else code)


def _meaning(status: str, detail: str) -> Meaning | None:
    """What the detail says, unless the status says more: an end, or that it is further on its way."""
    by_status, by_detail = STATUSES.get(status), DETAILS.get(detail)
    if by_status is None or by_detail is None:
        return by_detail or by_status
    if status in _ENDS or (status in _FAR and by_detail.milestone in _ON_THE_WAY):
        return Meaning(by_status.milestone, in_order({*by_status.reasons, *by_detail.reasons}))
    return by_detail


def _own_reasons(company: str, code: str) -> tuple[Reason, ...]:
    """What the carrier's own code says; nothing where its tables say different things about the same code."""
    if company not in OWN_CODES or not code:
        return ()
    file, namespaces = OWN_CODES[company]
    table, keys = _TABLES[file], [f"{namespace}/{code}" for namespace in namespaces]
    said = {table[key].reasons for key in keys if key in table}
    return said.pop() if len(said) == 1 else ()


def _finer(meaning: Meaning, own: tuple[Reason, ...], *, general: bool) -> Meaning:
    if not own:
        return meaning
    return Meaning(meaning.milestone, own if general else in_order({*meaning.reasons, *own}))


def _signed(found: Track, signer: str) -> Track:
    newest = found.scans[-1]
    if not signer or newest.milestone not in _SIGNED:
        return found
    return replace(found, scans=(*found.scans[:-1], replace(newest, signed_by=signer)))


def _returned(found: Track, tracker: Tracker) -> Track:
    """A parcel on its way back that the vendor looks at no more is back, and so is a return that was delivered."""
    *older, newest = found.scans
    on_its_way_back = newest.milestone is Milestone.RETURNING and is_finished(tracker)
    is_return = text(tracker.is_return).lower() == "true"
    if not on_its_way_back and not (is_return and newest.milestone in _SIGNED):
        return found
    reasons = in_order({*newest.reasons, Reason.RETURN_TO_SENDER})
    return replace(found, scans=(*older, replace(newest, milestone=Milestone.RETURNED, reasons=reasons)))
