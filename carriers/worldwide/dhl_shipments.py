"""How DHL tells of a shipment, in answers and in pushes alike: its events become the scans of a track.

The vendor's object comes in as JSON; `Told` goes out, or None where it is not the shape we know.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

import msgspec

from carriers.answers import NULL, Loose, decode, decode_rows, is_null, text
from carriers.clocks import zone_of
from carriers.contract import Meaning, Milestone, Query, Reason, Scan, Track, in_order
from carriers.errors import UnreadableResponse
from carriers.timeline import Row, from_local, signed_by_the_shipper, track
from carriers.worldwide.dhl_codes import MILESTONES, NAMESPACES, STATUS_CODES

__all__ = ["Told", "newest", "shipment_of", "track_of"]

_SOURCE = "dhl"
_HANDED_OVER = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_AT_STATION = _HANDED_OVER | {Milestone.READY_FOR_PICKUP}
# Some divisions print a sentence where others print a code, and a sentence may name people.
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_:/-]{0,79}", re.ASCII)
_BEFORE_THE_FIRST_SCAN = frozenset({"pre-transit", "unknown"})
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class _Address(msgspec.Struct, rename="camel"):
    country_code: Loose = None
    address_locality: Loose = None
    address_locality_servicing: Loose = None


class _ServicePoint(msgspec.Struct):
    label: Loose = None


class _Place(msgspec.Struct, rename="camel"):
    address: _Address | None = None
    service_point: _ServicePoint | None = None


class _Event(msgspec.Struct, rename="camel"):
    """A line, and the state of the whole shipment, which has the same shape."""

    timestamp: Loose = None
    location: _Place | None = None
    status_code: Loose = None
    status: Loose = None
    status_detailed: Loose = None
    description: Loose = None
    remark: Loose = None


class _Somebody(msgspec.Struct, rename="camel"):
    name: Loose = None
    given_name: Loose = None
    family_name: Loose = None
    organization_name: Loose = None


class _Proof(msgspec.Struct, rename="camel"):
    document_url: Loose = None
    signature_url: Loose = None
    signed: _Somebody | None = None


class _Details(msgspec.Struct, rename="camel"):
    proof_of_delivery: _Proof | None = None


class _TimeFrame(msgspec.Struct, rename="camel"):
    estimated_through: Loose = None


class _Shipment(msgspec.Struct, rename="camel"):
    id: Loose = None
    service: Loose = None
    destination: _Place | None = None
    status: msgspec.Raw = NULL
    events: list[msgspec.Raw] | None = None
    details: _Details | None = None
    return_flag: Loose = None
    estimated_time_of_delivery: Loose = None
    estimated_delivery_time_frame: _TimeFrame | None = None


_SHIPMENT = msgspec.json.Decoder(_Shipment)
_EVENT = msgspec.json.Decoder(_Event)


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of one shipment. `rows` has None for a line that could not be read; it is empty where nothing has
    happened, or nothing that has a time, and then `under_way` tells whether something should have."""

    number: str
    rows: tuple[Row | None, ...]
    under_way: bool
    shipment: _Shipment

    @property
    def newest_at(self) -> datetime:
        """The time of its newest line."""
        return max((row.scan.occurred_at for row in self.rows if row), default=_LONG_AGO)

    @property
    def readable(self) -> bool:
        """Whether any line could be read."""
        return any(self.rows)


def shipment_of(document: msgspec.Raw) -> Told | None:
    """One shipment; None where it is out of shape."""
    try:
        shipment = decode(_SOURCE, document, _SHIPMENT)
        status = _Event() if is_null(shipment.status) else decode(_SOURCE, shipment.status, _EVENT)
    except UnreadableResponse:
        return None
    service = text(shipment.service).lower()
    if shipment.events:
        events = decode_rows(_SOURCE, shipment.events, _EVENT)
        rows = tuple(None if event is None else _row(event, service) for event in events)
    else:
        only = _row(status, service)
        rows = (only,) if only else ()
    under_way = text(status.status_code).lower() not in {"", *_BEFORE_THE_FIRST_SCAN}
    return Told(text(shipment.id), rows, under_way, shipment)


def newest(told: Iterable[Told]) -> Told:
    """The shipment with the newest line: a number can have been used before. The first of several, as printed."""
    return max(told, key=lambda one: one.newest_at)


def track_of(told: Told, query: Query) -> Track:
    """The track of a shipment that has a line."""
    shipment = told.shipment
    found = _turned_back(track(query, told.rows), shipment)
    proof = (shipment.details and shipment.details.proof_of_delivery) or _Proof()
    return replace(
        _signed(found, proof),
        eta=_eta(shipment),
        proof_of_delivery=text(proof.document_url) or text(proof.signature_url) or None,
    )


def _row(event: _Event, service: str) -> Row | None:
    printed = text(event.timestamp)
    occurred_at = from_local(printed, _zone(event.location))
    if occurred_at is None:
        return None
    code, meaning, unmapped = _code_and_meaning(event, service)
    place = event.location or _Place()
    address = place.address or _Address()
    label = (text(place.service_point.label) if place.service_point else "") or None
    at_station = meaning is not None and meaning.milestone in _AT_STATION
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=_words(event),
        carrier_code=code,
        city=_city_and_country(text(address.address_locality))[0] or None,
        facility=text(address.address_locality_servicing) or (None if at_station else label),
        station=label if at_station else None,
    )
    return Row(scan, meaning, unmapped)


def _zone(place: _Place | None) -> tzinfo:
    """The clock at the place: by the country's code, by its name behind the city, else UTC for want of another."""
    address = (place and place.address) or _Address()
    _, country = _city_and_country(text(address.address_locality))
    return zone_of(text(address.country_code)) or zone_of(country) or UTC


def _city_and_country(locality: str) -> tuple[str, str]:
    """`DUBLIN - IRELAND` in its two parts; what does not end with a country is a city as it stands."""
    city, dash, country = locality.rpartition(" - ")
    return (city.strip(), country) if dash and zone_of(country) else (locality, "")


def _words(event: _Event) -> str:
    """The description, or the sentence that stands in the status instead, and the remark."""
    sentence = text(event.status) if not _code(event.status) else ""
    said = dict.fromkeys((text(event.description) or sentence, text(event.remark)))
    return ". ".join(part for part in said if part)


def _code(printed: Loose) -> str:
    """The division's code; empty for a sentence."""
    code = text(printed)
    return code if _CODE.fullmatch(code) else ""


def _code_and_meaning(event: _Event, service: str) -> tuple[str, Meaning | None, str]:
    """The code with its namespace, what it says, and the code that our tables lack: then the word for all divisions
    counts."""
    status, detailed = _code(event.status), _code(event.status_detailed)
    for namespace in NAMESPACES.get(service, ()):
        for code in (f"{detailed}:{status}", detailed, status):
            key = f"{namespace}/{code}"
            if key in MILESTONES:
                return key, MILESTONES[key], ""
    coarse = text(event.status_code).lower()
    meaning = STATUS_CODES.get(coarse)
    if detailed or status:
        key = f"{service if service in NAMESPACES else ''}/{detailed or status}"
        return key, meaning, key
    return coarse, meaning, "" if meaning else coarse


def _turned_back(found: Track, shipment: _Shipment) -> Track:
    """On a leg that is a return, and after the parcel turned back, whoever takes it is its shipper."""
    if text(shipment.return_flag).lower() != "true":
        return signed_by_the_shipper(found)
    return replace(found, scans=tuple(_returned(scan) for scan in found.scans))


def _returned(scan: Scan) -> Scan:
    if scan.milestone not in _HANDED_OVER:
        return scan
    reasons = in_order({*scan.reasons, Reason.RETURN_TO_SENDER})
    return replace(scan, milestone=Milestone.RETURNED, reasons=reasons)


def _signed(found: Track, proof: _Proof) -> Track:
    """The name on the proof of delivery belongs to the newest line that says it was handed over."""
    handed_over = [place for place, scan in enumerate(found.scans) if scan.milestone in _HANDED_OVER]
    name = _name(proof.signed or _Somebody())
    if not handed_over or not name:
        return found
    place = handed_over[-1]
    signed = replace(found.scans[place], signed_by=name)
    return replace(found, scans=(*found.scans[:place], signed, *found.scans[place + 1 :]))


def _name(somebody: _Somebody) -> str:
    whole = f"{text(somebody.given_name)} {text(somebody.family_name)}".strip()
    return text(somebody.name) or whole or text(somebody.organization_name)


def _eta(shipment: _Shipment) -> datetime | None:
    """The estimated time, or the end of the time frame; without a zone it is the clock at the destination."""
    frame = shipment.estimated_delivery_time_frame or _TimeFrame()
    zone = _zone(shipment.destination)
    return from_local(text(shipment.estimated_time_of_delivery), zone) or from_local(
        text(frame.estimated_through), zone
    )
