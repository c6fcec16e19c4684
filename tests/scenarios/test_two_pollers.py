"""Two daemons on one database: an account has one asker at a time, its rate holds, and the dead are replaced."""

import asyncio
import time
from itertools import pairwise

import pytest
from scenarios.running import until
from scenarios.watching import a_poller, a_scene_on, clients, polled_accounts

from watcher.store.accounts import LeaseLost
from watcher.store.engine import open_store

PARCELS = 40
RATE = 25.0
SOURCE = "zto"


@pytest.fixture
async def scene(database_url, clock):
    async with a_scene_on(database_url, clock) as made:
        yield made


class Calls:
    """Who called when, from the request leaving to the answer coming in."""

    def __init__(self):
        self.spans = []

    def note(self, client, owner):
        async def leaves(request):
            request.extensions["left"] = time.monotonic()

        async def arrives(response):
            self.spans.append((response.request.extensions["left"], time.monotonic(), owner))

        client.event_hooks = {"request": [leaves], "response": [arrives]}

    def turns(self):
        """The calls as turns of one owner: (owner, from, until)."""
        turns = []
        for began, ended, owner in sorted(self.spans):
            if turns and turns[-1][0] == owner:
                turns[-1] = (owner, turns[-1][1], max(ended, turns[-1][2]))
            else:
                turns.append((owner, began, ended))
        return turns


async def asks_until_nothing_is_left(poller, scene):
    while len(scene.asked()) < PARCELS:
        await poller.poll_account(SOURCE)
        await asyncio.sleep(0.01)


async def test_one_asks_at_a_time_and_both_keep_the_rate(scene, database_url, clock):
    for _ in range(PARCELS):
        scene.parcel(SOURCE)
    calls, other_store = Calls(), open_store(database_url)
    async with clients() as mine, clients() as theirs:
        pollers = []
        for owner, client, store in (("a", mine, scene.store), ("b", theirs, other_store)):
            calls.note(client, owner)
            account = polled_accounts(scene.url, client, rate_per_second=RATE, burst=1)[SOURCE]
            pollers.append(a_poller(store, clock, {SOURCE: account}, owner=owner, batches_at_once=2))
        began = time.monotonic()
        await asyncio.gather(*(asks_until_nothing_is_left(poller, scene) for poller in pollers))
        took = time.monotonic() - began
    other_store.close()
    assert set(scene.asked().values()) == {1}
    assert scene.calls() == PARCELS
    # the last of forty calls at 25 a second cannot leave before 39/25 seconds
    assert took >= (PARCELS - 1) / RATE * 0.95
    assert all(first[2] <= second[1] for first, second in pairwise(calls.turns()))


async def test_a_poller_that_died_is_replaced_when_its_lease_has_run_out(scene, database_url, clock):
    for _ in range(PARCELS):
        scene.parcel(SOURCE)
    dead = a_poller(scene.store, clock, scene.poller.accounts, owner="dead", lease_seconds=0.6)
    lease = dead._take_lease(SOURCE)
    claimed = dead._plan(dead.accounts[SOURCE], lease).batches
    died = time.monotonic()
    assert await scene.poll(SOURCE) == 0
    async with asyncio.timeout(10):
        while not await scene.poll(SOURCE):  # noqa: ASYNC110 - the lease ends on the database's clock
            await asyncio.sleep(0.02)
    assert time.monotonic() - died >= 0.5
    asked = scene.asked()
    assert len(asked) == PARCELS - len(claimed)
    assert not any(due.shipment_id in asked for batch in claimed for due in batch)
    clock.advance(scene.poller.accounts[SOURCE].recorder.minimum_interval)
    await scene.poll(SOURCE)
    assert set(scene.asked().values()) == {1}


async def test_a_long_round_keeps_its_lease(scene, clock):
    """Slow answers outlast the lease many times; nobody else gets the account meanwhile."""
    scene.parcel(SOURCE)
    slow = a_poller(scene.store, clock, scene.poller.accounts, owner="slow", lease_seconds=0.3)
    held = scene.hold_answers(SOURCE)
    polling = asyncio.create_task(slow.poll_account(SOURCE))
    await held.reached.wait()
    began = time.monotonic()
    others = []
    while time.monotonic() - began < 1:
        others.append(scene.poller._take_lease(SOURCE))
        await asyncio.sleep(0.05)
    held.go.set()
    assert set(others) == {None}
    assert await polling == 1


async def test_a_poller_that_slept_through_its_lease_drops_what_it_learnt(scene, clock):
    scene.parcel(SOURCE)
    asleep = a_poller(scene.store, clock, scene.poller.accounts, owner="asleep", lease_seconds=0.3)
    account = asleep.accounts[SOURCE]
    lease = asleep._take_lease(SOURCE)
    planned = asleep._plan(account, lease)
    said = await asleep._ask(account, planned.batches[0], 0)
    await until(lambda: scene.poller._take_lease(SOURCE) is not None)
    with pytest.raises(LeaseLost):
        asleep._record(account, lease, said)
    assert scene.asked() == {}
