"""What several rules need: does a reason still stand, has a clock run out, and how a finding is put together.

Scans, polls and thresholds come in, `Finding` or `NotYet` goes out. A clock runs out only by an answer: silence up to
the last answer is proven, silence after it is ours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from carriers.contract import SHANGHAI, Milestone, Reason, Scan
from watcher.detection.context import Context
from watcher.detection.packs import Stages
from watcher.detection.sight import ripe_look
from watcher.model import Finding, History, NotYet, PollSummary, Rule

OVER = frozenset({Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY, Milestone.RETURNED, Milestone.CANCELLED})
_TELL_NOTHING = frozenset({Milestone.UNKNOWN, Milestone.EXCEPTION})

Facts = dict[str, str | int]


def unresolved(
    history: History, reason: Reason, *, over: frozenset[Milestone] = OVER, overtaken: frozenset[Milestone]
) -> Scan | None:
    """The latest scan that gives `reason`, if it still stands.

    It does not when it, or a line after it, is in `over`, when a line after it is in `overtaken`, or when the parcel
    has come to its end (a problem printed afterwards is a late line of the depot).
    """
    if history.milestone in OVER:
        return None
    for scan in reversed(history.scans):
        if scan.milestone in over:
            return None
        if reason in scan.reasons:
            return scan
        if scan.milestone in overtaken:
            return None
    return None


def occasions(history: History, reason: Reason) -> int:
    """How many separate times `reason` was given: lines of one day with no new tour between them are one time."""
    count, day = 0, None
    for scan in history.scans:
        if reason in scan.reasons:
            today = scan.occurred_at.astimezone(SHANGHAI).date()
            count += today != day
            day = today
        elif scan.milestone is Milestone.OUT_FOR_DELIVERY:
            day = None
    return count


def place_reached(history: History) -> Milestone:
    """How far the parcel has come, whatever problem was printed there; `unknown` where only problems were printed."""
    if history.milestone is not Milestone.EXCEPTION:
        return history.milestone
    telling = (scan.milestone for scan in reversed(history.scans) if scan.milestone not in _TELL_NOTHING)
    return next(telling, Milestone.UNKNOWN)


def found(
    rule: Rule,
    since: datetime,
    *,
    facts: Facts,
    weight: int = 1,
    deadline: datetime | None = None,
    worse_at: datetime | None = None,
) -> Finding:
    """A finding whose facts also say since when, in China's time."""
    moment = since.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return Finding(
        rule=rule,
        since=since,
        facts={"since": moment, **facts},
        weight=weight,
        deadline=deadline,
        worse_at=worse_at,
    )


def facts_of(scan: Scan) -> Facts:
    """Where a scan was printed and under which code; nothing personal, and nothing that is not known."""
    said: Mapping[str, str | None] = {
        "facility": scan.facility,
        "city": scan.city,
        "carrier_code": scan.carrier_code,
    }
    return {name: value for name, value in said.items() if value}


def silence(
    rule: Rule,
    start: datetime,
    *,
    stages: Stages,
    facts: Facts,
    polls: PollSummary,
    context: Context,
    now: datetime,
) -> Finding | NotYet | None:
    """Nothing since `start` for too long, judged at the moment of the last answer.

    `hours` in the facts is the threshold that ran out, not the age, so the facts change only when it gets worse.
    """
    heard = polls.last_answered_at
    warn, red = (stages.ripe_at(start, hours=hours) for hours in (stages.warn_hours, stages.red_hours))
    if heard is None or heard < warn:
        moment = ripe_look(warn, polls, context.pack.watching, now=now)
        return None if moment is None else NotYet(moment)
    is_red = heard >= red
    return found(
        rule,
        start,
        facts={
            "hours": stages.red_hours if is_red else stages.warn_hours,
            "deadline_hours": stages.deadline_hours,
            **facts,
        },
        weight=2 if is_red else 1,
        deadline=start + timedelta(hours=stages.deadline_hours),
        worse_at=None if is_red else ripe_look(red, polls, context.pack.watching, now=now),
    )


def reported(
    rule: Rule,
    scan: Scan,
    *,
    facts: Facts | None = None,
    level: int = 1,
    polls: PollSummary,
    context: Context,
    now: datetime,
) -> Finding | NotYet:
    """A scan said it. It weighs more with every `level` (from 1), and when it is left lying."""
    limits = context.pack.reported[rule]
    due = scan.occurred_at + limits.grace
    if now < due:
        return NotYet(due)
    lying = limits.worse_at(scan.occurred_at)
    heard = polls.last_answered_at
    waited = lying is not None and heard is not None and heard >= lying
    again = None if lying is None or waited else ripe_look(lying, polls, context.pack.watching, now=now)
    left = {"waited_hours": limits.worse_after_hours} if waited and limits.worse_after_hours else {}
    return found(
        rule,
        scan.occurred_at,
        facts={**(facts or {}), **left, **facts_of(scan)},
        weight=2 * level - 1 + len(left),
        deadline=scan.occurred_at + timedelta(hours=limits.act_within_hours),
        worse_at=again,
    )
