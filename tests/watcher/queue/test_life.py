"""Whatever happens in whatever order: allowed steps only, one open work item per parcel, events that tell it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from work_scene import Scene

from watcher.clock import ManualClock
from watcher.model import (
    CloseReason,
    OrderState,
    Role,
    WorkItem,
    WorkItemEvent,
    WorkItemEventKind,
    WorkItemState,
)
from watcher.model import Rule as Kind
from watcher.queue.life import STAFF_REASONS
from watcher.queue.refusals import WorkRefused
from watcher.queue.stage import Queueing
from watcher.queue.work import Desk
from watcher.store.engine import open_store
from watcher.store.tables import alert, metadata, staff

OPEN, CLAIMED, SNOOZED, CLOSED = WorkItemState
STEPS: dict[WorkItemEventKind, set[tuple[WorkItemState | None, WorkItemState]]] = {
    WorkItemEventKind.OPENED: {(None, OPEN)},
    WorkItemEventKind.CLAIMED: {(OPEN, CLAIMED), (SNOOZED, CLAIMED), (CLAIMED, CLAIMED)},
    WorkItemEventKind.RELEASED: {(CLAIMED, OPEN)},
    WorkItemEventKind.CLAIM_RAN_OUT: {(CLAIMED, OPEN)},
    WorkItemEventKind.SNOOZED: {(OPEN, SNOOZED), (CLAIMED, SNOOZED), (SNOOZED, SNOOZED)},
    WorkItemEventKind.WOKE: {(SNOOZED, OPEN)},
    WorkItemEventKind.CLOSED: {(OPEN, CLOSED), (CLAIMED, CLOSED), (SNOOZED, CLOSED)},
    WorkItemEventKind.NOTED: {(state, state) for state in WorkItemState},
    WorkItemEventKind.ALERT_ADDED: {(state, state) for state in (OPEN, CLAIMED, SNOOZED)},
    WorkItemEventKind.ALERT_WORSENED: {(state, state) for state in (OPEN, CLAIMED, SNOOZED)},
    WorkItemEventKind.ALERT_ENDED: {(state, state) for state in (OPEN, CLAIMED, SNOOZED)},
}
_MEMBERS = ("alice", "bob")


@dataclass
class Told:
    """A work item as its events alone tell it."""

    state: WorkItemState | None = None
    claimed_by: int | None = None
    until: datetime | None = None
    reason: CloseReason | None = None


def replay(events: Sequence[WorkItemEvent]) -> Told:
    told = Told()
    for event in events:
        assert event.from_state is told.state
        until = event.facts.get("until")
        moment = datetime.fromisoformat(str(until)) if until else None
        if event.kind is WorkItemEventKind.NOTED:
            told.until = moment or told.until
        elif event.to_state is not event.from_state or until:
            told.until = moment
            told.claimed_by = event.staff_id if event.to_state is CLAIMED else None
        if event.kind is WorkItemEventKind.CLOSED:
            told.reason = CloseReason(str(event.facts["reason"]))
        told.state = event.to_state
    return told


class LifeOfWork(RuleBasedStateMachine):
    """Two parcels, two agents, alerts that come and go, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        store = open_store(f"sqlite:///{Path(self.folder.name) / 'watcher.db'}")
        clock = ManualClock()
        with store.write() as connection:
            metadata.create_all(connection)
            rows = [
                {"name": name, "role": Role.AGENT, "password_hash": "made", "created_at": clock.now()}
                for name in _MEMBERS
            ]
            connection.execute(sa.insert(staff), rows)
        self.scene = Scene(store, clock, Desk(store, clock), Queueing(store, clock))
        self.parcels: list[int] = []
        self.numbers = count(1)
        self.behind = False
        self.order_was_closed: set[int] = set()

    def teardown(self) -> None:
        self.scene.store.close()
        self.folder.cleanup()

    @initialize()
    def two_parcels(self) -> None:
        self.parcels = [self.scene.parcel(), self.scene.parcel()]

    def _items(self) -> list[WorkItem]:
        return [item for parcel in self.parcels for item in self.scene.items(parcel)]

    def _open_alerts(self, shipment_id: int) -> dict[Kind, int]:
        query = sa.select(alert.c.rule, alert.c.id).where(
            alert.c.shipment_id == shipment_id, alert.c.closed_at.is_(None)
        )
        with self.scene.store.read() as connection:
            return {Kind(row.rule): row.id for row in connection.execute(query)}

    @rule(parcel=st.integers(0, 1), kind=st.sampled_from([Kind.STALLED, Kind.REFUSED]))
    def trouble_comes(self, parcel: int, kind: Kind) -> None:
        if kind not in self._open_alerts(self.parcels[parcel]):
            self.scene.alert(self.parcels[parcel], kind)
            self.behind = True

    @rule(parcel=st.integers(0, 1), weight=st.integers(1, 3))
    def trouble_changes(self, parcel: int, weight: int) -> None:
        for alert_id in self._open_alerts(self.parcels[parcel]).values():
            self.scene.change(alert_id, weight=weight)
            self.behind = True

    @rule(parcel=st.integers(0, 1), kind=st.sampled_from([Kind.STALLED, Kind.REFUSED]))
    def trouble_ends(self, parcel: int, kind: Kind) -> None:
        found = self._open_alerts(self.parcels[parcel]).get(kind)
        if found:
            self.scene.end(found)
            self.behind = True

    @rule(state=st.sampled_from(OrderState))
    def the_order_changes(self, state: OrderState) -> None:
        # the other parcel's order stays open
        self.scene.order(self.parcels[0], state)
        if state is not OrderState.OPEN:
            self.order_was_closed.add(self.parcels[0])

    @rule()
    def the_daemon_runs(self) -> None:
        while self.scene.run():
            pass
        self.behind = False

    @rule(minutes=st.sampled_from([1, 19, 20, 61]))
    def time_passes(self, minutes: int) -> None:
        self.scene.later(minutes=minutes)
        self.behind = True

    @rule(who=st.integers(1, 2))
    def somebody_asks_for_the_next_call(self, who: int) -> None:
        given = self.scene.desk.next_call(staff_id=who)
        if given:
            item = self.scene.item(given)
            assert (item.state, item.claimed_by) == (CLAIMED, who)
            assert item.claimed_until
            assert item.claimed_until > self.scene.clock.now()

    @precondition(lambda self: bool(self._items()))
    @rule(
        who=st.integers(1, 2),
        data=st.data(),
        verb=st.sampled_from(["claim", "release", "note", "snooze", "close"]),
        reason=st.sampled_from(STAFF_REASONS),
    )
    def somebody_does_something(self, who: int, data: st.DataObject, verb: str, reason: CloseReason) -> None:
        item = data.draw(st.sampled_from(self._items()))
        desk = self.scene.desk
        before = self.scene.events(item.id)
        try:
            match verb:
                case "claim":
                    desk.claim(item.id, staff_id=who)
                case "release":
                    desk.release(item.id, staff_id=who)
                case "note":
                    desk.note(item.id, staff_id=who, text=f"note {next(self.numbers)}")
                case "snooze":
                    desk.snooze(item.id, staff_id=who, until=self.scene.clock.now() + timedelta(minutes=30))
                case _:
                    desk.close(item.id, staff_id=who, reason=reason)
        except WorkRefused:
            assert self.scene.item(item.id) == item
            assert self.scene.events(item.id) == before
        else:
            assert len(self.scene.events(item.id)) > len(before)

    @invariant()
    def only_allowed_steps_are_told(self) -> None:
        for item in self._items():
            events = self.scene.events(item.id)
            assert [event.kind.value for event in events[:2]] == ["opened", "alert_added"]
            for event in events:
                assert event.to_state is not None
                assert (event.from_state, event.to_state) in STEPS[event.kind]
            assert all(early.at <= late.at for early, late in pairwise(events))

    @invariant()
    def the_events_alone_tell_how_it_stands(self) -> None:
        for item in self._items():
            told = replay(self.scene.events(item.id))
            until = item.claimed_until or item.snoozed_until
            assert (told.state, told.claimed_by, told.until) == (item.state, item.claimed_by, until)
            assert told.reason is item.close_reason
            assert (item.closed_at is not None) is (item.state is CLOSED)
            assert (item.claimed_by is not None) is (item.state is CLAIMED)
            assert (item.snoozed_until is not None) is (item.state is SNOOZED)

    @invariant()
    def a_parcel_has_one_open_work_item_at_most(self) -> None:
        for parcel in self.parcels:
            assert sum(item.state is not CLOSED for item in self.scene.items(parcel)) <= 1

    @invariant()
    def nothing_is_forgotten_once_the_daemon_has_run(self) -> None:
        """Trouble that no person has dealt with is in the queue (while the order is open)."""
        if self.behind:
            return
        for parcel in self.parcels:
            if parcel in self.order_was_closed:
                continue
            items, alerts = self.scene.items(parcel), self._open_alerts(parcel)
            events = [event for item in items for event in self.scene.events(item.id)]
            assert set(alerts.values()) <= {event.facts.get("alert_id") for event in events}
            if alerts and items[-1].state is CLOSED:
                assert items[-1].close_reason in STAFF_REASONS


LifeOfWork.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLifeOfWork = LifeOfWork.TestCase
