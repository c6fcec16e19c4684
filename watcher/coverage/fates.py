"""What became of one shipment, as evidence about its carrier at that place. Pure: history in, fates out.

A parcel can have several fates: one that was refused as out of area and delivered in the end counts as both.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from carriers.contract import Milestone, Reason, Scan
from watcher.model import Fate, History

_MOVING: Final = frozenset(Milestone) - {
    Milestone.UNKNOWN,
    Milestone.PRE_TRANSIT,
    Milestone.EXCEPTION,
    Milestone.CANCELLED,
}
_DELIVERED: Final = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY})
_GOING_BACK: Final = frozenset({Milestone.RETURNING, Milestone.RETURNED})
_LIES_READY: Final = frozenset({Milestone.READY_FOR_PICKUP, Milestone.DELIVERED_TO_PROXY})
# nobody at home or no answer is an attempt too, whatever word the carrier chose
_ATTEMPTS: Final = frozenset({Reason.FAILED_ATTEMPT, Reason.RECIPIENT_UNREACHABLE})
_SAID: Final = (
    (Fate.OUT_OF_AREA, frozenset({Reason.OUT_OF_AREA})),
    (Fate.PICKUP_ONLY, frozenset({Reason.PICKUP_ONLY})),
    (Fate.FAILED_ATTEMPT, _ATTEMPTS),
    (Fate.REFUSED, frozenset({Reason.REFUSED})),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fate, when it became true, and for deliveries the days since pick-up."""

    fate: Fate
    at: datetime
    days_in_transit: float | None = None


def fates(history: History) -> tuple[Evidence, ...]:
    """All fates of a shipment, in the order of `Fate`; none before the carrier has it.

    A return counts from its start, for the freight is lost then; what is delivered after that is delivered to the
    shipper. Lines that the carrier has withdrawn are not in a history, so their fates go with them.
    """
    shipped = next((scan for scan in history.scans if scan.milestone in _MOVING), None)
    returned = next((scan for scan in history.scans if scan.milestone in _GOING_BACK), None)
    said = ((fate, _first(history, reasons)) for fate, reasons in _SAID)
    found = [Evidence(fate, scan.occurred_at) for fate, scan in said if scan]
    if shipped:
        found.append(Evidence(Fate.SHIPPED, shipped.occurred_at))
    if returned:
        found.append(Evidence(Fate.RETURNED, returned.occurred_at))
    elif shipped:
        found += _deliveries(history, shipped)
    order = list(Fate)
    return tuple(sorted(found, key=lambda evidence: order.index(evidence.fate)))


def _deliveries(history: History, shipped: Scan) -> Iterator[Evidence]:
    if history.milestone_since is None or history.milestone not in _DELIVERED:
        return
    proxy = history.milestone is Milestone.DELIVERED_TO_PROXY or _fetched(history, history.milestone_since)
    days = (history.milestone_since - shipped.occurred_at) / timedelta(days=1)
    yield Evidence(
        Fate.DELIVERED_TO_STATION if proxy else Fate.DELIVERED_TO_DOOR,
        history.milestone_since,
        days_in_transit=days,
    )


def _fetched(history: History, delivered_at: datetime) -> bool:
    """Whether the recipient came for it: it lay ready, or they were told to come, and nobody went out with it after
    that."""
    for scan in reversed(history.scans):
        if scan.occurred_at > delivered_at:
            continue
        if scan.milestone in _LIES_READY or Reason.PICKUP_ONLY in scan.reasons:
            return True
        if scan.milestone is Milestone.OUT_FOR_DELIVERY:
            return False
    return False


def _first(history: History, reasons: Collection[Reason]) -> Scan | None:
    return next((scan for scan in history.scans if set(reasons).intersection(scan.reasons)), None)
