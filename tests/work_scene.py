"""Plays the stages before the queue in tests: `scene.work()` is a parcel with an alert and its work item."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from builders import stored

from watcher.clock import ManualClock
from watcher.model import (
    AlertClose,
    AlertState,
    OrderState,
    Rule,
    Urgency,
    WorkItem,
    WorkItemEvent,
    WorkItemState,
)
from watcher.queue.stage import Queueing
from watcher.queue.work import Desk
from watcher.store.engine import Store
from watcher.store.tables import alert, finding, shipment, watch, work_item, work_item_event
from watcher.store.work_items import event_of, work_item_of

_NUMBERS = count(1)


@dataclass
class Scene:
    """Plays the stages before the queue, and looks at what the queue made of it."""

    store: Store
    clock: ManualClock
    desk: Desk
    queueing: Queueing
    episodes: dict[tuple[int, Rule], int] = field(default_factory=dict)

    def parcel(self, **changes: Any) -> int:
        number = next(_NUMBERS)
        names = {"order_number": f"O-{number}", "tracking_number": f"784{number:011d}"}
        return stored(self.store, **(names | changes))

    def alert(self, shipment_id: int, rule: Rule | str = Rule.FAILED_ATTEMPT, **changes: Any) -> int:
        rule = Rule(rule)
        episode = self.episodes[shipment_id, rule] = self.episodes.get((shipment_id, rule), 0) + 1
        at = self.clock.now()
        values: dict[str, Any] = {
            "shipment_id": shipment_id,
            "rule": rule,
            "episode": episode,
            "state": AlertState.OPEN,
            "urgency": Urgency.NOW,
            "weight": 1,
            "at_risk_fen": 12_000,
            "deadline": None,
            "facts": {"times": 1},
            "raised_at": at,
            "changed_at": at,
            "queue_pending": True,
        } | changes
        found = {
            "shipment_id": shipment_id,
            "rule": rule,
            "episode": episode,
            "since": at,
            "facts": values["facts"],
            "weight": values["weight"],
            "found_at": at,
            "changed_at": at,
            "alerting_pending": False,
        }
        with self.store.write() as connection:
            finding_id = connection.execute(sa.insert(finding).returning(finding.c.id), found).scalar_one()
            values["finding_id"] = finding_id
            return int(connection.execute(sa.insert(alert).returning(alert.c.id), values).scalar_one())

    def change(self, alert_id: int, **changes: Any) -> None:
        values = {"queue_pending": True, "changed_at": self.clock.now()} | changes
        with self.store.write() as connection:
            connection.execute(sa.update(alert).where(alert.c.id == alert_id).values(**values))
            if "closed_at" in changes:
                this = sa.select(alert.c.finding_id).where(alert.c.id == alert_id).scalar_subquery()
                connection.execute(
                    sa.update(finding).where(finding.c.id == this).values(ended_at=changes["closed_at"])
                )

    def end(self, alert_id: int, reason: AlertClose = AlertClose.FINDING_ENDED) -> None:
        self.change(alert_id, state=AlertState.CLOSED, closed_at=self.clock.now(), close_reason=reason)

    def order(self, shipment_id: int, state: OrderState) -> None:
        with self.store.write() as connection:
            connection.execute(
                sa.update(shipment).where(shipment.c.id == shipment_id).values(order_state=state)
            )

    def stands(self, shipment_id: int, milestone: str) -> None:
        with self.store.write() as connection:
            connection.execute(
                sa.update(watch).where(watch.c.shipment_id == shipment_id).values(milestone=milestone)
            )

    def run(self) -> int:
        return self.queueing.run_once()

    def work(self, shipment_id: int | None = None, **changes: Any) -> int:
        """A parcel with an alert and its open work item; gives the work item's id."""
        shipment_id = shipment_id or self.parcel()
        self.alert(shipment_id, **changes)
        self.run()
        return self.items(shipment_id)[-1].id

    def item(self, work_item_id: int) -> WorkItem:
        with self.store.read() as connection:
            row = connection.execute(sa.select(work_item).where(work_item.c.id == work_item_id)).one()
        return work_item_of(row)

    def items(self, shipment_id: int) -> list[WorkItem]:
        query = sa.select(work_item).where(work_item.c.shipment_id == shipment_id).order_by(work_item.c.id)
        with self.store.read() as connection:
            return [work_item_of(row) for row in connection.execute(query)]

    def state(self, work_item_id: int) -> WorkItemState:
        return self.item(work_item_id).state

    def events(self, work_item_id: int) -> list[WorkItemEvent]:
        query = (
            sa.select(work_item_event)
            .where(work_item_event.c.work_item_id == work_item_id)
            .order_by(work_item_event.c.id)
        )
        with self.store.read() as connection:
            return [event_of(row) for row in connection.execute(query)]

    def told(self, work_item_id: int) -> list[str]:
        return [event.kind.value for event in self.events(work_item_id)]

    def later(self, **step: float) -> datetime:
        self.clock.advance(timedelta(**step))
        return self.clock.now()
