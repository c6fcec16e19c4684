"""A parcel that goes from detection to alerts in one call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from builders import a_scan, stored

from carriers.contract import Scan
from watcher.alerting.stage import Alerting
from watcher.clock import ManualClock
from watcher.detection.packs import load_packs
from watcher.detection.stage import Detection
from watcher.model import Alert, KnownFinding
from watcher.store import alerts, findings, scans
from watcher.store.engine import Store
from watcher.store.tables import watch


@dataclass(slots=True)
class Scene:
    """One store with both stages, and a clock that moves only when told."""

    store: Store
    clock: ManualClock
    detection: Detection
    alerting: Alerting
    decisions: list[tuple[str, str]] = field(default_factory=list)

    def parcel(self, *lines: Scan, **changes: Any) -> int:
        """A stored shipment about which the source has just answered."""
        key = stored(self.store, *lines, **changes)
        self.hear(key)
        return key

    def hear(self, key: int, *lines: Scan, **changes: Any) -> None:
        """What the poller writes when an answer has come."""
        now = self.clock.now()
        learnt = {"last_answered_at": now, "last_polled_at": now, "evaluate_at": now}
        with self.store.write() as connection:
            scans.add(connection, {key: lines}, source="zto", seen_at=now)
            connection.execute(sa.update(watch).where(watch.c.shipment_id == key).values(**learnt | changes))

    def scan(self, milestone: str, *reasons: str) -> Scan:
        """A line printed now."""
        return a_scan(milestone, self.clock.now(), *reasons)

    def run(self, *, hours: float = 0) -> None:
        """Both stages, some hours later."""
        self.clock.advance(timedelta(hours=hours))
        self.detection.run_once()
        self.alerting.run_once()

    def alerts(self, key: int) -> list[Alert]:
        """Every alert there ever was."""
        with self.store.read() as connection:
            return alerts.of_shipments(connection, [key])[key]

    def findings(self, key: int) -> list[KnownFinding]:
        """Everything ever found."""
        with self.store.read() as connection:
            return findings.of_shipment(connection, key)

    def events(self, key: int) -> list[tuple[datetime, str]]:
        """What happened to the shipment's alerts."""
        ids = [alert.id for alert in self.alerts(key)]
        with self.store.read() as connection:
            return [(at, kind.value) for _, at, kind in alerts.events_of(connection, ids)]


@pytest.fixture
def make_scene() -> Callable[[Store, ManualClock], Scene]:
    """A scene on a given store."""

    def make(store: Store, clock: ManualClock) -> Scene:
        packs = load_packs()
        decisions: list[tuple[str, str]] = []
        alerting = Alerting(store, clock, packs, on_decision=lambda *said: decisions.append(said))
        return Scene(store, clock, Detection(store, clock, packs), alerting, decisions)

    return make


@pytest.fixture
def scene(store: Store, clock: ManualClock, make_scene: Callable[[Store, ManualClock], Scene]) -> Scene:
    """A scene on each of the two databases."""
    return make_scene(store, clock)
