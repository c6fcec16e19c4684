"""Family return: the parcel goes back to the shipper, or somebody asked for it."""

from datetime import datetime

from carriers.contract import Milestone, Reason, Scan
from watcher.detection.context import Context
from watcher.detection.evidence import OVER, place_reached, reported
from watcher.model import Finding, History, NotYet, PollSummary, Rule, Shipment


def return_to_sender(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """A return was asked for or is under way. Ends when the shipper has it, it is delivered after all, or cancelled.

    A tour on the way back is the tour to the shipper, so "out for delivery" does not end it.
    """
    scan = _start(history)
    if scan is None:
        return None
    under_way = place_reached(history) is Milestone.RETURNING
    return reported(
        Rule.RETURN_TO_SENDER,
        scan,
        facts={"under_way": int(under_way)},
        level=2 if under_way else 1,
        polls=polls,
        context=context,
        now=now,
    )


def _start(history: History) -> Scan | None:
    # every line of the way back says so: the first one tells since when
    start = None
    for scan in history.scans:
        if scan.milestone in OVER:
            start = None
        elif start is None and (
            scan.milestone is Milestone.RETURNING or Reason.RETURN_TO_SENDER in scan.reasons
        ):
            start = scan
    return start
