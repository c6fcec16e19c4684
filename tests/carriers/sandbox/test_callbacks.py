"""Vendors that call back in the usual manner: who is told of what, how often it is tried, and when it ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from carriers.sandbox.callbacks import Call, Callbacks, Manner, News
from carriers.sandbox.life import Life
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.subscribers import Subscriber
from carriers.sandbox.world import World

MakeLife = Callable[..., Life]
NUMBER = "P1"
OURS = "http://us.test/push"


def each_event(news: News, one: Subscriber) -> list[Call]:
    return [
        Call(f"{one.number} {event.kind}".encode(), {"X-Sign": one.secret or "own"}) for event in news.new
    ]


class Webhook:
    """Writes down what came, and answers as the test wants."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.reply: httpx.Response | httpx.HTTPError = httpx.Response(200, text="ok")

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append((str(request.url), request.content.decode(), request.headers["X-Sign"]))
        if isinstance(self.reply, httpx.HTTPError):
            raise self.reply
        return self.reply


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def pigeons(world: World, webhook: Webhook) -> Callbacks:
    return callbacks(world, webhook)


def callbacks(world: World, webhook: Webhook, **changes: Any) -> Callbacks:
    manner = Manner("pigeon", each_event, lambda reply: reply.text == "ok", **changes)
    return Callbacks(manner, world, httpx.AsyncClient(transport=httpx.MockTransport(webhook)))


async def test_each_event_is_told_once_to_whoever_subscribed(
    world: World, hands: Any, a_life: MakeLife, webhook: Webhook, pigeons: Callbacks
) -> None:
    world.add(a_life("yto", NUMBER, "collected", "departed"))
    assert world.subscribe("pigeon", "yto", NUMBER, callback_url=OURS, secret="pepper")
    assert not world.subscribe("pigeon", "yto", NUMBER, callback_url="http://other.test")
    assert await pigeons.push_due() == 1
    assert webhook.calls[0] == (OURS, "P1 collected", "pepper")
    assert [call[1] for call in webhook.calls] == ["P1 collected", "P1 departed"]
    hands.now += timedelta(hours=1)
    assert await pigeons.push_due() == 0
    assert pigeons.outcomes[PushOutcome.TAKEN] == 1


async def test_news_that_the_vendor_has_no_word_for_are_no_call(
    world: World, a_life: MakeLife, webhook: Webhook
) -> None:
    silent = callbacks(world, webhook)
    silent.manner = Manner("pigeon", lambda _news, _one: [], lambda _reply: False)
    world.add(a_life("yto", NUMBER, "ordered"))
    world.subscribe("pigeon", "yto", NUMBER, callback_url=OURS)
    await silent.push_due()
    assert (webhook.calls, sum(silent.outcomes.values())) == ([], 0)
    assert silent.subscriptions["yto", NUMBER].told == 1


async def test_nobody_is_told_who_did_not_subscribe(
    world: World, a_life: MakeLife, webhook: Webhook, pigeons: Callbacks
) -> None:
    world.add(a_life("yto", NUMBER, "collected"))
    world.consoles["pigeon"] = OURS
    assert await pigeons.push_due() == 0
    assert webhook.calls == []


async def test_the_parcels_of_an_account_are_told_to_the_address_in_the_console(
    world: World, a_life: MakeLife, webhook: Webhook
) -> None:
    by_account = callbacks(world, webhook, by_account=frozenset({"yto"}))
    world.add(a_life("yto", NUMBER, "collected"))
    world.add(a_life("zto", "Z1", "collected"))
    assert await by_account.push_due() == 0
    world.consoles["pigeon"] = OURS
    assert await by_account.push_due() == 1
    assert webhook.calls == [(OURS, "P1 collected", "own")]


@pytest.mark.parametrize("reply", [httpx.Response(200, text="no"), httpx.ConnectError("gone")])
async def test_a_call_that_is_not_taken_is_repeated_and_then_given_up(
    world: World,
    hands: Any,
    a_life: MakeLife,
    webhook: Webhook,
    *,
    reply: httpx.Response | httpx.HTTPError,
) -> None:
    pigeons = callbacks(world, webhook)
    world.add(a_life("yto", NUMBER, "collected"))
    world.subscribe("pigeon", "yto", NUMBER, callback_url=OURS)
    webhook.reply = reply
    for _ in range(6):
        await pigeons.push_due()
        hands.now += timedelta(minutes=30)
    assert len(webhook.calls) == 4
    assert pigeons.outcomes == {
        PushOutcome.TAKEN: 0,
        PushOutcome.NOT_TAKEN: 3,
        PushOutcome.GIVEN_UP: 1,
    }


async def test_nothing_is_told_after_the_end(
    world: World, hands: Any, a_life: MakeLife, webhook: Webhook, pigeons: Callbacks
) -> None:
    world.add(a_life("yto", NUMBER, "delivered"))
    world.subscribe("pigeon", "yto", NUMBER, callback_url=OURS)
    await pigeons.push_due()
    assert pigeons.subscriptions["yto", NUMBER].ended_at == hands.now
    world.add(a_life("yto", NUMBER, "delivered", "note"))
    hands.now += timedelta(hours=1)
    assert await pigeons.push_due() == 0


async def test_an_address_is_entered_in_a_vendor_s_console(world: World, client: httpx.AsyncClient) -> None:
    entered = await client.post(
        "/sandbox/consoles", json={"source": "kuaidi100", "callback_url": "http://us.test/push"}
    )
    assert entered.status_code == 201
    assert world.consoles == {"kuaidi100": "http://us.test/push"}
    assert world.console_secrets == {}


async def test_what_to_sign_with_is_entered_in_a_vendor_s_console(
    world: World, client: httpx.AsyncClient
) -> None:
    entered = {"source": "fedex", "callback_url": OURS, "secret": "pepper"}
    assert (await client.post("/sandbox/consoles", json=entered)).status_code == 201
    assert world.console_secrets == {"fedex": "pepper"}


@pytest.mark.parametrize(
    "entered", [{"source": "pigeon-post", "callback_url": "x"}, {"source": "sf"}, {"a": 1}, [], "x"]
)
async def test_an_address_that_cannot_be_entered_is_refused(
    world: World, client: httpx.AsyncClient, entered: object
) -> None:
    answer = await client.post("/sandbox/consoles", json=entered)
    assert answer.status_code == 400
    assert "error" in answer.json()
    assert world.consoles == {}
