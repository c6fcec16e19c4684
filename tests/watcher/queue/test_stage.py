"""From alerts to work items, and back when the trouble is over."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import NOW
from work_scene import Scene

from watcher.model import (
    AlertClose,
    CloseReason,
    OrderState,
    Rule,
    Urgency,
    WorkItemState,
)
from watcher.store.engine import Store
from watcher.store.tables import alert


def _pending(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).where(alert.c.queue_pending)).scalar_one()


def test_one_parcel_with_two_troubles_is_one_piece_of_work(scene: Scene, store: Store) -> None:
    parcel = scene.parcel()
    scene.alert(parcel, Rule.FAILED_ATTEMPT, at_risk_fen=12_000, urgency=Urgency.SOON)
    late = NOW + timedelta(hours=30)
    scene.alert(parcel, Rule.STALLED, at_risk_fen=30_000, urgency=Urgency.TODAY, deadline=late)

    assert scene.run() == 2

    [item] = scene.items(parcel)
    assert item.state is WorkItemState.OPEN
    assert (item.at_risk_fen, item.urgency, item.deadline) == (30_000, Urgency.SOON, late)
    assert scene.told(item.id) == ["opened", "alert_added", "alert_added"]
    assert [event.facts["rule"] for event in scene.events(item.id)[1:]] == ["failed_attempt", "stalled"]
    assert _pending(store) == 0


def test_nothing_pending_is_nothing_done(scene: Scene) -> None:
    scene.work()

    assert scene.run() == 0


def test_a_run_takes_no_more_than_it_is_allowed(scene: Scene) -> None:
    for _ in range(5):
        scene.alert(scene.parcel())

    assert [scene.queueing.run_once(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_new_trouble_joins_the_open_work_item(scene: Scene) -> None:
    parcel = scene.parcel()
    item = scene.work(parcel)
    before = scene.item(item).priority

    assert scene.work(parcel, rule=Rule.RETURN_TO_SENDER, at_risk_fen=90_000) == item

    assert scene.told(item) == ["opened", "alert_added", "alert_added"]
    assert scene.item(item).at_risk_fen == 90_000
    assert scene.item(item).priority > before


def test_an_updated_alert_changes_the_place_and_tells_no_story(scene: Scene) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    scene.change(trouble, at_risk_fen=50_000)

    scene.run()

    [item] = scene.items(parcel)
    assert item.at_risk_fen == 50_000
    assert scene.told(item.id) == ["opened", "alert_added"]


def test_worse_evidence_is_told(scene: Scene) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    scene.change(trouble, weight=2)
    scene.run()
    scene.change(trouble, weight=2)

    scene.run()

    [item] = scene.items(parcel)
    assert scene.told(item.id) == ["opened", "alert_added", "alert_worsened"]
    assert scene.events(item.id)[-1].facts["weight"] == 2


@pytest.mark.parametrize(
    ("milestone", "reason"),
    [("in_transit", CloseReason.ALERTS_ENDED), ("delivered", CloseReason.DELIVERED)],
)
def test_the_work_item_closes_when_all_its_alerts_have_ended(
    scene: Scene, milestone: str, reason: CloseReason
) -> None:
    parcel = scene.parcel()
    first, second = scene.alert(parcel), scene.alert(parcel, Rule.STALLED)
    scene.run()
    scene.end(first)
    scene.run()
    [item] = scene.items(parcel)
    assert item.state is WorkItemState.OPEN
    scene.stands(parcel, milestone)
    scene.end(second)

    scene.run()

    [item] = scene.items(parcel)
    assert (item.state, item.close_reason, item.closed_at) == (WorkItemState.CLOSED, reason, NOW)
    assert scene.told(item.id)[-3:] == ["alert_ended", "alert_ended", "closed"]


def test_a_sharper_rule_takes_over_without_closing(scene: Scene) -> None:
    parcel = scene.parcel()
    blunt = scene.alert(parcel, Rule.FAILED_ATTEMPT)
    scene.run()
    scene.end(blunt, AlertClose.INHIBITED)
    scene.alert(parcel, Rule.RECIPIENT_UNREACHABLE)

    scene.run()

    [item] = scene.items(parcel)
    assert item.state is WorkItemState.OPEN
    assert scene.told(item.id) == ["opened", "alert_added", "alert_added", "alert_ended"]


def test_new_trouble_after_the_close_is_a_new_piece_of_work(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    item = scene.work(parcel)
    scene.desk.close(item, staff_id=alice, reason=CloseReason.REDELIVERY_AGREED)

    scene.alert(parcel, Rule.STALLED)
    scene.run()

    old, new = scene.items(parcel)
    assert (old.state, new.state) == (WorkItemState.CLOSED, WorkItemState.OPEN)
    # what is still open belongs to the new one too
    assert scene.told(new.id) == ["opened", "alert_added", "alert_added"]


def test_an_alert_that_staff_dealt_with_does_not_come_back_by_being_updated(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    scene.desk.close(scene.items(parcel)[0].id, staff_id=alice, reason=CloseReason.REDELIVERY_AGREED)
    scene.change(trouble, at_risk_fen=13_000)

    assert scene.run() == 1

    assert len(scene.items(parcel)) == 1


def test_an_alert_that_staff_dealt_with_comes_back_when_it_is_worse(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    scene.desk.close(scene.items(parcel)[0].id, staff_id=alice, reason=CloseReason.REDELIVERY_AGREED)
    scene.change(trouble, weight=2)

    scene.run()

    assert [item.state for item in scene.items(parcel)] == [WorkItemState.CLOSED, WorkItemState.OPEN]


def test_an_alert_that_ended_before_anybody_saw_it_is_no_work(scene: Scene, store: Store) -> None:
    parcel = scene.parcel()
    scene.end(scene.alert(parcel))

    assert scene.run() == 1

    assert scene.items(parcel) == []
    assert _pending(store) == 0


def test_a_claimed_item_is_not_closed_under_its_owners_hands(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    scene.stands(parcel, "delivered")
    scene.end(trouble)

    scene.run()

    assert scene.state(item) is WorkItemState.CLAIMED
    assert scene.told(item)[-1] == "alert_ended"
    scene.desk.release(item, staff_id=alice)
    assert scene.item(item).close_reason is CloseReason.DELIVERED
    assert scene.told(item)[-2:] == ["released", "closed"]


def test_a_claimed_item_whose_trouble_ended_closes_when_the_claim_runs_out(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    scene.end(trouble)
    scene.run()
    scene.later(minutes=20)

    assert scene.run() == 1

    assert scene.item(item).close_reason is CloseReason.ALERTS_ENDED
    assert scene.told(item)[-2:] == ["claim_ran_out", "closed"]


def test_its_owner_may_still_close_it_with_his_own_reason(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    scene.end(trouble)
    scene.run()

    scene.desk.close(item, staff_id=alice, reason=CloseReason.REDELIVERY_AGREED)

    assert scene.item(item).close_reason is CloseReason.REDELIVERY_AGREED


def test_a_claim_that_runs_out_returns_to_the_queue(scene: Scene, alice: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=alice)
    scene.later(minutes=19)
    assert scene.run() == 0
    scene.later(minutes=1)

    assert scene.run() == 1

    back = scene.item(item)
    assert (back.state, back.claimed_by, back.claimed_until) == (WorkItemState.OPEN, None, None)
    assert scene.told(item)[-1] == "claim_ran_out"


def test_a_snooze_that_is_over_wakes(scene: Scene, alice: int) -> None:
    item = scene.work()
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=2))
    scene.later(hours=1)
    assert scene.run() == 0
    scene.later(hours=1)

    assert scene.run() == 1

    assert scene.state(item) is WorkItemState.OPEN
    assert scene.events(item)[-1].facts == {"because": "time"}


def test_news_wakes_a_snoozed_item_before_its_time(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    item = scene.work(parcel)
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=20))

    scene.work(parcel, rule=Rule.RETURN_TO_SENDER)

    assert scene.state(item) is WorkItemState.OPEN
    assert scene.item(item).snoozed_until is None
    assert scene.told(item)[-2:] == ["alert_added", "woke"]


def test_an_update_lets_a_snoozed_item_sleep(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.items(parcel)[0].id
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=20))
    scene.change(trouble, at_risk_fen=13_000)

    scene.run()

    assert scene.state(item) is WorkItemState.SNOOZED


def test_a_snoozed_item_closes_when_its_trouble_ends(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.items(parcel)[0].id
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=20))
    scene.end(trouble)

    scene.run()

    assert scene.item(item).close_reason is CloseReason.ALERTS_ENDED


def test_a_reminder_set_after_the_trouble_ended_comes_back_and_stays(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    scene.end(trouble)
    scene.run()
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=1))
    scene.later(hours=1)

    scene.run()
    scene.run()

    assert scene.state(item) is WorkItemState.OPEN


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.REFUNDED])
def test_an_order_that_is_closed_closes_its_work(scene: Scene, alice: int, state: OrderState) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.items(parcel)[0].id
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=1))
    scene.order(parcel, state)
    scene.end(trouble, AlertClose.ORDER_CLOSED)

    scene.run()

    assert scene.item(item).close_reason is CloseReason.ORDER_CLOSED


def test_no_work_is_opened_for_an_order_that_is_closed(scene: Scene) -> None:
    parcel = scene.parcel(order_state=OrderState.REFUNDED)
    scene.alert(parcel)

    scene.run()

    assert scene.items(parcel) == []


def test_an_order_that_was_closed_by_mistake_has_its_work_back(scene: Scene) -> None:
    """The alert was open all the time; but nobody has dealt with it."""
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    scene.order(parcel, OrderState.CANCELLED)
    scene.change(trouble)
    scene.run()
    assert [item.close_reason for item in scene.items(parcel)] == [CloseReason.ORDER_CLOSED]

    scene.order(parcel, OrderState.OPEN)
    scene.change(trouble)
    scene.run()

    assert [item.state for item in scene.items(parcel)] == [WorkItemState.CLOSED, WorkItemState.OPEN]


def test_what_staff_had_dealt_with_does_not_come_back_with_the_order(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    assert item
    scene.desk.close(item, staff_id=alice, reason=CloseReason.NOTHING_WRONG)
    for state in (OrderState.CANCELLED, OrderState.OPEN):
        scene.order(parcel, state)
        scene.change(trouble)
        scene.run()

    assert [item.state for item in scene.items(parcel)] == [WorkItemState.CLOSED]


def test_a_reminder_of_a_refunded_order_does_not_come_back(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    scene.end(trouble)
    scene.run()
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=1))
    scene.order(parcel, OrderState.REFUNDED)
    scene.later(hours=1)

    scene.run()

    assert scene.item(item).close_reason is CloseReason.ORDER_CLOSED


def test_trouble_that_came_and_went_unseen_does_not_close_a_reminder(scene: Scene, alice: int) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    assert item is not None
    scene.end(trouble)
    scene.run()
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=1))
    scene.end(scene.alert(parcel, Rule.STALLED))

    scene.run()

    assert scene.state(item) is WorkItemState.SNOOZED
