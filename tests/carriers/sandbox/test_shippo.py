"""Shippo from the vendor's side: numbers are registered, read one by one, and pushed with a signed body."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from carriers.sandbox import shippo
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
MakeLife = Callable[..., Life]
NUMBER = "9400100000000000000000"
BEARING = {"Authorization": f"ShippoToken {shippo.TOKEN}"}


@pytest.fixture
def register(client: httpx.AsyncClient) -> Ask:
    async def registered(number: str = NUMBER, carrier: str = "usps", **changes: Any) -> httpx.Response:
        sent = {"json": {"carrier": carrier, "tracking_number": number}, "headers": BEARING} | changes
        return await client.post("/shippo/tracks/", **sent)

    return registered


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    async def asked(number: str = NUMBER, carrier: str = "usps", **changes: Any) -> httpx.Response:
        return await client.get(f"/shippo/tracks/{carrier}/{number}", **({"headers": BEARING} | changes))

    return asked


async def test_a_number_is_known_when_it_was_registered(
    world: World, a_life: MakeLife, register: Ask, ask: Ask
) -> None:
    world.add(a_life("usps", NUMBER, "collected", "delivered"))
    assert (await ask()).status_code == 404
    first, again = await register(), await register()
    assert (first.status_code, again.status_code) == (201, 201)
    track = (await ask()).json()
    assert track == first.json() == again.json()
    assert world.counts["shippo", Outcome.SUBSCRIBED] == 2
    collected, delivered = track["tracking_history"]
    assert track["tracking_status"] == delivered
    assert (collected["status"], collected["substatus"]["code"]) == ("TRANSIT", "package_accepted")
    assert (collected["status_date"], collected["location"]["city"]) == (
        "2026-03-01T12:00:00+08:00",
        "上海市",
    )
    assert (delivered["status"], delivered["status_details"]) == ("DELIVERED", "delivered 于网点")


async def test_a_number_without_a_record_has_no_status(register: Ask, ask: Ask) -> None:
    await register()
    track = (await ask()).json()
    assert (track["tracking_status"], track["tracking_history"]) == (None, [])


@pytest.mark.parametrize("kind", EventKind)
async def test_every_kind_of_event_is_printed(
    world: World, a_life: MakeLife, register: Ask, kind: EventKind
) -> None:
    world.add(a_life("usps", NUMBER, kind))
    (line,) = (await register()).json()["tracking_history"]
    assert line["status"]
    assert line["substatus"]["code"]


async def test_what_somebody_has_to_do_is_flagged(world: World, a_life: MakeLife, register: Ask) -> None:
    world.add(a_life("usps", NUMBER, "collected", "attempt_failed"))
    lines = (await register()).json()["tracking_history"]
    assert [line["substatus"]["action_required"] for line in lines] == [False, True]


@pytest.mark.parametrize(
    ("number", "carrier", "body"),
    [
        ("94 1", "usps", {"tracking_number": ["no such number"]}),
        (NUMBER, "pigeon", {"carrier": ["no such carrier"]}),
    ],
)
async def test_a_wrong_number_or_carrier_is_refused(
    register: Ask, number: str, carrier: str, body: dict[str, Any]
) -> None:
    reply = await register(number, carrier)
    assert (reply.status_code, reply.json()) == (400, body)


async def test_a_body_that_is_no_json_is_refused(register: Ask) -> None:
    assert (await register(json=None, content=b"{")).status_code == 400


async def test_a_wrong_token_is_refused(world: World, register: Ask, ask: Ask) -> None:
    for headers in ({}, {"Authorization": "ShippoToken x"}, {"Authorization": f"Bearer {shippo.TOKEN}"}):
        assert (await ask(headers=headers)).status_code == 401
        assert (await register(headers=headers)).status_code == 401
    assert world.counts["shippo", Outcome.SIGNATURE_REFUSED] == 6


async def test_an_address_without_its_slash_takes_no_registration(client: httpx.AsyncClient) -> None:
    wish = {"carrier": "usps", "tracking_number": NUMBER}
    reply = await client.post("/shippo/tracks", json=wish, headers=BEARING)
    assert not reply.is_success


async def test_too_many_calls_in_a_second_are_throttled(ask: Ask) -> None:
    replies = [(await ask()).status_code for _ in range(21)]
    assert replies == [404] * 20 + [429]


def test_the_signature_of_a_push_follows_the_vendors_rule() -> None:
    body = (
        b'{"event":"track_updated","test":true,"data":{"carrier":"shippo","tracking_number":"SHIPPO_DELIVERED",'
        b'"tracking_status":{"status":"DELIVERED"}}}'
    )
    assert (
        shippo.push_signature(body, 1770127509, "demo-secret")
        == "t=1770127509,v1=5cf2c28f581e6aba10e61aa215b4c7bc6b198fa2d2c7adeef12d25388f445643"
    )


@pytest.mark.parametrize("secret", ["pepper", None])
async def test_the_console_s_address_is_told_of_the_whole_track(
    world: World,
    hands: Any,
    client: httpx.AsyncClient,
    a_life: MakeLife,
    register: Ask,
    *,
    secret: str | None,
) -> None:
    heard: list[httpx.Request] = []
    began = int(hands.now.timestamp())

    def hear(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(503 if len(heard) == 1 else 204)

    world.add(a_life("usps", NUMBER, "collected", "departed", birth=hands.now - timedelta(hours=3)))
    entered = {"source": "shippo", "callback_url": "http://us.test/push", "secret": secret}
    assert (await client.post("/sandbox/consoles", json=entered)).status_code == 201
    await register()
    async with httpx.AsyncClient(transport=httpx.MockTransport(hear)) as caller:
        assert shippo.PLAYS.calls_back
        calls = shippo.PLAYS.calls_back(world, caller)
        assert isinstance(calls, Callbacks)
        for _ in range(3):
            assert await calls.push_due() == 1
            hands.advance(minutes=31)
    assert calls.outcomes == {PushOutcome.NOT_TAKEN: 1, PushOutcome.TAKEN: 2, PushOutcome.GIVEN_UP: 0}
    events = [json.loads(request.content) for request in heard]
    assert {event["event"] for event in events} == {"track_updated"}
    assert [len(event["data"]["tracking_history"]) for event in events] == [1, 1, 2]
    signed = heard[0].headers.get("shippo-auth-signature")
    assert signed == (shippo.push_signature(heard[0].content, began, secret) if secret else None)
