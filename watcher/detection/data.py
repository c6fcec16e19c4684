"""Family data: we cannot look, so we cannot say."""

from datetime import datetime

from watcher.detection.context import Context
from watcher.detection.evidence import OVER, found, place_reached
from watcher.detection.sight import NO_ANSWER, lost_sight
from watcher.model import Finding, History, NotYet, PollSummary, Rule, Shipment


def cannot_watch(
    _shipment: Shipment, history: History, polls: PollSummary, context: Context, now: datetime
) -> Finding | NotYet | None:
    """The source refuses the number again and again, or has not answered for too long. Ends with the next answer.

    A parcel that has arrived, is back or was cancelled needs no watching.
    """
    watching = context.pack.watching
    blind = lost_sight(polls, watching)
    if blind is None or place_reached(history) in OVER:
        return None
    if now < blind.at:
        return NotYet(blind.at)
    facts: dict[str, str | int] = {"why": blind.why}
    if blind.why == NO_ANSWER:
        facts |= {"hours": watching.max_data_age_hours, "outcome": str(polls.last_outcome)}
    return found(Rule.CANNOT_WATCH, blind.since, facts=facts)
