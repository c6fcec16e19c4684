"""Family service_area: the carrier does not come to this door."""

from datetime import datetime

from carriers.contract import Reason
from watcher.detection.context import Context
from watcher.detection.evidence import reported, unresolved
from watcher.model import Finding, History, NotYet, PollSummary, Rule, Shipment


def out_of_area(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """The address lies outside the carrier's area. Ends when the parcel is handed over (by whomever), back or
    cancelled; lying at a station far away does not end it."""
    scan = unresolved(history, Reason.OUT_OF_AREA, overtaken=frozenset())
    if scan is None:
        return None
    return reported(Rule.OUT_OF_AREA, scan, polls=polls, context=context, now=now)


def pickup_only(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """The recipient must fetch it, because the courier does not come. Ends when it is fetched, back or cancelled."""
    scan = unresolved(history, Reason.PICKUP_ONLY, overtaken=frozenset())
    if scan is None:
        return None
    return reported(Rule.PICKUP_ONLY, scan, polls=polls, context=context, now=now)
