"""What FedEx says about one number, as it stands in an answer and in a push: a track is made of it.

A scan has an eventType, which is what happened, and often an exceptionCode, which is why; what is said of the whole
parcel (reason, delay, promise, signer, place of pickup) belongs to its newest scan of that kind.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from carriers.answers import Loose, decode_rows, text
from carriers.contract import Meaning, Milestone, Query, Reason, Scan, Track
from carriers.timeline import Row, from_offset, signed_by_the_shipper, track
from carriers.worldwide.fedex_codes import BEFORE_THE_PICKUP, DECIDED_BY_THE_EVENT, GOES_ON, MILESTONES

__all__ = ["RESULT", "Result", "error_code", "event_types", "track_of"]

_SOURCE = "fedex"
_TWO_DIGITS = re.compile(r"\d\d", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9]{8,40}", re.ASCII)
# Both are known from clients of the vendor's older interface, the first from answers of this one, too.
_NEW_NUMBERS = ("RETURNED_TO_SHIPPER_TRACKING_NUMBER", "REROUTE_TRACKING_NUMBER")
_CALLED_EXCEPTION = ("DE", "SE")
_SIGNED = frozenset({Milestone.DELIVERED, Milestone.RETURNED})
_HELD = frozenset({Milestone.READY_FOR_PICKUP})


class _NumberInfo(msgspec.Struct, rename="camel"):
    tracking_number: Loose = None


class _Error(msgspec.Struct):
    code: Loose = None


class _Ancillary(msgspec.Struct):
    reason: Loose = None


class _Delay(msgspec.Struct):
    type: Loose = None
    status: Loose = None


class _Latest(msgspec.Struct, rename="camel"):
    code: Loose = None
    ancillary_details: list[_Ancillary] | None = None
    delay_detail: _Delay | None = None


class _Moment(msgspec.Struct, rename="camel"):
    type: Loose = None
    date_time: Loose = None


class _Delivery(msgspec.Struct, rename="camel"):
    signed_by_name: Loose = None
    received_by_name: Loose = None


class _Window(msgspec.Struct):
    ends: Loose = None


class _TimeWindow(msgspec.Struct):
    window: _Window | None = None


class _Commitment(msgspec.Struct):
    type: Loose = None


class _Contact(msgspec.Struct, rename="camel"):
    company_name: Loose = None
    phone_number: Loose = None


class _ContactAndAddress(msgspec.Struct):
    contact: _Contact | None = None


class _Hold(msgspec.Struct, rename="camel"):
    location_contact_and_address: _ContactAndAddress | None = None


class _Identifier(msgspec.Struct):
    type: Loose = None
    values: list[Loose] | None = None


class _Additional(msgspec.Struct, rename="camel"):
    package_identifiers: list[_Identifier] | None = None


class _Place(msgspec.Struct):
    city: Loose = None


class _Event(msgspec.Struct, rename="camel"):
    date: Loose = None
    event_type: Loose = None
    event_description: Loose = None
    exception_code: Loose = None
    exception_description: Loose = None
    location_id: Loose = None
    scan_location: _Place | None = None


class Result(msgspec.Struct, rename="camel"):
    """All that is said of one shipment."""

    tracking_number_info: _NumberInfo | None = None
    additional_tracking_info: _Additional | None = None
    latest_status_detail: _Latest | None = None
    date_and_times: list[_Moment] | None = None
    delivery_details: _Delivery | None = None
    service_commit_message: _Commitment | None = None
    estimated_delivery_time_window: _TimeWindow | None = None
    hold_at_location: _Hold | None = None
    scan_events: list[msgspec.Raw] | None = None
    error: _Error | None = None


RESULT = msgspec.json.Decoder(Result)
_EVENT = msgspec.json.Decoder(_Event)


def error_code(result: Result) -> str:
    """Why nothing is said about the number; empty where something is."""
    return text(result.error.code) if result.error else ""


def event_types(result: Result) -> Iterator[str]:
    """The eventTypes of all scans that can be read."""
    return (
        text(event.event_type) for event in decode_rows(_SOURCE, result.scan_events or (), _EVENT) if event
    )


def track_of(query: Query, result: Result) -> Track | None:
    """The track; None where no scan can be read."""
    events = decode_rows(_SOURCE, result.scan_events or (), _EVENT)
    found = track(query, (None if event is None else _row(event) for event in events))
    if not found.scans:
        return None
    found = signed_by_the_shipper(_with_state(found, result))
    delivery, contact = result.delivery_details or _Delivery(), _hold_contact(result)
    signer = text(delivery.signed_by_name) or text(delivery.received_by_name)
    found = _with_newest(found, _SIGNED, {"signed_by": signer or None})
    held = {
        "station": text(contact.company_name) or None,
        "station_phone": text(contact.phone_number) or None,
    }
    return replace(
        _with_newest(found, _HELD, held), eta=_eta(result), new_tracking_number=_new_number(result, query)
    )


def _row(event: _Event) -> Row | None:
    printed = text(event.date)
    occurred_at = from_offset(printed)
    if occurred_at is None:
        return None
    code, unmapped = _code(event)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=_words(event),
        carrier_code=code,
        city=text((event.scan_location or _Place()).city) or None,
        facility=text(event.location_id) or None,
    )
    return Row(scan, MILESTONES.get(code), unmapped)


def _words(event: _Event) -> str:
    """What happened, and why; where the event is only called an exception, why."""
    what, why = text(event.event_description), text(event.exception_description)
    told = (why,) if why and text(event.event_type) in _CALLED_EXCEPTION else (what, why)
    return ": ".join(word for word in dict.fromkeys(told) if word)


def _code(event: _Event) -> tuple[str, str]:
    """The key of the code that decides what the scan says, and of one that our tables lack."""
    kind, exception = text(event.event_type), text(event.exception_code)
    by_event = f"status/{kind}" if kind else ""
    if exception and kind not in DECIDED_BY_THE_EVENT:
        key = _exception(exception, kind)
        return key or by_event, "" if key else f"exception/{exception}"
    return by_event, by_event if by_event and by_event not in MILESTONES else ""


def _exception(code: str, kind: str) -> str:
    """The key of an exceptionCode; zeros count, `007` (Ground) and `07` (Express) are two codes."""
    return next((key for each in _lists(code, kind) if (key := f"{each}/{code}") in MILESTONES), "")


def _lists(code: str, kind: str) -> tuple[str, ...]:
    """The lists that can hold an exceptionCode, the surest first."""
    if kind in BEFORE_THE_PICKUP:
        return "pux", "exception_sample"
    return ("exception_sample", "dex", "stat") if _TWO_DIGITS.fullmatch(code) else ("exception_sample",)


def _with_state(found: Track, result: Result) -> Track:
    """The newest scan bears what is said of the whole parcel where no exceptionCode says why."""
    newest, latest = found.scans[-1], result.latest_status_detail or _Latest()
    namespace, _, kind = newest.carrier_code.partition("/")
    if namespace not in {"", "status"} or kind in DECIDED_BY_THE_EVENT:
        return found
    reason = _ancillary_reason(latest, kind)
    if reason:
        return _with_last(found, _bearing(newest, reason, MILESTONES[reason]))
    delayed = _delay(latest)
    if delayed and delayed not in MILESTONES:
        return replace(found, unmapped_codes=(*found.unmapped_codes, delayed))
    if delayed:
        return _with_last(found, _delayed(newest, delayed, MILESTONES[delayed]))
    message = f"commit_message/{text((result.service_commit_message or _Commitment()).type)}"
    if message in MILESTONES and not _says_something(newest):
        return _with_last(found, _bearing(newest, message, MILESTONES[message]))
    return found


def _with_last(found: Track, scan: Scan) -> Track:
    return replace(found, scans=(*found.scans[:-1], scan))


def _bearing(scan: Scan, code: str, meaning: Meaning) -> Scan:
    milestone = meaning.milestone or scan.milestone
    return replace(scan, carrier_code=code, milestone=milestone, reasons=meaning.reasons)


def _says_something(scan: Scan) -> bool:
    meaning = MILESTONES.get(scan.carrier_code)
    return meaning is not None and meaning.milestone is not None


def _ancillary_reason(latest: _Latest, kind: str) -> str:
    """The reason beside the latest status, if that status is the newest scan's."""
    if not kind or text(latest.code) != kind:
        return ""
    reasons = (text(detail.reason) for detail in latest.ancillary_details or ())
    return next((key for reason in reasons if reason and (key := _exception(reason, kind))), "")


def _delay(latest: _Latest) -> str:
    delay = latest.delay_detail or _Delay()
    kind = text(delay.type)
    return f"delay_type/{kind}" if kind and text(delay.status) == "DELAYED" else ""


def _delayed(scan: Scan, code: str, meaning: Meaning) -> Scan:
    """A scan that says nothing bears the delay; one on its way bears its reason, unless it has a weightier one."""
    if not _says_something(scan):
        return _bearing(scan, code, meaning)
    if scan.milestone not in GOES_ON or set(scan.reasons) - {Reason.DELAYED_TRANSIT}:
        return scan
    return replace(
        scan, carrier_code=f"{scan.carrier_code}+{code.partition('/')[2]}", reasons=meaning.reasons
    )


def _with_newest(found: Track, milestones: Iterable[Milestone], fields: Mapping[str, Any]) -> Track:
    """The newest scan with one of the milestones has these fields."""
    places = [place for place, scan in enumerate(found.scans) if scan.milestone in set(milestones)]
    if not places:
        return found
    scans = list(found.scans)
    scans[places[-1]] = replace(scans[places[-1]], **fields)
    return replace(found, scans=tuple(scans))


def _hold_contact(result: Result) -> _Contact:
    place = (result.hold_at_location or _Hold()).location_contact_and_address or _ContactAndAddress()
    return place.contact or _Contact()


def _eta(result: Result) -> datetime | None:
    """The end of the window, else the estimate; a bare date is no moment."""
    window = (result.estimated_delivery_time_window or _TimeWindow()).window or _Window()
    estimates = (
        text(one.date_time) for one in result.date_and_times or () if text(one.type) == "ESTIMATED_DELIVERY"
    )
    return from_offset(text(window.ends)) or from_offset(next(estimates, ""))


def _new_number(result: Result, query: Query) -> str | None:
    """The number under which the parcel goes back, else on."""
    told = (result.additional_tracking_info or _Additional()).package_identifiers or ()
    for wanted in _NEW_NUMBERS:
        for identifier in told:
            if text(identifier.type) == wanted:
                for value in map(text, identifier.values or ()):
                    if _NUMBER.fullmatch(value) and value != query.tracking_number:
                        return value
    return None
