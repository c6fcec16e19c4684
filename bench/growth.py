"""Measures whether a stage costs by what is due or by what is stored: the same with ten times as much stored.

One round follows a hundred parcels that are due from the poller's question to the queue; then nothing is due and every
loop ticks once more; then people look.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import sqlalchemy as sa

from bench import town
from bench.databases import Databases
from bench.figures import Figure, grow, quiet, timed
from bench.importing import import_one
from bench.orders import made_orders, write_csv
from bench.parts import a_recorder, packs, regions
from bench.scale import Scale
from carriers.contract import Milestone, Scan, Track
from watcher.alerting.stage import Alerting
from watcher.clock import ManualClock
from watcher.coverage.stage import Covering
from watcher.detection.stage import Detection
from watcher.measuring import Measuring
from watcher.model import PollWay
from watcher.polling.recording import Answered, Recorder
from watcher.queue.cards import card, overview
from watcher.queue.stage import Queueing
from watcher.store import accounts, findings, health, shipments, watches
from watcher.store.engine import Store
from watcher.store.tables import watch
from watcher.telemetry import Metrics

_LOOKS = 5
_LINE = "快件被拒收，收件人表示不要了，包裹带回网点"


def measure(scale: Scale, databases: Databases) -> Iterator[Figure]:
    """Every stage on every database that can be had."""
    against = f"{scale.stored // 10:,} stored, not {scale.stored:,}"
    for kind in databases.kinds:
        with databases.empty(kind) as few, databases.empty(kind) as many, TemporaryDirectory() as folder:
            small, large = (
                _Round(store, kind, Path(folder), scale.due, size)
                for store, size in ((few, scale.stored // 10), (many, scale.stored))
            )
            for one in (small, large):
                town.build(one.store, one.stored)
                one.prepare(rounds=scale.rounds + 1)
            yield from grow(small.stages, large.stages, against=against, rounds=scale.rounds)


@dataclass(slots=True)
class _Round:
    """One store and what is done in it."""

    store: Store
    kind: str
    folder: Path
    due: int
    stored: int
    clock: ManualClock = field(default_factory=ManualClock)
    recorder: Recorder = field(default_factory=a_recorder)
    metrics: Metrics = field(default_factory=Metrics.create)
    waiting: list[list[int]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    rounds: int = 0

    def prepare(self, *, rounds: int) -> None:
        """Choose the parcels of every round, from all over the store."""
        keys = town.on_the_way(self.store, rounds * self.due)
        self.waiting = [keys[start::rounds] for start in range(rounds)]
        with self.store.write() as connection:
            accounts.ensure(connection, {town.ACCOUNT: "zto"})

    def stages(self) -> Mapping[str, float]:
        """One round; the seconds of each stage."""
        self.seconds = {}
        self.clock.advance(timedelta(seconds=1))
        self._make_due(self.waiting[self.rounds])
        self._flow()
        self._looks()
        self._import()
        self.rounds += 1
        return self.seconds

    @contextmanager
    def _taking(self, name: str) -> Iterator[None]:
        with quiet():
            began = perf_counter()
            yield
            self.seconds[f"{name}, {self.kind}"] = perf_counter() - began

    def _make_due(self, keys: list[int]) -> None:
        with self.store.write() as connection:
            watches.ask_now(connection, keys, now=self.clock.now())

    def _flow(self) -> None:
        now = self.clock.now()
        with self._taking("what is due, put off"), self.store.write() as connection:
            due = watches.due(connection, town.ACCOUNT, now=now, limit=500)
            watches.put_off(connection, [one.shipment_id for one in due], until=now + timedelta(minutes=20))
        answers = [
            Answered((one.carrier, one.tracking_number), self._answer(one.tracking_number)) for one in due
        ]
        with self._taking("answers recorded"), self.store.write() as connection:
            self.recorder.record(connection, answers, way=PollWay.POLL, now=now)
        for name, run_once in self._loops().items():
            with self._taking(name):
                taken = run_once()
            # a figure about nothing would look fine
            assert taken >= self.due, (name, taken)
        with self._taking("every loop, nothing due"):
            self._idle()

    def _answer(self, tracking_number: str) -> Track:
        scan = Scan(
            occurred_at=self.clock.now() - timedelta(minutes=5),
            local_time="2026-03-02 09:55:00",
            milestone=Milestone.EXCEPTION,
            text=_LINE,
        )
        return Track("zto", tracking_number, (scan,), complete=False)

    def _loops(self) -> dict[str, Callable[[], int]]:
        stages = (
            ("detection", Detection(self.store, self.clock, packs())),
            ("alerting", Alerting(self.store, self.clock, packs(), accounts.broken)),
            ("queueing", Queueing(self.store, self.clock)),
            ("coverage", Covering(self.store, self.clock)),
        )
        return {name: stage.run_once for name, stage in stages}

    def _idle(self) -> None:
        with self.store.read() as connection:
            assert not watches.accounts_with_due(connection, [town.ACCOUNT], now=self.clock.now())
        for name, run_once in self._loops().items():
            assert not run_once(), name

    def _looks(self) -> None:
        now = self.clock.now()
        first = overview(self.store, now=now).lines[0]
        self._looking("queue overview", lambda _: overview(self.store, now=now))
        self._looking("card", lambda _: card(self.store, first.work_item_id, now=now))
        self._looking("search by number", lambda look: shipments.by_number(look, first.order_number))
        self._looking("health page", lambda look: _health(look, now))
        self._looking("gauges", lambda _: Measuring(self.store, self.clock, self.metrics).run_once())
        with self._taking("source recovered"), self.store.write() as connection:
            findings.release_outage(connection, town.ACCOUNT)

    def _looking(self, name: str, look: Callable[[sa.Connection], object]) -> None:
        """Nothing changes, so the best of several."""
        name = f"{name}, {self.kind}"
        self.seconds[name] = min(timed(lambda: self._look(look)) for _ in range(_LOOKS))

    def _look(self, look: Callable[[sa.Connection], object]) -> None:
        with self.store.read() as connection:
            look(connection)

    def _import(self) -> None:
        path = write_csv(
            self.folder / f"{self.stored}.csv", made_orders(self.due, first=self.rounds * self.due)
        )
        with self._taking("import"):
            import_one(self.store, path, regions())
        self._settle_imported()

    def _settle_imported(self) -> None:
        """What was imported waits to be looked at, which the next round did not order."""
        with self.store.write() as connection:
            connection.execute(
                sa.update(watch)
                .where(watch.c.account != town.ACCOUNT)
                .values(next_poll_at=None, evaluate_at=None, coverage_pending=False)
            )


def _health(connection: sa.Connection, now: datetime) -> None:
    """All that the page shows."""
    health.loops(connection)
    health.accounts(connection)
    health.watched(connection)
    health.boxes(connection)
    health.waiting(connection, now=now)
    health.unmapped(connection)
