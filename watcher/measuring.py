"""Puts what stands in the database into the gauges: boxes, findings, work items, breakers, and what waits for a stage.

Counted in a loop of its own and not when `/metrics` is asked, so that an impatient scraper costs nothing.
"""

from dataclasses import dataclass

from watcher.clock import Clock
from watcher.store import figures, health, queue_view
from watcher.store.engine import Store
from watcher.store.health import Waiting
from watcher.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Measuring:
    """The loop that counts."""

    store: Store
    clock: Clock
    metrics: Metrics

    def run_once(self) -> int:
        """Count everything once; gives 0, because nothing is left for a second look."""
        now = self.clock.now()
        with self.store.read() as connection:
            boxes = health.boxes(connection)
            found = figures.open_findings(connection)
            items = queue_view.counts(connection)
            accounts = health.accounts(connection)
            waiting = health.waiting(connection, now=now)
        for box, count in boxes.items():
            self.metrics.shipments.labels(box=box).set(count)
        for rule, count in found.items():
            self.metrics.findings.labels(rule=rule).set(count)
        for state, count in items.items():
            self.metrics.work_items.labels(state=state).set(count)
        for account in accounts:
            self.metrics.set_breaker(account.account, state=account.breaker)
        for stage, count in _by_stage(waiting).items():
            self.metrics.pending_rows.labels(stage=stage).set(count)
        return 0


def _by_stage(waiting: Waiting) -> dict[str, int]:
    return {
        "poll": waiting.polls_due,
        "detect": waiting.to_evaluate,
        "alert": waiting.to_alert,
        "queue": waiting.to_queue,
        "cover": waiting.to_count,
    }
