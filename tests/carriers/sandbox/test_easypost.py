"""EasyPost from the vendor's side: trackers are created one by one, listed in pages, and pushed with a signed body."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from carriers.sandbox import easypost
from carriers.sandbox.callbacks import Callbacks
from carriers.sandbox.life import EventKind, Life
from carriers.sandbox.played import PushOutcome
from carriers.sandbox.world import Outcome, World

Ask = Callable[..., Awaitable[httpx.Response]]
MakeLife = Callable[..., Life]
NUMBER, OTHER = "9400100000000000000000", "1Z0000000000000000"
EVENT = (
    b'{"description":"tracker.updated","id":"evt_demo","result":{"object":"Tracker","tracking_code":"EZ4000000004",'
    b'"status":"delivered"}}'
)


@pytest.fixture
def create(client: httpx.AsyncClient) -> Ask:
    async def created(number: str = NUMBER, carrier: str = "USPS", **changes: Any) -> httpx.Response:
        wish = {"tracker": {"tracking_code": number, "carrier": carrier}}
        sent = {"json": wish, "auth": (easypost.API_KEY, "")} | changes
        return await client.post("/easypost/v2/trackers", **sent)

    return created


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    async def asked(
        *numbers: str, key: str = easypost.API_KEY, password: str = "", **more: str
    ) -> httpx.Response:
        params = httpx.QueryParams([*(("tracking_codes[]", number) for number in numbers), *more.items()])
        return await client.get("/easypost/v2/trackers", params=params, auth=(key, password))

    return asked


async def test_a_tracker_is_created_once_and_listed(
    world: World, a_life: MakeLife, create: Ask, ask: Ask
) -> None:
    world.add(a_life("usps", NUMBER, "collected", "delivered"))
    assert (await ask(NUMBER)).json() == {"trackers": [], "has_more": False}
    first, second = await create(), await create()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    (tracker,) = (await ask(NUMBER, OTHER)).json()["trackers"]
    assert tracker == first.json()
    assert (tracker["status"], tracker["status_detail"], tracker["finalized"]) == (
        "delivered",
        "arrived_at_destination",
        True,
    )
    collected, delivered = tracker["tracking_details"]
    assert (collected["datetime"], collected["status_detail"], collected["carrier_code"]) == (
        "2026-03-01T12:00:00+08:00",
        "received_at_origin_facility",
        "03",
    )
    assert (delivered["message"], delivered["tracking_location"]["city"]) == ("delivered 于网点", "上海市")


async def test_a_tracker_without_a_record_is_unknown(create: Ask, ask: Ask) -> None:
    await create()
    (tracker,) = (await ask(NUMBER)).json()["trackers"]
    assert (tracker["status"], tracker["tracking_details"], tracker["finalized"]) == ("unknown", [], False)


async def test_only_parcels_of_usps_bear_its_codes(
    world: World, a_life: MakeLife, create: Ask, ask: Ask
) -> None:
    world.add(a_life("ups", OTHER, "collected"))
    await create(OTHER, "UPS")
    (tracker,) = (await ask(OTHER)).json()["trackers"]
    assert tracker["tracking_details"][0]["carrier_code"] is None


@pytest.mark.parametrize("kind", EventKind)
async def test_everything_that_can_happen_has_a_status(
    world: World, a_life: MakeLife, create: Ask, kind: EventKind
) -> None:
    world.add(a_life("usps", NUMBER, kind))
    (line,) = (await create()).json()["tracking_details"]
    assert line["status"]
    assert line["status_detail"]


async def test_a_page_holds_as_many_as_were_asked_for(create: Ask, ask: Ask) -> None:
    await create(NUMBER)
    await create(OTHER, "UPS")
    page = (await ask(NUMBER, OTHER, page_size="1")).json()
    assert ([one["tracking_code"] for one in page["trackers"]], page["has_more"]) == ([NUMBER], True)


@pytest.mark.parametrize("size", ["101", "0", "many"])
async def test_a_page_of_another_size_is_refused(ask: Ask, size: str) -> None:
    assert (await ask(NUMBER, page_size=size)).status_code == 400


@pytest.mark.parametrize(
    ("number", "carrier", "code"),
    [("EZ 1", "USPS", "TRACKER.CREATE.ERROR"), (NUMBER, "Pigeon", "TRACKER.UNSUPPORTED_CARRIER")],
)
async def test_a_wrong_number_or_carrier_is_refused(
    create: Ask, number: str, carrier: str, code: str
) -> None:
    reply = await create(number, carrier)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, code)


async def test_a_body_that_is_no_json_is_refused(create: Ask) -> None:
    assert (await create(json=None, content=b"{")).status_code == 400


async def test_a_wrong_key_is_refused(world: World, create: Ask, ask: Ask, client: httpx.AsyncClient) -> None:
    replies = [
        await ask(NUMBER, key="wrong"),
        await ask(NUMBER, password="more"),
        await create(auth=("wrong", "")),
        await client.get("/easypost/v2/trackers"),
        await client.get("/easypost/v2/trackers", headers={"Authorization": "Basic !"}),
    ]
    assert {reply.status_code for reply in replies} == {401}
    assert world.counts["easypost", Outcome.SIGNATURE_REFUSED] == 5


async def test_more_than_five_calls_in_a_second_are_too_many(ask: Ask) -> None:
    replies = [await ask(NUMBER) for _ in range(6)]
    assert [reply.status_code for reply in replies] == [200] * 5 + [429]
    assert replies[-1].json()["error"]["code"] == "RATE_LIMIT.EXCEEDED"


def test_the_signature_of_a_push_follows_the_vendors_rule() -> None:
    assert (
        easypost.push_signature(EVENT, "demo-secret")
        == "hmac-sha256-hex=b92211238559cfed3780e51c290830fcb32d46f11fe27a2e6fa83d52b8eb5be8"
    )
    composed, decomposed = "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\N{COMBINING ACUTE ACCENT}"
    assert easypost.push_signature(EVENT, composed) == easypost.push_signature(EVENT, decomposed)


@pytest.mark.parametrize("secret", ["pepper", None])
async def test_the_console_s_address_is_told_of_the_whole_tracker(
    world: World, hands: Any, client: httpx.AsyncClient, a_life: MakeLife, create: Ask, *, secret: str | None
) -> None:
    heard: list[httpx.Request] = []

    def hear(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(204)

    world.add(a_life("usps", NUMBER, "collected", "departed", birth=hands.now - timedelta(hours=3)))
    entered = {"source": "easypost", "callback_url": "http://us.test/push", "secret": secret}
    assert (await client.post("/sandbox/consoles", json=entered)).status_code == 201
    await create()
    async with httpx.AsyncClient(transport=httpx.MockTransport(hear)) as caller:
        assert easypost.PLAYS.calls_back
        calls = easypost.PLAYS.calls_back(world, caller)
        assert isinstance(calls, Callbacks)
        assert await calls.push_due() == 1
        hands.now += timedelta(hours=4)
        assert await calls.push_due() == 1
    assert calls.outcomes[PushOutcome.TAKEN] == 2
    events = [json.loads(request.content) for request in heard]
    assert [event["description"] for event in events] == ["tracker.created", "tracker.updated"]
    assert [len(event["result"]["tracking_details"]) for event in events] == [1, 2]
    right = easypost.push_signature(heard[0].content, secret) if secret else None
    assert heard[0].headers.get("x-hmac-signature") == right
