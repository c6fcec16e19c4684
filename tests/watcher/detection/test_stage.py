"""Detection on both databases: once is enough, a crash loses nothing, findings begin, change and end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from builders import NOW, ago, stored

from carriers.contract import Scan
from watcher.clock import ManualClock
from watcher.detection import evaluate, stage
from watcher.detection.packs import Packs, load_packs
from watcher.detection.stage import Detection
from watcher.model import Box, KnownFinding, OrderState, Rule, Suppression
from watcher.store import findings, scans
from watcher.store.engine import Store
from watcher.store.tables import finding, shipment, watch

Lines = Callable[..., list[Scan]]


@pytest.fixture
def packs() -> Packs:
    return load_packs()


@pytest.fixture
def detection(store: Store, clock: ManualClock, packs: Packs) -> Detection:
    return Detection(store, clock, packs)


def known(store: Store, shipment_id: int) -> list[KnownFinding]:
    with store.read() as connection:
        return findings.of_shipment(connection, shipment_id)


def look(store: Store, shipment_id: int) -> datetime | None:
    with store.read() as connection:
        moment: datetime | None = connection.scalar(
            sa.select(watch.c.evaluate_at).where(watch.c.shipment_id == shipment_id)
        )
        return moment


def learn(store: Store, shipment_id: int, *new: Scan, at: datetime, **changes: Any) -> None:
    """What the poller does when an answer has come."""
    answered = {"last_answered_at": at, "last_polled_at": at, "evaluate_at": at}
    with store.write() as connection:
        scans.add(connection, {shipment_id: new}, source="zto", seen_at=at)
        connection.execute(
            sa.update(watch).where(watch.c.shipment_id == shipment_id).values(**answered | changes)
        )


def seen(store: Store) -> None:
    """What alerting does when it has weighed everything."""
    with store.write() as connection:
        connection.execute(sa.update(finding).values(alerting_pending=False))


def test_a_refusal_becomes_a_finding_that_waits_for_alerting(
    store: Store, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("揽收 60h ago", "拒收 2h ago", facility="成都武侯网点"))
    learn(store, key, at=NOW)
    assert detection.run_once() == 1
    [refused] = known(store, key)
    assert (refused.rule, refused.episode, refused.ended_at) == (Rule.REFUSED, 1, None)
    assert refused.alerting_pending
    assert refused.finding.since == ago("2h")
    assert refused.finding.facts["facility"] == "成都武侯网点"


def test_running_again_doubles_nothing_and_hands_nothing_over_again(
    store: Store, clock: ManualClock, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("揽收 60h ago", "拒收 2h ago"))
    learn(store, key, at=NOW)
    assert [detection.run_once(), detection.run_once()] == [1, 0]
    first = known(store, key)
    seen(store)
    clock.advance(timedelta(hours=1))
    learn(store, key, at=clock.now())
    assert detection.run_once() == 1
    [again] = known(store, key)
    assert not again.alerting_pending
    assert again.finding == first[0].finding


def test_a_finding_ends_and_a_later_one_is_a_new_episode(
    store: Store, clock: ManualClock, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("揽收 60h ago", "派送失败 2h ago"))
    learn(store, key, at=NOW)
    detection.run_once()
    seen(store)
    for word in ("派送", "派送失败"):
        clock.advance(timedelta(hours=1))
        learn(store, key, *lines(f"{word} 0m ago", now=clock.now()), at=clock.now())
        detection.run_once()
    first, second = known(store, key)
    assert (first.episode, second.episode) == (1, 2)
    assert first.ended_at == NOW + timedelta(hours=1)
    assert first.alerting_pending
    assert second.ended_at is None
    assert second.finding.weight > first.finding.weight


def test_worse_evidence_changes_the_finding_and_wakes_alerting(
    store: Store, clock: ManualClock, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("运输 50h ago"))
    learn(store, key, at=NOW)
    detection.run_once()
    seen(store)
    assert look(store, key) == NOW + timedelta(hours=16)
    clock.advance(timedelta(hours=16))
    learn(store, key, at=clock.now())
    detection.run_once()
    [stalled] = known(store, key)
    assert (stalled.finding.weight, stalled.finding.facts["hours"]) == (2, 66)
    assert stalled.alerting_pending
    assert look(store, key) is None


def test_a_stall_is_found_without_being_woken_by_answers_that_say_nothing_new(
    store: Store, clock: ManualClock, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("运输 40h ago"))
    learn(store, key, at=NOW, next_poll_at=NOW + timedelta(hours=2))
    found_at = None
    for _ in range(24 * 12):
        clock.advance(timedelta(minutes=5))
        now = clock.now()
        # the poller asks every two hours and wakes nobody: it leaves `evaluate_at` as it is
        if (now - NOW) % timedelta(hours=2) == timedelta(0):
            learn(store, key, at=now, next_poll_at=now + timedelta(hours=2), evaluate_at=look(store, key))
        detection.run_once()
        if known(store, key):
            found_at = now
            break
    assert found_at is not None
    assert timedelta(hours=8) <= found_at - NOW <= timedelta(hours=8, minutes=10)


def test_old_data_leave_a_stall_as_it_was_and_raise_none(
    store: Store, clock: ManualClock, detection: Detection, lines: Lines
) -> None:
    proven, unproven = (
        stored(store, *lines("运输 50h ago")),
        stored(store, *lines("运输 40h ago"), order_number="O-2"),
    )
    learn(store, proven, at=NOW)
    learn(store, unproven, at=NOW)
    detection.run_once()
    clock.advance(timedelta(hours=20))
    failing = {"last_outcome": "unreachable", "failures_in_a_row": 5, "last_answered_at": NOW}
    learn(store, proven, at=clock.now(), **failing)
    learn(store, unproven, at=clock.now(), **failing)
    detection.run_once()
    rules = [{(one.rule, one.ended_at) for one in known(store, key)} for key in (proven, unproven)]
    assert rules == [{(Rule.STALLED, None), (Rule.CANNOT_WATCH, None)}, {(Rule.CANNOT_WATCH, None)}]


@pytest.mark.parametrize("box", [Box.SETTLED, Box.RETURNED, Box.CANCELLED, Box.ORDER_CLOSED])
def test_a_shipment_that_is_nobodys_work_any_more_ends_its_findings(
    store: Store, detection: Detection, lines: Lines, box: Box
) -> None:
    key = stored(store, *lines("揽收 60h ago", "拒收 2h ago"))
    learn(store, key, at=NOW)
    detection.run_once()
    learn(store, key, at=NOW, box=box)
    detection.run_once()
    assert [one.ended_at for one in known(store, key)] == [NOW]
    assert look(store, key) is None


def test_a_closed_order_ends_its_findings_whatever_the_parcel_does(
    store: Store, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("揽收 60h ago", "拒收 2h ago"))
    learn(store, key, at=NOW)
    detection.run_once()
    with store.write() as connection:
        connection.execute(sa.update(shipment).values(order_state=OrderState.REFUNDED))
    learn(store, key, at=NOW)
    detection.run_once()
    assert [one.ended_at for one in known(store, key)] == [NOW]


def test_a_parcel_given_up_on_keeps_what_was_found(
    store: Store, clock: ManualClock, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("运输 60h ago"))
    learn(store, key, at=NOW)
    detection.run_once()
    clock.advance(timedelta(days=30))
    # its source failed last: nobody asks any more, so that is no new trouble
    failing = {"last_answered_at": NOW, "last_outcome": "unreachable", "failures_in_a_row": 9}
    learn(store, key, at=clock.now(), box=Box.GIVEN_UP, **failing)
    detection.run_once()
    assert [(one.rule, one.ended_at) for one in known(store, key)] == [(Rule.STALLED, None)]
    assert look(store, key) is None


def test_a_crash_before_the_commit_loses_nothing(
    store: Store, detection: Detection, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stored(store, *lines("揽收 60h ago", "拒收 2h ago"))
    learn(store, key, at=NOW)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(stage.findings, "set_looks", die)
        with pytest.raises(SystemExit):
            detection.run_once()
    assert known(store, key) == []
    assert look(store, key) == NOW
    assert detection.run_once() == 1
    assert len(known(store, key)) == 1


def test_only_what_is_due_is_taken_longest_waiting_first_within_the_limit(
    store: Store, detection: Detection, lines: Lines
) -> None:
    keys = [stored(store, *lines("拒收 2h ago"), order_number=f"O-{number}") for number in range(4)]
    for key, minutes in zip(keys, (30, 10, 20, -10), strict=True):
        learn(store, key, at=NOW, evaluate_at=NOW - timedelta(minutes=minutes))
    assert detection.run_once(limit=2) == 2
    assert [bool(known(store, key)) for key in keys] == [True, False, True, False]
    assert detection.run_once(limit=2) == 1
    assert detection.run_once(limit=2) == 0


def test_what_an_outage_held_back_is_handed_over_again_when_it_was_looked_at(
    store: Store, detection: Detection, lines: Lines
) -> None:
    key = stored(store, *lines("运输 50h ago"))
    learn(store, key, at=NOW)
    detection.run_once()
    with store.write() as connection:
        connection.execute(
            sa.update(finding).values(alerting_pending=False, suppressed_by=Suppression.SOURCE_OUTAGE)
        )
    learn(store, key, at=NOW)
    detection.run_once()
    assert [one.alerting_pending for one in known(store, key)] == [True]


def test_a_released_outage_hands_over_the_stalls_of_its_account_only(
    store: Store, detection: Detection, lines: Lines
) -> None:
    mine = stored(store, *lines("运输 50h ago"))
    other = stored(store, *lines("运输 50h ago"), order_number="O-2", account="sf-main")
    blind = stored(store, *lines("运输 10h ago"), order_number="O-3")
    failing = {"last_outcome": "unreachable", "failures_in_a_row": 5, "last_answered_at": ago("7h")}
    learn(store, mine, at=NOW)
    learn(store, other, at=NOW)
    learn(store, blind, at=NOW, **failing)
    detection.run_once()
    with store.write() as connection:
        connection.execute(
            sa.update(finding).values(alerting_pending=False, suppressed_by=Suppression.SOURCE_OUTAGE)
        )
        assert findings.release_outage(connection, "zto-main") == 1
    assert [known(store, key)[0].alerting_pending for key in (mine, other, blind)] == [True, False, False]


def test_a_broken_rule_is_told_and_keeps_what_it_found_before(
    store: Store, clock: ManualClock, packs: Packs, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stored(store, *lines("揽收 60h ago", "拒收 2h ago"))
    learn(store, key, at=NOW)
    told: list[Rule] = []
    detection = Detection(store, clock, packs, on_rule_error=lambda rule, _: told.append(rule))
    detection.run_once()

    def broken(*_: object) -> None:
        raise KeyError

    table = evaluate.RULES | {Rule.REFUSED: replace(evaluate.RULES[Rule.REFUSED], check=broken)}
    monkeypatch.setattr(evaluate, "RULES", table)
    learn(store, key, *lines("签收 0m ago"), at=NOW)
    detection.run_once()
    assert told == [Rule.REFUSED]
    assert [one.ended_at for one in known(store, key)] == [None]


def test_the_pack_of_the_day_counts(store: Store, clock: ManualClock, packs: Packs, lines: Lines) -> None:
    house = packs.current(date(2026, 3, 2))
    strict = house.stalled["cross_province"]
    tomorrow = msgspec.structs.replace(
        house,
        valid_from=date(2026, 3, 3),
        stalled=dict.fromkeys(house.stalled, msgspec.structs.replace(strict, warn_hours=1)),
    )
    key = stored(store, *lines("运输 9h ago"))
    learn(store, key, at=NOW)
    detection = Detection(store, clock, Packs((house, tomorrow)))
    detection.run_once()
    assert known(store, key) == []
    clock.advance(timedelta(days=1))
    learn(store, key, at=clock.now())
    detection.run_once()
    assert [one.rule for one in known(store, key)] == [Rule.STALLED]


def test_a_line_from_a_clock_a_year_ahead_hides_no_stall(
    store: Store, detection: Detection, lines: Lines
) -> None:
    [ahead] = lines("运输 0m ago")
    key = stored(store, *lines("揽收 120h ago"), replace(ahead, occurred_at=NOW + timedelta(days=365)))
    learn(store, key, at=NOW)
    detection.run_once()
    assert [found.rule for found in known(store, key)] == [Rule.STALLED]
