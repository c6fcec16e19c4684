"""What 17TRACK knows of one number: the lines of every carrier on the way, put in one order, with the parcel's state.

Times come in UTC and with the offset of the place; those that come only as printed, without a zone, are of the country
of the scan or of its carrier, else taken for UTC.
"""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import msgspec

from carriers.aggregators.seventeentrack_codes import ENDS, MILESTONES
from carriers.answers import NULL, Loose, decode_rows, is_null, text
from carriers.clocks import zone_of
from carriers.contract import Meaning, Milestone, Query, Scan, Track
from carriers.errors import InvalidNumber, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.timeline import Row, from_local, signed_by_the_shipper, track, with_state

__all__ = ["TrackInfo", "out_of_shape", "track_of"]

_SOURCE = "seventeentrack"
_INVALID = "NotFound_InvalidCode"
_LONGEST_CODE = 64


class _Address(msgspec.Struct):
    country: Loose = None
    city: Loose = None


class _RawTime(msgspec.Struct):
    date: Loose = None
    time: Loose = None
    timezone: Loose = None


class _Event(msgspec.Struct):
    time_iso: Loose = None
    time_utc: Loose = None
    time_raw: _RawTime | None = None
    description: Loose = None
    description_translation: Loose = None
    location: Loose = None
    stage: Loose = None
    sub_status: Loose = None
    address: _Address | None = None


class _Provider(msgspec.Struct):
    country: Loose = None


class _Told(msgspec.Struct):
    """What one carrier on the way has told."""

    provider: _Provider | None = None
    events: list[msgspec.Raw] | None = None


class _Tracking(msgspec.Struct):
    providers: list[_Told] | None = None


class _Status(msgspec.Struct):
    status: Loose = None
    sub_status: Loose = None


class _Estimate(msgspec.Struct):
    from_: Loose = msgspec.field(default=None, name="from")
    to: Loose = None


class _Metrics(msgspec.Struct):
    estimated_delivery_date: _Estimate | None = None


class _Shipping(msgspec.Struct):
    recipient_address: _Address | None = None


class _Misc(msgspec.Struct):
    local_number: Loose = None


class TrackInfo(msgspec.Struct):
    """All that is known of one number."""

    shipping_info: _Shipping | None = None
    latest_status: _Status | None = None
    latest_event: msgspec.Raw = NULL
    time_metrics: _Metrics | None = None
    misc_info: _Misc | None = None
    tracking: _Tracking | None = None


_EVENT = msgspec.json.Decoder(_Event)


def track_of(info: TrackInfo, query: Query) -> Track | ShipmentError | UnreadableResponse:
    """The track; "nothing yet", or a number that is none, where no lines are."""
    rows = _rows(info)
    if not rows:
        return InvalidNumber(_SOURCE) if _state(info) == _INVALID else NotFoundYet(_SOURCE)
    found = track(query, rows)
    if not found.scans:
        return out_of_shape()
    found = signed_by_the_shipper(_with_state(found, _state(info)))
    return replace(found, eta=_eta(info), new_tracking_number=_new_number(info, query))


def _rows(info: TrackInfo) -> list[Row | None]:
    """All lines of all carriers on the way in one order, none twice."""
    told: list[Row | None] = []
    for one in (info.tracking and info.tracking.providers) or ():
        # Newest first: of two lines of one moment the later one happened first.
        events = decode_rows(_SOURCE, one.events or (), _EVENT)
        told += [_row(event, one.provider or _Provider()) for event in reversed(events)]
    if not told and not is_null(info.latest_event):
        latest = decode_rows(_SOURCE, [info.latest_event], _EVENT)
        told = [_row(event, _Provider()) for event in latest]
    known = dict.fromkeys(row for row in told if row is not None)
    return [*sorted(known, key=lambda row: row.scan.occurred_at), *([None] if None in told else [])]


def _row(event: _Event | None, provider: _Provider) -> Row | None:
    if event is None:
        return None
    address = event.address or _Address()
    zone = zone_of(text(address.country)) or zone_of(text(provider.country)) or UTC
    moments = _moments(event, zone)
    if not moments:
        return None
    occurred_at, _ = moments[0]
    code = text(event.sub_status) or text(event.stage)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=moments[-1][1],
        milestone=Milestone.UNKNOWN,
        text=text(event.description) or text(event.description_translation),
        carrier_code=code,
        city=text(address.city) or text(event.location) or None,
    )
    return Row(scan, _meaning(code), unmapped="" if code in MILESTONES else code)


def _moments(event: _Event, zone: tzinfo) -> list[tuple[datetime, str]]:
    """The moment as far as it is told in UTC, with an offset, and as printed: in this order, each with its text."""
    raw = event.time_raw or _RawTime()
    clock = f"{text(raw.date)} {text(raw.time)}"
    told = (
        (text(event.time_utc), text(event.time_utc), UTC),
        (text(event.time_iso), text(event.time_iso), zone),
        (clock + text(raw.timezone), clock, zone),
    )
    return [(moment, printed) for whole, printed, clock_of in told if (moment := from_local(whole, clock_of))]


def _meaning(code: str) -> Meaning | None:
    return MILESTONES.get(code) or MILESTONES.get(code.partition("_")[0])


def _state(info: TrackInfo) -> str:
    latest = info.latest_status or _Status()
    return text(latest.sub_status) or text(latest.status)


def _with_state(found: Track, state: str) -> Track:
    """The newest scan bears the parcel's state where its own code says nothing, or less than the parcel's end."""
    newest = found.scans[-1]
    says = _meaning(newest.carrier_code)
    if not state or (says and not (state in ENDS and MILESTONES[state] != says)):
        return found
    if state not in MILESTONES and state not in found.unmapped_codes:
        found = replace(found, unmapped_codes=(*found.unmapped_codes, state[:_LONGEST_CODE]))
    return with_state(found, state, _meaning(state) or Meaning(Milestone.UNKNOWN))


def _eta(info: TrackInfo) -> datetime | None:
    """The end of the estimate; without an offset it is of the recipient's clock."""
    estimate = (info.time_metrics and info.time_metrics.estimated_delivery_date) or _Estimate()
    recipient = (info.shipping_info and info.shipping_info.recipient_address) or _Address()
    zone = zone_of(text(recipient.country)) or UTC
    return from_local(text(estimate.to), zone) or from_local(text(estimate.from_), zone)


def _new_number(info: TrackInfo, query: Query) -> str | None:
    number = text(info.misc_info.local_number) if info.misc_info else ""
    return number if number and number.upper() != query.tracking_number.upper() else None


def out_of_shape() -> UnreadableResponse:
    """For a number whose neighbours can be read."""
    return UnreadableResponse(_SOURCE, detail="what is said about this number has not the shape we know")
