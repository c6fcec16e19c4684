"""Work items and their events as rows, and the alerts that wait for the queue.

Every change is guarded by the version that was read: of two who change the same row, one is told that he came too late.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone
from watcher.model import (
    AlertClose,
    AlertState,
    CloseReason,
    OrderState,
    Rule,
    Urgency,
    WorkItem,
    WorkItemEvent,
    WorkItemEventKind,
    WorkItemState,
)
from watcher.store.tables import alert, shipment, staff, watch, work_item, work_item_event
from watcher.store.upserts import upsert

_KEPT = (
    "state", "at_risk_fen", "urgency", "deadline", "priority", "claimed_by", "claimed_until", "snoozed_until",
    "opened_at", "changed_at", "closed_at", "close_reason",
)  # fmt: skip
_OF_ALERTS = (WorkItemEventKind.ALERT_ADDED, WorkItemEventKind.ALERT_WORSENED, WorkItemEventKind.ALERT_ENDED)
# an order that closes ends the work, not the trouble: if it opens again, nobody has dealt with anything
_FORGETTING = sa.and_(
    work_item_event.c.kind == WorkItemEventKind.CLOSED,
    work_item_event.c.facts["reason"].as_string() == CloseReason.ORDER_CLOSED,
)


@dataclass(frozen=True, slots=True)
class QueuedAlert:
    """An alert as the queue sees it."""

    id: int
    shipment_id: int
    rule: Rule
    state: AlertState
    urgency: Urgency
    weight: int
    at_risk_fen: int
    deadline: datetime | None
    raised_at: datetime
    close_reason: AlertClose | None

    @property
    def is_open(self) -> bool:
        """Whether a person should still know."""
        return self.state is AlertState.OPEN


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the events of one shipment's work items say of its alerts: the worst weight each was shown with (since the
    order was last closed), and which of them each item holds."""

    weights: dict[int, int] = field(default_factory=dict)
    inside: defaultdict[int, dict[int, Rule]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the order and the carrier say of a shipment, and whether a person should still know of anything."""

    order_state: OrderState
    milestone: Milestone
    open_alerts: int

    @property
    def ending(self) -> CloseReason:
        """Why its work item closes, if it does."""
        if self.order_state is not OrderState.OPEN:
            return CloseReason.ORDER_CLOSED
        if self.milestone in {Milestone.DELIVERED, Milestone.DELIVERED_TO_PROXY}:
            return CloseReason.DELIVERED
        return CloseReason.ALERTS_ENDED

    @property
    def over(self) -> CloseReason | None:
        """Why nothing is left to do, or None while something is."""
        return self.ending if self.order_state is not OrderState.OPEN or not self.open_alerts else None


def work_item_of(row: sa.Row[Any]) -> WorkItem:
    """The dataclass of a row that holds all columns of `work_item`."""
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    columns = {name: cells[name] for name in ("id", "shipment_id", "version", *_KEPT)}
    reason = columns.pop("close_reason")
    return WorkItem(
        state=WorkItemState(columns.pop("state")),
        urgency=Urgency(columns.pop("urgency")),
        close_reason=CloseReason(reason) if reason else None,
        **columns,
    )


def event_of(row: sa.Row[Any]) -> WorkItemEvent:
    """The dataclass of a row that holds all columns of `work_item_event`."""
    return WorkItemEvent(
        kind=WorkItemEventKind(row.kind),
        at=row.at,
        staff_id=row.staff_id,
        from_state=WorkItemState(row.from_state) if row.from_state else None,
        to_state=WorkItemState(row.to_state) if row.to_state else None,
        note=row.note,
        facts=row.facts,
    )


def by_id(connection: sa.Connection, work_item_id: int) -> WorkItem | None:
    """One work item as it stands now."""
    row = connection.execute(sa.select(work_item).where(work_item.c.id == work_item_id)).one_or_none()
    return work_item_of(row) if row else None


def standing(connection: sa.Connection, shipment_ids: Sequence[int]) -> dict[int, WorkItem]:
    """The work item of each of these shipments that is not closed; a shipment without one has no key."""
    query = sa.select(work_item).where(
        work_item.c.shipment_id.in_(shipment_ids), work_item.c.closed_at.is_(None)
    )
    return {row.shipment_id: work_item_of(row) for row in connection.execute(query)}


def add(
    connection: sa.Connection, opened: Sequence[tuple[WorkItem, Iterable[WorkItemEvent]]]
) -> dict[int, int]:
    """Write new work items (their ids are ignored) with their events; gives the new ids by shipment.

    A shipment that has one already, not closed, is left out.
    """
    if not opened:
        return {}
    statement = (
        upsert(connection, work_item)
        .on_conflict_do_nothing(index_elements=["shipment_id"], index_where=work_item.c.closed_at.is_(None))
        .returning(work_item.c.shipment_id, work_item.c.id)
    )
    rows = [
        {"shipment_id": item.shipment_id, "version": item.version, **_columns(item)} for item, _ in opened
    ]
    keys = {row.shipment_id: row.id for row in connection.execute(statement, rows)}
    told = {keys[item.shipment_id]: events for item, events in opened if item.shipment_id in keys}
    add_events(connection, told)
    return keys


def save(
    connection: sa.Connection, read: WorkItem, changed: WorkItem, events: Iterable[WorkItemEvent]
) -> bool:
    """Write a change and its events; False, and nothing written, when `read` is no longer what stands there."""
    statement = (
        sa.update(work_item)
        .where(work_item.c.id == read.id, work_item.c.version == read.version)
        .values(version=read.version + 1, **_columns(changed))
    )
    if connection.execute(statement).rowcount != 1:
        return False
    add_events(connection, {read.id: events})
    return True


def add_events(connection: sa.Connection, events: Mapping[int, Iterable[WorkItemEvent]]) -> None:
    """Write events by work item, in order."""
    rows = [
        {
            "work_item_id": key,
            "at": event.at,
            "staff_id": event.staff_id,
            "kind": event.kind,
            "from_state": event.from_state,
            "to_state": event.to_state,
            "note": event.note,
            "facts": event.facts,
        }
        for key, told in events.items()
        for event in told
    ]
    if rows:
        connection.execute(sa.insert(work_item_event), rows)


def best_open(connection: sa.Connection) -> WorkItem | None:
    """The open work item to do next; on PostgreSQL one that nobody is just taking."""
    query = (
        sa.select(work_item)
        .where(work_item.c.state == WorkItemState.OPEN, work_item.c.closed_at.is_(None))
        .order_by(work_item.c.priority.desc(), work_item.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(query).one_or_none()
    return work_item_of(row) if row else None


def claimed_by(connection: sa.Connection, staff_id: int) -> WorkItem | None:
    """The work item this member of staff has in hand, the first in order if there are several."""
    query = (
        sa.select(work_item)
        .where(
            work_item.c.state == WorkItemState.CLAIMED,
            work_item.c.claimed_by == staff_id,
            work_item.c.closed_at.is_(None),
        )
        .order_by(work_item.c.priority.desc(), work_item.c.id)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return work_item_of(row) if row else None


def hold_staff(connection: sa.Connection, staff_id: int) -> None:
    """Let nobody else act for this member of staff until the transaction ends (his second click waits)."""
    query = sa.select(staff.c.id).where(staff.c.id == staff_id).with_for_update(key_share=True)
    connection.execute(query)


def lapsed(connection: sa.Connection, *, now: datetime, limit: int) -> list[WorkItem]:
    """Work items whose claim or snooze is over, in the order of their ids; on PostgreSQL only those nobody holds."""
    # the states stand by themselves too: an index is taken for them, and for no OR
    held = sa.and_(
        work_item.c.closed_at.is_(None),
        work_item.c.state.in_([WorkItemState.CLAIMED, WorkItemState.SNOOZED]),
    )
    ran_out = sa.and_(work_item.c.state == WorkItemState.CLAIMED, work_item.c.claimed_until <= now)
    woke = sa.and_(work_item.c.state == WorkItemState.SNOOZED, work_item.c.snoozed_until <= now)
    query = (
        sa.select(work_item)
        .where(held, sa.or_(ran_out, woke))
        .order_by(work_item.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [work_item_of(row) for row in connection.execute(query)]


def pending_alerts(connection: sa.Connection, *, limit: int) -> list[QueuedAlert]:
    """Alerts the queue has not seen since they last changed, held until the transaction ends."""
    query = (
        sa.select(alert)
        .where(alert.c.queue_pending)
        .order_by(alert.c.shipment_id, alert.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_alert_of(row) for row in connection.execute(query)]


def alerts_of(connection: sa.Connection, shipment_ids: Sequence[int]) -> dict[int, list[QueuedAlert]]:
    """The open alerts of each of these shipments, oldest first."""
    found: dict[int, list[QueuedAlert]] = {key: [] for key in shipment_ids}
    query = (
        sa.select(alert)
        .where(alert.c.shipment_id.in_(shipment_ids), alert.c.closed_at.is_(None))
        .order_by(alert.c.id)
    )
    for row in connection.execute(query):
        found[row.shipment_id].append(_alert_of(row))
    return found


def taken(connection: sa.Connection, alert_ids: Sequence[int]) -> None:
    """The queue has seen these alerts."""
    if alert_ids:
        connection.execute(sa.update(alert).where(alert.c.id.in_(alert_ids)).values(queue_pending=False))


def remembered(connection: sa.Connection, shipment_ids: Sequence[int]) -> defaultdict[int, Remembered]:
    """What was told of alerts before, by shipment, over all its work items."""
    query = (
        sa.select(work_item.c.shipment_id, work_item.c.id, work_item_event.c.kind, work_item_event.c.facts)
        .join(work_item, work_item.c.id == work_item_event.c.work_item_id)
        .where(
            work_item.c.shipment_id.in_(shipment_ids),
            sa.or_(work_item_event.c.kind.in_(_OF_ALERTS), _FORGETTING),
        )
        .order_by(work_item_event.c.id)
    )
    found: defaultdict[int, Remembered] = defaultdict(Remembered)
    for shipment_id, work_item_id, kind, facts in connection.execute(query):
        _remember(found[shipment_id], work_item_id, kind, facts)
    return found


def circumstances(connection: sa.Connection, shipment_ids: Sequence[int]) -> dict[int, Circumstances]:
    """How each of these shipments stands."""
    count = (
        sa.select(sa.func.count())
        .where(alert.c.shipment_id == shipment.c.id, alert.c.closed_at.is_(None))
        .correlate(shipment)
        .scalar_subquery()
    )
    query = (
        sa.select(shipment.c.id, shipment.c.order_state, watch.c.milestone, count.label("open_alerts"))
        .outerjoin(watch, watch.c.shipment_id == shipment.c.id)
        .where(shipment.c.id.in_(shipment_ids))
    )
    return {
        row.id: Circumstances(
            order_state=OrderState(row.order_state),
            milestone=Milestone(row.milestone) if row.milestone else Milestone.UNKNOWN,
            open_alerts=row.open_alerts,
        )
        for row in connection.execute(query)
    }


def _columns(item: WorkItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _KEPT}


def _alert_of(row: sa.Row[Any]) -> QueuedAlert:
    return QueuedAlert(
        id=row.id,
        shipment_id=row.shipment_id,
        rule=Rule(row.rule),
        state=AlertState(row.state),
        urgency=Urgency(row.urgency),
        weight=row.weight,
        at_risk_fen=row.at_risk_fen,
        deadline=row.deadline,
        raised_at=row.raised_at,
        close_reason=AlertClose(row.close_reason) if row.close_reason else None,
    )


def _remember(known: Remembered, work_item_id: int, kind: str, facts: Mapping[str, Any]) -> None:
    if kind == WorkItemEventKind.CLOSED:
        known.weights.clear()
        return
    key = int(facts["alert_id"])
    if kind == WorkItemEventKind.ALERT_ENDED:
        known.inside[work_item_id].pop(key, None)
        return
    known.weights[key] = max(known.weights.get(key, 0), int(facts["weight"]))
    known.inside[work_item_id][key] = Rule(facts["rule"])
