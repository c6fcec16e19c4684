"""What waits is found by an index: a stage must not slow down with what is stored. Seen in the plans of SQLite, which
takes a partial index only where the query says what the index says."""

import re

import pytest
import sqlalchemy as sa
from builders import NOW

from watcher.routing import Route, routes_of
from watcher.store import (
    assigning,
    evidence,
    findings,
    health,
    imports,
    pushes,
    replays,
    scans,
    shipments,
    unknown_texts,
    watches,
    work_items,
)
from watcher.store.replays import Replay
from watcher.store.tables import metadata

ROUTES = routes_of([Route("zto-main", "zto", own=True), Route("kuaidi100-main", "zto", own=False)])
REPLAY = Replay(unknown_text_id=1, carrier="zto", label_id=None, after=0, about=None)
PARTIAL = {
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}

TAKING = {
    "poller": lambda c: watches.due(c, "zto-main", now=NOW, limit=10),
    "poller's tick": lambda c: watches.accounts_with_due(c, ["zto-main"], now=NOW),
    "answers": lambda c: watches.of_numbers(c, "zto-main", [("zto", "1"), ("zto", "2")]),
    "sources that are away": lambda c: assigning.stranded(c, away={"zto-main"}),
    "rerouting": lambda c: assigning.reroute(c, ROUTES, away={"zto-main"}, now=NOW),
    "numbers to tell first": lambda c: pushes.told(c, "zto-main", [1, 2]),
    "subscriptions": lambda c: pushes.wanted(c, "zto-main", limit=10),
    "detection": lambda c: findings.take_looks(c, now=NOW, limit=10),
    "alerting": lambda c: findings.take_pending(c, limit=10),
    "recovery": lambda c: findings.release_outage(c, "zto-main"),
    "queue": lambda c: work_items.pending_alerts(c, limit=10),
    "claims and snoozes": lambda c: work_items.lapsed(c, now=NOW, limit=10),
    "next call": work_items.best_open,
    "coverage": lambda c: evidence.pending(c, limit=10),
    "import": lambda c: imports.known(c, [("O-1", "1"), ("O-2", "2")]),
    "search": lambda c: shipments.by_number(c, "O-1"),
    "replay": replays.next_replay,
    "scans to read again": lambda c: replays.lines_of(c, REPLAY, limit=10),
    "unknown texts of new scans": lambda c: scans.present(c, [(1, "a"), (2, "b")]),
    "what a label touches": lambda c: unknown_texts.touched(c, "x", carrier=None),
    "lines of a text": lambda c: unknown_texts.samples(c, 1),
    "health": lambda c: health.waiting(c, now=NOW),
}


def plans(store, work):
    """What SQLite does for each statement of `work`, as it says."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    with store.write() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        work(connection)
        sa.event.remove(connection, "before_cursor_execute", note)
        raw = connection.connection.driver_connection
        return [
            step[3]
            for statement, parameters in asked
            for step in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def gone_through(steps):
    """Tables that are read from one end to the other; a partial index read so holds only what waits."""
    read = (re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?$", step) for step in steps)
    return [found[1] for found in read if found and found[1] in metadata.tables and found[2] not in PARTIAL]


@pytest.mark.parametrize("stage", TAKING)
def test_nothing_is_gone_through_to_find_what_waits(sqlite_store, stage):
    steps = plans(sqlite_store, TAKING[stage])
    assert steps
    assert gone_through(steps) == []


def test_a_query_without_an_index_is_noticed(sqlite_store):
    def work(connection):
        connection.execute(sa.text("SELECT shipment_id FROM watch WHERE failures_in_a_row = 3"))

    assert gone_through(plans(sqlite_store, work)) == ["watch"]
