"""Measuring: the gauges say what stands in the database, and say zero when it is gone."""

import sqlalchemy as sa
from builders import NOW, stored
from structlog.testing import capture_logs

from carriers.contract import Milestone
from carriers.reading.labels import Label
from watcher.clock import ManualClock
from watcher.measuring import Measuring
from watcher.model import Box, Breaker, Rule
from watcher.store import labels
from watcher.store.engine import Store
from watcher.store.tables import account_state, finding, unknown_text
from watcher.telemetry import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"watcher_{name}", labels)


def found(store: Store, shipment_id: int, rule: Rule) -> None:
    row = {"shipment_id": shipment_id, "rule": rule, "episode": 1, "since": NOW, "facts": {}, "weight": 1}
    with store.write() as connection:
        connection.execute(
            sa.insert(finding).values(**row, found_at=NOW, changed_at=NOW, alerting_pending=True)
        )


def test_the_gauges_say_what_stands(store: Store, clock: ManualClock) -> None:
    metrics = Metrics.create()
    found(store, stored(store), Rule.STALLED)
    stored(store, tracking_number="78400000000002", box=Box.UNASSIGNED)
    with store.write() as connection:
        row = {"account": "zto-main", "source": "zto", "breaker": Breaker.OPEN}
        connection.execute(sa.insert(account_state).values(**row))
    assert Measuring(store, clock, metrics).run_once() == 0
    assert value(metrics, "shipments", box="watching") == 1
    assert value(metrics, "shipments", box="unassigned") == 1
    assert value(metrics, "findings", rule="stalled") == 1
    assert value(metrics, "findings", rule="refused") == 0
    assert value(metrics, "work_items", state="open") == 0
    assert value(metrics, "breaker", account="zto-main", state="open") == 1
    assert value(metrics, "breaker", account="zto-main", state="closed") == 0
    assert value(metrics, "pending_rows", stage="alert") == 1
    assert value(metrics, "pending_rows", stage="detect") == 2


def test_labels_and_what_is_read_again_because_of_them_are_counted(store: Store, clock: ManualClock) -> None:
    metrics = Metrics.create()
    row = {"carrier": "zto", "milestone": "unknown", "seen": 1, "first_seen_at": NOW, "last_seen_at": NOW}
    with store.write() as connection:
        connection.execute(sa.insert(unknown_text).values(**row, template="宜晒被子", replay_after=0))
        connection.execute(sa.insert(unknown_text).values(**row, template="宜晒褥子"))
        labels.add(connection, Label("宜晒被子", None, Milestone.EXCEPTION), staff_id=None, at=NOW)
    Measuring(store, clock, metrics).run_once()
    assert value(metrics, "labels") == 1
    assert value(metrics, "pending_rows", stage="replay") == 1


def test_what_is_gone_is_zero_the_next_time(sqlite_store: Store, clock: ManualClock) -> None:
    metrics = Metrics.create()
    measuring = Measuring(sqlite_store, clock, metrics)
    found(sqlite_store, stored(sqlite_store), Rule.STALLED)
    measuring.run_once()
    with sqlite_store.write() as connection:
        connection.execute(sa.update(finding).values(ended_at=NOW, alerting_pending=False))
    measuring.run_once()
    assert value(metrics, "findings", rule="stalled") == 0
    assert value(metrics, "pending_rows", stage="alert") == 0


def test_once_a_minute_the_log_says_what_came_since(store: Store, clock: ManualClock) -> None:
    metrics, seconds = Metrics.create(), iter((0.0, 59.0, 61.0, 100.0, 121.0))
    metrics.alert_decided("stalled", "raised")
    measuring = Measuring(store, clock, metrics, lambda: next(seconds))
    metrics.alert_decided("stalled", "raised")
    metrics.alert_decided("stalled", "closed")
    with capture_logs() as lines:
        for _ in range(4):
            measuring.run_once()
    assert [line["event"] for line in lines] == ["still_watching"] * 2
    assert [(line["polls"], line["alerts"]) for line in lines] == [(0, 1), (0, 0)]
