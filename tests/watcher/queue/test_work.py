"""What staff can do with a work item, and what they are told when they cannot."""

from datetime import timedelta

import pytest
from builders import NOW
from work_scene import Scene

from watcher.model import CloseReason, WorkItemState
from watcher.queue.life import LONGEST_NOTE, STAFF_REASONS
from watcher.queue.refusals import (
    AlreadyClaimed,
    AlreadyClosed,
    NotClaimed,
    NoteNeeded,
    ReasonNotForStaff,
    UnfitNote,
    UnfitSnooze,
    UnknownWorkItem,
)

CLOSED = CloseReason.NOTHING_WRONG


def test_the_next_call_is_the_most_pressing_one_and_is_claimed(scene: Scene, alice: int) -> None:
    scene.work(at_risk_fen=5_000)
    dear = scene.work(at_risk_fen=90_000)

    assert scene.desk.next_call(staff_id=alice) == dear

    item = scene.item(dear)
    assert (item.state, item.claimed_by) == (WorkItemState.CLAIMED, alice)
    assert item.claimed_until == NOW + timedelta(minutes=20)


def test_two_agents_never_get_the_same_call(scene: Scene, alice: int, bob: int) -> None:
    items = {scene.work(), scene.work()}

    assert {scene.desk.next_call(staff_id=alice), scene.desk.next_call(staff_id=bob)} == items


def test_an_agent_who_asks_again_gets_the_one_in_hand(scene: Scene, alice: int) -> None:
    first = scene.work(at_risk_fen=5_000)
    assert scene.desk.next_call(staff_id=alice) == first
    scene.work(at_risk_fen=90_000)

    assert scene.desk.next_call(staff_id=alice) == first

    assert scene.told(first).count("claimed") == 1


def test_asking_again_late_keeps_it_for_longer(scene: Scene, alice: int) -> None:
    item = scene.work()
    scene.desk.next_call(staff_id=alice)
    late = scene.later(minutes=15)

    scene.desk.next_call(staff_id=alice)

    assert scene.item(item).claimed_until == late + timedelta(minutes=20)
    assert scene.events(item)[-1].facts == {"until": (late + timedelta(minutes=20)).isoformat()}


def test_no_work_is_no_call(scene: Scene, alice: int, bob: int) -> None:
    assert scene.desk.next_call(staff_id=alice) is None
    scene.desk.snooze(scene.work(), staff_id=bob, until=NOW + timedelta(hours=1))
    scene.desk.claim(scene.work(), staff_id=bob)

    assert scene.desk.next_call(staff_id=alice) is None


def test_the_next_call_finds_what_ran_out_without_waiting_for_the_daemon(
    scene: Scene, alice: int, bob: int
) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=bob)
    scene.later(minutes=20)

    assert scene.desk.next_call(staff_id=alice) == item

    assert scene.told(item)[-2:] == ["claim_ran_out", "claimed"]


def test_a_claim_of_a_colleague_is_respected(scene: Scene, alice: int, bob: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=bob)

    for verb in (
        lambda: scene.desk.claim(item, staff_id=alice),
        lambda: scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=1)),
        lambda: scene.desk.close(item, staff_id=alice, reason=CLOSED),
    ):
        with pytest.raises(AlreadyClaimed) as refused:
            verb()
        assert (refused.value.by, refused.value.until) == (bob, NOW + timedelta(minutes=20))
    with pytest.raises(NotClaimed):
        scene.desk.release(item, staff_id=alice)


def test_a_claim_that_ran_out_unnoticed_can_be_taken_over(scene: Scene, alice: int, bob: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=bob)
    scene.later(minutes=20)

    scene.desk.claim(item, staff_id=alice)

    assert scene.item(item).claimed_by == alice
    assert scene.told(item)[-2:] == ["claim_ran_out", "claimed"]


def test_who_had_it_can_still_finish_when_nobody_took_it(scene: Scene, alice: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=alice)
    scene.later(minutes=50)

    scene.desk.close(item, staff_id=alice, reason=CloseReason.WILL_COLLECT, note="周六去取")

    last = scene.events(item)[-1]
    assert (last.staff_id, last.from_state, last.to_state) == (
        alice,
        WorkItemState.CLAIMED,
        WorkItemState.CLOSED,
    )
    assert (last.facts, last.note) == ({"reason": "will_collect"}, "周六去取")


def test_released_work_is_open_again(scene: Scene, alice: int, bob: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=alice)
    scene.desk.release(item, staff_id=alice, note="午休")

    assert scene.desk.next_call(staff_id=bob) == item
    assert [event.note for event in scene.events(item) if event.note] == ["午休"]


def test_anybody_may_add_a_note_at_any_time(scene: Scene, alice: int, bob: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=alice)
    scene.desk.note(item, staff_id=bob, text="  买家来电，说下午在家  ")
    scene.desk.close(item, staff_id=alice, reason=CLOSED)
    scene.desk.note(item, staff_id=bob, text="谢谢")

    notes = [event for event in scene.events(item) if event.note]
    assert [event.note for event in notes] == ["买家来电，说下午在家", "谢谢"]
    assert [(event.from_state, event.to_state) for event in notes] == [
        (WorkItemState.CLAIMED, WorkItemState.CLAIMED),
        (WorkItemState.CLOSED, WorkItemState.CLOSED),
    ]


def test_writing_a_note_keeps_the_claim_alive(scene: Scene, alice: int, bob: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=alice)
    late = scene.later(minutes=15)
    scene.desk.note(item, staff_id=bob, text="x")
    assert scene.item(item).claimed_until == NOW + timedelta(minutes=20)

    scene.desk.note(item, staff_id=alice, text="正在通话")

    assert scene.item(item).claimed_until == late + timedelta(minutes=20)


@pytest.mark.parametrize("text", ["", " \n\t ", "x" * (LONGEST_NOTE + 1), "a\x00b"])
def test_a_note_says_something_in_a_limited_length(scene: Scene, alice: int, text: str) -> None:
    item = scene.work()

    with pytest.raises(UnfitNote, match="1 to 2000"):
        scene.desk.note(item, staff_id=alice, text=text)

    assert "noted" not in scene.told(item)


def test_an_empty_note_beside_another_verb_is_no_note(scene: Scene, alice: int) -> None:
    item = scene.work()

    scene.desk.close(item, staff_id=alice, reason=CLOSED, note="  ")

    assert scene.events(item)[-1].note is None


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=-1), timedelta(days=14, seconds=1)])
def test_a_snooze_ends_ahead_and_before_everybody_forgot(scene: Scene, alice: int, ahead: timedelta) -> None:
    item = scene.work()

    with pytest.raises(UnfitSnooze, match="14 days"):
        scene.desk.snooze(item, staff_id=alice, until=NOW + ahead)

    assert scene.state(item) is WorkItemState.OPEN


def test_a_snoozed_item_can_be_claimed_before_its_time(scene: Scene, alice: int, bob: int) -> None:
    item = scene.work()
    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=3), note="三点再打")

    scene.desk.claim(item, staff_id=bob)

    assert scene.item(item).snoozed_until is None
    assert scene.events(item)[-1].from_state is WorkItemState.SNOOZED


@pytest.mark.parametrize("reason", STAFF_REASONS)
def test_staff_close_with_their_own_reasons(scene: Scene, alice: int, reason: CloseReason) -> None:
    item = scene.work()

    scene.desk.close(item, staff_id=alice, reason=reason, note="周六再说")

    assert scene.item(item).close_reason is reason


@pytest.mark.parametrize("note", [None, "", " \n"])
def test_other_says_nothing_without_a_note(scene: Scene, alice: int, note: str | None) -> None:
    item = scene.work()

    with pytest.raises(NoteNeeded, match="note"):
        scene.desk.close(item, staff_id=alice, reason=CloseReason.OTHER, note=note)

    assert scene.item(item).closed_at is None


@pytest.mark.parametrize("reason", [reason for reason in CloseReason if reason not in STAFF_REASONS])
def test_the_watchers_reasons_are_not_for_staff(scene: Scene, alice: int, reason: CloseReason) -> None:
    item = scene.work()

    with pytest.raises(ReasonNotForStaff, match=reason.value):
        scene.desk.close(item, staff_id=alice, reason=reason)


def test_what_is_closed_stays_closed(scene: Scene, alice: int) -> None:
    item = scene.work()
    scene.desk.close(item, staff_id=alice, reason=CLOSED)

    for verb in (
        lambda: scene.desk.claim(item, staff_id=alice),
        lambda: scene.desk.release(item, staff_id=alice),
        lambda: scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=1)),
        lambda: scene.desk.close(item, staff_id=alice, reason=CLOSED),
    ):
        with pytest.raises(AlreadyClosed):
            verb()


def test_an_unknown_work_item_is_said_to_be_unknown(scene: Scene, alice: int) -> None:
    with pytest.raises(UnknownWorkItem, match="77"):
        scene.desk.claim(77, staff_id=alice)


def test_snoozing_what_is_in_hand_gives_it_out_of_hand(scene: Scene, alice: int) -> None:
    item = scene.work()
    scene.desk.claim(item, staff_id=alice)

    scene.desk.snooze(item, staff_id=alice, until=NOW + timedelta(hours=3))

    asleep = scene.item(item)
    assert (asleep.claimed_by, asleep.claimed_until) == (None, None)
    assert asleep.snoozed_until == NOW + timedelta(hours=3)
    assert scene.desk.next_call(staff_id=alice) is None
