"""A store that has been in use: shipments that are settled or not due, with all that was written about them.

One block of a thousand is built row by row; the others are copies of it, made by the database. Seven in ten are
settled, three on the way; two in ten had trouble once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench import databases
from bench.orders import an_address
from carriers.contract import Milestone
from watcher.clock import ManualClock
from watcher.model import (
    AlertClose,
    AlertEventKind,
    AlertState,
    Box,
    CloseReason,
    Fate,
    OrderState,
    PollOutcome,
    PollReason,
    PollWay,
    Rule,
    Urgency,
    WorkItemEventKind,
    WorkItemState,
)
from watcher.store.engine import Store
from watcher.store.tables import (
    alert,
    alert_event,
    evidence,
    finding,
    poll,
    scan,
    shipment,
    watch,
    work_item,
    work_item_event,
)

NOW = ManualClock().now()
ACCOUNT = "zto-main"
BLOCK = 1000
_ON_THE_WAY = 300
_TROUBLED = 200
_SCANS = 4
_POLLS = 3
_NUMBERS = ("order_number", "tracking_number")
_DAY = timedelta(days=1)
_TABLES = (shipment, watch, poll, scan, finding, alert, alert_event, work_item, work_item_event, evidence)

Rows = list[dict[str, Any]]


def build(store: Store, shipments: int) -> None:
    """Fill an empty store with `shipments` (whole blocks), none of them due."""
    blocks, left = divmod(shipments, BLOCK)
    assert blocks
    assert not left
    rows = _block()
    with store.write() as connection:
        _hurry(connection)
        for table in _TABLES:
            connection.execute(sa.insert(table), rows[table.name])
        sizes = {name: len(written) for name, written in rows.items()}
        for turn in range(1, blocks):
            _copy(connection, sizes, turn=turn)
        _catch_up(connection)
    databases.settle(store)


def on_the_way(store: Store, limit: int) -> list[int]:
    """Shipments that are watched and have no trouble, from all over the store."""
    query = sa.select(watch.c.shipment_id).where(watch.c.box == Box.WATCHING).order_by(watch.c.shipment_id)
    with store.read() as connection:
        found = list(connection.scalars(query))
    return found[:: len(found) // limit][:limit]


def _block() -> dict[str, Rows]:
    troubled = range(1, _TROUBLED + 1)
    return {
        "shipment": [_shipment(key) for key in range(1, BLOCK + 1)],
        "watch": [_watch(key) for key in range(1, BLOCK + 1)],
        "poll": [_poll(key, turn) for key in range(1, BLOCK + 1) for turn in range(_POLLS)],
        "scan": [_scan(key, turn) for key in range(1, BLOCK + 1) for turn in range(_SCANS)],
        "finding": [_finding(key) for key in troubled],
        "alert": [_alert(key) for key in troubled],
        "alert_event": list(_alert_events(troubled)),
        "work_item": [_work_item(key) for key in troubled],
        "work_item_event": list(_work_item_events(troubled)),
        "evidence": [_evidence(key) for key in range(1, BLOCK + 1)],
    }


def _shipment(key: int) -> dict[str, Any]:
    return {
        "id": key,
        "order_number": f"O-{key}",
        "tracking_number": f"784{key:06}",
        "carrier": "zto",
        "order_state": OrderState.OPEN,
        "recipient": "李四",
        "phone": f"1380000{key:04}",
        "address": an_address(key),
        "province": "51",
        "city": "5101",
        "district": "510107",
        "province_name": "四川省",
        "city_name": "成都市",
        "district_name": "武侯区",
        "origin_province": "44",
        "origin_city": "4403",
        "value_fen": 12_000 + key,
        "cod_fen": 0,
        "presale": False,
        "number_uploaded_at": NOW - 3 * _DAY,
        "paid_at": NOW - 4 * _DAY,
        "row_digest": f"{key:032}",
        "imported_at": NOW - 3 * _DAY,
        "changed_at": NOW - 3 * _DAY,
    }


def _watched(key: int) -> bool:
    return key > BLOCK - _ON_THE_WAY


def _watch(key: int) -> dict[str, Any]:
    watched = _watched(key)
    return {
        "shipment_id": key,
        "account": ACCOUNT,
        "box": Box.WATCHING if watched else Box.SETTLED,
        "watched_since": NOW - 3 * _DAY,
        "milestone": Milestone.IN_TRANSIT if watched else Milestone.DELIVERED,
        "milestone_since": _scanned_at(_SCANS - 1),
        "last_scan_at": _scanned_at(_SCANS - 1),
        "next_poll_at": NOW + timedelta(minutes=1 + key % 180) if watched else None,
        "poll_reason": PollReason.STAGE_INTERVAL,
        "last_polled_at": NOW - timedelta(hours=1),
        "last_answered_at": NOW - timedelta(hours=1),
        "last_outcome": PollOutcome.UNCHANGED,
        "failures_in_a_row": 0,
        "track_digest": f"{key:032}",
        "evaluate_at": NOW + timedelta(hours=1 + key % 24) if watched else None,
        "coverage_pending": False,
    }


def _poll(key: int, turn: int) -> dict[str, Any]:
    return {
        "shipment_id": key,
        "account": ACCOUNT,
        "way": PollWay.POLL,
        "reason": PollReason.STAGE_INTERVAL,
        "outcome": PollOutcome.NEW_SCANS,
        "polled_at": _scanned_at(turn),
        "new_scans": 1,
    }


def _scanned_at(turn: int) -> datetime:
    return NOW - timedelta(hours=9 - turn)


def _scan(key: int, turn: int) -> dict[str, Any]:
    return {
        "shipment_id": key,
        "identity": f"{key:016}{turn:016}",
        "source": "zto",
        "occurred_at": _scanned_at(turn),
        "local_time": "2026-03-02 09:00:00",
        "milestone": Milestone.IN_TRANSIT if _watched(key) else Milestone.DELIVERED,
        "reasons": [],
        "carrier_code": "ARRIVAL",
        "text": "【成都转运中心】已收入，正发往下一站",
        "first_seen_at": _scanned_at(turn),
    }


def _finding(key: int) -> dict[str, Any]:
    return {
        "shipment_id": key,
        "rule": Rule.FAILED_ATTEMPT,
        "episode": 1,
        "since": NOW - 2 * _DAY,
        "facts": {"attempts": 1},
        "weight": 1,
        "found_at": NOW - 2 * _DAY,
        "changed_at": NOW - _DAY,
        "ended_at": NOW - _DAY,
        "alerting_pending": False,
    }


def _alert(key: int) -> dict[str, Any]:
    return {
        "shipment_id": key,
        "finding_id": key,
        "rule": Rule.FAILED_ATTEMPT,
        "episode": 1,
        "state": AlertState.CLOSED,
        "urgency": Urgency.SOON,
        "weight": 1,
        "at_risk_fen": 12_000,
        "facts": {"attempts": 1},
        "raised_at": NOW - 2 * _DAY,
        "changed_at": NOW - _DAY,
        "closed_at": NOW - _DAY,
        "close_reason": AlertClose.FINDING_ENDED,
        "queue_pending": False,
    }


def _alert_events(keys: Sequence[int]) -> Iterator[dict[str, Any]]:
    for kind in (AlertEventKind.RAISED, AlertEventKind.CLOSED):
        for key in keys:
            yield {"alert_id": key, "at": NOW - _DAY, "kind": kind, "facts": {}}


def _work_item(key: int) -> dict[str, Any]:
    return {
        "shipment_id": key,
        "state": WorkItemState.CLOSED,
        "at_risk_fen": 12_000,
        "urgency": Urgency.SOON,
        "priority": 1.0,
        "opened_at": NOW - 2 * _DAY,
        "changed_at": NOW - _DAY,
        "closed_at": NOW - _DAY,
        "close_reason": CloseReason.DELIVERED,
        "version": 2,
    }


def _work_item_events(keys: Sequence[int]) -> Iterator[dict[str, Any]]:
    told = {"alert_id": 0, "rule": Rule.FAILED_ATTEMPT, "weight": 1}
    for kind in (WorkItemEventKind.OPENED, WorkItemEventKind.ALERT_ADDED, WorkItemEventKind.CLOSED):
        for key in keys:
            yield {"work_item_id": key, "at": NOW - _DAY, "kind": kind, "facts": told | {"alert_id": key}}


def _evidence(key: int) -> dict[str, Any]:
    return {
        "shipment_id": key,
        "fate": Fate.SHIPPED,
        "carrier": "zto",
        "province": "51",
        "city": "5101",
        "district": "510107",
        "at": NOW - 2 * _DAY,
    }


def _copy(connection: sa.Connection, sizes: Mapping[str, int], *, turn: int) -> None:
    """One more block: the first one with other keys and numbers."""
    for table in _TABLES:
        names = [column.name for column in table.c]
        first = next(iter(table.primary_key))
        copied = (_moved(column, sizes, turn=turn) for column in table.c)
        query = sa.select(*copied).where(first <= sizes[table.name])
        connection.execute(sa.insert(table).from_select(names, query))


def _moved(column: "sa.Column[Any]", sizes: Mapping[str, int], *, turn: int) -> sa.ColumnElement[Any]:
    if column.name in _NUMBERS:
        return column + sa.literal(f"-{turn}")
    home = next(
        (key.column.table for key in column.foreign_keys), column.table if column.name == "id" else None
    )
    return column if home is None else column + turn * sizes.get(home.name, 0)


def _hurry(connection: sa.Connection) -> None:
    """PostgreSQL need not look up every key that a copied row refers to."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")


def _catch_up(connection: sa.Connection) -> None:
    """PostgreSQL counts ids by itself and does not see those that were given."""
    if connection.dialect.name == "sqlite":
        return
    for table in _TABLES:
        if "id" in table.c:
            last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
            connection.execute(
                sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), last))
            )
