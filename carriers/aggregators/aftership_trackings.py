"""What AfterShip knows of one number: a tracking with its checkpoints, put in order, with the parcel's state.

Times of checkpoints come with an offset, or without one as the clock of the place, whose country stands beside them;
without a country they are of China for carriers of China, else taken for UTC.
"""

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import msgspec

from carriers.aggregators.aftership_codes import ABROAD, COUNTRIES, ENDS, MILESTONES
from carriers.answers import Loose, decode_rows, text
from carriers.clocks import zone_of
from carriers.contract import SHANGHAI, Meaning, Milestone, Query, Scan, Track
from carriers.errors import NotFoundYet, ShipmentError, UnreadableResponse
from carriers.timeline import Row, from_local, signed_by_the_shipper, track, with_state

__all__ = ["Tracking", "out_of_shape", "track_of"]

_SOURCE = "aftership"
_LONGEST_CODE = 64
_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})


class _Checkpoint(msgspec.Struct):
    checkpoint_time: Loose = None
    message: Loose = None
    subtag_message: Loose = None
    tag: Loose = None
    subtag: Loose = None
    location: Loose = None
    city: Loose = None
    country_region: Loose = None
    country_region_name: Loose = None


class _LatestEstimate(msgspec.Struct):
    datetime: Loose = None
    datetime_max: Loose = None


class _CourierEstimate(msgspec.Struct):
    estimated_delivery_date: Loose = None
    estimated_delivery_date_max: Loose = None


class _LastMile(msgspec.Struct):
    tracking_number: Loose = None


class Tracking(msgspec.Struct):
    """All that is known of one number."""

    tracking_number: Loose = None
    slug: Loose = None
    active: Loose = None
    tag: Loose = None
    subtag: Loose = None
    signed_by: Loose = None
    destination_country_region: Loose = None
    latest_estimated_delivery: _LatestEstimate | None = None
    courier_estimated_delivery_date: _CourierEstimate | None = None
    last_mile: _LastMile | None = None
    checkpoints: list[msgspec.Raw] | None = None


_CHECKPOINT = msgspec.json.Decoder(_Checkpoint)


def track_of(tracking: Tracking, query: Query) -> Track | ShipmentError | UnreadableResponse:
    """The track, or "nothing yet" where no checkpoints are."""
    if not tracking.checkpoints:
        return NotFoundYet(_SOURCE)
    checkpoints = decode_rows(_SOURCE, tracking.checkpoints, _CHECKPOINT)
    home = UTC if query.carrier in ABROAD else SHANGHAI
    found = track(query, (None if one is None else _row(one, home) for one in checkpoints))
    if not found.scans:
        return out_of_shape()
    found = _with_state(found, text(tracking.subtag) or text(tracking.tag))
    found = _with_signer(signed_by_the_shipper(found), text(tracking.signed_by))
    return replace(found, eta=_eta(tracking, home), new_tracking_number=_new_number(tracking, query))


def out_of_shape() -> UnreadableResponse:
    """For a number whose neighbours can be read."""
    return UnreadableResponse(_SOURCE, detail="what is said about this number has not the shape we know")


def _row(checkpoint: _Checkpoint, home: tzinfo) -> Row | None:
    printed = text(checkpoint.checkpoint_time)
    here = zone_of(text(checkpoint.country_region_name)) or _zone(text(checkpoint.country_region)) or home
    occurred_at = from_local(printed, here)
    if occurred_at is None:
        return None
    code = text(checkpoint.subtag) or text(checkpoint.tag)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(checkpoint.message) or text(checkpoint.subtag_message),
        carrier_code=code,
        city=text(checkpoint.city) or text(checkpoint.location) or None,
    )
    meaning = _meaning(code) or _meaning(text(checkpoint.tag))
    return Row(scan, meaning, unmapped="" if code in MILESTONES else code)


def _zone(country: str) -> tzinfo | None:
    return zone_of(COUNTRIES.get(country, ""))


def _meaning(code: str) -> Meaning | None:
    return MILESTONES.get(code) or MILESTONES.get(code.partition("_")[0])


def _with_state(found: Track, state: str) -> Track:
    """The newest scan bears the parcel's state where its own code says nothing, or less than the parcel's end."""
    newest = found.scans[-1]
    if not state or (_says_something(newest) and not _is_ahead(state, newest)):
        return found
    if state not in MILESTONES and state not in found.unmapped_codes:
        found = replace(found, unmapped_codes=(*found.unmapped_codes, state[:_LONGEST_CODE]))
    return with_state(found, state, _meaning(state) or Meaning(Milestone.UNKNOWN))


def _says_something(scan: Scan) -> bool:
    return scan.milestone is not Milestone.UNKNOWN or scan.carrier_code in MILESTONES


def _is_ahead(state: str, newest: Scan) -> bool:
    """Whether the parcel has come to an end that the checkpoint does not tell of."""
    if state not in ENDS or MILESTONES[state] == _meaning(newest.carrier_code):
        return False
    return not {MILESTONES[state].milestone, newest.milestone} <= _SIGNED


def _with_signer(found: Track, signed_by: str) -> Track:
    """Whoever signed did so at the newest checkpoint, if that says so."""
    newest = found.scans[-1]
    if not signed_by or newest.milestone not in _SIGNED | {Milestone.RETURNED}:
        return found
    return replace(found, scans=(*found.scans[:-1], replace(newest, signed_by=signed_by)))


def _eta(tracking: Tracking, home: tzinfo) -> datetime | None:
    """The end of the newest estimate, else of the carrier's; without an offset it is of the recipient's clock."""
    latest = tracking.latest_estimated_delivery or _LatestEstimate()
    courier = tracking.courier_estimated_delivery_date or _CourierEstimate()
    zone = _zone(text(tracking.destination_country_region)) or home
    told = (
        latest.datetime_max,
        latest.datetime,
        courier.estimated_delivery_date_max,
        courier.estimated_delivery_date,
    )
    return next((moment for one in told if (moment := from_local(text(one), zone))), None)


def _new_number(tracking: Tracking, query: Query) -> str | None:
    number = text(tracking.last_mile.tracking_number) if tracking.last_mile else ""
    return number if number and number.upper() != query.tracking_number.upper() else None
