"""Alerts and their events as rows, and the accounts whose outage holds alerts back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from watcher.model import Alert, AlertClose, AlertEventKind, AlertState, Box, Breaker, Rule, Urgency
from watcher.store.tables import account_state, alert, alert_event, watch

_FACE = ("state", "urgency", "weight", "at_risk_fen", "deadline", "facts", "closed_at", "close_reason")


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What is written of an alert, whether it is new or known. Money in fen."""

    shipment_id: int
    finding_id: int
    rule: Rule
    episode: int
    state: AlertState
    urgency: Urgency
    weight: int
    at_risk_fen: int
    deadline: datetime | None
    facts: dict[str, str | int]
    closed_at: datetime | None = None
    close_reason: AlertClose | None = None


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """What happened to an alert."""

    alert_id: int
    kind: AlertEventKind
    facts: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Watched:
    """What alerting needs to know of a watch."""

    account: str | None
    box: Box
    watched_since: datetime


def of_shipments(connection: sa.Connection, shipment_ids: Iterable[int]) -> dict[int, list[Alert]]:
    """For each shipment every alert there ever was, oldest first."""
    ids = list(shipment_ids)
    found: dict[int, list[Alert]] = {shipment_id: [] for shipment_id in ids}
    query = sa.select(alert).where(alert.c.shipment_id.in_(ids)).order_by(alert.c.id)
    for row in connection.execute(query):
        found[row.shipment_id].append(alert_of(row))
    return found


def watched(connection: sa.Connection, shipment_ids: Iterable[int]) -> dict[int, Watched]:
    """How each shipment is watched."""
    query = sa.select(watch.c.shipment_id, watch.c.account, watch.c.box, watch.c.watched_since).where(
        watch.c.shipment_id.in_(list(shipment_ids))
    )
    return {
        row.shipment_id: Watched(account=row.account, box=Box(row.box), watched_since=row.watched_since)
        for row in connection.execute(query)
    }


def accounts_in_outage(connection: sa.Connection) -> frozenset[str]:
    """Accounts whose breaker is not closed: asking them is known to fail, or has not been proven to work again."""
    query = sa.select(account_state.c.account).where(account_state.c.breaker != Breaker.CLOSED)
    return frozenset(connection.scalars(query))


def add(connection: sa.Connection, rows: Sequence[AlertRow], *, at: datetime) -> list[int]:
    """Write new alerts; gives their ids in the same order. The queue is to see them."""
    if not rows:
        return []
    values = [
        _values(row)
        | {
            "shipment_id": row.shipment_id,
            "finding_id": row.finding_id,
            "rule": row.rule,
            "episode": row.episode,
            "raised_at": at,
            "changed_at": at,
            "queue_pending": True,
        }
        for row in rows
    ]
    statement = sa.insert(alert).returning(alert.c.id, sort_by_parameter_order=True)
    return list(connection.scalars(statement, values))


def change(connection: sa.Connection, rows: Sequence[tuple[int, AlertRow]], *, at: datetime) -> None:
    """Write what became of known alerts, given as (alert id, row). The queue is to see them."""
    if not rows:
        return
    statement = (
        sa.update(alert)
        .where(alert.c.id == sa.bindparam("b_id"))
        .values(
            {name: sa.bindparam(f"b_{name}", type_=alert.c[name].type) for name in _FACE}
            | {"changed_at": at, "queue_pending": True}
        )
    )
    connection.execute(
        statement,
        [{"b_id": key} | {f"b_{name}": value for name, value in _values(row).items()} for key, row in rows],
    )


def add_events(connection: sa.Connection, events: Sequence[AlertEvent], *, at: datetime) -> None:
    """Write what happened to alerts."""
    if events:
        rows = [
            {"alert_id": event.alert_id, "at": at, "kind": event.kind, "facts": event.facts}
            for event in events
        ]
        connection.execute(sa.insert(alert_event), rows)


def events_of(
    connection: sa.Connection, alert_ids: Iterable[int]
) -> list[tuple[int, datetime, AlertEventKind]]:
    """What happened to these alerts, in order, as (alert id, when, what)."""
    query = (
        sa.select(alert_event).where(alert_event.c.alert_id.in_(list(alert_ids))).order_by(alert_event.c.id)
    )
    return [(row.alert_id, row.at, AlertEventKind(row.kind)) for row in connection.execute(query)]


def alert_of(row: sa.Row[Any]) -> Alert:
    """The dataclass of a row."""
    return Alert(
        id=row.id,
        shipment_id=row.shipment_id,
        finding_id=row.finding_id,
        rule=Rule(row.rule),
        episode=row.episode,
        state=AlertState(row.state),
        urgency=Urgency(row.urgency),
        weight=row.weight,
        at_risk_fen=row.at_risk_fen,
        deadline=row.deadline,
        facts=row.facts,
        raised_at=row.raised_at,
        changed_at=row.changed_at,
        closed_at=row.closed_at,
        close_reason=None if row.close_reason is None else AlertClose(row.close_reason),
    )


def _values(row: AlertRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FACE}
