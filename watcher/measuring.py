"""Puts what stands in the database into the gauges: boxes, findings, work items, breakers, and what waits for a stage.

Counted in a loop of its own and not when `/metrics` is asked, so that an impatient scraper costs nothing. Once a minute
it says in the log that the daemon still watches, and what came of it since.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import structlog
from prometheus_client import Counter

from watcher.clock import Clock
from watcher.model import AlertEventKind, Box
from watcher.store import figures, health, labels, queue_view
from watcher.store.engine import Store
from watcher.store.health import Waiting
from watcher.telemetry import Metrics

log = structlog.get_logger()

_SAYS_EVERY = 60.0


@dataclass(slots=True)
class Measuring:
    """The loop that counts. `seconds` is real time however fast `clock` runs, so that a demo does not chatter."""

    store: Store
    clock: Clock
    metrics: Metrics
    seconds: Callable[[], float] = monotonic
    _said_at: float = field(init=False)
    _said: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._said_at, self._said = self.seconds(), self._totals()

    def run_once(self) -> int:
        """Count everything once; gives 0, because nothing is left for a second look."""
        now = self.clock.now()
        with self.store.read() as connection:
            boxes = health.boxes(connection)
            found = figures.open_findings(connection)
            items = queue_view.counts(connection)
            accounts = health.accounts(connection)
            waiting = health.waiting(connection, now=now)
            standing = labels.count(connection)
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
        self.metrics.labels.set(standing)
        self._say(watching=boxes[Box.WATCHING], unassigned=boxes[Box.UNASSIGNED])
        return 0

    def _say(self, **standing: int) -> None:
        """One line a minute, with what happened since the line before."""
        now = self.seconds()
        if now - self._said_at < _SAYS_EVERY:
            return
        totals = self._totals()
        since = {name: count - self._said[name] for name, count in totals.items()}
        log.info("still_watching", **since, **standing)
        self._said_at, self._said = now, totals

    def _totals(self) -> dict[str, int]:
        return {
            "polls": _total(self.metrics.polls),
            "new_scans": _total(self.metrics.new_scans),
            "alerts": _total(self.metrics.alert_decisions, decision=AlertEventKind.RAISED),
        }


def _total(counter: Counter, **labels: str) -> int:
    """The sum over all labels but those given."""
    return int(
        sum(
            sample.value
            for family in counter.collect()
            for sample in family.samples
            if sample.name.endswith("_total") and labels.items() <= sample.labels.items()
        )
    )


def _by_stage(waiting: Waiting) -> dict[str, int]:
    return {
        "poll": waiting.polls_due,
        "detect": waiting.to_evaluate,
        "alert": waiting.to_alert,
        "queue": waiting.to_queue,
        "cover": waiting.to_count,
        "replay": waiting.to_replay,
    }
