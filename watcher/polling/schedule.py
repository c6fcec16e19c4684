"""When a shipment is asked about next, and why. Pure: a plain table by stage, kept within what its source allows.

Every outcome moves the time: there is no way to ask twice because something was forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import blake2b

from carriers.contract import SHANGHAI, Milestone
from watcher.model import Box, PollOutcome, PollReason

_ENDED = {
    Milestone.DELIVERED: Box.SETTLED,
    Milestone.DELIVERED_TO_PROXY: Box.SETTLED,
    Milestone.RETURNED: Box.RETURNED,
    Milestone.CANCELLED: Box.CANCELLED,
}
_REFUSED = frozenset({PollOutcome.OWNERSHIP_REFUSED, PollOutcome.INVALID_NUMBER, PollOutcome.EXPIRED})


@dataclass(frozen=True, slots=True)
class Timetable:
    """The settings of the schedule. `intervals` by milestone; quiet hours are local to Shanghai."""

    intervals: Mapping[Milestone, timedelta]
    not_found_yet: timedelta = timedelta(hours=3)
    refused_number: timedelta = timedelta(hours=12)
    retry: timedelta = timedelta(minutes=5)
    retry_at_most: timedelta = timedelta(hours=2)
    interrupted: timedelta = timedelta(minutes=20)
    safety_net: timedelta = timedelta(hours=12)
    ask_elsewhere: timedelta = timedelta(hours=12)
    quiet_from: time = time(0, 0)
    quiet_until: time = time(6, 0)
    settle: timedelta = timedelta(hours=48)
    give_up: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known when one question has been answered, or has failed.

    `failures_in_a_row` counts this one. `progress_at` is the last scan, or the start of the watch where there is none.
    """

    tracking_number: str
    outcome: PollOutcome
    milestone: Milestone
    milestone_since: datetime | None
    progress_at: datetime
    minimum_interval: timedelta
    failures_in_a_row: int = 0
    retry_after: timedelta | None = None
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """The decision: the box, and when and why to ask again (`at` is None when never)."""

    at: datetime | None
    reason: PollReason
    box: Box = field(default=Box.WATCHING)


def first_look(tracking_number: str, *, now: datetime, spread: timedelta) -> datetime:
    """When a freshly imported shipment is asked about first: within `spread` of `now`, always the same for a number."""
    return now + spread * _share(tracking_number)


def next_poll(asked: Asked, timetable: Timetable, *, now: datetime) -> Next:
    """When to ask again after one question."""
    ended = _ended(asked, timetable, now=now)
    if ended is not None:
        return ended
    wait, reason = _wait(asked, timetable)
    at = now + wait * (0.95 + 0.1 * _share(asked.tracking_number))
    return _within_limits(at, reason, asked, timetable, now=now)


def _ended(asked: Asked, timetable: Timetable, *, now: datetime) -> Next | None:
    box = _ENDED.get(asked.milestone)
    if box is not None and asked.milestone_since is not None and asked.outcome.answered:
        if now - asked.milestone_since >= timetable.settle:
            return Next(None, PollReason.SETTLING, box)
        return None
    # a source that is down for long must not make us give up
    looked = asked.outcome.answered or asked.outcome in _REFUSED
    if looked and now - asked.progress_at >= timetable.give_up:
        return Next(None, PollReason.STAGE_INTERVAL, Box.GIVEN_UP)
    return None


def _wait(asked: Asked, timetable: Timetable) -> tuple[timedelta, PollReason]:
    return _after_answer(asked, timetable) if asked.outcome.answered else _after_failure(asked, timetable)


def _after_failure(asked: Asked, timetable: Timetable) -> tuple[timedelta, PollReason]:
    if asked.retry_after is not None:
        return min(asked.retry_after, timetable.retry_at_most), PollReason.RETRY_AFTER
    if asked.outcome in _REFUSED:
        return timetable.refused_number, PollReason.REFUSED_NUMBER
    doubled = timetable.retry * (1 << min(max(asked.failures_in_a_row - 1, 0), 10))
    return min(doubled, timetable.retry_at_most), PollReason.RETRY


def _after_answer(asked: Asked, timetable: Timetable) -> tuple[timedelta, PollReason]:
    if asked.milestone in _ENDED:
        return timetable.intervals[asked.milestone], PollReason.SETTLING
    if asked.pushed:
        return timetable.safety_net, PollReason.SAFETY_NET
    if asked.outcome is PollOutcome.NOT_FOUND_YET:
        return timetable.not_found_yet, PollReason.NOT_FOUND_YET
    return timetable.intervals[asked.milestone], PollReason.STAGE_INTERVAL


def _within_limits(
    at: datetime, reason: PollReason, asked: Asked, timetable: Timetable, *, now: datetime
) -> Next:
    earliest = now + asked.minimum_interval
    if at < earliest:
        at, reason = earliest, PollReason.MINIMUM_INTERVAL
    woken = _after_quiet_hours(at, timetable, asked.tracking_number)
    return Next(at, reason) if woken == at else Next(woken, PollReason.QUIET_HOURS)


def _after_quiet_hours(at: datetime, timetable: Timetable, tracking_number: str) -> datetime:
    """`at`, or when it falls into the quiet hours a moment after them, spread over half an hour."""
    local = at.astimezone(SHANGHAI)
    if not _is_quiet(local.time(), timetable):
        return at
    morning = datetime.combine(local.date(), timetable.quiet_until, SHANGHAI)
    if morning <= local:
        morning += timedelta(days=1)
    return (morning + timedelta(minutes=30) * _share(tracking_number)).astimezone(at.tzinfo)


def _is_quiet(local: time, timetable: Timetable) -> bool:
    start, end = timetable.quiet_from, timetable.quiet_until
    if start <= end:
        return start <= local < end
    return local >= start or local < end


def _share(tracking_number: str) -> float:
    """A fixed number in [0, 1) that spreads parcels evenly."""
    return int.from_bytes(blake2b(tracking_number.encode(), digest_size=4).digest(), "big") / 2**32
