"""The queue stage: takes alerts that changed, writes one work item per shipment, and brings back what was put aside.

Claims and snoozes run on the same clock object as deadlines and promises: all of it is shown to staff side by side. Who
makes that clock fast must make `claim_for` of the desk longer by the same factor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from watcher.clock import Clock
from watcher.model import OrderState, WorkItemState
from watcher.queue.gathering import Scene, gather
from watcher.queue.life import Change, end, run_out, wake
from watcher.store import work_items
from watcher.store.engine import Store
from watcher.store.work_items import Circumstances


@dataclass(frozen=True, slots=True)
class Queueing:
    """Alerts to work items. Any number may run at once, in any number of processes."""

    store: Store
    clock: Clock

    def run_once(self, *, limit: int = 500) -> int:
        """Take up to `limit` changed alerts, and as many claims and snoozes that are over; gives how many it took."""
        now = self.clock.now()
        with self.store.write() as connection:
            taken = _take(connection, now=now, limit=limit)
        return taken + lapse(self.store, now=now, limit=limit)


def lapse(store: Store, *, now: datetime, limit: int = 500) -> int:
    """Return claims that ran out to the others and wake what was snoozed; gives how many changed."""
    with store.write() as connection:
        over = work_items.lapsed(connection, now=now, limit=limit)
        if not over:
            return 0
        known = work_items.circumstances(connection, [item.shipment_id for item in over])
        changes = [(item, _lapsed(Change(item), known[item.shipment_id], now=now)) for item in over]
        return sum(work_items.save(connection, item, change.item, change.events) for item, change in changes)


def _lapsed(change: Change, known: Circumstances, *, now: datetime) -> Change:
    if change.item.state is WorkItemState.CLAIMED:
        return change.then(lambda item: run_out(item, now=now, over=known.over))
    woken = change.then(lambda item: wake(item, now=now))
    if known.order_state is OrderState.OPEN:
        return woken
    return woken.then(lambda item: end(item, over=known.ending, now=now))


def _take(connection: sa.Connection, *, now: datetime, limit: int) -> int:
    pending = work_items.pending_alerts(connection, limit=limit)
    if not pending:
        return 0
    scenes = _scenes(connection, sorted({alert.shipment_id for alert in pending}))
    missed = _write(connection, [(scene, gather(scene, now=now)) for scene in scenes])
    seen = [alert.id for alert in pending if alert.shipment_id not in missed]
    work_items.taken(connection, seen)
    return len(seen)


def _scenes(connection: sa.Connection, shipment_ids: Sequence[int]) -> list[Scene]:
    # work items are read before their alerts: what changes in between changes the version too, and is seen by `save`
    items = work_items.standing(connection, shipment_ids)
    known = work_items.remembered(connection, shipment_ids)
    circumstances = work_items.circumstances(connection, shipment_ids)
    alerts = work_items.alerts_of(connection, shipment_ids)
    return [
        Scene(
            shipment_id=key,
            alerts=alerts[key],
            item=items.get(key),
            remembered=known[key],
            circumstances=circumstances[key],
        )
        for key in shipment_ids
    ]


def _write(connection: sa.Connection, found: Sequence[tuple[Scene, Change | None]]) -> set[int]:
    """Gives the shipments whose work item has changed since it was read: their alerts stay for the next time.

    Everybody writes in the same order, new ones first, so nobody waits in a circle.
    """
    new = {
        scene.shipment_id: (change.item, change.events)
        for scene, change in found
        if change and scene.item is None
    }
    missed = new.keys() - work_items.add(connection, list(new.values())).keys()
    changed = [(scene.item, change) for scene, change in found if change and scene.item]
    for item, change in sorted(changed, key=lambda pair: pair[0].id):
        if not work_items.save(connection, item, change.item, change.events):
            missed.add(item.shipment_id)
    return missed
