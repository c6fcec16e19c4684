"""The life of a work item: each verb takes one and gives it back changed, with the events that tell of it. Pure.

    (new) ─opened─► open ─claimed─► claimed ─released, claim_ran_out─► open
                    open, claimed ─snoozed─► snoozed ─woke─► open
                    open, claimed, snoozed ─closed─► closed, for good: new trouble opens a new item

A claimed item is never closed under its owner's hands. Whoever may not do what he asks gets a `WorkRefused`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from watcher.model import CloseReason, WorkItem, WorkItemEvent, WorkItemEventKind, WorkItemState
from watcher.queue.refusals import (
    AlreadyClaimed,
    AlreadyClosed,
    NotClaimed,
    ReasonNotForStaff,
    UnfitNote,
    UnfitSnooze,
)

DAEMON_REASONS: Final = frozenset({CloseReason.ALERTS_ENDED, CloseReason.ORDER_CLOSED, CloseReason.DELIVERED})
STAFF_REASONS: Final = tuple(reason for reason in CloseReason if reason not in DAEMON_REASONS)
LONGEST_NOTE: Final = 2_000
LONGEST_SNOOZE: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Change:
    """A work item after something happened to it, and what happened, in order."""

    item: WorkItem
    events: tuple[WorkItemEvent, ...] = ()

    def then(self, verb: Callable[[WorkItem], "Change"]) -> "Change":
        """This change, followed by another."""
        following = verb(self.item)
        return Change(following.item, self.events + following.events)


def claim(item: WorkItem, *, staff_id: int, now: datetime, until: datetime) -> Change:
    """Take it until `until`; its owner takes it again for longer, also after his time ran out unnoticed."""
    return _mine(item, staff_id=staff_id, now=now).then(
        lambda free: _moved(
            replace(free, claimed_by=staff_id, claimed_until=until, snoozed_until=None),
            WorkItemState.CLAIMED,
            WorkItemEventKind.CLAIMED,
            now=now,
            staff_id=staff_id,
            facts={"until": _text(until)},
        )
    )


def release(
    item: WorkItem, *, staff_id: int, now: datetime, over: CloseReason | None, note: str | None = None
) -> Change:
    """Give it back; closes it at once where the trouble is `over`."""
    _refuse_closed(item)
    if item.state is not WorkItemState.CLAIMED or item.claimed_by != staff_id:
        raise NotClaimed
    given_back = _moved(
        _freed(item),
        WorkItemState.OPEN,
        WorkItemEventKind.RELEASED,
        now=now,
        staff_id=staff_id,
        note=_optional(note),
    )
    return given_back.then(lambda free: _closed_where(free, over=over, now=now))


def note(item: WorkItem, *, staff_id: int, now: datetime, until: datetime, text: str) -> Change:
    """Write something down: anybody, at any time, also afterwards. Its owner keeps it until `until` at least."""
    kept = item
    facts: dict[str, str | int] = {}
    if item.state is WorkItemState.CLAIMED and item.claimed_by == staff_id and item.claimed_until:
        kept = replace(item, claimed_until=max(until, item.claimed_until))
        facts = {"until": _text(max(until, item.claimed_until))}
    return _moved(
        kept,
        item.state,
        WorkItemEventKind.NOTED,
        now=now,
        staff_id=staff_id,
        note=_written(text),
        facts=facts,
    )


def snooze(
    item: WorkItem, *, staff_id: int, now: datetime, until: datetime, note: str | None = None
) -> Change:
    """Put it aside until `until`."""
    if not now < until <= now + LONGEST_SNOOZE:
        raise UnfitSnooze(days=LONGEST_SNOOZE.days)
    return _mine(item, staff_id=staff_id, now=now).then(
        lambda free: _moved(
            replace(_freed(free), snoozed_until=until),
            WorkItemState.SNOOZED,
            WorkItemEventKind.SNOOZED,
            now=now,
            staff_id=staff_id,
            note=_optional(note),
            facts={"until": _text(until)},
        )
    )


def close(
    item: WorkItem, *, staff_id: int, now: datetime, reason: CloseReason, note: str | None = None
) -> Change:
    """Done with it, for one of the reasons staff may give."""
    if reason in DAEMON_REASONS:
        raise ReasonNotForStaff(reason)
    return _mine(item, staff_id=staff_id, now=now).then(
        lambda free: _closed(free, reason=reason, now=now, staff_id=staff_id, note=_optional(note))
    )


def end(item: WorkItem, *, over: CloseReason, now: datetime) -> Change:
    """The trouble is over: closed by the daemon, but kept for whoever has it in hand."""
    if item.state is WorkItemState.CLAIMED:
        return Change(item)
    return _closed(item, reason=over, now=now)


def run_out(item: WorkItem, *, now: datetime, over: CloseReason | None) -> Change:
    """A claim that was not used in time returns to the others, or is closed where the trouble is `over`."""
    if item.state is not WorkItemState.CLAIMED or not item.claimed_until or item.claimed_until > now:
        return Change(item)
    return _ran_out(item, now=now).then(lambda free: _closed_where(free, over=over, now=now))


def wake(item: WorkItem, *, now: datetime, because: str = "time") -> Change:
    """Back to the others. It stays open even where the trouble ended: a person wanted to see it again."""
    if item.state is not WorkItemState.SNOOZED:
        return Change(item)
    return _moved(
        _freed(item), WorkItemState.OPEN, WorkItemEventKind.WOKE, now=now, facts={"because": because}
    )


def tell(item: WorkItem, kind: WorkItemEventKind, *, now: datetime, facts: dict[str, str | int]) -> Change:
    """Something happened that leaves the state as it is."""
    return _moved(item, item.state, kind, now=now, facts=facts)


def _mine(item: WorkItem, *, staff_id: int, now: datetime) -> Change:
    """The item as `staff_id` may change it: not closed, and in no colleague's hands."""
    _refuse_closed(item)
    if item.state is not WorkItemState.CLAIMED or item.claimed_by == staff_id:
        return Change(item)
    if item.claimed_by is not None and item.claimed_until and item.claimed_until > now:
        raise AlreadyClaimed(by=item.claimed_by, until=item.claimed_until)
    return _ran_out(item, now=now)


def _ran_out(item: WorkItem, *, now: datetime) -> Change:
    return _moved(_freed(item), WorkItemState.OPEN, WorkItemEventKind.CLAIM_RAN_OUT, now=now)


def _closed_where(item: WorkItem, *, over: CloseReason | None, now: datetime) -> Change:
    return end(item, over=over, now=now) if over else Change(item)


def _closed(
    item: WorkItem,
    *,
    reason: CloseReason,
    now: datetime,
    staff_id: int | None = None,
    note: str | None = None,
) -> Change:
    return _moved(
        replace(_freed(item), closed_at=now, close_reason=reason),
        WorkItemState.CLOSED,
        WorkItemEventKind.CLOSED,
        now=now,
        staff_id=staff_id,
        note=note,
        facts={"reason": reason.value},
    )


def _moved(
    item: WorkItem,
    to: WorkItemState,
    kind: WorkItemEventKind,
    *,
    now: datetime,
    staff_id: int | None = None,
    note: str | None = None,
    facts: dict[str, str | int] | None = None,
) -> Change:
    event = WorkItemEvent(
        kind=kind,
        at=now,
        staff_id=staff_id,
        from_state=item.state,
        to_state=to,
        note=note,
        facts=facts or {},
    )
    return Change(replace(item, state=to, changed_at=now), (event,))


def _freed(item: WorkItem) -> WorkItem:
    return replace(item, claimed_by=None, claimed_until=None, snoozed_until=None)


def _refuse_closed(item: WorkItem) -> None:
    if item.state is WorkItemState.CLOSED:
        raise AlreadyClosed


def _written(text: str) -> str:
    # a form sends two characters for one end of line
    words = text.replace("\r\n", "\n").strip()
    if not 1 <= len(words) <= LONGEST_NOTE or "\x00" in words:
        raise UnfitNote(longest=LONGEST_NOTE)
    return words


def _optional(note: str | None) -> str | None:
    """A note beside another verb: an empty field of a form is no note."""
    return _written(note) if note and note.strip() else None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
