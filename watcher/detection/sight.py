"""Blind or stalled? Whether what we heard last still says something about now. Pure.

Poll summaries and the pack's limits come in. Two answers that belong together: silence is read only while the data are
`fresh`, and a shipment is out of sight when asking has failed. Silence of ours is never read as silence of the carrier.
"""

from dataclasses import dataclass
from datetime import datetime

from watcher.detection.packs import Watching
from watcher.model import PollOutcome, PollSummary

NO_ANSWER = "no_answer"
_REFUSALS = frozenset({PollOutcome.INVALID_NUMBER, PollOutcome.OWNERSHIP_REFUSED, PollOutcome.EXPIRED})


@dataclass(frozen=True, slots=True)
class LostSight:
    """We cannot look: `why` is the refusal's word or `no_answer`; true from `at` on, nothing heard since `since`."""

    why: str
    since: datetime
    at: datetime


def fresh(polls: PollSummary, watching: Watching, *, now: datetime) -> bool:
    """Whether the last answer is young enough to read silence from it."""
    return polls.last_answered_at is not None and now - polls.last_answered_at <= watching.max_data_age


def lost_sight(polls: PollSummary, watching: Watching) -> LostSight | None:
    """Why we cannot look, and from when on that counts; None while asking works, or has hardly been tried.

    Old data alone is not enough: after a stop of ours everything is old for some minutes, and nothing is wrong with
    the parcels. Refusals of the number count as soon as they are repeated; other failures once the data are old too.
    """
    since = polls.last_answered_at or polls.watched_since
    if polls.last_outcome in _REFUSALS and polls.failures_in_a_row >= watching.refusals:
        return LostSight(why=str(polls.last_outcome), since=since, at=polls.last_polled_at or since)
    if polls.failures_in_a_row >= watching.misses:
        return LostSight(why=NO_ANSWER, since=since, at=since + watching.max_data_age)
    return None


def ripe_look(ripe: datetime, polls: PollSummary, watching: Watching, *, now: datetime) -> datetime | None:
    """The first moment after `now` at which an answer at or after `ripe` can be there; None when nobody will ask.

    Whoever records an answer without news does not wake the rules, so they must look by themselves.
    """
    answer = None if polls.next_poll_at is None else max(polls.next_poll_at, now) + watching.answer
    moment = max(ripe, answer) if answer else ripe
    return moment if moment > now else None
