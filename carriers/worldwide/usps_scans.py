"""What USPS tells about one number, in answers and in pushes alike: its events as rows, its promise as a moment.

Times are local and carry no zone, or a Z that is not meant; GMT, or the distance from it, stands beside most of them.
Where neither does, the clock is that of the event's state, else of its country, else that of New York.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from carriers.answers import NULL, Loose, decode_rows, text
from carriers.clocks import zone_of
from carriers.contract import Meaning, Milestone, Query, Scan, Track
from carriers.timeline import Row, from_local, track, with_detail
from carriers.worldwide.usps_codes import CATEGORY, ELSEWHERE, EVENT, MILESTONES, SOURCE, STATES

_ROUTING = re.compile(r"420\d{5}(?:\d{4})?(?=9[1-5]\d{20}$|9[1-5]\d{24}$)", re.ASCII)
_HOURS = re.compile(r"([+-]?)(\d\d):?(\d\d)", re.ASCII)
_MINUTES = re.compile(r"[+-]?\d{1,3}", re.ASCII)
_FARTHEST = timedelta(hours=15)
_CLOCK = re.compile(r"\b(\d\d?):(\d\d) ?([ap])\.?m", re.ASCII | re.IGNORECASE)
_REFINED = frozenset({"H0", "H8"})
_HERE = frozenset({"", "US", "USA", "UNITED STATES"})


class Event(msgspec.Struct, rename="camel"):
    """One line."""

    event_type: Loose = None
    event_timestamp: Loose = None
    gmt_timestamp: Loose = msgspec.field(default=None, name="GMTTimestamp")
    gmt_offset: Loose = msgspec.field(default=None, name="GMTOffset")
    event_country: Loose = None
    event_city: Loose = None
    event_state: Loose = None
    firm: Loose = None
    name: Loose = None
    authorized_agent: Loose = None
    event_code: Loose = None
    action_code: Loose = None
    reason_code: Loose = None


class Piece(msgspec.Struct, rename="camel"):
    """What is said about one number, or why nothing is. The newer version says when it shall be delivered one level
    deeper, in `delivery_date_expectation`, under the same names."""

    tracking_number: Loose = None
    status_code: Loose = None
    error: msgspec.Raw = NULL
    status_category: Loose = None
    destination_state: Loose = None
    destination_country_code: Loose = None
    end_of_day: Loose = None
    expected_delivery_time_stamp: Loose = None
    expected_delivery_date: Loose = None
    predicted_delivery_time_stamp: Loose = None
    predicted_delivery_date: Loose = None
    predicted_delivery_window_end_time: Loose = None
    guaranteed_delivery_time_stamp: Loose = None
    delivery_date_expectation: "Piece | None" = None
    tracking_events: list[msgspec.Raw] | None = None


_EVENT = msgspec.json.Decoder(Event)


def plain(number: str) -> str:
    """The number as it is asked about: without the routing code of the recipient's ZIP before it."""
    return _ROUTING.sub("", "".join(number.split()).upper())


def tracked(piece: Piece, query: Query) -> Track:
    """The track; without a scan where no event can be read."""
    events = decode_rows(SOURCE, piece.tracking_events or [], _EVENT)
    return told(piece, events, query)


def told(piece: Piece, events: Sequence[Event | None], query: Query) -> Track:
    """The track of these events; the newest says what the parcel's category does, where its own code says nothing."""
    found = track(query, [None if event is None else _row(event) for event in events])
    return replace(_with_category(found, text(piece.status_category)), eta=_eta(piece))


def _row(event: Event) -> Row | None:
    printed = text(event.event_timestamp).removesuffix("Z")
    occurred_at = _moment(event, printed)
    if occurred_at is None:
        return None
    code = text(event.event_code)
    key, meaning, unmapped = _meaning(event, code)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=printed or text(event.gmt_timestamp),
        milestone=Milestone.UNKNOWN,
        text=text(event.event_type),
        carrier_code=key.removeprefix(f"{EVENT}/"),
        city=text(event.event_city) or None,
        signed_by=_signed_by(event, meaning),
    )
    return Row(scan, meaning, unmapped=unmapped if code else "")


def _meaning(event: Event, code: str) -> tuple[str, Meaning | None, str]:
    """What the code says; what is delivered to somebody who signs for the recipient is with a proxy."""
    refined = "/".join(filter(None, map(text, (event.action_code, event.reason_code))))
    key, meaning, unmapped = with_detail(f"{EVENT}/{code}", refined if code in _REFINED else "", MILESTONES)
    by_agent = text(event.authorized_agent).lower() == "true"
    if meaning and meaning.milestone is Milestone.DELIVERED and by_agent:
        meaning = replace(meaning, milestone=Milestone.DELIVERED_TO_PROXY)
    return key, meaning, unmapped


def _signed_by(event: Event, meaning: Meaning | None) -> str | None:
    """The person, else the firm; beside a code that is no delivery they are not who signed."""
    if meaning is None or meaning.milestone not in {Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY}:
        return None
    return text(event.name) or text(event.firm) or None


def _with_category(found: Track, category: str) -> Track:
    """The newest scan says what the category says, where its own code says nothing."""
    if not found.scans or not category:
        return found
    newest = found.scans[-1]
    if f"{EVENT}/{newest.carrier_code}" in MILESTONES:
        return found
    key = f"{CATEGORY}/{category}"
    meaning = _categories().get(_loosely(key))
    if meaning is None:
        return replace(found, unmapped_codes=(*found.unmapped_codes, key[:64]))
    newest = replace(newest, milestone=meaning.milestone or newest.milestone, reasons=meaning.reasons)
    return replace(found, scans=(*found.scans[:-1], newest))


def _categories() -> Mapping[str, Meaning]:
    return {_loosely(key): meaning for key, meaning in MILESTONES.items() if key.startswith(CATEGORY)}


def _loosely(category: str) -> str:
    """In small letters, hyphens and blanks alike."""
    return " ".join(category.casefold().replace("-", " ").split())


def _moment(event: Event, printed: str) -> datetime | None:
    """GMT where it is printed; else the local time by its distance from GMT, else by the clock of the place."""
    gmt = from_local(text(event.gmt_timestamp), UTC)
    zone = _distance(text(event.gmt_offset)) or _clock(text(event.event_state), text(event.event_country))
    return gmt or from_local(printed, zone)


def _distance(printed: str) -> tzinfo | None:
    """`-06:00`, or minutes: `-420`."""
    if hours := _HOURS.fullmatch(printed):
        distance = timedelta(hours=int(hours[2]), minutes=int(hours[3])) * (-1 if hours[1] == "-" else 1)
    elif _MINUTES.fullmatch(printed):
        distance = timedelta(minutes=int(printed))
    else:
        return None
    return timezone(distance) if abs(distance) < _FARTHEST else None


def _clock(state: str, country: str) -> tzinfo:
    if country.upper() in _HERE:
        return ZoneInfo(STATES.get(state.upper(), ELSEWHERE))
    return zone_of(country) or ZoneInfo(ELSEWHERE)


def _eta(piece: Piece) -> datetime | None:
    """The first that is there of what is expected, predicted and guaranteed, on the clock of the destination."""
    zone = _clock(text(piece.destination_state), text(piece.destination_country_code))
    promises = [one for one in (piece, piece.delivery_date_expectation) if one]
    printed = [said for one in promises for said in _expected(one)]
    return next(filter(None, (from_local(said.removesuffix("Z"), zone) for said in printed)), None)


def _expected(said: Piece) -> tuple[str, ...]:
    """All that may say a day with an hour; a day alone says none."""
    return (
        text(said.expected_delivery_time_stamp),
        _at(text(said.expected_delivery_date), _hour(text(said.end_of_day))),
        text(said.predicted_delivery_time_stamp),
        _at(text(said.predicted_delivery_date), text(said.predicted_delivery_window_end_time)),
        text(said.guaranteed_delivery_time_stamp),
    )


def _at(day: str, hour: str) -> str:
    return f"{day[:10]}T{hour}" if day and hour else ""


def _hour(words: str) -> str:
    """21:00 for "by 9:00pm"."""
    said = _CLOCK.search(words)
    if said is None:
        return ""
    return f"{int(said[1]) % 12 + (12 if said[3].lower() == 'p' else 0):02d}:{said[2]}"
