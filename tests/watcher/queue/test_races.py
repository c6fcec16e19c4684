"""Several people and several daemons at once: exactly one wins, and nothing is done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from builders import NOW
from work_scene import Scene

from watcher.model import CloseReason, WorkItemState
from watcher.queue.refusals import AlreadyClaimed, AlreadyClosed, WorkRefused
from watcher.store import work_items
from watcher.store.engine import Store
from watcher.store.tables import alert, work_item


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """What each gave or raised, all started at the same moment."""
    start = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return verb()
        except WorkRefused as refused:
            return refused

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def test_of_two_agents_who_claim_at_once_exactly_one_wins(scene: Scene, alice: int, bob: int) -> None:
    for _ in range(10):
        item = scene.work()

        ends = at_once(
            lambda item=item: scene.desk.claim(item, staff_id=alice),
            lambda item=item: scene.desk.claim(item, staff_id=bob),
        )

        [refused] = [end for end in ends if end is not None]
        assert isinstance(refused, AlreadyClaimed)
        winner = (alice, bob)[ends.index(None)]
        assert (scene.item(item).claimed_by, refused.by) == (winner, winner)
        assert scene.told(item).count("claimed") == 1


def test_agents_who_ask_for_the_next_call_at_once_get_different_ones(
    scene: Scene, alice: int, bob: int
) -> None:
    for _ in range(6):
        scene.work(), scene.work()

        given = at_once(
            lambda: scene.desk.next_call(staff_id=alice), lambda: scene.desk.next_call(staff_id=bob)
        )

        assert len(set(given)) == 2
        assert None not in given
        scene.desk.close(given[0], staff_id=alice, reason=CloseReason.REFUNDED)
        scene.desk.close(given[1], staff_id=bob, reason=CloseReason.REFUNDED)


def test_an_agent_who_clicks_twice_has_one_in_hand(scene: Scene, alice: int) -> None:
    for _ in range(6):
        scene.work(), scene.work()

        given = at_once(*[lambda: scene.desk.next_call(staff_id=alice)] * 3)

        assert len(set(given)) == 1
        assert scene.told(given[0]).count("claimed") == 1
        scene.desk.close(given[0], staff_id=alice, reason=CloseReason.REFUNDED)


def test_of_two_who_close_at_once_one_is_told_that_it_is_closed(scene: Scene, alice: int, bob: int) -> None:
    for _ in range(6):
        item = scene.work()

        ends = at_once(
            lambda item=item: scene.desk.close(item, staff_id=alice, reason=CloseReason.REFUNDED),
            lambda item=item: scene.desk.close(item, staff_id=bob, reason=CloseReason.RESHIPPED),
        )

        assert [type(end) for end in ends if end is not None] == [AlreadyClosed]
        assert scene.told(item).count("closed") == 1


def test_notes_written_at_once_are_all_kept(scene: Scene, alice: int, bob: int) -> None:
    item = scene.work()

    at_once(
        *[
            lambda who=who, text=text: scene.desk.note(item, staff_id=who, text=text)
            for text in ("一", "二")
            for who in (alice, bob)
        ]
    )

    notes = sorted(event.note or "" for event in scene.events(item) if event.note)
    assert notes == ["一", "一", "二", "二"]


def test_several_daemons_open_one_work_item_per_parcel(scene: Scene, store: Store) -> None:
    parcels = [scene.parcel() for _ in range(12)]
    for parcel in parcels:
        scene.alert(parcel)
        scene.alert(parcel, "stalled")

    took = at_once(*[lambda: sum(scene.queueing.run_once(limit=5) for _ in range(8))] * 3)
    while scene.run():
        pass

    assert sum(took) <= 24
    for parcel in parcels:
        [item] = scene.items(parcel)
        assert sorted(scene.told(item.id)) == ["alert_added", "alert_added", "opened"]
    with store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).where(alert.c.queue_pending)).scalar_one() == 0


def test_trouble_that_ends_while_the_agent_gives_it_back_is_closed_in_the_end(
    scene: Scene, alice: int
) -> None:
    for _ in range(8):
        parcel = scene.parcel()
        trouble = scene.alert(parcel)
        scene.run()
        item = scene.items(parcel)[0].id
        scene.desk.claim(item, staff_id=alice)
        scene.end(trouble)

        at_once(lambda item=item: scene.desk.release(item, staff_id=alice), scene.run)
        scene.run()

        assert scene.state(item) is WorkItemState.CLOSED


def test_a_daemon_that_comes_too_late_leaves_the_alert_for_the_next_time(
    scene: Scene, store: Store, alice: int
) -> None:
    """Between reading and writing the row changed: nothing is written, and nothing is forgotten."""
    item = scene.item(scene.work())
    scene.desk.snooze(item.id, staff_id=alice, until=NOW + timedelta(hours=1))

    with store.write() as connection:
        assert not work_items.save(connection, item, item, ())

    assert scene.state(item.id) is WorkItemState.SNOOZED


def test_the_database_itself_holds_one_open_work_item_per_parcel(scene: Scene, store: Store) -> None:
    parcel = scene.parcel()
    item = scene.item(scene.work(parcel))

    with store.write() as connection:
        assert work_items.add(connection, [(item, ())]) == {}
        assert connection.execute(sa.select(sa.func.count()).select_from(work_item)).scalar_one() == 1


def test_a_crash_in_the_middle_writes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = scene.parcel()
    scene.alert(parcel)

    def broken(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(work_items, "taken", broken)
        with pytest.raises(KeyboardInterrupt):
            scene.run()
    assert scene.items(parcel) == []

    scene.run()

    [item] = scene.items(parcel)
    assert scene.told(item.id) == ["opened", "alert_added"]
