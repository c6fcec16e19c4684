"""What no phrase explains is kept once for each scan, ranked, and never without end."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from builders import a_scan, stored
from labelling_words import CODE, LINE, SKELETON

from carriers.contract import Milestone
from watcher.model import PollWay
from watcher.polling.poller import count
from watcher.store import unknown_texts
from watcher.store.tables import reading_count, scan, unknown_text, watch
from watcher.telemetry import Metrics

OTHER = "78400000000002"


def ranked(store, **wishes):
    with store.read() as connection:
        return unknown_texts.ranked(connection, **wishes)


def forget_digests(store):
    with store.write() as connection:
        connection.execute(sa.update(watch).values(track_digest=None))


def test_a_text_that_no_phrase_explains_is_kept_with_what_its_code_said(store, record):
    key = stored(store)
    record(a_scan("picked_up", "9h", text="已揽收"), a_scan("exception", "3h", "held", text=LINE))
    (text,) = ranked(store)
    assert (text.carrier, text.template, text.milestone, text.seen) == ("zto", SKELETON, "exception", 1)
    assert text.sample_tracking_number == "78400000000001"
    with store.read() as connection:
        rows = connection.execute(sa.select(scan).order_by(scan.c.occurred_at)).all()
        (sample,) = unknown_texts.samples(connection, text.id)
    assert [(row.unknown_text_id, row.code_said) for row in rows] == [
        (None, None),
        (text.id, "exception held"),
    ]
    assert (sample.shipment_id, sample.text) == (key, LINE)


def test_no_line_of_a_carrier_is_copied(store, record):
    stored(store)
    record(a_scan("unknown", "3h", text=f"{LINE}(李四 13800000077)"))
    with store.read() as connection:
        row = connection.execute(sa.select(unknown_text)).one()
    assert "13800000077" not in str(row)
    assert "李四" not in str(row)


def test_a_scan_counts_once_however_often_it_is_told(store, record):
    stored(store)
    line, other = a_scan("unknown", "3h", text=LINE), a_scan("in_transit", "9h", text="快件离开【一部】")
    record(line)
    for told in ((line, other), (other,), (other,), (line, other)):
        forget_digests(store)
        record(*told)
    assert [text.seen for text in ranked(store)] == [1]


def test_scans_of_several_shipments_add_up(store, record):
    stored(store)
    stored(store, tracking_number=OTHER)
    record(a_scan("in_transit", "3h", text=LINE))
    record(a_scan("unknown", "2h", text=LINE), a_scan("unknown", "1h", text=f"{LINE}7"), number=OTHER)
    assert [(text.seen, text.milestone) for text in ranked(store) if text.template == SKELETON] == [
        (2, "unknown")
    ]


def test_texts_under_a_silent_code_rank_before_frequent_ones(store, record):
    stored(store)
    record(
        *(a_scan("in_transit", f"{hour}h", text="宜晒褥子") for hour in (3, 4, 5)),
        a_scan("unknown", "2h", text=LINE),
        *(a_scan("in_transit", f"{hour}h", text="宜晒枕头") for hour in (6, 7)),
    )
    assert [text.template for text in ranked(store)] == [SKELETON, "宜晒褥子", "宜晒枕头"]
    assert ranked(store, carrier="sf") == []


def test_a_line_that_says_nothing_at_all_is_not_kept(store, record):
    stored(store)
    told = record(a_scan("in_transit", "3h", text=""), a_scan("in_transit", "2h", text="13800000001"))
    assert ranked(store) == []
    assert told.texts == {}


def test_read_and_explained_texts_are_counted_by_carrier_and_day(store, record):
    stored(store)
    told = record(a_scan("in_transit", "3h", text="客户拒收"), a_scan("in_transit", "2h", text=LINE))
    assert told.texts == {"zto": (2, 1)}
    with store.read() as connection:
        row = connection.execute(sa.select(reading_count)).one()
        (share,) = unknown_texts.shares(connection, since="2026-03-01")
        assert unknown_texts.shares(connection, since="2026-03-03") == []
    assert tuple(row) == ("zto", "2026-03-02", 2, 1)
    assert (share.carrier, share.texts, share.explained) == ("zto", 2, 1)


def test_the_metrics_tell_the_share_that_was_understood(store, recorder, record):
    stored(store)
    metrics = Metrics.create()
    told = record(a_scan("in_transit", "3h", text="客户拒收"), a_scan("in_transit", "2h", text=LINE))
    count(metrics, recorder, told, way=PollWay.POLL)
    for explained in ("yes", "no"):
        labels = {"carrier": "zto", "explained": explained}
        assert metrics.registry.get_sample_value("watcher_texts_read_total", labels) == 1


def test_a_crash_while_recording_counts_nothing(store, record, monkeypatch):
    stored(store)
    monkeypatch.setattr("watcher.polling.recording.polls.add", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record(a_scan("unknown", "3h", text=LINE))
    assert ranked(store) == []


def test_a_carrier_that_writes_something_new_each_time_fills_no_disk(store, record, replaying):
    key = stored(store)
    words = "甲乙丙丁戊己庚辛壬癸"
    lines = [a_scan("unknown", f"{n + 2}h", text=f"{LINE}{word}") for n, word in enumerate(words)]
    record(*lines, a_scan("unknown", "1h", text=f"{LINE}甲"))
    dropped = []
    crowded = replace(replaying, most=4, on_dropped=lambda *what: dropped.append(what))
    assert crowded.run_once() == 0
    assert dropped == [("zto", 6)]
    left = ranked(store)
    assert len(left) == 4
    assert (left[0].template, left[0].seen) == (f"{SKELETON}甲", 2)
    with store.read() as connection:
        rows = connection.execute(sa.select(scan).where(scan.c.shipment_id == key)).all()
    assert sum(row.unknown_text_id is not None for row in rows) == 5
    assert crowded.run_once() == 0
    assert len(dropped) == 1


def test_what_has_a_label_is_not_forgotten(store, record, replaying, desk):
    stored(store)
    record(*(a_scan("unknown", f"{n + 1}h", text=f"{LINE}{word}") for n, word in enumerate("甲乙丙")))
    rarest = ranked(store)[-1]
    desk.label(rarest.id, milestone=Milestone.EXCEPTION)
    crowded = replace(replaying, most=1)
    while crowded.run_once():
        pass
    with store.read() as connection:
        assert unknown_texts.by_id(connection, rarest.id) is not None


def test_codes_with_several_reasons_are_kept_whole(store, record):
    stored(store)
    record(a_scan("exception", "3h", "held", "cod_problem", text=LINE, carrier_code=CODE))
    with store.read() as connection:
        assert connection.scalars(sa.select(scan.c.code_said)).one() == "exception held cod_problem"
