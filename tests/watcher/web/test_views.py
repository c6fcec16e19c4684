"""What pages and probes read, on both databases."""

from datetime import timedelta

import pytest
from browser.story import a_busy_day, a_person, a_site
from builders import NOW

from watcher.clock import ManualClock
from watcher.model import Box, Breaker, PollOutcome, Role, WorkItemState
from watcher.staff import Session
from watcher.store import health, shipment_view
from watcher.store.engine import Store
from watcher.web.revealing import BudgetSpent, reveal, revealed_until


@pytest.fixture
def busy(store: Store, clock: ManualClock) -> Store:
    a_busy_day(store, clock)
    return store


def test_one_shipment_with_everything_about_it(busy: Store) -> None:
    with busy.read() as connection:
        seen = shipment_view.view(connection, 1, polls=2)
    assert seen.watch is not None
    assert seen.watch.box is Box.WATCHING
    assert [poll.outcome for poll in seen.polls] == [PollOutcome.NEW_SCANS, PollOutcome.UNCHANGED]
    assert [alert.rule for alert in seen.alerts] == [finding.rule for finding in seen.findings]
    assert [item.state for item in seen.work_items] == [WorkItemState.OPEN]


def test_a_shipment_that_is_not_there_has_nothing(store: Store) -> None:
    with store.read() as connection:
        assert shipment_view.view(connection, 7) == shipment_view.ShipmentView(
            watch=None, polls=[], findings=[], alerts=[], work_items=[]
        )


def test_broken_accounts_come_first(busy: Store) -> None:
    with busy.read() as connection:
        accounts = health.accounts(connection)
        watched = health.watched(connection)
    assert [(account.account, account.breaker) for account in accounts] == [
        ("sf-main", Breaker.OPEN),
        ("zto-main", Breaker.CLOSED),
    ]
    assert watched == {"zto-main": 10}


def test_boxes_count_every_state(busy: Store) -> None:
    with busy.read() as connection:
        boxes = health.boxes(connection)
    assert set(boxes) == set(Box)
    assert boxes[Box.WATCHING] == 10


def test_what_waits_is_counted_at_one_moment(busy: Store) -> None:
    with busy.read() as connection:
        before = health.waiting(connection, now=NOW)
        after = health.waiting(connection, now=NOW + timedelta(hours=1))
    assert (before.polls_due, after.polls_due) == (0, 10)
    assert after.oldest_due_at == NOW + timedelta(minutes=20)
    assert (before.to_alert, before.to_queue, before.to_evaluate, before.to_count) == (0, 0, 0, 0)


def test_unmapped_codes_name_a_parcel_to_look_at(busy: Store) -> None:
    with busy.read() as connection:
        codes = health.unmapped(connection)
    assert [(code.code, code.seen, code.sample_tracking_number) for code in codes] == [
        ("X-99", 12, "78400000000001")
    ]


def test_reveals_are_counted_by_person(busy: Store, clock: ManualClock) -> None:
    services = a_site(busy, clock, reveals_per_hour=1).state.services
    dora, emil = (
        Session(a_person(busy, name), name, Role.AGENT, None, "token", NOW) for name in ("dora", "emil")
    )
    reveal(services, dora, shipment_id=1)
    reveal(services, dora, shipment_id=1)
    reveal(services, emil, shipment_id=2)
    with pytest.raises(BudgetSpent):
        reveal(services, dora, shipment_id=2)
    assert revealed_until(services, dora, shipment_id=1) == NOW + timedelta(minutes=15)
    assert revealed_until(services, dora, shipment_id=2) is None
