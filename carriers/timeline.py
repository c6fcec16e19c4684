"""From the rows of an answer to a track: times are read, rows put in order, codes turned into milestones.

An adapter hands over one `Row` for each line the carrier printed; a `Track` with its scans oldest first comes out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from carriers.contract import SHANGHAI, Meaning, Milestone, Query, Scan, Track, in_order

UNREADABLE_ROW = "(row without a readable time)"
"""Stands in `Track.unmapped_codes` for rows that had to be left out; such a track is not complete."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# a zero, seconds for milliseconds, a year typed wrong: better no time than a line that is the first or last for ever
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST_CODE = 64
_SIGNED = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_WITH_HOURS = len("2026-01-10 18")


@dataclass(frozen=True, slots=True)
class Row:
    """A scan that has no milestone yet, and what its code says; None where our tables do not hold the code.

    `unmapped` names a code that shall be shown to the operator.
    """

    scan: Scan
    meaning: Meaning | None
    unmapped: str = ""


def from_shanghai(printed: str) -> datetime | None:
    """`2026-01-10 18:20:11`, printed without a zone in China, as UTC; None when it is no date with an hour,
    or of no time in which parcels were tracked."""
    return from_local(printed, SHANGHAI)


def from_local(printed: str, zone: tzinfo) -> datetime | None:
    """What a clock in this zone showed, as UTC; a zone that is printed along counts instead. None as above."""
    if len(printed) < _WITH_HOURS:
        return None
    try:
        moment = datetime.fromisoformat(printed)
        return _plausible((moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def from_offset(printed: str) -> datetime | None:
    """`2026-02-03T11:12:00-06:00`, printed with its distance from UTC or with Z, as UTC; None when either is missing,
    or of no time in which parcels were tracked."""
    try:
        moment = datetime.fromisoformat(printed)
        return _plausible(moment.astimezone(UTC)) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def from_epoch(milliseconds: str) -> datetime | None:
    """Milliseconds since 1970 as UTC; None when it is no number, or of no time in which parcels were tracked."""
    try:
        return _plausible(_EPOCH + timedelta(milliseconds=int(milliseconds)))
    except (ValueError, OverflowError):
        return None


def city_of(area: str) -> str | None:
    """The second part of "province,city,district", else the first; None where there is none."""
    parts = [part.strip() for part in area.split(",") if part.strip()]
    return next(iter(parts[1:2] or parts[:1]), None)


def with_detail(code: str, detail: str, meanings: Mapping[str, Meaning]) -> tuple[str, Meaning | None, str]:
    """The code with its detail (`退件/5`) where a table holds the two, else the code alone; what it says; and what the
    table lacks."""
    pair = f"{code}/{detail}"
    if detail and pair in meanings:
        return pair, meanings[pair], ""
    meaning = meanings.get(code)
    if meaning is None:
        return code, None, code
    return code, meaning, pair if detail else ""


def _plausible(moment: datetime) -> datetime | None:
    return moment if _FIRST <= moment < _LAST else None


def as_printed(moment: datetime) -> str:
    """The moment as a Chinese carrier would print it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def track(query: Query, rows: Iterable[Row | None]) -> Track:
    """The answer to `query`; None among the rows is one that could not be read and is left out."""
    told = list(rows)
    read = [row for row in told if row]
    complete = len(read) == len(told)
    unmapped = {row.unmapped[:_LONGEST_CODE]: None for row in read if row.unmapped}
    return Track(
        carrier=query.carrier,
        tracking_number=query.tracking_number,
        scans=_with_milestones(_oldest_first(read)),
        complete=complete,
        unmapped_codes=(*unmapped, *(() if complete else (UNREADABLE_ROW,))),
    )


def signed_by_the_shipper(found: Track, *, called_off_by: Collection[str] = ()) -> Track:
    """The track in which whoever signs after the parcel turned back is its shipper, for sources that print one code for
    both signatures. A scan whose code is in `called_off_by` calls the return off."""
    turned, scans = False, []
    for scan in found.scans:
        turned = turned and scan.carrier_code not in called_off_by
        back = turned and scan.milestone in _SIGNED
        scans.append(replace(scan, milestone=Milestone.RETURNED) if back else scan)
        turned = turned or scan.milestone is Milestone.RETURNING
    return replace(found, scans=tuple(scans))


def with_state(found: Track, code: str, meaning: Meaning) -> Track:
    """The track whose newest scan bears the state of the whole parcel, with its own reasons beside that state's."""
    newest = found.scans[-1]
    bearing = replace(
        newest,
        carrier_code=code,
        milestone=meaning.milestone or newest.milestone,
        reasons=in_order({*newest.reasons, *meaning.reasons}),
    )
    return replace(found, scans=(*found.scans[:-1], bearing))


def _oldest_first(rows: Sequence[Row]) -> list[Row]:
    """By time; rows of the same second stay in the order they happened, which a newest-first list reverses."""
    newest_first = bool(rows) and rows[0].scan.occurred_at > rows[-1].scan.occurred_at
    return sorted(reversed(rows) if newest_first else rows, key=lambda row: row.scan.occurred_at)


def _with_milestones(rows: Iterable[Row]) -> tuple[Scan, ...]:
    """A code that keeps the milestone takes it from the last row that had one."""
    scans: list[Scan] = []
    last = Milestone.UNKNOWN
    for row in rows:
        meaning = row.meaning or Meaning(Milestone.UNKNOWN)
        milestone = meaning.milestone or last
        last = last if milestone is Milestone.UNKNOWN else milestone
        scans.append(replace(row.scan, milestone=milestone, reasons=meaning.reasons))
    return tuple(scans)
