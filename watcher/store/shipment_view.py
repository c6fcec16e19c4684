"""How one shipment is watched: its watch row, the questions asked, findings, alerts, work items.

Read only, for the shipment page and `GET /api/shipments/{number}`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from carriers.contract import Milestone
from watcher.model import (
    Box,
    PollOutcome,
    PollReason,
    PollWay,
    RouteReason,
    Rule,
    Suppression,
    WorkItem,
    WorkItemEventKind,
)
from watcher.store import queue_view
from watcher.store.queue_view import CardAlert
from watcher.store.tables import finding, poll, scan, staff, watch, work_item, work_item_event
from watcher.store.work_items import work_item_of


@dataclass(frozen=True, slots=True)
class WatchView:
    """How the shipment is watched and how fresh what we know is."""

    account: str | None
    box: Box
    watched_since: datetime
    milestone: Milestone
    milestone_since: datetime | None
    last_scan_at: datetime | None
    last_polled_at: datetime | None
    last_answered_at: datetime | None
    last_outcome: PollOutcome | None
    failures_in_a_row: int
    next_poll_at: datetime | None
    poll_reason: PollReason
    route_reason: RouteReason
    asked_elsewhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PollView:
    """How one question ended."""

    account: str
    way: PollWay
    reason: PollReason
    outcome: PollOutcome
    polled_at: datetime
    new_scans: int
    code: str | None


@dataclass(frozen=True, slots=True)
class FindingView:
    """A rule that is or was true, and why it raised no alert, if it did not."""

    rule: Rule
    since: datetime
    found_at: datetime
    facts: dict[str, str | int]
    ended_at: datetime | None
    suppressed_by: Suppression | None


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """All of it, newest first in each list."""

    watch: WatchView | None = None
    polls: Sequence[PollView] = ()
    findings: Sequence[FindingView] = ()
    alerts: Sequence[CardAlert] = ()
    work_items: Sequence[WorkItem] = ()


def view(connection: sa.Connection, shipment_id: int, *, polls: int = 20) -> ShipmentView:
    """What is known about `shipment_id`, with the last `polls` questions."""
    return ShipmentView(
        watch=watches(connection, [shipment_id]).get(shipment_id),
        polls=_polls(connection, shipment_id, limit=polls),
        findings=_findings(connection, shipment_id),
        alerts=queue_view.alerts(connection, shipment_id),
        work_items=work_items(connection, [shipment_id])[shipment_id],
    )


def watches(connection: sa.Connection, shipment_ids: Sequence[int]) -> dict[int, WatchView]:
    """How each of these shipments is watched; one that is not has no key."""
    query = sa.select(watch).where(watch.c.shipment_id.in_(shipment_ids))
    return {row.shipment_id: _watch_of(row) for row in connection.execute(query)}


def work_items(connection: sa.Connection, shipment_ids: Sequence[int]) -> defaultdict[int, list[WorkItem]]:
    """The work items of each of these shipments, newest first."""
    query = (
        sa.select(work_item).where(work_item.c.shipment_id.in_(shipment_ids)).order_by(work_item.c.id.desc())
    )
    found: defaultdict[int, list[WorkItem]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.shipment_id].append(work_item_of(row))
    return found


def without_scans(connection: sa.Connection, shipment_ids: Sequence[int]) -> frozenset[int]:
    """Those of these shipments of which the carrier has printed nothing."""
    if not shipment_ids:
        return frozenset()
    printed = sa.select(scan.c.shipment_id).where(
        scan.c.shipment_id.in_(shipment_ids), scan.c.withdrawn_at.is_(None)
    )
    return frozenset(shipment_ids) - set(connection.execute(printed.distinct()).scalars())


def closers(connection: sa.Connection, work_item_ids: Sequence[int]) -> dict[int, str | None]:
    """Who closed each of these work items (None: the watcher itself); one that was never closed has no key."""
    query = (
        sa.select(work_item_event.c.work_item_id, staff.c.name)
        .outerjoin(staff, staff.c.id == work_item_event.c.staff_id)
        .where(
            work_item_event.c.work_item_id.in_(work_item_ids),
            work_item_event.c.kind == WorkItemEventKind.CLOSED,
        )
        .order_by(work_item_event.c.id)
    )
    return {row.work_item_id: row.name for row in connection.execute(query)}


def _watch_of(row: sa.Row[Any]) -> WatchView:
    return WatchView(
        account=row.account,
        box=Box(row.box),
        watched_since=row.watched_since,
        milestone=Milestone(row.milestone),
        milestone_since=row.milestone_since,
        last_scan_at=row.last_scan_at,
        last_polled_at=row.last_polled_at,
        last_answered_at=row.last_answered_at,
        last_outcome=PollOutcome(row.last_outcome) if row.last_outcome else None,
        failures_in_a_row=row.failures_in_a_row,
        next_poll_at=row.next_poll_at,
        poll_reason=PollReason(row.poll_reason),
        route_reason=RouteReason(row.route_reason),
        asked_elsewhere=tuple(row.asked_elsewhere.split()),
    )


def _polls(connection: sa.Connection, shipment_id: int, *, limit: int) -> list[PollView]:
    query = (
        sa.select(poll)
        .where(poll.c.shipment_id == shipment_id)
        .order_by(poll.c.polled_at.desc(), poll.c.id.desc())
        .limit(limit)
    )
    return [
        PollView(
            account=row.account,
            way=PollWay(row.way),
            reason=PollReason(row.reason),
            outcome=PollOutcome(row.outcome),
            polled_at=row.polled_at,
            new_scans=row.new_scans,
            code=row.code,
        )
        for row in connection.execute(query)
    ]


def _findings(connection: sa.Connection, shipment_id: int) -> list[FindingView]:
    query = sa.select(finding).where(finding.c.shipment_id == shipment_id).order_by(finding.c.id.desc())
    return [
        FindingView(
            rule=Rule(row.rule),
            since=row.since,
            found_at=row.found_at,
            facts=row.facts,
            ended_at=row.ended_at,
            suppressed_by=Suppression(row.suppressed_by) if row.suppressed_by else None,
        )
        for row in connection.execute(query)
    ]
