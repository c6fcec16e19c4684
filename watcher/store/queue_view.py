"""The queue as people look at it: one page of lines, and what one card needs beside the shipment. Read only.

A fixed number of queries, whose cost grows with the page and the open work, never with what is kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone
from watcher.model import (
    AlertClose,
    AlertState,
    Box,
    Rule,
    Urgency,
    WorkItem,
    WorkItemEvent,
    WorkItemEventKind,
    WorkItemState,
)
from watcher.store.tables import alert, finding, shipment, staff, watch, work_item, work_item_event
from watcher.store.work_items import event_of, work_item_of

_NOT_CLOSED = work_item.c.closed_at.is_(None)
_PLACE = ("province_name", "city_name", "district_name", "town_name")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which work items to show; without `state` all that are not closed."""

    state: WorkItemState | None = None
    rule: Rule | None = None
    carrier: str | None = None
    claimed_by: int | None = None

    @property
    def closed(self) -> bool:
        """Whether it looks back."""
        return self.state is WorkItemState.CLOSED


@dataclass(frozen=True, slots=True)
class LineView:
    """One work item with what its line shows of shipment and watch."""

    item: WorkItem
    order_number: str
    tracking_number: str
    carrier: str
    place: tuple[str, ...]
    milestone: Milestone
    last_answered_at: datetime | None
    staff_name: str | None


@dataclass(frozen=True, slots=True)
class CardAlert:
    """An alert as the card shows it: `rule` and `facts` make the sentence, `since` is when the evidence is from."""

    id: int
    rule: Rule
    episode: int
    state: AlertState
    urgency: Urgency
    facts: dict[str, str | int]
    since: datetime
    deadline: datetime | None
    at_risk_fen: int
    raised_at: datetime
    closed_at: datetime | None
    close_reason: AlertClose | None


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to a work item, with the name of who did it (None: the watcher itself)."""

    work_item_id: int
    event: WorkItemEvent
    staff_name: str | None


def lines(connection: sa.Connection, wanted: Filter, *, limit: int, offset: int) -> list[LineView]:
    """One page: what is to be done in its computed order, what is closed with the newest first."""
    order = (work_item.c.id.desc(),) if wanted.closed else (work_item.c.priority.desc(), work_item.c.id)
    query = (
        sa.select(
            work_item,
            *(shipment.c[name] for name in ("order_number", "tracking_number", "carrier", *_PLACE)),
            watch.c.milestone,
            watch.c.last_answered_at,
            staff.c.name.label("staff_name"),
        )
        .join(shipment, shipment.c.id == work_item.c.shipment_id)
        .outerjoin(watch, watch.c.shipment_id == work_item.c.shipment_id)
        .outerjoin(staff, staff.c.id == work_item.c.claimed_by)
        .where(*_conditions(wanted))
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return [_line_of(row) for row in connection.execute(query)]


def total(connection: sa.Connection, wanted: Filter, *, at_most: int) -> int:
    """How many there are, counted up to `at_most`."""
    found = sa.select(work_item.c.id).where(*_conditions(wanted)).limit(at_most)
    if wanted.carrier:
        found = found.join(shipment, shipment.c.id == work_item.c.shipment_id)
    return connection.execute(sa.select(sa.func.count()).select_from(found.subquery())).scalar_one()


def counts(connection: sa.Connection) -> dict[WorkItemState, int]:
    """How many work items are in each state but closed."""
    query = sa.select(work_item.c.state, sa.func.count()).where(_NOT_CLOSED).group_by(work_item.c.state)
    found = {WorkItemState(state): count for state, count in connection.execute(query)}
    return {state: found.get(state, 0) for state in WorkItemState if state is not WorkItemState.CLOSED}


def rules_of(connection: sa.Connection, items: Sequence[WorkItem]) -> Mapping[int, tuple[Rule, ...]]:
    """The rules of each work item: of its open alerts, the most pressing first; where none is open, of all it held."""
    ids = [item.id for item in items if item.state is not WorkItemState.CLOSED]
    still = (
        sa.select(work_item.c.id, alert.c.rule)
        .join(alert, alert.c.shipment_id == work_item.c.shipment_id)
        .where(work_item.c.id.in_(ids), alert.c.closed_at.is_(None))
        .order_by(alert.c.at_risk_fen.desc(), alert.c.id)
    )
    held = (
        sa.select(work_item_event.c.work_item_id, work_item_event.c.facts["rule"].as_string())
        .where(
            work_item_event.c.work_item_id.in_([item.id for item in items]),
            work_item_event.c.kind == WorkItemEventKind.ALERT_ADDED,
        )
        .order_by(work_item_event.c.id)
    )
    return _grouped(connection.execute(held)) | _grouped(connection.execute(still))


def latest_of(connection: sa.Connection, shipment_id: int) -> WorkItem | None:
    """The work item of a shipment that is not closed, else the last one that was."""
    query = (
        sa.select(work_item)
        .where(work_item.c.shipment_id == shipment_id)
        .order_by(work_item.c.closed_at.isnot(None), work_item.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return work_item_of(row) if row else None


def alerts(connection: sa.Connection, shipment_id: int) -> list[CardAlert]:
    """All alerts of a shipment, open ones first, then the newest first."""
    query = (
        sa.select(alert, finding.c.since)
        .join(finding, finding.c.id == alert.c.finding_id)
        .where(alert.c.shipment_id == shipment_id)
        .order_by(alert.c.closed_at.isnot(None), alert.c.id.desc())
    )
    return [_alert_of(row) for row in connection.execute(query)]


def events(connection: sa.Connection, shipment_id: int) -> list[EventView]:
    """Everything that happened to the work items of a shipment, oldest first."""
    query = (
        sa.select(work_item_event, staff.c.name.label("staff_name"))
        .join(work_item, work_item.c.id == work_item_event.c.work_item_id)
        .outerjoin(staff, staff.c.id == work_item_event.c.staff_id)
        .where(work_item.c.shipment_id == shipment_id)
        .order_by(work_item_event.c.id)
    )
    return [EventView(row.work_item_id, event_of(row), row.staff_name) for row in connection.execute(query)]


def watched(connection: sa.Connection, shipment_id: int) -> tuple[Box | None, datetime | None]:
    """How a shipment is watched, and when its source last answered."""
    query = sa.select(watch.c.box, watch.c.last_answered_at).where(watch.c.shipment_id == shipment_id)
    row = connection.execute(query).one_or_none()
    return (Box(row.box), row.last_answered_at) if row else (None, None)


def staff_name(connection: sa.Connection, staff_id: int) -> str | None:
    """What a member of staff signs in with."""
    return connection.execute(sa.select(staff.c.name).where(staff.c.id == staff_id)).scalar_one_or_none()


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        work_item.c.closed_at.isnot(None) if wanted.closed else _NOT_CLOSED
    ]
    if wanted.state and not wanted.closed:
        conditions.append(work_item.c.state == wanted.state)
    if wanted.carrier:
        conditions.append(shipment.c.carrier == wanted.carrier)
    if wanted.claimed_by is not None:
        conditions.append(work_item.c.claimed_by == wanted.claimed_by)
    if wanted.rule:
        conditions.append(_held(wanted.rule, closed=wanted.closed))
    return conditions


def _held(rule: Rule, *, closed: bool) -> sa.ColumnElement[bool]:
    """Whether the work item holds, or held, an alert of this rule."""
    of_rule = sa.and_(alert.c.shipment_id == work_item.c.shipment_id, alert.c.rule == rule)
    if not closed:
        return sa.exists().where(of_rule, alert.c.closed_at.is_(None))
    not_over = sa.or_(alert.c.closed_at.is_(None), alert.c.closed_at >= work_item.c.opened_at)
    return sa.exists().where(of_rule, alert.c.raised_at <= work_item.c.closed_at, not_over)


def _line_of(row: sa.Row[Any]) -> LineView:
    cells = row._mapping  # noqa: SLF001 - the documented way to read a row by name
    return LineView(
        item=work_item_of(row),
        order_number=row.order_number,
        tracking_number=row.tracking_number,
        carrier=row.carrier,
        place=tuple(cells[name] for name in _PLACE if cells[name]),
        milestone=Milestone(row.milestone) if row.milestone else Milestone.UNKNOWN,
        last_answered_at=row.last_answered_at,
        staff_name=row.staff_name,
    )


def _alert_of(row: sa.Row[Any]) -> CardAlert:
    return CardAlert(
        id=row.id,
        rule=Rule(row.rule),
        episode=row.episode,
        state=AlertState(row.state),
        urgency=Urgency(row.urgency),
        facts=row.facts,
        since=row.since,
        deadline=row.deadline,
        at_risk_fen=row.at_risk_fen,
        raised_at=row.raised_at,
        closed_at=row.closed_at,
        close_reason=AlertClose(row.close_reason) if row.close_reason else None,
    )


def _grouped(rows: Iterable[Any]) -> dict[int, tuple[Rule, ...]]:
    found: defaultdict[int, dict[Rule, None]] = defaultdict(dict)
    for key, rule in rows:
        found[key][Rule(rule)] = None
    return {key: tuple(rules) for key, rules in found.items()}
