"""Pushes in every order and number while the same parcels are polled: no line twice, and none lost."""

import asyncio
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from scenarios.watching import a_scene, a_scene_on
from structlog.testing import capture_logs

from carriers.contract import PushRequest
from carriers.registry import pushing, subscribing
from carriers.sandbox.faults import FaultKind
from carriers.sandbox.kuaidi100 import result
from carriers.sandbox.pushes import push_sign
from watcher.model import Breaker, PushState
from watcher.polling.pushes import PushedAccount, Pushes
from watcher.source_accounts import push_secret
from watcher.store import pushes, watches
from watcher.store.tables import account_state

SOURCE = "kuaidi100"
EVERY_HOUR = tuple(range(1, 400))


def a_receiver(scene):
    account = scene.poller.accounts[SOURCE]
    pushed = PushedAccount(
        account.client,
        pushing(SOURCE),
        account.recorder,
        "https://us.test/push/kuaidi100",
        subscribing(SOURCE),
    )
    return Pushes(scene.store, scene.clock, {SOURCE: pushed}, scene.poller.metrics)


def a_push(scene, key, *, without=0, secret=None):
    """What the vendor would call us with about a parcel, or would have said `without` its last lines."""
    life = scene.lives[key]
    seen = life.seen_at(scene.clock.now())
    content = result(life, seen[: len(seen) - without], company="yuantong", resultv2="4")
    param = json.dumps(
        {"status": "polling", "message": "", "comOld": "", "comNew": "", "lastResult": content}
    )
    right = push_secret(scene.poller.accounts[SOURCE].client.account)
    return PushRequest(
        {}, {}, urlencode({"param": param, "sign": push_sign(param, secret or right)}).encode()
    )


def deadlocks(store):
    with store.read() as connection:
        return connection.scalar(
            sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )


async def one_round(scene, receiver):
    """Everybody speaks about the same parcels at once; gives the replies to right pushes and to forged ones."""
    scene.clock.advance(timedelta(minutes=31))
    with scene.store.write() as connection:
        watches.ask_now(connection, list(scene.lives), now=scene.clock.now())
    right = [
        receiver.receive(SOURCE, a_push(scene, key, without=without))
        for key in scene.lives
        for without in (0, 2, 0)
    ]
    forged = [receiver.receive(SOURCE, a_push(scene, key, secret="guessed")) for key in scene.lives]
    polling = scene.poller.poll_account(SOURCE)
    working = asyncio.to_thread(scene.work)
    replies = await asyncio.gather(*right, *forged, polling, working)
    return replies[: len(right)], replies[len(right) : -2]


@pytest.mark.parametrize("rounds", [12, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.timeout(300)
async def test_pushes_in_any_order_while_the_parcels_are_polled_double_and_lose_nothing(
    postgres_url, clock, rounds
):
    async with a_scene_on(postgres_url, clock) as scene:
        first = scene.parcel(SOURCE, hours=EVERY_HOUR)
        number = scene.lives[first].tracking_number
        scene.parcel(SOURCE, hours=EVERY_HOUR, tracking_number=number, order_number="another order")
        scene.parcel(SOURCE, hours=EVERY_HOUR)
        receiver = a_receiver(scene)
        with capture_logs() as logs:
            for _ in range(rounds):
                right, forged = await one_round(scene, receiver)
                assert {reply.status for reply in right} == {200}
                assert {reply.status for reply in forged} == {500}
                assert all(scene.lines(key) == scene.truth(key) for key in scene.lives)
        assert scene.doubled() == []
        assert {entry["event"] for entry in logs} == {"push_not_signed"}
        assert deadlocks(scene.store) == 0


async def test_a_poll_that_a_push_overtook_takes_nothing_back(sqlite_store, clock):
    async with a_scene(sqlite_store, clock) as scene:
        key = scene.parcel(SOURCE, hours=EVERY_HOUR)
        await scene.poll(SOURCE)
        clock.advance(timedelta(hours=4))
        held, push = scene.hold_answers(SOURCE), a_receiver(scene)
        polling = asyncio.create_task(scene.poll(SOURCE))
        await held.reached.wait()
        clock.advance(timedelta(hours=2))
        await push.receive(SOURCE, a_push(scene, key))
        held.go.set()
        await polling
        assert scene.lines(key) == scene.truth(key)


async def test_a_line_that_the_source_takes_back_is_withdrawn_when_two_polls_say_so(sqlite_store, clock):
    async with a_scene(sqlite_store, clock) as scene:
        key = scene.parcel(SOURCE, hours=(1, 9))
        await scene.poll(SOURCE)
        scene.world.add(scene.shortened(key, by=1))
        for _ in range(2):
            clock.advance(timedelta(hours=4))
            await scene.poll(SOURCE)
        assert scene.lines(key) == scene.truth(key)
        assert len(scene.lines(key)) == 1


async def test_a_source_that_is_away_is_not_asked_for_subscriptions_either(sqlite_store, clock):
    async with a_scene(sqlite_store, clock, sockets=False) as scene:
        keys = [scene.parcel(SOURCE) for _ in range(3)]
        with sqlite_store.write() as connection:
            pushes.want(connection, SOURCE, keys, at=clock.now())
        receiver = a_receiver(scene)
        scene.fault(SOURCE, FaultKind.SERVER_ERROR)
        with capture_logs() as logs:
            for _ in range(3):
                await receiver.tick()
        assert [entry["event"] for entry in logs] == ["subscribing_failed"]
        assert scene.calls() == 1

        with sqlite_store.write() as connection:
            connection.execute(sa.update(account_state).values(breaker=Breaker.OPEN, breaker_until=2e9))
        scene.well()
        await a_receiver(scene).tick()
        assert scene.calls() == 1
        with sqlite_store.write() as connection:
            connection.execute(sa.update(account_state).values(breaker=Breaker.CLOSED))
        await a_receiver(scene).tick()
        assert [scene.watch(key).push for key in keys] == [PushState.ACTIVE] * 3
