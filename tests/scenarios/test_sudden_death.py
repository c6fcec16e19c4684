"""`kill -9` in the middle of polling: what stands in the end is what an undisturbed daemon would have made."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import NOW
from scenarios.daemon import settings_for

from watcher.app import routing
from watcher.clock import ManualClock
from watcher.intake.importing import import_file
from watcher.intake.regions import Regions
from watcher.store import schema
from watcher.store.engine import open_store
from watcher.store.tables import (
    alert,
    alert_event,
    evidence,
    finding,
    poll,
    scan,
    shipment,
    watch,
    work_item,
    work_item_event,
)

HERE = Path(__file__).parent
PARCELS = 120
ASKED = ("sf", "zto", "kuaidi100")
INTERRUPTED = timedelta(minutes=31)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """The carriers, at a moment that does not move."""
    orders = tmp_path_factory.mktemp("sandbox") / "orders.csv"
    moment = NOW.isoformat()
    command = [
        sys.executable, "-m", "carriers.sandbox", "--json", "--port", "0", "--parcels", str(PARCELS), "--speed", "0",
        "--fake-start", moment, "--real-start", moment, "--orders", str(orders),
        "--carriers", "sf,zto,yto,sto,yunda,jt",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    told = json.loads(process.stdout.readline())
    # a source that must be told of a number first answers later, and here no time goes by
    yield told | {"accounts": {source: told["accounts"][source] for source in ASKED}}
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def filled(database_url, sandbox):
    return a_filled_store(database_url, sandbox)


def a_filled_store(url, sandbox):
    store = open_store(url)
    schema.upgrade(store)
    report = import_file(
        store,
        Path(sandbox["orders"]),
        clock=ManualClock(NOW),
        regions=Regions.load(),
        account_for=routing(settings_for(url, sandbox["accounts"])).for_order,
        spread=timedelta(0),
    )
    assert report.created == PARCELS
    return store


@contextmanager
def a_daemon(url, sandbox, now: datetime):
    command = [sys.executable, str(HERE / "daemon.py"), url, json.dumps(sandbox["accounts"]), now.isoformat()]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_until(url, sandbox, now, reached, *, ends_with):
    with a_daemon(url, sandbox, now) as process:
        deadline = time.monotonic() + 60
        while not reached():
            assert process.poll() is None, "the daemon ended by itself"
            assert time.monotonic() < deadline, "the daemon did not get there"
            time.sleep(0.02)
        process.send_signal(ends_with)
        process.wait(20)


def rows(store, table):
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def all_done(store, now):
    """Nothing due, nothing pending, and everybody asked."""
    with store.read() as connection:
        waiting = connection.execute(
            sa.select(sa.func.count())
            .select_from(watch)
            .where(
                sa.or_(
                    watch.c.next_poll_at <= now,
                    watch.c.evaluate_at <= now,
                    watch.c.coverage_pending,
                    watch.c.last_outcome.is_(None),
                )
            )
        ).scalar_one()
        pending = [
            connection.execute(sa.select(sa.func.count()).select_from(table).where(mark)).scalar_one()
            for table, mark in ((finding, finding.c.alerting_pending), (alert, alert.c.queue_pending))
        ]
    return not waiting and not any(pending)


def what_stands(store):
    """Everything that matters, without ids and times of our own."""
    number = shipment.c.tracking_number
    with store.read() as connection:

        def read(table, *columns):
            query = sa.select(number, *columns).join(table, table.c.shipment_id == shipment.c.id)
            return sorted(tuple(row) for row in connection.execute(query))

        return {
            "scans": read(scan, scan.c.identity, scan.c.milestone),
            "findings": read(finding, finding.c.rule, finding.c.episode),
            "alerts": read(alert, alert.c.rule, alert.c.episode, alert.c.state),
            "work items": read(work_item, work_item.c.state),
            "evidence": read(evidence, evidence.c.fate),
            "raised": connection.execute(sa.select(sa.func.count()).select_from(alert_event)).scalar_one(),
            "worked": connection.execute(
                sa.select(sa.func.count()).select_from(work_item_event)
            ).scalar_one(),
        }


def test_a_daemon_killed_while_polling_loses_and_doubles_nothing(filled, database_url, sandbox, tmp_path):
    store = filled
    for asked, now in ((25, NOW), (60, NOW + INTERRUPTED)):
        run_until(
            database_url,
            sandbox,
            now,
            lambda asked=asked: rows(store, poll) >= asked,
            ends_with=signal.SIGKILL,
        )
    assert rows(store, poll) < PARCELS, "killed too late to prove anything"
    last = NOW + 2 * INTERRUPTED
    run_until(database_url, sandbox, last, lambda: all_done(store, last), ends_with=signal.SIGTERM)
    undisturbed = a_filled_store(f"sqlite:///{tmp_path / 'undisturbed.db'}", sandbox)
    run_until(
        str(undisturbed.writer.url),
        sandbox,
        last,
        lambda: all_done(undisturbed, last),
        ends_with=signal.SIGTERM,
    )
    ours, theirs = what_stands(store), what_stands(undisturbed)
    store.close()
    undisturbed.close()
    assert len(ours["alerts"]) > 20
    assert ours == theirs
