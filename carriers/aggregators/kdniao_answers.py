"""Kdniao's answers, of which pushes hold several: a success or a refusal, and the track that the lines make.

The shapes of the vendor go in; our tracks and errors come out.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from carriers.aggregators.kdniao_codes import FINAL_STATES, MILESTONES, OK, REFUSALS
from carriers.answers import Loose, decode_rows, refusal_in_words, text
from carriers.contract import Milestone, Query, Scan, Track, in_order
from carriers.errors import CarrierError, NotFoundYet, ShipmentError, UnreadableResponse
from carriers.timeline import Row, from_shanghai, track

SOURCE = "kdniao"
_OVERDUE = "412"
_AT_STATION = (Milestone.READY_FOR_PICKUP, Milestone.DELIVERED_TO_PROXY)


class Result(msgspec.Struct, rename="pascal"):
    """What is said about one number; a subscription is answered in the same shape."""

    success: Loose = None
    code: Loose = None
    reason: Loose = None
    shipper_code: Loose = None
    logistic_code: Loose = None
    state: Loose = None
    state_ex: Loose = None
    station: Loose = None
    station_tel: Loose = None
    station_add: Loose = None
    delivery_man: Loose = None
    delivery_man_tel: Loose = None
    estimated_delivery_time: Loose = None
    traces: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct, rename="pascal"):
    accept_time: Loose = None
    accept_station: Loose = None
    location: Loose = None
    action: Loose = None
    remark: Loose = None


RESULT = msgspec.json.Decoder(Result)
_LINE = msgspec.json.Decoder(_Line)


def succeeded(result: Result) -> bool:
    """Whether the source answers."""
    success, code = text(result.success).lower(), text(result.code)
    return success == "true" and code in {"", OK}


def refusal_of(result: Result, classes: Mapping[str, type[CarrierError]]) -> CarrierError:
    """The error of a result that is no success."""
    code, words = text(result.code), text(result.reason)
    return refusal_in_words(SOURCE, code, words, classes=classes, signs=REFUSALS)


def track_or_none(result: Result, query: Query) -> Track | ShipmentError:
    """The track, or "not found yet" where no lines are."""
    if not result.traces:
        return NotFoundYet(SOURCE)
    lines = decode_rows(SOURCE, result.traces, _LINE)
    found = track(query, (None if line is None else _row(line) for line in lines))
    if not found.scans:
        raise UnreadableResponse(SOURCE, detail="no line of the answer can be read")
    found = _with_station(_with_courier(_with_state(found, result), result), result)
    return replace(found, eta=from_shanghai(text(result.estimated_delivery_time)))


def _row(line: _Line) -> Row | None:
    printed, code = text(line.accept_time), text(line.action)
    occurred_at = from_shanghai(printed)
    if occurred_at is None:
        return None
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed,
        milestone=Milestone.UNKNOWN,
        text=text(line.accept_station) or text(line.remark),
        carrier_code=code,
        city=text(line.location) or None,
    )
    return Row(scan, MILESTONES.get(code), unmapped="" if code in MILESTONES else code)


def _with_state(found: Track, result: Result) -> Track:
    """The newest scan bears the parcel's state where its own code says nothing, or where the state is ahead of it."""
    told = [state for state in (text(result.state_ex), text(result.state)) if state]
    known = [state for state in told if state in MILESTONES]
    unmapped = dict.fromkeys((*found.unmapped_codes, *(told[:1] if told[:1] != known[:1] else ())))
    found = replace(found, unmapped_codes=tuple(unmapped))
    newest = found.scans[-1]
    if not known or (newest.carrier_code in MILESTONES and not _is_ahead(known[0], newest.carrier_code)):
        return found
    meaning = MILESTONES[known[0]]
    return _with(
        found,
        -1,
        carrier_code=known[0],
        milestone=meaning.milestone,
        reasons=in_order({*newest.reasons, *meaning.reasons}),
    )


def _is_ahead(state: str, code: str) -> bool:
    """Whether the parcel has come to an end, or to a finer one, that the line does not tell of."""
    if state == _OVERDUE:
        return code != _OVERDUE
    return state in FINAL_STATES and (_end(state) != _end(code) or len(code) == 1)


def _end(code: str) -> str:
    """The state that a code belongs to; a parcel that is back or cancelled is no kind of a problem, as 4 has it."""
    return code if code in FINAL_STATES and code[0] == "4" else code[0]


def _with_courier(found: Track, result: Result) -> Track:
    """The deliverer belongs to the newest line "out for delivery", or to the newest line."""
    name, phone = text(result.delivery_man) or None, text(result.delivery_man_tel) or None
    out = [i for i, scan in enumerate(found.scans) if scan.milestone is Milestone.OUT_FOR_DELIVERY]
    return _with(found, out[-1] if out else -1, courier_name=name, courier_phone=phone)


def _with_station(found: Track, result: Result) -> Track:
    """The station belongs to the newest line that leaves the parcel at one; without such a line it stands nowhere."""
    name = text(result.station) or text(result.station_add) or None
    there = [i for i, scan in enumerate(found.scans) if scan.milestone in _AT_STATION]
    if not there:
        return found
    return _with(found, there[-1], station=name, station_phone=text(result.station_tel) or None)


def _with(found: Track, place: int, **changes: Any) -> Track:
    """The track with one of its scans changed."""
    scans = list(found.scans)
    scans[place] = replace(scans[place], **changes)
    return replace(found, scans=tuple(scans))
