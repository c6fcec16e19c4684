"""Labels reach new scans at once, and stored ones by being read again: resumed after a crash, undone when withdrawn."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from browser.story import a_person
from builders import NOW, a_scan, stored
from labelling_recorders import a_recorder
from labelling_words import LINE
from own_lines import own_lines
from scenarios.standing_daemon import the_reader

from carriers.contract import Milestone, Reason
from carriers.reading.learnt import LEARNT
from watcher.labelling.desk import LabelDesk
from watcher.labelling.known import KnownLabels, LabelledReader
from watcher.labelling.refusals import (
    AlreadyLabelled,
    AlreadyWithdrawn,
    ReasonOfNothing,
    UnknownLabel,
    UnknownText,
)
from watcher.model import Box, PollReason
from watcher.store import labels, replays, scans, unknown_texts, watches
from watcher.store.tables import scan, unknown_text, watch

REFUSED = (Reason.REFUSED,)


def run_dry(replaying, **how):
    rounds = 0
    while replaying.run_once(**how):
        rounds += 1
    return rounds


def the_text(store, template=None):
    with store.read() as connection:
        rows = connection.execute(sa.select(unknown_text).order_by(unknown_text.c.id)).all()
    return next(row for row in rows if template in {None, row.template})


def said(store, shipment_id):
    with store.read() as connection:
        return [
            (one.milestone, one.reasons)
            for one in scans.standing(connection, [shipment_id])[shipment_id]
            if LINE in one.text
        ]


def watch_of(store, shipment_id):
    with store.read() as connection:
        return watches.watch_of(connection, shipment_id)


def at_rest(store):
    with store.write() as connection:
        connection.execute(sa.update(watch).values(evaluate_at=None, coverage_pending=False))


def label_of(store, label_id):
    with store.read() as connection:
        return labels.by_id(connection, label_id)


@pytest.fixture
def parcel(store, record):
    """A parcel on its way that printed the line."""
    key = stored(store)
    record(a_scan("in_transit", "9h", text="快件离开【一部】"), a_scan("in_transit", "3h", text=LINE))
    at_rest(store)
    return key


def test_a_stored_scan_is_read_again_and_the_shipment_follows(store, parcel, desk, replaying):
    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION, reasons=REFUSED)
    assert run_dry(replaying) == 1
    assert said(store, parcel) == [("exception", REFUSED)]
    after = watch_of(store, parcel)
    assert (after.milestone, after.evaluate_at, after.coverage_pending) == ("exception", NOW, True)
    row = label_of(store, made)
    assert (row.scans_read, row.scans_changed, row.scans_restored, row.replaying) == (1, 1, 0, False)


def test_withdrawing_undoes_it(store, parcel, desk, replaying):
    before = watch_of(store, parcel)
    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION, reasons=REFUSED)
    run_dry(replaying)
    desk.withdraw(made)
    run_dry(replaying)
    assert said(store, parcel) == [("in_transit", ())]
    after = watch_of(store, parcel)
    assert (after.milestone, after.milestone_since) == (before.milestone, before.milestone_since)
    assert label_of(store, made).scans_restored == 1
    assert the_text(store).label_id is None


def test_the_next_scan_is_read_with_the_label_in_every_process(store, recorder, record, desk):
    others = replace(recorder, labels=KnownLabels())
    stored(store)
    second = stored(store, tracking_number="78400000000002")
    record(a_scan("in_transit", "3h", text=LINE))
    record(a_scan("in_transit", "4h", text="客户拒收"), by=others)
    desk.label(the_text(store).id, milestone=Milestone.EXCEPTION, reasons=REFUSED)
    told = record(a_scan("in_transit", "2h", text=LINE), number="78400000000002", by=others)
    assert said(store, second) == [("exception", REFUSED)]
    assert told.texts == {"zto": (1, 1)}
    with store.read() as connection:
        # it can be undone: the row remembers what the code said
        assert set(connection.scalars(sa.select(scan.c.code_said))) == {None, "in_transit"}


def test_only_scans_with_the_text_are_touched(store, parcel, record, desk, replaying):
    other = stored(store, tracking_number="78400000000002")
    record(a_scan("in_transit", "3h", text="宜晒褥子"), number="78400000000002")
    at_rest(store)
    desk.label(the_text(store, "【】宜晒被子").id, milestone=Milestone.EXCEPTION)
    run_dry(replaying)
    assert watch_of(store, other).evaluate_at is None
    assert watch_of(store, parcel).evaluate_at == NOW


def test_a_label_for_all_carriers_reaches_all_and_one_for_a_carrier_goes_before_it(
    store, parcel, record, desk, replaying
):
    other = stored(store, tracking_number="SF1000000000001", carrier="sf", account="sf-main")
    record(a_scan("in_transit", "3h", text=LINE), number="SF1000000000001", by=a_recorder("sf"))
    text = the_text(store)
    desk.label(text.id, milestone=Milestone.RETURNING, for_all=True)
    own = desk.label(text.id, milestone=Milestone.EXCEPTION)
    run_dry(replaying)
    assert (said(store, parcel), said(store, other)) == ([("exception", ())], [("returning", ())])
    desk.withdraw(own)
    run_dry(replaying)
    assert said(store, parcel) == [("returning", ())]


def many(store, record, count):
    keys = []
    for number in range(count):
        keys.append(stored(store, tracking_number=f"784{number:011}", order_number=f"O-{number}"))
        record(a_scan("in_transit", "3h", text=LINE), number=f"784{number:011}")
    return keys


def test_a_long_replay_goes_in_batches_and_tells_how_far_it_is(store, record, desk, replaying):
    many(store, record, 7)
    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    assert replaying.run_once(limit=3) == 3
    row = label_of(store, made)
    assert (row.scans_changed, row.replaying) == (3, True)
    assert replaying.run_once(limit=3) == 3
    assert replaying.run_once(limit=3) == 1
    assert replaying.run_once(limit=3) == 0
    assert label_of(store, made).scans_changed == 7


def test_a_batch_that_ends_exactly_is_over_with_the_next(store, record, desk, replaying):
    many(store, record, 2)
    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    run_dry(replaying, limit=2)
    row = label_of(store, made)
    assert (row.scans_read, row.replaying) == (2, False)


def test_a_replay_that_dies_is_taken_up_and_doubles_nothing(store, record, desk, replaying, monkeypatch):
    keys = many(store, record, 5)
    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    replaying.run_once(limit=2)
    with monkeypatch.context() as dying:
        dying.setattr("watcher.labelling.replay.replays.move", lambda *_args, **_how: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            replaying.run_once(limit=2)
    run_dry(replaying, limit=2)
    row = label_of(store, made)
    assert (row.scans_read, row.scans_changed) == (5, 5)
    assert [said(store, key) for key in keys] == [[("exception", ())]] * 5


def test_a_label_withdrawn_while_it_is_replayed_leaves_nothing_behind(store, record, desk, replaying):
    keys = many(store, record, 5)
    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    replaying.run_once(limit=2)
    desk.withdraw(made)
    run_dry(replaying, limit=2)
    assert [said(store, key) for key in keys] == [[("in_transit", ())]] * 5
    assert label_of(store, made).scans_restored == 2


def test_who_reads_with_old_labels_has_their_scans_read_again(store, parcel, record, desk, replaying):
    desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    run_dry(replaying)
    late = stored(store, tracking_number="78400000000002")

    class Late(KnownLabels):
        def over(self, tables, connection):
            return LabelledReader(tables)

    record(
        a_scan("in_transit", "2h", text=LINE),
        number="78400000000002",
        by=replace(a_recorder(), labels=Late()),
    )
    assert said(store, late) == [("in_transit", ())]
    run_dry(replaying)
    assert said(store, late) == [("exception", ())]


def test_a_worker_that_comes_second_to_a_batch_leaves_it(store, record, desk, replaying):
    many(store, record, 3)
    desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    replaying.run_once(limit=1)
    with store.read() as connection:
        replay = replays.next_replay(connection)
    replaying.run_once(limit=1)
    with store.write() as connection:
        assert not replays.hold(connection, replay)


@pytest.mark.parametrize("box", [Box.SETTLED, Box.RETURNED, Box.CANCELLED, Box.GIVEN_UP])
def test_the_history_of_what_has_ended_is_corrected_and_nobody_asks_again(
    store, parcel, desk, replaying, box
):
    with store.write() as connection:
        connection.execute(sa.update(watch).values(box=box, next_poll_at=None))
    desk.label(the_text(store).id, milestone=Milestone.EXCEPTION, reasons=REFUSED)
    run_dry(replaying)
    after = watch_of(store, parcel)
    assert (after.box, after.next_poll_at, after.milestone) == (box, None, "exception")


def test_a_parcel_that_only_a_label_had_settled_is_watched_again(store, parcel, desk, replaying):
    made = desk.label(the_text(store).id, milestone=Milestone.DELIVERED)
    run_dry(replaying)
    assert watch_of(store, parcel).milestone == "delivered"
    with store.write() as connection:
        connection.execute(sa.update(watch).values(box=Box.SETTLED, next_poll_at=None))
    desk.withdraw(made)
    run_dry(replaying)
    after = watch_of(store, parcel)
    assert (after.box, after.next_poll_at) == (Box.WATCHING, NOW)
    assert after.poll_reason is PollReason.ASKED_BY_STAFF


def test_a_withdrawn_line_is_corrected_too_but_moves_nothing(store, parcel, desk, replaying):
    with store.write() as connection:
        connection.execute(sa.update(scan).where(scan.c.unknown_text_id.isnot(None)).values(withdrawn_at=NOW))
    desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    run_dry(replaying)
    assert watch_of(store, parcel).milestone == "in_transit"


def test_a_replay_that_changes_nothing_wakes_nobody(store, parcel, desk, replaying):
    made = desk.label(the_text(store).id, milestone=Milestone.UNKNOWN)
    run_dry(replaying)
    assert watch_of(store, parcel).evaluate_at is None
    assert label_of(store, made).scans_changed == 0


def test_what_a_label_would_touch_can_be_seen_before(store, parcel, record):
    second = "78400000000002"
    stored(store, tracking_number=second)
    record(a_scan("unknown", "2h", text=LINE), a_scan("unknown", "1h", text=LINE), number=second)
    with store.read() as connection:
        touched = unknown_texts.touched(connection, the_text(store).template, carrier="zto")
        assert unknown_texts.touched(connection, the_text(store).template, carrier="sf").scans == 0
        assert unknown_texts.touched(connection, the_text(store).template, carrier=None) == touched
    assert (touched.scans, touched.shipments) == (3, 2)


def test_refusals_say_what_to_do(store, parcel, desk):
    text = the_text(store).id
    with pytest.raises(UnknownText):
        desk.label(999, milestone=Milestone.EXCEPTION)
    with pytest.raises(ReasonOfNothing):
        desk.label(text, milestone=Milestone.UNKNOWN, reasons=[Reason.REFUSED])
    made = desk.label(text, milestone=Milestone.EXCEPTION)
    with pytest.raises(AlreadyLabelled):
        desk.label(text, milestone=Milestone.DELIVERED)
    desk.withdraw(made)
    with pytest.raises(AlreadyWithdrawn):
        desk.withdraw(made)
    with pytest.raises(UnknownLabel):
        desk.withdraw(999)
    assert desk.label(text, milestone=Milestone.DELIVERED) != made


def test_a_labelled_text_leaves_the_list_at_once_and_comes_back(store, parcel, desk):
    def listed():
        with store.read() as connection:
            return len(unknown_texts.ranked(connection)), unknown_texts.count(connection)

    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    assert listed() == (0, 0)
    desk.withdraw(made)
    assert listed() == (1, 1)


def test_who_labelled_and_when_is_kept(store, parcel, clock):
    alice = a_person(store, "alice")
    desk = LabelDesk(store, clock)
    made = desk.label(the_text(store).id, milestone=Milestone.EXCEPTION, staff_id=alice)
    clock.advance(timedelta(hours=1))
    desk.withdraw(made)
    row = label_of(store, made)
    assert (row.made_by, row.made_at) == ("alice", NOW)
    assert (row.withdrawn_by, row.withdrawn_at) == (None, NOW + timedelta(hours=1))


def test_labels_are_loaded_only_when_they_changed(store, parcel, desk):
    known, asked = KnownLabels(), []
    sa.event.listen(store.reader, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def statements():
        asked.clear()
        with store.read() as connection:
            known.over(the_reader(), connection)
        return len([one for one in asked if "FROM label" in one])

    assert statements() == 1
    desk.label(the_text(store).id, milestone=Milestone.EXCEPTION)
    assert [statements(), statements()] == [2, 1]


def test_a_text_that_only_learnt_weights_read_is_kept_and_a_label_goes_before_them(
    store, record, desk, replaying
):
    key = stored(store)
    guessed = next(line.text for line in own_lines() if the_reader().read(line.text).phrases == (LEARNT,))
    record(a_scan("unknown", "3h", text=guessed))
    text = the_text(store)
    before = watch_of(store, key).milestone
    made = desk.label(text.id, milestone=Milestone.CANCELLED)
    run_dry(replaying)
    assert watch_of(store, key).milestone is Milestone.CANCELLED
    desk.withdraw(made)
    run_dry(replaying)
    assert watch_of(store, key).milestone is before is not Milestone.UNKNOWN
