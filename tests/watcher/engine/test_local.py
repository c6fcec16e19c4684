import asyncio

import pytest
import sqlalchemy as sa

from watcher.engine.local import LocalEngine, Loop, in_thread
from watcher.store.tables import heartbeat
from watcher.telemetry import Metrics


def engine_of(store, *loops):
    return LocalEngine(store, Metrics.create(), loops)


def beats(store):
    with store.read() as connection:
        return {row.loop: row for row in connection.execute(sa.select(heartbeat))}


async def run_until(engine, done):
    engine.start()
    await asyncio.wait_for(done.wait(), 10)
    await engine.stop()


async def test_a_loop_ticks_and_leaves_its_heartbeat(sqlite_store):
    done, ticks = asyncio.Event(), []

    async def work():
        ticks.append(1)
        if len(ticks) == 3:
            done.set()

    await run_until(engine_of(sqlite_store, Loop("poll", 0.01, work)), done)
    assert len(ticks) >= 3
    assert beats(sqlite_store)["poll"].last_error is None


async def test_a_loop_that_fails_goes_on_and_says_so(sqlite_store):
    done, ticks = asyncio.Event(), []

    async def work():
        ticks.append(1)
        if len(ticks) == 2:
            done.set()
        raise ValueError

    engine = engine_of(sqlite_store, Loop("poll", 0.01, work))
    await run_until(engine, done)
    assert beats(sqlite_store)["poll"].last_error == "ValueError"
    assert engine.metrics.registry.get_sample_value("watcher_loop_errors_total", {"loop": "poll"}) >= 2


async def test_one_failing_loop_leaves_the_others_alone(sqlite_store):
    done = asyncio.Event()

    async def broken():
        raise ValueError

    async def well():
        done.set()

    await run_until(engine_of(sqlite_store, Loop("a", 0.01, broken), Loop("b", 0.01, well)), done)
    assert beats(sqlite_store).keys() == {"a", "b"}


async def test_stop_waits_for_what_is_under_way(sqlite_store):
    started, finished = asyncio.Event(), []

    async def work():
        started.set()
        for _ in range(20):
            await asyncio.sleep(0)
        finished.append(1)

    await run_until(engine_of(sqlite_store, Loop("poll", 60, work)), started)
    assert finished == [1]


async def test_a_stage_is_drained_until_nothing_is_pending():
    pending = [3, 2, 1, 0]
    await in_thread(lambda: pending.pop(0))()
    assert pending == []


async def test_a_stage_that_never_ends_gives_the_others_a_turn():
    taken = []
    await in_thread(lambda: taken.append(1) or 1, at_most=5)()
    assert len(taken) == 5


async def test_an_engine_that_never_started_stops_in_peace(sqlite_store):
    await engine_of(sqlite_store).stop()


async def test_a_loop_goes_on_while_its_heartbeat_cannot_be_written(sqlite_store):
    done, ticks = asyncio.Event(), []
    with sqlite_store.write() as connection:
        connection.execute(sa.text("DROP TABLE heartbeat"))

    async def work():
        ticks.append(1)
        if len(ticks) == 3:
            done.set()

    await run_until(engine_of(sqlite_store, Loop("poll", 0.01, work)), done)
    with pytest.raises(sa.exc.OperationalError):
        beats(sqlite_store)
