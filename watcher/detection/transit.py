"""Family transit: the parcel is between pickup and delivery, and nothing is printed any more."""

from datetime import datetime

from carriers.contract import Milestone
from watcher.detection.context import Context
from watcher.detection.evidence import facts_of, place_reached, silence
from watcher.model import Finding, History, NotYet, PollSummary, Rule, Shipment

# unknown and exception alone count as moving: the carrier has it, and it is not where it should be
_MOVING = frozenset(
    {
        Milestone.UNKNOWN,
        Milestone.PICKED_UP,
        Milestone.IN_TRANSIT,
        Milestone.ARRIVED_AT_DESTINATION_CITY,
        Milestone.OUT_FOR_DELIVERY,
    }
)


def stalled(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """No scan for longer than the lane allows, proven by an answer at or after that hour. Ends with any new scan.

    A parcel that was signed for, lies ready to be fetched, was cancelled or goes back is never stalled, whatever
    problem is printed afterwards.
    """
    reached = place_reached(history)
    if not history.scans or reached not in _MOVING:
        return None
    last = history.scans[-1]
    return silence(
        Rule.STALLED,
        last.occurred_at,
        stages=context.pack.stalled[context.lane],
        facts={"lane": context.lane.value, "milestone": reached.value, **facts_of(last)},
        polls=polls,
        context=context,
        now=now,
    )
