"""The desk: what staff do with work items. In comes who and what, out goes a changed row with its event, or a refusal.

No locks are held while somebody thinks: a change says which version it has seen, and of two at once one comes too late,
looks again, and is told what has happened. Claims run on the clock object, as deadlines and promises do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from watcher.clock import Clock
from watcher.model import CloseReason, WorkItem
from watcher.queue import life
from watcher.queue.life import Change
from watcher.queue.refusals import ChangedMeanwhile, NoteNeeded, UnknownWorkItem
from watcher.queue.stage import lapse
from watcher.store import work_items
from watcher.store.engine import Store

CLAIM_FOR: Final = timedelta(minutes=20)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """Work items in the hands of staff (`staff_id`: an existing member). Every method may raise `WorkRefused`."""

    store: Store
    clock: Clock
    claim_for: timedelta = CLAIM_FOR

    def next_call(self, *, staff_id: int) -> int | None:
        """The work item to do next, claimed: the one in hand, else the best open one, else None."""
        now = self.clock.now()
        lapse(self.store, now=now)
        with self.store.write() as connection:
            work_items.hold_staff(connection, staff_id)
            in_hand = work_items.claimed_by(connection, staff_id)
            if in_hand:
                return self._kept(connection, in_hand, staff_id=staff_id, now=now)
            return self._best(connection, staff_id=staff_id, now=now)

    def claim(self, work_item_id: int, *, staff_id: int) -> None:
        """Take this one, from the queue or from its snooze, for `claim_for`; again: for as long from now."""
        self._change(
            work_item_id,
            lambda _connection, item, now: life.claim(
                item, staff_id=staff_id, now=now, until=now + self.claim_for
            ),
        )

    def release(self, work_item_id: int, *, staff_id: int, note: str | None = None) -> None:
        """Give it back to the others; it closes where the trouble ended meanwhile."""
        self._change(
            work_item_id,
            lambda connection, item, now: life.release(
                item, staff_id=staff_id, now=now, over=_over(connection, item), note=note
            ),
        )

    def note(self, work_item_id: int, *, staff_id: int, text: str) -> None:
        """Write something down (1 to 2000 characters), whoever has it; its owner keeps it for `claim_for` more."""
        self._change(
            work_item_id,
            lambda _connection, item, now: life.note(
                item, staff_id=staff_id, now=now, until=now + self.claim_for, text=text
            ),
        )

    def snooze(self, work_item_id: int, *, staff_id: int, until: datetime, note: str | None = None) -> None:
        """Put it aside until `until` (aware, ahead, within 14 days); news about the parcel wakes it sooner."""
        self._change(
            work_item_id,
            lambda _connection, item, now: life.snooze(
                item, staff_id=staff_id, now=now, until=until, note=note
            ),
        )

    def close(
        self, work_item_id: int, *, staff_id: int, reason: CloseReason, note: str | None = None
    ) -> None:
        """Done with it, for one of `life.STAFF_REASONS`; `nothing_wrong` says that it was a false alarm, `other` says
        nothing without a note."""
        if reason is CloseReason.OTHER and not (note and note.strip()):
            raise NoteNeeded(reason)
        self._change(
            work_item_id,
            lambda _connection, item, now: life.close(
                item, staff_id=staff_id, now=now, reason=reason, note=note
            ),
        )

    def _change(self, work_item_id: int, verb: Callable[[sa.Connection, WorkItem, datetime], Change]) -> None:
        now = self.clock.now()
        with self.store.write() as connection:
            for _ in range(_TRIES):
                item = work_items.by_id(connection, work_item_id)
                if item is None:
                    raise UnknownWorkItem(work_item_id)
                change = verb(connection, item, now)
                if work_items.save(connection, item, change.item, change.events):
                    return
        raise ChangedMeanwhile

    def _kept(self, connection: sa.Connection, item: WorkItem, *, staff_id: int, now: datetime) -> int:
        """The one in hand; kept for longer when half of its time is gone, so that asking twice writes once."""
        if item.claimed_until and item.claimed_until - now < self.claim_for / 2:
            change = life.claim(item, staff_id=staff_id, now=now, until=now + self.claim_for)
            work_items.save(connection, item, change.item, change.events)
        return item.id

    def _best(self, connection: sa.Connection, *, staff_id: int, now: datetime) -> int | None:
        for _ in range(_TRIES):
            item = work_items.best_open(connection)
            if item is None:
                return None
            change = life.claim(item, staff_id=staff_id, now=now, until=now + self.claim_for)
            if work_items.save(connection, item, change.item, change.events):
                return item.id
        raise ChangedMeanwhile


def _over(connection: sa.Connection, item: WorkItem) -> CloseReason | None:
    return work_items.circumstances(connection, [item.shipment_id])[item.shipment_id].over
