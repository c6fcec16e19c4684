"""Family last_mile: the courier was at the door, or called, and came back with the parcel."""

from datetime import datetime

from carriers.contract import Milestone, Reason, Scan
from watcher.detection.context import Context
from watcher.detection.evidence import OVER, occasions, reported, unresolved
from watcher.model import Finding, History, NotYet, PollSummary, Rule, Shipment

_HANDED_OVER = OVER | {Milestone.READY_FOR_PICKUP}
# what a person must settle, and no rule of its own tells; a wish of the recipient and bad weather are no such thing
_NOBODY_ELSE_SPEAKS = frozenset(
    {Reason.BAD_ADDRESS, Reason.BAD_PHONE, Reason.DAMAGED, Reason.LOST, Reason.COD_PROBLEM}
)
_ON_THE_ROAD_AGAIN = frozenset({Milestone.OUT_FOR_DELIVERY})


def failed_attempt(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """An attempt failed. Ends when the courier sets out again (nothing to do now), when the parcel is handed over or
    lies ready to be fetched, when it is back or cancelled. A new failure after that is a new episode.

    A problem on the courier's road for which no other rule speaks is one too, explained or not: the parcel was not
    handed over.
    """
    said = _attempt(Rule.FAILED_ATTEMPT, Reason.FAILED_ATTEMPT, history, polls, context, now)
    scan = None if said else _unspoken(history)
    if scan is None:
        return said
    return reported(Rule.FAILED_ATTEMPT, scan, facts={"attempts": 1}, polls=polls, context=context, now=now)


def recipient_unreachable(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """Nobody answered the phone or the door. Ends like a failed attempt."""
    return _attempt(Rule.RECIPIENT_UNREACHABLE, Reason.RECIPIENT_UNREACHABLE, history, polls, context, now)


def refused(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """The recipient refused it. Ends when it is delivered after all, back at the shipper, or cancelled; a new tour or
    a locker does not unsay it. The way back is a finding of its own."""
    scan = unresolved(history, Reason.REFUSED, overtaken=frozenset())
    if scan is None:
        return None
    return reported(Rule.REFUSED, scan, polls=polls, context=context, now=now)


def _unspoken(history: History) -> Scan | None:
    """The last line, where nothing but problems came since the courier set out, and it gives no reason or one of
    `_NOBODY_ELSE_SPEAKS`."""
    if history.milestone in OVER:
        return None
    telling = [scan for scan in reversed(history.scans) if scan.milestone is not Milestone.UNKNOWN]
    before = next((scan for scan in telling if scan.milestone is not Milestone.EXCEPTION), None)
    if before is None or before is telling[0] or before.milestone is not Milestone.OUT_FOR_DELIVERY:
        return None
    last = telling[0]
    return last if not last.reasons or _NOBODY_ELSE_SPEAKS.intersection(last.reasons) else None


def _attempt(  # noqa: PLR0917 - the arguments of a rule, in their order
    rule: Rule, reason: Reason, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    scan = unresolved(history, reason, over=_HANDED_OVER, overtaken=_ON_THE_ROAD_AGAIN)
    if scan is None:
        return None
    times = occasions(history, reason)
    return reported(rule, scan, facts={"attempts": times}, level=times, polls=polls, context=context, now=now)
