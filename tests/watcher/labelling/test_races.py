"""Recorders, two replays and people at once: nobody waits for ever, nothing counts twice, and all ends as labelled."""

import threading
from collections import Counter
from dataclasses import replace

import sqlalchemy as sa
from builders import NOW, a_scan, stored
from labelling_recorders import a_recorder
from labelling_words import LINE

from carriers.contract import Milestone, Track
from watcher.labelling.known import KnownLabels
from watcher.labelling.refusals import LabelRefused
from watcher.model import PollWay
from watcher.polling.recording import Answered
from watcher.store.tables import scan, unknown_text

ROUNDS, PARCELS = 6, 8
WORDS = ("", "甲", "乙", "丙")


def recording(store, part):
    """Records lines of its own parcels, with labels of its own knowledge."""
    recorder = replace(a_recorder(), labels=KnownLabels())
    numbers = [f"784{part:02}{number:09}" for number in range(PARCELS)]
    for hour in range(1, ROUNDS + 1):
        lines = tuple(
            a_scan("in_transit", f"{count}h", text=f"{LINE}{WORDS[count % 4]}")
            for count in range(hour, 0, -1)
        )
        said = [Answered(("zto", number), Track("zto", number, lines)) for number in numbers]
        with store.write() as connection:
            recorder.record(connection, said, way=PollWay.POLL, now=NOW)


def deciding(store, desk):
    """Labels whatever there is, and withdraws every second label."""
    made = []
    for turn in range(12):
        with store.read() as connection:
            ids = list(connection.scalars(sa.select(unknown_text.c.id).order_by(unknown_text.c.id)))
        for key in ids:
            try:
                made.append(desk.label(key, milestone=Milestone.EXCEPTION, for_all=turn % 3 == 0))
            except LabelRefused:
                if made:
                    desk.withdraw(made.pop())


def at_once(store, desk, replaying):
    """Lets everybody work until nothing is left; gives what went wrong."""
    failures, over = [], threading.Event()

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    def replaying_on():
        mine = replace(replaying, known=KnownLabels())
        while not over.is_set():
            mine.run_once(limit=5)

    workers = [threading.Thread(target=guarded, args=(recording, store, part)) for part in range(2)]
    workers.append(threading.Thread(target=guarded, args=(deciding, store, desk)))
    stages = [threading.Thread(target=guarded, args=(replaying_on,)) for _ in range(2)]
    for thread in (*workers, *stages):
        thread.start()
    for thread in workers:
        thread.join()
    over.set()
    for thread in stages:
        thread.join()
    while replaying.run_once():
        pass
    return failures


def test_everything_at_once_ends_as_it_was_labelled(store, desk, replaying):
    for part in range(2):
        for number in range(PARCELS):
            stored(store, tracking_number=f"784{part:02}{number:09}", order_number=f"O-{part}-{number}")
    assert at_once(store, desk, replaying) == []
    with store.read() as connection:
        labels = replaying.known.over(replaying.reader, connection).reader.labels
        texts = connection.execute(sa.select(unknown_text)).all()
        rows = connection.execute(sa.select(scan.c.unknown_text_id, scan.c.milestone)).all()
    assert Counter(row.unknown_text_id for row in rows) == {text.id: text.seen for text in texts}
    assert len(rows) == 2 * PARCELS * ROUNDS
    assert {text.replay_after for text in texts} == {None}
    meant = {text.id: labels.find("zto", text.template) for text in texts}
    said = {key: label.milestone if label else "in_transit" for key, label in meant.items()}
    assert {(row.unknown_text_id, row.milestone) for row in rows} == set(said.items())
