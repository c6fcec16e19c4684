"""What one line of UPS says, as it stands in an answer and in a push: its moment, its codes, its place.

Times are digits of a local clock; the same moment in Greenwich's time, or the distance from it, may stand beside them.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from carriers.answers import Loose, text
from carriers.contract import Milestone, Scan
from carriers.timeline import Row, from_local
from carriers.worldwide.ups_codes import CLOCKS
from carriers.worldwide.ups_levels import Levels, meaning

__all__ = ["ACTIVITY", "Activity", "Address", "Location", "Status", "clock", "country_of", "distance", "row"]

_BETWEEN = re.compile(r"[-:.\s]")
_DAY = re.compile(r"\d{8}", re.ASCII)
_TIME = re.compile(r"\d{1,6}", re.ASCII)
# with a colon in answers, with a dot in pushes
_DISTANCE = re.compile(r"([+-]?)(\d{1,2})(?:[:.]?(\d\d))?", re.ASCII)
_BY_MAIL = re.compile(r"\d{18,30}|[A-Z]{2}\d{9}US", re.ASCII)
_MOST_MINUTES = 14 * 60


class Address(msgspec.Struct, rename="camel"):
    """A place; `country` stands for `country_code` where only that is there."""

    city: Loose = None
    country: Loose = None
    country_code: Loose = None


class Location(msgspec.Struct):
    """Where a line was printed."""

    address: Address | None = None


class Status(msgspec.Struct, rename="camel"):
    """The three codes of a line, and its words."""

    type: Loose = None
    code: Loose = None
    status_code: Loose = None
    description: Loose = None
    simplified_text_description: Loose = None


class Activity(msgspec.Struct, rename="camel"):
    """One line."""

    date: Loose = None
    time: Loose = None
    gmt_date: Loose = None
    gmt_time: Loose = None
    gmt_offset: Loose = None
    location: Location | None = None
    status: Status | None = None


ACTIVITY = msgspec.json.Decoder(Activity)


def row(activity: Activity, number: str) -> Row | None:
    """The line of the parcel with this number for the timeline; None where it has no time that can be read."""
    occurred_at = _moment(activity)
    if occurred_at is None:
        return None
    status, address = activity.status or Status(), _address(activity)
    levels = Levels(
        type=text(status.type).upper(),
        code=text(status.code).upper(),
        status=_three_digits(text(status.status_code)),
        by_mail=_BY_MAIL.fullmatch(number) is not None,
    )
    said, unmapped = meaning(levels)
    scan = Scan(
        occurred_at=occurred_at,
        local_time=clock(activity.date, activity.time) or _clock_there(activity, occurred_at),
        milestone=Milestone.UNKNOWN,
        text=text(status.description) or text(status.simplified_text_description),
        carrier_code=levels.printed,
        city=text(address.city) or None,
    )
    return Row(scan, said, unmapped)


def _three_digits(code: str) -> str:
    return code.zfill(3) if code.isdecimal() else code.upper()


def clock(day: Loose, time: Loose) -> str:
    """`20260203` and `64200` as `2026-02-03 06:42:00`, whatever stands between the digits; empty if they are none."""
    digits, hours = (_BETWEEN.sub("", text(part)) for part in (day, time))
    if not _DAY.fullmatch(digits) or not _TIME.fullmatch(hours):
        return ""
    hours = hours.zfill(6)
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]} {hours[:2]}:{hours[2:4]}:{hours[4:]}"


def _moment(activity: Activity) -> datetime | None:
    """In Greenwich's time where the line says it; else on the clock of the place, as far as that is known."""
    in_greenwich = from_local(clock(activity.gmt_date, activity.gmt_time), UTC)
    return in_greenwich or from_local(clock(activity.date, activity.time), _zone(activity))


def _zone(activity: Activity) -> tzinfo:
    there = CLOCKS.get(country_of(_address(activity)))
    return _printed_distance(activity) or (ZoneInfo(there) if there else UTC)


def _printed_distance(activity: Activity) -> timezone | None:
    found = _DISTANCE.fullmatch(text(activity.gmt_offset))
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    if minutes > _MOST_MINUTES:
        return None
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def distance(activity: Activity) -> timezone | None:
    """How far the clock of the place is from Greenwich's, as printed or as the two times show; None if unknown."""
    here = from_local(clock(activity.date, activity.time), UTC)
    in_greenwich = from_local(clock(activity.gmt_date, activity.gmt_time), UTC)
    printed = _printed_distance(activity)
    if printed or here is None or in_greenwich is None:
        return printed
    ahead = here - in_greenwich
    return timezone(ahead) if abs(ahead) <= timedelta(minutes=_MOST_MINUTES) else None


def _clock_there(activity: Activity, moment: datetime) -> str:
    return moment.astimezone(_zone(activity)).strftime("%Y-%m-%d %H:%M:%S")


def _address(activity: Activity) -> Address:
    location = activity.location or Location()
    return location.address or Address()


def country_of(address: Address) -> str:
    """Two letters, or nothing."""
    return (text(address.country_code) or text(address.country)).upper()
