"""Alerting on both databases: told once, taken back when over, nothing lost and nothing doubled in a crash."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from builders import NOW, a_scan, ago

from watcher.alerting import stage
from watcher.model import AlertClose, AlertState, Box, Breaker, OrderState, Rule, Suppression, Urgency
from watcher.store import findings, scans
from watcher.store.tables import account_state, alert, finding, shipment

Scene = Any
REFUSED = a_scan("exception", "2h", "refused", facility="成都武侯网点")


def break_account(scene: Scene, breaker: Breaker) -> None:
    with scene.store.write() as connection:
        connection.execute(sa.delete(account_state))
        connection.execute(sa.insert(account_state).values(account="zto-main", source="zto", breaker=breaker))


def waiting(scene: Scene) -> list[bool]:
    with scene.store.read() as connection:
        return list(connection.scalars(sa.select(alert.c.queue_pending).order_by(alert.c.id)))


def test_a_finding_becomes_one_alert_that_waits_for_the_queue(scene: Scene) -> None:
    key = scene.parcel(REFUSED)
    scene.run()
    [raised] = scene.alerts(key)
    assert (raised.rule, raised.episode, raised.state) == (Rule.REFUSED, 1, AlertState.OPEN)
    assert (raised.urgency, raised.weight, raised.at_risk_fen) == (Urgency.NOW, 1, 9_600)
    assert raised.facts["facility"] == "成都武侯网点"
    assert raised.deadline == NOW
    assert scene.events(key) == [(NOW, "raised")]
    assert scene.decisions == [("raised", "refused")]
    assert waiting(scene) == [True]


def test_running_again_tells_nothing_twice(scene: Scene) -> None:
    key = scene.parcel(REFUSED)
    scene.run()
    assert scene.alerting.run_once() == 0
    scene.hear(key)
    scene.run(hours=1)
    assert len(scene.alerts(key)) == 1
    assert len(scene.events(key)) == 1


def test_a_parcel_from_first_failure_to_delivery(scene: Scene) -> None:
    key = scene.parcel(a_scan("out_for_delivery", "4h"), a_scan("exception", "2h", "failed_attempt"))
    scene.run()
    scene.hear(key, scene.scan("out_for_delivery"))
    scene.run(hours=1)
    scene.hear(key, scene.scan("exception", "failed_attempt"))
    scene.run(hours=1)
    scene.hear(key, scene.scan("delivered"))
    scene.run(hours=1)
    assert [(one.episode, one.state, one.close_reason) for one in scene.alerts(key)] == [
        (1, AlertState.CLOSED, AlertClose.FINDING_ENDED),
        (2, AlertState.CLOSED, AlertClose.FINDING_ENDED),
    ]
    assert [kind for _, kind in scene.events(key)] == ["raised", "closed", "reopened", "closed"]


def test_a_stall_that_turns_red_worsens_its_alert(scene: Scene) -> None:
    key = scene.parcel(a_scan("in_transit", "50h"))
    scene.run()
    scene.clock.advance(timedelta(hours=16))
    scene.hear(key)
    scene.run()
    [stalled] = scene.alerts(key)
    assert (stalled.weight, stalled.urgency) == (2, Urgency.NOW)
    assert stalled.raised_at == NOW
    assert [kind for _, kind in scene.events(key)] == ["raised", "worsened"]


def test_the_sharper_alert_takes_over_and_gives_back(scene: Scene) -> None:
    key = scene.parcel(REFUSED)
    scene.run()
    back = scene.scan("returning", "return_to_sender")
    scene.hear(key, back)
    scene.run(hours=1)
    states = {one.rule: (one.state, one.close_reason) for one in scene.alerts(key)}
    assert states == {
        Rule.REFUSED: (AlertState.CLOSED, AlertClose.INHIBITED),
        Rule.RETURN_TO_SENDER: (AlertState.OPEN, None),
    }
    assert {one.rule: one.suppressed_by for one in scene.findings(key)}[
        Rule.REFUSED
    ] is Suppression.SHARPER_RULE
    # the carrier takes the line back
    with scene.store.write() as connection:
        scans.withdraw(connection, {key: [back.identity]}, at=scene.clock.now())
    scene.hear(key)
    scene.run(hours=1)
    refused, returned = scene.alerts(key)
    assert (refused.state, refused.closed_at, refused.close_reason) == (AlertState.OPEN, None, None)
    assert returned.close_reason is AlertClose.FINDING_ENDED
    assert scene.decisions[-2:] == [("finding_ended", "return_to_sender"), ("reopened", "refused")]


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.REFUNDED])
def test_a_closed_order_takes_its_alerts_back(scene: Scene, state: OrderState) -> None:
    key = scene.parcel(REFUSED)
    scene.run()
    with scene.store.write() as connection:
        connection.execute(sa.update(shipment).values(order_state=state))
    scene.hear(key)
    scene.run()
    assert [one.close_reason for one in scene.alerts(key)] == [AlertClose.ORDER_CLOSED]


def test_an_order_that_was_closed_by_mistake_has_its_alerts_back(scene: Scene) -> None:
    """Detection comes too late to see it closed: the finding stands all the time."""
    key = scene.parcel(REFUSED)
    scene.run()
    with scene.store.write() as connection:
        connection.execute(sa.update(shipment).values(order_state=OrderState.CANCELLED))
        connection.execute(sa.update(finding).values(alerting_pending=True))
    scene.alerting.run_once()
    assert [one.close_reason for one in scene.alerts(key)] == [AlertClose.ORDER_CLOSED]
    with scene.store.write() as connection:
        connection.execute(sa.update(shipment).values(order_state=OrderState.OPEN))
    scene.hear(key)
    scene.run()
    assert [one.state for one in scene.alerts(key)] == [AlertState.OPEN]
    assert [one.suppressed_by for one in scene.findings(key)] == [None]


def test_a_closed_box_takes_its_alerts_back(scene: Scene) -> None:
    key = scene.parcel(REFUSED)
    scene.run()
    scene.hear(key, box=Box.ORDER_CLOSED)
    scene.run()
    assert [one.close_reason for one in scene.alerts(key)] == [AlertClose.ORDER_CLOSED]


@pytest.mark.parametrize("breaker", [Breaker.OPEN, Breaker.HALF_OPEN])
def test_an_outage_holds_blindness_back_and_an_answer_ends_it_quietly(scene: Scene, breaker: Breaker) -> None:
    break_account(scene, breaker)
    key = scene.parcel(a_scan("in_transit", "9h"))
    failing = {"last_answered_at": ago("7h"), "last_outcome": "unreachable", "failures_in_a_row": 3}
    scene.hear(key, **failing)
    scene.run()
    assert scene.alerts(key) == []
    assert scene.decisions == [("source_outage", "cannot_watch")]
    # the source works again, but this parcel was not asked about yet
    break_account(scene, Breaker.CLOSED)
    with scene.store.write() as connection:
        findings.release_outage(connection, "zto-main")
    scene.run()
    assert scene.alerts(key) == []
    scene.hear(key, last_outcome="unchanged", failures_in_a_row=0)
    scene.run()
    assert scene.alerts(key) == []
    assert [one.ended_at for one in scene.findings(key)] == [NOW]


def test_blindness_that_outlives_the_outage_is_raised(scene: Scene) -> None:
    break_account(scene, Breaker.OPEN)
    key = scene.parcel(a_scan("in_transit", "9h"))
    failing = {"last_answered_at": ago("7h"), "last_outcome": "unreachable", "failures_in_a_row": 3}
    scene.hear(key, **failing)
    scene.run()
    break_account(scene, Breaker.CLOSED)
    scene.hear(key, **failing | {"failures_in_a_row": 4})
    scene.run()
    assert [one.rule for one in scene.alerts(key)] == [Rule.CANNOT_WATCH]


def test_a_stall_held_by_an_outage_is_raised_when_it_is_released(scene: Scene) -> None:
    break_account(scene, Breaker.OPEN)
    key = scene.parcel(a_scan("in_transit", "50h"))
    scene.run()
    assert scene.alerts(key) == []
    break_account(scene, Breaker.CLOSED)
    with scene.store.write() as connection:
        assert findings.release_outage(connection, "zto-main") == 1
    scene.run()
    assert [one.rule for one in scene.alerts(key)] == [Rule.STALLED]
    assert scene.findings(key)[0].suppressed_by is None


def test_imported_old_trouble_is_found_and_alerts_nobody(scene: Scene) -> None:
    key = scene.parcel(a_scan("exception", "20d", "refused"))
    scene.run()
    assert scene.alerts(key) == []
    assert {one.rule: one.suppressed_by for one in scene.findings(key)} == {
        Rule.REFUSED: Suppression.OLD_HISTORY,
        Rule.STALLED: Suppression.OLD_HISTORY,
    }


def test_a_crash_before_the_commit_loses_nothing_and_doubles_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = scene.parcel(REFUSED)
    scene.detection.run_once()

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(stage.findings, "weighed", die)
        with pytest.raises(SystemExit):
            scene.alerting.run_once()
    assert scene.alerts(key) == []
    assert scene.decisions == []
    assert scene.alerting.run_once() == 1
    assert len(scene.alerts(key)) == 1
    assert len(scene.events(key)) == 1


def test_each_alert_gets_its_own_event_when_many_are_written_at_once(scene: Scene) -> None:
    keys = [
        scene.parcel(a_scan("exception", "2h", reason), order_number=f"O-{reason}")
        for reason in ("refused", "out_of_area", "failed_attempt", "pickup_only")
    ]
    scene.detection.run_once()
    assert [scene.alerting.run_once(limit=3), scene.alerting.run_once(limit=3)] == [3, 1]
    assert scene.alerting.run_once() == 0
    assert [[one.rule.value for one in scene.alerts(key)] for key in keys] == [
        ["refused"],
        ["out_of_area"],
        ["failed_attempt"],
        ["pickup_only"],
    ]
    assert all(len(scene.events(key)) == 1 for key in keys)


def test_what_was_weighed_waits_no_more(scene: Scene) -> None:
    scene.parcel(a_scan("exception", "2h", "refused", "failed_attempt"))
    scene.run()
    with scene.store.read() as connection:
        pending = connection.scalar(sa.select(sa.func.count()).where(finding.c.alerting_pending))
    assert pending == 0
