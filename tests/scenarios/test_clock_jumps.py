"""Clocks that jump: the clock of the watching, the database's and the machine's. Nobody goes blind."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from scenarios.running import until
from scenarios.watching import a_poller, a_scene

from watcher.engine import local
from watcher.engine.local import LocalEngine, Loop
from watcher.model import Breaker, PollReason, Rule
from watcher.store import accounts, watches
from watcher.store.tables import account_state
from watcher.telemetry import Metrics

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVERY_TEN_HOURS = tuple(range(1, 400, 10))


@pytest.fixture
async def scene(sqlite_store, clock):
    async with a_scene(sqlite_store, clock, sockets=False) as made:
        yield made


async def tick(poller):
    await poller.tick()
    await asyncio.gather(*poller._running.values())


async def a_day_that_was_not(scene):
    """The clock runs a day ahead, everybody works by it, and it is set right again; gives the parcels."""
    keys = [scene.parcel(source, hours=EVERY_TEN_HOURS) for source in ("sf", "zto", "kuaidi100")]
    await tick(scene.poller)
    scene.clock.advance(DAY)
    await tick(scene.poller)
    scene.clock.advance(-DAY)
    return keys


def waits(scene, keys):
    return [scene.watch(key).next_poll_at - scene.clock.now() for key in keys]


async def test_a_clock_set_back_by_a_day_blinds_nobody_for_a_day(scene):
    keys = await a_day_that_was_not(scene)
    assert min(waits(scene, keys)) > DAY
    await tick(scene.poller)
    assert max(waits(scene, keys)) < 4 * HOUR
    scene.clock.advance(4 * HOUR)
    asked = scene.calls()
    await tick(scene.poller)
    assert scene.calls() == asked + 3


async def test_a_clock_set_back_while_the_daemon_was_down_blinds_nobody_either(scene, sqlite_store, clock):
    keys = await a_day_that_was_not(scene)
    after_the_restart = a_poller(sqlite_store, clock, scene.poller.accounts)
    await tick(after_the_restart)
    assert max(waits(scene, keys)) < 4 * HOUR


async def test_what_was_claimed_in_a_day_that_was_not_is_due_again(scene):
    key = scene.parcel("zto")
    await tick(scene.poller)
    scene.clock.advance(DAY)
    with scene.store.write() as connection:
        watches.put_off(connection, [key], until=scene.clock.now() + HOUR / 2)
    await tick(scene.poller)
    scene.clock.advance(-DAY)
    await tick(scene.poller)
    assert scene.asked()[key] == 2
    assert scene.watch(key).poll_reason is not PollReason.INTERRUPTED


async def test_a_clock_that_ran_ahead_leaves_no_false_alarm_behind(scene):
    key = scene.parcel("sf", hours=(1, 9))
    await tick(scene.poller)
    scene.clock.advance(5 * DAY)
    await tick(scene.poller)
    scene.work()
    assert scene.raised() == {Rule.STALLED: 1}
    scene.clock.advance(-5 * DAY)
    await tick(scene.poller)
    scene.work()
    assert scene.found() == {}
    assert scene.lines(key) == scene.truth(key)


async def test_an_hour_of_summer_time_moves_nothing_that_is_not_in_the_future(scene):
    """A small step back leaves what was learnt before it as it is."""
    keys = [scene.parcel("zto") for _ in range(2)]
    await tick(scene.poller)
    before = [scene.watch(key) for key in keys]
    scene.clock.advance(timedelta(seconds=-30))
    await tick(scene.poller)
    assert [scene.watch(key) for key in keys] == before


def test_leases_pauses_and_breakers_left_by_a_clock_that_ran_ahead_are_over(store):
    with store.write() as connection:
        accounts.ensure(connection, {"sf-main": "sf"})
        ahead = accounts.real_now(connection) + DAY.total_seconds()
        connection.execute(
            sa.update(account_state).values(
                lease_owner="dead",
                lease_until=ahead,
                rate_tat=ahead,
                breaker=Breaker.OPEN,
                breaker_until=ahead,
            )
        )
        assert accounts.standing(connection, "sf-main").breaker is Breaker.HALF_OPEN
        assert accounts.standing(connection, "sf-main").held_for == timedelta(0)
        assert accounts.reserve(connection, "sf-main", calls=1, rate=10.0, burst=1) < 1
        assert accounts.take_lease(connection, "sf-main", owner="me", seconds=15) is not None


async def test_loops_go_on_when_the_machines_clock_is_set_back(sqlite_store, monkeypatch):
    monkeypatch.setattr(local, "_LOOK_SECONDS", 0.05)
    ticks = []

    async def work():
        ticks.append(time.monotonic())

    with time_machine.travel(datetime.now(UTC) + DAY) as wall:
        engine = LocalEngine(sqlite_store, Metrics.create(), [Loop("poll", 0.05, work)])
        engine.start()
        await until(lambda: len(ticks) >= 3)
        wall.shift(-DAY)
        before = len(ticks)
        await until(lambda: len(ticks) >= before + 5)
        await engine.stop()
