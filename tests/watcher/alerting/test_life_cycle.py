"""Any life of a parcel, in any order of events, stages and outages: the promises that alerts keep."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from builders import a_scan, stored
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from watcher.alerting.stage import Alerting
from watcher.clock import ManualClock
from watcher.detection.packs import load_packs
from watcher.detection.stage import Detection
from watcher.detection.table import RULES
from watcher.model import AlertClose, AlertState, Box, OrderState, Suppression
from watcher.store import alerts, findings, scans
from watcher.store.engine import open_store
from watcher.store.tables import alert, alert_event, metadata, shipment, watch

PACKS = load_packs()
EVENTS = [
    ("picked_up",),
    ("in_transit",),
    ("out_for_delivery",),
    ("exception", "failed_attempt"),
    ("exception", "failed_attempt", "recipient_unreachable"),
    ("exception", "refused"),
    ("exception", "out_of_area"),
    ("ready_for_pickup", "pickup_only"),
    ("returning", "return_to_sender"),
    ("returned", "return_to_sender"),
    ("delivered",),
]


class AlertLife(RuleBasedStateMachine):
    """One parcel; steps are lines of the carrier, withdrawn lines, silence, failures, outages and runs of a stage."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(f"sqlite:///{Path(self.folder.name) / 'watcher.db'}")
        with self.store.write() as connection:
            metadata.create_all(connection)
        self.clock = ManualClock()
        self.outage = False
        self.detection = Detection(self.store, self.clock, PACKS)
        self.alerting = Alerting(self.store, self.clock, PACKS, outages=lambda _: self._outages())
        self.printed: list[str] = []
        self.key = 0

    def _outages(self) -> frozenset[str]:
        return frozenset({"zto-main"}) if self.outage else frozenset()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.key = stored(self.store)

    @rule(event=st.sampled_from(EVENTS), hours=st.sampled_from([1, 7, 50]))
    def the_carrier_prints(self, event: tuple[str, ...], hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        line = a_scan(event[0], self.clock.now(), *event[1:])
        self.printed.append(line.identity)
        with self.store.write() as connection:
            scans.add(connection, {self.key: [line]}, source="zto", seen_at=self.clock.now())
        self._learn(last_answered_at=self.clock.now(), last_outcome="new_scans", failures_in_a_row=0)

    @rule()
    def the_carrier_takes_its_last_line_back(self) -> None:
        if self.printed:
            with self.store.write() as connection:
                scans.withdraw(connection, {self.key: [self.printed.pop()]}, at=self.clock.now())
            self._learn(last_answered_at=self.clock.now(), failures_in_a_row=0)

    @rule(hours=st.sampled_from([1, 50]))
    def nothing_new_is_said(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self._learn(last_answered_at=self.clock.now(), last_outcome="unchanged", failures_in_a_row=0)

    @rule(hours=st.sampled_from([1, 9]))
    def asking_fails(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self._learn(last_outcome="unreachable", failures_in_a_row=watch.c.failures_in_a_row + 1)

    @rule()
    def the_source_breaks_or_recovers(self) -> None:
        self.outage = not self.outage
        if not self.outage:
            with self.store.write() as connection:
                findings.release_outage(connection, "zto-main")

    @rule(state=st.sampled_from(OrderState))
    def the_merchant_changes_the_order(self, state: OrderState) -> None:
        box = Box.WATCHING if state is OrderState.OPEN else Box.ORDER_CLOSED
        with self.store.write() as connection:
            connection.execute(sa.update(shipment).values(order_state=state))
        self._learn(box=box)

    @rule()
    def detection_runs(self) -> None:
        self.detection.run_once()

    @rule()
    def alerting_runs(self) -> None:
        self.alerting.run_once()

    @rule()
    def both_run_until_nothing_waits(self) -> None:
        while self.detection.run_once() + self.alerting.run_once():
            pass
        self._settled()

    @invariant()
    def at_most_one_alert_is_open_for_each_rule(self) -> None:
        open_rules = [one.rule for one in self._alerts() if one.is_open]
        assert len(open_rules) == len(set(open_rules))

    @invariant()
    def an_alert_is_open_or_closed_with_a_reason(self) -> None:
        for one in self._alerts():
            closed = one.state is AlertState.CLOSED
            assert closed == (one.closed_at is not None) == (one.close_reason is not None)

    @invariant()
    def episodes_grow_and_only_the_last_is_open(self) -> None:
        with self.store.read() as connection:
            known = findings.of_shipment(connection, self.key) if self.key else []
        for name in {one.rule for one in known}:
            episodes = [one for one in known if one.rule is name]
            assert [one.episode for one in episodes] == list(range(1, len(episodes) + 1))
            assert all(one.ended_at for one in episodes[:-1])

    @invariant()
    def events_alternate_between_opening_and_closing(self) -> None:
        with self.store.read() as connection:
            rows = connection.execute(sa.select(alert_event).order_by(alert_event.c.id)).all()
            states = {row.id: row.state for row in connection.execute(sa.select(alert.c.id, alert.c.state))}
        for key, state in states.items():
            kinds = [row.kind for row in rows if row.alert_id == key]
            turns = [kind for kind in kinds if kind in {"raised", "reopened", "closed"}]
            assert turns[::2] == [turns[0]] + ["reopened"] * (len(turns[::2]) - 1)
            assert set(turns[1::2]) <= {"closed"}
            assert (turns[-1] == "closed") == (state == "closed")

    def _settled(self) -> None:
        """With nothing waiting: an alert is open exactly when its finding stands and nothing holds it back."""
        with self.store.read() as connection:
            known = findings.of_shipment(connection, self.key)
            state = connection.execute(sa.select(shipment.c.order_state)).scalar_one()
        by_identity = {(one.rule, one.episode): one for one in self._alerts()}
        standing = {one.rule for one in known if not one.ended_at}
        for one in known:
            made = by_identity.get((one.rule, one.episode))
            is_open = made is not None and made.is_open
            assert not one.alerting_pending
            assert is_open == (one.ended_at is None and one.suppressed_by is None)
            if one.suppressed_by is Suppression.ORDER_CLOSED and not one.ended_at:
                assert state != OrderState.OPEN
            if one.suppressed_by is Suppression.SHARPER_RULE and not one.ended_at:
                assert RULES[one.rule].inhibited_by & standing
            if made and made.close_reason is AlertClose.INHIBITED:
                assert RULES[one.rule].inhibited_by

    def _alerts(self) -> list[Any]:
        with self.store.read() as connection:
            return alerts.of_shipments(connection, [self.key])[self.key]

    def _learn(self, **changes: Any) -> None:
        with self.store.write() as connection:
            connection.execute(sa.update(watch).values(evaluate_at=self.clock.now(), **changes))


AlertLife.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAlertLife = AlertLife.TestCase
