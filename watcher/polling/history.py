"""Merges what a source says into what is known, and tells where the scans leave a parcel. Pure.

Scans come repeated, late, out of order, corrected and withdrawn; forward-only is wrong: a delivery can be withdrawn,
and a delivered parcel can go back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from carriers.contract import Milestone, Reason, Scan, Track
from watcher.model import History

# more than any clock in China is wrong by a time zone
_AHEAD = timedelta(hours=12)
_ENDED = frozenset(
    {Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY, Milestone.RETURNED, Milestone.CANCELLED}
)
_GOING_BACK = frozenset({Milestone.RETURNING, Milestone.RETURNED})


@dataclass(frozen=True, slots=True)
class Merge:
    """What one answer changes: lines not seen before, and the identities of lines the source no longer prints."""

    new: tuple[Scan, ...]
    withdrawn: frozenset[str]

    @property
    def changes(self) -> bool:
        """Whether anything is different after this answer."""
        return bool(self.new or self.withdrawn)

    def without(self, standing: frozenset[str]) -> "Merge":
        """The same, but these identities stand: the answer is older than they are."""
        return Merge(new=self.new, withdrawn=self.withdrawn - standing)


def merge(known: Sequence[Scan], track: Track) -> Merge:
    """Compare one answer with the standing scans.

    Only a complete answer that says something can withdraw: a source that has lost its records is not a correction.
    """
    seen = {scan.identity for scan in known}
    said = {scan.identity: scan for scan in track.scans}
    new = tuple(scan for identity, scan in said.items() if identity not in seen)
    gone = frozenset(seen - said.keys()) if track.complete and said else frozenset()
    return Merge(new=new, withdrawn=gone)


def history_of(scans: Sequence[Scan], *, now: datetime | None = None) -> History:
    """The history of standing scans, in any order; where `now` is given, as far as they can have happened.

    A line from a device whose clock is a year ahead, or a forecast, would be the last one for a year: nothing would
    stall, and no later line would count.
    """
    happened = [scan for scan in scans if now is None or scan.occurred_at <= now + _AHEAD]
    ordered = tuple(sorted(happened, key=lambda scan: scan.occurred_at))
    standing: Scan | None = None
    since: Scan | None = None
    for scan in ordered:
        if not _moves(standing, scan):
            continue
        if standing is None or scan.milestone is not standing.milestone:
            since = scan
        standing = scan
    if standing is None or since is None:
        return History(scans=ordered)
    return History(scans=ordered, milestone=standing.milestone, milestone_since=since.occurred_at)


def _moves(standing: Scan | None, scan: Scan) -> bool:
    """Whether `scan` changes where the parcel stands."""
    if scan.milestone is Milestone.UNKNOWN:
        return False
    if standing is None or standing.milestone not in _ENDED:
        return True
    # after the end only another end, or the way back, counts: the rest are late lines of the depot
    return scan.milestone in _ENDED | _GOING_BACK or Reason.RETURN_TO_SENDER in scan.reasons
