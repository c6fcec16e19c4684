"""The database goes away in the middle and comes back: the daemon lives on, says so, and nothing is lost or doubled."""

import json
import sqlite3
from collections import Counter
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from scenarios.running import a_running_daemon, until, until_answers, written_logs
from scenarios.watching import a_scene_on

from watcher.engine import local
from watcher.model import Rule
from watcher.store.tables import heartbeat
from watcher.web import probes

ASKED = ("sf", "zto", "kuaidi100")
PARCELS = 16
TROUBLED = 4
LOOPS = ("poll", "detect", "alert", "queue")


@pytest.fixture(autouse=True)
def logs(monkeypatch):
    """Heartbeats with every tick, a probe that is soon impatient, and logs as the daemon writes them."""
    monkeypatch.setattr(local, "_BEAT_SECONDS", 0.1)
    monkeypatch.setattr(probes, "_GRACE", timedelta(seconds=1))
    with written_logs() as stream:
        yield stream


@contextmanager
def a_server_that_is_down(watcher, url):
    """PostgreSQL refuses everybody, and those who are in are thrown out."""
    database = sa.make_url(url).database
    admin = sa.create_engine(sa.make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        throw_out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        connection.exec_driver_sql(throw_out)
        yield
        connection.exec_driver_sql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
    admin.dispose()


@contextmanager
def a_file_that_another_writes(watcher, url):
    """Somebody holds the write lock of the SQLite file for longer than we wait."""
    other = sqlite3.connect(sa.make_url(url).database, isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def a_disk_that_is_full(watcher, url):
    """The SQLite file cannot grow by a single page."""

    def no_room(connection, _record, _proxy):
        (pages,) = connection.execute("pragma page_count").fetchone()
        connection.execute(f"pragma max_page_count={pages}")

    sa.event.listen(watcher.store.writer, "checkout", no_room)
    yield
    sa.event.remove(watcher.store.writer, "checkout", no_room)
    watcher.store.writer.dispose()


def impatient(connection, _record, _proxy):
    """Wait for a lock only a moment."""
    connection.execute("pragma busy_timeout=100")


def failed_rounds(watcher, loop):
    return watcher.metrics.registry.get_sample_value("watcher_loop_errors_total", {"loop": loop}) or 0


def filled(scene):
    """Healthy parcels of every source, and some that were refused at the door."""
    for source in ASKED:
        for _ in range(PARCELS):
            scene.parcel(source)
        for _ in range(TROUBLED):
            scene.parcel(source, refused_at=9.5)


async def through(scene, url, trouble, *, failing, ready, failures=2):
    """The daemon at work before, during and after the trouble; every loop of `failing` fails so often meanwhile.

    Only what was put off is due again during the trouble, so that whoever was slow has something to fail at.
    """
    async with a_running_daemon(scene, url) as watcher, httpx.AsyncClient(base_url=watcher.url) as client:
        if watcher.store.is_sqlite:
            sa.event.listen(watcher.store.writer, "checkout", impatient)
        await until(lambda: len(scene.asked()) >= 8)
        with trouble(watcher, url):
            scene.clock.advance(timedelta(minutes=31))
            await until(lambda: all(failed_rounds(watcher, loop) >= failures for loop in failing))
            await until_answers(client, "/readyz", ready)
            assert (await client.get("/healthz")).status_code == 200
        await until_answers(client, "/readyz", 200)
        assert len(scene.asked()) < len(ASKED) * (PARCELS + TROUBLED), "too late to prove anything"
        await caught_up(scene)
        await until(lambda: scene.work_items() == len(ASKED) * TROUBLED)


async def caught_up(scene):
    """Everybody was asked and nothing waits. What failed in the last moment of the trouble, or found the file locked
    for longer than the impatient wait on a busy machine, is put off once more, so time goes on."""

    def all_done():
        return len(scene.asked()) == len(ASKED) * (PARCELS + TROUBLED) and not scene.waiting()

    for _ in range(6):
        scene.clock.advance(timedelta(minutes=31))
        with suppress(TimeoutError):
            await until(all_done, seconds=12)
            return
    assert all_done()


def told(logs, event):
    """How often each loop told of it."""
    lines = (json.loads(line) for line in logs.getvalue().splitlines())
    return Counter(line.get("loop") for line in lines if line["event"] == event)


def last_errors(scene):
    with scene.store.read() as connection:
        return {row.loop: row.last_error for row in connection.execute(sa.select(heartbeat))}


def all_well(scene):
    """Nothing lost, nothing doubled."""
    assert scene.doubled() == []
    assert all(scene.lines(key) == scene.truth(key) for key in scene.lives)
    assert scene.raised() == {Rule.REFUSED: 3 * TROUBLED}
    assert scene.work_items() == len(ASKED) * TROUBLED


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'watcher.db'}"


@asynccontextmanager
async def filled_scene(url, clock):
    async with a_scene_on(url, clock) as scene:
        filled(scene)
        yield scene
        all_well(scene)


async def test_a_postgresql_that_goes_away_and_comes_back_costs_nothing(postgres_url, clock, logs):
    async with filled_scene(postgres_url, clock) as scene:
        await through(scene, postgres_url, a_server_that_is_down, failing=LOOPS, ready=503)
        assert all(last_errors(scene)[loop] == "OperationalError" for loop in LOOPS)
    # an outage of hours is told once and not with every tick, and nothing broke where nobody listens
    assert all(told(logs, "loop_failed")[loop] == 1 == told(logs, "loop_recovered")[loop] for loop in LOOPS)
    assert "never retrieved" not in logs.getvalue()


async def test_an_sqlite_file_that_another_program_locks_costs_nothing(sqlite_url, clock):
    async with filled_scene(sqlite_url, clock) as scene:
        await through(scene, sqlite_url, a_file_that_another_writes, failing=LOOPS[1:], ready=503)
        assert all(last_errors(scene)[loop] == "OperationalError" for loop in LOOPS[1:])


async def test_a_full_disk_costs_nothing_once_there_is_room_again(sqlite_url, clock):
    async with filled_scene(sqlite_url, clock) as scene:
        await through(scene, sqlite_url, a_disk_that_is_full, failing=("poll",), ready=200, failures=1)
