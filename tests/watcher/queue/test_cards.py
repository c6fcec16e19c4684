"""What staff look at: the list, and the card with all there is to know."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from builders import CHENGDU, NOW, a_scan, ago, stored
from work_scene import Scene

from carriers.contract import Milestone
from watcher.model import CloseReason, Region, Rule, Urgency, WorkItemState
from watcher.queue.cards import card, card_of_shipment, overview, place_of
from watcher.store.engine import Store
from watcher.store.tables import watch


def _answered(store: Store, shipment_id: int, when: str, milestone: str = "exception") -> None:
    with store.write() as connection:
        connection.execute(
            sa.update(watch)
            .where(watch.c.shipment_id == shipment_id)
            .values(last_answered_at=ago(when), milestone=milestone)
        )


def test_the_card_has_all_there_is_to_know_before_a_call(scene: Scene, store: Store, alice: int) -> None:
    parcel = stored(
        store,
        a_scan("picked_up", "2d"),
        a_scan("out_for_delivery", "5h", courier_name="张师傅", courier_phone="13800000012"),
        a_scan("exception", "3h", "failed_attempt"),
    )
    _answered(store, parcel, "20m")
    scene.alert(parcel, deadline=NOW + timedelta(hours=4), facts={"times": 2})
    scene.run()
    item = scene.desk.next_call(staff_id=alice)
    assert item is not None
    scene.desk.note(item, staff_id=alice, text="约下午五点")

    seen = card(store, item, now=NOW)

    assert seen is not None
    assert seen.item is not None
    assert (seen.item.id, seen.claimed_by) == (item, "alice")
    assert seen.shipment.recipient == "李四"
    assert seen.place == "四川省 成都市 武侯区 浆洗街街道"
    assert (seen.milestone, seen.milestone_since) == (Milestone.EXCEPTION, ago("3h"))
    assert (seen.last_answered_at, seen.data_age) == (ago("20m"), timedelta(minutes=20))
    [alert] = seen.alerts
    assert (alert.rule, alert.facts, alert.since) == (Rule.FAILED_ATTEMPT, {"times": 2}, NOW)
    assert [contact.who.value for contact in seen.contacts.courier] == ["courier", "carrier_desk"]
    assert [(view.event.kind.value, view.staff_name) for view in seen.done] == [
        ("claimed", "alice"),
        ("noted", "alice"),
    ]
    assert seen.rule is Rule.FAILED_ATTEMPT
    assert seen.playbook is not None
    assert seen.shipment.tracking_number in seen.playbook.courier.zh
    assert seen.why("zh") == "涉及 120 元，距时限还有 4 小时，请马上联系，已等待 0 分钟"


def test_the_time_line_tells_scans_and_work_newest_first(scene: Scene, store: Store, alice: int) -> None:
    parcel = stored(store, a_scan("picked_up", "2d"), a_scan("exception", "1h", "refused"))
    item = scene.work(parcel)
    scene.later(hours=1)
    scene.desk.close(item, staff_id=alice, reason=CloseReason.RETURN_AGREED)

    seen = card(store, item, now=NOW)

    assert seen is not None
    told = [
        moment.scan.milestone.value
        if moment.scan
        else moment.happened.event.kind.value
        if moment.happened
        else None
        for moment in seen.time_line
    ]
    assert told == ["closed", "alert_added", "opened", "exception", "picked_up"]
    assert seen.why("en") == ""


def test_a_new_work_item_shows_what_was_done_under_the_old_one(
    scene: Scene, store: Store, alice: int
) -> None:
    parcel = scene.parcel()
    old = scene.work(parcel)
    scene.desk.close(old, staff_id=alice, reason=CloseReason.REDELIVERY_AGREED, note="周三上午")
    new = scene.work(parcel, rule=Rule.RETURN_TO_SENDER, at_risk_fen=20_000)

    seen = card(store, new, now=NOW)

    assert seen is not None
    assert [(view.work_item_id, view.event.note) for view in seen.done] == [(old, "周三上午")]
    assert [alert.rule for alert in seen.alerts] == [Rule.RETURN_TO_SENDER, Rule.FAILED_ATTEMPT]
    assert seen.rule is Rule.RETURN_TO_SENDER


def test_a_card_of_a_parcel_whose_trouble_ended_keeps_its_playbook(scene: Scene, store: Store) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    scene.end(trouble)
    scene.run()

    seen = card_of_shipment(store, parcel, now=NOW)

    assert seen is not None
    assert seen.item is not None
    assert seen.item.state is WorkItemState.CLOSED
    assert seen.rule is Rule.FAILED_ATTEMPT


def test_a_parcel_that_was_never_in_trouble_has_a_card_too(scene: Scene, store: Store) -> None:
    parcel = scene.parcel(phone=None, region=Region())

    seen = card_of_shipment(store, parcel, now=NOW)

    assert seen is not None
    assert (seen.item, seen.rule, seen.playbook, seen.data_age) == (None, None, None, None)
    assert (seen.place, seen.alerts, seen.time_line, seen.why("zh")) == ("", (), (), "")


def test_the_desk_phone_that_is_handed_in_goes_first(scene: Scene, store: Store) -> None:
    item = scene.work()

    seen = card(store, item, now=NOW, desk_phones={"zto": "95338"})

    assert seen is not None
    assert seen.contacts.courier[0].phone.national == "95338"


def test_what_does_not_exist_has_no_card(store: Store) -> None:
    assert card(store, 7, now=NOW) is None
    assert card_of_shipment(store, 7, now=NOW) is None


def test_a_line_says_what_matters(scene: Scene, store: Store, alice: int) -> None:
    parcel = scene.parcel()
    _answered(store, parcel, "30m")
    deadline = NOW + timedelta(hours=6)
    scene.alert(parcel, Rule.STALLED, urgency=Urgency.TODAY, at_risk_fen=3_000)
    item = scene.work(parcel, rule=Rule.REFUSED, deadline=deadline)
    scene.desk.claim(item, staff_id=alice)

    [line] = overview(store, now=NOW + timedelta(hours=1)).lines

    assert (line.work_item_id, line.shipment_id, line.carrier) == (item, parcel, "zto")
    assert line.rules == (Rule.REFUSED, Rule.STALLED)
    assert (line.at_risk_fen, line.urgency, line.deadline) == (12_000, Urgency.NOW, deadline)
    assert (line.age, line.data_age) == (timedelta(hours=1), timedelta(minutes=90))
    assert (line.state, line.claimed_by, line.claimed_by_id) == (WorkItemState.CLAIMED, "alice", alice)
    assert line.place == place_of(CHENGDU)


def test_the_list_is_in_the_order_of_the_queue_page_by_page(scene: Scene, store: Store) -> None:
    items = [scene.work(at_risk_fen=yuan * 100) for yuan in (20, 90, 50, 70, 30)]
    order = [items[place] for place in (1, 3, 2, 4, 0)]

    pages = [overview(store, now=NOW, limit=2, offset=offset) for offset in (0, 2, 4)]

    assert [line.work_item_id for page in pages for line in page.lines] == order
    assert {page.total for page in pages} == {5}


def test_the_list_can_be_narrowed(scene: Scene, store: Store, alice: int, bob: int) -> None:
    refused = scene.work(rule=Rule.REFUSED)
    other = scene.work(scene.parcel(carrier="sf"))
    snoozed = scene.work()
    closed = scene.work(rule=Rule.REFUSED)
    scene.desk.claim(refused, staff_id=alice)
    scene.desk.snooze(snoozed, staff_id=alice, until=NOW + timedelta(hours=1))
    scene.desk.close(closed, staff_id=bob, reason=CloseReason.REFUNDED)

    def ids(**wanted: object) -> list[int]:
        page = overview(store, now=NOW, **wanted)  # type: ignore[arg-type]
        assert page.total == len(page.lines)
        return sorted(line.work_item_id for line in page.lines)

    assert ids() == sorted([refused, other, snoozed])
    assert ids(state=WorkItemState.SNOOZED) == [snoozed]
    assert ids(rule=Rule.REFUSED) == [refused]
    assert ids(carrier="sf") == [other]
    assert ids(claimed_by=alice) == [refused]
    assert ids(claimed_by=bob) == []
    assert ids(state=WorkItemState.CLOSED) == [closed]
    assert ids(state=WorkItemState.CLOSED, rule=Rule.REFUSED) == [closed]
    assert ids(state=WorkItemState.CLOSED, rule=Rule.STALLED) == []
    assert overview(store, now=NOW, carrier="sf").counts == {
        WorkItemState.OPEN: 1,
        WorkItemState.CLAIMED: 1,
        WorkItemState.SNOOZED: 1,
    }


def test_a_closed_line_still_names_its_rule_and_why_it_closed(scene: Scene, store: Store) -> None:
    parcel = scene.parcel()
    trouble = scene.alert(parcel)
    scene.run()
    scene.later(hours=2)
    scene.end(trouble)
    scene.run()

    [line] = overview(store, now=NOW + timedelta(days=3), state=WorkItemState.CLOSED).lines

    assert (line.rules, line.close_reason) == ((Rule.FAILED_ATTEMPT,), CloseReason.ALERTS_ENDED)
    assert line.age == timedelta(hours=2)


@pytest.mark.parametrize("count", [2, 12])
def test_a_page_takes_as_many_queries_whatever_is_on_it(scene: Scene, store: Store, count: int) -> None:
    for _ in range(count):
        scene.work()
    asked: list[str] = []

    @sa.event.listens_for(store.reader, "before_cursor_execute")
    def _asked(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    assert len(overview(store, now=NOW).lines) == count
    assert len(asked) == 5


def test_a_closed_work_item_is_found_by_the_rules_of_its_own_time(scene: Scene, store: Store) -> None:
    parcel = scene.parcel()
    first = scene.alert(parcel, Rule.STALLED)
    scene.run()
    scene.later(hours=1)
    scene.end(first)
    scene.run()
    scene.later(hours=1)
    second = scene.alert(parcel, Rule.REFUSED)
    scene.run()
    scene.later(hours=1)
    scene.end(second)
    scene.run()
    older, newer = scene.items(parcel)

    def found(rule: Rule) -> list[int]:
        page = overview(store, now=NOW, state=WorkItemState.CLOSED, rule=rule)
        return [line.work_item_id for line in page.lines]

    assert (found(Rule.STALLED), found(Rule.REFUSED)) == ([older.id], [newer.id])
