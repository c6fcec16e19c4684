"""Told to stop in the middle: what is under way is finished, what waits is given back, the next start goes on."""

import asyncio
import json
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from builders import NOW
from scenarios.running import until
from scenarios.watching import a_poller, a_scene_on
from structlog.testing import capture_logs

from carriers.sandbox.accounts import ACCOUNTS
from watcher.model import PollReason
from watcher.store.tables import account_state, watch

PARCELS = 40


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'watcher.db'}"


@pytest.fixture
async def scene(url, clock):
    async with a_scene_on(url, clock) as made:
        yield made


def claimed(scene):
    with scene.store.read() as connection:
        return list(
            connection.scalars(
                sa.select(watch.c.shipment_id).where(watch.c.poll_reason == PollReason.INTERRUPTED)
            )
        )


def leases(scene):
    with scene.store.read() as connection:
        return {(row.lease_owner, row.lease_until) for row in connection.execute(sa.select(account_state))}


async def a_start(scene, url):
    accounts = {one.source: {"base_url": one.base_url(scene.url), **one.credentials} for one in ACCOUNTS}
    script = str(Path(__file__).with_name("daemon.py"))
    return await asyncio.create_subprocess_exec(
        sys.executable, script, url, json.dumps(accounts), NOW.isoformat(), stderr=asyncio.subprocess.DEVNULL
    )


async def run_until(scene, url, reached):
    """Start the daemon, tell it to stop once it got there; gives its exit code."""
    process = await a_start(scene, url)
    try:
        await until(reached, seconds=60)
        process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(process.wait(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_sigterm_while_polling_ends_in_peace_and_the_next_start_asks_at_once(scene, url):
    for _ in range(PARCELS):
        scene.parcel("zto")
        scene.parcel("sf")
    assert await run_until(scene, url, lambda: len(scene.asked()) >= 5) == 0
    asked = scene.asked()
    assert 5 <= len(asked) < 2 * PARCELS, "too late to prove anything"
    assert leases(scene) == {(None, 0.0)}
    assert claimed(scene) == []
    answered = sum(count for (source, _), count in scene.world.counts.items() if source == "zto")
    assert answered == sum(scene.lives[key].carrier == "zto" for key in asked)

    assert await run_until(scene, url, lambda: len(scene.asked()) == 2 * PARCELS) == 0
    assert set(scene.asked().values()) == {1}


async def test_what_waits_for_its_turn_is_given_back_and_not_waited_for(scene, clock):
    keys = [scene.parcel("zto") for _ in range(4)]
    slow = replace(scene.poller.accounts["zto"], rate_per_second=0.05, burst=1)
    poller = a_poller(scene.store, clock, {"zto": slow})
    before = {key: scene.watch(key) for key in keys}
    began = time.monotonic()
    await poller.tick()
    await until(lambda: scene.calls() == 1)
    await poller.drain()
    assert time.monotonic() - began < 10
    asked = scene.asked()
    assert len(asked) == 1
    assert all(scene.watch(key) == before[key] for key in keys if key not in asked)


async def test_a_tick_that_was_under_way_starts_nothing_after_the_drain(scene):
    scene.parcel("zto")
    ticking = asyncio.create_task(scene.poller.tick())
    await asyncio.sleep(0)
    await scene.poller.drain()
    await ticking
    assert scene.poller._running == {}
    assert scene.asked() == {}


async def test_a_straggler_cannot_renew_a_lease_that_was_released(scene):
    lease = scene.poller._take_lease("zto")
    scene.poller._release(lease)
    with capture_logs():
        await asyncio.gather(asyncio.to_thread(scene.poller._renew, lease), return_exceptions=True)
    assert leases(scene) == {(None, 0.0)}
